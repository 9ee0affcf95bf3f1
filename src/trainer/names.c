/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <turnlint/buf.h>
#include <turnlint/str.h>

#include <string.h>

enum tl_status
tl_fail_unknown(struct tl_arena *a, struct tl_error *err, const char *kind,
    tl_str value, const char *const *names, size_t n)
{
	const char *near = tl_str_nearest(value, names, n);
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	tl_buf_printf(&b, "unknown %s \"", kind);
	tl_buf_put_escaped(&b, tl_str_slice(value, 0, 60));
	tl_buf_putc(&b, '"');
	if (near != NULL) {
		tl_buf_printf(&b, "; did you mean \"%s\"?", near);
	} else {
		tl_buf_puts(&b, "; known: ");
		for (size_t i = 0; i < n; i++)
			tl_buf_printf(&b, "%s%s", i > 0 ? ", " : "", names[i]);
	}
	tl_buf_putc(&b, '\0');
	return tl_fail(err, TL_ECONFIG, "%s", tl_buf_str(&b).ptr);
}

const struct tl_template *
tl_template_of(struct tl_arena *a, const char *framework, tl_str name)
{
	const char *full =
	    tl_arena_printf(a, "%s:%s", framework, tl_arena_cstr(a, name));
	struct tl_template *t;
	struct tl_error err;
	size_t n;
	const struct tl_template_alias *aliases = tl_template_aliases(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(aliases[i].name, full) == 0 &&
		    tl_template_load(a, full, &t, &err) == TL_OK)
			return t;
	return NULL;
}
