/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

/* Attributes by which Python code gets from a value to the interpreter and
 * that have no underscores around them. */
static const char *const doors[] = { "mro", "func_globals", "func_code",
	"im_func", "im_self", "gi_frame", "gi_code", "cr_frame", "cr_code",
	"ag_frame", "ag_code", "tb_frame", "f_globals", "f_builtins",
	"f_locals" };

/* … and those that have, as a string may name them. */
static const char *const dunders[] = { "__class__", "__mro__", "__base__",
	"__bases__", "__subclasses__", "__globals__", "__init__", "__new__",
	"__import__", "__builtins__", "__getattribute__", "__getattr__",
	"__dict__", "__code__", "__closure__", "__func__", "__self__",
	"__module__", "__loader__", "__spec__", "__reduce__", "__reduce_ex__",
	"__getitem__", "__call__" };

static bool
is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* __class__ */
static bool
is_dunder(tl_str s)
{
	if (s.len < 5 || !tl_str_starts(s, TL_STR("__")) ||
	    !tl_str_ends(s, TL_STR("__")))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_word(s.ptr[i]))
			return false;
	return true;
}

static bool
is_door(tl_str name)
{
	if (is_dunder(name))
		return true;
	for (size_t i = 0; i < TL_COUNT(doors); i++)
		if (tl_str_eq(name, tl_str_from(doors[i])))
			return true;
	return false;
}

static bool
is_python_dunder(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(dunders); i++)
		if (tl_str_eq(name, tl_str_from(dunders[i])))
			return true;
	return false;
}

/* "{0.__class__}": a format that walks over attributes. */
static bool
walks_attributes(tl_str s)
{
	size_t at = tl_str_find(s, TL_STR(".__"), 0);

	return at != TL_NPOS && tl_str_find_char(s, '{', 0) < at &&
	    tl_str_find_char(s, '}', at) != TL_NPOS;
}

static void
check_mention(const struct tl_rule_cx *cx, const struct tl_mention *m)
{
	struct tl_place at = tl_at_line(m->line, m->column);

	switch (m->kind) {
	case TL_MENTION_ATTRIBUTE:
	case TL_MENTION_METHOD:
		if (is_door(m->name))
			tl_report(cx, at,
			    "the template reaches for Python's insides: %s",
			    tl_quote(cx, m->name, 40));
		break;
	case TL_MENTION_VARIABLE:
	case TL_MENTION_FUNCTION:
		if (is_dunder(m->name))
			tl_report(cx, at,
			    "the template reaches for Python's insides: %s",
			    tl_quote(cx, m->name, 40));
		break;
	case TL_MENTION_STRING:
		if (is_python_dunder(m->name) || walks_attributes(m->name))
			tl_report(cx, at, "a string names Python's insides: %s",
			    tl_quote(cx, m->name, 60));
		break;
	case TL_MENTION_FILTER:
		if (tl_str_eq(m->name, TL_STR("attr")) &&
		    (m->argument.ptr == NULL ||
			tl_str_starts(m->argument, TL_STR("_"))))
			tl_report(cx, at,
			    "the filter attr reads an attribute whose name is "
			    "%s",
			    m->argument.ptr == NULL ? "computed" : "private");
		break;
	case TL_MENTION_TEST:
	case TL_MENTION_TAG:
	case TL_MENTION_SYNTAX:
	case TL_MENTION_DATA:
		break;
	}
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	(void)t;
	for (size_t i = 0; i < p->survey->nmentions; i++)
		check_mention(cx, &p->survey->mentions[i]);
}

const struct tl_rule tl_rule_unsafe_attribute = {
	.code = "TPL024",
	.name = "unsafe-attribute",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "the template reaches for attributes that lead to code",
	.why = "In an engine without a sandbox such a template runs any "
	       "program with the rights of the trainer or the server "
	       "(CVE-2024-34359). No chat template needs it.",
	.fix = "Do not load this template; find out where it comes from.",
	.bad = TL_LIT("{%- if false -%}\n"
		      "{{- ''.__class__.__mro__ -}}\n"
		      "{%- endif -%}\n" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.check_template = check_template,
};
