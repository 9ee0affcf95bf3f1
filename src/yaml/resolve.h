/* SPDX-License-Identifier: Apache-2.0 */
/* resolve.h - what a scalar is. */
#ifndef YAML_RESOLVE_H
#define YAML_RESOLVE_H

#include <turnlint/json.h>

/* The kind, text and number of a scalar.  tag: NULL for a plain scalar without
 * one, else the whole tag.  Returns NULL, or what stands in the way. */
const char *yaml_resolve(
    struct tl_arena *a, tl_str value, const char *tag, struct tl_json *out);

#endif
