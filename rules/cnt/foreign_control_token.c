/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/marker.h>
#include <turnlint/rule.h>

#define MAX_FAMILIES 16

/* CNT005 has the tokens of this tokenizer. */
static bool
is_own_token(const struct tl_recipe *recipe, const struct tl_marker *m)
{
	int64_t id;

	if (recipe == NULL || recipe->tokenizer == NULL)
		return false;
	id = tl_tokenizer_id(recipe->tokenizer, m->text);
	return id >= 0 &&
	    (tl_tokenizer_flags(recipe->tokenizer, (uint32_t)id) &
		(TL_TOKEN_SPECIAL | TL_TOKEN_ADDED)) != 0;
}

static bool
is_new_family(const char **seen, size_t *n, const char *family)
{
	for (size_t i = 0; i < *n; i++)
		if (seen[i] == family)
			return false;
	if (*n < MAX_FAMILIES)
		seen[(*n)++] = family;
	return true;
}

/* The first marker of each family. */
static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	const struct tl_recipe *recipe = cx->facts->recipe;
	tl_str text = t->text.str;
	tl_str eos = { NULL, 0 };
	const char *seen[MAX_FAMILIES];
	struct tl_marker_scan scan;
	const struct tl_marker *m;
	size_t at, nseen = 0;

	if (recipe != NULL)
		eos = recipe->render_options.tokens.eos;
	else if (tl_marker_opening(text) != NULL)
		return;			/* CNT007 says more */
	eos = tl_marker_eos(text, eos); /* CNT008's */
	tl_marker_scan(&scan, text);
	while ((m = tl_marker_next(&scan, &at)) != NULL) {
		if ((eos.len > 0 && text.ptr + at == eos.ptr) ||
		    is_own_token(recipe, m) ||
		    !is_new_family(seen, &nseen, m->family))
			continue;
		tl_report(cx, tl_at_said(t, at, at + m->text.len),
		    "marker %s of %s templates in the text of this %s turn",
		    tl_quote(cx, m->text, 0), m->family,
		    tl_role_name(tl_turn_meant(t)));
	}
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	if (conv->kind != TL_CONV_CHAT)
		return; /* others may be rendered beforehand */
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].text_has & TL_MARKER_BYTES)
			check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_foreign_control_token = {
	.code = "CNT006",
	.name = "foreign-control-token",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a marker of a chat template stands in the text of a turn",
	.why = "It is left over from another model's format: learned as text, "
	       "the model will write it into its answers.",
	.fix = "Remove the marker, or split the text into the turns it "
	       "separates.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"hello [/INST] there\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":"
		       "\"hello there\"}]}\n"),
	.needs = TL_TRAIT_TEXT(TL_MARKER_BYTES),
	.check_conv = check_conv,
};
