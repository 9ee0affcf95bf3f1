/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/config.h"

#define TOP(member) offsetof(struct tl_config, member)
#define RECIPE(member) offsetof(struct tl_config_recipe, member)
#define DATASET(member) offsetof(struct tl_config_dataset, member)

const struct tl_key tl_config_keys[] = {
	{ "extends", TL_KEY_NAMES, TOP(extends), TL_NPOS, NULL,
	    "configuration files to start from; paths are relative to this "
	    "file, later ones win, this file wins over all" },
	{ "select", TL_KEY_SELECTORS, TOP(select), TL_NPOS, NULL,
	    "the rules that run: codes, prefixes of codes, names, or ALL" },
	{ "ignore", TL_KEY_SELECTORS, TOP(ignore), TL_NPOS, NULL,
	    "rules that do not run" },
	{ "extend_select", TL_KEY_SELECTORS, TOP(extend_select), TL_NPOS, NULL,
	    "rules that run beside the selected ones" },
	{ "preview", TL_KEY_BOOL, TOP(preview), TL_NPOS, NULL,
	    "let rules in preview run" },
	{ "severity", TL_KEY_LEVELS, TOP(severity), TL_NPOS,
	    "error warning info off", "the level of a rule or a group" },
	{ "per_file_ignores", TL_KEY_IGNORES, TOP(per_file_ignores), TL_NPOS,
	    NULL, "rules that do not run on files that match a pattern" },
	{ "exclude", TL_KEY_NAMES, TOP(exclude), TL_NPOS, NULL,
	    "patterns of files that are left out when a folder is searched, "
	    "and with --force-exclude also when they are named" },
	{ "fail_on", TL_KEY_CHOICE, TOP(fail_on), TL_NPOS,
	    "error warning info none",
	    "the lowest level that makes the exit status 1" },
	{ "max_per_rule", TL_KEY_SIZE, TOP(max_per_rule), TOP(has_max_per_rule),
	    NULL, "findings printed a rule and file; 0 for all" },
	{ "output_format", TL_KEY_STRING, TOP(output_format), TL_NPOS, NULL,
	    "how findings are printed" },
	{ "recipe", TL_KEY_STRING, TOP(recipe), TL_NPOS, NULL,
	    "name of the recipe for files that no dataset names" },
	{ "recipes", TL_KEY_RECIPES, TOP(recipes), TOP(nrecipes), NULL,
	    "by name, how records become tokens and labels" },
	{ "datasets", TL_KEY_DATASETS, TOP(datasets), TOP(ndatasets), NULL,
	    "which files are data, and the recipe of each" },
	{ 0 },
};

const struct tl_key tl_recipe_keys[] = {
	{ "format", TL_KEY_STRING, RECIPE(format), TL_NPOS, NULL,
	    "how the records are laid out" },
	{ "template", TL_KEY_TEMPLATE, RECIPE(template_), TL_NPOS, NULL,
	    "chat template: a built-in name or a file" },
	{ "tokenizer", TL_KEY_PATH, RECIPE(tokenizer), TL_NPOS, NULL,
	    "a tokenizer file (as --tokenizer takes it), or its folder" },
	{ "trainer", TL_KEY_STRING, RECIPE(trainer), TL_NPOS, NULL,
	    "whose masking rules apply" },
	{ "trainer_options", TL_KEY_VALUES, RECIPE(trainer_options), TL_NPOS,
	    NULL, "options of the trainer" },
	{ "tokenizer_options", TL_KEY_OPTIONS, RECIPE(tokenizer_options),
	    TL_NPOS, NULL, "options of the tokenizer" },
	{ "sequence_len", TL_KEY_SIZE, RECIPE(sequence_len), TL_NPOS, NULL,
	    "tokens after which the trainer cuts a record" },
	{ "now", TL_KEY_STRING, RECIPE(now), TL_NPOS, NULL,
	    "what strftime_now in a template sees" },
	{ "field_messages", TL_KEY_STRING, RECIPE(field_messages), TL_NPOS,
	    NULL, "key of the list of messages" },
	{ "field_role", TL_KEY_STRING, RECIPE(field_role), TL_NPOS, NULL,
	    "key of a message's role" },
	{ "field_content", TL_KEY_STRING, RECIPE(field_content), TL_NPOS, NULL,
	    "key of a message's content" },
	{ "field_system", TL_KEY_STRING, RECIPE(field_system), TL_NPOS, NULL,
	    "key of the system prompt beside the messages" },
	{ "field_tools", TL_KEY_STRING, RECIPE(field_tools), TL_NPOS, NULL,
	    "key of the tools" },
	{ "field_train", TL_KEY_STRING, RECIPE(field_train), TL_NPOS, NULL,
	    "key of a message's train flag" },
	{ "field_train_detail", TL_KEY_STRING, RECIPE(field_train_detail),
	    TL_NPOS, NULL, "key of a message's train_detail" },
	{ "roles", TL_KEY_ROLES, RECIPE(roles), TL_NPOS, NULL,
	    "for a role, its names in the data; replaces the format's own" },
	{ 0 },
};

const struct tl_key tl_dataset_keys[] = {
	{ "path", TL_KEY_PATH, DATASET(path), TL_NPOS, NULL,
	    "pattern of the files, relative to this file" },
	{ "recipe", TL_KEY_STRING, DATASET(recipe), TL_NPOS, NULL,
	    "name of the recipe; or give a recipe's keys here" },
	{ 0 },
};

/* ---- JSON Schema
 * -------------------------------------------------------------*/

static void
put_enum(struct tl_buf *b, const char *choices)
{
	tl_str s = tl_str_from(choices);

	tl_buf_puts(b, "{\"enum\": [");
	for (size_t i = 0; i < s.len;) {
		size_t end = tl_str_find_char(s, ' ', i);

		tl_buf_puts(b, i > 0 ? ", \"" : "\"");
		tl_buf_put(b, tl_str_slice(s, i, end));
		tl_buf_putc(b, '"');
		i = end == TL_NPOS ? s.len : end + 1;
	}
	tl_buf_puts(b, "]}");
}

static void put_keys(
    struct tl_buf *b, const struct tl_key *const *tables, size_t n, int depth);

static void
put_recipe_schema(struct tl_buf *b, bool is_dataset, int depth)
{
	const struct tl_key *tables[] = { tl_dataset_keys, tl_recipe_keys };

	if (is_dataset)
		put_keys(b, tables, 2, depth);
	else
		put_keys(b, tables + 1, 1, depth);
}

#define STRINGS                                                       \
	"{\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", " \
	"\"items\": {\"type\": \"string\"}}]}"

static void
put_type(struct tl_buf *b, const struct tl_key *k, int depth)
{
	switch (k->kind) {
	case TL_KEY_STRING:
	case TL_KEY_PATH:
	case TL_KEY_TEMPLATE:
		tl_buf_puts(b, "{\"type\": \"string\"}");
		break;
	case TL_KEY_BOOL:
		tl_buf_puts(b, "{\"type\": \"boolean\"}");
		break;
	case TL_KEY_SIZE:
		tl_buf_puts(b, "{\"type\": \"integer\", \"minimum\": 0}");
		break;
	case TL_KEY_CHOICE:
		put_enum(b, k->choices);
		break;
	case TL_KEY_NAMES:
	case TL_KEY_SELECTORS:
		tl_buf_puts(b, STRINGS);
		break;
	case TL_KEY_LEVELS:
		tl_buf_puts(b,
		    "{\"type\": \"object\", "
		    "\"additionalProperties\": ");
		put_enum(b, k->choices);
		tl_buf_putc(b, '}');
		break;
	case TL_KEY_IGNORES:
	case TL_KEY_ROLES:
		tl_buf_puts(b,
		    "{\"type\": \"object\", "
		    "\"additionalProperties\": " STRINGS "}");
		break;
	case TL_KEY_OPTIONS:
		tl_buf_puts(b,
		    "{\"type\": \"object\", "
		    "\"additionalProperties\": {\"type\": [\"string\", "
		    "\"number\", \"boolean\"]}}");
		break;
	case TL_KEY_VALUES:
		tl_buf_puts(b, "{\"type\": \"object\"}");
		break;
	case TL_KEY_RECIPES:
		tl_buf_puts(b,
		    "{\"type\": \"object\", "
		    "\"additionalProperties\": ");
		put_recipe_schema(b, false, depth);
		tl_buf_putc(b, '}');
		break;
	case TL_KEY_DATASETS:
		tl_buf_puts(b, "{\"type\": \"array\", \"items\": ");
		put_recipe_schema(b, true, depth);
		tl_buf_putc(b, '}');
		break;
	}
}

static void
put_keys(
    struct tl_buf *b, const struct tl_key *const *tables, size_t n, int depth)
{
	bool is_first = true;

	tl_buf_puts(b,
	    "{\"type\": \"object\", "
	    "\"additionalProperties\": false, \"properties\": {\n");
	for (size_t t = 0; t < n; t++)
		for (const struct tl_key *k = tables[t]; k->name != NULL; k++) {
			if (!is_first)
				tl_buf_puts(b, ",\n");
			is_first = false;
			tl_buf_pad(b, ' ', (size_t)depth * 2 + 2);
			tl_buf_printf(b, "\"%s\": {\"description\": ", k->name);
			tl_json_put_string(b, tl_str_from(k->help));
			tl_buf_puts(b, ", \"allOf\": [");
			put_type(b, k, depth + 1);
			tl_buf_puts(b, "]}");
		}
	tl_buf_puts(b, "}}");
}

void
tl_config_put_schema(struct tl_buf *b)
{
	const struct tl_key *tables[] = { tl_config_keys };

	tl_buf_puts(b,
	    "{\"$schema\": "
	    "\"https://json-schema.org/draft/2020-12/schema\",\n"
	    " \"title\": \"turnlint configuration\",\n \"allOf\": [");
	put_keys(b, tables, 1, 0);
	tl_buf_puts(b, "]}\n");
}

/* ---- YAML
 * --------------------------------------------------------------------*/

static void
put_names(struct tl_buf *b, struct tl_names names)
{
	tl_buf_putc(b, '[');
	for (size_t i = 0; i < names.n; i++) {
		if (i > 0)
			tl_buf_puts(b, ", ");
		tl_json_put_string(b, names.list[i]);
	}
	tl_buf_puts(b, "]\n");
}

static void
put_map(struct tl_buf *b, const struct tl_config_map *m, enum tl_key_kind kind,
    size_t indent)
{
	tl_buf_putc(b, '\n');
	for (size_t i = 0; i < m->n; i++) {
		tl_buf_pad(b, ' ', indent + 2);
		tl_json_put_string(b, m->list[i].name);
		tl_buf_puts(b, ": ");
		if (kind == TL_KEY_VALUES) {
			tl_buf_put(b, m->list[i].values.list[0]);
			tl_buf_putc(b, '\n');
		} else if (kind == TL_KEY_LEVELS || kind == TL_KEY_OPTIONS) {
			tl_json_put_string(b, m->list[i].values.list[0]);
			tl_buf_putc(b, '\n');
		} else {
			put_names(b, m->list[i].values);
		}
	}
}

static void put_section(struct tl_buf *b, const struct tl_key *keys,
    const void *base, size_t indent, bool is_item);

static void
put_recipes(struct tl_buf *b, const struct tl_config *c)
{
	tl_buf_putc(b, '\n');
	for (size_t i = 0; i < c->nrecipes; i++) {
		tl_buf_puts(b, "  ");
		tl_json_put_string(b, c->recipes[i].name);
		tl_buf_puts(b, ":\n");
		put_section(b, tl_recipe_keys, &c->recipes[i], 4, false);
	}
}

static void
put_datasets(struct tl_buf *b, const struct tl_config *c)
{
	tl_buf_putc(b, '\n');
	for (size_t i = 0; i < c->ndatasets; i++) {
		put_section(b, tl_dataset_keys, &c->datasets[i], 4, true);
		put_section(b, tl_recipe_keys, &c->datasets[i].own, 4, false);
	}
}

/* Not given, so not printed. */
static bool
is_unset(const struct tl_key *k, const char *base)
{
	const void *at = base + k->at;

	switch (k->kind) {
	case TL_KEY_STRING:
	case TL_KEY_PATH:
	case TL_KEY_TEMPLATE:
	case TL_KEY_BOOL:
	case TL_KEY_CHOICE:
		return ((const tl_str *)at)->len == 0;
	case TL_KEY_SIZE:
		return k->extra_at != TL_NPOS
		    ? !*(const bool *)(const void *)(base + k->extra_at)
		    : *(const size_t *)at == 0;
	case TL_KEY_NAMES:
	case TL_KEY_SELECTORS:
		return ((const struct tl_names *)at)->n == 0;
	case TL_KEY_LEVELS:
	case TL_KEY_IGNORES:
	case TL_KEY_OPTIONS:
	case TL_KEY_VALUES:
	case TL_KEY_ROLES:
		return ((const struct tl_config_map *)at)->n == 0;
	case TL_KEY_RECIPES:
	case TL_KEY_DATASETS:
		return *(const size_t *)(const void *)(base + k->extra_at) == 0;
	}
	return true;
}

static void
put_value(
    struct tl_buf *b, const struct tl_key *k, const void *base, size_t indent)
{
	const void *at = (const char *)base + k->at;

	switch (k->kind) {
	case TL_KEY_STRING:
	case TL_KEY_PATH:
	case TL_KEY_TEMPLATE:
	case TL_KEY_CHOICE:
		tl_json_put_string(b, *(const tl_str *)at);
		tl_buf_putc(b, '\n');
		break;
	case TL_KEY_BOOL:
		tl_buf_put(b, *(const tl_str *)at);
		tl_buf_putc(b, '\n');
		break;
	case TL_KEY_SIZE:
		tl_buf_printf(b, "%zu\n", *(const size_t *)at);
		break;
	case TL_KEY_NAMES:
	case TL_KEY_SELECTORS:
		put_names(b, *(const struct tl_names *)at);
		break;
	case TL_KEY_LEVELS:
	case TL_KEY_OPTIONS:
	case TL_KEY_VALUES:
	case TL_KEY_IGNORES:
	case TL_KEY_ROLES:
		put_map(b, at, k->kind, indent);
		break;
	case TL_KEY_RECIPES:
		put_recipes(b, base);
		break;
	case TL_KEY_DATASETS:
		put_datasets(b, base);
		break;
	}
}

static void
put_section(struct tl_buf *b, const struct tl_key *keys, const void *base,
    size_t indent, bool is_item)
{
	for (const struct tl_key *k = keys; k->name != NULL; k++) {
		if (is_unset(k, base))
			continue;
		if (is_item) {
			tl_buf_pad(b, ' ', indent - 2);
			tl_buf_puts(b, "- ");
			is_item = false;
		} else {
			tl_buf_pad(b, ' ', indent);
		}
		tl_buf_printf(
		    b, k->kind <= TL_KEY_SELECTORS ? "%s: " : "%s:", k->name);
		put_value(b, k, base, indent);
	}
}

void
tl_config_put(struct tl_buf *b, const struct tl_config *c)
{
	put_section(b, tl_config_keys, c, 0, false);
}
