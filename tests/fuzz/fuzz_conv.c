/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any JSON through every format, named and detected.  What must hold whatever
 * the data looks like: the runs of a text cover it, its nodes lie in the
 * record, message indices rise, and a conversation that is not broken has
 * what its kind promises.
 */
#include <turnlint/conv.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct limits {
	size_t len; /* of the record */
};

static void
check_node(const struct limits *l, const struct tl_json *v)
{
	if (v == NULL)
		return;
	assert(v->span.beg <= v->span.end && v->span.end <= l->len);
	assert(v->key_span.beg <= v->key_span.end && v->key_span.end <= l->len);
}

static void
check_text(const struct limits *l, const struct tl_text *t)
{
	size_t at = 0;

	for (size_t i = 0; i < t->nruns; i++) {
		const struct tl_run *r = &t->runs[i];

		assert(r->beg == at && r->end > r->beg);
		at = r->end;
		check_node(l, r->node);
		if (r->kind != TL_RUN_CONTENT)
			continue;
		assert(r->node != NULL);
		assert(r->src_end - r->src_beg == r->end - r->beg);
		assert(r->src_end <= r->node->text.len);
		assert(tl_str_eq(tl_str_slice(t->str, r->beg, r->end),
		    tl_str_slice(r->node->text, r->src_beg, r->src_end)));
	}
	assert(at == t->str.len);
}

static void
check_turn(const struct limits *l, const struct tl_turn *t)
{
	check_node(l, t->node);
	check_node(l, t->role_node);
	check_node(l, t->content_node);
	check_node(l, t->tool_calls);
	check_node(l, t->train_node);
	check_node(l, t->weight_node);
	check_node(l, t->detail_node);
	check_text(l, &t->text);
	for (size_t i = 0; i < t->nparts; i++) {
		check_node(l, t->parts[i].node);
		check_text(l, &t->parts[i].text);
	}
	for (size_t i = 0; i < t->nfields; i++) {
		const struct tl_field *f = &t->fields[i];

		check_node(l, f->node);
		if (f->node == NULL)
			check_text(l, &f->text);
		for (size_t k = 0; k < i && t->nfields < 32; k++)
			assert(!tl_str_eq(f->name, t->fields[k].name));
	}
	for (size_t i = 0; i < t->ndetails; i++)
		check_node(l, t->details[i].node);
}

static void
check_conv(const struct limits *l, const struct tl_conv *conv)
{
	size_t next = 0;

	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];

		check_turn(l, t);
		if (t->index == TL_NO_TURN) {
			assert(i == 0);
			continue;
		}
		assert(t->index >= next);
		next = t->index + 1;
	}
	for (size_t i = 0; i < conv->nissues; i++) {
		assert(conv->issues[i].node != NULL);
		check_node(l, conv->issues[i].node);
	}
	for (size_t i = 0; i < conv->nsegments; i++)
		check_text(l, &conv->segments[i].text);
	check_text(l, &conv->text);
	check_text(l, &conv->prompt);
	check_text(l, &conv->completion);
	check_node(l, conv->messages);
	check_node(l, conv->tools);
	if (conv->is_broken)
		return;
	assert(conv->format != NULL);
	if (conv->kind == TL_CONV_CHAT || conv->kind == TL_CONV_PAIR)
		assert(conv->nturns > 0);
	else if (conv->kind == TL_CONV_SEGMENTS)
		assert(conv->nsegments > 0);
}

/* Each text rendered as it is: all of it has arrived, once. */
static void
check_trace(struct tl_arena *a, const struct tl_conv *conv)
{
	struct tl_text *texts = TL_NEW(a, struct tl_text, conv->nturns);
	const struct tl_trace *traces;
	struct tl_text all;

	for (size_t i = 0; i < conv->nturns; i++)
		texts[i] = conv->turns[i].text;
	all = tl_text_concat(a, texts, conv->nturns);
	traces = tl_conv_trace(a, conv, &all);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_text *t = &conv->turns[i].text;

		if (t->nruns == 0 || t->runs[0].kind != TL_RUN_CONTENT)
			continue;
		assert(traces[i].is_reached && traces[i].is_exact);
		assert(traces[i].beg == 0 && traces[i].end <= t->str.len);
		assert(traces[i].ncopied <= t->str.len);
	}
}

static void
check_space(tl_str s)
{
	size_t before = tl_space_before(s), behind = tl_space_behind(s);

	assert(before <= s.len && behind <= s.len);
	assert(tl_is_space(s) == (before == s.len));
	assert(before == s.len || before + behind < s.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tl_role_map roles[] = {
		{ TL_LIT("assistant"), TL_LIT("a") },
		{ TL_LIT("user"), TL_LIT("a") },
	};
	const struct tl_format_options opt = { .field_messages = TL_STR("m"),
		.field_role = TL_STR("from"),
		.field_content = TL_STR("value"),
		.field_train = TL_STR("t"),
		.roles = roles,
		.nroles = TL_COUNT(roles) };
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_record rec = { 0 };
	struct limits l = { size };
	size_t n;
	const struct tl_format *const *formats = tl_formats(&n);

	rec.bytes = (tl_str){ (const char *)data, size };
	check_space(rec.bytes);
	if (tl_json_parse(a, rec.bytes, &rec.doc) == TL_OK) {
		for (size_t i = 0; i <= n; i++) {
			const struct tl_format *f = i < n ? formats[i] : NULL;
			struct tl_conv conv;

			tl_conv_build(a, &rec, f, NULL, &conv);
			check_conv(&l, &conv);
			check_trace(a, &conv);
			tl_conv_build(a, &rec, f, &opt, &conv);
			check_conv(&l, &conv);
		}
	}
	tl_arena_free(a);
	return 0;
}
