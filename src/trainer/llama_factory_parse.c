/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without the name of a template, LLaMA-Factory takes the tokenizer's chat
 * template apart: it renders a few conversations and cuts the texts by the
 * number of their chars.
 */
#include "llama_factory.h"

#include <turnlint/buf.h>
#include <turnlint/str.h>

struct work {
	struct tl_arena *a;
	const struct tl_template *t;
	struct tl_render_options opt;
	struct tl_error *err;
	enum tl_status status;
};

static tl_str
fail(struct work *w, const char *why)
{
	if (w->status == TL_OK)
		w->status = tl_fail(w->err, TL_ECONFIG,
		    "LLaMA-Factory cannot take the tokenizer's chat template "
		    "apart: %s; name one with --trainer-option template=NAME",
		    why);
	return TL_STR("");
}

static tl_str
render(struct work *w, const char *messages, bool is_prompt)
{
	struct tl_record *rec = TL_NEW(w->a, struct tl_record, 1);
	struct tl_conv *conv = TL_NEW(w->a, struct tl_conv, 1);
	struct tl_render out;
	struct tl_buf b;

	if (w->status != TL_OK)
		return TL_STR("");
	rec->bytes = tl_str_from(messages);
	if (tl_record_parse(w->a, rec) != TL_OK)
		return fail(w, "no record");
	tl_conv_build(w->a, rec, tl_format_find(TL_STR("openai")), NULL, conv);
	w->opt.add_generation_prompt = is_prompt;
	tl_template_render(w->t, w->a, conv, conv->nturns, &w->opt, &out);
	if (out.fault == TL_RENDER_OK)
		return out.text.str;
	tl_buf_init(&b, w->a, 0);
	tl_buf_put_escaped(&b, out.message);
	tl_buf_putc(&b, '\0');
	return fail(w, tl_buf_str(&b).ptr);
}

/* s without its first n chars. */
static tl_str
behind(tl_str s, size_t n)
{
	size_t at = 0;
	uint32_t cp;

	while (n-- > 0 && at < s.len)
		at += tl_utf8_next(s, at, &cp, NULL);
	return tl_str_slice(s, at, s.len);
}

/* What the tokenizer puts before an empty text. */
static enum tl_status
find_prefix(struct work *w, const struct tl_tokenizer *t, tl_str *out)
{
	struct tl_encoder *e = tl_encoder_new(t, NULL, NULL);
	struct tl_tokens tokens = { .n = 0 };
	enum tl_status st =
	    tl_encode(e, w->a, TL_STR(""), TL_ENCODE_SPECIAL, &tokens, w->err);
	struct tl_buf b;

	tl_encoder_free(e);
	tl_buf_init(&b, w->a, 0);
	for (size_t i = 0; i < tokens.n; i++)
		tl_buf_put(&b, tl_tokenizer_bytes(t, w->a, tokens.ids[i]));
	*out = tl_buf_str(&b);
	return st;
}

/* The chars of `longer` that are not, in their order, those of `shorter`. */
static tl_str
difference(struct work *w, tl_str shorter, tl_str longer)
{
	size_t i = 0, j = 0;
	struct tl_buf b;

	tl_buf_init(&b, w->a, 0);
	while (i < shorter.len && j < longer.len) {
		uint32_t x, y;
		size_t nx = tl_utf8_next(shorter, i, &x, NULL);
		size_t ny = tl_utf8_next(longer, j, &y, NULL);

		if (x == y)
			i += nx;
		else
			tl_buf_put_codepoint(&b, y);
		j += ny;
	}
	return tl_buf_str(&b);
}

static tl_str
replaced(struct work *w, tl_str s, tl_str what, tl_str by, bool only_first)
{
	size_t at = 0, found;
	struct tl_buf b;

	tl_buf_init(&b, w->a, 0);
	while ((found = tl_str_find(s, what, at)) != TL_NPOS) {
		tl_buf_put(&b, tl_str_slice(s, at, found));
		tl_buf_put(&b, by);
		at = found + what.len;
		if (only_first)
			break;
	}
	tl_buf_put(&b, tl_str_slice(s, at, s.len));
	return tl_buf_str(&b);
}

/* A slot of one string, which must have a place for the content. */
static const struct tl_lf_slot *
slot(struct work *w, tl_str s, bool needs_hole)
{
	struct tl_lf_slot *out = TL_NEW(w->a, struct tl_lf_slot, 2);

	if (needs_hole && tl_str_find(s, TL_STR("{{content}}"), 0) == TL_NPOS)
		fail(w, "a message renders without its content");
	out[0] = (struct tl_lf_slot){ TL_LF_STRING, tl_arena_cstr(w->a, s) };
	return out;
}

#define SAYS(role, text) "{\"role\":\"" role "\",\"content\":\"" text "\"}"
#define MESSAGES(...) "{\"messages\":[" __VA_ARGS__ "]}"
#define HOLE "{{content}}"

static void
take_apart(struct work *w, tl_str prefix, struct tl_lf_template *out)
{
	size_t n = tl_utf8_count(prefix);
	tl_str system =
	    behind(render(w, MESSAGES(SAYS("system", HOLE)), false), n);
	tl_str bare = behind(
	    render(
		w, MESSAGES(SAYS("system", "") "," SAYS("user", HOLE)), true),
	    n);
	tl_str user = behind(render(w, MESSAGES(SAYS("user", HOLE)), true), n);
	tl_str answer = render(
	    w, MESSAGES(SAYS("user", HOLE) "," SAYS("assistant", HOLE)), false);
	tl_str empty = TL_STR(""), own = empty;

	answer = behind(answer, n + tl_utf8_count(user));
	if (tl_str_find(answer, TL_STR("<think>"), 0) != TL_NPOS)
		out->traits = TL_LF_REASONING;
	answer = replaced(w, answer, TL_STR("<think>"), empty, false);
	answer = replaced(w, answer, TL_STR("</think>"), empty, false);
	while (answer.len > 0 && answer.ptr[0] == '\n')
		answer = tl_str_slice(answer, 1, answer.len);
	if (tl_utf8_count(user) > tl_utf8_count(bare)) {
		own = difference(w, bare, user);
		user = behind(user,
		    tl_utf8_count(
			replaced(w, system, TL_STR(HOLE), own, true)));
	}
	out->user = out->observation = slot(w, user, true);
	out->assistant = out->function = slot(w, answer, true);
	out->system = slot(w, system, true);
	out->prefix = slot(w, prefix, false);
	out->default_system = tl_arena_cstr(w->a, own);
}

enum tl_status
tl_lf_template_of(struct tl_arena *a, const struct tl_recipe *r,
    const struct tl_lf_template **out, struct tl_error *err)
{
	struct tl_lf_template *t = TL_NEW(a, struct tl_lf_template, 1);
	struct work w = { .a = a,
		.t = r->template_,
		.opt = r->render_options,
		.err = err,
		.status = TL_OK };
	tl_str prefix;

	w.opt.tokens = tl_tokenizer_tokens(r->tokenizer);
	w.status = find_prefix(&w, r->tokenizer, &prefix);
	t->name = "of the tokenizer";
	if (w.status == TL_OK)
		take_apart(&w, prefix, t);
	*out = t;
	return w.status;
}
