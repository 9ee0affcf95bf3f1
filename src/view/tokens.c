/* SPDX-License-Identifier: Apache-2.0 */
#include "view/tokens.h"

#include <turnlint/trainer.h>

#include <assert.h>

#define MAX_SOURCES 8
#define MAX_BYTES_SHOWN 24

void
tl_token_list_init(struct tl_token_list *l, const struct tl_facts *facts,
    const struct tl_token_options *opt)
{
	*l = (struct tl_token_list){ .facts = facts };
	if (opt != NULL)
		l->opt = *opt;
	if (l->opt.width == NULL)
		l->opt.width = tl_utf8_width;
	if (facts->recipe != NULL)
		l->tokenizer = facts->recipe->tokenizer;
	if (facts->sample != NULL && facts->sample->is_built) {
		l->sample = facts->sample;
		l->n = facts->sample->tokens.n;
	}
}

static void
put_json_fault(struct tl_buf *b, const struct tl_record *rec)
{
	size_t line, column;

	if (rec->is_cut) {
		tl_buf_puts(b, "the record is larger than the limit");
		return;
	}
	tl_record_locate(rec, rec->doc.fault_at, &line, &column);
	tl_buf_printf(b, "no valid JSON at line %zu, column %zu", line, column);
	if (rec->doc.found != NULL && rec->doc.expected != NULL)
		tl_buf_printf(b, ": found %s, expected %s", rec->doc.found,
		    rec->doc.expected);
}

/* The trainer goes without the rendered text, and says itself what it misses.
 */
static bool
tells_why(const struct tl_facts *f)
{
	return f->recipe != NULL && f->recipe->trainer != NULL &&
	    !f->recipe->trainer->wants_render && f->sample != NULL &&
	    f->sample->why.len > 0;
}

static void
put_render_fault(struct tl_buf *b, const struct tl_render *r)
{
	tl_buf_puts(b, "the template cannot render it");
	if (r->line > 0)
		tl_buf_printf(b, " (line %zu, column %zu)", r->line, r->column);
	tl_buf_puts(b, ": ");
	tl_buf_put_escaped(b, r->message);
}

tl_str
tl_token_list_why(const struct tl_token_list *l, struct tl_arena *a)
{
	const struct tl_facts *f = l->facts;
	struct tl_buf b;

	if (l->n > 0)
		return TL_STR("");
	tl_buf_init(&b, a, 0);
	if (f->record != NULL && f->record->doc.root == NULL)
		put_json_fault(&b, f->record);
	else if (f->sample != NULL && f->sample->why.len > 0 &&
	    f->recipe->trainer->reads_record)
		tl_buf_put_escaped(&b, f->sample->why);
	else if (f->conv != NULL && f->conv->format == NULL)
		tl_buf_puts(&b, "the record fits no format");
	else if (f->render != NULL && f->render->fault != TL_RENDER_OK &&
	    !tells_why(f))
		put_render_fault(&b, f->render);
	else if (f->sample != NULL && f->sample->why.len > 0)
		tl_buf_put_escaped(&b, f->sample->why);
	else if (f->conv != NULL && f->conv->is_broken)
		tl_buf_puts(&b, "no conversation can be read from the record");
	else if (f->recipe != NULL && f->recipe->tokenizer == NULL)
		tl_buf_puts(&b, "no tokenizer was given");
	else
		tl_buf_puts(&b, "the record renders to an empty text");
	return tl_buf_str(&b);
}

/* --- state --- */

static bool
is_cut(const struct tl_sample *s, size_t i)
{
	if (s->has_gaps)
		return s->reasons[i] == TL_REASON_TRUNCATED;
	return i < s->first_kept || i - s->first_kept >= s->nkept;
}

enum tl_token_state
tl_token_state(const struct tl_token_list *l, size_t i)
{
	assert(i < l->n);
	if (is_cut(l->sample, i))
		return TL_TOKEN_CUT;
	return l->sample->labels[i] == TL_IGNORE ? TL_TOKEN_MASKED
						 : TL_TOKEN_TRAINED;
}

enum tl_reason
tl_token_reason(const struct tl_token_list *l, size_t i)
{
	assert(i < l->n);
	return (enum tl_reason)l->sample->reasons[i];
}

static unsigned
token_flags(const struct tl_token_list *l, size_t i)
{
	if (l->tokenizer == NULL)
		return 0;
	return tl_tokenizer_flags(l->tokenizer, l->sample->tokens.ids[i]);
}

bool
tl_token_is_special(const struct tl_token_list *l, size_t i)
{
	return (token_flags(l, i) & (TL_TOKEN_ADDED | TL_TOKEN_SPECIAL)) != 0;
}

static const struct tl_run *
run_of(const struct tl_token_list *l, size_t i)
{
	struct tl_offset off = l->sample->tokens.offsets[i];

	if (off.beg == off.end)
		return NULL;
	return tl_text_run_at(&l->sample->render.text, off.beg);
}

enum tl_style
tl_token_style(const struct tl_token_list *l, size_t i)
{
	bool is_special = tl_token_is_special(l, i);

	switch (tl_token_state(l, i)) {
	case TL_TOKEN_CUT:
		return TL_STYLE_CUT;
	case TL_TOKEN_TRAINED:
		return is_special ? TL_STYLE_SPECIAL_TRAINED : TL_STYLE_TRAINED;
	case TL_TOKEN_MASKED:
		break;
	}
	switch (tl_token_reason(l, i)) {
	case TL_REASON_BOUNDARY:
	case TL_REASON_DETAIL_PARTIAL:
	case TL_REASON_NOT_FOUND:
		return TL_STYLE_BOUNDARY;
	default:
		break;
	}
	if (is_special)
		return TL_STYLE_SPECIAL;
	return tl_token_reason(l, i) == TL_REASON_TEMPLATE ? TL_STYLE_TEMPLATE
							   : TL_STYLE_MASKED;
}

/* --- in words --- */

static struct tl_token_source
source_of(const struct tl_token_list *l, struct tl_arena *a,
    const struct tl_run *run, struct tl_offset off)
{
	size_t beg = off.beg > run->beg ? off.beg : run->beg;
	size_t end = off.end < run->end ? off.end : run->end;
	struct tl_token_source s = { .kind = run->kind,
		.turn = TL_NO_TURN,
		.line = run->line,
		.column = run->column };

	if (run->node == NULL)
		return s;
	s.pointer = tl_json_pointer(a, run->node);
	if (run->kind == TL_RUN_CONTENT) {
		s.beg = run->src_beg + (beg - run->beg);
		s.end = run->src_beg + (end - run->beg);
	}
	if (l->facts->conv == NULL)
		return s;
	s.turn = tl_sample_turn_at(l->sample, l->facts->conv, beg);
	if (s.turn != TL_NO_TURN)
		s.role = l->facts->conv->turns[s.turn].role_text;
	return s;
}

void
tl_token_info(const struct tl_token_list *l, struct tl_arena *a, size_t i,
    struct tl_token_info *out)
{
	const struct tl_tokens *t = &l->sample->tokens;
	const struct tl_text *text = &l->sample->render.text;
	const struct tl_run *run = run_of(l, i);
	struct tl_token_source *sources =
	    TL_NEW(a, struct tl_token_source, MAX_SOURCES);
	size_t n = 0;

	*out = (struct tl_token_info){ .id = t->ids[i],
		.offset = t->offsets[i],
		.label = l->sample->labels[i],
		.state = tl_token_state(l, i),
		.reason = tl_token_reason(l, i),
		.flags = token_flags(l, i),
		.sources = sources };
	if (l->tokenizer != NULL) {
		out->piece = tl_tokenizer_piece(l->tokenizer, out->id);
		out->bytes = tl_tokenizer_bytes(l->tokenizer, a, out->id);
	}
	for (; run != NULL && run < text->runs + text->nruns &&
	     run->beg < out->offset.end && n < MAX_SOURCES;
	     run++)
		sources[n++] = source_of(l, a, run, out->offset);
	out->nsources = n;
}

static void
put_source(struct tl_buf *b, const struct tl_token_source *s)
{
	if (s->pointer.ptr != NULL) {
		if (s->kind == TL_RUN_DERIVED)
			tl_buf_puts(b, "made from ");
		if (s->pointer.len > 0)
			tl_buf_put_escaped(b, s->pointer);
		else
			tl_buf_puts(b, "the record");
		if (s->kind == TL_RUN_CONTENT)
			tl_buf_printf(b, "[%zu..%zu)", s->beg, s->end);
		if (s->turn != TL_NO_TURN) {
			tl_buf_printf(b, " turn %zu", s->turn);
			if (s->role.len > 0)
				tl_buf_putc(b, ' ');
			tl_buf_put_escaped(b, s->role);
		}
		if (s->line > 0)
			tl_buf_printf(b, " by template %u:%u",
			    (unsigned)s->line, (unsigned)s->column);
	} else if (s->kind == TL_RUN_ADDED) {
		tl_buf_puts(b, "added by the trainer");
	} else if (s->line > 0) {
		tl_buf_printf(b, "template %u:%u", (unsigned)s->line,
		    (unsigned)s->column);
	} else {
		tl_buf_puts(b, "template");
	}
}

static void
put_sources(struct tl_buf *b, const struct tl_token_info *info)
{
	if (info->nsources == 0)
		tl_buf_puts(b, "added by the tokenizer");
	for (size_t k = 0; k < info->nsources; k++) {
		if (k > 0)
			tl_buf_puts(b, " + ");
		put_source(b, &info->sources[k]);
	}
	if (info->nsources == MAX_SOURCES)
		tl_buf_puts(b, " + …");
}

tl_str
tl_token_source_words(
    const struct tl_token_list *l, struct tl_arena *a, size_t i)
{
	struct tl_token_info info;
	struct tl_buf b;

	tl_token_info(l, a, i, &info);
	tl_buf_init(&b, a, 0);
	put_sources(&b, &info);
	return tl_buf_str(&b);
}

struct tl_token_words
tl_token_describe(const struct tl_token_list *l, struct tl_arena *a, size_t i)
{
	struct tl_token_info info;
	struct tl_token_words w;
	struct tl_buf b;

	tl_token_info(l, a, i, &info);
	tl_buf_init(&b, a, 0);
	tl_buf_printf(
	    &b, "token %zu of %zu  id %u  \"", i, l->n, (unsigned)info.id);
	tl_buf_put_escaped(&b, tl_str_slice(info.piece, 0, 64));
	tl_buf_puts(&b, info.piece.len > 64 ? "…\"  bytes" : "\"  bytes");
	tl_token_put_hex(&b, tl_str_slice(info.bytes, 0, MAX_BYTES_SHOWN), " ");
	if (info.bytes.len > MAX_BYTES_SHOWN)
		tl_buf_puts(&b, " …");
	if (info.flags & TL_TOKEN_SPECIAL)
		tl_buf_puts(&b, "  special");
	else if (info.flags & TL_TOKEN_ADDED)
		tl_buf_puts(&b, "  added");
	else if (info.flags & TL_TOKEN_BYTE)
		tl_buf_puts(&b, "  byte fallback");
	if (info.flags & TL_TOKEN_UNK)
		tl_buf_puts(&b, "  unknown");
	tl_buf_printf(&b, "  label %d", (int)info.label);
	w.what = tl_buf_str(&b);

	tl_buf_init(&b, a, 0);
	tl_buf_puts(&b, "source ");
	put_sources(&b, &info);
	w.source = tl_buf_str(&b);

	tl_buf_init(&b, a, 0);
	tl_buf_printf(&b, "%s (%s)", tl_reason_text(info.reason),
	    tl_reason_name(info.reason));
	w.why = tl_buf_str(&b);
	return w;
}

/* --- runs --- */

static const struct tl_json *
node_of(const struct tl_token_list *l, size_t i)
{
	const struct tl_run *run = run_of(l, i);

	return run != NULL ? run->node : NULL;
}

struct tl_token_run
tl_token_run_at(const struct tl_token_list *l, size_t i)
{
	struct tl_token_run r = { .beg = i,
		.end = i + 1,
		.state = tl_token_state(l, i),
		.reason = tl_token_reason(l, i) };
	/* Names of roles between the markers count as the template's. */
	bool is_template = r.reason == TL_REASON_TEMPLATE;
	const struct tl_json *node = node_of(l, i);

	while (r.end < l->n && tl_token_state(l, r.end) == r.state &&
	    tl_token_reason(l, r.end) == r.reason &&
	    (is_template || node_of(l, r.end) == node))
		r.end++;
	return r;
}

static bool
is_trained(const struct tl_token_list *l, size_t i)
{
	return tl_token_state(l, i) == TL_TOKEN_TRAINED;
}

static bool
begins_trained(const struct tl_token_list *l, size_t i)
{
	return is_trained(l, i) && (i == 0 || !is_trained(l, i - 1));
}

size_t
tl_token_next_trained(const struct tl_token_list *l, size_t i)
{
	for (i++; i < l->n; i++)
		if (begins_trained(l, i))
			return i;
	return TL_NPOS;
}

size_t
tl_token_prev_trained(const struct tl_token_list *l, size_t i)
{
	while (i-- > 0)
		if (begins_trained(l, i))
			return i;
	return TL_NPOS;
}

size_t
tl_token_at_byte(const struct tl_token_list *l, size_t at)
{
	size_t best = l->n > 0 ? 0 : TL_NPOS;

	for (size_t i = 0; i < l->n; i++) {
		struct tl_offset o = l->sample->tokens.offsets[i];

		if (o.beg == o.end)
			continue;
		if (o.beg > at)
			break;
		best = i;
		if (at < o.end)
			break;
	}
	return best;
}
