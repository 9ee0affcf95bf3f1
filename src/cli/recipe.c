/* SPDX-License-Identifier: Apache-2.0 */
/* The recipe of a run: command line and environment over configuration. */
#include "cli/cli.h"

#include <string.h>

/* "KEY=VALUE" words of a list option; false after a message. */
static bool
split_options(struct tl_cli *cli, const char *name,
    const struct tl_option **out, size_t *nout)
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

static bool
format_options_from(struct tl_cli *cli, struct tl_recipe_spec *spec)
{
	struct tl_format_options *fo =
	    TL_NEW(cli->arena, struct tl_format_options, 1);
	const struct {
		const char *name;
		tl_str *field;
	} fields[] = {
		{ "field-messages", &fo->field_messages },
		{ "field-role", &fo->field_role },
		{ "field-content", &fo->field_content },
		{ "field-system", &fo->field_system },
		{ "field-tools", &fo->field_tools },
		{ "field-train", &fo->field_train },
		{ "field-train-detail", &fo->field_train_detail },
	};
	const struct tl_option *map;
	struct tl_role_map *roles;
	size_t nmap;
	bool is_set = false;

	for (size_t i = 0; i < TL_COUNT(fields); i++) {
		const char *v = tl_cli_string(cli, fields[i].name, NULL);

		*fields[i].field = tl_str_from(v);
		is_set |= v != NULL;
	}
	if (!split_options(cli, "role-map", &map, &nmap))
		return false;
	roles = TL_NEW(cli->arena, struct tl_role_map, nmap);
	for (size_t i = 0; i < nmap; i++) {
		roles[i].target = map[i].name;
		roles[i].source = map[i].value;
	}
	fo->roles = roles;
	fo->nroles = nmap;
	if (is_set || nmap > 0)
		spec->format_options = fo;
	return true;
}

static bool
spec_from_options(struct tl_cli *cli, struct tl_recipe_spec *spec)
{
	spec->format = tl_cli_string(cli, "format", NULL);
	spec->template_ = tl_cli_string(cli, "template", NULL);
	spec->tokenizer = tl_cli_string(cli, "tokenizer", NULL);
	spec->trainer = tl_cli_string(cli, "trainer", NULL);
	spec->sequence_len = tl_cli_size(cli, "sequence-len", 0);
	spec->now = tl_cli_string(cli, "now", NULL);
	return split_options(cli, "trainer-option", &spec->trainer_options,
		   &spec->ntrainer_options) &&
	    split_options(cli, "tokenizer-option", &spec->tokenizer_options,
		&spec->ntokenizer_options) &&
	    format_options_from(cli, spec);
}

static bool
is_chosen(const struct tl_recipe_spec *s)
{
	return s->format != NULL || s->template_ != NULL ||
	    s->tokenizer != NULL || s->trainer != NULL || s->sequence_len > 0 ||
	    s->ntrainer_options > 0 || s->ntokenizer_options > 0 ||
	    s->format_options != NULL;
}

const struct tl_recipe *
tl_cli_recipe(
    struct tl_cli *cli, const char *path, bool use_defaults, bool *has_recipe)
{
	struct tl_recipe_spec spec = { .use_defaults = use_defaults };
	struct tl_recipe *recipe;
	struct tl_error err;

	(void)path;
	if (!spec_from_options(cli, &spec))
		return NULL;
	if (has_recipe != NULL)
		*has_recipe = is_chosen(&spec);
	if (tl_recipe_open(cli->arena, &spec, &recipe, &err) != TL_OK) {
		tl_cli_fail_error(cli, "recipe", &err);
		return NULL;
	}
	return recipe;
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
