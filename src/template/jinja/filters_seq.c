/* SPDX-License-Identifier: Apache-2.0 */
/* filters_seq.c - filters over lists, dicts and whatever iterates. */
#include "template/jinja/rt.h"

#include <math.h>

static bool
flag(struct rt *rt, val v)
{
	return v.kind != V_MISSING && jinja_truth(rt, v);
}

static val
do_length(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_int((int64_t)jinja_length(rt, v));
}

static val
do_list(struct rt *rt, val v, val *a)
{
	(void)a;
	return jinja_list_of(rt, v, V_LIST);
}

static val
do_first(struct rt *rt, val v, val *a)
{
	struct iter it;
	val item;

	(void)a;
	jinja_iter(rt, &it, v);
	if (jinja_next_item(rt, &it, &item))
		return item;
	return jinja_undef_hint("No first item, sequence was empty.");
}

static val
do_last(struct rt *rt, val v, val *a)
{
	const struct seq *s;

	(void)a;
	if (v.kind == V_ITER || !jinja_is_iterable(v) || v.kind == V_LOOP)
		jinja_throw(rt, "TypeError", "'%s' object is not reversible",
		    jinja_type_name(v));
	s = jinja_list_of(rt, v, V_LIST).seq;
	if (s->n == 0)
		return jinja_undef_hint("No last item, sequence was empty.");
	return s->v[s->n - 1];
}

static val
do_random(struct rt *rt, val v, val *a)
{
	(void)v;
	(void)a;
	jinja_throw(rt, "NotImplementedError",
	    "the filter random picks by chance; it is not rendered here");
}

static val
do_default(struct rt *rt, val v, val *a)
{
	if (v.kind != V_UNDEF && !(flag(rt, a[1]) && !jinja_truth(rt, v)))
		return v;
	return a[0].kind == V_MISSING ? jinja_str(rt, TL_STR("")) : a[0];
}

/* --- dicts --------------------------------------------------------------- */

static val
pair(struct rt *rt, val key, val value)
{
	val *v, t = jinja_new_seq(rt, V_TUPLE, 2, &v);

	v[0] = key;
	v[1] = value;
	return t;
}

/* Generators fail when they are consumed, not when they are made. */
static bool
next_item_pair(struct rt *rt, struct iter *it, val *out)
{
	const struct dict *d;

	if (it->src.kind == V_UNDEF)
		return false;
	if (it->src.kind != V_DICT)
		jinja_throw(
		    rt, "TypeError", "Can only get item pairs from a mapping.");
	d = jinja_dict(rt, it->src);
	if (it->i >= d->n)
		return false;
	jinja_step(rt, 1);
	*out = pair(rt, d->v[it->i].key, d->v[it->i].value);
	it->i++;
	return true;
}

static val
do_items(struct rt *rt, val v, val *a)
{
	struct iter *it;
	val g = jinja_new_iter(rt, &it, "generator");

	(void)a;
	it->next = next_item_pair;
	it->src = v;
	return g;
}

static val
fold_case(struct rt *rt, val v)
{
	return v.kind == V_STR ? jinja_map_case(rt, v, 'l') : v;
}

static val
do_dictsort(struct rt *rt, val v, val *a)
{
	bool case_sensitive = flag(rt, a[0]);
	bool by_value = false;
	const struct dict *d;
	val *items, *keys, list;

	if (a[1].kind != V_MISSING) {
		tl_str by =
		    a[1].kind == V_STR ? jinja_bytes(rt, a[1]) : TL_STR("");

		by_value = tl_str_eq(by, TL_STR("value"));
		if (!by_value && !tl_str_eq(by, TL_STR("key")))
			jinja_throw(rt, "FilterArgumentError",
			    "You can only sort by either \"key\" or "
			    "\"value\"");
	}
	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	if (v.kind != V_DICT)
		jinja_throw(rt, "AttributeError",
		    "'%s' object has no attribute 'items'", jinja_type_name(v));
	d = jinja_dict(rt, v);
	list = jinja_new_seq(rt, V_LIST, d->n, &items);
	keys = jinja_array(rt, d->n, sizeof(val));
	for (uint32_t i = 0; i < d->n; i++) {
		items[i] = pair(rt, d->v[i].key, d->v[i].value);
		keys[i] = by_value ? d->v[i].value : d->v[i].key;
		if (!case_sensitive)
			keys[i] = fold_case(rt, keys[i]);
	}
	jinja_sort(rt, items, keys, d->n, flag(rt, a[2]));
	return list;
}

/* --- sorting ------------------------------------------------------------- */

/* Stable merge sort; `reverse` keeps equal items in order, as Python does. */
static void
merge(struct rt *rt, val *v, val *keys, val *tmp, val *tmpk, size_t beg,
    size_t end, bool reverse)
{
	size_t mid = beg + (end - beg) / 2, i = beg, k = mid, o = beg;

	if (end - beg < 2)
		return;
	merge(rt, v, keys, tmp, tmpk, beg, mid, reverse);
	merge(rt, v, keys, tmp, tmpk, mid, end, reverse);
	while (i < mid || k < end) {
		bool right;

		if (i == mid || k == end)
			right = i == mid;
		else if (reverse)
			right = jinja_less(rt, keys[i], keys[k], "<");
		else
			right = jinja_less(rt, keys[k], keys[i], "<");
		tmp[o] = v[right ? k : i];
		tmpk[o++] = keys[right ? k++ : i++];
	}
	memcpy(v + beg, tmp + beg, (end - beg) * sizeof(*v));
	memcpy(keys + beg, tmpk + beg, (end - beg) * sizeof(*v));
}

void
jinja_sort(struct rt *rt, val *v, const val *keys, size_t n, bool reverse)
{
	val *work = jinja_array(rt, n, sizeof(val));
	val *tmp = jinja_array(rt, n, sizeof(val));
	val *tmpk = jinja_array(rt, n, sizeof(val));

	if (n > 0)
		memcpy(work, keys, n * sizeof(val));
	merge(rt, v, work, tmp, tmpk, 0, n, reverse);
}

/* The keys of sort(attribute='a,b.c'): a list of one value an attribute. */
static val
multi_key(struct rt *rt, struct attr_path **paths, size_t npaths, val item,
    bool case_sensitive)
{
	val *v, list = jinja_new_seq(rt, V_LIST, npaths, &v);

	for (size_t i = 0; i < npaths; i++) {
		v[i] = jinja_attr_get(rt, paths[i], item, NULL);
		if (!case_sensitive)
			v[i] = fold_case(rt, v[i]);
	}
	return list;
}

static struct attr_path **
multi_paths(struct rt *rt, val attribute, size_t *n)
{
	struct attr_path **paths;
	const struct seq *parts;

	if (attribute.kind != V_STR) {
		paths = jinja_alloc(rt, sizeof(*paths));
		paths[0] = jinja_attr_path(rt, attribute);
		*n = 1;
		return paths;
	}
	parts =
	    jinja_split(rt, attribute, jinja_str(rt, TL_STR(",")), -1, false)
		.seq;
	paths = jinja_array(rt, parts->n, sizeof(*paths));
	for (size_t i = 0; i < parts->n; i++)
		paths[i] = jinja_attr_path(rt, parts->v[i]);
	*n = parts->n;
	return paths;
}

static val
do_sort(struct rt *rt, val v, val *a)
{
	bool case_sensitive = flag(rt, a[1]);
	size_t npaths;
	struct attr_path **paths = multi_paths(rt, a[2], &npaths);
	val list = jinja_list_of(rt, v, V_LIST), *keys;
	struct seq *s = list.seq;

	keys = jinja_array(rt, s->n, sizeof(val));
	for (size_t i = 0; i < s->n; i++)
		keys[i] = multi_key(rt, paths, npaths, s->v[i], case_sensitive);
	jinja_sort(rt, s->v, keys, s->n, flag(rt, a[0]));
	return list;
}

static val
do_groupby(struct rt *rt, val v, val *a)
{
	bool case_sensitive = flag(rt, a[2]);
	struct attr_path *path = jinja_attr_path(rt, a[0]);
	val list = jinja_list_of(rt, v, V_LIST), *keys, *groups, out;
	struct seq *s = list.seq;
	size_t n = 0;

	keys = jinja_array(rt, s->n, sizeof(val));
	for (size_t i = 0; i < s->n; i++) {
		keys[i] = jinja_attr_get(rt, path, s->v[i], &a[1]);
		if (!case_sensitive)
			keys[i] = fold_case(rt, keys[i]);
	}
	jinja_sort(rt, s->v, keys, s->n, false);
	out = jinja_new_seq(rt, V_LIST, s->n, &groups);
	for (size_t i = 0, end; i < s->n; i = end) {
		val key = jinja_attr_get(rt, path, s->v[i], &a[1]);
		val folded = case_sensitive ? key : fold_case(rt, key);
		val *items, members;

		for (end = i + 1; end < s->n; end++) {
			val k = jinja_attr_get(rt, path, s->v[end], &a[1]);

			if (!jinja_equal(rt, folded,
				case_sensitive ? k : fold_case(rt, k)))
				break;
		}
		members = jinja_new_seq(rt, V_LIST, end - i, &items);
		memcpy(items, s->v + i, (end - i) * sizeof(val));
		groups[n] = pair(rt, key, members);
		groups[n++].flags = VF_GROUP;
	}
	out.seq->n = n;
	return out;
}

/* --- unique -------------------------------------------------------------- */

struct unique {
	struct iter it;
	struct attr_path *path;
	struct dict *seen;
	bool case_sensitive, is_started;
	val src;
};

static bool
next_unique(struct rt *rt, struct iter *it, val *out)
{
	struct unique *u = it->state;
	val item, key;

	if (!u->is_started)
		jinja_iter(rt, &u->it, u->src);
	u->is_started = true;
	while (jinja_next_item(rt, &u->it, &item)) {
		key = jinja_attr_get(rt, u->path, item, NULL);
		if (!u->case_sensitive)
			key = fold_case(rt, key);
		if (jinja_dict_find(rt, u->seen, key) != NULL)
			continue;
		jinja_dict_put(rt, u->seen, key, jinja_none());
		*out = item;
		return true;
	}
	return false;
}

static val
do_unique(struct rt *rt, val v, val *a)
{
	struct unique *u = jinja_alloc(rt, sizeof(*u));
	struct iter *it;
	val g = jinja_new_iter(rt, &it, "generator");

	memset(u, 0, sizeof(*u));
	u->src = v;
	u->case_sensitive = flag(rt, a[0]);
	u->path = jinja_attr_path(rt, a[1]);
	u->seen = jinja_new_dict(rt, 8);
	it->next = next_unique;
	it->state = u;
	return g;
}

/* --- reverse, batch, slice ----------------------------------------------- */

static val
iter_over(struct rt *rt, val list, const char *type)
{
	struct iter *it;
	val g = jinja_new_iter(rt, &it, type);

	jinja_iter(rt, it, list);
	it->type = type;
	return g;
}

static val
do_reverse(struct rt *rt, val v, val *a)
{
	struct seq *s;
	val list;
	bool is_iter = v.kind == V_ITER;

	(void)a;
	if (v.kind == V_STR)
		return jinja_get_slice(
		    rt, v, jinja_none(), jinja_none(), jinja_int(-1));
	if (!jinja_is_iterable(v))
		jinja_throw(
		    rt, "FilterArgumentError", "argument must be iterable");
	list = jinja_list_of(rt, v, V_LIST);
	s = list.seq;
	for (size_t i = 0; i < s->n / 2; i++) {
		val x = s->v[i];

		s->v[i] = s->v[s->n - 1 - i];
		s->v[s->n - 1 - i] = x;
	}
	return is_iter ? list : iter_over(rt, list, "list_reverseiterator");
}

static int64_t
count_arg(struct rt *rt, val v)
{
	int64_t i;

	if (v.kind == V_UNDEF)
		jinja_throw_undef(rt, v);
	if (!jinja_index(v, &i))
		jinja_throw(rt, "TypeError",
		    "'%s' object cannot be interpreted as an integer",
		    jinja_type_name(v));
	return i;
}

struct chunks {
	val src, fill;
	struct iter it;
	val count, held;
	bool is_started, has_held;
};

static bool
next_batch(struct rt *rt, struct iter *it, val *out)
{
	struct chunks *c = it->state;
	int64_t want = -1, n = 0;
	val *v, list, item;
	size_t cap = 8;

	if (!c->is_started)
		jinja_iter(rt, &c->it, c->src);
	c->is_started = true;
	/* Python compares a length with it: 2.0 is 2. */
	if (!jinja_index(c->count, &want) && c->count.kind == V_FLOAT &&
	    c->count.f >= 0 && c->count.f < 1e9 &&
	    c->count.f == floor(c->count.f))
		want = (int64_t)c->count.f;
	list = jinja_new_seq(rt, V_LIST, cap, &v);
	list.seq->n = 0;
	while (c->has_held || jinja_next_item(rt, &c->it, &item)) {
		bool was_held = c->has_held; /* the batch before it is out */

		if (was_held)
			item = c->held;
		c->has_held = false;
		if (n == want && !was_held) {
			c->held = item;
			c->has_held = true;
			break;
		}
		if ((size_t)n == cap) {
			val *more = jinja_array(rt, cap * 2, sizeof(val));

			memcpy(more, list.seq->v, cap * sizeof(val));
			list.seq->v = more;
			cap *= 2;
		}
		list.seq->v[n++] = item;
	}
	list.seq->n = (size_t)n;
	/* A first batch of nothing comes before the first item. */
	if (n == 0 && !c->has_held)
		return false;
	if (!c->has_held && c->fill.kind != V_NONE &&
	    c->fill.kind != V_MISSING && n < want) {
		val filler = jinja_new_seq(rt, V_LIST, 1, &v);

		if (c->count.kind == V_FLOAT)
			jinja_throw(rt, "TypeError",
			    "can't multiply sequence by non-int of type "
			    "'float'");
		v[0] = c->fill;
		list = jinja_add(rt, list, jinja_repeat(rt, filler, want - n));
	}
	*out = list;
	return true;
}

static val
do_batch(struct rt *rt, val v, val *a)
{
	struct chunks *c = jinja_alloc(rt, sizeof(*c));
	struct iter *it;
	val g = jinja_new_iter(rt, &it, "generator");

	memset(c, 0, sizeof(*c));
	c->src = v;
	c->count = a[0];
	c->fill = a[1];
	it->next = next_batch;
	it->state = c;
	return g;
}

static bool
next_slice(struct rt *rt, struct iter *it, val *out)
{
	struct chunks *c = it->state;
	int64_t n, len, per, extra, start, end;
	val list, *v;

	if (!c->is_started)
		c->src = jinja_list_of(rt, c->src, V_LIST);
	c->is_started = true;
	n = count_arg(rt, c->count);
	if (n == 0)
		jinja_throw(rt, "ZeroDivisionError",
		    "integer division or modulo by zero");
	if ((int64_t)it->i >= n)
		return false;
	jinja_step(rt, 1);
	len = (int64_t)c->src.seq->n;
	per = len / n;
	extra = len % n;
	start = (int64_t)it->i * per +
	    ((int64_t)it->i < extra ? (int64_t)it->i : extra);
	end = start + per + ((int64_t)it->i < extra);
	list = jinja_get_slice(
	    rt, c->src, jinja_int(start), jinja_int(end), jinja_none());
	if (c->fill.kind != V_NONE && c->fill.kind != V_MISSING &&
	    (int64_t)it->i >= extra) {
		val filler = jinja_new_seq(rt, V_LIST, 1, &v);

		v[0] = c->fill;
		list = jinja_add(rt, list, filler);
	}
	it->i++;
	*out = list;
	return true;
}

static val
do_slice(struct rt *rt, val v, val *a)
{
	struct chunks *c = jinja_alloc(rt, sizeof(*c));
	struct iter *it;
	val g = jinja_new_iter(rt, &it, "generator");

	memset(c, 0, sizeof(*c));
	c->src = v;
	c->count = a[0];
	c->fill = a[1];
	it->next = next_slice;
	it->state = c;
	return g;
}

static val
do_attr(struct rt *rt, val v, val *a)
{
	val name = jinja_str_arg(rt, a[0], "attribute name");

	return jinja_pure_attr(rt, v, jinja_str(rt, jinja_bytes(rt, name)).str);
}

const struct filter jinja_filters_seq[] = {
	{ "attr", "do_attr", "name", { .fn = do_attr } },
	{ "batch", "do_batch", "linecount fill_with?", { .fn = do_batch } },
	{ "count", "len", "/", { .fn = do_length } },
	{ "d", "do_default", "default_value? boolean?", { .fn = do_default } },
	{ "default", "do_default", "default_value? boolean?",
	    { .fn = do_default } },
	{ "dictsort", "do_dictsort", "case_sensitive? by? reverse?",
	    { .fn = do_dictsort } },
	{ "first", "sync_do_first", "", { .fn = do_first } },
	{ "groupby", "sync_do_groupby", "attribute default? case_sensitive?",
	    { .fn = do_groupby } },
	{ "items", "do_items", "", { .fn = do_items } },
	{ "last", "do_last", "", { .fn = do_last } },
	{ "length", "len", "/", { .fn = do_length } },
	{ "list", "sync_do_list", "", { .fn = do_list } },
	{ "random", "do_random", "", { .fn = do_random } },
	{ "reverse", "do_reverse", "", { .fn = do_reverse } },
	{ "slice", "sync_do_slice", "slices fill_with?", { .fn = do_slice } },
	{ "sort", "do_sort", "reverse? case_sensitive? attribute?",
	    { .fn = do_sort } },
	{ "unique", "do_unique", "case_sensitive? attribute?",
	    { .fn = do_unique } },
	{ NULL, NULL, NULL, { NULL } },
};
