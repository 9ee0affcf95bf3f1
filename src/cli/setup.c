/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/setup.h"

#include <turnlint/path.h>

#include <string.h>

#define MAX_SETUP_BYTES ((size_t)4 << 20)

static const struct tl_setup_kind *
given_kind(const struct tl_cli *cli, const char **path)
{
	size_t n;
	const struct tl_setup_kind *const *kinds = tl_setup_kinds(&n);

	for (size_t i = 0; i < n; i++) {
		*path = tl_cli_string(cli, kinds[i]->name, NULL);
		if (*path != NULL)
			return kinds[i];
	}
	return NULL;
}

bool
tl_cli_setup(struct tl_cli *cli, const struct tl_setup **out)
{
	const char *path;
	const struct tl_setup_kind *kind = given_kind(cli, &path);
	struct tl_setup *s;
	struct tl_error err;

	*out = cli->setup;
	if (kind == NULL || cli->setup != NULL)
		return true;
	s = TL_NEW(cli->arena, struct tl_setup, 1);
	s->path = tl_str_from(path);
	if (tl_file_read(cli->arena, path, MAX_SETUP_BYTES, &s->text, &err) !=
		TL_OK ||
	    kind->read(cli->arena, s, &err) != TL_OK) {
		tl_cli_fail_error(cli, path, &err);
		return false;
	}
	*out = cli->setup = s;
	return true;
}

static struct tl_config_map
map_of(struct tl_arena *a, const struct tl_option *options, size_t n)
{
	struct tl_config_pair *list = TL_NEW(a, struct tl_config_pair, n);

	for (size_t i = 0; i < n; i++) {
		tl_str *value = TL_NEW(a, tl_str, 1);

		*value = options[i].value;
		list[i].name = options[i].name;
		list[i].values = (struct tl_names){ value, 1 };
	}
	return (struct tl_config_map){ list, n };
}

/* One source a pair: a target may stand there several times. */
static struct tl_config_map
roles_of(struct tl_arena *a, const struct tl_format_options *f)
{
	struct tl_option *list = TL_NEW(a, struct tl_option, f->nroles);

	for (size_t i = 0; i < f->nroles; i++)
		list[i] = (struct tl_option){ f->roles[i].target,
			f->roles[i].source };
	return map_of(a, list, f->nroles);
}

static struct tl_config_recipe
recipe_of(struct tl_cli *cli, const struct tl_setup_dataset *d, size_t i)
{
	return (struct tl_config_recipe){
		.name = tl_str_from(
		    tl_arena_printf(cli->arena, "%s-%zu", d->trainer, i + 1)),
		.format = tl_str_from(d->format),
		.template_ = tl_str_from(d->template_),
		.tokenizer = tl_str_from(d->tokenizer),
		.trainer = tl_str_from(d->trainer),
		.sequence_len = d->sequence_len,
		.trainer_options = map_of(cli->arena, d->options, d->noptions),
		.tokenizer_options = map_of(
		    cli->arena, d->tokenizer_options, d->ntokenizer_options),
		.field_messages = d->fields.field_messages,
		.field_role = d->fields.field_role,
		.field_content = d->fields.field_content,
		.field_system = d->fields.field_system,
		.field_tools = d->fields.field_tools,
		.field_train = d->fields.field_train,
		.field_train_detail = d->fields.field_train_detail,
		.roles = roles_of(cli->arena, &d->fields),
	};
}

struct tl_config *
tl_cli_setup_config(
    struct tl_cli *cli, const struct tl_setup *s, const struct tl_config *base)
{
	struct tl_config *c = TL_NEW(cli->arena, struct tl_config, 1);
	struct tl_config_recipe *recipes =
	    TL_NEW(cli->arena, struct tl_config_recipe, s->ndatasets);
	struct tl_config_dataset *datasets =
	    TL_NEW(cli->arena, struct tl_config_dataset, s->ndatasets);
	size_t n = 0;

	if (base != NULL)
		*c = *base;
	if (base == NULL) {
		c->path = tl_str_from(tl_path_absolute(
		    cli->arena, tl_arena_cstr(cli->arena, s->path)));
		c->folder = c->path;
	}
	for (size_t i = 0; i < s->ndatasets; i++) {
		recipes[i] = recipe_of(cli, &s->datasets[i], i);
		if (s->datasets[i].path.len == 0)
			continue;
		datasets[n].path = s->datasets[i].path;
		datasets[n++].recipe = recipes[i].name;
	}
	c->recipes = recipes;
	c->nrecipes = s->ndatasets;
	c->datasets = datasets;
	c->ndatasets = n;
	/* A file that the configuration does not name goes by its first data
	 * set. */
	c->recipe = s->ndatasets > 0 ? recipes[0].name : (tl_str){ NULL, 0 };
	return c;
}
