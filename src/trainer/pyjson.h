/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pyjson.h - JSON as frameworks make it anew: json.loads(), values put together
 * in another way, json.dumps(ensure_ascii=False).
 */
#ifndef TRAINER_PYJSON_H
#define TRAINER_PYJSON_H

#include <turnlint/template.h>

/* A scalar made here; text is that of a string. */
const struct tl_json *tl_pyjson_scalar(
    struct tl_arena *a, enum tl_json_kind kind, tl_str text);

/* An array or object while it is made: its value and the last child. */
struct tl_pyjson {
	struct tl_json *value, *last;
};
struct tl_pyjson tl_pyjson_new(struct tl_arena *a, enum tl_json_kind kind);
/* Append a copy of value, which keeps its place in the record; key ptr NULL in
 * an array. */
void tl_pyjson_put(struct tl_arena *a, struct tl_pyjson *to, tl_str key,
    const struct tl_json *value);
/* What json.loads() makes of a string; the string itself when it raises. */
const struct tl_json *tl_pyjson_loads(
    struct tl_arena *a, const struct tl_json *string);

/* json.dumps() as a template that prints its value: compiled once. */
enum tl_status tl_pyjson_writer(struct tl_arena *a, struct tl_template **out,
    struct tl_error *err) TL_MUST_USE;
/* json.dumps() with its default: what is not ASCII becomes \\u…. */
enum tl_status tl_pyjson_ascii_writer(struct tl_arena *a,
    struct tl_template **out, struct tl_error *err) TL_MUST_USE;
/* The text, with what came from the record as its source. */
struct tl_text tl_pyjson_dumps(struct tl_arena *a,
    const struct tl_template *writer, const struct tl_json *value);

/* The same for str(). */
enum tl_status tl_pyjson_printer(struct tl_arena *a,
    const struct tl_template **out, struct tl_error *err) TL_MUST_USE;
struct tl_text tl_pyjson_print(struct tl_arena *a,
    const struct tl_template *printer, const struct tl_json *value);

#endif
