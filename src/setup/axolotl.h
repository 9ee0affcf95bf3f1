/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl.h - what axolotl makes of the settings of its configuration.
 *
 * From axolotl's own schema (pydantic models of its configuration), with which
 * the tests' expectations were compared.
 */
#ifndef SETUP_AXOLOTL_H
#define SETUP_AXOLOTL_H

#include "setup/setup.h"

/* Notes on the settings at the top of the file. */
void axolotl_check_top(struct reading *r, const struct tl_json *top);

/* … of one of `datasets` or of `test_datasets`.  False: what it trains on
 * cannot be computed. */
bool axolotl_check_dataset(
    struct reading *r, const struct tl_json *dataset, bool is_test);

/* Nothing for a configuration of another kind of training. */
bool axolotl_is_fine_tuning(struct reading *r, const struct tl_json *top);

void axolotl_refuse(struct reading *r, const struct tl_json *v,
    const char *hint, const char *why);

/* The kinds of values that a setting takes. */
unsigned axolotl_kinds(const char *key);
/* Of a `type` that is a map. */
bool axolotl_is_user_key(tl_str name);

extern const char *const axolotl_lengths[3];

#endif
