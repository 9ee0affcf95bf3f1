/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conversations that differ from the record's in one thing: what a rule renders
 * to learn what a template does with it.
 */
#include <turnlint/conv.h>

#include <string.h>

struct tl_turn *
tl_conv_copy(
    struct tl_arena *a, const struct tl_conv *conv, struct tl_conv *copy)
{
	struct tl_turn *turns = TL_NEW(a, struct tl_turn, conv->nturns);

	if (conv->nturns > 0)
		memcpy(turns, conv->turns, conv->nturns * sizeof(*turns));
	*copy = *conv;
	copy->turns = turns;
	return turns;
}

const struct tl_field *
tl_turn_field(const struct tl_turn *t, tl_str name)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (tl_str_eq(t->fields[i].name, name))
			return &t->fields[i];
	return NULL;
}

void
tl_turn_set_field(struct tl_arena *a, struct tl_turn *t, tl_str name,
    const struct tl_json *value)
{
	struct tl_field *fields = TL_NEW(a, struct tl_field, t->nfields + 1);
	size_t n = 0;
	bool is_set = value == NULL;

	for (size_t i = 0; i < t->nfields; i++) {
		fields[n] = t->fields[i];
		if (tl_str_eq(fields[n].name, name)) {
			if (value == NULL)
				continue;
			fields[n] =
			    (struct tl_field){ .name = name, .node = value };
			is_set = true;
		}
		n++;
	}
	if (!is_set)
		fields[n++] = (struct tl_field){ .name = name, .node = value };
	t->fields = fields;
	t->nfields = n;
}

const struct tl_json *
tl_json_string_like(struct tl_arena *a, const struct tl_json *v, tl_str text)
{
	struct tl_json *s = TL_NEW(a, struct tl_json, 1);

	if (v != NULL)
		*s = *v;
	s->kind = TL_JSON_STRING;
	s->text = text;
	s->first = NULL;
	s->nchildren = 0;
	return s;
}

const struct tl_json *
tl_json_swapped(struct tl_arena *a, const struct tl_json *v,
    tl_json_swap_fn *swap, void *ctx)
{
	const struct tl_json *other = swap(ctx, v);
	struct tl_json *copy = TL_NEW(a, struct tl_json, 1);
	const struct tl_json **link = &copy->first;

	*copy = *other;
	copy->next = NULL;
	if (other != v)
		return copy;
	copy->first = NULL;
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		struct tl_json *child = TL_NEW(a, struct tl_json, 1);

		*child = *tl_json_swapped(a, c, swap, ctx);
		*link = child;
		link = &child->next;
	}
	return copy;
}

/* Copies of a value have its bytes: those are compared. */
bool
tl_text_has_value(const struct tl_text *rendered, const struct tl_json *v)
{
	for (size_t i = 0; i < rendered->nruns; i++) {
		const struct tl_json *node = rendered->runs[i].node;

		if (node == NULL)
			continue;
		if ((node->span.beg >= v->span.beg &&
			node->span.end <= v->span.end) ||
		    (node->kind >= TL_JSON_ARRAY &&
			node->span.beg <= v->span.beg &&
			node->span.end >= v->span.end))
			return true;
	}
	return false;
}

bool
tl_text_has_said(const struct tl_text *rendered, const struct tl_turn *t,
    size_t beg, size_t end)
{
	for (size_t i = 0; i < t->text.nruns; i++) {
		const struct tl_run *said = &t->text.runs[i];
		size_t from = beg > said->beg ? beg : said->beg;
		size_t to = end < said->end ? end : said->end;

		if (from >= to || said->node == NULL)
			continue;
		from = from - said->beg + said->src_beg;
		to = to - said->beg + said->src_beg;
		for (size_t k = 0; k < rendered->nruns; k++) {
			const struct tl_run *r = &rendered->runs[k];

			if (r->node != NULL &&
			    (r->node == said->node
				    ? r->kind != TL_RUN_CONTENT ||
					(r->src_beg < to && r->src_end > from)
				    : r->node == t->content_node ||
					r->node == t->node))
				return true;
		}
	}
	return false;
}

tl_span
tl_turn_thought(const struct tl_turn *t)
{
	const tl_str open_tag = TL_STR("<think>");
	tl_str s = t->text.str;
	size_t beg = tl_space_before(s), end;
	tl_str inner;

	if (!tl_str_starts(tl_str_slice(s, beg, s.len), open_tag))
		return (tl_span){ 0, 0 };
	beg += open_tag.len;
	end = tl_str_find(s, TL_STR("</think>"), beg);
	if (end == TL_NPOS)
		return (tl_span){ 0, 0 };
	inner = tl_str_slice(s, beg, end);
	if (tl_is_space(inner))
		return (tl_span){ 0, 0 };
	return (tl_span){ beg + tl_space_before(inner),
		end - tl_space_behind(inner) };
}
