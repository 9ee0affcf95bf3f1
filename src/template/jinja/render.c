/* SPDX-License-Identifier: Apache-2.0 */
/*
 * render.c - compile a source; render a conversation; memory and budgets.
 */
#include "template/jinja/rt.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#define MAX_STACK ((size_t)1536 << 10) /* of C, before calls are refused */
#define MAX_CALLS 400u
#define FIRST_CHUNK ((size_t)4 << 10)
#define LARGEST_CHUNK ((size_t)256 << 10)

/* --- memory -------------------------------------------------------------- */

void *
jinja_more(struct rt *rt, size_t n)
{
	size_t chunk = rt->chunk;
	char *p;

	n = (n + 7) & ~(size_t)7;
	if (n == 0)
		return jinja_alloc(rt, 8);
#ifdef JINJA_HAS_ASAN
	chunk = n; /* every allocation has its red zone */
#endif
	if (n > chunk / 4)
		chunk = n;
	if (chunk > rt->mem_left)
		jinja_limit(rt, "more memory than is allowed");
	rt->mem_left -= chunk;
	p = tl_arena_grow(rt->arena, NULL, 0, chunk, 8);
	if (chunk == n)
		return p;
	rt->cur = p + n;
	rt->end = p + chunk;
	if (rt->chunk < LARGEST_CHUNK)
		rt->chunk *= 2;
	return p;
}

void *
jinja_array(struct rt *rt, size_t n, size_t size)
{
	size_t bytes;

	if (tl_mul_overflows(n, size, &bytes) || bytes > rt->mem_left)
		jinja_limit(rt, "more memory than is allowed");
	return jinja_alloc(rt, bytes);
}

/* --- failing ------------------------------------------------------------- */

static _Noreturn void
leave(struct rt *rt, enum tl_render_fault fault, tl_str message)
{
	rt->fault = fault;
	rt->message = message;
	longjmp(rt->fail, 1);
}

_Noreturn void
jinja_throw_str(
    struct rt *rt, enum tl_render_fault fault, const char *type, tl_str message)
{
	struct tl_buf b;

	tl_buf_init(&b, rt->arena, 0);
	tl_buf_puts(&b, type);
	tl_buf_puts(&b, ": ");
	tl_buf_put(&b, message);
	leave(rt, fault, tl_buf_str(&b));
}

_Noreturn void
jinja_throw(struct rt *rt, const char *type, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text)) {
		n = (int)sizeof(text) - 1;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	jinja_throw_str(rt, TL_RENDER_ERROR, type, (tl_str){ text, (size_t)n });
}

_Noreturn void
jinja_limit(struct rt *rt, const char *what)
{
	leave(rt, TL_RENDER_LIMIT,
	    tl_str_from(tl_arena_printf(
		rt->arena, "the template was stopped: %s", what)));
}

_Noreturn void
jinja_out_of_steps(struct rt *rt)
{
	jinja_limit(rt, "more steps than are allowed");
}

void
jinja_check_stack(struct rt *rt)
{
	const char *here = __builtin_frame_address(0);
	size_t used = here < rt->stack ? (size_t)(rt->stack - here)
				       : (size_t)(here - rt->stack);

	if (used > MAX_STACK || rt->depth > MAX_CALLS)
		jinja_limit(rt, "calls inside calls, deeper than is allowed");
}

tl_str
jinja_undef_message(struct rt *rt, val v, const char **type)
{
	struct tl_buf b;
	const struct jstr *name = v.p;
	bool is_object;
	const char *owner = jinja_type_of_code(v.aux, &is_object);

	*type = "UndefinedError";
	tl_buf_init(&b, rt->arena, 0);
	switch (v.sub) {
	case U_NAME:
		tl_buf_printf(&b, "'");
		tl_buf_put(&b, (tl_str){ name->ptr, name->len });
		tl_buf_puts(&b, "' is undefined");
		break;
	case U_ATTR:
		tl_buf_printf(&b, "'%s%s' has no attribute ", owner,
		    is_object ? " object" : "");
		tl_buf_put(&b,
		    jinja_bytes(rt,
			jinja_repr(rt,
			    (val){ .kind = V_STR,
				.str = (struct jstr *)(uintptr_t)name })));
		break;
	case U_ELEM:
		tl_buf_printf(&b, "%s%s has no element ", owner,
		    is_object ? " object" : "");
		tl_buf_put(
		    &b, jinja_bytes(rt, jinja_repr(rt, *(const val *)v.p)));
		break;
	case U_UNSAFE:
		*type = "SecurityError";
		tl_buf_puts(&b, "access to attribute ");
		tl_buf_put(&b,
		    jinja_bytes(rt,
			jinja_repr(rt,
			    (val){ .kind = V_STR,
				.str = (struct jstr *)(uintptr_t)name })));
		tl_buf_printf(&b, " of '%s' object is unsafe.", owner);
		break;
	default:
		return tl_str_from(v.p);
	}
	return tl_buf_str(&b);
}

_Noreturn void
jinja_throw_undef(struct rt *rt, val v)
{
	const char *type;
	tl_str message = jinja_undef_message(rt, v, &type);

	jinja_throw_str(rt, TL_RENDER_ERROR, type, message);
}

/* --- the context --------------------------------------------------------- */

static val
token_value(struct rt *rt, tl_str token)
{
	return token.ptr != NULL ? jinja_str(rt, token) : (val){ 0 };
}

static val
messages(struct rt *rt)
{
	val *v, list;

	if (rt->along != NULL)
		return jinja_turns(rt, 0);
	list = jinja_new_seq(rt, V_LIST, rt->nturns, &v);
	for (size_t i = 0; i < rt->nturns; i++)
		v[i] = (val){ .kind = V_DICT,
			.sub = D_TURN,
			.turn = &rt->conv->turns[i] };
	return list;
}

static val
json_or_none(struct rt *rt, const struct tl_json *node)
{
	return node != NULL ? jinja_from_json(rt, node) : jinja_none();
}

static val
global_value(const struct global *g)
{
	return (val){ .kind = V_FUNC,
		.sub = g->class != NULL ? F_CLASS : F_PLAIN,
		.p = g };
}

static val
given_value(struct rt *rt, tl_str name)
{
	for (size_t i = rt->nvars; i-- > 0;) {
		const struct jinja_var *v = &rt->vars[i];

		if (!tl_str_eq(v->name, name))
			continue;
		if (v->node != NULL)
			return jinja_from_json(rt, v->node);
		if (v->text != NULL)
			return jinja_text(rt, v->text);
		return v->is_bool ? jinja_bool(v->number != 0)
				  : jinja_int(v->number);
	}
	return (val){ 0 };
}

static val
context_value(struct rt *rt, const struct ctx_name *c)
{
	const struct tl_special_tokens *tokens = &rt->opt->tokens;

	if (rt->conv == NULL) {
		val v = given_value(rt, (tl_str){ c->name->ptr, c->name->len });

		if (v.kind == V_MISSING && c->global != NULL)
			v = global_value(c->global);
		return v;
	}

	if (rt->opt->vars != NULL) {
		const struct tl_json *v = tl_json_get_str(
		    rt->opt->vars, (tl_str){ c->name->ptr, c->name->len });

		if (v != NULL)
			return jinja_from_json(rt, v);
	}
	switch (c->kind) {
	case CTX_MESSAGES:
		return messages(rt);
	case CTX_TOOLS:
		return json_or_none(rt, rt->conv->tools);
	case CTX_DOCUMENTS:
		return json_or_none(rt, rt->conv->documents);
	case CTX_ADD_GENERATION_PROMPT:
		return jinja_bool(rt->opt->add_generation_prompt);
	case CTX_BOS:
		return token_value(rt, tokens->bos);
	case CTX_EOS:
		return token_value(rt, tokens->eos);
	case CTX_PAD:
		return token_value(rt, tokens->pad);
	case CTX_UNK:
		return token_value(rt, tokens->unk);
	case CTX_GLOBAL:
		return global_value(c->global);
	case CTX_OTHER:
		break;
	}
	return (val){ 0 };
}

/* transformers refuses tools and documents that are not lists of objects
 * before it renders. */
static const char *
refused(const struct tl_json *list, bool is_tools)
{
	if (list == NULL || list->kind == TL_JSON_NULL)
		return NULL;
	if (list->kind != TL_JSON_ARRAY)
		return is_tools ? "tools must be a list"
				: "documents must be a list";
	for (const struct tl_json *e = list->first; e != NULL; e = e->next) {
		if (e->kind != TL_JSON_OBJECT)
			return is_tools
			    ? "every entry of tools must be an object"
			    : "every entry of documents must be an object";
	}
	return NULL;
}

/* --- the result ---------------------------------------------------------- */

static void
fill_run(
    const struct jinja *t, const struct seg *g, size_t at, struct tl_run *r)
{
	const struct place *p = &t->places[g->place];

	r->beg = at;
	r->end = at + g->len;
	r->kind = (enum tl_run_kind)g->kind;
	r->line = p->line;
	r->column = p->column;
	r->node = g->node;
	if (g->kind == TL_RUN_CONTENT) {
		r->src_beg = g->src;
		r->src_end = (size_t)g->src + g->len;
	} else {
		r->src_beg = r->src_end = 0;
	}
}

/* Where transformers would put a block: its length counts code points from
 * where it thinks the block begins. */
static void
fill_generation(struct rt *rt, struct tl_render *out)
{
	tl_span *spans = TL_NEW(rt->arena, tl_span, rt->ngens);
	size_t *beyond = TL_NEW(rt->arena, size_t, rt->ngens);

	for (size_t i = 0; i < rt->ngens; i++) {
		const struct gen_span *g = &rt->gens[i];
		tl_str rest = tl_str_slice(out->text.str, g->beg, SIZE_MAX);
		size_t len = g->len;

		if (!g->is_in_place) {
			size_t n = jinja_count(rest);

			beyond[i] = len > n ? len - n : 0;
			len = jinja_offset(rest, len);
		}
		spans[i] = (tl_span){ g->beg, g->beg + len };
	}
	out->generation = spans;
	out->generation_beyond = beyond;
	out->ngeneration = rt->ngens;
}

static void
finish(struct rt *rt, struct tl_render *out)
{
	const struct sink *s = &rt->root;
	char *text = tl_arena_bytes(rt->arena, s->bytes + 1);
	struct tl_run *runs = tl_arena_grow(rt->arena, NULL, 0,
	    s->n * sizeof(*runs) + 1, _Alignof(struct tl_run));
	size_t at = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct seg *g = &s->v[i];

		memcpy(text + at, g->ptr, g->len);
		fill_run(rt->t, g, at, &runs[i]);
		at += g->len;
	}
	text[at] = '\0';
	out->text = (struct tl_text){ { text, at }, runs, s->n };
	if (rt->ngens > 0)
		fill_generation(rt, out);
}

static void
run(struct rt *rt, struct tl_render *out)
{
	const struct jinja *t = rt->t;

	rt->ctx = JINJA_NEW(rt, val, t->nctx);
	for (uint32_t i = 0; i < t->nctx; i++)
		rt->ctx[i] = context_value(rt, &t->ctx[i]);
	rt->act = jinja_new_act(rt, t->root, NULL);
	if (t->self_slot >= 0)
		rt->act->slots[t->self_slot] = (val){ .kind = V_SELF };
	jinja_enter_scope(rt, &t->enter);
	if (rt->along != NULL)
		(void)jinja_exec_along(rt, &t->body, NULL);
	else
		(void)jinja_exec(rt, &t->body);
	finish(rt, out);
}

static void
fail(struct rt *rt, struct tl_render *out)
{
	const struct place *p = &rt->t->places[rt->place];

	*out = (struct tl_render){
		.fault = rt->fault, .message = rt->message, .line = rt->line
	};
	if (p->line == rt->line)
		out->column = p->column;
}

static void
render(struct rt *rt, const struct jinja *t, struct tl_arena *a,
    const struct tl_render_options *opt, struct tl_render *out)
{
	rt->arena = a;
	rt->t = t;
	rt->opt = opt;
	rt->steps = opt->max_steps > 0 ? opt->max_steps : TL_MAX_TEMPLATE_STEPS;
	rt->max_bytes =
	    opt->max_bytes > 0 ? opt->max_bytes : TL_MAX_RENDER_BYTES;
	if (rt->max_bytes > UINT32_MAX - 64)
		rt->max_bytes = UINT32_MAX - 64;
	rt->mem_left = rt->max_bytes + rt->max_bytes / 2 + ((size_t)16 << 20);
	rt->chunk = FIRST_CHUNK;
	rt->line = 1;
	rt->out = &rt->root;
	rt->gen_base = SIZE_MAX;
	rt->stack = __builtin_frame_address(0);
	*out = (struct tl_render){ .text = { TL_STR(""), NULL, 0 } };
	if (setjmp(rt->fail) == 0)
		run(rt, out);
	else
		fail(rt, out);
}

void
jinja_render(const struct jinja *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out)
{
	struct rt rt;
	const char *why = refused(conv->tools, true);

	if (why == NULL)
		why = refused(conv->documents, false);
	if (why != NULL) {
		*out = (struct tl_render){ .fault = TL_RENDER_INPUT,
			.message = tl_str_from(why) };
		return;
	}
	memset(&rt, 0, sizeof(rt));
	rt.conv = conv;
	rt.nturns = nturns < conv->nturns ? nturns : conv->nturns;
	render(&rt, t, a, opt, out);
}

void
jinja_render_along(const struct jinja *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out,
    struct tl_prefix *prefixes, size_t n)
{
	struct along along;
	struct rt rt;

	for (size_t i = 0; i < n; i++)
		prefixes[i].is_known = false;
	if (n == 0 || t->leaks_loop || refused(conv->tools, true) != NULL ||
	    refused(conv->documents, false) != NULL) {
		jinja_render(t, a, conv, nturns, opt, out);
		return;
	}
	memset(&rt, 0, sizeof(rt));
	rt.conv = conv;
	rt.nturns = nturns < conv->nturns ? nturns : conv->nturns;
	jinja_start_along(&rt, a, &along, prefixes, n);
	render(&rt, t, a, opt, out);
	if (out->fault == TL_RENDER_OK)
		return;
	/* The branches took their part of what is allowed. */
	for (size_t i = 0; i < n; i++)
		prefixes[i].is_known = false;
	jinja_render(t, a, conv, nturns, opt, out);
}

void
jinja_render_vars(const struct jinja *t, struct tl_arena *a,
    const struct jinja_var *vars, size_t nvars,
    const struct tl_render_options *opt, struct tl_render *out)
{
	struct rt rt;

	memset(&rt, 0, sizeof(rt));
	rt.vars = vars;
	rt.nvars = nvars;
	render(&rt, t, a, opt, out);
}

/* --- compiling ----------------------------------------------------------- */

enum tl_status
jinja_load(struct tl_arena *a, tl_str source, unsigned flags,
    struct jinja **out, struct tl_error *err)
{
	struct jinja *t = TL_NEW(a, struct jinja, 1);
	struct compile_error why = { 0 };

	if (source.len > TL_MAX_TEMPLATE_BYTES)
		return tl_fail(err, TL_ELIMIT,
		    "the template is larger than %zu bytes",
		    TL_MAX_TEMPLATE_BYTES);
	if (tl_utf8_check(source) < source.len)
		return tl_fail(err, TL_EPARSE,
		    "the template is not UTF-8 (byte %zu)",
		    tl_utf8_check(source) + 1);
	t->arena = a;
	t->flags = flags;
	t->source = jinja_normalize(
	    a, source, (flags & JINJA_KEEP_TRAILING_NEWLINE) != 0);
	if (!jinja_parse(t, &why) || !jinja_compile(t, &why))
		return tl_fail_at(err, why.is_limit ? TL_ELIMIT : TL_EPARSE,
		    why.line, why.column, "%s: %s", why.type, why.message);
	*out = t;
	return TL_OK;
}
