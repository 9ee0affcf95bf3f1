/* SPDX-License-Identifier: Apache-2.0 */
#include "axolotl.h"

#include <stdarg.h>
#include <stdio.h>

#include <turnlint/buf.h>

bool
ax_truth(const struct tl_json *v)
{
	return tl_flag_truth(TL_FLAG_INVALID, v) == TL_FLAG_TRUE;
}

const struct tl_json *
ax_get(const struct tl_json *obj, tl_str key)
{
	const struct tl_json *v = tl_json_get_str(obj, key);

	return v != NULL && v->kind != TL_JSON_NULL ? v : NULL;
}

tl_str
ax_map_role(const struct ax_config *c, tl_str role)
{
	/* A source listed twice takes the last target. */
	for (size_t i = c->nroles; i-- > 0;)
		if (tl_str_eq(c->roles[i].source, role))
			return c->roles[i].target;
	return role;
}

tl_str
ax_key_of(const struct ax_config *c, tl_str target)
{
	for (size_t i = 0; i < c->nkeys; i++)
		if (tl_str_eq(c->keys[i].target, target))
			return c->keys[i].source;
	return target;
}

const char *
ax_shown(struct tl_arena *a, tl_str s)
{
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	tl_buf_put_escaped(&b, tl_str_slice(s, 0, 60));
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

void
ax_abort(
    const struct tl_trainer_cx *cx, struct tl_sample *out, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tl_label_fail(cx->arena, out, TL_VERDICT_ABORTS,
	    "axolotl stops with an error: %s", text);
}

bool
ax_is_eot(const struct ax_config *c, uint32_t id)
{
	for (size_t i = 0; i < c->neot_ids; i++)
		if (c->eot_ids[i] == id)
			return true;
	return false;
}
