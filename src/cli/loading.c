/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/loading.h"

bool
tl_cli_loader(struct tl_cli *cli, const char *path, struct tl_arena *a,
    tl_oom_fn *oom, struct tl_loader *l)
{
	bool has_recipe;
	const struct tl_recipe *recipe, *lint_recipe;
	struct tl_error err;

	recipe = tl_cli_recipe(cli, path, true, &has_recipe);
	if (recipe == NULL)
		return false;
	lint_recipe = has_recipe ? recipe : NULL;
	if (has_recipe &&
	    (recipe->is_default_template || recipe->is_default_tokenizer)) {
		lint_recipe = tl_cli_recipe(cli, path, false, NULL);
		if (lint_recipe == NULL)
			return false;
	}
	if (tl_loader_init(l, a, recipe, lint_recipe, oom, &err) != TL_OK) {
		tl_cli_fail_error(cli, "", &err);
		return false;
	}
	return true;
}
