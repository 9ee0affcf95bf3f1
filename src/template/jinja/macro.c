/* SPDX-License-Identifier: Apache-2.0 */
/* macro.c - macros and call blocks. */
#include "template/jinja/rt.h"

void
jinja_exec_macro(struct rt *rt, const struct node *n)
{
	struct macro *m = jinja_alloc(rt, sizeof(*m));

	m->info = n->macro;
	m->up = rt->act;
	jinja_store(rt, n->a, (val){ .kind = V_MACRO, .p = m });
}

/* The block of a call, given by name. */
static val
take_caller(const struct args *args, bool *used)
{
	val caller = jinja_undef_hint("No caller defined");

	for (size_t k = 0; k < args->nkw; k++) {
		const struct jstr *kw = args->names[k];

		if (tl_str_eq((tl_str){ kw->ptr, kw->len }, TL_STR("caller"))) {
			used[k] = true;
			if (args->kw[k].kind != V_NONE)
				caller = args->kw[k];
		}
	}
	return caller;
}

/* Fill the slots of the parameters as jinja2's Macro does. */
static void
bind_macro(struct rt *rt, const struct macro_info *m, const struct args *args,
    struct act *a)
{
	const char *name = m->name != NULL
	    ? tl_arena_printf(rt->arena, "'%s'",
		  tl_arena_cstr(
		      rt->arena, (tl_str){ m->name->ptr, m->name->len }))
	    : "None";
	bool *used = jinja_array(rt, args->nkw + 1, sizeof(*used));
	size_t first = args->npos < m->args.n ? args->npos : m->args.n;
	bool found_caller = first == m->args.n && m->explicit_caller;
	struct dict *kwargs = NULL;

	memset(used, 0, args->nkw + 1);
	for (size_t i = 0; i < first; i++)
		a->slots[m->arg_slots[i]] = args->pos[i];
	for (size_t i = first; i < m->args.n; i++) {
		const struct jstr *p = m->args.v[i]->name;
		tl_str want = { p->ptr, p->len };

		if (tl_str_eq(want, TL_STR("caller")))
			found_caller = true;
		for (size_t k = 0; k < args->nkw; k++) {
			const struct jstr *kw = args->names[k];

			if (!used[k] &&
			    tl_str_eq(want, (tl_str){ kw->ptr, kw->len })) {
				a->slots[m->arg_slots[i]] = args->kw[k];
				used[k] = true;
			}
		}
	}
	if (m->takes_caller && !found_caller)
		a->slots[m->caller_slot] = take_caller(args, used);
	if (m->takes_kwargs) {
		kwargs = jinja_new_dict(rt, 4);
		a->slots[m->kwargs_slot] =
		    (val){ .kind = V_DICT, .dict = kwargs };
	}
	for (size_t k = 0; k < args->nkw; k++) {
		const struct jstr *kw = args->names[k];
		tl_str given = { kw->ptr, kw->len };

		if (used[k])
			continue;
		if (kwargs != NULL) {
			jinja_dict_put(rt, kwargs,
			    (val){ .kind = V_STR,
				.str = (struct jstr *)(uintptr_t)kw },
			    args->kw[k]);
			continue;
		}
		if (tl_str_eq(given, TL_STR("caller")))
			jinja_throw(rt, "TypeError",
			    "macro %s was invoked with two values for the "
			    "special caller argument. This is most likely a "
			    "bug.",
			    name);
		jinja_throw(rt, "TypeError",
		    "macro %s takes no keyword argument '%s'", name,
		    tl_arena_cstr(rt->arena, given));
	}
	if (m->takes_varargs) {
		size_t n = args->npos > m->args.n ? args->npos - m->args.n : 0;
		val *v;

		a->slots[m->varargs_slot] = jinja_new_seq(rt, V_TUPLE, n, &v);
		for (size_t i = 0; i < n; i++)
			v[i] = args->pos[m->args.n + i];
	} else if (args->npos > m->args.n) {
		jinja_throw(rt, "TypeError",
		    "macro %s takes not more than %u argument(s)", name,
		    (unsigned)m->args.n);
	}
}

static void
fill_defaults(struct rt *rt, const struct macro_info *m, struct act *a)
{
	for (uint32_t i = 0; i < m->args.n; i++) {
		val *slot = &a->slots[m->arg_slots[i]];
		const struct jstr *name = m->args.v[i]->name;

		if (slot->kind != V_MISSING)
			continue;
		if (m->defaults != NULL && m->defaults[i] != NULL)
			*slot = jinja_eval(rt, m->defaults[i]);
		else
			*slot = jinja_undef_hint(tl_arena_printf(rt->arena,
			    "parameter '%s' was not provided",
			    tl_arena_cstr(
				rt->arena, (tl_str){ name->ptr, name->len })));
	}
}

val
jinja_call_macro(struct rt *rt, val macro, const struct args *args)
{
	const struct macro *m = macro.p;
	const struct macro_info *info = m->info;
	struct act *outside = rt->act;
	uint32_t line = rt->line, place = rt->place;
	struct act *a;
	val text = { 0 };

	jinja_check_stack(rt);
	if (jinja_is_watched(rt))
		rt->along->ncalls++;
	a = jinja_new_act(rt, info->func, m->up);
	bind_macro(rt, info, args, a);
	rt->depth++;
	rt->act = a;
	rt->line = info->line;
	jinja_enter_scope(rt, &info->enter);
	fill_defaults(rt, info, a);
	jinja_capture(rt, &info->body, &text);
	rt->act = outside;
	rt->depth--;
	rt->line = line;
	rt->place = place;
	return rt->autoescape ? jinja_mark(text) : text;
}

/* {% call %}: the callee gets the block as `caller`. */
void
jinja_exec_call_block(struct rt *rt, const struct node *n)
{
	struct macro *m = jinja_alloc(rt, sizeof(*m));
	const struct node *call = n->a;
	struct args args;
	val callee, *kw;
	const struct jstr **names;

	jinja_at(rt, n);
	m->info = n->macro;
	m->up = rt->act;
	callee = jinja_eval(rt, call->a);
	jinja_eval_args(rt, call->args, &args);
	names = jinja_array(rt, args.nkw + 1, sizeof(*names));
	kw = jinja_array(rt, args.nkw + 1, sizeof(*kw));
	if (args.nkw > 0) {
		memcpy(names, args.names, args.nkw * sizeof(*names));
		memcpy(kw, args.kw, args.nkw * sizeof(*kw));
	}
	names[args.nkw] = jinja_cstr(rt, "caller").str;
	kw[args.nkw] = (val){ .kind = V_MACRO, .p = m };
	args.names = names;
	args.kw = kw;
	args.nkw++;
	jinja_put_piece(rt, jinja_call(rt, callee, &args));
}
