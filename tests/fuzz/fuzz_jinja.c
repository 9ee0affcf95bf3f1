/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any template over a small conversation, under small budgets.  What must
 * hold: the runs cover the output without a gap, a content run is the bytes
 * of its source, generation spans lie in the text, and a failure has a
 * message and no text.  What shorter conversations render to along with it is
 * what they render to alone.
 */
#include <turnlint/str.h>
#include <turnlint/template.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char conversation[] =
    "[{\"role\":\"system\",\"content\":\" Be \\u00e9 <b>. \\n\"},"
    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}],"
    "\"name\":null},"
    "{\"role\":\"assistant\",\"content\":\"a\\nb \\ud83d\\ude00\","
    "\"tool_calls\":[{\"id\":\"1\",\"function\":{\"name\":\"f\","
    "\"arguments\":{\"x\":1.50,\"y\":[true,null,-7]}}}],\"items\":\"k\"},"
    "{\"role\":\"tool\",\"content\":\"12345678901234567890\",\"n\":"
    "12345678901234567890}]";

static void
converse(struct tl_arena *a, struct tl_conv *conv)
{
	struct tl_json_doc doc;
	struct tl_turn *turns;

	if (tl_json_parse(a, TL_STR(conversation), &doc) != TL_OK)
		return;
	turns = TL_NEW(a, struct tl_turn, doc.root->nchildren);
	for (const struct tl_json *m = doc.root->first; m != NULL;
	     m = m->next) {
		struct tl_field *f = TL_NEW(a, struct tl_field, m->nchildren);

		for (const struct tl_json *c = m->first; c != NULL; c = c->next)
			f[c->index] =
			    (struct tl_field){ .name = c->key, .node = c };
		turns[m->index].fields = f;
		turns[m->index].nfields = m->nchildren;
	}
	conv->turns = turns;
	conv->nturns = doc.root->nchildren;
}

static void
check(const struct tl_render *r)
{
	const struct tl_text *t = &r->text;
	size_t at = 0;

	if (r->fault != TL_RENDER_OK) {
		assert(t->str.len == 0 && r->message.len > 0);
		return;
	}
	for (size_t i = 0; i < t->nruns; i++) {
		const struct tl_run *run = &t->runs[i];

		assert(run->beg == at && run->end > run->beg);
		at = run->end;
		if (run->kind != TL_RUN_CONTENT)
			continue;
		assert(run->src_end - run->src_beg == run->end - run->beg);
		assert(run->src_end <= run->node->text.len);
		assert(memcmp(t->str.ptr + run->beg,
			   run->node->text.ptr + run->src_beg,
			   run->end - run->beg) == 0);
	}
	assert(at == t->str.len);
	for (size_t i = 0; i < r->ngeneration; i++)
		assert(r->generation[i].beg <= r->generation[i].end &&
		    r->generation[i].end <= t->str.len);
}

static void
check_along(struct tl_arena *a, const struct tl_template *t,
    const struct tl_conv *conv, const struct tl_render_options *opt,
    const struct tl_render *whole)
{
	struct tl_field fields[] = {
		{ .name = TL_LIT("role"),
		    .text = tl_text_added(a, TL_STR("assistant")) },
		{ .name = TL_LIT("content"),
		    .text = tl_text_added(a, TL_STR("[[dummy]]")) },
	};
	const struct tl_turn dummy = { .fields = fields, .nfields = 2 };
	struct tl_turn turns[4];
	struct tl_conv other = *conv;
	struct tl_prefix p[8];
	struct tl_render r;
	size_t n = 0;

	assert(conv->nturns <= 4);
	memcpy(turns, conv->turns, conv->nturns * sizeof(*turns));
	other.turns = turns;
	for (size_t k = 1; k <= conv->nturns; k++) {
		p[n++] = (struct tl_prefix){ .nturns = k };
		p[n++] = (struct tl_prefix){ .nturns = k, .last = &dummy };
	}
	tl_template_render_along(t, a, conv, conv->nturns, opt, &r, p, n);
	assert(
	    r.fault == whole->fault && tl_str_eq(r.text.str, whole->text.str));
	for (size_t i = 0; i < n; i++) {
		size_t last = p[i].nturns - 1, len;

		if (!p[i].is_known)
			continue;
		if (p[i].last != NULL)
			turns[last] = dummy;
		tl_template_render(t, a, &other, p[i].nturns, opt, &r);
		turns[last] = conv->turns[last];
		len = p[i].nshared + p[i].tail.len;
		assert(r.fault == TL_RENDER_OK && r.text.str.len == len);
		assert(memcmp(r.text.str.ptr, whole->text.str.ptr,
			   p[i].nshared) == 0);
		assert(memcmp(r.text.str.ptr + p[i].nshared, p[i].tail.ptr,
			   p[i].tail.len) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_conv conv = { 0 };
	struct tl_render_options opt = { .tokens = { .bos = TL_LIT("<s>"),
					     .eos = TL_LIT("</s>") },
		.now = "2024-07-06T09:08:07",
		.max_steps = 20000,
		.max_bytes = 1 << 20 };
	struct tl_template *t;
	struct tl_error err = { 0 };
	struct tl_render r;

	if (tl_template_compile(a, TL_STR("fuzz"),
		(tl_str){ (const char *)data, size }, &t, &err) != TL_OK) {
		assert(err.message[0] != '\0');
		tl_arena_free(a);
		return 0;
	}
	converse(a, &conv);
	tl_template_render(t, a, &conv, conv.nturns, &opt, &r);
	check(&r);
	check_along(a, t, &conv, &opt, &r);
	tl_arena_free(a);
	return 0;
}
