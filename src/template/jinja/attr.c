/* SPDX-License-Identifier: Apache-2.0 */
/* attr.c - a.b and a['b'], as the sandbox allows them. */
#include "template/jinja/rt.h"

static tl_str
bytes_of(const struct jstr *s)
{
	return (tl_str){ s->ptr, s->len };
}

static val
str_val(const struct jstr *s)
{
	return (val){ .kind = V_STR, .str = (struct jstr *)(uintptr_t)s };
}

static val
undef_attr(val v, const struct jstr *name)
{
	return (val){ .kind = V_UNDEF,
		.sub = U_ATTR,
		.aux = jinja_type_code(v),
		.p = name };
}

static val
undef_item(struct rt *rt, val v, val key)
{
	val *copy;

	if (key.kind == V_STR) {
		tl_str s = jinja_bytes(rt, key);
		struct jstr *name = jinja_str(rt, s).str;

		return undef_attr(v, name);
	}
	copy = jinja_alloc(rt, sizeof(*copy));
	*copy = key;
	return (val){ .kind = V_UNDEF,
		.sub = U_ELEM,
		.aux = jinja_type_code(v),
		.p = copy };
}

static val
unsafe(val v, const struct jstr *name)
{
	return (val){ .kind = V_UNDEF,
		.sub = U_UNSAFE,
		.aux = jinja_type_code(v),
		.p = name };
}

/* --- Python attributes --------------------------------------------------- */

/* Attributes that every object has; all of them are refused. */
static bool
is_dunder(tl_str name)
{
	static const char *const always[] = { "__class__", "__delattr__",
		"__dir__", "__doc__", "__eq__", "__format__", "__ge__",
		"__getattribute__", "__gt__", "__hash__", "__init__",
		"__init_subclass__", "__le__", "__lt__", "__ne__", "__new__",
		"__reduce__", "__reduce_ex__", "__repr__", "__setattr__",
		"__sizeof__", "__str__", "__subclasshook__" };

	if (!tl_str_starts(name, TL_STR("__")))
		return false;
	for (size_t i = 0; i < TL_COUNT(always); i++) {
		if (tl_str_eq(name, tl_str_from(always[i])))
			return true;
	}
	return false;
}

/* More of them, of containers and numbers. */
static bool
is_dunder_of(val v, tl_str name)
{
	static const char *const sized[] = { "__len__", "__contains__",
		"__getitem__", "__iter__" };
	bool is_container = v.kind == V_STR || v.kind == V_LIST ||
	    v.kind == V_TUPLE || v.kind == V_DICT || v.kind == V_RANGE;

	if (is_dunder(name))
		return true;
	for (size_t i = 0; is_container && i < TL_COUNT(sized); i++) {
		if (tl_str_eq(name, tl_str_from(sized[i])))
			return true;
	}
	if (tl_str_eq(name, TL_STR("__call__")))
		return v.kind == V_FUNC || v.kind == V_MACRO ||
		    v.kind == V_METHOD || v.kind == V_LOOP;
	if (tl_str_eq(name, TL_STR("__add__")) ||
	    tl_str_eq(name, TL_STR("__mul__")) ||
	    tl_str_eq(name, TL_STR("__rmul__")))
		return is_container && v.kind != V_DICT && v.kind != V_RANGE;
	if (tl_str_eq(name, TL_STR("__name__")) ||
	    tl_str_eq(name, TL_STR("__qualname__")) ||
	    tl_str_eq(name, TL_STR("__module__")))
		return v.kind == V_FUNC || v.kind == V_METHOD;
	return tl_str_eq(name, TL_STR("__html__")) && jinja_is_marked(v);
}

static val
bind_method(struct rt *rt, const struct method *m, val self)
{
	struct bound *b = jinja_alloc(rt, sizeof(*b));

	b->method = m;
	b->self = self;
	return (val){ .kind = V_METHOD, .p = b };
}

static val
macro_attr(struct rt *rt, const struct macro *m, tl_str name)
{
	const struct macro_info *info = m->info;
	val *v, list;

	if (tl_str_eq(name, TL_STR("name")))
		return info->name != NULL ? str_val(info->name) : jinja_none();
	if (tl_str_eq(name, TL_STR("catch_kwargs")))
		return jinja_bool(info->takes_kwargs);
	if (tl_str_eq(name, TL_STR("catch_varargs")))
		return jinja_bool(info->takes_varargs);
	if (tl_str_eq(name, TL_STR("caller")))
		return jinja_bool(info->takes_caller);
	if (!tl_str_eq(name, TL_STR("arguments")))
		return (val){ 0 };
	list = jinja_new_seq(rt, V_TUPLE, info->args.n, &v);
	for (uint32_t i = 0; i < info->args.n; i++)
		v[i] = str_val(info->args.v[i]->name);
	return list;
}

static val
number_attr(val v, tl_str name)
{
	if (tl_str_eq(name, TL_STR("real"))) {
		v.aux = 0;
		return v.kind == V_BOOL ? jinja_int(v.b) : v;
	}
	if (tl_str_eq(name, TL_STR("imag")))
		return v.kind == V_FLOAT ? jinja_float(0.0) : jinja_int(0);
	if (v.kind == V_FLOAT)
		return (val){ 0 };
	if (tl_str_eq(name, TL_STR("numerator"))) {
		v.aux = 0;
		return v.kind == V_BOOL ? jinja_int(v.b) : v;
	}
	if (tl_str_eq(name, TL_STR("denominator")))
		return jinja_int(1);
	return (val){ 0 };
}

static val
group_attr(struct rt *rt, val v, tl_str name)
{
	const struct seq *s = jinja_seq(rt, v);

	if (tl_str_eq(name, TL_STR("grouper")))
		return s->v[0];
	if (tl_str_eq(name, TL_STR("list")))
		return s->v[1];
	return (val){ 0 };
}

/* getattr(v, name) within the sandbox; V_MISSING is AttributeError. */
static val
py_attr(struct rt *rt, val v, const struct jstr *name)
{
	tl_str s = bytes_of(name);
	const struct method *m;
	val found = { 0 };

	switch ((enum val_kind)v.kind) {
	case V_STR:
	case V_LIST:
	case V_TUPLE:
	case V_DICT:
	case V_INT:
	case V_BIG:
	case V_BOOL:
	case V_FLOAT:
	case V_RANGE:
	case V_VIEW:
	case V_CYCLER:
		m = jinja_find_method(v, s);
		if (m != NULL)
			return jinja_is_mutator(v, s) ? unsafe(v, name)
						      : bind_method(rt, m, v);
		if (jinja_is_mutator(v, s))
			return unsafe(v, name);
		break;
	case V_NS: {
		struct dict_entry *e =
		    jinja_dict_find(rt, v.dict, str_val(name));

		if (e != NULL && jinja_has_unsettled(rt) &&
		    jinja_unsettled(rt, e) > 0)
			jinja_note_unsettled(rt);
		if (e != NULL && (s.len == 0 || s.ptr[0] != '_'))
			return e->value;
		if (e != NULL)
			return unsafe(v, name);
		break;
	}
	case V_LOOP:
		found = jinja_loop_attr(rt, (struct loop *)(uintptr_t)v.p, s);
		break;
	case V_MACRO:
		found = macro_attr(rt, v.p, s);
		break;
	case V_SELF: {
		const struct tl_map_entry *e = tl_map_find(&rt->t->blocks, s);

		if (e != NULL)
			return (val){ .kind = V_BLOCK, .p = e->ptr };
		break;
	}
	case V_BLOCK:
		if (tl_str_eq(s, TL_STR("name")))
			return str_val(((const struct block_info *)v.p)->name);
		break;
	default:
		break;
	}
	if (found.kind != V_MISSING)
		return found;
	if (v.kind == V_CYCLER && tl_str_eq(s, TL_STR("current")))
		found = v.seq->v[v.seq->v[v.seq->n - 1].i];
	else if (v.kind == V_RANGE)
		found = jinja_range_attr(v.p, s);
	else if (v.kind == V_FLOAT || jinja_is_int(v))
		found = number_attr(v, s);
	else if (v.kind == V_TUPLE && (v.flags & VF_GROUP) != 0)
		found = group_attr(rt, v, s);
	if (found.kind == V_MISSING && s.len > 0 && s.ptr[0] == '_' &&
	    is_dunder_of(v, s))
		return unsafe(v, name);
	return found;
}

/* --- subscripts ---------------------------------------------------------- */

/* v[key] of Python; V_MISSING is TypeError or LookupError. */
static val
py_item(struct rt *rt, val v, val key)
{
	int64_t i;
	const struct seq *q;
	const struct range *r;
	size_t n, beg;
	uint32_t cp;

	switch ((enum val_kind)v.kind) {
	case V_DICT:
		if (key.kind != V_STR && !jinja_is_hashable(rt, key))
			return (val){ 0 }; /* no such key */
		return jinja_dict_get(rt, v, key);
	case V_LIST:
	case V_TUPLE:
		if (!jinja_index(key, &i))
			return (val){ 0 };
		if (v.sub == L_TURNS && i >= 0 && i < (int64_t)v.seq->n) {
			jinja_note_there(
			    rt, ((const struct turns *)v.p)->base + (size_t)i);
			return v.seq->v[i];
		}
		q = jinja_seq(rt, v);
		if (i < 0)
			i += (int64_t)q->n;
		return i >= 0 && i < (int64_t)q->n ? q->v[i] : (val){ 0 };
	case V_STR:
		if (!jinja_index(key, &i))
			return (val){ 0 };
		n = jinja_str_count(rt, v);
		if (i < 0)
			i += (int64_t)n;
		if (i < 0 || i >= (int64_t)n)
			return (val){ 0 };
		beg = jinja_str_is_ascii(rt, v)
		    ? (size_t)i
		    : jinja_offset(jinja_bytes(rt, v), (size_t)i);
		n = jinja_next(jinja_bytes(rt, v), beg, &cp);
		key = jinja_slice(rt, v, beg, beg + n);
		return jinja_is_marked(v) ? jinja_mark(key) : key;
	case V_RANGE:
		r = v.p;
		if (!jinja_index(key, &i))
			return (val){ 0 };
		if (i < 0)
			i += r->n;
		return i >= 0 && i < r->n ? jinja_range_at(rt, r, i)
					  : (val){ 0 };
	default:
		return (val){ 0 };
	}
}

val
jinja_getattr(struct rt *rt, val v, const struct jstr *name)
{
	val found;

	if (v.kind == V_UNDEF) {
		if (tl_str_starts(bytes_of(name), TL_STR("__")) &&
		    is_dunder_of(v, bytes_of(name)))
			return unsafe(v, name);
		jinja_throw_undef(rt, v);
	}
	found = py_attr(rt, v, name);
	if (found.kind == V_MISSING)
		found = py_item(rt, v, str_val(name));
	return found.kind == V_MISSING ? undef_attr(v, name) : found;
}

/* The filter attr: attributes alone, never keys. */
val
jinja_pure_attr(struct rt *rt, val v, const struct jstr *name)
{
	val found;

	if (v.kind == V_UNDEF)
		return jinja_getattr(rt, v, name);
	found = py_attr(rt, v, name);
	return found.kind == V_MISSING ? undef_attr(v, name) : found;
}

val
jinja_getitem(struct rt *rt, val v, val key)
{
	val found;

	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	found = py_item(rt, v, key);
	if (found.kind != V_MISSING)
		return found;
	if (key.kind == V_STR) {
		struct jstr *name = key.str;

		if (key.sub == S_JSON || name->ptr == NULL)
			name = jinja_str(rt, jinja_bytes(rt, key)).str;
		found = py_attr(rt, v, name);
		return found.kind == V_MISSING ? undef_attr(v, name) : found;
	}
	return undef_item(rt, v, key);
}

/* --- attribute paths ----------------------------------------------------- */

struct attr_path {
	size_t n;
	val parts[];
};

static bool
all_digits(tl_str s)
{
	uint32_t cp;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len;) {
		i += jinja_next(s, i, &cp);
		if (!jinja_is_digit(cp))
			return false;
	}
	return true;
}

/* int() of digits of any script. */
static val
digits_value(struct rt *rt, tl_str s)
{
	struct tl_buf b;
	uint32_t cp;
	val v;

	tl_buf_init(&b, rt->arena, 0);
	for (size_t i = 0; i < s.len;) {
		i += jinja_next(s, i, &cp);
		if (jinja_digit_value(cp) < 0)
			jinja_throw(rt, "ValueError",
			    "invalid literal for int() with base 10");
		tl_buf_putc(&b, (char)('0' + jinja_digit_value(cp)));
	}
	if (!jinja_int_parse(rt->arena, tl_buf_str(&b), 10, &v))
		jinja_throw(rt, "ValueError",
		    "Exceeds the limit (4300 digits) for integer string "
		    "conversion");
	return v;
}

struct attr_path *
jinja_attr_path(struct rt *rt, val attribute)
{
	struct attr_path *p;
	tl_str s;
	size_t n = 1, at = 0;

	if (attribute.kind == V_STR) {
		s = jinja_bytes(rt, attribute);
		for (size_t i = 0; i < s.len; i++)
			n += s.ptr[i] == '.';
	}
	p = jinja_alloc(rt, sizeof(*p) + n * sizeof(val));
	p->n = 0;
	if (attribute.kind == V_NONE || attribute.kind == V_MISSING)
		return p;
	if (attribute.kind != V_STR) {
		p->parts[p->n++] = attribute;
		return p;
	}
	for (;;) {
		size_t dot = tl_str_find_char(s, '.', at);
		tl_str part = tl_str_slice(s, at, dot == TL_NPOS ? s.len : dot);

		p->parts[p->n++] = all_digits(part) ? digits_value(rt, part)
						    : jinja_str(rt, part);
		if (dot == TL_NPOS)
			return p;
		at = dot + 1;
	}
}

val
jinja_attr_get(
    struct rt *rt, const struct attr_path *p, val item, const val *fallback)
{
	for (size_t i = 0; i < p->n; i++) {
		item = jinja_getitem(rt, item, p->parts[i]);
		if (fallback != NULL && fallback->kind != V_NONE &&
		    fallback->kind != V_MISSING && item.kind == V_UNDEF)
			item = *fallback;
	}
	return item;
}
