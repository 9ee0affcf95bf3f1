/* SPDX-License-Identifier: Apache-2.0 */
/* call.c - arguments, and everything that can be called. */
#include "template/jinja/rt.h"

#include <stdio.h>

static tl_str
str_of(const struct jstr *s)
{
	return (tl_str){ s->ptr, s->len };
}

/* --- evaluating arguments ------------------------------------------------ */

static void
spread(struct rt *rt, const struct node *n, struct args *out)
{
	val list = jinja_eval(rt, n);
	const struct seq *s;
	val *v;

	if (!jinja_is_iterable(list))
		jinja_throw(rt, "TypeError",
		    "argument after * must be an iterable, not %s",
		    jinja_type_name(list));
	s = jinja_list_of(rt, list, V_LIST).seq;
	v = jinja_array(rt, out->npos + s->n, sizeof(*v));
	if (out->npos > 0)
		memcpy(v, out->pos, out->npos * sizeof(*v));
	if (s->n > 0)
		memcpy(v + out->npos, s->v, s->n * sizeof(*v));
	out->pos = v;
	out->npos += s->n;
}

static void
spread_keywords(struct rt *rt, const struct node *n, struct args *out)
{
	val dict = jinja_eval(rt, n);
	const struct dict *d;
	const struct jstr **names;
	val *v;

	if (dict.kind != V_DICT)
		jinja_throw(rt, "TypeError",
		    "argument after ** must be a mapping, not %s",
		    jinja_type_name(dict));
	d = jinja_dict(rt, dict);
	names = jinja_array(rt, out->nkw + d->n, sizeof(*names));
	v = jinja_array(rt, out->nkw + d->n, sizeof(*v));
	for (size_t i = 0; i < out->nkw; i++) {
		names[i] = out->names[i];
		v[i] = out->kw[i];
	}
	for (uint32_t i = 0; i < d->n; i++) {
		if (d->v[i].key.kind != V_STR)
			jinja_throw(
			    rt, "TypeError", "keywords must be strings");
		names[out->nkw] =
		    jinja_str(rt, jinja_bytes(rt, d->v[i].key)).str;
		for (size_t k = 0; k < out->nkw; k++) {
			if (tl_str_eq(
				str_of(names[k]), str_of(names[out->nkw])))
				jinja_throw(rt, "TypeError",
				    "got multiple values for keyword argument "
				    "'%s'",
				    tl_arena_cstr(rt->arena, str_of(names[k])));
		}
		v[out->nkw++] = d->v[i].value;
	}
	out->names = names;
	out->kw = v;
}

void
jinja_eval_args(struct rt *rt, const struct call_args *a, struct args *out)
{
	memset(out, 0, sizeof(*out));
	if (a->pos.n > 0) {
		out->pos = jinja_alloc(rt, a->pos.n * sizeof(val));
		out->npos = a->pos.n;
		for (uint32_t i = 0; i < a->pos.n; i++)
			out->pos[i] = jinja_eval(rt, a->pos.v[i]);
	}
	if (a->dyn != NULL)
		spread(rt, a->dyn, out);
	if (a->kw.n > 0) {
		out->kw = jinja_alloc(rt, a->kw.n * sizeof(val));
		out->names = (const struct jstr **)(uintptr_t)a->kwnames;
		out->nkw = a->kw.n;
		for (uint32_t i = 0; i < a->kw.n; i++)
			out->kw[i] = jinja_eval(rt, a->kw.v[i]);
	}
	if (a->dynkw != NULL)
		spread_keywords(rt, a->dynkw, out);
}

/* --- binding by name ----------------------------------------------------- */

void
jinja_no_kwargs(struct rt *rt, const char *name, const struct args *a)
{
	if (a->nkw > 0)
		jinja_throw(
		    rt, "TypeError", "%s() takes no keyword arguments", name);
}

void
jinja_arg_count(struct rt *rt, const char *name, const struct args *a,
    size_t min, size_t max)
{
	if (a->npos >= min && a->npos <= max)
		return;
	jinja_throw(rt, "TypeError", "%s expected %s%zu argument%s, got %zu",
	    name,
	    min == max		? ""
		: a->npos < min ? "at least "
				: "at most ",
	    a->npos < min ? min : max,
	    (a->npos < min ? min : max) == 1 ? "" : "s", a->npos);
}

/* The next name of a parameter list; *optional says whether it ends in '?'. */
static tl_str
next_param(const char **p, bool *optional)
{
	const char *beg = *p;
	size_t n = strcspn(beg, " ?");

	*optional = beg[n] == '?';
	*p = beg + n + *optional;
	while (**p == ' ')
		(*p)++;
	return (tl_str){ beg, n };
}

static void
count_params(const char *params, size_t *required, size_t *total)
{
	bool optional;

	*required = *total = 0;
	while (*params != '\0') {
		next_param(&params, &optional);
		(*total)++;
		*required += !optional;
	}
}

static size_t
find_param(const char *params, tl_str name)
{
	bool optional;

	for (size_t i = 0; *params != '\0'; i++) {
		if (tl_str_eq(next_param(&params, &optional), name))
			return i;
	}
	return SIZE_MAX;
}

static void
bind_keywords(struct rt *rt, const char *pyname, const char *params,
    const struct args *args, val *out)
{
	for (size_t i = 0; i < args->nkw; i++) {
		tl_str name = str_of(args->names[i]);
		size_t at = find_param(params, name);

		if (at == SIZE_MAX)
			jinja_throw(rt, "TypeError",
			    "%s() got an unexpected keyword argument '%s'",
			    pyname, tl_arena_cstr(rt->arena, name));
		if (out[at].kind != V_MISSING)
			jinja_throw(rt, "TypeError",
			    "%s() got multiple values for argument '%s'",
			    pyname, tl_arena_cstr(rt->arena, name));
		out[at] = args->kw[i];
	}
}

static _Noreturn void
too_many(struct rt *rt, const char *pyname, size_t required, size_t total,
    size_t given)
{
	if (required == total)
		jinja_throw(rt, "TypeError",
		    "%s() takes %zu positional argument%s but %zu were given",
		    pyname, total, total == 1 ? "" : "s", given);
	jinja_throw(rt, "TypeError",
	    "%s() takes from %zu to %zu positional arguments but %zu were "
	    "given",
	    pyname, required, total, given);
}

static void
check_required(
    struct rt *rt, const char *pyname, const char *params, const val *out)
{
	bool optional;

	for (size_t i = 0; *params != '\0'; i++) {
		tl_str name = next_param(&params, &optional);

		if (!optional && out[i].kind == V_MISSING)
			jinja_throw(rt, "TypeError",
			    "%s() missing 1 required positional argument: "
			    "'%s'",
			    pyname, tl_arena_cstr(rt->arena, name));
	}
}

void
jinja_bind(struct rt *rt, const char *pyname, const char *params,
    const struct args *args, size_t nimplicit, val *out, size_t nout)
{
	size_t required, total;

	memset(out, 0, nout * sizeof(*out));
	if (args->npos == 0 && args->nkw == 0 && *params == '\0')
		return;
	if (*params == '/') {
		params++;
		count_params(params, &required, &total);
		jinja_no_kwargs(rt, pyname, args);
		jinja_arg_count(rt, pyname, args, required, total);
	}
	count_params(params, &required, &total);
	if (args->npos > total)
		too_many(rt, pyname, required + nimplicit, total + nimplicit,
		    args->npos + nimplicit);
	for (size_t i = 0; i < args->npos; i++)
		out[i] = args->pos[i];
	bind_keywords(rt, pyname, params, args, out);
	check_required(rt, pyname, params, out);
}

/* --- filters and tests --------------------------------------------------- */

val
jinja_run_filter(
    struct rt *rt, const struct filter *f, val subject, const struct args *args)
{
	val a[JINJA_MAX_PARAMS];

	jinja_step(rt, 1);
	if (f->params == NULL)
		return f->raw(rt, subject, args);
	jinja_bind(rt, f->pyname, f->params, args, 1, a, JINJA_MAX_PARAMS);
	return f->fn(rt, subject, a);
}

bool
jinja_run_test(
    struct rt *rt, const struct test *t, val subject, const struct args *args)
{
	val a[JINJA_MAX_PARAMS];

	jinja_bind(rt, t->pyname, t->params, args, 1, a, JINJA_MAX_PARAMS);
	return t->fn(rt, subject, a);
}

static _Noreturn void
no_such(struct rt *rt, const char *what, val name)
{
	const char *type;

	if (name.kind == V_UNDEF)
		jinja_throw(rt, "TemplateRuntimeError",
		    "No %s named Undefined. (%s; did you forget to quote the "
		    "callable name?)",
		    what,
		    tl_arena_cstr(
			rt->arena, jinja_undef_message(rt, name, &type)));
	jinja_throw(rt, "TemplateRuntimeError", "No %s named %s.", what,
	    tl_arena_cstr(rt->arena, jinja_bytes(rt, jinja_repr(rt, name))));
}

val
jinja_call_filter(struct rt *rt, val name, val subject, const struct args *args)
{
	const struct filter *f = NULL;

	if (name.kind == V_STR)
		f = jinja_find_filter(jinja_bytes(rt, name));
	if (f == NULL)
		no_such(rt, "filter", name);
	return jinja_run_filter(rt, f, subject, args);
}

bool
jinja_call_test(struct rt *rt, val name, val subject, const struct args *args)
{
	const struct test *t = NULL;

	if (name.kind == V_STR)
		t = jinja_find_test(jinja_bytes(rt, name));
	if (t == NULL)
		no_such(rt, "test", name);
	return jinja_run_test(rt, t, subject, args);
}

/* --- calls --------------------------------------------------------------- */

static val
call_method(struct rt *rt, const struct bound *b, const struct args *args)
{
	const struct method *m = b->method;
	val a[JINJA_MAX_PARAMS];

	jinja_step(rt, 1);
	if (m->params == NULL)
		return m->raw(rt, b->self, args);
	jinja_bind(rt, m->name, m->params, args, 0, a, JINJA_MAX_PARAMS);
	return m->fn(rt, b->self, a);
}

static val
call_joiner(struct rt *rt, val joiner, const struct args *args)
{
	struct seq *s = joiner.seq; /* separator, used */

	jinja_no_kwargs(rt, "Joiner.__call__", args);
	jinja_arg_count(rt, "Joiner.__call__", args, 0, 0);
	if (s->v[1].b)
		return s->v[0];
	s->v[1] = jinja_bool(true);
	return jinja_str(rt, TL_STR(""));
}

val
jinja_call(struct rt *rt, val callee, const struct args *args)
{
	switch ((enum val_kind)callee.kind) {
	case V_MACRO:
		jinja_step(rt, 1);
		return jinja_call_macro(rt, callee, args);
	case V_METHOD:
		return call_method(rt, callee.p, args);
	case V_FUNC:
		jinja_step(rt, 1);
		return ((const struct global *)callee.p)->fn(rt, callee, args);
	case V_LOOP:
		return jinja_call_loop(rt, callee, args);
	case V_JOINER:
		return call_joiner(rt, callee, args);
	case V_BLOCK:
		jinja_no_kwargs(rt, "BlockReference.__call__", args);
		jinja_arg_count(rt, "BlockReference.__call__", args, 0, 0);
		return jinja_call_block(rt, callee.p);
	case V_UNDEF:
		jinja_throw_undef(rt, callee);
	default:
		jinja_throw(rt, "TypeError", "'%s' object is not callable",
		    jinja_type_name(callee));
	}
}
