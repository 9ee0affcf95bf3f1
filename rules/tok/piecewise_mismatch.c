/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

#define BEFORE 2 /* equal ids shown in front of the first that differ */
#define SHOWN 12

/* What the file's end tells: turns whose edges are plain text run together
 * with the template's, in every record that has such a turn. */
struct state {
	size_t nrecords, nturns;
	size_t nall;		  /* records that were tokenized */
	struct tl_record_pos pos; /* the first one */
	size_t turn;		  /* index in the record's list */
	enum tl_role role;
	bool is_mixed; /* turns of other roles, too */
	uint32_t alone[SHOWN], whole[SHOWN];
	size_t nalone, nwhole;
};

/* The dummy prefix explains it: TOK014 tells that once for the file.  Not for
 * a bracket: "[" and "▁[" are what lists, JSON and [INST] are found by. */
static bool
is_told_elsewhere(const struct tl_piece *p, tl_str text)
{
	return p->is_by_prefix && (text.len == 0 || text.ptr[0] != '[');
}

static void
report(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_piece *p, tl_str text, size_t n)
{
	size_t back = p->at_alone < p->at_whole ? p->at_alone : p->at_whole;
	size_t alone, whole;
	const struct tl_turn *t = &conv->turns[p->turn];
	struct tl_report *r;

	back = back < BEFORE ? back : BEFORE;
	alone = p->at_alone - back;
	whole = p->at_whole - back;
	r = tl_report(cx, tl_at_turn(t),
	    "ids of this %s turn differ when it is tokenized alone: %s, in "
	    "the whole text %s",
	    tl_role_name(t->role),
	    tl_quote_ids(cx, p->alone + alone, p->nalone - alone, SHOWN),
	    tl_quote_ids(cx, p->whole + whole, p->nwhole - whole, SHOWN));
	tl_report_note(r, "alone (%zu tokens) and whole (%zu tokens) of %s%s",
	    p->nalone, p->nwhole, tl_quote(cx, text, 0),
	    whole > 0 ? ", from the difference on" : "");
	tl_report_note(r,
	    "a trainer that tokenizes turn by turn, or looks for a turn by "
	    "its ids, sees other tokens than the model does");
	if (p->is_by_prefix)
		tl_report_note(r,
		    "alone, the tokenizer puts its \"\u2581\" in front of the "
		    "bracket; behind the template's text it does not");
	if (n > 1)
		tl_report_note(r, "%zu turns of this record differ", n);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* White space at the edge that runs together is the data's to remove, and a
 * bracket at the beginning is what turns are looked for by. */
static bool
is_of_data(const struct tl_piece *p, tl_str text)
{
	if (text.len == 0)
		return false;
	if (p->at_alone == 0)
		return is_blank(text.ptr[0]) || text.ptr[0] == '[';
	if (p->nalone > 0 && p->nwhole > 0 &&
	    p->alone[p->nalone - 1] == p->whole[p->nwhole - 1])
		return true; /* they part inside */
	return is_blank(text.ptr[text.len - 1]);
}

static size_t
keep(uint32_t out[SHOWN], const uint32_t *ids, size_t n, size_t from)
{
	size_t kept = n - from < SHOWN ? n - from : SHOWN;

	if (kept > 0)
		memcpy(out, ids + from, kept * sizeof(*ids));
	return kept;
}

static void
note_template(struct state *st, const struct tl_rule_cx *cx,
    const struct tl_conv *conv, const struct tl_piece *p)
{
	const struct tl_turn *t = &conv->turns[p->turn];
	size_t back = p->at_alone < p->at_whole ? p->at_alone : p->at_whole;

	st->is_mixed |= st->nturns > 0 && t->role != st->role;
	if (st->nturns++ > 0)
		return;
	back = back < BEFORE ? back : BEFORE;
	st->pos = cx->facts->record->pos;
	st->turn = t->index;
	st->role = t->role;
	st->nalone = keep(st->alone, p->alone, p->nalone, p->at_alone - back);
	st->nwhole = keep(st->whole, p->whole, p->nwhole, p->at_whole - back);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	struct state *st = cx->state;
	const struct tl_pieces *pieces;
	const struct tl_piece *first = NULL;
	size_t n = 0, before = st->nturns;

	if (!s->is_built)
		return;
	st->nall++;
	pieces = tl_sample_pieces(cx->facts, cx->encoder, cx->arena);
	for (size_t i = 0; i < pieces->n; i++) {
		const struct tl_piece *p = &pieces->list[i];
		tl_str text = tl_str_slice(s->render.text.str, p->beg, p->end);

		if (is_told_elsewhere(p, text))
			continue;
		if (!is_of_data(p, text)) {
			note_template(st, cx, conv, p);
			continue;
		}
		if (n++ == 0)
			first = p;
	}
	st->nrecords += st->nturns > before;
	if (n > 0)
		report(cx, conv, first,
		    tl_str_slice(s->render.text.str, first->beg, first->end),
		    n);
}

static void
merge(void *into, const void *from)
{
	struct state *a = into;
	const struct state *b = from;
	const struct state sum = { .nrecords = a->nrecords + b->nrecords,
		.nturns = a->nturns + b->nturns,
		.nall = a->nall + b->nall,
		.is_mixed = a->is_mixed || b->is_mixed ||
		    (a->nturns > 0 && b->nturns > 0 && a->role != b->role) };

	if (b->nturns > 0 && (a->nturns == 0 || b->pos.index < a->pos.index))
		*a = *b;
	a->nrecords = sum.nrecords;
	a->nturns = sum.nturns;
	a->nall = sum.nall;
	a->is_mixed = sum.is_mixed;
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *st = cx->state;
	struct tl_report *r;

	(void)file;
	if (st->nturns == 0)
		return;
	r = tl_report(cx, tl_at_file(st->pos, 0),
	    "%s%sturns run together with the template's text: tokenized "
	    "alone they have other ids, in %zu of %zu records",
	    st->is_mixed ? "" : tl_role_name(st->role), st->is_mixed ? "" : " ",
	    st->nrecords, st->nall);
	tl_report_note(r,
	    "first in turn %zu of this record: alone %s, in the whole text %s",
	    st->turn + 1, tl_quote_ids(cx, st->alone, st->nalone, 0),
	    tl_quote_ids(cx, st->whole, st->nwhole, 0));
	if (st->nturns > 1)
		tl_report_note(r, "%zu turns in all", st->nturns);
}

const struct tl_rule tl_rule_piecewise_mismatch = {
	.code = "TOK002",
	.name = "piecewise-mismatch",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a turn tokenized alone gives other ids than in the whole "
		   "text",
	.why = "Trainers that join turns tokenized one by one, count their "
	       "tokens or search for them train other ids than the model sees "
	       "at inference, or mask the wrong ones.",
	.fix = "Use a trainer that tokenizes the whole text, or remove the "
	       "white space at the edge of the turn.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\"},{\"role\":\"user\",\"content\":\"[1, 2] "
		      "or 3?\"},{\"role\":\"assistant\",\"content\":"
		      "\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"[1, "
		       "2] or 3?\"},{\"role\":\"assistant\",\"content\":"
		       "\"hello\"}]}\n"),
	.also = "SYS007 TOK014",
	.recipe = { .template_ = "llama-2",
	    .tokenizer = "samples/tokenizers/spm-mini" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_sample = check,
	.check_file = check_file,
	.tells_of_record = true,
};
