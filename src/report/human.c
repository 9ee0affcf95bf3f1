/* SPDX-License-Identifier: Apache-2.0 */
#include "report/human.h"

#include <stdio.h>

const char *
tl_level_colour(enum tl_level level)
{
	switch (level) {
	case TL_LEVEL_INFO:
		return "\033[1;36m";
	case TL_LEVEL_WARNING:
		return "\033[1;33m";
	case TL_LEVEL_ERROR:
		return "\033[1;31m";
	}
	return "";
}

void
tl_human_put(struct tl_writer_cx *cx, const char *colour, tl_str s)
{
	if (!cx->use_colour) {
		tl_buf_put(cx->out, s);
		return;
	}
	tl_buf_puts(cx->out, colour);
	tl_buf_put(cx->out, s);
	tl_buf_puts(cx->out, "\033[0m");
}

/* "1 error", "2 errors". */
static void
put_count(struct tl_buf *b, size_t n, const char *what)
{
	tl_buf_printf(b, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static double
percent(size_t part, size_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

static void
put_hidden(struct tl_buf *b, const struct tl_summary *s)
{
	bool is_first = true;

	for (size_t i = 0; i < s->nrules; i++) {
		const struct tl_rule_count *c = &s->rules[i];

		if (c->nhidden == 0)
			continue;
		tl_buf_printf(b, "… and %zu more of %s %s%s\n", c->nhidden,
		    c->rule->code, c->rule->name,
		    is_first ? " (--max-per-rule 0 shows all)" : "");
		is_first = false;
	}
	if (!is_first)
		tl_buf_putc(b, '\n');
}

static void
put_statistics(struct tl_writer_cx *cx, const struct tl_summary *s)
{
	struct tl_buf *b = cx->out;

	if (s->nrules == 0)
		return;
	tl_buf_puts(b, "findings  records         %  rule\n");
	for (size_t i = 0; i < s->nrules; i++) {
		const struct tl_rule_count *c = &s->rules[i];

		tl_buf_printf(b, "%8zu %8zu %8.2f %%  %s %s\n", c->nfindings,
		    c->nrecords, percent(c->nrecords, s->nrecords),
		    c->rule->code, c->rule->name);
	}
	tl_buf_putc(b, '\n');
}

static void
put_found(struct tl_writer_cx *cx, const struct tl_summary *s)
{
	static const struct {
		enum tl_level level;
		const char *what;
	} levels[] = {
		{ TL_LEVEL_ERROR, "error" },
		{ TL_LEVEL_WARNING, "warning" },
		{ TL_LEVEL_INFO, "remark" },
	};
	struct tl_buf *b = cx->out;
	bool is_first = true;

	for (size_t i = 0; i < TL_COUNT(levels); i++) {
		size_t n = s->counts[levels[i].level];

		if (n == 0)
			continue;
		tl_buf_puts(b, is_first ? "Found " : ", ");
		put_count(b, n, levels[i].what);
		is_first = false;
	}
	tl_buf_puts(b, is_first ? "No findings in " : " in ");
	if (s->ntemplates > 0 && s->ntemplates == s->nfiles) {
		put_count(b, s->ntemplates, "template");
		tl_buf_puts(b, ".\n");
		return;
	}
	if (!is_first)
		tl_buf_printf(b, "%zu of ", s->nrecords_found);
	put_count(b, s->nrecords, "record");
	tl_buf_puts(b, " (");
	put_count(b, s->nfiles, "file");
	tl_buf_puts(b, ").\n");
}

static void
put_verdict(struct tl_buf *b, const struct tl_summary *s)
{
	static const struct {
		enum tl_verdict verdict;
		const char *text;
	} lines[] = {
		{ TL_VERDICT_KEPT, "kept" },
		{ TL_VERDICT_TRUNCATED, "truncated" },
		{ TL_VERDICT_BLANKED, "without a trained token" },
		{ TL_VERDICT_DROPPED, "dropped" },
		{ TL_VERDICT_ABORTS, "on which training stops" },
	};
	bool is_first = true;

	if (s->trainer == NULL || !s->has_tokens)
		return;
	tl_buf_printf(b, "With trainer %s: ", s->trainer);
	for (size_t i = 0; i < TL_COUNT(lines); i++) {
		size_t n = s->nverdicts[lines[i].verdict];

		if (n == 0)
			continue;
		tl_buf_puts(b, is_first ? "" : ", ");
		if (is_first)
			put_count(b, n, "record");
		else
			tl_buf_printf(b, "%zu", n);
		tl_buf_printf(b, " %s", lines[i].text);
		is_first = false;
	}
	tl_buf_printf(b, "; %zu of ", s->ntrained);
	put_count(b, s->ntokens, "token");
	tl_buf_printf(
	    b, " trained (%.1f %%).\n", percent(s->ntrained, s->ntokens));
}

void
tl_human_footer(struct tl_writer_cx *cx, const struct tl_summary *s)
{
	struct tl_buf *b = cx->out;

	put_hidden(b, s);
	if (cx->want_statistics)
		put_statistics(cx, s);
	if (s->is_interrupted)
		tl_buf_puts(b, "Interrupted: this is what was finished.\n");
	put_found(cx, s);
	if (s->nunreadable > 0) {
		put_count(b, s->nunreadable, "file");
		tl_buf_puts(b, " could not be read.\n");
	}
	for (size_t i = 0; i < s->nskipped; i++) {
		tl_buf_puts(b, "Not checked: ");
		tl_buf_put(b, s->skipped[i].what);
		tl_buf_puts(b, " (");
		tl_buf_put(b, s->skipped[i].why);
		tl_buf_puts(b, ").\n");
	}
	put_verdict(b, s);
}
