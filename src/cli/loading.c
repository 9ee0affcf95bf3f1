/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/loading.h"

#include "cli/config.h"
#include "cli/selection.h"

bool
tl_cli_loader(struct tl_cli *cli, const char *path, struct tl_arena *a,
    tl_oom_fn *oom, struct tl_loader *l)
{
	struct tl_loader_setup setup = { .oom = oom };
	const struct tl_config *config;
	bool has_recipe;
	struct tl_error err;

	if (!tl_cli_config(cli, path, &config))
		return false;
	tl_cli_selection(cli, config, &setup.lint);
	setup.lint.nthreads = 1;
	setup.recipe = tl_cli_recipe(cli, path, true, &has_recipe);
	if (setup.recipe == NULL)
		return false;
	setup.lint_recipe = has_recipe ? setup.recipe : NULL;
	if (has_recipe &&
	    (setup.recipe->is_default_template ||
		setup.recipe->is_default_tokenizer)) {
		setup.lint_recipe = tl_cli_recipe(cli, path, false, NULL);
		if (setup.lint_recipe == NULL)
			return false;
	}
	if (tl_loader_init(l, a, &setup, &err) != TL_OK) {
		tl_cli_fail_error(cli, "", &err);
		return false;
	}
	return true;
}
