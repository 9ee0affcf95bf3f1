/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/select.h"

#define EXACT                                                          \
	100u /* a full code or a name; prefixes score their length + 1 \
	      */

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

unsigned
tl_selector_match(tl_str sel, const struct tl_rule *rule)
{
	tl_str code = tl_str_from(rule->code);

	if (tl_str_eq(sel, tl_str_from(rule->name)) ||
	    tl_str_eq_nocase(sel, code))
		return EXACT;
	if (tl_str_eq_nocase(sel, TL_STR("ALL")))
		return 1;
	/* The letters of the family must be whole: MSK, MSK0, MSK01. */
	if (sel.len < 3 || sel.len > code.len)
		return 0;
	for (size_t i = 0; i < sel.len; i++)
		if (upper(sel.ptr[i]) != code.ptr[i])
			return 0;
	return (unsigned)sel.len + 1;
}

bool
tl_selector_covers(tl_str sel, const struct tl_rule *rule)
{
	return tl_selector_match(sel, rule) > 0;
}

bool
tl_selector_check(tl_str sel, struct tl_error *err)
{
	size_t n;
	const struct tl_rule *const *rules = tl_rules(&n);
	const char *near = NULL;
	size_t best = 4;

	for (size_t i = 0; i < n; i++)
		if (tl_selector_match(sel, rules[i]) > 0)
			return true;
	for (size_t i = 0; i < n; i++) {
		const char *const names[] = { rules[i]->code, rules[i]->name };

		for (size_t k = 0; k < 2; k++) {
			size_t d =
			    tl_str_distance(sel, tl_str_from(names[k]), best);

			if (d < best && d < sel.len) {
				best = d;
				near = names[k];
			}
		}
	}
	if (near != NULL)
		(void)tl_fail(err, TL_ECONFIG,
		    "no rule is called '%.*s'; did you mean '%s'?",
		    (int)(sel.len < 80 ? sel.len : 80), sel.ptr, near);
	else
		(void)tl_fail(err, TL_ECONFIG,
		    "no rule is called '%.*s'; "
		    "'turnlint rule' lists them",
		    (int)(sel.len < 80 ? sel.len : 80), sel.ptr);
	return false;
}

static unsigned
best_of(const tl_str *list, size_t n, const struct tl_rule *rule)
{
	unsigned best = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned m = tl_selector_match(list[i], rule);

		if (m > best)
			best = m;
	}
	return best;
}

static unsigned
larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

bool
tl_select_rule(const struct tl_lint_options *opt, const struct tl_rule *rule,
    enum tl_level *level)
{
	unsigned on = best_of(opt->select, opt->nselect, rule);
	unsigned off = best_of(opt->ignore, opt->nignore, rule);
	unsigned set = 0;

	if (opt->nselect == 0)
		on = 1;
	on = larger(on, best_of(opt->extend_select, opt->nextend_select, rule));
	if (rule->is_preview && !opt->use_preview && on < EXACT)
		on = 0;
	*level = rule->level;
	for (size_t i = 0; i < opt->nlevels; i++) {
		unsigned m = tl_selector_match(opt->levels[i].selector, rule);

		if (m == 0 || m < set)
			continue;
		set = m;
		if (opt->levels[i].is_off) {
			off = larger(off, m);
			*level = rule->level;
		} else {
			*level = opt->levels[i].level;
		}
	}
	return on > off;
}

/* Calls fn for each selector of a list separated by commas or spaces. */
static bool
any_selector(
    tl_str list, bool (*fn)(tl_str sel, const void *arg), const void *arg)
{
	for (size_t i = 0; i < list.len;) {
		size_t end = i;

		while (end < list.len && list.ptr[end] != ',' &&
		    list.ptr[end] != ' ')
			end++;
		if (end > i && fn(tl_str_slice(list, i, end), arg))
			return true;
		i = end + 1;
	}
	return false;
}

static bool
names_rule(tl_str sel, const void *arg)
{
	return tl_selector_match(sel, arg) > 0;
}

bool
tl_select_file_off(
    const struct tl_lint_options *opt, const struct tl_rule *rule, tl_str path)
{
	for (size_t i = 0; i < opt->nfile_ignores; i++) {
		const struct tl_file_ignore *fi = &opt->file_ignores[i];

		if (any_selector(fi->selectors, names_rule, rule) &&
		    tl_glob_match(fi->glob, path))
			return true;
	}
	return false;
}

struct check {
	struct tl_error *err;
};

static bool
is_unknown(tl_str sel, const void *arg)
{
	const struct check *c = arg;

	return !tl_selector_check(sel, c->err);
}

static bool
any_unknown(const tl_str *list, size_t n, struct tl_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (!tl_selector_check(list[i], err))
			return true;
	return false;
}

enum tl_status
tl_select_check(const struct tl_lint_options *opt, struct tl_error *err)
{
	const struct check c = { err };

	if (any_unknown(opt->select, opt->nselect, err) ||
	    any_unknown(opt->ignore, opt->nignore, err) ||
	    any_unknown(opt->extend_select, opt->nextend_select, err))
		return TL_ECONFIG;
	for (size_t i = 0; i < opt->nlevels; i++)
		if (!tl_selector_check(opt->levels[i].selector, err))
			return TL_ECONFIG;
	for (size_t i = 0; i < opt->nfile_ignores; i++)
		if (any_selector(
			opt->file_ignores[i].selectors, is_unknown, &c))
			return TL_ECONFIG;
	return TL_OK;
}
