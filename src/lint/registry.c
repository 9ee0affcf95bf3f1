/* SPDX-License-Identifier: Apache-2.0 */
/* The rules: one file rules/<family>/<name>.c each, listed by the build. */
#include <turnlint/rule.h>

#define RULE(id) extern const struct tl_rule tl_rule_##id;
#include "rules.inc"
#undef RULE

/* The NULL at the end lets a build without rules compile. */
static const struct tl_rule *const by_code[] = {
#define RULE(id) &tl_rule_##id,
#include "rules.inc"
#undef RULE
	NULL,
};

const struct tl_rule *const *
tl_rules(size_t *n)
{
	*n = TL_COUNT(by_code) - 1;
	return by_code;
}

const struct tl_rule *
tl_rule_find(tl_str code_or_name)
{
	for (size_t i = 0; i + 1 < TL_COUNT(by_code); i++) {
		const struct tl_rule *r = by_code[i];

		if (tl_str_eq_nocase(code_or_name, tl_str_from(r->code)) ||
		    tl_str_eq(code_or_name, tl_str_from(r->name)))
			return r;
	}
	return NULL;
}

const char *
tl_level_name(enum tl_level level)
{
	switch (level) {
	case TL_LEVEL_INFO:
		return "info";
	case TL_LEVEL_WARNING:
		return "warning";
	case TL_LEVEL_ERROR:
		return "error";
	}
	return "unknown";
}
