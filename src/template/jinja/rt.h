/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rt.h - one rendering: its memory, its budgets, and what works on values.
 *
 * Everything a rendering makes lives in the arena it was given.  A failure
 * leaves through longjmp() to jinja_render(); there is nothing to clean up.
 */
#ifndef JINJA_RT_H
#define JINJA_RT_H

#include "template/jinja/ast.h"
#include "template/jinja/number.h"
#include "template/jinja/unicode.h"

#include <turnlint/template.h>

#include <setjmp.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define JINJA_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JINJA_HAS_ASAN 1
#endif
#endif

/* Text under construction. */
struct sink {
	struct seg *v;
	uint32_t n, cap;
	size_t bytes;
};

/* The slots of a running macro, block, loop filter or of the template. */
struct act {
	struct act *up; /* of the function this one is defined in */
	val slots[];
};

struct gen_span {
	size_t beg; /* bytes of the text */
	size_t len; /* bytes; code points when it is not in place */
	bool is_in_place;
};

struct along;
struct jinja_var;
struct jcache; /* native forms of JSON containers */

struct rt {
	char *cur, *end; /* bump allocation inside the arena */
	uint64_t steps;	 /* left */
	const struct jinja *t;
	struct act *act;
	struct sink *out;
	val *ctx;
	uint32_t line;	/* of the statement that runs */
	uint32_t place; /* of what it prints */
	struct sink root;
	struct tl_arena *arena;
	const char *stack; /* where the C stack was at the start */
	size_t mem_left;
	size_t chunk;
	size_t max_bytes;
	bool autoescape;
	val captured;	/* what a filter block collected */
	unsigned depth; /* of calls */

	const struct tl_conv *conv; /* NULL: vars are all there is */
	size_t nturns;
	const struct jinja_var *vars;
	size_t nvars;
	const struct tl_render_options *opt;
	struct jcache *cache;
	const struct tl_json **origins; /* of numbers, bools and nones */
	uint32_t norigins, cap_origins;
	struct dict *exports; /* top-level variables, when there are blocks */

	struct gen_span *gens;
	size_t ngens, cap_gens;
	size_t gen_base; /* of the outermost block that prints in place */

	struct along *along;	 /* renders that branch off, or NULL */
	const struct path *path; /* the way to the loop that begins, or NULL */

	enum tl_render_fault fault;
	tl_str message;
	jmp_buf fail;
};

/* Evaluated arguments. */
struct args {
	val *pos;
	size_t npos;
	const struct jstr **names;
	val *kw;
	size_t nkw;
};

/* --- memory and budgets (render.c) --------------------------------------- */
void *jinja_more(struct rt *rt, size_t n); /* slow path of jinja_alloc() */
_Noreturn void jinja_out_of_steps(struct rt *rt);
void jinja_check_stack(struct rt *rt); /* before going deeper */

/* Aligned to 8, not zeroed. */
static inline void *
jinja_alloc(struct rt *rt, size_t n)
{
#ifndef JINJA_HAS_ASAN
	n = (n + 7) & ~(size_t)7;
	if (n - 1 < (size_t)(rt->end - rt->cur)) { /* none for n = 0 */
		void *p = rt->cur;

		rt->cur += n;
		return p;
	}
#endif
	return jinja_more(rt, n);
}

#define JINJA_NEW(rt, T, n) ((T *)jinja_array((rt), (n), sizeof(T)))
void *jinja_array(struct rt *rt, size_t n, size_t size);

static inline void
jinja_step(struct rt *rt, uint64_t n)
{
	if (rt->steps < n)
		jinja_out_of_steps(rt);
	rt->steps -= n;
}

/* What runs now, for errors and for runs. */
static inline void
jinja_at(struct rt *rt, const struct node *n)
{
	rt->line = n->line;
	rt->place = n->place;
}

/* --- failing (render.c) -------------------------------------------------- */
_Noreturn void jinja_throw(
    struct rt *rt, const char *type, const char *fmt, ...) TL_PRINTF(3, 4);
_Noreturn void jinja_throw_str(struct rt *rt, enum tl_render_fault fault,
    const char *type, tl_str message);
_Noreturn void jinja_limit(struct rt *rt, const char *what);
/* The error that using an undefined value is. */
_Noreturn void jinja_throw_undef(struct rt *rt, val v);
tl_str jinja_undef_message(struct rt *rt, val v, const char **type);

/* --- constructors -------------------------------------------------------- */
static inline val
jinja_none(void)
{
	return (val){ .kind = V_NONE };
}

static inline val
jinja_bool(bool b)
{
	return (val){ .kind = V_BOOL, .b = b };
}

static inline val
jinja_int(int64_t i)
{
	return (val){ .kind = V_INT, .i = i };
}

static inline val
jinja_float(double f)
{
	return (val){ .kind = V_FLOAT, .f = f };
}

static inline bool
jinja_is_int(val v)
{
	return v.kind == V_INT || v.kind == V_BIG || v.kind == V_BOOL;
}

static inline val
jinja_undef_name(const struct jstr *name)
{
	return (val){ .kind = V_UNDEF, .sub = U_NAME, .p = name };
}

static inline val
jinja_undef_hint(const char *hint)
{
	return (val){ .kind = V_UNDEF, .sub = U_HINT, .p = hint };
}

/* --- strings (string.c) -------------------------------------------------- */
val jinja_str(struct rt *rt, tl_str s); /* borrowed; made by the template */
val jinja_cstr(struct rt *rt, const char *s);
tl_str jinja_flatten(struct rt *rt, struct jstr *s);
const struct seg *jinja_segs(
    struct rt *rt, val v, struct seg *one, uint32_t *n);
val jinja_slice(struct rt *rt, val v, size_t beg, size_t end); /* bytes */
val jinja_concat(struct rt *rt, const val *v, size_t n);
bool jinja_str_is_ascii(struct rt *rt, val v);
size_t jinja_str_count(struct rt *rt, val v); /* code points */
val jinja_text(struct rt *rt, const struct tl_text *t);
val jinja_escape(struct rt *rt, val v); /* markupsafe's escape(): marked */

static inline size_t
jinja_len(val v)
{
	return v.sub == S_JSON ? v.json->text.len : v.str->len;
}

static inline tl_str
jinja_bytes(struct rt *rt, val v)
{
	if (v.sub == S_JSON)
		return v.json->text;
	if (v.str->ptr != NULL)
		return (tl_str){ v.str->ptr, v.str->len };
	return jinja_flatten(rt, v.str);
}

static inline bool
jinja_is_marked(val v)
{
	return v.kind == V_STR && (v.flags & VF_MARKED) != 0;
}

static inline val
jinja_mark(val v)
{
	v.flags |= VF_MARKED;
	return v;
}

static inline val
jinja_unmark(val v)
{
	v.flags &= (uint8_t)~VF_MARKED;
	return v;
}

/* Building text. */
void jinja_grow_sink(struct rt *rt, struct sink *s, uint32_t n);
void jinja_put_seg(struct rt *rt, struct sink *s, const struct seg *g);
void jinja_put_str(struct rt *rt, struct sink *s, val v);
void jinja_put_slice(
    struct rt *rt, struct sink *s, val v, size_t beg, size_t end);
/* Bytes made by the template (copied when they are not to stay). */
void jinja_put_lit(struct rt *rt, struct sink *s, tl_str bytes);
void jinja_put_copy(struct rt *rt, struct sink *s, tl_str bytes);
/* Bytes made from a value; copied. */
void jinja_put_derived(
    struct rt *rt, struct sink *s, tl_str bytes, const struct tl_json *node);
val jinja_take(struct rt *rt, struct sink *s); /* as a string */
/* The first JSON string or value that had a part in v, or NULL. */
const struct tl_json *jinja_origin(struct rt *rt, val v);

/* --- spelling (repr.c) --------------------------------------------------- */
val jinja_to_str(struct rt *rt, val v); /* str(v) */
val jinja_repr(struct rt *rt, val v);
void jinja_put_repr(struct rt *rt, struct sink *s, val v, unsigned depth);
void jinja_print(struct rt *rt, struct sink *s, val v); /* str(v) into s */

/* --- objects (object.c, dict.c, iter.c) ---------------------------------- */
const char *jinja_type_name(val v); /* "str", "NoneType", … */
uint32_t jinja_type_code(val v);    /* for val.aux of V_UNDEF */
const char *jinja_type_of_code(uint32_t code, bool *is_object);
val jinja_from_json(struct rt *rt, const struct tl_json *node);
struct seq *jinja_seq(struct rt *rt, val v);   /* V_LIST, V_TUPLE */
struct dict *jinja_dict(struct rt *rt, val v); /* V_DICT as struct dict */
val jinja_new_seq(struct rt *rt, enum val_kind kind, size_t n, val **items);
bool jinja_truth(struct rt *rt, val v);
bool jinja_equal(struct rt *rt, val a, val b);
bool jinja_same(val a, val b); /* Python's `is` */
bool jinja_less(struct rt *rt, val a, val b, const char *op);
bool jinja_contains(struct rt *rt, val container, val item);
bool jinja_is_hashable(struct rt *rt, val v);
uint64_t jinja_hash(struct rt *rt, val v); /* or throws: unhashable */
size_t jinja_length(struct rt *rt, val v); /* len(), or throws */
bool jinja_has_length(val v);

struct dict *jinja_new_dict(struct rt *rt, uint32_t cap);
struct dict_entry *jinja_dict_find(struct rt *rt, struct dict *d, val key);
void jinja_dict_put(struct rt *rt, struct dict *d, val key, val value);
/* d[key] of any dict; V_MISSING when absent. */
val jinja_dict_get(struct rt *rt, val d, val key);
val jinja_dict_get_str(struct rt *rt, val d, tl_str key);
size_t jinja_dict_len(struct rt *rt, val d);

struct iter {
	bool (*next)(struct rt *rt, struct iter *it, val *out);
	const char *type; /* Python's name for it */
	size_t i, n;
	val *v;
	val src;
	void *state;
	bool is_done;
};

/* iter(v), or throws that it is not iterable. */
void jinja_iter(struct rt *rt, struct iter *it, val v);
bool jinja_is_iterable(val v);
val jinja_new_iter(struct rt *rt, struct iter **out, const char *type);
val jinja_list_of(struct rt *rt, val v, enum val_kind kind); /* list(v) */

static inline bool
jinja_next_item(struct rt *rt, struct iter *it, val *out)
{
	return it->next(rt, it, out);
}

/* --- operators (arith.c) ------------------------------------------------- */
val jinja_add(struct rt *rt, val a, val b);
val jinja_arith(struct rt *rt, enum node_op op, val a, val b);
val jinja_negate(struct rt *rt, val v, bool is_plus);
val jinja_get_slice(struct rt *rt, val v, val start, val stop, val step);
bool jinja_index(val v, int64_t *out); /* an int that fits, or a bool */
val jinja_repeat(struct rt *rt, val v, int64_t n);

/* --- attributes (attr.c) ------------------------------------------------- */
val jinja_getattr(struct rt *rt, val v, const struct jstr *name);
val jinja_pure_attr(struct rt *rt, val v, const struct jstr *name);
val jinja_getitem(struct rt *rt, val v, val key);
struct attr_path; /* 'a.b.0' of map(attribute=…) and friends */
struct attr_path *jinja_attr_path(struct rt *rt, val attribute);
val jinja_attr_get(
    struct rt *rt, const struct attr_path *p, val item, const val *fallback);

/* --- ranges (range.c) ---------------------------------------------------- */
val jinja_do_range(struct rt *rt, val self, const struct args *a);
val jinja_range_at(struct rt *rt, const struct range *r, int64_t i);
val jinja_range_slice(struct rt *rt, const struct range *r, int64_t start,
    int64_t stop, val step);
int64_t jinja_range_find(struct rt *rt, const struct range *r, val item);
bool jinja_range_equal(const struct range *x, const struct range *y);
val jinja_range_attr(const struct range *r, tl_str name);
void jinja_put_range(struct rt *rt, struct sink *s, const struct range *r);

/* --- calls (call.c) ------------------------------------------------------ */
val jinja_call(struct rt *rt, val callee, const struct args *args);
void jinja_eval_args(
    struct rt *rt, const struct call_args *a, struct args *out);
val jinja_call_filter(
    struct rt *rt, val name, val subject, const struct args *args);
bool jinja_call_test(
    struct rt *rt, val name, val subject, const struct args *args);
/* Put arguments into slots by a list of names; see struct filter. */
void jinja_bind(struct rt *rt, const char *pyname, const char *params,
    const struct args *args, size_t nimplicit, val *out, size_t nout);
void jinja_no_kwargs(struct rt *rt, const char *name, const struct args *a);
void jinja_arg_count(struct rt *rt, const char *name, const struct args *a,
    size_t min, size_t max);

/* --- statements and expressions: eval.c, loop.c, macro.c, expr.c --------- */
enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };
enum flow jinja_exec(struct rt *rt, const struct nodes *body);
/* The body from statement `from` on. */
enum flow jinja_exec_from(
    struct rt *rt, const struct nodes *body, uint32_t from);
/* The template's own body when renders are to branch off its loops. */
enum flow jinja_exec_along(
    struct rt *rt, const struct nodes *body, const struct path *up);
enum flow jinja_exec_for(struct rt *rt, const struct node *n);
void jinja_exec_macro(struct rt *rt, const struct node *n);
void jinja_exec_call_block(struct rt *rt, const struct node *n);
/* Collect what the body prints; a break out of it loses the text. */
enum flow jinja_capture(struct rt *rt, const struct nodes *body, val *text);
/* Print the result of a filter or call block. */
void jinja_put_piece(struct rt *rt, val v);
val jinja_eval(struct rt *rt, const struct node *n);
bool jinja_compare(struct rt *rt, enum compare_op op, val a, val b);
bool jinja_test_truth(struct rt *rt, const struct node *n);
void jinja_enter_scope(struct rt *rt, const struct loads *l);
void jinja_check_target(struct rt *rt, const struct node *target);
void jinja_store(struct rt *rt, const struct node *target, val v);
struct act *jinja_new_act(struct rt *rt, const struct func *f, struct act *up);
val jinja_call_macro(struct rt *rt, val macro, const struct args *args);
val jinja_call_block(struct rt *rt, const struct block_info *b);
val jinja_call_loop(struct rt *rt, val loop, const struct args *args);

struct macro {
	const struct macro_info *info;
	struct act *up;
};

struct loop {
	const struct for_info *info; /* recursive loops: to call again */
	struct act *act;	     /* where the loop stands */
	struct iter it;
	val after; /* peeked, or V_MISSING */
	val before, current;
	val changed; /* last arguments of changed() */
	int64_t index0;
	int64_t length; /* -1: not known */
	int64_t depth0;
	val iterable;
};

struct loop_state {
	const struct for_info *info;
	struct loop *loop; /* or NULL */
	struct iter it;
	uint32_t line, place;
	const struct path *path; /* NULL: nothing branches off this loop */
};
/* The loop from a round on whose item is there. */
enum flow jinja_run_rounds(
    struct rt *rt, struct loop_state *s, val item, bool no_round_ended);

val jinja_loop_attr(struct rt *rt, struct loop *l, tl_str name);
bool jinja_loop_next(struct rt *rt, struct loop *l);

/* --- renders that branch off another one (along.c) ------------------------ */

/* Where in the template something stands: behind it comes the rest of `body`
 * from `next` on, then that of `up`. */
struct path {
	const struct nodes *body;
	uint32_t next;
	const struct path *up;
};

/* What a render has seen so far of the conversation that a shorter one may not
 * have, or have otherwise. */
struct seen {
	bool is_all;  /* how many messages there are, or it may be */
	size_t there; /* that so many messages are there */
	size_t roles; /* roles of the first so many */
	size_t rest;  /* … and anything else of them */
};

#define JINJA_MAX_LISTS 64u /* of messages, that can become shorter */

/* The way to the loop, gone once more with fewer messages (rehearse.c). */
struct rehearsal {
	bool is_same; /* it leaves everything as the longer one does, but for
		       * numbers that are unsettled */
	struct seen seen;
	struct dict **spaces; /* of namespaces, as it leaves them */
	val *slots;	      /* the same of variables */
	size_t nasked;	      /* questions that it has answered alike */
};

/* An unsettled number was compared. */
struct question {
	size_t which;
	enum compare_op op;
	bool is_left, answer;
	int64_t other;
};

struct along {
	bool is_watching; /* not inside a branch */
	struct seen seen;
	unsigned nchanging;  /* values that change by being used, and may be */
	unsigned ncalls;     /* of macros */
	struct tl_conv conv; /* its turns can be replaced */
	struct tl_turn *turns;
	val *items; /* the turns as values */
	struct turns *lists;
	unsigned nlists;
	struct dict **spaces; /* of namespaces */
	size_t nspaces, cap_spaces;
	struct tl_prefix *prefixes;
	size_t n;

	const struct for_info *main; /* the first loop that others branch off */
	size_t main_base;	     /* its list's first message */
	struct seen front;	     /* what was seen before it */
	bool is_rehearsing;
	struct rehearsal **rehearsals; /* for each prefix; or NULL */
	bool has_unsettled;	       /* after rehearsals */
	bool was_told; /* somebody has looked at what is unsettled */
	/* Numbers of namespaces that differ among them. */
	struct {
		size_t space;
		uint32_t entry;
	} unsettled[8];
	size_t nunsettled;
	/* Variables that differ and must not be looked at. */
	uint32_t unsettled_slots[8];
	size_t nunsettled_slots;
	const struct act *root; /* they are of this one */
	struct question *asked;
	size_t nasked, cap_asked;
};

void jinja_start_along(struct rt *rt, struct tl_arena *a, struct along *w,
    struct tl_prefix *prefixes, size_t n);
/* Branch off in front of a round of a loop over messages. */
void jinja_branch(
    struct rt *rt, struct loop_state *s, val item, bool no_round_ended);
val jinja_turns(struct rt *rt, size_t base);
void jinja_add_space(struct rt *rt, struct dict *d);

static inline bool
jinja_is_watched(const struct rt *rt)
{
	return rt->along != NULL && rt->along->is_watching;
}

/* A value has come about that changes by being used. */
static inline void
jinja_note_changing(struct rt *rt)
{
	if (jinja_is_watched(rt))
		rt->along->nchanging++;
}

/* What has come about while an expression was evaluated is gone with it unless
 * its value holds it or a macro kept it. */
struct passing {
	unsigned nchanging, ncalls;
};

static inline struct passing
jinja_passing(const struct rt *rt)
{
	if (!jinja_is_watched(rt))
		return (struct passing){ 0, 0 };
	return (struct passing){ rt->along->nchanging, rt->along->ncalls };
}

/* How many. */
static inline unsigned
jinja_passed(const struct rt *rt, struct passing before)
{
	if (!jinja_is_watched(rt) || rt->along->ncalls != before.ncalls)
		return 0;
	return rt->along->nchanging - before.nchanging;
}

static inline void
jinja_note_passed(struct rt *rt, struct passing before)
{
	if (jinja_is_watched(rt))
		rt->along->nchanging -= jinja_passed(rt, before);
}

bool jinja_is_settled(val v);

/* Which unsettled number an entry of a namespace is, counted from 1; 0: none */
unsigned jinja_unsettled(const struct rt *rt, const struct dict_entry *e);
/* Two values are compared, one of which is marked so. */
void jinja_note_compared(struct rt *rt, enum compare_op op, val a,
    unsigned mark_a, val b, unsigned mark_b);

static inline void
jinja_note_unsettled(struct rt *rt)
{
	rt->along->was_told = true;
}

/* A variable is looked at. */
void jinja_note_slot(struct rt *rt, const struct act *act, uint32_t slot);

static inline bool
jinja_has_unsettled(const struct rt *rt)
{
	return rt->along != NULL && rt->along->has_unsettled &&
	    rt->along->is_watching && !rt->along->is_rehearsing;
}

static inline void
jinja_note_all(struct rt *rt)
{
	if (jinja_is_watched(rt))
		rt->along->seen.is_all = true;
}

/* Message i is there. */
static inline void
jinja_note_there(struct rt *rt, size_t i)
{
	if (jinja_is_watched(rt) && rt->along->seen.there <= i)
		rt->along->seen.there = i + 1;
}

void jinja_note_read(struct rt *rt, const struct tl_turn *turn, bool is_role);

/* --- filters, tests, globals, methods ---
 * A parameter list is "name name=default name?": a name alone is required, a
 * question mark means optional without value (V_MISSING).  '/' in front: no
 * keyword arguments. */
#define JINJA_MAX_PARAMS 8

typedef val filter_fn(struct rt *rt, val subject, val *a);
typedef val filter_raw_fn(struct rt *rt, val subject, const struct args *a);

struct filter {
	const char *name;
	const char *pyname; /* in messages: "do_upper" */
	const char *params; /* NULL: takes args raw */
	union {
		filter_fn *fn;
		filter_raw_fn *raw;
	};
};

typedef bool test_fn(struct rt *rt, val subject, val *a);

struct test {
	const char *name;
	const char *pyname;
	const char *params;
	test_fn *fn;
};

struct method {
	const char *name;
	const char *params; /* as above; NULL: raw */
	union {
		filter_fn *fn;
		filter_raw_fn *raw;
	};
};

struct bound {
	const struct method *method;
	val self;
};

struct global {
	const char *name;
	const char *class; /* NULL: a function */
	filter_raw_fn *fn; /* subject is unused */
};

const struct filter *jinja_find_filter(tl_str name);
const struct test *jinja_find_test(tl_str name);
const struct global *jinja_find_global(tl_str name);
const struct method *jinja_find_method(val v, tl_str name);
/* 1: a mutating method the sandbox refuses. */
bool jinja_is_mutator(val v, tl_str name);
bool jinja_is_dict_attr(tl_str name); /* of Python's dict */
val jinja_run_filter(struct rt *rt, const struct filter *f, val subject,
    const struct args *args);
bool jinja_run_test(
    struct rt *rt, const struct test *t, val subject, const struct args *args);

/* Tables, one a file. */
extern const struct filter jinja_filters_text[];
extern const struct filter jinja_filters_seq[];
extern const struct filter jinja_filters_map[];
extern const struct filter jinja_filters_num[];
extern const struct method jinja_str_methods[];

/* --- shared by filters and methods --------------------------------------- */
val jinja_str_arg(struct rt *rt, val v, const char *what);
val jinja_map_case(struct rt *rt, val s, int how); /* 'u', 'l', 'c', 't' … */
val jinja_strip_chars(struct rt *rt, val s, val chars, bool left, bool right);
size_t jinja_find(struct rt *rt, tl_str s, tl_str needle, size_t from);
size_t jinja_find_last(struct rt *rt, tl_str s, tl_str needle, size_t from);
val jinja_replace(struct rt *rt, val s, val from, val to, int64_t count);
val jinja_join(struct rt *rt, val sep, const struct seq *items);
val jinja_split(struct rt *rt, val s, val sep, int64_t max, bool from_right);
val jinja_splitlines(struct rt *rt, val s, bool keep);
val jinja_center(struct rt *rt, val s, int64_t width, val fill, int where);
val jinja_percent(struct rt *rt, val fmt, val arg); /* fmt % arg */
val jinja_format(struct rt *rt, val fmt, const struct args *args);
val jinja_format_value(struct rt *rt, val v, tl_str spec);
val jinja_tojson(struct rt *rt, val v, const struct args *args);
void jinja_sort(struct rt *rt, val *v, const val *keys, size_t n, bool reverse);
val jinja_pprint(struct rt *rt, val v, val *a);
val jinja_wordwrap(struct rt *rt, val v, val *a);
bool jinja_islower(struct rt *rt, val s);
bool jinja_isupper(struct rt *rt, val s);
bool jinja_float_of(struct rt *rt, val v, double *out); /* float(v) */

/* --- the engine's face (render.c) ---------------------------------------- */
enum tl_status jinja_load(struct tl_arena *a, tl_str source, unsigned flags,
    struct jinja **out, struct tl_error *err) TL_MUST_USE;
void jinja_render(const struct jinja *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out);

/* The same, and conversations that begin as this one does. */
void jinja_render_along(const struct jinja *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out,
    struct tl_prefix *prefixes, size_t n);

/* A variable given by value: the first of node, text, and number that is
 * there.  Later ones of the same name win. */
struct jinja_var {
	tl_str name;
	const struct tl_json *node;
	const struct tl_text *text;
	bool is_bool;
	int64_t number;
};

/* Render with these variables alone: none of a conversation. */
void jinja_render_vars(const struct jinja *t, struct tl_arena *a,
    const struct jinja_var *vars, size_t nvars,
    const struct tl_render_options *opt, struct tl_render *out);

#endif
