/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inputs.h - from operands to files: folders are searched for data.
 */
#ifndef TURNLINT_CLI_INPUTS_H
#define TURNLINT_CLI_INPUTS_H

#include "cli/config.h"

struct tl_inputs {
	const char **list;
	size_t n, cap;
	bool has_failed; /* a folder could not be read */
};

/* True for a path whose last name says chat data: .jsonl, .ndjson, .json,
 * perhaps with .gz or .zst behind it, but not a model's own tokenizer.json and
 * the like. */
bool tl_is_data_name(tl_str path);
/* A tokenizer's file by its name, or a model's folder that has one. */
bool tl_is_tokenizer(const char *path);

/* Add path, or the data files below it when it is a folder, sorted by name.
 * Excluded are: hidden files and folders, and, with the configuration of the
 * place and --exclude, what their patterns match; a path named itself only
 * with --force-exclude. */
void tl_inputs_add(struct tl_cli *cli, struct tl_inputs *in, const char *path);

/* Add the files that the datasets of a configuration name. */
void tl_inputs_add_datasets(
    struct tl_cli *cli, struct tl_inputs *in, const struct tl_config *config);

/* Add the operands, or what the configuration lists when there are none; false
 * after a message when the configuration cannot be used. */
bool tl_inputs_add_operands(struct tl_cli *cli, struct tl_inputs *in);

#endif
