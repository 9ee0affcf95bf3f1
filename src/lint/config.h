/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - the configuration file, .turnlint.yaml.
 *
 * One table of keys serves reading, checking, the JSON Schema and the manual.
 * Scalars are taken as text: `off` and `no` stay what they are.
 */
#ifndef TURNLINT_LINT_CONFIG_H
#define TURNLINT_LINT_CONFIG_H

#include "lint/lint.h"

#define TL_MAX_CONFIG_BYTES ((size_t)256 << 10)
#define TL_MAX_CONFIG_EXTENDS 8 /* files, one after the other */
#define TL_MAX_CONFIG_FAULTS 100

struct tl_names { /* a list of strings */
	const tl_str *list;
	size_t n;
};

struct tl_config_pair {
	tl_str name;
	struct tl_names values;
	size_t line, column;
};

struct tl_config_map { /* name: value(s), in order */
	const struct tl_config_pair *list;
	size_t n;
};

/* A recipe, as an entry of `recipes` or in place in `datasets`. */
struct tl_config_recipe {
	tl_str name;
	tl_str format, template_, tokenizer, trainer;
	size_t sequence_len;
	struct tl_config_map trainer_options, tokenizer_options;
	tl_str now;
	tl_str field_messages, field_role, field_content, field_system;
	tl_str field_tools, field_train, field_train_detail;
	struct tl_config_map roles;
};

struct tl_config_dataset {
	tl_str path;   /* glob */
	tl_str recipe; /* name, or empty: inline */
	struct tl_config_recipe own;
};

/* Paths of templates, tokenizers and datasets are made whole on reading. */
struct tl_config {
	tl_str path;   /* the file it was read from */
	tl_str folder; /* relative paths in it start there */
	struct tl_names extends;
	struct tl_names select, ignore, extend_select;
	struct tl_config_map severity;	       /* SELECTOR: LEVEL */
	struct tl_config_map per_file_ignores; /* GLOB: [SELECTOR…] */
	struct tl_names exclude;	       /* globs */
	tl_str fail_on, output_format, preview;
	bool has_max_per_rule;
	size_t max_per_rule;
	tl_str recipe; /* the one for files no dataset names */
	const struct tl_config_recipe *recipes;
	size_t nrecipes;
	const struct tl_config_dataset *datasets;
	size_t ndatasets;
};

/* What is wrong in a configuration, and where. */
struct tl_config_fault {
	const char *path;
	size_t line, column; /* 1-based; 0: the file as a whole */
	const char *message;
};

struct tl_config_faults {
	struct tl_config_fault list[TL_MAX_CONFIG_FAULTS];
	size_t n;
};

/* Read path (absolute, so that the paths in it become so) and what it extends.
 * TL_ECONFIG when there are faults, TL_EIO or TL_ELIMIT when a file could not
 * be read (a fault says so, too). */
enum tl_status tl_config_load(struct tl_arena *a, const char *path,
    struct tl_config **out, struct tl_config_faults *faults) TL_MUST_USE;

/* The recipe for a data file: of the dataset whose path matches, else the
 * default; NULL if none.  With a name: that recipe, or NULL. */
const struct tl_config_recipe *tl_config_recipe_for(
    const struct tl_config *c, tl_str data_path);
const struct tl_config_recipe *tl_config_recipe_find(
    const struct tl_config *c, tl_str name);

/* ---- the table of keys
 * -----------------------------------------------------*/

enum tl_key_kind {
	/* Single values. */
	TL_KEY_STRING,
	TL_KEY_PATH,	 /* relative to the file it stands in */
	TL_KEY_TEMPLATE, /* … or a name */
	TL_KEY_BOOL,
	TL_KEY_SIZE,
	TL_KEY_CHOICE,
	/* Lists and maps. */
	TL_KEY_NAMES,	  /* a string or a list of strings */
	TL_KEY_SELECTORS, /* … that name rules */
	TL_KEY_LEVELS,	  /* selector: error, warning, info or off */
	TL_KEY_IGNORES,	  /* glob: selectors */
	TL_KEY_OPTIONS,	  /* name: value */
	TL_KEY_VALUES,	  /* name: any YAML */
	TL_KEY_ROLES,	  /* target: one or more sources */
	TL_KEY_RECIPES,	  /* name: recipe */
	TL_KEY_DATASETS,  /* list of datasets */
};

struct tl_key {
	const char *name;
	enum tl_key_kind kind;
	size_t at;	 /* offset of the member */
	size_t extra_at; /* offset of the count of a list, of the flag that a
			  * size is set; TL_NPOS if none */
	const char *choices;
	const char *help; /* one sentence */
};

/* Ended by a NULL name. */
extern const struct tl_key tl_config_keys[];
extern const struct tl_key tl_recipe_keys[];
extern const struct tl_key tl_dataset_keys[]; /* beside those of a recipe */

/* A JSON Schema (draft 2020-12) of the file. */
void tl_config_put_schema(struct tl_buf *b);
/* The effective configuration as YAML. */
void tl_config_put(struct tl_buf *b, const struct tl_config *c);

#endif
