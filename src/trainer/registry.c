/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/str.h>
#include <turnlint/trainer.h>

#define TRAINER(id) extern const struct tl_trainer tl_trainer_##id;
#include "trainers.inc"
#undef TRAINER

static const struct tl_trainer *const trainers[] = {
#define TRAINER(id) &tl_trainer_##id,
#include "trainers.inc"
#undef TRAINER
};

const struct tl_trainer *const *
tl_trainers(size_t *n)
{
	*n = TL_COUNT(trainers);
	return trainers;
}

const struct tl_trainer *
tl_trainer_find(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(trainers); i++)
		if (tl_str_eq(tl_str_from(trainers[i]->name), name))
			return trainers[i];
	return NULL;
}
