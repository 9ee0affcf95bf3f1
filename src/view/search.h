/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search.h - finding text and filtering records, without state.
 */
#ifndef TURNLINT_VIEW_SEARCH_H
#define TURNLINT_VIEW_SEARCH_H

#include <turnlint/finding.h>

/* Smart case: a pattern without an ASCII capital ignores the case of ASCII
 * letters.  Offset of the first hit at or behind `from`, or of the last hit
 * that begins before `before`; TL_NPOS if none. */
size_t tl_search_next(tl_str text, tl_str pattern, size_t from);
size_t tl_search_prev(tl_str text, tl_str pattern, size_t before);

/* Whether a record passes a filter: each word of it must hold.  "error",
 * "warning", "info": it has a finding of that level; a family or code ("MSK",
 * "TOK002"): it has such a finding; anything else: the text stands in one of
 * its strings. */
bool tl_filter_passes(tl_str filter, const struct tl_json *root,
    const struct tl_finding *findings, size_t nfindings);

#endif
