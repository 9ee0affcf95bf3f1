/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static const char *
what_happens(enum tl_verdict v)
{
	switch (v) {
	case TL_VERDICT_DROPPED:
		return "leaves this record out";
	case TL_VERDICT_BLANKED:
		return "masks this record whole";
	case TL_VERDICT_ABORTS:
		return "stops at this record";
	case TL_VERDICT_KEPT:
	case TL_VERDICT_TRUNCATED:
		break;
	}
	return NULL;
}

/* A more specific rule says it: the template (ROL009), the length (LEN002), the
 * flags of the data (MSK001), roles that the mask passes over. */
static bool
is_told_elsewhere(const struct tl_rule_cx *cx, const struct tl_sample *s)
{
	const struct tl_render *render = cx->facts->render;

	if (s->why.len == 0)
		return true;
	if (s->verdict == TL_VERDICT_ABORTS)
		return render != NULL && render->fault != TL_RENDER_OK;
	return s->nwanted > 0 ||
	    tl_str_eq(s->why, TL_STR("no token is trained"));
}

/* The reason tells what becomes of the record, too. */
static bool
says_what(const struct tl_sample *s)
{
	return s->verdict == TL_VERDICT_ABORTS ||
	    tl_str_find(s->why, TL_STR("drops the r"), 0) != TL_NPOS ||
	    tl_str_find(s->why, TL_STR("removes the r"), 0) != TL_NPOS ||
	    tl_str_find(s->why, TL_STR("skips the r"), 0) != TL_NPOS;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const char *what = what_happens(s->verdict);
	const char *why = tl_arena_cstr(cx->arena, s->why);

	(void)conv;
	if (what == NULL || is_told_elsewhere(cx, s))
		return;
	if (says_what(s))
		tl_report(cx, tl_at_record(), "%s", why);
	else
		tl_report(cx, tl_at_record(), "%s %s: %s",
		    cx->facts->recipe->trainer->name, what, why);
}

const struct tl_rule tl_rule_trainer_drops_record = {
	.code = "ROL012",
	.name = "trainer-drops-record",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the trainer would leave a record out, mask it whole or "
		   "stop at it",
	.why = "The data set is smaller than it looks, or preprocessing ends "
	       "with an error.",
	.fix = "Change the record so that it meets what the message names, "
	       "or remove it.",
	.bad = TL_LIT("{\"text\":\"One two three.\"}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "trl",
	    .trainer_option = "assistant_only_loss=true" },
	.check_sample = check,
};
