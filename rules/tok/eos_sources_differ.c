/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
has(const struct tl_eos_source *s, int64_t id)
{
	for (size_t i = 0; i < s->n; i++)
		if ((int64_t)s->ids[i] == id)
			return true;
	return false;
}

/* The token that the template writes behind a reply, or -1. */
static int64_t
stop_of(const struct tl_rule_cx *cx, const struct tl_tokenizer *t)
{
	const struct tl_recipe *recipe = cx->facts->recipe;
	struct tl_special_tokens tokens = tl_tokenizer_tokens(t);
	const struct tl_profile *p;

	if (recipe->template_ == NULL || !recipe->trainer->wants_render)
		return -1;
	p = tl_profile_make(cx->arena, recipe->template_, &tokens);
	if (p == NULL || p->stop.len == 0)
		return -1;
	return tl_tokenizer_id(t, tl_str_trim(p->stop));
}

static const char *
name_of(const struct tl_rule_cx *cx, const struct tl_tokenizer *t, int64_t id)
{
	return tl_quote(cx, tl_tokenizer_piece(t, (uint32_t)id), 0);
}

static void
report_ends(const struct tl_rule_cx *cx, const struct tl_tokenizer *t,
    struct tl_report *r)
{
	const struct tl_tokenizer_facts *f = tl_tokenizer_facts(t);
	int64_t eos = tl_tokenizer_eos(t);

	for (size_t i = 0; i < f->neos; i++)
		tl_report_note(r, "%s: eos_token_id %s", f->eos[i].file,
		    tl_quote_ids(cx, f->eos[i].ids, f->eos[i].n, 0));
	if (eos >= 0)
		tl_report_note(r, "the tokenizer: eos_token %s (id %u)",
		    name_of(cx, t, eos), (unsigned)eos);
}

/* What generation obeys is the first source, else the tokenizer's own. */
static void
check(const struct tl_rule_cx *cx, const struct tl_tokenizer *t)
{
	const struct tl_tokenizer_facts *f = tl_tokenizer_facts(t);
	const struct tl_place at = tl_at_start();
	int64_t eos = tl_tokenizer_eos(t), stop = stop_of(cx, t);
	struct tl_report *r;

	if (stop >= 0 &&
	    (f->neos > 0 ? !has(&f->eos[0], stop) : eos >= 0 && eos != stop)) {
		r = tl_report(cx, at,
		    f->neos > 0 ? "the template ends replies with %s (id %u), "
				  "where generation does not stop"
				: "the template ends replies with %s (id %u), "
				  "which is not the tokenizer's EOS",
		    name_of(cx, t, stop), (unsigned)stop);
		report_ends(cx, t, r);
		if (f->neos == 0)
			tl_report_note(r,
			    "there is no generation_config.json beside it that "
			    "would name further ends");
		return;
	}
	/* A reply that the template ends with another token is trained to
	 * stop there. */
	if (f->neos == 0 || eos < 0 || has(&f->eos[0], eos) || stop >= 0)
		return;
	r = tl_report(cx, at,
	    "the tokenizer's EOS %s (id %u) is none of those at which "
	    "generation stops",
	    name_of(cx, t, eos), (unsigned)eos);
	report_ends(cx, t, r);
}

const struct tl_rule tl_rule_eos_sources_differ = {
	.code = "TOK009",
	.name = "eos-sources-differ",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the end of a reply is not where generation stops",
	.why = "The model learns to write the template's end of turn. "
	       "Generation that waits for another token runs on through it, "
	       "into turns of a user it makes up.",
	.fix = "Name the template's end-of-turn token in eos_token_id of "
	       "generation_config.json, and as the eos_token of the "
	       "tokenizer.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .tokenizer = "samples/tokenizers/broken/eos-differs",
	    .good_tokenizer = "samples/tokenizers/bpe-mini" },
	.check_tokenizer = check,
};
