/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A lone turn is another rule's: ROL005 or ROL007. */
static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	enum tl_role only = TL_ROLE_UNKNOWN;
	size_t n = 0;

	if (!tl_conv_has_roles(conv))
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		enum tl_role role = tl_turn_meant(&conv->turns[i]);

		if (role == TL_ROLE_SYSTEM || role == TL_ROLE_DEVELOPER)
			continue;
		if (role == TL_ROLE_UNKNOWN || (n > 0 && role != only))
			return;
		only = role;
		n++;
	}
	if (n > 1)
		tl_report(cx, tl_at_node(conv->messages),
		    "all %zu turns have the role \"%s\"", n,
		    tl_role_name(only));
}

const struct tl_rule tl_rule_single_role_conversation = {
	.code = "ROL013",
	.name = "single-role-conversation",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "all turns have the same role",
	.why = "A conversation with itself is most often an export that wrote "
	       "the same role everywhere: questions would be trained as "
	       "answers, or nothing at all.",
	.fix = "Correct the export of the roles, or remove the record.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"assistant\",\"content\":"
		      "\"hi\"},{\"role\":\"assistant\",\"content\":"
		      "\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "ROL004 ROL005",
	.needs = TL_TRAIT_ODD_ROLES,
	.check_conv = check_conv,
};
