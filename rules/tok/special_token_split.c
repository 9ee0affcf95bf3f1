/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

#define MAX_NAME 40 /* bytes of a marker of the form <|name|> */

/* Markers of templates that look otherwise. */
static const tl_str known[] = { TL_LIT("<start_of_turn>"),
	TL_LIT("<end_of_turn>"), TL_LIT("<bos>"), TL_LIT("<eos>"),
	TL_LIT("<s>"), TL_LIT("</s>") };

/* Zephyr's headers are plain text in its own tokenizer. */
static const tl_str plain[] = { TL_LIT("<|system|>"), TL_LIT("<|user|>"),
	TL_LIT("<|assistant|>") };

static bool
is_plain(tl_str s)
{
	for (size_t i = 0; i < TL_COUNT(plain); i++)
		if (tl_str_starts(s, plain[i]))
			return true;
	return false;
}

/* Length of <|name|> at the start of s, or 0. */
static size_t
marker_length(tl_str s)
{
	size_t end;

	for (size_t i = 0; i < TL_COUNT(known); i++)
		if (tl_str_starts(s, known[i]))
			return known[i].len;
	if (!tl_str_starts(s, TL_STR("<|")) || is_plain(s))
		return 0;
	end = tl_str_find(tl_str_slice(s, 0, MAX_NAME), TL_STR("|>"), 2);
	if (end == TL_NPOS || end == 2)
		return 0;
	for (size_t i = 2; i < end; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] == '<' || s.ptr[i] == '|')
			return 0;
	return end + 2;
}

/* Length of the longest added token s begins with, or 0. */
static size_t
added_length(const struct tl_tokenizer *t, tl_str s)
{
	size_t n, longest = 0;
	const struct tl_added_token *added = tl_tokenizer_added(t, &n);

	for (size_t i = 0; i < n; i++)
		if (added[i].content.len > longest &&
		    !added[i].is_single_word &&
		    tl_str_starts(s, added[i].content))
			longest = added[i].content.len;
	return longest;
}

#define MAX_TEXT 48
#define SHOWN 12

/* What the file's end tells: the template writes its markers in every
 * record. */
struct state {
	struct tl_hits hits; /* of such markers, in tokenized records */
	char text[MAX_TEXT];
	size_t len;
	uint32_t ids[SHOWN];
	size_t nids;
};

struct found {
	size_t beg, end; /* bytes of the first one */
	size_t first, ntokens;
	size_t n;
};

static bool
is_added(const struct tl_rule_cx *cx, uint32_t id)
{
	return (tl_tokenizer_flags(cx->facts->recipe->tokenizer, id) &
		   TL_TOKEN_ADDED) != 0;
}

/* Token `at` begins the bytes that follow; it is no added token.  Note it
 * when it begins a marker, and return the marker's end. */
static size_t
look_at(const struct tl_rule_cx *cx, const struct tl_sample *s, size_t at,
    size_t limit, struct found *f)
{
	size_t beg = s->tokens.offsets[at].beg;
	tl_str rest = tl_str_slice(s->render.text.str, beg, limit);
	size_t skip = 0, len;

	/* "▁<": the token may begin with a space. */
	while (skip < rest.len && rest.ptr[skip] == ' ')
		skip++;
	rest = tl_str_slice(rest, skip, rest.len);
	while (at + 1 < s->tokens.n && s->tokens.offsets[at].end <= beg + skip)
		at++;
	if (is_added(cx, s->tokens.ids[at]) || rest.len == 0 ||
	    (rest.ptr[0] != '<' && rest.ptr[0] != '['))
		return beg;
	len = marker_length(rest);
	if (len == 0)
		len = added_length(cx->facts->recipe->tokenizer, rest);
	if (len < 2)
		return beg;
	if (f->n++ == 0) {
		f->beg = beg + skip;
		f->end = f->beg + len;
		f->first = at;
		while (at < s->tokens.n && s->tokens.offsets[at].beg < f->end) {
			f->ntokens++;
			at++;
		}
	}
	return beg + skip + len;
}

static void
keep(struct state *st, const struct tl_rule_cx *cx, const struct tl_sample *s,
    const struct found *f)
{
	tl_str text = tl_str_slice(s->render.text.str, f->beg, f->end);

	text = tl_str_slice(text, 0, MAX_TEXT);
	st->hits.pos = cx->facts->record->pos;
	st->len = tl_utf8_check(text);
	memcpy(st->text, text.ptr, st->len);
	st->nids = f->ntokens;
	for (size_t i = 0; i < f->ntokens && i < SHOWN; i++)
		st->ids[i] = s->tokens.ids[f->first + i];
}

/* Tokens of the template's own text, in reading order. */
static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	struct found f = { .n = 0 };
	const struct tl_text *text = &s->render.text;
	struct state *st = cx->state;
	size_t run = 0, done = 0;

	(void)conv;
	st->hits.nall += s->is_built;
	for (size_t k = 0; s->is_built && k < s->tokens.n; k++) {
		struct tl_offset o = s->tokens.offsets[k];
		size_t end;

		if (o.beg < done || is_added(cx, s->tokens.ids[k]))
			continue;
		while (run < text->nruns && text->runs[run].end <= o.beg)
			run++;
		if (run >= text->nruns || text->runs[run].node != NULL)
			continue;
		/* A marker may be put together of several literals. */
		for (end = run;
		     end < text->nruns && text->runs[end].node == NULL &&
		     text->runs[end].beg < (size_t)o.beg + 2 * MAX_NAME;
		     end++)
			;
		done = look_at(cx, s, k, text->runs[end - 1].end, &f);
	}
	if (f.n > 0 && st->hits.nrecords++ == 0)
		keep(st, cx, s, &f);
	st->hits.nfaults += f.n;
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
	    "%s of the template is not one token but %zu: %s",
	    tl_quote(cx, (tl_str){ st->text, st->len }, 0), st->nids,
	    tl_quote_ids(cx, st->ids, st->nids < SHOWN ? st->nids : SHOWN, 0));
	tl_report_note(r,
	    "the tokenizer has no such token, or does not find it here: the "
	    "model reads the marker as plain text");
	if (st->hits.nfaults > 1)
		tl_report_note(r, "%zu markers are split in %zu of %zu records",
		    st->hits.nfaults, st->hits.nrecords, st->hits.nall);
}

const struct tl_rule tl_rule_special_token_split = {
	.code = "TOK004",
	.name = "special-token-split",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a marker of the template is several tokens",
	.why = "The markers that separate turns are meant to be tokens of "
	       "their own. Split into pieces they look like text, the model "
	       "has never seen them, and a stop at the end-of-turn token can "
	       "not work.",
	.fix = "Use the template that belongs to the tokenizer, or add the "
	       "markers to the tokenizer and train their embeddings.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "TOK013 TOK014",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/spm-mini",
	    .good_tokenizer = "samples/tokenizers/bpe-mini" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_sample = check,
	.check_file = check_file,
	.tells_of_record = true,
};
