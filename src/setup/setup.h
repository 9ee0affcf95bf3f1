/* SPDX-License-Identifier: Apache-2.0 */
/* setup.h - what the readers of configurations share. */
#ifndef SETUP_SETUP_H
#define SETUP_SETUP_H

#include <turnlint/buf.h>
#include <turnlint/setup.h>
#include <turnlint/yaml.h>

/* A setup while it is read. */
struct reading {
	struct tl_arena *a;
	struct tl_setup *out;
	tl_str folder; /* relative paths of the configuration may start here */
	struct tl_setup_note *notes;
	size_t nnotes, cap_notes;
	struct tl_setup_dataset *datasets;
	size_t ndatasets, cap_datasets;
};

void setup_begin(struct reading *r, struct tl_arena *a, struct tl_setup *out);
void setup_end(struct reading *r);

/* The place of a member's name; v NULL: the file as a whole. */
void setup_note(struct reading *r, enum tl_setup_note_kind kind,
    const struct tl_json *v, const char *hint, const char *fmt, ...)
    TL_PRINTF(5, 6);

/* A member that is there and not null; Python's last one of that name. */
const struct tl_json *setup_get(const struct tl_json *obj, const char *key);
/* Its text, whatever it resolves to; empty when it is not there. */
tl_str setup_text(const struct tl_json *obj, const char *key);
bool setup_true(const struct tl_json *obj, const char *key);

/* Where v stands below `from`: "roles.assistant[0]". */
const char *setup_path(
    struct tl_arena *a, const struct tl_json *v, const struct tl_json *from);

/* path (a file, a folder or a glob) as it is, or below the configuration's
 * folder; an empty slice when there is nothing.  Absolute. */
tl_str setup_find(struct reading *r, tl_str path);
bool setup_is_folder(struct reading *r, tl_str path);
/* The folder that v names; NULL with a note that the tokenizer or the model
 * (what) is not here. */
const char *setup_tokenizer(
    struct reading *r, const struct tl_json *v, const char *what);

/* Options while they are collected. */
struct options {
	struct tl_option *list;
	size_t n, cap;
};
/* The value as YAML; nothing for one that is not there. */
void setup_option(struct reading *r, struct options *o, const char *name,
    const struct tl_json *v);
void setup_option_text(
    struct reading *r, struct options *o, const char *name, tl_str yaml);

struct tl_setup_dataset *setup_dataset(struct reading *r);

#endif
