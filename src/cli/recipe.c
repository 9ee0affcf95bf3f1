/* SPDX-License-Identifier: Apache-2.0 */
/* The recipe of a run: command line and environment over configuration. */
#include "cli/config.h"

#include <string.h>

#define MAX_VARIANTS 8

/* "KEY=VALUE" words of a list option; false after a message. */
static bool
split_options(
    struct tl_cli *cli, const char *name, struct tl_option **out, size_t *nout)
{
	size_t n;
	const char *const *words = tl_cli_list(cli, name, &n);
	struct tl_option *list = TL_NEW(cli->arena, struct tl_option, n);

	for (size_t i = 0; i < n; i++) {
		tl_str s = tl_str_from(words[i]);
		size_t eq = tl_str_find_char(s, '=', 0);

		if (eq == TL_NPOS || eq == 0) {
			tl_cli_fail(cli, "--%s takes KEY=VALUE, not '%s'", name,
			    words[i]);
			return false;
		}
		list[i].name = tl_str_slice(s, 0, eq);
		list[i].value = tl_str_slice(s, eq + 1, s.len);
	}
	*out = list;
	*nout = n;
	return true;
}

/* NULL for what the configuration leaves out. */
static const char *
config_string(struct tl_cli *cli, tl_str s)
{
	return s.len > 0 ? tl_arena_cstr(cli->arena, s) : NULL;
}

/* Of several trainers' options those of `trainer`: TRAINER.KEY, and of the
 * first trainer those that name none. */
static size_t
keep_own_options(const struct tl_cli *cli, const char *trainer,
    struct tl_option *list, size_t n)
{
	size_t kept = 0, nrivals;

	tl_cli_list(cli, "trainer", &nrivals);
	for (size_t i = 0; i < n; i++) {
		size_t dot = tl_str_find_char(list[i].name, '.', 0);
		tl_str owner = tl_str_slice(list[i].name, 0, dot);
		bool is_owned =
		    dot != TL_NPOS && tl_trainer_find(owner) != NULL;

		if (is_owned && !tl_str_eq(owner, tl_str_from(trainer)))
			continue;
		if (!is_owned && nrivals > 1 && cli->variant > 0)
			continue;
		list[kept] = list[i];
		if (is_owned)
			list[kept].name = tl_str_slice(
			    list[i].name, dot + 1, list[i].name.len);
		kept++;
	}
	return kept;
}

/* Options of the configuration that the command line does not give, then
 * those of the command line. */
static bool
merge_options(struct tl_cli *cli, const char *name, const char *trainer,
    const struct tl_config_map *from, const struct tl_option **out,
    size_t *nout)
{
	struct tl_option *given;
	struct tl_option *list;
	size_t ngiven, n = 0;

	if (!split_options(cli, name, &given, &ngiven))
		return false;
	if (trainer != NULL)
		ngiven = keep_own_options(cli, trainer, given, ngiven);
	list = TL_NEW(cli->arena, struct tl_option, from->n + ngiven);
	for (size_t i = 0; i < from->n; i++) {
		size_t k = 0;

		while (
		    k < ngiven && !tl_str_eq(given[k].name, from->list[i].name))
			k++;
		if (k < ngiven)
			continue;
		list[n].name = from->list[i].name;
		if (from->list[i].values.n > 0)
			list[n].value = from->list[i].values.list[0];
		n++;
	}
	for (size_t i = 0; i < ngiven; i++)
		list[n++] = given[i];
	*out = list;
	*nout = n;
	return true;
}

static bool
merge_roles(struct tl_cli *cli, const struct tl_config_map *from,
    struct tl_format_options *fo)
{
	struct tl_option *given;
	struct tl_role_map *roles;
	size_t ngiven, total = 0, n = 0;

	if (!split_options(cli, "role-map", &given, &ngiven))
		return false;
	for (size_t i = 0; i < from->n; i++)
		total += from->list[i].values.n;
	roles = TL_NEW(cli->arena, struct tl_role_map, total + ngiven);
	for (size_t i = 0; i < ngiven; i++)
		roles[n++] = (struct tl_role_map){ .target = given[i].name,
			.source = given[i].value };
	for (size_t i = 0; ngiven == 0 && i < from->n; i++)
		for (size_t k = 0; k < from->list[i].values.n; k++)
			roles[n++] = (struct tl_role_map){
				.target = from->list[i].name,
				.source = from->list[i].values.list[k],
			};
	fo->roles = roles;
	fo->nroles = n;
	return true;
}

static bool
merge_fields(struct tl_cli *cli, const struct tl_config_recipe *from,
    struct tl_recipe_spec *spec)
{
	struct tl_format_options *fo =
	    TL_NEW(cli->arena, struct tl_format_options, 1);
	const struct {
		const char *name;
		tl_str config;
		tl_str *field;
	} fields[] = {
		{ "field-messages", from->field_messages, &fo->field_messages },
		{ "field-role", from->field_role, &fo->field_role },
		{ "field-content", from->field_content, &fo->field_content },
		{ "field-system", from->field_system, &fo->field_system },
		{ "field-tools", from->field_tools, &fo->field_tools },
		{ "field-train", from->field_train, &fo->field_train },
		{ "field-train-detail", from->field_train_detail,
		    &fo->field_train_detail },
	};
	bool is_set = false;

	for (size_t i = 0; i < TL_COUNT(fields); i++) {
		const char *v = tl_cli_string(cli, fields[i].name, NULL);

		*fields[i].field =
		    v != NULL ? tl_str_from(v) : fields[i].config;
		is_set |= fields[i].field->len > 0;
	}
	if (!merge_roles(cli, &from->roles, fo))
		return false;
	if (is_set || fo->nroles > 0)
		spec->format_options = fo;
	return true;
}

static bool
make_spec(struct tl_cli *cli, const struct tl_config_recipe *from,
    struct tl_recipe_spec *spec)
{
	const struct {
		const char *name;
		tl_str config;
		const char **field;
	} strings[] = {
		{ "format", from->format, &spec->format },
		{ "template", from->template_, &spec->template_ },
		{ "tokenizer", from->tokenizer, &spec->tokenizer },
		{ "trainer", from->trainer, &spec->trainer },
		{ "now", from->now, &spec->now },
	};

	for (size_t i = 0; i < TL_COUNT(strings); i++)
		*strings[i].field = tl_cli_variant(cli, strings[i].name,
		    config_string(cli, strings[i].config));
	spec->name = config_string(cli, from->name);
	spec->sequence_len =
	    tl_cli_size(cli, "sequence-len", from->sequence_len);
	return merge_options(cli, "trainer-option",
		   spec->trainer != NULL ? spec->trainer : "reference",
		   &from->trainer_options, &spec->trainer_options,
		   &spec->ntrainer_options) &&
	    merge_options(cli, "tokenizer-option", NULL,
		&from->tokenizer_options, &spec->tokenizer_options,
		&spec->ntokenizer_options) &&
	    merge_fields(cli, from, spec);
}

static bool
is_chosen(const struct tl_recipe_spec *s)
{
	return s->format != NULL || s->template_ != NULL ||
	    s->tokenizer != NULL || s->trainer != NULL || s->sequence_len > 0 ||
	    s->ntrainer_options > 0 || s->ntokenizer_options > 0 ||
	    s->format_options != NULL;
}

static bool
is_about_template(const struct tl_recipe_spec *spec, const struct tl_error *err)
{
	const char *const others[] = { "tokenizer", "trainer", "format",
		spec->tokenizer };
	tl_str message = tl_str_from(err->message);

	if (spec->template_ == NULL || err->status == TL_ECONFIG)
		return false;
	for (size_t i = 0; err->line == 0 && i < TL_COUNT(others); i++)
		if (others[i] != NULL &&
		    tl_str_find(message, tl_str_from(others[i]), 0) != TL_NPOS)
			return false;
	return true;
}

static struct tl_recipe *
open_one(struct tl_cli *cli, const struct tl_config_recipe *from,
    bool use_defaults, bool *has_recipe)
{
	static const struct tl_config_recipe nothing;
	struct tl_recipe_spec spec = { .use_defaults = use_defaults,
		.is_tokenizer_only = cli->command->is_tokenizer_only };
	struct tl_recipe *recipe;
	struct tl_error err;

	if (!make_spec(cli, from != NULL ? from : &nothing, &spec))
		return NULL;
	if (has_recipe != NULL)
		*has_recipe = is_chosen(&spec);
	if (tl_recipe_open(cli->arena, &spec, &recipe, &err) == TL_OK)
		return recipe;
	/* Several data sets may share what cannot be opened. */
	if (cli->recipe_failure != NULL &&
	    strcmp(cli->recipe_failure, err.message) == 0)
		return NULL;
	cli->recipe_failure = tl_arena_printf(cli->arena, "%s", err.message);
	/* What is wrong with a tokenizer or a trainer names it. */
	tl_cli_fail_error(
	    cli, is_about_template(&spec, &err) ? spec.template_ : "", &err);
	return NULL;
}

/* The configuration's part of the variant. */
static bool
find_variant(struct tl_cli *cli, const struct tl_config_recipe **from)
{
	const struct tl_config *config;
	size_t n;

	tl_cli_list(cli, "recipe", &n);
	if (n < 2)
		return true;
	return tl_cli_config(cli, NULL, &config) &&
	    tl_cli_config_recipe(cli, config, NULL, from);
}

static bool
open_others(struct tl_cli *cli, const struct tl_config_recipe *from,
    bool use_defaults, size_t n, struct tl_recipe *r)
{
	const struct tl_recipe **list =
	    TL_NEW(cli->arena, const struct tl_recipe *, n);
	bool is_open = true;

	for (size_t i = 0; i < n && is_open; i++) {
		cli->variant = i + 1;
		is_open = find_variant(cli, &from);
		if (is_open)
			list[i] = open_one(cli, from, use_defaults, NULL);
		is_open = is_open && list[i] != NULL;
	}
	cli->variant = 0;
	r->others = list;
	r->nothers = n;
	return is_open;
}

const struct tl_recipe *
tl_cli_open_recipe(struct tl_cli *cli, const struct tl_config_recipe *from,
    bool use_defaults, bool *has_recipe)
{
	struct tl_recipe *r = open_one(cli, from, use_defaults, has_recipe);
	size_t nrecipes, ntrainers, n;

	tl_cli_list(cli, "recipe", &nrecipes);
	tl_cli_list(cli, "trainer", &ntrainers);
	n = nrecipes > ntrainers ? nrecipes : ntrainers;
	if (r == NULL || n < 2)
		return r;
	if (n > MAX_VARIANTS) {
		tl_cli_fail(
		    cli, "at most %d recipes can be compared", MAX_VARIANTS);
		return NULL;
	}
	return open_others(cli, from, use_defaults, n - 1, r) ? r : NULL;
}

const struct tl_recipe *
tl_cli_recipe(
    struct tl_cli *cli, const char *path, bool use_defaults, bool *has_recipe)
{
	const struct tl_config *config;
	const struct tl_config_recipe *from;

	if (!tl_cli_config(cli, path, &config) ||
	    !tl_cli_config_recipe(cli, config, path, &from))
		return NULL;
	return tl_cli_open_recipe(cli, from, use_defaults, has_recipe);
}

void
tl_cli_note_defaults(const struct tl_cli *cli, const struct tl_recipe *r)
{
	if (r->is_default_template && r->is_default_tokenizer)
		tl_cli_note(cli,
		    "no template and no tokenizer were given: "
		    "using the built-in ones; the tokens are not those of "
		    "your model");
	else if (r->is_default_tokenizer)
		tl_cli_note(cli,
		    "no tokenizer was given: using the built-in "
		    "one; the tokens are not those of your model");
	else if (r->is_default_template)
		tl_cli_note(cli,
		    "no template was given: using the built-in "
		    "one");
}
