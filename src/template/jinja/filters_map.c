/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filters_map.c - map, select, reject and their attr forms: generators that
 * look at their arguments when the first item is asked for.
 */
#include "template/jinja/rt.h"

struct mapper {
	val src;
	struct args args;	/* without the name that was taken off */
	val name;		/* of the filter or test; V_MISSING: bool() */
	struct attr_path *path; /* NULL: the item itself */
	val fallback;
	struct iter it;
	bool is_started, is_empty, keeps, by_attr;
};

static val
keyword(struct mapper *m, const char *name)
{
	for (size_t i = 0; i < m->args.nkw; i++) {
		const struct jstr *kw = m->args.names[i];

		if (tl_str_eq((tl_str){ kw->ptr, kw->len }, tl_str_from(name)))
			return m->args.kw[i];
	}
	return (val){ 0 };
}

static void
refuse_other_keywords(struct rt *rt, struct mapper *m)
{
	for (size_t i = 0; i < m->args.nkw; i++) {
		tl_str kw = { m->args.names[i]->ptr, m->args.names[i]->len };

		if (!tl_str_eq(kw, TL_STR("attribute")) &&
		    !tl_str_eq(kw, TL_STR("default")))
			jinja_throw(rt, "FilterArgumentError",
			    "Unexpected keyword argument '%s'",
			    tl_arena_cstr(rt->arena, kw));
	}
}

static void
drop_first(struct args *a)
{
	a->pos++;
	a->npos--;
}

static void
prepare_map(struct rt *rt, struct mapper *m)
{
	val attribute = keyword(m, "attribute");

	if (m->args.npos == 0 && attribute.kind != V_MISSING) {
		refuse_other_keywords(rt, m);
		m->path = jinja_attr_path(rt, attribute);
		m->fallback = keyword(m, "default");
		return;
	}
	if (m->args.npos == 0)
		jinja_throw(rt, "FilterArgumentError",
		    "map requires a filter argument");
	m->name = m->args.pos[0];
	drop_first(&m->args);
}

static void
prepare_select(struct rt *rt, struct mapper *m)
{
	if (m->by_attr) {
		if (m->args.npos == 0)
			jinja_throw(rt, "FilterArgumentError",
			    "Missing parameter for attribute name");
		m->path = jinja_attr_path(rt, m->args.pos[0]);
		drop_first(&m->args);
	}
	if (m->args.npos > 0) {
		m->name = m->args.pos[0];
		drop_first(&m->args);
	}
}

/* `if value:` comes first: nothing at all is asked of an empty one. */
static bool
start(struct rt *rt, struct mapper *m, bool is_map)
{
	if (m->is_started)
		return !m->is_empty;
	m->is_started = true;
	m->is_empty = !jinja_truth(rt, m->src);
	if (m->is_empty)
		return false;
	if (is_map)
		prepare_map(rt, m);
	else
		prepare_select(rt, m);
	jinja_iter(rt, &m->it, m->src);
	return true;
}

static bool
next_mapped(struct rt *rt, struct iter *it, val *out)
{
	struct mapper *m = it->state;
	val item;

	if (!start(rt, m, true) || !jinja_next_item(rt, &m->it, &item))
		return false;
	*out = m->path != NULL ? jinja_attr_get(rt, m->path, item, &m->fallback)
			       : jinja_call_filter(rt, m->name, item, &m->args);
	return true;
}

static bool
next_selected(struct rt *rt, struct iter *it, val *out)
{
	struct mapper *m = it->state;
	val item;

	if (!start(rt, m, false))
		return false;
	while (jinja_next_item(rt, &m->it, &item)) {
		val v = m->path != NULL
		    ? jinja_attr_get(rt, m->path, item, NULL)
		    : item;
		bool is_true = m->name.kind == V_MISSING
		    ? jinja_truth(rt, v)
		    : jinja_call_test(rt, m->name, v, &m->args);

		if (is_true == m->keeps) {
			*out = item;
			return true;
		}
	}
	return false;
}

static val
generator(struct rt *rt, val v, const struct args *a,
    bool (*next)(struct rt *, struct iter *, val *), bool keeps, bool by_attr)
{
	struct mapper *m = jinja_alloc(rt, sizeof(*m));
	struct iter *it;
	val g = jinja_new_iter(rt, &it, "generator");

	memset(m, 0, sizeof(*m));
	m->src = v;
	m->args = *a;
	m->keeps = keeps;
	m->by_attr = by_attr;
	it->next = next;
	it->state = m;
	return g;
}

static val
do_map(struct rt *rt, val v, const struct args *a)
{
	return generator(rt, v, a, next_mapped, true, false);
}

static val
do_select(struct rt *rt, val v, const struct args *a)
{
	return generator(rt, v, a, next_selected, true, false);
}

static val
do_reject(struct rt *rt, val v, const struct args *a)
{
	return generator(rt, v, a, next_selected, false, false);
}

static val
do_selectattr(struct rt *rt, val v, const struct args *a)
{
	return generator(rt, v, a, next_selected, true, true);
}

static val
do_rejectattr(struct rt *rt, val v, const struct args *a)
{
	return generator(rt, v, a, next_selected, false, true);
}

const struct filter jinja_filters_map[] = {
	{ "map", "sync_do_map", NULL, { .raw = do_map } },
	{ "reject", "sync_do_reject", NULL, { .raw = do_reject } },
	{ "rejectattr", "sync_do_rejectattr", NULL, { .raw = do_rejectattr } },
	{ "select", "sync_do_select", NULL, { .raw = do_select } },
	{ "selectattr", "sync_do_selectattr", NULL, { .raw = do_selectattr } },
	{ NULL, NULL, NULL, { NULL } },
};

/* --- all filters --------------------------------------------------------- */

const struct filter *
jinja_find_filter(tl_str name)
{
	static const struct filter *const tables[] = { jinja_filters_text,
		jinja_filters_seq, jinja_filters_map, jinja_filters_num };

	for (size_t i = 0; i < TL_COUNT(tables); i++) {
		for (const struct filter *f = tables[i]; f->name != NULL; f++) {
			if (tl_str_eq(name, tl_str_from(f->name)))
				return f;
		}
	}
	return NULL;
}
