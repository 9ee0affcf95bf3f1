/* SPDX-License-Identifier: Apache-2.0 */
/* What a turn's own flags make of it. */
#include <turnlint/trainer.h>

#include <stdlib.h>

enum tl_flag
tl_flag_truth(enum tl_flag flag, const struct tl_json *node)
{
	bool is_true = false;

	if (flag != TL_FLAG_INVALID)
		return flag;
	if (node == NULL)
		return TL_FLAG_UNSET;
	switch (node->kind) {
	case TL_JSON_NULL:
		return TL_FLAG_UNSET;
	case TL_JSON_FALSE:
		break;
	case TL_JSON_TRUE:
		is_true = true;
		break;
	case TL_JSON_NUMBER:
		is_true = node->number < 0 || node->number > 0;
		break;
	case TL_JSON_STRING:
		is_true = node->text.len > 0;
		break;
	case TL_JSON_ARRAY:
	case TL_JSON_OBJECT:
		is_true = node->nchildren > 0;
		break;
	}
	return is_true ? TL_FLAG_TRUE : TL_FLAG_FALSE;
}

/* A range of code points that begins or ends to be in force. */
struct edge {
	int64_t at;
	int ntrue, nfalse; /* ranges that open (+) or close (-) here */
};

static int
compare_edges(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* The ranges as edges, cut to [0, length).  Ends become exclusive. */
static size_t
make_edges(const struct tl_turn *turn, int64_t length, struct edge *edges)
{
	size_t n = 0;

	for (size_t i = 0; i < turn->ndetails; i++) {
		const struct tl_detail *d = &turn->details[i];
		int64_t beg = d->beg > 0 ? d->beg : 0;
		int64_t end = d->end < length - 1 ? d->end + 1 : length;
		bool is_true =
		    tl_flag_truth(d->train, tl_json_get(d->node, "train")) ==
		    TL_FLAG_TRUE;

		if (!d->has_range || d->end < 0 || beg >= end)
			continue;
		edges[n++] = (struct edge){ beg, is_true, !is_true };
		edges[n++] =
		    (struct edge){ end, -(int)is_true, -(int)!is_true };
	}
	edges[n++] = (struct edge){ length, 0, 0 };
	qsort(edges, n, sizeof(*edges), compare_edges);
	return n;
}

static void
plan_details(
    struct tl_arena *a, const struct tl_turn *turn, struct tl_turn_plan *out)
{
	tl_str text = turn->text.str;
	int64_t length = (int64_t)tl_utf8_count(text);
	struct edge *edges = TL_NEW(a, struct edge, 2 * turn->ndetails + 1);
	size_t n = make_edges(turn, length, edges);
	struct tl_stretch *s = TL_NEW(a, struct tl_stretch, n);
	int ntrue = 0, nfalse = 0;
	int64_t cp = 0;
	size_t at = 0, beg = 0;

	out->stretches = s;
	for (size_t i = 0; i < n; i++) {
		/* true wins over false, whatever the order */
		enum tl_reason r = ntrue > 0 ? TL_REASON_DETAIL
		    : nfalse > 0	     ? TL_REASON_DETAIL_MASKED
					     : TL_REASON_DETAIL_GAP;

		for (; cp < edges[i].at && at < text.len; cp++)
			at += tl_utf8_next(text, at, &(uint32_t){ 0 }, NULL);
		if (at > beg)
			s[out->nstretches++] =
			    (struct tl_stretch){ beg, at, r };
		beg = at;
		ntrue += edges[i].ntrue;
		nfalse += edges[i].nfalse;
	}
}

static bool
has_part_flags(const struct tl_turn *turn)
{
	for (size_t i = 0; i < turn->nparts; i++)
		if (turn->parts[i].train != TL_FLAG_UNSET)
			return true;
	return false;
}

static enum tl_flag
part_flag(const struct tl_part *p)
{
	const struct tl_json *v = tl_json_get(p->node, "train");

	if (v == NULL || v->kind == TL_JSON_NULL)
		v = tl_json_get(p->node, "weight");
	return tl_flag_truth(p->train, v);
}

/* A part without a flag is trained as soon as another part has one. */
static void
plan_parts(
    struct tl_arena *a, const struct tl_turn *turn, struct tl_turn_plan *out)
{
	struct tl_stretch *s = TL_NEW(a, struct tl_stretch, turn->nparts);
	size_t at = 0;

	out->stretches = s;
	for (size_t i = 0; i < turn->nparts; i++) {
		const struct tl_part *p = &turn->parts[i];
		size_t end = at + p->text.str.len;

		if (end == at)
			continue;
		s[out->nstretches++] = (struct tl_stretch){ at, end,
			part_flag(p) == TL_FLAG_FALSE ? TL_REASON_PART_MASKED
						      : TL_REASON_PART };
		at = end;
	}
}

bool
tl_plan_is_trained(const struct tl_turn_plan *plan)
{
	for (size_t i = 0; i < plan->nstretches; i++)
		if (tl_reason_is_trained(plan->stretches[i].reason))
			return true;
	return plan->nstretches == 0 && tl_reason_is_trained(plan->base);
}

/* The end marker goes with the turn, unless nothing of its content is
 * trained: then it would only teach to end. */
static void
plan_closer(struct tl_turn_plan *out, enum tl_reason trained)
{
	if (tl_plan_is_trained(out))
		out->closer = trained;
	else if (out->nstretches > 0)
		out->closer = out->stretches[0].reason;
}

void
tl_plan_turn(
    struct tl_arena *a, const struct tl_turn *turn, struct tl_turn_plan *out)
{
	bool is_assistant = turn->role == TL_ROLE_ASSISTANT;
	enum tl_flag train = tl_flag_truth(turn->train, turn->train_node);

	*out = (struct tl_turn_plan){ .base = TL_REASON_ROLE,
		.closer = TL_REASON_TEMPLATE };
	if (is_assistant) {
		out->base = TL_REASON_CONTENT;
		out->closer = TL_REASON_EOS;
	}
	if (train == TL_FLAG_FALSE) {
		out->base = out->closer = TL_REASON_TRAIN_FALSE;
		return;
	}
	if (train == TL_FLAG_TRUE) {
		out->base = TL_REASON_TRAIN_FLAG;
		out->closer = TL_REASON_EOS;
	}
	if (has_part_flags(turn)) {
		plan_parts(a, turn, out);
		plan_closer(out, TL_REASON_EOS);
	} else if (turn->ndetails > 0) {
		plan_details(a, turn, out);
		plan_closer(out, TL_REASON_EOS);
	} else if (train == TL_FLAG_UNSET &&
	    tl_json_is(turn->detail_node, TL_JSON_ARRAY)) {
		/* An empty list: no range covers anything. */
		out->base = out->closer = TL_REASON_DETAIL_GAP;
	} else if (train == TL_FLAG_UNSET && is_assistant && turn->has_weight &&
	    !(turn->weight < 0) && !(turn->weight > 0)) {
		out->base = out->closer = TL_REASON_WEIGHT_ZERO;
	}
}

size_t
tl_plan_count_trained(const struct tl_turn_plan *plan, size_t beg, size_t end)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->nstretches; i++) {
		const struct tl_stretch *st = &plan->stretches[i];
		size_t b = st->beg > beg ? st->beg : beg;
		size_t e = st->end < end ? st->end : end;

		if (b < e && tl_reason_is_trained(st->reason))
			n += e - b;
	}
	return n;
}

bool
tl_token_in_turn(const struct tl_turn *t, const struct tl_sample *s,
    size_t token, size_t *beg, size_t *end)
{
	struct tl_offset o = s->tokens.offsets[token];
	const struct tl_run *run = tl_text_run_at(&s->render.text, o.beg);

	if (run == NULL || run->kind != TL_RUN_CONTENT || o.end > run->end ||
	    o.beg == o.end)
		return false;
	for (size_t i = 0; i < t->text.nruns; i++) {
		const struct tl_run *r = &t->text.runs[i];
		size_t src = run->src_beg + (o.beg - run->beg);

		if (r->node != run->node || src < r->src_beg ||
		    src >= r->src_end)
			continue;
		*beg = r->beg + (src - r->src_beg);
		*end = *beg + (o.end - o.beg);
		return true;
	}
	return false;
}
