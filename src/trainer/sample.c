/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/sample.h>

#include <assert.h>

static const char *const reason_names[] = {
#define X(id, name, text) [TL_REASON_##id] = name,
	TL_REASON_LIST(X)
#undef X
};

static const char *const reason_texts[] = {
#define X(id, name, text) [TL_REASON_##id] = text,
	TL_REASON_LIST(X)
#undef X
};

const char *
tl_reason_name(enum tl_reason r)
{
	assert(r < TL_REASON_COUNT);
	return reason_names[r];
}

const char *
tl_reason_text(enum tl_reason r)
{
	assert(r < TL_REASON_COUNT);
	return reason_texts[r];
}

bool
tl_reason_is_trained(enum tl_reason r)
{
	/* The list starts with the trained ones. */
	return r < TL_REASON_TEMPLATE;
}

const char *
tl_verdict_name(enum tl_verdict v)
{
	static const char *const names[] = {
		[TL_VERDICT_KEPT] = "kept",
		[TL_VERDICT_DROPPED] = "dropped",
		[TL_VERDICT_BLANKED] = "blanked",
		[TL_VERDICT_TRUNCATED] = "truncated",
		[TL_VERDICT_ABORTS] = "aborts",
	};

	assert((size_t)v < TL_COUNT(names));
	return names[v];
}

static bool
is_within(const struct tl_json *node, const struct tl_json *root)
{
	if (root == NULL)
		return false;
	for (; node != NULL; node = node->parent)
		if (node == root)
			return true;
	return false;
}

bool
tl_turn_has_content(const struct tl_turn *t, const struct tl_json *node)
{
	if (is_within(node, t->content_node))
		return true;
	/* A text joined from several values (instruction and input). */
	for (size_t i = 0; i < t->text.nruns; i++)
		if (t->text.runs[i].node == node)
			return true;
	return false;
}

bool
tl_turn_says(const struct tl_turn *t, const struct tl_json *node)
{
	return node != t->role_node && node != t->name &&
	    node != t->tool_call_id && node != t->train_node &&
	    node != t->weight_node && node != t->detail_node;
}

static bool
owns(const struct tl_turn *t, const struct tl_json *node)
{
	return is_within(node, t->node) || tl_turn_has_content(t, node);
}

size_t
tl_turn_of(const struct tl_conv *conv, const struct tl_json *node, size_t hint)
{
	const struct tl_json *m = node;

	if (node == NULL || conv->nturns == 0)
		return TL_NO_TURN;
	if (is_within(node, conv->tools) || is_within(node, conv->documents))
		return TL_NO_TURN;
	if (hint < conv->nturns && owns(&conv->turns[hint], node))
		return hint;
	if (hint < conv->nturns - 1 && owns(&conv->turns[hint + 1], node))
		return hint + 1;

	/* A message's position in its list is nearly its turn's: a format may
	 * put a turn (the system text) in front. */
	while (
	    m != NULL && conv->messages != NULL && m->parent != conv->messages)
		m = m->parent;
	if (m != NULL && conv->messages != NULL) {
		for (size_t i = m->index; i < conv->nturns; i++) {
			if (conv->turns[i].node == m)
				return i;
			if (i > m->index + 1)
				break;
		}
	}
	for (size_t i = 0; i < conv->nturns; i++)
		if (owns(&conv->turns[i], node))
			return i;
	return TL_NO_TURN;
}

/* A format may have cut several turns out of one string. */
static bool
has_part(const struct tl_turn *t, const struct tl_run *r)
{
	bool has_node = false;

	for (size_t i = 0; i < t->text.nruns; i++) {
		const struct tl_run *own = &t->text.runs[i];

		if (own->node != r->node || own->kind != TL_RUN_CONTENT)
			continue;
		if (own->src_beg < r->src_end && r->src_beg < own->src_end)
			return true;
		has_node = true;
	}
	return !has_node;
}

size_t
tl_turn_of_run(const struct tl_conv *conv, const struct tl_run *r, size_t hint)
{
	size_t t = tl_turn_of(conv, r->node, hint);

	if (t == TL_NO_TURN || r->kind != TL_RUN_CONTENT ||
	    has_part(&conv->turns[t], r))
		return t;
	for (size_t i = 0; i < conv->nturns; i++)
		if (owns(&conv->turns[i], r->node) &&
		    has_part(&conv->turns[i], r))
			return i;
	return t;
}

size_t
tl_sample_turn_at(
    const struct tl_sample *s, const struct tl_conv *conv, size_t at)
{
	const struct tl_run *run = tl_text_run_at(&s->render.text, at);

	if (run == NULL || run->node == NULL)
		return TL_NO_TURN;
	return tl_turn_of_run(conv, run, TL_NO_TURN);
}
