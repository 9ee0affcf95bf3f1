/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

#define MAX_TEXT 40

/* States outlive the record. */
struct kept {
	char text[MAX_TEXT];
	size_t len;
};

/* What the file's end tells: the tokenizer does it in every record. */
struct state {
	struct tl_hits hits; /* of tokens that swallow */
	struct kept token;
	struct kept eaten; /* white space that went with it */
};

static void
keep(struct kept *k, tl_str s)
{
	s = tl_str_slice(s, 0, MAX_TEXT);
	k->len = tl_utf8_check(s);
	if (k->len > 0)
		memcpy(k->text, s.ptr, k->len);
}

static const char *
quote(const struct tl_rule_cx *cx, const struct kept *k)
{
	return tl_quote(cx, (tl_str){ k->text, k->len }, 0);
}

static void
note(struct state *st, const struct tl_rule_cx *cx, tl_str text, tl_str content)
{
	size_t at = tl_str_find(text, content, 0);
	tl_str eaten = tl_str_slice(text, at + content.len, text.len);

	if (eaten.len == 0)
		eaten = tl_str_slice(text, 0, at);
	st->hits.pos = cx->facts->record->pos;
	keep(&st->token, content);
	keep(&st->eaten, eaten);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_tokenizer *t = cx->facts->recipe->tokenizer;
	struct state *st = cx->state;
	size_t n = 0;

	(void)conv;
	if (!s->is_built)
		return;
	st->hits.nall++;
	for (size_t k = 0; k < s->tokens.n; k++) {
		struct tl_offset o = s->tokens.offsets[k];
		tl_str text = tl_str_slice(s->render.text.str, o.beg, o.end);
		tl_str content;

		if (!(tl_tokenizer_flags(t, s->tokens.ids[k]) & TL_TOKEN_ADDED))
			continue;
		content = tl_tokenizer_piece(t, s->tokens.ids[k]);
		if (text.len <= content.len ||
		    tl_str_find(text, content, 0) == TL_NPOS)
			continue;
		if (n++ == 0 && st->hits.nrecords == 0)
			note(st, cx, text, content);
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
	    "the added token %s swallows %s beside it, %zu time%s in %zu of "
	    "%zu records",
	    quote(cx, &st->token), quote(cx, &st->eaten), st->hits.nfaults,
	    st->hits.nfaults == 1 ? "" : "s", st->hits.nrecords, st->hits.nall);
	tl_report_note(r,
	    "it has lstrip or rstrip: white space of the template or of a "
	    "content that stands beside it is no token, and no text that "
	    "comes out of the model");
}

const struct tl_rule tl_rule_added_token_eats_space = {
	.code = "TOK008",
	.name = "added-token-eats-space",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "an added token swallows the white space beside it",
	.why = "The newline behind an end-of-turn token is in the template and "
	       "not in what the model sees. Offsets that are counted in the "
	       "text are wrong, and a server with another tokenizer sends "
	       "other tokens.",
	.fix = "Clear lstrip and rstrip of the token, or make sure that "
	       "training and serving use the same tokenizer.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/broken/strips",
	    .good_tokenizer = "samples/tokenizers/bpe-mini" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_sample = check,
	.check_file = check_file,
};
