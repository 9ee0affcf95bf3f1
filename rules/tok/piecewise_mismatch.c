/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#define BEFORE 2 /* equal ids shown in front of the first that differ */
#define SHOWN 12

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

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_pieces *pieces;
	const struct tl_piece *first = NULL;
	size_t n = 0;

	if (!s->is_built)
		return;
	pieces = tl_sample_pieces(cx->facts, cx->encoder, cx->arena);
	for (size_t i = 0; i < pieces->n; i++) {
		const struct tl_piece *p = &pieces->list[i];

		if (is_told_elsewhere(
			p, tl_str_slice(s->render.text.str, p->beg, p->end)))
			continue;
		if (n++ == 0)
			first = p;
	}
	if (n > 0)
		report(cx, conv, first,
		    tl_str_slice(s->render.text.str, first->beg, first->end),
		    n);
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
	.check_sample = check,
};
