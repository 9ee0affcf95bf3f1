/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl's config.yml.
 *
 * Validation removes what is null and what it does not know before anything
 * reads a setting; a data set has its own settings, and some only count at the
 * top.  Where the two disagree about the template, the data set's wins.
 */
#include <stdlib.h>
#include <string.h>

#include "setup/axolotl.h"
#include "setup/kinds.h"

#define DEFAULT_SEQUENCE_LEN 512

/* Passed on to the policy. */
static const char *const from_dataset[] = { "field_messages",
	"message_property_mappings", "message_field_role",
	"message_field_content", "message_field_training",
	"message_field_training_detail", "roles", "roles_to_train",
	"train_on_eos", "train_on_eot", "drop_system_message", "split_thinking",
	"template_thinking_key", "conversation", "field", "field_human",
	"field_model" };
static const char *const from_top[] = { "train_on_inputs", "eot_tokens",
	"chat_template_kwargs", "min_sample_len", "special_tokens", "tokens",
	"base_model", "default_system_message" };

/* --- templates and tokenizers -----------------------------------------------
 */

/* A file's name or the text itself. */
static const char *
jinja_of(struct reading *r, const struct tl_json *from)
{
	tl_str text = setup_text(from, "chat_template_jinja");
	tl_str file =
	    text.len < 4096 ? setup_find(r, text) : (tl_str){ NULL, 0 };

	if (file.len > 0)
		return tl_arena_cstr(r->a, file);
	return tl_arena_printf(r->a, "jinja:%s", tl_arena_cstr(r->a, text));
}

static const char *
template_of(
    struct reading *r, const struct tl_json *top, const struct tl_json *dataset)
{
	const struct tl_json *from = dataset;
	tl_str name = setup_text(dataset, "chat_template");

	/* What the top says is installed on the tokenizer. */
	if (name.len == 0 || tl_str_eq(name, TL_STR("tokenizer_default"))) {
		from = top;
		name = setup_text(top, "chat_template");
		if (name.len == 0 &&
		    setup_text(top, "chat_template_jinja").len > 0)
			name = TL_STR("jinja");
	}
	if (name.len == 0 || tl_str_eq(name, TL_STR("tokenizer_default")))
		return NULL;
	if (tl_str_eq(name, TL_STR("jinja")))
		return jinja_of(r, from);
	if (tl_str_starts(name, TL_STR("tokenizer_default_fallback_")))
		return tl_arena_cstr(r->a, name);
	return tl_arena_printf(r->a, "axolotl:%s", tl_arena_cstr(r->a, name));
}

static const char *
tokenizer_of(struct reading *r, const struct tl_json *top)
{
	static const char *const keys[] = { "tokenizer_config",
		"base_model_config", "base_model" };
	const struct tl_json *v = NULL;

	for (size_t i = 0; i < TL_COUNT(keys) && v == NULL; i++)
		v = setup_get(top, keys[i]);
	if (v == NULL) {
		setup_note(r, TL_SETUP_MISSING, NULL,
		    "add base_model, or give the tokenizer with --tokenizer",
		    "there is no base_model: what is trained cannot be "
		    "computed");
		return NULL;
	}
	return setup_tokenizer(r, v, "tokenizer");
}

/* --- data sets --------------------------------------------------------------
 */

static void
read_type(struct reading *r, const struct tl_json *dataset, struct options *o)
{
	const struct tl_json *type = setup_get(dataset, "type");

	if (!tl_json_is(type, TL_JSON_OBJECT)) {
		setup_option(r, o, "type", type);
		return;
	}
	setup_option_text(r, o, "type", TL_STR("user_defined"));
	for (const struct tl_json *v = type->first; v != NULL; v = v->next)
		if (axolotl_is_user_key(v->key))
			setup_option(r, o, tl_arena_cstr(r->a, v->key), v);
}

/* Giving roles replaces the map, it does not add to it. */
static void
read_roles(struct reading *r, const struct tl_json *dataset,
    struct tl_format_options *f)
{
	static const struct tl_role_map usual[] = {
		{ TL_LIT("user"), TL_LIT("human") },
		{ TL_LIT("user"), TL_LIT("user") },
		{ TL_LIT("assistant"), TL_LIT("gpt") },
		{ TL_LIT("assistant"), TL_LIT("assistant") },
		{ TL_LIT("system"), TL_LIT("system") },
		{ TL_LIT("tool"), TL_LIT("tool") },
	};
	const struct tl_json *roles = setup_get(dataset, "roles");
	struct tl_role_map *own;
	size_t n = 0;

	f->roles = usual;
	f->nroles = TL_COUNT(usual);
	if (!tl_json_is(roles, TL_JSON_OBJECT))
		return;
	for (const struct tl_json *v = roles->first; v != NULL; v = v->next)
		n += v->nchildren;
	own = TL_NEW(r->a, struct tl_role_map, n);
	n = 0;
	for (const struct tl_json *v = roles->first; v != NULL; v = v->next)
		for (const struct tl_json *x = v->first; x != NULL; x = x->next)
			own[n++] = (struct tl_role_map){ v->key,
				tl_json_text(x, (tl_str){ NULL, 0 }) };
	f->roles = own;
	f->nroles = n;
}

static void
read_fields(const struct tl_json *dataset, struct tl_format_options *f)
{
	const struct tl_json *map =
	    setup_get(dataset, "message_property_mappings");
	tl_str role = setup_text(map, "role");
	tl_str content = setup_text(map, "content");
	tl_str old_role = tl_json_text(
	    setup_get(dataset, "message_field_role"), (tl_str){ NULL, 0 });
	tl_str old_content = tl_json_text(
	    setup_get(dataset, "message_field_content"), (tl_str){ NULL, 0 });

	f->field_messages = setup_text(dataset, "field_messages");
	f->field_role = role.len > 0 ? role : old_role;
	f->field_content = content.len > 0 ? content : old_content;
	f->field_train = setup_text(dataset, "message_field_training");
	f->field_train_detail =
	    setup_text(dataset, "message_field_training_detail");
}

/* The type of a file is what its path contains, wherever that stands. */
static void
check_extension(struct reading *r, const struct tl_json *dataset, tl_str path)
{
	static const char *const extensions[] = { ".parquet", ".arrow", ".csv",
		".txt" };
	const struct tl_json *v = setup_get(dataset, "path");
	bool is_json = tl_str_ends(path, TL_STR(".json")) ||
	    tl_str_ends(path, TL_STR(".jsonl"));

	for (size_t i = 0; i < TL_COUNT(extensions) && is_json &&
	     setup_get(dataset, "ds_type") == NULL;
	     i++) {
		if (tl_str_find(setup_text(dataset, "path"),
			tl_str_from(extensions[i]), 0) == TL_NPOS)
			continue;
		axolotl_refuse(r, v, "add ds_type: json, or rename the file",
		    tl_arena_printf(r->a,
			"the path contains %s, so the file is not read as "
			"JSON",
			extensions[i]));
		return;
	}
}

/* Files and folders of a data set; at least one, empty when none is here. */
struct places {
	tl_str *list;
	size_t n;
};

static void
add_place(struct reading *r, struct places *p, tl_str path)
{
	tl_str found = setup_find(r, path);

	if (found.len > 0)
		p->list[p->n++] = found;
}

static struct places
find_data(struct reading *r, const struct tl_json *dataset)
{
	const struct tl_json *path = setup_get(dataset, "path");
	const struct tl_json *files = setup_get(dataset, "data_files");
	tl_str found = setup_find(r, setup_text(dataset, "path"));
	struct places p = { TL_NEW(r->a, tl_str,
				1 + (files != NULL ? files->nchildren : 0)),
		0 };

	if (found.len > 0 && (files == NULL || !setup_is_folder(r, found))) {
		check_extension(r, dataset, found);
		p.list[p.n++] = found;
		if (files != NULL)
			setup_note(r, TL_SETUP_NO_EFFECT, files, "remove it",
			    "\"data_files\" has no effect: path is a file");
	} else if (tl_json_is(files, TL_JSON_STRING)) {
		add_place(r, &p, files->text);
	} else if (files != NULL) {
		for (const struct tl_json *f = files->first; f != NULL;
		     f = f->next)
			add_place(r, &p, f->text);
	}
	if (p.n == 0) {
		p.list[p.n++] = (tl_str){ NULL, 0 };
		setup_note(r, TL_SETUP_MISSING, path,
		    "fetch it, or name the file on the command line",
		    "the data set \"%s\" is no file or folder here",
		    tl_arena_cstr(r->a, setup_text(dataset, "path")));
	}
	return p;
}

/* message_field_role: 0 is role, as if it were not there. */
static bool
is_usual_name(const struct tl_json *dataset, const char *key)
{
	const struct tl_json *v = setup_get(dataset, key);

	return v != NULL && v->kind != TL_JSON_STRING &&
	    tl_str_starts(tl_str_from(key), TL_STR("message_field_"));
}

/* Two types take the name of a template and not the template. */
static void
read_template_name(struct reading *r, const struct tl_json *top,
    const struct tl_json *dataset, struct options *o)
{
	tl_str type = setup_text(dataset, "type");
	const struct tl_json *name = setup_get(dataset, "chat_template");

	if (tl_str_eq(type, TL_STR("messages")))
		setup_option(r, o, "chat_template",
		    name != NULL ? name : setup_get(top, "chat_template"));
	else if (tl_str_eq(type, TL_STR("sharegpt")) &&
	    setup_get(dataset, "conversation") == NULL)
		setup_option(
		    r, o, "conversation", setup_get(top, "chat_template"));
}

static void
read_options(struct reading *r, const struct tl_json *top,
    const struct tl_json *dataset, struct options *o)
{
	read_type(r, dataset, o);
	read_template_name(r, top, dataset, o);
	for (size_t i = 0; i < TL_COUNT(from_dataset); i++)
		if (!is_usual_name(dataset, from_dataset[i]))
			setup_option_of(r, o, from_dataset[i],
			    setup_get(dataset, from_dataset[i]),
			    axolotl_kinds(from_dataset[i]));
	for (size_t i = 0; i < TL_COUNT(from_top); i++)
		setup_option_of(r, o, from_top[i], setup_get(top, from_top[i]),
		    axolotl_kinds(from_top[i]));
	for (size_t i = 0; i < TL_COUNT(axolotl_lengths); i++)
		if (tl_str_eq(setup_text(top, "excess_length_strategy"),
			tl_str_from(axolotl_lengths[i])))
			setup_option(r, o, "excess_length_strategy",
			    setup_get(top, "excess_length_strategy"));
}

static void
read_tokenizer_options(
    struct reading *r, const struct tl_json *top, struct options *o)
{
	static const struct {
		const char *key, *option;
	} flags[] = {
		{ "tokenizer_use_fast", "use_fast" },
		{ "tokenizer_legacy", "legacy" },
	};
	bool value;

	setup_option(r, o, "added_tokens_overrides",
	    setup_get(top, "added_tokens_overrides"));
	for (size_t i = 0; i < TL_COUNT(flags); i++) {
		const struct tl_json *v = setup_get(top, flags[i].key);

		if (v != NULL && setup_bool(v, &value))
			setup_option_text(r, o, flags[i].option,
			    value ? TL_STR("true") : TL_STR("false"));
	}
}

static void
read_dataset(struct reading *r, const struct tl_json *top,
    const struct tl_json *dataset, const char *tokenizer)
{
	struct places places = find_data(r, dataset);
	struct options o = { .n = 0 }, of_tokenizer = { .n = 0 };
	const struct tl_json *given = setup_get(top, "sequence_len");
	int64_t len = DEFAULT_SEQUENCE_LEN;
	bool is_chat =
	    tl_str_eq(setup_text(dataset, "type"), TL_STR("chat_template"));

	read_options(r, top, dataset, &o);
	read_tokenizer_options(r, top, &of_tokenizer);
	if (given != NULL && !setup_int(given, &len))
		len = 0;
	for (size_t i = 0; i < places.n; i++) {
		struct tl_setup_dataset *d = setup_dataset(r);

		d->path = places.list[i];
		d->trainer = "axolotl";
		d->template_ = template_of(r, top, dataset);
		d->tokenizer = tokenizer;
		d->sequence_len = len > 0 ? (size_t)len : 0;
		d->options = o.list;
		d->noptions = o.n;
		d->tokenizer_options = of_tokenizer.list;
		d->ntokenizer_options = of_tokenizer.n;
		if (!is_chat)
			continue;
		d->format = "axolotl";
		read_fields(dataset, &d->fields);
		read_roles(r, dataset, &d->fields);
	}
}

static void
read_list(struct reading *r, const struct tl_json *top, const char *key,
    const char *tokenizer)
{
	const struct tl_json *list = setup_get(top, key);
	bool is_test = strcmp(key, "test_datasets") == 0;

	if (list == NULL)
		return;
	if (list->kind != TL_JSON_ARRAY || list->first == NULL) {
		axolotl_refuse(r, list,
		    "write it as a list: a dash before the first setting of "
		    "each data set",
		    tl_arena_printf(
			r->a, "\"%s\" is not a list of data sets", key));
		return;
	}
	for (const struct tl_json *d = list->first; d != NULL; d = d->next)
		if (!axolotl_check_dataset(r, d, is_test))
			continue;
		else if (setup_get(d, "path") == NULL)
			axolotl_refuse(
			    r, d, "add path", "a data set has no path");
		else
			read_dataset(r, top, d, tokenizer);
}

static enum tl_status
read_config(struct tl_arena *a, struct tl_setup *s, struct tl_error *err)
{
	const struct tl_json *top;
	const char *tokenizer;
	struct reading r;
	enum tl_status st = tl_yaml_parse(a, s->text, &top, err);

	if (st != TL_OK)
		return st;
	if (top->kind != TL_JSON_OBJECT)
		return tl_fail(err, TL_EPARSE,
		    "an axolotl configuration is a map of settings");
	s->framework = "axolotl";
	setup_begin(&r, a, s);
	axolotl_check_top(&r, top);
	if (setup_get(top, "datasets") == NULL &&
	    setup_get(top, "pretraining_dataset") == NULL)
		axolotl_refuse(
		    &r, NULL, "add datasets", "there are no datasets");
	if (axolotl_is_fine_tuning(&r, top)) {
		tokenizer = tokenizer_of(&r, top);
		read_list(&r, top, "datasets", tokenizer);
		read_list(&r, top, "test_datasets", tokenizer);
	}
	setup_end(&r);
	return TL_OK;
}

const struct tl_setup_kind tl_setup_axolotl = {
	.name = "axolotl",
	.help = "read datasets, template, tokens, lengths and masks from "
		"axolotl's own configuration",
	.read = read_config,
};
