/* SPDX-License-Identifier: Apache-2.0 */
/* advice.h - tl_trainer.advise_stop of trainers that share it. */
#ifndef TRAINER_ADVICE_H
#define TRAINER_ADVICE_H

#include <turnlint/trainer.h>

/* The mask is what the template's {% generation %} blocks cover. */
const char *tl_advise_generation_block(struct tl_arena *a,
    const struct tl_recipe *r, const struct tl_sample *s, size_t k);

/* Token k as the text has it, in quotes; safe to print. */
const char *tl_advised_token(
    struct tl_arena *a, const struct tl_sample *s, size_t k);

#endif
