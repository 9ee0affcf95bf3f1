/* SPDX-License-Identifier: Apache-2.0 */
/* llama_factory.h - what LLaMA-Factory makes of the arguments of a run and of
 * an entry of dataset_info.json. */
#ifndef SETUP_LLAMA_FACTORY_H
#define SETUP_LLAMA_FACTORY_H

#include "setup/setup.h"

void llama_factory_refuse(struct reading *r, const struct tl_json *v,
    const char *hint, const char *why);

/* Notes on the arguments of a training run. */
void llama_factory_check_run(struct reading *r, const struct tl_json *run);

/* Notes on an entry.  False: nothing can be read from it. */
bool llama_factory_check_entry(struct reading *r, const struct tl_json *entry);

/* What it reads lies at a hub, whatever file_name says. */
bool llama_factory_is_remote(const struct tl_json *entry);
/* It names a file or something at a hub. */
bool llama_factory_has_place(const struct tl_json *entry);

#endif
