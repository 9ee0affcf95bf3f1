/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h - a YAML text as the house's JSON tree.
 *
 * Plain scalars are resolved as PyYAML's safe_load() does it, for that is what
 * the trainers read their configurations with: yes, no, on and off are
 * booleans, 010 is eight, 1e3 is a string, << merges.  A date stays a string.
 *
 * Members keep their order and duplicates (tl_json_get() gives the last, as
 * Python keeps it).  The name of a member is its text, whatever it would
 * resolve to.  Spans are bytes of the YAML text; what an alias put into the
 * tree has the place of its anchor.
 */
#ifndef TURNLINT_YAML_H
#define TURNLINT_YAML_H

#include <turnlint/json.h>

#define TL_MAX_YAML_DEPTH 200
#define TL_MAX_YAML_ANCHORS 1000
#define TL_MAX_YAML_NODES 200000 /* with what aliases repeat */

/* The one document in text; nothing at all is null.  Everything lives in `a`
 * and borrows nothing.  TL_EPARSE or TL_ELIMIT with the place in err. */
enum tl_status tl_yaml_parse(struct tl_arena *a, tl_str text,
    const struct tl_json **out, struct tl_error *err) TL_MUST_USE;

/* For nodes of such a tree: */

/* A scalar as it was written, without quotes ("off", "0x1F", ""); empty for
 * lists and maps. */
tl_str tl_yaml_scalar(const struct tl_json *v);
/* 1-based; code points. */
void tl_yaml_place(const struct tl_json *v, size_t *line, size_t *column);
/* … of the member's name; of the value where there is none. */
void tl_yaml_key_place(const struct tl_json *v, size_t *line, size_t *column);
/* The member's name was written as a scalar that is no string (yes, 1, null):
 * Python would not find it under its text. */
bool tl_yaml_has_odd_key(const struct tl_json *v);

#endif
