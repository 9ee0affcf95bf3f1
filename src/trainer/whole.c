/* SPDX-License-Identifier: Apache-2.0 */
#include "whole.h"

#include <turnlint/buf.h>

#include <string.h>

const struct tl_conv *
tl_whole_conv(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    const char *format)
{
	struct tl_conv *other;

	if (cx->recipe->format_options == NULL && conv->format != NULL &&
	    strcmp(conv->format->name, format) == 0)
		return conv;
	other = TL_NEW(cx->arena, struct tl_conv, 1);
	tl_conv_build(cx->arena, cx->record,
	    tl_format_find(tl_str_from(format)), NULL, other);
	return other;
}

static void
fail(const struct tl_trainer_cx *cx, const char *who, struct tl_sample *out,
    const char *what, const char *why)
{
	if (who == NULL)
		tl_label_fail(
		    cx->arena, out, TL_VERDICT_ABORTS, "%s: %s", what, why);
	else
		tl_label_fail(cx->arena, out, TL_VERDICT_ABORTS,
		    "%s stops with an error: %s: %s", who, what, why);
}

void
tl_whole_fail_render(
    const struct tl_trainer_cx *cx, const char *who, struct tl_sample *out)
{
	struct tl_buf b;

	tl_buf_init(&b, cx->arena, 0);
	tl_buf_put_escaped(&b, out->render.message);
	tl_buf_putc(&b, '\0');
	fail(cx, who, out, "the template does not render this record",
	    tl_buf_str(&b).ptr);
}

bool
tl_whole_render(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    const struct tl_render_options *opt, const char *who, struct tl_sample *out)
{
	if (cx->recipe->template_ == NULL) {
		tl_label_fail(cx->arena, out, TL_VERDICT_ABORTS,
		    "%s stops with an error: the tokenizer has no chat "
		    "template",
		    who);
		return false;
	}
	tl_template_render(cx->recipe->template_, cx->arena, conv, conv->nturns,
	    opt, &out->render);
	if (out->render.fault == TL_RENDER_OK)
		return true;
	tl_whole_fail_render(cx, who, out);
	return false;
}

bool
tl_whole_ids(const struct tl_trainer_cx *cx, tl_str text, unsigned flags,
    const char *who, struct tl_sample *out, struct tl_tokens *ids)
{
	struct tl_error err;

	if (tl_encode(cx->encoder, cx->arena, text, flags, ids, &err) == TL_OK)
		return true;
	fail(cx, who, out, "the text cannot be tokenized", err.message);
	return false;
}

bool
tl_whole_encode(const struct tl_trainer_cx *cx, unsigned flags, const char *who,
    struct tl_sample *out)
{
	return tl_whole_ids(
	    cx, out->render.text.str, flags, who, out, &out->tokens);
}

static size_t
skip_space(tl_str s, size_t at)
{
	return at + tl_space_before(tl_str_slice(s, at, s.len));
}

bool
tl_has_generation_tag(const struct tl_template *t)
{
	const tl_str word = TL_STR("generation");
	tl_str s = tl_template_source(t);
	size_t at = 0;

	while ((at = tl_str_find(s, TL_STR("{%"), at)) != TL_NPOS) {
		size_t p = at + 2;

		at = p;
		p += p < s.len && s.ptr[p] == '-';
		p = skip_space(s, p);
		if (!tl_str_starts(tl_str_slice(s, p, s.len), word))
			continue;
		p = skip_space(s, p + word.len);
		p += p < s.len && s.ptr[p] == '-';
		if (tl_str_starts(tl_str_slice(s, p, s.len), TL_STR("%}")))
			return true;
	}
	return false;
}

size_t
tl_find_ids(const uint32_t *ids, size_t n, const uint32_t *part, size_t npart,
    size_t from)
{
	if (npart == 0)
		return TL_NPOS;
	for (size_t i = from; i + npart <= n; i++)
		if (ids[i] == part[0] &&
		    memcmp(ids + i, part, npart * sizeof(*part)) == 0)
			return i;
	return TL_NPOS;
}
