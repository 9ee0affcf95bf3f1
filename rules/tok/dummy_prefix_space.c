/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

#define SHOWN 4

/* What the file's end tells: the finding is one for the file. */
struct state {
	struct tl_hits hits; /* of turns, in records with labels */
	size_t turn;
	uint32_t alone[SHOWN], whole[SHOWN];
	size_t nalone, nwhole;
};

static size_t
keep(uint32_t out[SHOWN], const uint32_t *ids, size_t n)
{
	size_t kept = n < SHOWN ? n : SHOWN;

	if (kept > 0)
		memcpy(out, ids, kept * sizeof(*ids));
	return kept;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	struct state *st = cx->state;
	const struct tl_pieces *pieces;
	size_t n = 0;

	if (!s->is_built)
		return;
	st->hits.nall++;
	pieces = tl_sample_pieces(cx->facts, cx->encoder, cx->arena);
	for (size_t i = 0; i < pieces->n; i++) {
		const struct tl_piece *p = &pieces->list[i];

		/* A bracket is TOK002. */
		if (!p->is_by_prefix || s->render.text.str.ptr[p->beg] == '[')
			continue;
		if (n++ > 0 || st->hits.nrecords > 0)
			continue;
		st->hits.pos = cx->facts->record->pos;
		st->turn = conv->turns[p->turn].index;
		st->nalone = keep(st->alone, p->alone, p->nalone);
		st->nwhole = keep(st->whole, p->whole, p->nwhole);
	}
	st->hits.nfaults += n;
	st->hits.nrecords += n > 0;
}

static void
merge(void *into, const void *from)
{
	tl_hits_merge(into, from, sizeof(struct state));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *st = cx->state;
	struct tl_report *r;

	(void)file;
	if (st->hits.nrecords == 0)
		return;
	r = tl_report(cx, tl_at_file(st->hits.pos, 0),
	    "the tokenizer puts a space in front of a text it sees alone: "
	    "turns tokenized one by one begin with other ids than in the "
	    "whole text, in %zu of %zu records",
	    st->hits.nrecords, st->hits.nall);
	tl_report_note(r,
	    "first in turn %zu of this record: alone %s \u2026, in the whole "
	    "text %s \u2026",
	    st->turn + 1, tl_quote_ids(cx, st->alone, st->nalone, 0),
	    tl_quote_ids(cx, st->whole, st->nwhole, 0));
	if (st->hits.nfaults > 1)
		tl_report_note(r, "%zu turns in all", st->hits.nfaults);
}

const struct tl_rule tl_rule_dummy_prefix_space = {
	.code = "TOK014",
	.name = "dummy-prefix-space",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the tokenizer's dummy prefix changes the first token of "
		   "turns",
	.why = "SentencePiece puts a space in front of every text. A trainer "
	       "that tokenizes turns one by one trains the word with that "
	       "space, the model at inference meets it without.",
	.fix = "Use a trainer that tokenizes the whole text, or a template "
	       "that writes a space in front of each turn.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "SYS007",
	.recipe = { .template_ = "llama-2",
	    .tokenizer = "samples/tokenizers/spm-mini" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_sample = check,
	.check_file = check_file,
	.tells_of_record = true,
};
