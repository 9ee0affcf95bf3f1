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

#include "setup/setup.h"

#define DEFAULT_SEQUENCE_LEN 512

static const char *const top_keys[] = {
#include "setup/axolotl_keys.inc"
};

static const char *const dataset_keys[] = { "path", "split", "name", "type",
	"data_files", "ds_type", "revision", "trust_remote_code", "shards",
	"shards_idx", "preprocess_shards", "conversation", "chat_template",
	"chat_template_jinja", "input_format", "input_transform",
	"message_property_mappings", "message_field_role",
	"message_field_content", "message_field_training",
	"message_field_training_detail", "split_thinking",
	"template_thinking_key", "logprobs_field", "temperature",
	"roles_to_train", "train_on_eos", "train_on_eot", "roles",
	"drop_system_message", "field", "field_human", "field_model",
	"field_messages", "field_tools", "field_thinking" };

/* Of `type` when it is a map. */
static const char *const user_keys[] = { "field_system", "field_instruction",
	"field_input", "field_output", "format", "no_input_format",
	"system_prompt", "system_format", "field" };

/* At the top only; in a data set they are dropped. */
static const char *const only_top[] = { "train_on_inputs", "eot_tokens",
	"chat_template_kwargs", "sequence_len", "special_tokens", "tokens",
	"default_system_message", "excess_length_strategy" };

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

static const char *const lengths[] = { "drop", "truncate", "raise" };

/* Nulls there are written by people who mean something by them. */
static const struct {
	const char *key, *instead;
} meant_nulls[] = {
	{ "roles_to_train", "roles_to_train is [assistant]" },
	{ "train_on_eos", "train_on_eos is turn" },
	{ "train_on_eot", "train_on_eot is what train_on_eos is" },
	{ "eot_tokens", "eot_tokens is the tokenizer's EOS" },
	{ "sequence_len", "sequence_len is 512" },
	{ "chat_template", "chat_template is tokenizer_default" },
	{ "message_field_training", "flags in the data are not read" },
	{ "message_field_training_detail",
	    "train_detail in the data is not read" },
	{ "roles", "roles map human, gpt and their like" },
	{ "type", "the data has to be tokenized already" },
};

static bool
is_one_of(tl_str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tl_str_eq(s, tl_str_from(list[i])))
			return true;
	return false;
}

/* --- what is wrong with a key -----------------------------------------------
 */

static void
note_unknown(struct reading *r, const struct tl_json *v,
    const char *const *known, size_t nknown, const char *where)
{
	const char *near = tl_str_nearest(v->key, known, nknown);

	setup_note(r, TL_SETUP_UNKNOWN, v,
	    near != NULL ? tl_arena_printf(r->a, "did you mean %s?", near)
			 : "remove it, or find the name that axolotl knows",
	    "axolotl drops \"%.*s\": it is no setting %s", (int)v->key.len,
	    v->key.ptr, where);
}

static void
note_null(struct reading *r, const struct tl_json *v)
{
	for (size_t i = 0; i < TL_COUNT(meant_nulls); i++)
		if (tl_str_eq(v->key, tl_str_from(meant_nulls[i].key)))
			setup_note(r, TL_SETUP_NULL, v,
			    "write the value that is meant, or remove the key",
			    "\"%s\" is empty, and axolotl drops empty keys: "
			    "%s",
			    meant_nulls[i].key, meant_nulls[i].instead);
}

static void
check_keys(struct reading *r, const struct tl_json *map,
    const char *const *known, size_t nknown, const char *where)
{
	for (const struct tl_json *v = map->first; v != NULL; v = v->next) {
		if (v->kind == TL_JSON_NULL)
			note_null(r, v);
		else if (!is_one_of(v->key, known, nknown) &&
		    !is_one_of(v->key, only_top, TL_COUNT(only_top)))
			note_unknown(r, v, known, nknown, where);
	}
}

static void
no_effect(struct reading *r, const struct tl_json *map, const char *key,
    const char *why, const char *instead)
{
	const struct tl_json *v = setup_get(map, key);

	if (v != NULL)
		setup_note(r, TL_SETUP_NO_EFFECT, v, instead,
		    "\"%s\" has no effect: %s", key, why);
}

static void
refuse(struct reading *r, const struct tl_json *v, const char *why,
    const char *instead)
{
	r->nrefused++;
	setup_note(r, TL_SETUP_REFUSED, v, instead, "axolotl stops: %s", why);
}

static void
check_choice(struct reading *r, const struct tl_json *map, const char *key,
    const char *const *choices, size_t n)
{
	const struct tl_json *v = setup_get(map, key);

	if (v == NULL || is_one_of(setup_text(map, key), choices, n))
		return;
	refuse(r, v,
	    tl_arena_printf(r->a, "\"%s\" is none of the values it takes", key),
	    tl_arena_printf(r->a, "use one of %s, %s, %s%s%s", choices[0],
		choices[1], choices[2], n > 3 ? ", " : "",
		n > 3 ? choices[3] : ""));
}

static void
check_marks(struct reading *r, const struct tl_json *map)
{
	static const char *const marks[] = { "all", "turn", "last", "none" };

	check_choice(r, map, "train_on_eos", marks, TL_COUNT(marks));
	check_choice(r, map, "train_on_eot", marks, TL_COUNT(marks));
}

static void
check_roles(struct reading *r, const struct tl_json *dataset)
{
	const struct tl_json *roles = setup_get(dataset, "roles");

	if (roles == NULL || roles->kind != TL_JSON_OBJECT)
		return;
	for (const struct tl_json *v = roles->first; v != NULL; v = v->next)
		if (v->kind != TL_JSON_ARRAY && v->kind != TL_JSON_NULL)
			refuse(r, v, "the sources of a role are no list",
			    "write them as a list: [human]");
}

/* The old key beside the mapping. */
static void
check_field(struct reading *r, const struct tl_json *dataset, const char *old,
    const char *name)
{
	const struct tl_json *map =
	    setup_get(dataset, "message_property_mappings");
	const struct tl_json *v = setup_get(dataset, old);
	tl_str mapped = setup_text(map, name), own = setup_text(dataset, old);

	if (v != NULL && mapped.len > 0 && !tl_str_eq(mapped, own))
		refuse(r, v,
		    tl_arena_printf(r->a,
			"\"%s\" and message_property_mappings name different "
			"keys",
			old),
		    "keep message_property_mappings alone");
}

static void
check_effects(struct reading *r, const struct tl_json *dataset)
{
	tl_str type = setup_text(dataset, "type");
	bool is_chat = tl_str_eq(type, TL_STR("chat_template"));

	for (size_t i = 0; i < TL_COUNT(only_top); i++)
		no_effect(r, dataset, only_top[i],
		    "axolotl reads it at the top of the file, not in a data "
		    "set",
		    "move it to the top");
	if (is_chat &&
	    !tl_str_eq(setup_text(dataset, "chat_template"), TL_STR("jinja")))
		no_effect(r, dataset, "chat_template_jinja",
		    "the data set's chat_template is tokenizer_default unless "
		    "it says jinja",
		    "add chat_template: jinja to the data set");
	no_effect(r, dataset, "field_thinking",
	    "it is read only where there is no message_property_mappings, and "
	    "there always is one",
	    "map it: message_property_mappings: {reasoning_content: …}");
	no_effect(r, dataset, "field_tools",
	    "it is never handed on: the column has to be called tools",
	    "rename the column");
	if (is_chat)
		no_effect(r, dataset, "conversation",
		    "type: chat_template does not read it",
		    "set chat_template");
}

/* --- templates and tokenizers -----------------------------------------------
 */

/* A file's name or the text itself. */
static const char *
jinja_of(struct reading *r, const struct tl_json *from)
{
	tl_str text = setup_text(from, "chat_template_jinja");
	tl_str file =
	    text.len < 4096 ? setup_find(r, text) : (tl_str){ NULL, 0 };

	if (text.len == 0) {
		refuse(r, setup_get(from, "chat_template"),
		    "chat_template is jinja, and there is no "
		    "chat_template_jinja",
		    "give the template's text or file in chat_template_jinja");
		return NULL;
	}
	if (file.len > 0)
		return tl_arena_cstr(r->a, file);
	return tl_arena_printf(r->a, "jinja:%.*s", (int)text.len, text.ptr);
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
	return tl_arena_printf(r->a, "axolotl:%.*s", (int)name.len, name.ptr);
}

static const char *
tokenizer_of(struct reading *r, const struct tl_json *top)
{
	static const char *const keys[] = { "tokenizer_config",
		"base_model_config", "base_model" };
	const struct tl_json *v = NULL;
	tl_str found;

	for (size_t i = 0; i < TL_COUNT(keys) && v == NULL; i++)
		v = setup_get(top, keys[i]);
	if (v == NULL) {
		setup_note(r, TL_SETUP_MISSING, NULL,
		    "add base_model, or give the tokenizer with --tokenizer",
		    "there is no base_model: what is trained cannot be "
		    "computed");
		return NULL;
	}
	found = setup_find(r, tl_json_text(v, (tl_str){ NULL, 0 }));
	if (found.len > 0)
		return tl_arena_cstr(r->a, found);
	setup_note(r, TL_SETUP_MISSING, v,
	    "fetch the tokenizer and give its folder with --tokenizer",
	    "the tokenizer \"%.*s\" is no folder here: what is trained cannot "
	    "be computed",
	    (int)tl_yaml_scalar(v).len, tl_yaml_scalar(v).ptr);
	return NULL;
}

/* --- data sets --------------------------------------------------------------
 */

static void
read_type(struct reading *r, const struct tl_json *dataset, struct options *o)
{
	const struct tl_json *type = setup_get(dataset, "type");
	tl_str name = setup_text(dataset, "type");

	if (type == NULL)
		return;
	if (type->kind == TL_JSON_OBJECT) {
		setup_option_text(r, o, "type", TL_STR("user_defined"));
		check_keys(
		    r, type, user_keys, TL_COUNT(user_keys), "of a type");
		for (size_t i = 0; i < TL_COUNT(user_keys); i++)
			setup_option(
			    r, o, user_keys[i], setup_get(type, user_keys[i]));
		return;
	}
	if (tl_str_starts(name, TL_STR("sharegpt"))) {
		refuse(r, type, "type: sharegpt was removed",
		    "use type: chat_template with field_messages: "
		    "conversations and message_property_mappings: {role: "
		    "from, content: value}");
		return;
	}
	setup_option(r, o, "type", type);
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

	f->field_messages = setup_text(dataset, "field_messages");
	f->field_role =
	    role.len > 0 ? role : setup_text(dataset, "message_field_role");
	f->field_content = content.len > 0
	    ? content
	    : setup_text(dataset, "message_field_content");
	f->field_train = setup_text(dataset, "message_field_training");
	f->field_train_detail =
	    setup_text(dataset, "message_field_training_detail");
}

static tl_str
find_data(struct reading *r, const struct tl_json *dataset)
{
	const struct tl_json *path = setup_get(dataset, "path");
	const struct tl_json *files = setup_get(dataset, "data_files");
	tl_str found = setup_find(r, setup_text(dataset, "path"));

	if (tl_json_is(files, TL_JSON_ARRAY) && files->first != NULL)
		found = setup_find(
		    r, tl_json_text(files->first, (tl_str){ NULL, 0 }));
	else if (tl_json_is(files, TL_JSON_STRING))
		found = setup_find(r, files->text);
	if (path == NULL)
		refuse(
		    r, dataset->parent, "a data set has no path", "add path");
	else if (found.len == 0)
		setup_note(r, TL_SETUP_MISSING, path,
		    "fetch it, or name the file on the command line",
		    "the data set \"%.*s\" is no file or folder here",
		    (int)tl_yaml_scalar(path).len, tl_yaml_scalar(path).ptr);
	return found;
}

static void
read_dataset(struct reading *r, const struct tl_json *top,
    const struct tl_json *dataset, const char *tokenizer)
{
	struct tl_setup_dataset *d;
	struct options o = { .n = 0 };
	size_t nrefused = r->nrefused;
	int64_t len = DEFAULT_SEQUENCE_LEN;
	tl_str data;

	check_keys(
	    r, dataset, dataset_keys, TL_COUNT(dataset_keys), "of a data set");
	check_effects(r, dataset);
	check_marks(r, dataset);
	check_roles(r, dataset);
	check_field(r, dataset, "message_field_role", "role");
	check_field(r, dataset, "message_field_content", "content");
	data = find_data(r, dataset);
	read_type(r, dataset, &o);
	/* What axolotl does not take cannot be computed. */
	if (r->nrefused > nrefused)
		return;
	for (size_t i = 0; i < TL_COUNT(from_dataset); i++)
		setup_option(r, &o, from_dataset[i],
		    setup_get(dataset, from_dataset[i]));
	for (size_t i = 0; i < TL_COUNT(from_top); i++)
		setup_option(r, &o, from_top[i], setup_get(top, from_top[i]));
	if (is_one_of(setup_text(top, "excess_length_strategy"), lengths,
		TL_COUNT(lengths)))
		setup_option(r, &o, "excess_length_strategy",
		    setup_get(top, "excess_length_strategy"));
	tl_json_int(setup_get(top, "sequence_len"), &len);
	d = setup_dataset(r);
	d->path = data;
	d->trainer = "axolotl";
	d->template_ = template_of(r, top, dataset);
	d->tokenizer = tokenizer;
	d->sequence_len = len > 0 ? (size_t)len : 0;
	d->options = o.list;
	d->noptions = o.n;
	if (tl_str_eq(setup_text(dataset, "type"), TL_STR("chat_template"))) {
		d->format = "axolotl";
		read_fields(dataset, &d->fields);
		read_roles(r, dataset, &d->fields);
	}
}

static void
check_top(struct reading *r, const struct tl_json *top)
{
	for (const struct tl_json *v = top->first; v != NULL; v = v->next) {
		if (v->kind == TL_JSON_NULL)
			note_null(r, v);
		else if (!is_one_of(v->key, top_keys, TL_COUNT(top_keys)))
			note_unknown(r, v, top_keys, TL_COUNT(top_keys),
			    "of axolotl or an integration that comes with it");
	}
	no_effect(r, top, "default_system_message",
	    "the templates no longer contain the sentence that it replaces",
	    "put a system message into the data");
	check_choice(
	    r, top, "excess_length_strategy", lengths, TL_COUNT(lengths));
}

static void
read_list(struct reading *r, const struct tl_json *top, const char *key,
    const char *tokenizer)
{
	const struct tl_json *list = setup_get(top, key);

	if (!tl_json_is(list, TL_JSON_ARRAY))
		return;
	for (const struct tl_json *d = list->first; d != NULL; d = d->next)
		if (d->kind == TL_JSON_OBJECT)
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
	check_top(&r, top);
	tokenizer = tokenizer_of(&r, top);
	if (setup_get(top, "datasets") == NULL &&
	    setup_get(top, "pretraining_dataset") == NULL)
		refuse(&r, NULL, "there are no datasets", "add datasets");
	read_list(&r, top, "datasets", tokenizer);
	read_list(&r, top, "test_datasets", tokenizer);
	setup_end(&r);
	return TL_OK;
}

const struct tl_setup_kind tl_setup_axolotl = {
	.name = "axolotl",
	.help = "read datasets, template, tokens, lengths and masks from "
		"axolotl's own configuration",
	.read = read_config,
};
