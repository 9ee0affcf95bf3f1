/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builtin.c - the templates that ship with the program: one file
 * builtin/<name>.jinja each.  The comment a file begins with gives its
 * summary, the family's tokens and its stop marker (see the Makefile).  Those
 * of LLaMA-Factory and FastChat are made from builtin/frameworks.slots.
 */
#include "template/internal.h"

#include <string.h>

#define NO_TOKEN        \
	{               \
		NULL, 0 \
	}

#define BLOB(name, ident, summary, bos, eos, pad, unk, stop, ...) \
	static const unsigned char ident##_source[] = { __VA_ARGS__ };
#include "builtin_templates.inc"
#undef BLOB

static const struct tl_template_builtin builtins[] = {
#define BLOB(name, ident, summary, bos, eos, pad, unk, stop, ...) \
	{ name, summary, (const char *)ident##_source,            \
		sizeof(ident##_source) - 1, { bos, eos, pad, unk }, stop },
#include "builtin_templates.inc"
#undef BLOB
};

/* The files of the folder come first, then those made from slots. */
static size_t
count_families(void)
{
	size_t n = 0;

	while (n < TL_COUNT(builtins) && strchr(builtins[n].name, ':') == NULL)
		n++;
	return n;
}

const struct tl_template_builtin *
tl_template_builtins(size_t *n)
{
	*n = count_families();
	return builtins;
}

const struct tl_template_builtin *
tl_template_frameworks(size_t *n)
{
	*n = TL_COUNT(builtins) - count_families();
	return builtins + count_families();
}

static const struct tl_template_builtin *
find(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(builtins); i++) {
		if (tl_str_eq(name, tl_str_from(builtins[i].name)))
			return &builtins[i];
	}
	return NULL;
}

const struct tl_template_builtin *
tl_template_find_builtin(tl_str name)
{
	size_t n;
	const struct tl_template_alias *aliases = tl_template_aliases(&n);

	for (size_t i = 0; i < n; i++) {
		if (tl_str_eq(name, tl_str_from(aliases[i].name)))
			return find(tl_str_from(aliases[i].builtin));
	}
	return find(name);
}
