/* SPDX-License-Identifier: Apache-2.0 */
/*
 * whole.h - what policies share that tokenize a whole text and then say which
 * of its tokens are trained.
 */
#ifndef TRAINER_WHOLE_H
#define TRAINER_WHOLE_H

#include "label.h"

/* The record read as `format` names it, without renamed fields: conv when that
 * is how it was read, else read anew.  For frameworks that know one layout and
 * look at nothing else. */
const struct tl_conv *tl_whole_conv(const struct tl_trainer_cx *cx,
    const struct tl_conv *conv, const char *format);

/* The record is not rendered, as out->render says: `who` stops with an error.
 * Here and below, who is NULL where no framework is imitated. */
void tl_whole_fail_render(
    const struct tl_trainer_cx *cx, const char *who, struct tl_sample *out);

/* Render conv with the recipe's template into out->render.  false: the
 * framework (`who`) stops with an error, which out tells. */
bool tl_whole_render(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    const struct tl_render_options *opt, const char *who,
    struct tl_sample *out);

/* Tokenize out->render.text into out->tokens; flags of enum tl_encode_flag. */
bool tl_whole_encode(const struct tl_trainer_cx *cx, unsigned flags,
    const char *who, struct tl_sample *out);

/* Tokenize text on the side. */
bool tl_whole_ids(const struct tl_trainer_cx *cx, tl_str text, unsigned flags,
    const char *who, struct tl_sample *out, struct tl_tokens *ids);

/* The template has an opening {% generation %} tag, by the regular expression
 * with which transformers and TRL look for it ("{%+ generation %}" is none). */
bool tl_has_generation_tag(const struct tl_template *t);

/* Where the ids of part begin in ids[from, n), or TL_NPOS. */
size_t tl_find_ids(const uint32_t *ids, size_t n, const uint32_t *part,
    size_t npart, size_t from);

#endif
