/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* What the two readings of a vocabulary are known to part at. */
static const char *const probes[] = { "Hello world", " Hello", "  two  spaces ",
	"[INST] hi [/INST]", "a\n\nb", "\ttab", "it's 12345 + 67.8",
	"caf\u00e9 na\u00efve", "e\u0301", "\u6771\u4eac",
	"\U0001F44D\U0001F3FD", "\u2581", "\ufb01 \u2460 \uff28",
	"def f(x):\n    return x\n" };

static enum tl_status
load_slow(const struct tl_rule_cx *cx, const char *path,
    struct tl_tokenizer **out, struct tl_error *err)
{
	tl_str name = TL_STR("use_fast"), value = TL_STR("false");
	const struct tl_tokenizer_options opt = { &name, &value, 1 };

	return tl_tokenizer_load(cx->arena, path, &opt, out, err);
}

static bool
is_same(const struct tl_tokens *a, const struct tl_tokens *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->ids[i] != b->ids[i])
			return false;
	return true;
}

static void
compare(const struct tl_rule_cx *cx, const struct tl_tokenizer *slow)
{
	struct tl_encoder *e = tl_encoder_new(slow, NULL, NULL);
	struct tl_tokens a, b, kept[2] = { 0 };
	struct tl_error err;
	struct tl_report *r;
	tl_str first = { NULL, 0 };
	size_t n = 0;

	for (size_t i = 0; i < TL_COUNT(probes); i++) {
		tl_str text = tl_str_from(probes[i]);

		if (tl_encode(cx->encoder, cx->arena, text, 0, &a, &err) !=
			TL_OK ||
		    tl_encode(e, cx->arena, text, 0, &b, &err) != TL_OK ||
		    is_same(&a, &b) || n++ > 0)
			continue;
		first = text;
		kept[0] = a;
		kept[1] = b;
	}
	tl_encoder_free(e);
	if (n == 0)
		return;
	r = tl_report(cx, tl_at_start(),
	    "tokenizer.json and tokenizer.model give other ids for %s: %s and "
	    "%s",
	    tl_quote(cx, first, 0), tl_quote_ids(cx, kept[0].ids, kept[0].n, 0),
	    tl_quote_ids(cx, kept[1].ids, kept[1].n, 0));
	tl_report_note(r, "they differ for %zu of %zu texts that were tried", n,
	    TL_COUNT(probes));
}

static void
check(const struct tl_rule_cx *cx, const struct tl_tokenizer *t)
{
	const char *path = tl_tokenizer_facts(t)->model_path;
	struct tl_tokenizer *slow;
	struct tl_error err;

	if (path == NULL)
		return;
	if (load_slow(cx, path, &slow, &err) == TL_OK)
		compare(cx, slow);
	else if (err.status != TL_EUNSUPPORTED)
		tl_report(cx, tl_at_start(),
		    "the tokenizer.model beside the tokenizer.json cannot be "
		    "read: %s",
		    err.message);
}

const struct tl_rule tl_rule_slow_fast_mismatch = {
	.code = "TOK015",
	.name = "slow-fast-mismatch",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.is_preview = true,
	.summary = "tokenizer.json and tokenizer.model give other ids",
	.why = "Which of the two is read depends on the framework and on "
	       "use_fast: the model is trained with one and served with the "
	       "other.",
	.fix = "Make tokenizer.json anew from tokenizer.model with the "
	       "settings of the model, or remove the one that is not used.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .tokenizer = "samples/tokenizers/broken/slow-differs",
	    .good_tokenizer = "samples/tokenizers/spm-mini" },
	.check_tokenizer = check,
};
