/* SPDX-License-Identifier: Apache-2.0 */
/* iter.c - going through a value, item by item. */
#include "template/jinja/rt.h"

static bool
next_nothing(struct rt *rt, struct iter *it, val *out)
{
	(void)rt;
	(void)it;
	(void)out;
	return false;
}

static bool
next_seq(struct rt *rt, struct iter *it, val *out)
{
	if (it->i == it->n)
		return false;
	jinja_step(rt, 1);
	*out = it->v[it->i++];
	return true;
}

/* The list may have become shorter. */
static bool
next_turn(struct rt *rt, struct iter *it, val *out)
{
	const struct turns *t = it->state;

	if (it->i >= t->seq.n) {
		jinja_note_all(rt);
		return false;
	}
	jinja_step(rt, 1);
	jinja_note_there(rt, t->base + it->i);
	*out = t->seq.v[it->i++];
	return true;
}

/* i and n are bytes. */
static bool
next_char(struct rt *rt, struct iter *it, val *out)
{
	tl_str s;
	uint32_t cp;
	size_t beg = it->i;

	if (it->i >= it->n)
		return false;
	jinja_step(rt, 1);
	s = jinja_bytes(rt, it->src);
	it->i += jinja_next(s, beg, &cp);
	*out = jinja_slice(rt, jinja_unmark(it->src), beg, it->i);
	return true;
}

static bool
next_key(struct rt *rt, struct iter *it, val *out)
{
	const struct dict *d = it->state;

	if (it->i >= d->n)
		return false;
	jinja_step(rt, 1);
	*out = d->v[it->i++].key;
	return true;
}

static bool
next_value(struct rt *rt, struct iter *it, val *out)
{
	const struct dict *d = it->state;

	if (it->i >= d->n)
		return false;
	jinja_step(rt, 1);
	*out = d->v[it->i++].value;
	return true;
}

static bool
next_pair(struct rt *rt, struct iter *it, val *out)
{
	const struct dict *d = it->state;
	val *v;

	if (it->i >= d->n)
		return false;
	jinja_step(rt, 1);
	*out = jinja_new_seq(rt, V_TUPLE, 2, &v);
	v[0] = d->v[it->i].key;
	v[1] = d->v[it->i].value;
	it->i++;
	return true;
}

static bool
next_number(struct rt *rt, struct iter *it, val *out)
{
	const struct range *r = it->state;

	if ((int64_t)it->i >= r->n)
		return false;
	jinja_step(rt, 1);
	*out = jinja_range_at(rt, r, (int64_t)it->i);
	it->i++;
	return true;
}

static bool
next_of_iter(struct rt *rt, struct iter *it, val *out)
{
	struct iter *inner = it->state;

	if (inner->is_done)
		return false;
	if (inner->next(rt, inner, out))
		return true;
	inner->is_done = true;
	return false;
}

/* A loop is its own iterator and gives (item, loop). */
static bool
next_of_loop(struct rt *rt, struct iter *it, val *out)
{
	struct loop *l = it->state;
	val *v;

	if (!jinja_loop_next(rt, l))
		return false;
	*out = jinja_new_seq(rt, V_TUPLE, 2, &v);
	v[0] = l->current;
	v[1] = (val){ .kind = V_LOOP, .p = l };
	return true;
}

bool
jinja_is_iterable(val v)
{
	return jinja_has_length(v) || v.kind == V_ITER;
}

void
jinja_iter(struct rt *rt, struct iter *it, val v)
{
	const struct seq *s;

	it->src = v;
	it->i = 0;
	it->state = (void *)(uintptr_t)v.p;
	it->is_done = false;
	switch ((enum val_kind)v.kind) {
	case V_LIST:
	case V_TUPLE:
		if (v.sub == L_TURNS) {
			it->next = next_turn;
			break;
		}
		s = jinja_seq(rt, v);
		it->v = s->v;
		it->n = s->n;
		it->next = next_seq;
		break;
	case V_STR:
		it->n = jinja_len(v);
		it->next = next_char;
		break;
	case V_DICT:
		it->state = jinja_dict(rt, v);
		it->next = next_key;
		break;
	case V_VIEW:
		it->next = v.sub == W_KEYS ? next_key
		    : v.sub == W_VALUES	   ? next_value
					   : next_pair;
		break;
	case V_RANGE:
		it->next = next_number;
		break;
	case V_ITER:
		it->next = next_of_iter;
		break;
	case V_LOOP:
		it->next = next_of_loop;
		break;
	case V_UNDEF:
		it->next = next_nothing;
		break;
	default:
		jinja_throw(rt, "TypeError", "'%s' object is not iterable",
		    jinja_type_name(v));
	}
}

val
jinja_new_iter(struct rt *rt, struct iter **out, const char *type)
{
	struct iter *it = jinja_alloc(rt, sizeof(*it));

	jinja_note_changing(rt);
	memset(it, 0, sizeof(*it));
	it->type = type;
	*out = it;
	return (val){ .kind = V_ITER, .p = it };
}

val
jinja_list_of(struct rt *rt, val v, enum val_kind kind)
{
	struct iter it;
	size_t n = 0, cap = 8;
	val *items, *out, list;

	if (v.kind == V_LIST || v.kind == V_TUPLE) {
		const struct seq *s = jinja_seq(rt, v);

		list = jinja_new_seq(rt, kind, s->n, &out);
		jinja_step(rt, s->n / 16);
		if (s->n > 0)
			memcpy(out, s->v, s->n * sizeof(val));
		return list;
	}
	jinja_iter(rt, &it, v);
	items = jinja_array(rt, cap, sizeof(val));
	for (val item; jinja_next_item(rt, &it, &item);) {
		if (n == cap) {
			val *more = jinja_array(rt, cap * 2, sizeof(val));

			memcpy(more, items, n * sizeof(val));
			items = more;
			cap *= 2;
		}
		items[n++] = item;
	}
	list = jinja_new_seq(rt, kind, 0, &out);
	list.seq->v = items;
	list.seq->n = n;
	return list;
}
