/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* What only a template can put to use.  Flags and weights are for the trainer,
 * ids for matching; tools and calls have rules of their own. */
static const tl_str keys[] = { TL_LIT("name"), TL_LIT("refusal"),
	TL_LIT("reasoning_content"), TL_LIT("reasoning"), TL_LIT("thinking"),
	TL_LIT("function_call") };

static bool
has_key(const struct tl_turn *t, tl_str key)
{
	const struct tl_json *v = tl_json_get_str(t->node, key);

	if (v == NULL || v->kind == TL_JSON_NULL ||
	    tl_turn_field(t, key) == NULL)
		return false;
	if (tl_turn_meant(t) == TL_ROLE_TOOL)
		return false; /* its name is that of the call */
	return v->kind == TL_JSON_STRING ? v->text.len > 0
					 : v->kind != TL_JSON_FALSE;
}

/* The conversation up to that turn renders the same without the key. */
static bool
is_unread(const struct tl_rule_cx *cx, const struct tl_conv *conv, size_t i,
    tl_str key)
{
	struct tl_conv other;
	struct tl_turn *turns;
	struct tl_render with, without;

	if (!tl_render_instead(cx, conv, i + 1, &with))
		return false;
	turns = tl_conv_copy(cx->arena, conv, &other);
	tl_turn_set_field(cx->arena, &turns[i], key, NULL);
	return tl_render_instead(cx, &other, i + 1, &without) &&
	    tl_str_eq(with.text.str, without.text.str);
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	if (render->fault != TL_RENDER_OK || conv->kind != TL_CONV_CHAT)
		return;
	for (size_t k = 0; k < TL_COUNT(keys); k++) {
		size_t first = conv->nturns, n = 0;
		const struct tl_turn *t;

		for (size_t i = conv->nturns; i-- > 0;) {
			if (!has_key(&conv->turns[i], keys[k]))
				continue;
			first = i;
			n++;
		}
		if (n == 0 || !is_unread(cx, conv, first, keys[k]))
			continue;
		t = &conv->turns[first];
		tl_report(cx,
		    tl_in_turn(
			tl_at_key(tl_json_get_str(t->node, keys[k])), t->index),
		    "the template never reads %s (%zu turn%s)",
		    tl_quote(cx, keys[k], 0), n, n == 1 ? "" : "s");
	}
}

const struct tl_rule tl_rule_key_never_rendered = {
	.code = "SCH015",
	.name = "key-never-rendered",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a key of a message that the template never reads",
	.why = "What stands there is not part of what is trained.",
	.fix = "Choose a template that reads the key, or move the value into "
	       "the content.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"name\":\"ada\","
		      "\"content\":\"hi\"},{\"role\":\"assistant\","
		      "\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"ada: hi\"},{\"role\":\"assistant\",\"content\":"
		       "\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml" },
	.check_render = check_render,
};
