/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json.h"

#include <inttypes.h>

static void
put_text(struct tl_buf *b, const char *key, tl_str s)
{
	tl_buf_printf(b, ",\"%s\":", key);
	tl_json_put_string(b, s);
}

/* null when there is none. */
static void
put_text_or_null(struct tl_buf *b, const char *key, bool is_there, tl_str s)
{
	if (is_there)
		put_text(b, key, s);
	else
		tl_buf_printf(b, ",\"%s\":null", key);
}

static void
put_size_or_null(struct tl_buf *b, const char *key, bool is_there, size_t n)
{
	if (is_there)
		tl_buf_printf(b, ",\"%s\":%zu", key, n);
	else
		tl_buf_printf(b, ",\"%s\":null", key);
}

static void
put_fix(struct tl_buf *b, const struct tl_finding *f)
{
	static const char *const names[] = {
		[TL_FIX_NONE] = "none",
		[TL_FIX_DISPLAY] = "display",
		[TL_FIX_UNSAFE] = "unsafe",
		[TL_FIX_SAFE] = "safe",
	};

	if (f->applicability == TL_FIX_NONE || f->nedits == 0) {
		tl_buf_puts(b, ",\"fix\":null");
		return;
	}
	tl_buf_printf(b, ",\"fix\":{\"applicability\":\"%s\",\"edits\":[",
	    names[f->applicability]);
	for (size_t i = 0; i < f->nedits; i++) {
		tl_buf_printf(b, "%s{\"begin\":%zu,\"end\":%zu",
		    i > 0 ? "," : "", f->edits[i].beg, f->edits[i].end);
		put_text(b, "text", f->edits[i].text);
		tl_buf_putc(b, '}');
	}
	tl_buf_puts(b, "]}");
}

void
tl_report_put_finding(struct tl_buf *b, const struct tl_finding *f)
{
	bool has_turn = f->turn != TL_NO_TURN;

	tl_buf_printf(b, "{\"code\":\"%s\",\"name\":\"%s\",\"severity\":\"%s\"",
	    f->rule->code, f->rule->name, tl_level_name(f->level));
	put_text(b, "message", f->message);
	put_text(b, "path", f->path);
	tl_buf_printf(b,
	    ",\"line\":%zu,\"column\":%zu,\"end_line\":%zu,"
	    "\"end_column\":%zu,\"byte_offset\":%zu,\"byte_length\":%zu",
	    f->line, f->column, f->end_line, f->end_column, f->byte_offset,
	    f->byte_length);
	put_size_or_null(b, "record", f->has_record, f->record);
	put_text_or_null(b, "id", f->id.len > 0, f->id);
	put_text_or_null(b, "pointer", f->pointer.ptr != NULL, f->pointer);
	if (f->has_text_span)
		tl_buf_printf(
		    b, ",\"text_range\":[%zu,%zu]", f->text_beg, f->text_end);
	else
		tl_buf_puts(b, ",\"text_range\":null");
	if (f->template_line > 0)
		tl_buf_printf(b,
		    ",\"template_line\":%zu,\"template_column\":%zu",
		    f->template_line, f->template_column);
	put_size_or_null(b, "turn", has_turn, f->turn);
	put_text_or_null(b, "role", has_turn && f->role.ptr != NULL, f->role);
	tl_buf_puts(b, ",\"notes\":[");
	for (size_t i = 0; i < f->nnotes; i++) {
		if (i > 0)
			tl_buf_putc(b, ',');
		tl_json_put_string(b, f->notes[i]);
	}
	tl_buf_putc(b, ']');
	put_fix(b, f);
	tl_buf_printf(
	    b, ",\"fingerprint\":\"%016" PRIx64 "\"}", f->fingerprint);
}

static void
put_rules(struct tl_buf *b, const struct tl_summary *s)
{
	tl_buf_puts(b, ",\"rules\":[");
	for (size_t i = 0; i < s->nrules; i++) {
		const struct tl_rule_count *c = &s->rules[i];

		tl_buf_printf(b,
		    "%s{\"code\":\"%s\",\"name\":\"%s\","
		    "\"findings\":%zu,\"records\":%zu,\"hidden\":%zu}",
		    i > 0 ? "," : "", c->rule->code, c->rule->name,
		    c->nfindings, c->nrecords, c->nhidden);
	}
	tl_buf_putc(b, ']');
}

static void
put_trainer(struct tl_buf *b, const struct tl_summary *s)
{
	if (s->trainer == NULL || !s->has_tokens) {
		tl_buf_puts(b, ",\"trainer\":null");
		return;
	}
	tl_buf_printf(b,
	    ",\"trainer\":{\"name\":\"%s\",\"tokens\":%zu,"
	    "\"trained\":%zu,\"verdicts\":{",
	    s->trainer, s->ntokens, s->ntrained);
	for (size_t v = 0; v < TL_COUNT(s->nverdicts); v++)
		tl_buf_printf(b, "%s\"%s\":%zu", v > 0 ? "," : "",
		    tl_verdict_name((enum tl_verdict)v), s->nverdicts[v]);
	tl_buf_puts(b, "}}");
}

void
tl_report_put_summary(
    struct tl_buf *b, const struct tl_summary *s, const char *version)
{
	tl_buf_printf(b,
	    "{\"version\":\"%s\",\"files\":%zu,"
	    "\"unreadable_files\":%zu,\"records\":%zu,"
	    "\"records_with_findings\":%zu,\"errors\":%zu,\"warnings\":%zu,"
	    "\"infos\":%zu,\"interrupted\":%s",
	    version, s->nfiles, s->nunreadable, s->nrecords, s->nrecords_found,
	    s->counts[TL_LEVEL_ERROR], s->counts[TL_LEVEL_WARNING],
	    s->counts[TL_LEVEL_INFO], s->is_interrupted ? "true" : "false");
	put_rules(b, s);
	tl_buf_puts(b, ",\"skipped\":[");
	for (size_t i = 0; i < s->nskipped; i++) {
		tl_buf_puts(b, i > 0 ? ",{\"what\":" : "{\"what\":");
		tl_json_put_string(b, s->skipped[i].what);
		put_text(b, "why", s->skipped[i].why);
		tl_buf_putc(b, '}');
	}
	tl_buf_putc(b, ']');
	put_trainer(b, s);
	tl_buf_putc(b, '}');
}
