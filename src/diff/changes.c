/* SPDX-License-Identifier: Apache-2.0 */
#include "diff/changes.h"

#include <assert.h>

#include <turnlint/buf.h>
#include <turnlint/limits.h>
#include <turnlint/map.h>
#include <turnlint/sample.h>

#include "diff/lcs.h"

/* Deeper lists are compared place by place: aligning a list looks at all of
 * its bytes, and each level would look at them again. */
#define MAX_ALIGN_DEPTH 16

/* An object with more members is looked up through a map. */
#define SMALL_OBJECT 16

struct walker {
	struct tl_arena *arena;
	struct tl_arena *scratch; /* for one element of a list */
	const struct tl_conv *conv[2];
	struct tl_value_changes *out;
};

enum { OLD, NEW };

static size_t
turn_of(const struct tl_conv *conv, const struct tl_json *v)
{
	return v != NULL && conv != NULL ? tl_turn_of(conv, v, 0) : TL_NO_TURN;
}

static void
put(struct walker *w, const struct tl_json *old, const struct tl_json *new_)
{
	if (w->out->nall++ >= TL_MAX_VALUE_CHANGES)
		return;
	w->out->list[w->out->n++] = (struct tl_value_change){ .old = old,
		.new_ = new_,
		.old_turn = turn_of(w->conv[OLD], old),
		.new_turn = turn_of(w->conv[NEW], new_) };
}

static void diff(struct walker *w, const struct tl_json *old,
    const struct tl_json *new_, size_t depth);

/* --- lists -----------------------------------------------------------------
 */

struct list {
	const struct tl_json **v;
	uint64_t *hashes; /* what the list is aligned by */
	size_t n;
	bool is_messages;
};

/* Of a message: what is said and who says it, so that a changed flag does not
 * part it from itself. */
static uint64_t
element_hash(const struct walker *w, const struct tl_conv *conv,
    const struct list *list, const struct tl_json *v)
{
	struct tl_buf b;

	if (list->is_messages) {
		size_t i = tl_turn_of(conv, v, v->index);

		if (i != TL_NO_TURN && conv->turns[i].node == v)
			return tl_hash_mix(
			    tl_str_hash(conv->turns[i].role_text),
			    conv->turns[i].text.str);
	}
	tl_arena_reset(w->scratch);
	tl_buf_init(&b, w->scratch, 0);
	tl_json_put_canonical(&b, v);
	return tl_str_hash(tl_buf_str(&b));
}

static struct list
make_list(const struct walker *w, int side, const struct tl_json *array)
{
	const struct tl_conv *conv = w->conv[side];
	struct list l = { .is_messages =
			      conv != NULL && array == conv->messages };

	l.v = TL_NEW(w->arena, const struct tl_json *, array->nchildren);
	l.hashes = TL_NEW(w->arena, uint64_t, array->nchildren);
	for (const struct tl_json *v = array->first; v != NULL; v = v->next) {
		l.hashes[l.n] = element_hash(w, conv, &l, v);
		l.v[l.n++] = v;
	}
	return l;
}

static bool
same_role(const struct walker *w, const struct tl_json *old,
    const struct tl_json *new_)
{
	size_t i = tl_turn_of(w->conv[OLD], old, old->index);
	size_t j = tl_turn_of(w->conv[NEW], new_, new_->index);

	if (i == TL_NO_TURN || j == TL_NO_TURN)
		return true;
	return tl_str_eq(
	    w->conv[OLD]->turns[i].role_text, w->conv[NEW]->turns[j].role_text);
}

/* Between aligned elements: pair those of one role in order; the rest came or
 * went. */
static void
diff_hunk(struct walker *w, const struct list *old, const struct list *new_,
    const struct tl_hunk *h, size_t depth)
{
	bool by_role = old->is_messages && new_->is_messages;
	size_t i = h->old_beg, j = h->new_beg;

	while (i < h->old_end && j < h->new_end) {
		if (!by_role || same_role(w, old->v[i], new_->v[j]))
			diff(w, old->v[i++], new_->v[j++], depth);
		else if (h->old_end - i >= h->new_end - j)
			put(w, old->v[i++], NULL);
		else
			put(w, NULL, new_->v[j++]);
	}
	while (i < h->old_end)
		put(w, old->v[i++], NULL);
	while (j < h->new_end)
		put(w, NULL, new_->v[j++]);
}

static void
diff_aligned(struct walker *w, const struct tl_json *old,
    const struct tl_json *new_, size_t depth)
{
	const struct list lo = make_list(w, OLD, old);
	const struct list ln = make_list(w, NEW, new_);
	size_t n, i = 0, j = 0;
	const struct tl_hunk *hunks =
	    tl_lcs_hunks(w->arena, lo.hashes, lo.n, ln.hashes, ln.n, &n);

	for (size_t k = 0; k <= n; k++) {
		size_t end = k < n ? hunks[k].old_beg : lo.n;

		/* aligned messages may still differ in their flags */
		while (i < end)
			diff(w, lo.v[i++], ln.v[j++], depth);
		if (k == n)
			break;
		diff_hunk(w, &lo, &ln, &hunks[k], depth);
		i = hunks[k].old_end;
		j = hunks[k].new_end;
	}
}

static void
diff_arrays(struct walker *w, const struct tl_json *old,
    const struct tl_json *new_, size_t depth)
{
	const struct tl_json *x = old->first, *y = new_->first;

	if (depth <= MAX_ALIGN_DEPTH) {
		diff_aligned(w, old, new_, depth);
		return;
	}
	for (; x != NULL && y != NULL; x = x->next, y = y->next)
		diff(w, x, y, depth);
	for (; x != NULL; x = x->next)
		put(w, x, NULL);
	for (; y != NULL; y = y->next)
		put(w, NULL, y);
}

/* --- objects ---------------------------------------------------------------
 */

/* The members of an object by name; of one name the last counts. */
struct members {
	const struct tl_json *object;
	const struct tl_json **v; /* of a large object, by the map's number */
	struct tl_map map;
};

static struct members
make_members(struct walker *w, const struct tl_json *object)
{
	struct members m = { .object = object };

	tl_map_init(&m.map, w->arena);
	if (object->nchildren <= SMALL_OBJECT)
		return m;
	m.v = TL_NEW(w->arena, const struct tl_json *, object->nchildren);
	for (const struct tl_json *v = object->first; v != NULL; v = v->next) {
		tl_map_put(&m.map, v->key, NULL)->num = v->index;
		m.v[v->index] = v;
	}
	return m;
}

static const struct tl_json *
find_member(const struct members *m, tl_str key)
{
	const struct tl_map_entry *e;

	if (m->v == NULL)
		return tl_json_get_str(m->object, key);
	e = tl_map_find(&m->map, key);
	return e != NULL ? m->v[e->num] : NULL;
}

static void
diff_objects(struct walker *w, const struct tl_json *old,
    const struct tl_json *new_, size_t depth)
{
	const struct members mo = make_members(w, old);
	const struct members mn = make_members(w, new_);

	for (const struct tl_json *v = old->first; v != NULL; v = v->next) {
		const struct tl_json *other = find_member(&mn, v->key);

		if (find_member(&mo, v->key) != v)
			continue;
		if (other != NULL)
			diff(w, v, other, depth);
		else
			put(w, v, NULL);
	}
	for (const struct tl_json *v = new_->first; v != NULL; v = v->next) {
		if (find_member(&mo, v->key) == NULL &&
		    find_member(&mn, v->key) == v)
			put(w, NULL, v);
	}
}

/* Only leaves are compared: equal trees give no change by themselves. */
static void
diff(struct walker *w, const struct tl_json *old, const struct tl_json *new_,
    size_t depth)
{
	assert(depth <= TL_MAX_JSON_DEPTH);
	if (old->kind != new_->kind)
		put(w, old, new_);
	else if (old->kind == TL_JSON_OBJECT)
		diff_objects(w, old, new_, depth + 1);
	else if (old->kind == TL_JSON_ARRAY)
		diff_arrays(w, old, new_, depth + 1);
	else if (!tl_str_eq(old->text, new_->text))
		put(w, old, new_);
}

void
tl_diff_values(struct tl_arena *a, const struct tl_json *old,
    const struct tl_conv *old_conv, const struct tl_json *new_,
    const struct tl_conv *new_conv, struct tl_value_changes *out)
{
	struct walker w = { .arena = a,
		.scratch = tl_arena_new_like(a),
		.conv = { old_conv, new_conv },
		.out = out };

	*out = (struct tl_value_changes){
		.list = TL_NEW(a, struct tl_value_change, TL_MAX_VALUE_CHANGES)
	};
	diff(&w, old, new_, 0);
	tl_arena_free(w.scratch);
}
