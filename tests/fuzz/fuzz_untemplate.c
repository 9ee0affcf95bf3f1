/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text through the un-templating of all built-ins.  What must hold: places
 * lie in the text, and a match that is called exact renders to the same bytes,
 * by a render of our own.
 */
#include <turnlint/untemplate.h>

#include <turnlint/buf.h>

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Learned once, as in a run over many texts. */
static struct tl_untemplater *
shared(void)
{
	static struct tl_untemplater *u;

	if (u == NULL)
		u = tl_untemplater_new(NULL, NULL, NULL, NULL);
	return u;
}

static void
render(struct tl_arena *a, const struct tl_unframed *u, size_t i,
    struct tl_buf *out)
{
	struct tl_render_options opt = { .tokens =
					     tl_template_tokens(u->template_),
		.now = u->now,
		.add_generation_prompt = u->ends_open && i + 1 == u->nconvs };
	struct tl_record rec = { .bytes = u->convs[i].json };
	struct tl_render r;
	struct tl_conv conv;
	enum tl_status st = tl_json_parse(a, rec.bytes, &rec.doc);

	assert(st == TL_OK);
	assert(tl_str_find_char(rec.bytes, '\n', 0) == TL_NPOS);
	tl_conv_build(a, &rec, tl_format_find(TL_STR("openai")), NULL, &conv);
	assert(!conv.is_broken && conv.nturns == u->convs[i].nturns);
	tl_template_render(u->template_, a, &conv, conv.nturns, &opt, &r);
	assert(r.fault == TL_RENDER_OK);
	tl_buf_put(out, r.text.str);
}

static void
check_exact(struct tl_arena *a, tl_str text, const struct tl_unframed *u)
{
	tl_str bos = tl_template_tokens(u->template_).bos;
	tl_str made, rest;
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	for (size_t i = 0; i < u->nconvs; i++)
		render(a, u, i, &b);
	made = tl_buf_str(&b);
	if (u->lacks_bos) {
		assert(tl_str_starts(made, bos));
		made = tl_str_slice(made, bos.len, made.len);
	}
	assert(u->tail.len <= text.len);
	text.len -= u->tail.len;
	assert(tl_str_starts(made, text));
	rest = tl_str_slice(made, text.len, made.len);
	if (u->how == TL_UNFRAME_EXACT)
		assert(tl_is_space(rest));
	else
		assert(u->fault.kind == TL_FRAME_UNCLOSED && rest.len > 0);
}

static void
check_places(tl_str text, const struct tl_unframed *u)
{
	size_t at = 0;

	assert(u->explained <= text.len);
	assert(u->fault.beg <= u->fault.end && u->fault.end <= text.len);
	assert(u->doubt.beg <= u->doubt.end && u->doubt.end <= text.len);
	assert(u->rival.beg <= u->rival.end && u->rival.end <= text.len);
	for (size_t i = 0; i < u->nvalues; i++) {
		assert(u->values[i].beg >= at);
		assert(u->values[i].end >= u->values[i].beg);
		at = u->values[i].end;
	}
	assert(at <= text.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tl_str text = { (const char *)data, size };
	struct tl_arena *a;
	struct tl_unframed u;

	if (tl_utf8_check(text) != size)
		return 0; /* JSON has no such strings */
	a = tl_arena_new(NULL, NULL);
	tl_untemplate(shared(), a, text, &u);
	if (u.how == TL_UNFRAME_NONE) {
		assert(u.nconvs == 0 && u.template_ == NULL);
	} else {
		assert(u.template_ != NULL && u.name != NULL);
		check_places(text, &u);
		if (u.how != TL_UNFRAME_PARTIAL)
			check_exact(a, text, &u);
	}
	tl_arena_free(a);
	return 0;
}
