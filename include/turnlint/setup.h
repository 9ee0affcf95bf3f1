/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setup.h - a trainer's own configuration, read as the trainer reads it.
 *
 * What comes out is a recipe a dataset, and notes: settings that do nothing,
 * nulls that vanish, names nobody knows, values the trainer refuses.  Rules of
 * the family CFG report the notes.
 */
#ifndef TURNLINT_SETUP_H
#define TURNLINT_SETUP_H

#include <turnlint/recipe.h>

enum tl_setup_note_kind {
	TL_SETUP_NO_EFFECT, /* CFG010: known, and does nothing */
	TL_SETUP_NULL,	    /* CFG011: empty, so the default holds */
	TL_SETUP_UNKNOWN,   /* CFG012: dropped without a word */
	TL_SETUP_REFUSED,   /* CFG013: the trainer stops with an error */
	TL_SETUP_MISSING,   /* CFG014: data or tokenizer that is not here */
};

struct tl_setup_note {
	enum tl_setup_note_kind kind;
	size_t line, column; /* 1-based; 0: the file as a whole */
	tl_str message, hint;
};

/* A dataset the configuration names. */
struct tl_setup_dataset {
	tl_str path; /* a file, folder or glob, absolute; empty: not here */
	const char *format;    /* or NULL: detect */
	const char *template_; /* as --template takes it; NULL: the
				* tokenizer's own */
	const char *tokenizer; /* an existing path, or NULL */
	const char *trainer;
	size_t sequence_len;		 /* 0: none */
	const struct tl_option *options; /* of the trainer; values are YAML */
	size_t noptions;
	const struct tl_option *tokenizer_options;
	size_t ntokenizer_options;
	struct tl_format_options fields; /* empty slices: the format's own */
};

struct tl_setup {
	const char *framework; /* "axolotl" */
	tl_str path, text;     /* of the file that was read */
	const struct tl_setup_dataset *datasets;
	size_t ndatasets;
	const struct tl_setup_note *notes; /* by place */
	size_t nnotes;
};

/* A way to read one: src/setup/setup_<name>.c. */
struct tl_setup_kind {
	const char *name; /* of the option: "axolotl" */
	const char *help; /* one sentence */
	/* s has path and text; the rest is to be filled.  A text that is no
	 * configuration at all is a failure, everything else a note. */
	enum tl_status (*read)(
	    struct tl_arena *a, struct tl_setup *s, struct tl_error *err);
};
const struct tl_setup_kind *const *tl_setup_kinds(size_t *n);

#endif
