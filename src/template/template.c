/* SPDX-License-Identifier: Apache-2.0 */
#include "template/internal.h"
#include "template/jinja/rt.h"

static struct tl_template *
new_template(
    struct tl_arena *a, tl_str name, enum tl_template_kind kind, tl_str source)
{
	struct tl_template *t = TL_NEW(a, struct tl_template, 1);

	t->name = tl_arena_str(a, name);
	t->kind = kind;
	t->source = tl_arena_str(a, source);
	return t;
}

enum tl_status
tl_template_compile(struct tl_arena *a, tl_str name, tl_str source,
    struct tl_template **out, struct tl_error *err)
{
	struct tl_template *t =
	    new_template(a, name, TL_TEMPLATE_JINJA, source);
	struct jinja *jinja;
	enum tl_status st = jinja_load(a, t->source, 0, &jinja, err);

	if (st != TL_OK)
		return st;
	t->jinja = jinja;
	*out = t;
	return TL_OK;
}

enum tl_status
tl_template_elsewhere(struct tl_arena *a, const struct tl_template *t,
    unsigned how, struct tl_template **out, struct tl_error *err)
{
	struct tl_template *other = TL_NEW(a, struct tl_template, 1);
	struct jinja *jinja;
	enum tl_status st;
	unsigned flags = 0;

	if (t->kind != TL_TEMPLATE_JINJA)
		return tl_fail(err, TL_ECONFIG, "it is no Jinja template");
	if (how & TL_ELSEWHERE_NO_TRIM)
		flags |= JINJA_NO_TRIM;
	if (how & TL_ELSEWHERE_STOCK_TOJSON)
		flags |= JINJA_STOCK_TOJSON;
	st = jinja_load(a, t->source, flags, &jinja, err);
	if (st != TL_OK)
		return st;
	*other = *t;
	other->jinja = jinja;
	*out = other;
	return TL_OK;
}

void
tl_template_set_tool_use(
    struct tl_template *t, const struct tl_template *tool_use)
{
	t->tool_use = tool_use;
}

tl_str
tl_template_name(const struct tl_template *t)
{
	return t->name;
}

enum tl_template_kind
tl_template_kind(const struct tl_template *t)
{
	return t->kind;
}

struct tl_special_tokens
tl_template_tokens(const struct tl_template *t)
{
	return t->tokens;
}

tl_str
tl_template_source(const struct tl_template *t)
{
	return t->source;
}

static const struct tl_template *
chosen_for(const struct tl_template *t, const struct tl_conv *conv)
{
	return t->tool_use != NULL && conv->tools != NULL ? t->tool_use : t;
}

void
tl_template_render(const struct tl_template *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out)
{
	t = chosen_for(t, conv);
	if (t->kind == TL_TEMPLATE_PADDLE)
		tl_paddle_render(t->paddle, a, conv, nturns, opt, out);
	else
		jinja_render(t->jinja, a, conv, nturns, opt, out);
}

void
tl_template_render_along(const struct tl_template *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out,
    struct tl_prefix *prefixes, size_t n)
{
	t = chosen_for(t, conv);
	if (t->kind == TL_TEMPLATE_JINJA) {
		jinja_render_along(
		    t->jinja, a, conv, nturns, opt, out, prefixes, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		prefixes[i].is_known = false;
	tl_paddle_render(t->paddle, a, conv, nturns, opt, out);
}

static bool
reads(const struct tl_template *t, tl_str name)
{
	if (t->kind != TL_TEMPLATE_JINJA)
		return true;
	for (uint32_t i = 0; i < t->jinja->nctx; i++) {
		const struct jstr *s = t->jinja->ctx[i].name;

		if (tl_str_eq((tl_str){ s->ptr, s->len }, name))
			return true;
	}
	return false;
}

bool
tl_template_reads(const struct tl_template *t, tl_str name)
{
	return reads(t, name) ||
	    (t->tool_use != NULL && reads(t->tool_use, name));
}
