/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/axolotl.h"

#include "setup/kinds.h"

static const char *const top_keys[] = {
#define SETTING(name, kinds) #name,
#include "setup/axolotl_keys.inc"
#undef SETTING
};
static const unsigned top_kinds[] = {
#define SETTING(name, kinds) kinds,
#include "setup/axolotl_keys.inc"
#undef SETTING
};
static const char *const dataset_keys[] = {
#define SETTING(name, kinds) #name,
#include "setup/axolotl_dataset_keys.inc"
#undef SETTING
};
static const unsigned dataset_kinds[] = {
#define SETTING(name, kinds) kinds,
#include "setup/axolotl_dataset_keys.inc"
#undef SETTING
};

/* Of `type` when it is a map; all are strings. */
static const char *const user_keys[] = { "field_system", "field_instruction",
	"field_input", "field_output", "format", "no_input_format",
	"system_prompt", "system_format" };

static const char *const token_keys[] = { "bos_token", "eos_token", "pad_token",
	"unk_token", "additional_special_tokens" };
static const unsigned token_kinds[] = { SETUP_TEXT, SETUP_TEXT, SETUP_TEXT,
	SETUP_TEXT, SETUP_TEXTS };

/* At the top only; in a data set they are dropped. */
static const char *const only_top[] = { "train_on_inputs", "eot_tokens",
	"chat_template_kwargs", "sequence_len", "special_tokens", "tokens",
	"default_system_message", "excess_length_strategy" };

static const char *const marks[] = { "all", "turn", "last", "none" };
static const char *const rl_kinds[] = { "dpo", "gdpo", "grpo", "ipo", "orpo",
	"kto", "simpo", "ebft" };
/* phi_4 comes with axolotl and is not among them. */
static const char *const templates[] = { "alpaca", "aya", "chatml", "cohere",
	"command_a", "command_a_rag", "command_a_tool_use", "deepseek_v2",
	"deepseek_v3", "exaone", "exaone4", "falcon_h1", "gemma", "gemma3",
	"gemma3n", "gemma4", "gemma4_unified", "jamba", "jinja", "llama3",
	"llama3_2_vision", "llama4", "llava", "metharme", "mistral_v1",
	"mistral_v2v3", "mistral_v3_tekken", "mistral_v7_tekken", "nemotron_h",
	"phi_3", "phi_35", "pixtral", "qwen2_vl", "qwen3", "qwen3_5", "qwen_25",
	"tokenizer_default" };

const char *const axolotl_lengths[] = { "drop", "truncate", "raise" };

/* Nulls there are written by people who mean something by them. */
static const struct {
	const char *key, *instead;
} meant_nulls[] = {
	{ "roles_to_train", "roles_to_train is [assistant]" },
	{ "train_on_eos", "train_on_eos is turn" },
	{ "train_on_eot", "train_on_eot is what train_on_eos is" },
	{ "eot_tokens", "eot_tokens is the tokenizer's EOS" },
	{ "chat_template", "chat_template is tokenizer_default" },
	{ "message_field_training", "flags in the data are not read" },
	{ "message_field_training_detail",
	    "train_detail in the data is not read" },
	{ "roles", "roles map human, gpt and their like" },
	{ "type", "the data has to be tokenized already" },
};

/* A map of settings while it is checked. */
struct check {
	struct reading *r;
	const char *where; /* "of a data set" */
	/* Of test_datasets: values that the schema of a data set for
	 * fine-tuning does not take make it one for preferences. */
	bool is_test;
	bool is_top;
	bool is_wrong;
};

static size_t
index_of(tl_str s, const char *const *list, size_t n)
{
	size_t i = 0;

	while (i < n && !tl_str_eq(s, tl_str_from(list[i])))
		i++;
	return i;
}

static bool
is_one_of(tl_str s, const char *const *list, size_t n)
{
	return index_of(s, list, n) < n;
}

unsigned
axolotl_kinds(const char *key)
{
	tl_str name = tl_str_from(key);
	size_t i = index_of(name, dataset_keys, TL_COUNT(dataset_keys));

	if (i < TL_COUNT(dataset_keys))
		return dataset_kinds[i];
	i = index_of(name, top_keys, TL_COUNT(top_keys));
	return i < TL_COUNT(top_keys) ? top_kinds[i] : SETUP_ANY;
}

bool
axolotl_is_user_key(tl_str name)
{
	return is_one_of(name, user_keys, TL_COUNT(user_keys));
}

void
axolotl_refuse(struct reading *r, const struct tl_json *v, const char *hint,
    const char *why)
{
	setup_note(r, TL_SETUP_REFUSED, v, hint, "axolotl stops: %s", why);
}

static void
wrong(
    struct check *c, const struct tl_json *v, const char *hint, const char *why)
{
	c->is_wrong = true;
	if (!c->is_test)
		axolotl_refuse(c->r, v, hint, why);
	else
		setup_note(c->r, TL_SETUP_NO_EFFECT, v, hint,
		    "%s: axolotl takes this test data set for one of "
		    "preferences, and no other setting of it has an effect",
		    why);
}

/* --- names and kinds --------------------------------------------------------
 */

static void
note_unknown(struct check *c, const struct tl_json *v, const char *const *known,
    size_t nknown)
{
	const char *near = tl_str_nearest(v->key, known, nknown);

	setup_note(c->r, TL_SETUP_UNKNOWN, v,
	    near != NULL ? tl_arena_printf(c->r->a, "did you mean %s?", near)
			 : "remove it, or find the name that axolotl knows",
	    "axolotl drops \"%s\": it is no setting %s",
	    tl_arena_cstr(c->r->a, v->key), c->where);
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
check_kind(struct check *c, const struct tl_json *v, unsigned kinds)
{
	const struct tl_json *x = setup_wrong(v, &kinds);
	struct tl_arena *a = c->r->a;

	if (x == NULL)
		return;
	wrong(c, x,
	    (kinds & SETUP_TEXTS) != 0 && x->kind == TL_JSON_STRING
		? tl_arena_printf(
		      a, "write it as a list: [%s]", tl_arena_cstr(a, x->text))
		: (kinds & SETUP_TEXT) != 0 && x->first == NULL
		? "put it into quotes"
		: "correct the value",
	    tl_arena_printf(a, "\"%s\" takes %s, not %s",
		setup_path(a, x, v->parent), setup_kinds_name(a, kinds),
		setup_value_name(a, x)));
}

static void
check_members(struct check *c, const struct tl_json *map,
    const char *const *names, const unsigned *kinds, size_t n)
{
	for (const struct tl_json *v = map->first; v != NULL; v = v->next) {
		size_t i = index_of(v->key, names, n);

		if (i < n && (kinds[i] & SETUP_REQUIRED) != 0)
			check_kind(c, v, kinds[i]);
		else if (v->kind == TL_JSON_NULL)
			note_null(c->r, v);
		else if (i < n)
			check_kind(c, v, kinds[i]);
		else if (!is_one_of(v->key, only_top, TL_COUNT(only_top)))
			note_unknown(c, v, names, n);
	}
}

static void
check_choice(struct check *c, const struct tl_json *map, const char *key,
    const char *const *choices, size_t n)
{
	const struct tl_json *v = setup_get(map, key);
	struct tl_buf b;

	if (v == NULL ||
	    (v->kind == TL_JSON_STRING && is_one_of(v->text, choices, n)))
		return;
	tl_buf_init(&b, c->r->a, 0);
	for (size_t i = 0; i < n; i++) {
		tl_buf_puts(&b, i == 0 ? "use one of " : ", ");
		tl_buf_puts(&b, choices[i]);
	}
	wrong(c, v, tl_arena_cstr(c->r->a, tl_buf_str(&b)),
	    tl_arena_printf(
		c->r->a, "\"%s\" is none of the values it takes", key));
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

/* --- a data set -------------------------------------------------------------
 */

static bool
is_true(const struct tl_json *v)
{
	return v->kind == TL_JSON_TRUE || v->first != NULL ||
	    (v->kind == TL_JSON_STRING && v->text.len > 0) ||
	    (v->kind == TL_JSON_NUMBER && v->number != 0);
}

/* The old key beside the mapping; empty is another name as well. */
static void
check_field(struct check *c, const struct tl_json *dataset, const char *old,
    const char *name)
{
	const struct tl_json *map =
	    setup_get(dataset, "message_property_mappings");
	const struct tl_json *v = tl_json_get(dataset, old);
	const struct tl_json *mapped = tl_json_get(map, name);

	/* What Python holds for false is the usual name. */
	if (v != NULL && is_true(v) && v->kind != TL_JSON_STRING)
		check_kind(c, v, SETUP_TEXT);
	else if (v != NULL && mapped != NULL &&
	    (v->kind != mapped->kind || !tl_str_eq(mapped->text, v->text)))
		wrong(c, v, "keep message_property_mappings alone",
		    tl_arena_printf(c->r->a,
			"\"%s\" and message_property_mappings name different "
			"keys",
			old));
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

static bool
is_template(tl_str name)
{
	return tl_str_starts(name, TL_STR("tokenizer_default_fallback_")) ||
	    is_one_of(name, templates, TL_COUNT(templates));
}

static void
check_template_name(struct check *c, const struct tl_json *v, tl_str name)
{
	const char *near = tl_str_nearest(name, templates, TL_COUNT(templates));

	c->is_wrong = true;
	axolotl_refuse(c->r, v,
	    near != NULL ? tl_arena_printf(c->r->a, "did you mean %s?", near)
			 : "use one of axolotl's names, or jinja with "
			   "chat_template_jinja",
	    "chat_template is none of the names it takes");
}

static void
check_template(struct check *c, const struct tl_json *of)
{
	tl_str name = setup_text(of, "chat_template");

	/* Only the schema of the top leaves it out. */
	if (name.len > 0 && !is_template(name) &&
	    (c->is_top || !tl_str_eq(name, TL_STR("phi_4"))))
		check_template_name(c, setup_get(of, "chat_template"), name);
	if (tl_str_eq(setup_text(of, "chat_template"), TL_STR("jinja")) &&
	    setup_text(of, "chat_template_jinja").len == 0)
		wrong(c, setup_get(of, "chat_template"),
		    "give the template's text or file in chat_template_jinja",
		    "chat_template is jinja, and there is no "
		    "chat_template_jinja");
}

static void
check_type(struct check *c, const struct tl_json *dataset)
{
	const struct tl_json *type = setup_get(dataset, "type");
	struct check of_type = *c;

	if (type == NULL)
		return;
	if (!c->is_test &&
	    tl_str_starts(setup_text(dataset, "type"), TL_STR("sharegpt")))
		wrong(c, type,
		    "use type: chat_template with field_messages: "
		    "conversations and message_property_mappings: {role: "
		    "from, content: value}",
		    "type: sharegpt was removed");
	if (type->kind != TL_JSON_OBJECT)
		return;
	of_type.where = "of a type";
	for (const struct tl_json *v = type->first; v != NULL; v = v->next)
		if (v->kind == TL_JSON_NULL)
			continue;
		else if (axolotl_is_user_key(v->key))
			check_kind(&of_type, v, SETUP_TEXT);
		else
			note_unknown(
			    &of_type, v, user_keys, TL_COUNT(user_keys));
	c->is_wrong = of_type.is_wrong;
}

/* Python's keywords are strings. */
static void
check_odd_keys(struct check *c, const struct tl_json *dataset)
{
	for (const struct tl_json *v = dataset->first; v != NULL && !c->is_test;
	     v = v->next)
		if (tl_yaml_has_odd_key(v))
			wrong(c, v, "put the name into quotes, or remove it",
			    tl_arena_printf(c->r->a,
				"the name %s in a data set is no string",
				tl_arena_cstr(c->r->a, v->key)));
}

bool
axolotl_check_dataset(
    struct reading *r, const struct tl_json *dataset, bool is_test)
{
	struct check c = {
		.r = r, .where = "of a data set", .is_test = is_test
	};

	if (dataset->kind != TL_JSON_OBJECT) {
		axolotl_refuse(r, dataset, "write - path: …",
		    tl_arena_printf(r->a,
			"a data set is a map of settings, not %s",
			setup_value_name(r->a, dataset)));
		return false;
	}
	check_odd_keys(&c, dataset);
	check_members(
	    &c, dataset, dataset_keys, dataset_kinds, TL_COUNT(dataset_keys));
	check_effects(r, dataset);
	check_choice(&c, dataset, "train_on_eos", marks, TL_COUNT(marks));
	check_choice(&c, dataset, "train_on_eot", marks, TL_COUNT(marks));
	check_field(&c, dataset, "message_field_role", "role");
	check_field(&c, dataset, "message_field_content", "content");
	check_template(&c, dataset);
	check_type(&c, dataset);
	return !c.is_wrong;
}

/* --- the top ----------------------------------------------------------------
 */

/* With tokenizers of mistral-common nothing may change tokens or template. */
static void
check_mistral(struct check *c, const struct tl_json *top)
{
	static const char *const none[] = { "special_tokens", "tokens",
		"chat_template", "added_tokens_overrides" };
	const struct tl_json *v =
	    setup_get(top, "tokenizer_use_mistral_common");
	bool is_used;

	if (v == NULL || !setup_bool(v, &is_used) || !is_used)
		return;
	for (size_t i = 0; i < TL_COUNT(none); i++)
		if (setup_get(top, none[i]) != NULL)
			wrong(c, setup_get(top, none[i]), "remove it",
			    tl_arena_printf(c->r->a,
				"\"%s\" cannot be set with "
				"tokenizer_use_mistral_common",
				none[i]));
}

static void
check_tests(struct check *c, const struct tl_json *top)
{
	const struct tl_json *size = setup_get(top, "val_set_size");

	if (size != NULL && size->kind == TL_JSON_NUMBER && size->number != 0 &&
	    setup_get(top, "test_datasets") != NULL)
		wrong(c, size, "keep one of the two",
		    "\"val_set_size\" beside test_datasets");
}

void
axolotl_check_top(struct reading *r, const struct tl_json *top)
{
	struct check c = { .r = r,
		.is_top = true,
		.where = "of axolotl or an integration that comes with it" };
	struct check tokens = { .r = r, .where = "of special_tokens" };
	const struct tl_json *special = setup_get(top, "special_tokens");

	check_members(&c, top, top_keys, top_kinds, TL_COUNT(top_keys));
	no_effect(r, top, "default_system_message",
	    "the templates no longer contain the sentence that it replaces",
	    "put a system message into the data");
	check_choice(&c, top, "excess_length_strategy", axolotl_lengths,
	    TL_COUNT(axolotl_lengths));
	check_choice(&c, top, "rl", rl_kinds, TL_COUNT(rl_kinds));
	check_template(&c, top);
	check_mistral(&c, top);
	check_tests(&c, top);
	if (tl_json_is(special, TL_JSON_OBJECT))
		check_members(&tokens, special, token_keys, token_kinds,
		    TL_COUNT(token_keys));
}

bool
axolotl_is_fine_tuning(struct reading *r, const struct tl_json *top)
{
	const struct tl_json *rl = setup_get(top, "rl");

	if (rl != NULL)
		setup_note(r, TL_SETUP_MISSING, rl,
		    "check the data with a trainer that is given, or without",
		    "rl trains on preferences or rewards: what is trained "
		    "is not computed");
	return rl == NULL;
}
