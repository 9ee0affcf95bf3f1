/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl: the labels that axolotl's prompt strategies make.
 *
 * `type` picks the strategy, as datasets[].type does; the other options are the
 * keys of a dataset, or of the configuration, that a strategy looks at.
 */
#include <turnlint/survey.h>

#include <string.h>

#include "axolotl.h"
#include "names.h"
#include "options.h"
#include "pyjson.h"

static const char *const profiles[] = { "head", "seed", "v0.5.0", NULL };
static const char *const marks[] = { "all", "turn", "last", "none", NULL };
static const char *const excesses[] = { "drop", "truncate", "raise", NULL };

#define STR(name, member)                                                     \
	{                                                                     \
		name, TL_OPTION_STR, offsetof(struct ax_config, member), NULL \
	}
#define FLAG(name, member)                                                     \
	{                                                                      \
		name, TL_OPTION_BOOL, offsetof(struct ax_config, member), NULL \
	}
#define SIZE(name, member)                                                     \
	{                                                                      \
		name, TL_OPTION_SIZE, offsetof(struct ax_config, member), NULL \
	}
#define LIST(name, member)                                                     \
	{                                                                      \
		name, TL_OPTION_LIST, offsetof(struct ax_config, member), NULL \
	}
#define MAP(name, member)                                                     \
	{                                                                     \
		name, TL_OPTION_MAP, offsetof(struct ax_config, member), NULL \
	}
#define CHOICE(name, member, choices)                                       \
	{                                                                   \
		name, TL_OPTION_CHOICE, offsetof(struct ax_config, member), \
		    choices                                                 \
	}

static const struct tl_option_spec specs[] = {
	STR("type", type_name),
	CHOICE("profile", profile, profiles),
	STR("field_messages", field_messages),
	MAP("message_property_mappings", mappings),
	STR("message_field_role", field_role),
	STR("message_field_content", field_content),
	STR("message_field_training", field_training),
	STR("message_field_training_detail", field_training_detail),
	MAP("roles", roles_option),
	LIST("roles_to_train", roles_to_train_option),
	FLAG("train_on_inputs", train_on_inputs),
	CHOICE("train_on_eos", train_on_eos, marks),
	CHOICE("train_on_eot", train_on_eot, marks),
	LIST("eot_tokens", eot_tokens),
	FLAG("drop_system_message", drop_system_message),
	FLAG("split_thinking", split_thinking),
	STR("template_thinking_key", thinking_key),
	MAP("chat_template_kwargs", kwargs),
	SIZE("sequence_len", sequence_len),
	CHOICE("excess_length_strategy", excess, excesses),
	SIZE("min_sample_len", min_sample_len),
	STR("base_model", base_model),
	STR("chat_template", chat_template),
	STR("conversation", conversation),
	STR("field_human", field_human),
	STR("field_model", field_model),
	FLAG("strict", is_strict),
	STR("default_system_message", default_system_message),
	STR("field", field),
	STR("field_system", field_system),
	STR("field_instruction", field_instruction),
	STR("field_input", field_input),
	STR("field_output", field_output),
	STR("format", format),
	STR("no_input_format", no_input_format),
	STR("system_prompt", system_prompt),
	STR("system_format", system_format),
	MAP("special_tokens", special_tokens),
	LIST("tokens", tokens),
	STR("field_thinking", unused),
	STR("field_tools", unused),
};

static const struct ax_type types[] = {
	{ "chat_template", ax_label_chat, 0, true },
	{ "llama2_chat", ax_label_llama2, 0, false },
	{ "completion", ax_label_completion, 0, false },
	{ "input_output", ax_label_segments, 0, false },
	{ "pygmalion", ax_label_pygmalion, 0, false },
	{ "messages", ax_label_messages, 0, false },
	{ "reflection", ax_label_reflection, 0, false },
	{ "sharegpt", ax_label_sharegpt, 0, false },
	{ "sharegpt.load_role", ax_label_sharegpt, 1, false },
	{ "sharegpt.load_guanaco", ax_label_sharegpt, 2, false },
	{ "sharegpt.load_ultrachat", ax_label_sharegpt, 3, false },
	{ "sharegpt.load_glaive", ax_label_sharegpt, 4, false },
	{ "instruct", ax_label_sharegpt, 5, false },
	{ "sharegpt_jokes", ax_label_sharegpt, 6, false },
	/* In axolotl that is a map in place of a name. */
	{ "user_defined", ax_label_user_defined, 0, false },
};

#define MAX_TYPES 64

/* --- reading the options ----------------------------------------------------
 */

/* "alpaca:chat": a style behind the colon. */
static enum tl_status
check_style(struct tl_arena *a, const struct ax_config *c, size_t colon,
    struct tl_error *err)
{
	static const char *const names[] = { "instruct", "chat", "chatml",
		"phi" };
	tl_str style = tl_str_slice(c->type_name, colon + 1, TL_NPOS);

	for (size_t i = 0; i < TL_COUNT(names); i++)
		if (tl_str_eq(style, tl_str_from(names[i])))
			return TL_OK;
	return tl_fail_unknown(
	    a, err, "prompt style", style, names, TL_COUNT(names));
}

/* Types of axolotl that have no labels to be computed. */
static const struct {
	const char *prefix, *why;
} refused_types[] = {
#define PREFERENCE                                                          \
	"is for preference training (rl:): its rows are pairs of answers, " \
	"not labels"
	{ "bradley_terry",
	    "trains a reward model: it compares two answers and labels no "
	    "tokens" },
	{ "stepwise_supervised",
	    "trains a process reward model: its labels judge steps, they are "
	    "no tokens" },
	{ "chat_template.", PREFERENCE },
	{ "chatml.", PREFERENCE },
	{ "llama3.", PREFERENCE },
	{ "zephyr.", PREFERENCE },
	{ "passthrough.", PREFERENCE },
	{ "user_defined.", PREFERENCE },
	{ "dpo.", PREFERENCE },
	{ "kto.", PREFERENCE },
	{ "orpo", PREFERENCE },
	{ "ebft", PREFERENCE },
	{ "_synthetic", "makes rows of random tokens and reads no data" },
	{ "pretrain",
	    "belongs under pretraining_dataset: the text is cut in windows "
	    "and all of it is trained; type completion shows its tokens" },
	{ "creative_acr.",
	    "puts each row in a long text of its own, which turnlint does not "
	    "carry" },
#undef PREFERENCE
};

/* A dotted name that does not begin as a type of axolotl does. */
static bool
is_module(tl_str name, const char *const *names, size_t n)
{
	size_t dot = tl_str_find_char(name, '.', 0);

	for (size_t i = 0; dot != TL_NPOS && i < n; i++)
		if (tl_str_starts(
			tl_str_from(names[i]), tl_str_slice(name, 0, dot)))
			return false;
	return dot != TL_NPOS;
}

static enum tl_status
refuse_type(struct tl_arena *a, const struct ax_config *c,
    const char *const *names, size_t n, struct tl_error *err)
{
	for (size_t i = 0; i < TL_COUNT(refused_types); i++)
		if (tl_str_starts(
			c->type_name, tl_str_from(refused_types[i].prefix)))
			return tl_fail(err, TL_EUNSUPPORTED, "type \"%s\" %s",
			    ax_shown(a, c->type_name), refused_types[i].why);
	if (is_module(c->type_name, names, n))
		return tl_fail(err, TL_ECONFIG,
		    "type \"%s\" is none of axolotl's; a Python module of "
		    "your own, which it can be, is not run here",
		    ax_shown(a, c->type_name));
	return tl_fail_unknown(a, err, "type", c->type_name, names, n);
}

/* Other names that v0.5.0 has for a type, and names of a module's `load`. */
static tl_str
usual_name(struct tl_arena *a, tl_str name)
{
	static const tl_str simple = TL_LIT("sharegpt_simple");
	static const tl_str load = TL_LIT(".load");

	if (tl_str_eq(name, TL_STR("sharegpt:chat")))
		return TL_STR("sharegpt");
	if (tl_str_starts(name, simple))
		name = tl_str_from(tl_arena_printf(a, "sharegpt%.*s",
		    (int)(name.len - simple.len), name.ptr + simple.len));
	if (tl_str_ends(name, load) &&
	    !ax_is_handler(tl_str_slice(name, 0, name.len - load.len)))
		name = tl_str_slice(name, 0, name.len - load.len);
	return name;
}

static enum tl_status
find_type(struct tl_arena *a, struct ax_config *c, struct tl_error *err)
{
	const char *names[MAX_TYPES];
	size_t colon, n = 0;
	tl_str base, name;

	if (c->type_name.len == 0)
		c->type_name = TL_STR("chat_template");
	name = usual_name(a, c->type_name);
	colon = tl_str_find_char(name, ':', 0);
	base = tl_str_slice(name, 0, colon);
	for (size_t i = 0; i < TL_COUNT(types); i++) {
		names[n++] = types[i].name;
		if (tl_str_eq(ax_is_handler(base) ? base : name,
			tl_str_from(types[i].name)))
			c->type = &types[i];
	}
	for (size_t i = 0; ax_instruct_name(i) != NULL; i++) {
		struct ax_type *t;

		names[n++] = ax_instruct_name(i);
		if (!tl_str_eq(base, tl_str_from(names[n - 1])) ||
		    (colon != TL_NPOS && !ax_is_handler(base)))
			continue;
		t = TL_NEW(a, struct ax_type, 1);
		*t = (struct ax_type){ names[n - 1], ax_label_instruct, (int)i,
			false };
		c->type = t;
	}
	if (c->type == NULL)
		return refuse_type(a, c, names, n, err);
	if (tl_str_eq(name, TL_STR("reflection:instruct")) ||
	    tl_str_eq(name, TL_STR("reflection:chat")))
		return tl_fail(err, TL_EUNSUPPORTED,
		    "type \"%s\" begins with a long system prompt, which "
		    "turnlint does not carry; \"reflection\" has none",
		    ax_shown(a, name));
	return colon != TL_NPOS ? check_style(a, c, colon, err) : TL_OK;
}

/* A list of strings. */
static enum tl_status
read_names(struct tl_arena *a, const char *option, const struct tl_json *list,
    struct ax_names *out, struct tl_error *err)
{
	tl_str *names = TL_NEW(a, tl_str, list->nchildren);

	*out = (struct ax_names){ names, 0 };
	for (const struct tl_json *v = list->first; v != NULL; v = v->next) {
		if (v->kind != TL_JSON_STRING)
			return tl_fail(err, TL_ECONFIG,
			    "%s takes a list of strings", option);
		names[out->n++] = v->text;
	}
	return TL_OK;
}

/* {target: [source, …]} */
static enum tl_status
read_roles(struct tl_arena *a, const struct tl_json *map, struct ax_config *c,
    struct tl_error *err)
{
	struct tl_role_map *roles;
	size_t n = 0;

	for (const struct tl_json *v = map->first; v != NULL; v = v->next)
		n += v->nchildren;
	roles = TL_NEW(a, struct tl_role_map, n);
	c->roles = roles;
	for (const struct tl_json *v = map->first; v != NULL; v = v->next) {
		struct ax_names sources;
		enum tl_status st;

		if (v->kind != TL_JSON_ARRAY)
			return tl_fail(err, TL_ECONFIG,
			    "roles takes a list for each target "
			    "({user: [human, prompter]})");
		st = read_names(a, "roles", v, &sources, err);
		if (st != TL_OK)
			return st;
		for (size_t i = 0; i < sources.n; i++)
			roles[c->nroles++] =
			    (struct tl_role_map){ .target = v->key,
				    .source = sources.list[i] };
	}
	return TL_OK;
}

static const struct tl_role_map default_roles[] = {
	{ TL_LIT("user"), TL_LIT("human") },
	{ TL_LIT("assistant"), TL_LIT("gpt") },
	/* v0.5.0 knows no others, so they are listed. */
	{ TL_LIT("user"), TL_LIT("user") },
	{ TL_LIT("assistant"), TL_LIT("assistant") },
	{ TL_LIT("system"), TL_LIT("system") },
};

static enum tl_status
read_roles_to_train(
    struct tl_arena *a, struct ax_config *c, struct tl_error *err)
{
	static const tl_str assistant[] = { TL_LIT("assistant") };
	enum tl_status st;
	tl_str *names;

	if (c->roles_to_train_option == NULL) {
		c->roles_to_train = (struct ax_names){ assistant,
			c->profile == AX_HEAD ? 1 : 0 };
		return TL_OK;
	}
	st = read_names(a, "roles_to_train", c->roles_to_train_option,
	    &c->roles_to_train, err);
	if (st != TL_OK || c->profile == AX_SEED)
		return st;
	names = TL_NEW(a, tl_str, c->roles_to_train.n);
	for (size_t i = 0; i < c->roles_to_train.n; i++)
		names[i] = ax_map_role(c, c->roles_to_train.list[i]);
	c->roles_to_train.list = names;
	return TL_OK;
}

/* The mapping always has role and content; the older keys are folded in. */
static enum tl_status
add_mapping(struct tl_role_map *keys, struct ax_config *c, const char *target,
    tl_str given, struct tl_error *err)
{
	tl_str name = tl_str_from(target);

	for (size_t i = 0; i < c->nkeys; i++) {
		if (!tl_str_eq(keys[i].target, name))
			continue;
		if (given.len > 0 && !tl_str_eq(given, keys[i].source))
			return tl_fail(err, TL_ECONFIG,
			    "Conflicting message %s fields: "
			    "message_property_mappings and message_field_%s "
			    "differ",
			    target, target);
		return TL_OK;
	}
	keys[c->nkeys++] =
	    (struct tl_role_map){ name, given.len > 0 ? given : name };
	return TL_OK;
}

static enum tl_status
read_mapping(struct tl_arena *a, struct ax_config *c, struct tl_error *err)
{
	size_t n = c->mappings != NULL ? c->mappings->nchildren : 0;
	struct tl_role_map *keys = TL_NEW(a, struct tl_role_map, n + 2);
	enum tl_status st;

	c->keys = keys;
	c->nkeys = 0;
	for (size_t i = 0; i < n; i++) {
		const struct tl_json *v = c->mappings->first;

		for (size_t k = 0; k < i; k++)
			v = v->next;
		if (v->kind != TL_JSON_STRING)
			return tl_fail(err, TL_ECONFIG,
			    "message_property_mappings takes names of keys");
		keys[c->nkeys++] = (struct tl_role_map){ v->key, v->text };
	}
	st = add_mapping(keys, c, "role", c->field_role, err);
	return st != TL_OK
	    ? st
	    : add_mapping(keys, c, "content", c->field_content, err);
}

static enum tl_status
configure(struct tl_arena *a, const struct tl_option *opts, size_t n,
    const void **out, struct tl_error *err)
{
	struct ax_config *c = TL_NEW(a, struct ax_config, 1);
	enum tl_status st;

	c->train_on_eos = c->train_on_eot = AX_UNSET;
	c->min_sample_len = 2;
	c->field_system = TL_STR("system");
	c->field_instruction = TL_STR("instruction");
	c->field_input = TL_STR("input");
	c->field_output = TL_STR("output");
	c->format = TL_STR("{instruction} {input} ");
	c->no_input_format = TL_STR("{instruction} ");
	c->system_format = TL_STR("{system}");
	st = tl_options_read(
	    a, "axolotl", specs, TL_COUNT(specs), opts, n, c, err);
	if (c->profile > AX_SEED)
		c->profile = AX_SEED;
	if (st == TL_OK)
		st = find_type(a, c, err);
	c->roles = default_roles;
	c->nroles = TL_COUNT(default_roles);
	if (st == TL_OK && c->roles_option != NULL &&
	    c->roles_option->nchildren > 0) {
		c->nroles = 0;
		st = read_roles(a, c->roles_option, c, err);
	}
	if (st == TL_OK)
		st = read_roles_to_train(a, c, err);
	if (st == TL_OK)
		st = read_mapping(a, c, err);
	if (c->type != NULL && c->type->label == ax_label_sharegpt) {
		c->profile = AX_SEED; /* it is no more */
		if (st == TL_OK)
			st = ax_find_conversation(a, c, err);
	}
	if (c->thinking_key.len == 0)
		c->thinking_key = TL_STR("reasoning_content");
	*out = c;
	return st;
}

/* --- what the template and the tokenizer say --------------------------------
 */

static bool
stands_in(const struct tl_recipe *r, tl_str s)
{
	return tl_str_find(tl_template_source(r->template_), s, 0) != TL_NPOS;
}

/* An end-of-turn token must be one token. */
static enum tl_status
add_eot(struct tl_arena *a, struct tl_encoder *e, tl_str token, uint32_t *ids,
    struct ax_config *c, struct tl_error *err)
{
	struct tl_tokens t;
	enum tl_status st = tl_encode(e, a, token, 0, &t, err);

	if (st != TL_OK)
		return st;
	if (t.n == 1) {
		ids[c->neot_ids++] = t.ids[0];
		return TL_OK;
	}
	return tl_fail(err, TL_ECONFIG,
	    t.n == 0 ? "EOT token encoding failed: \"%s\" is no token"
		     : "EOT token \"%s\" is encoded as multiple tokens; name "
		       "it under tokens:",
	    ax_shown(a, token));
}

/* eos_token alone is taken unseen; of others, those that the template has. */
static enum tl_status
find_eot_ids(struct tl_arena *a, const struct tl_recipe *r, struct ax_config *c,
    struct tl_error *err)
{
	tl_str eos = tl_tokenizer_tokens(r->tokenizer).eos;
	struct ax_names names = { &eos, eos.ptr != NULL ? 1 : 0 };
	struct tl_encoder *e;
	enum tl_status st = TL_OK;
	uint32_t *ids;
	bool has_eos = false, is_eos_alone;

	if (c->eot_tokens != NULL)
		st = read_names(a, "eot_tokens", c->eot_tokens, &names, err);
	if (st != TL_OK)
		return st;
	is_eos_alone = names.n == 1 && tl_str_eq(names.list[0], eos);
	ids = TL_NEW(a, uint32_t, names.n);
	c->eot_ids = ids;
	if (is_eos_alone) {
		ids[0] = (uint32_t)c->eos_id;
		c->neot_ids = c->eos_id >= 0 ? 1 : 0;
		return TL_OK;
	}
	e = tl_encoder_new(r->tokenizer, NULL, NULL);
	for (size_t i = 0; i < names.n && st == TL_OK; i++) {
		if (!stands_in(r, names.list[i]))
			continue;
		has_eos |= tl_str_eq(names.list[i], eos);
		st = add_eot(a, e, names.list[i], ids, c, err);
	}
	tl_encoder_free(e);
	if (st == TL_OK && has_eos && c->train_on_eos != c->train_on_eot)
		return tl_fail(err, TL_ECONFIG,
		    "Conflict between train_on_eos and train_on_eot: "
		    "eos_token is in eot_tokens and the two differ");
	return st;
}

/* A token that becomes part of the vocabulary unless it is. */
static void
add_token(struct tl_added_token *list, size_t *n, tl_str s, bool is_special)
{
	list[(*n)++] =
	    (struct tl_added_token){ .content = s, .is_special = is_special };
}

/* special_tokens and tokens, in the order in which new ones get their ids. */
static enum tl_status
change_tokenizer(struct tl_arena *a, struct tl_recipe *r,
    const struct ax_config *c, struct tl_error *err)
{
	static const char *const names[] = { "bos_token", "eos_token",
		"pad_token", "unk_token" };
	struct tl_tokenizer_change change = { .nadded = 0 };
	tl_str *const texts[] = { &change.tokens.bos, &change.tokens.eos,
		&change.tokens.pad, &change.tokens.unk };
	const struct tl_json *more =
	    tl_json_get(c->special_tokens, "additional_special_tokens");
	struct ax_names list = { NULL, 0 };
	struct tl_added_token *added;
	enum tl_status st = TL_OK;

	if (c->special_tokens == NULL && c->tokens == NULL)
		return TL_OK;
	added = TL_NEW(a, struct tl_added_token,
	    TL_COUNT(names) + (c->tokens != NULL ? c->tokens->nchildren : 0) +
		(more != NULL ? more->nchildren : 0));
	for (size_t i = 0; i < TL_COUNT(names); i++) {
		*texts[i] =
		    tl_json_text(tl_json_get(c->special_tokens, names[i]),
			(tl_str){ NULL, 0 });
		if (texts[i]->len > 0)
			add_token(added, &change.nadded, *texts[i], true);
	}
	if (c->tokens != NULL)
		st = read_names(a, "tokens", c->tokens, &list, err);
	for (size_t i = 0; i < list.n; i++)
		add_token(added, &change.nadded, list.list[i], false);
	list.n = 0;
	if (st == TL_OK && tl_json_is(more, TL_JSON_ARRAY))
		st = read_names(
		    a, "additional_special_tokens", more, &list, err);
	for (size_t i = 0; i < list.n; i++)
		add_token(added, &change.nadded, list.list[i], true);
	change.added = added;
	return st == TL_OK
	    ? tl_tokenizer_change(a, r->tokenizer, &change, &r->tokenizer, err)
	    : st;
}

static bool
has_mistral(tl_str s)
{
	static const tl_str word = TL_LIT("mistral");

	for (size_t i = 0; i + word.len <= s.len; i++)
		if (tl_str_eq_nocase(tl_str_slice(s, i, i + word.len), word))
			return true;
	return false;
}

static void
read_tokenizer(const struct tl_recipe *r, struct ax_config *c)
{
	size_t n;
	const struct tl_added_token *added =
	    tl_tokenizer_added(r->tokenizer, &n);

	for (size_t i = 0; i < n; i++)
		if (added[i].content.len > c->longest_added)
			c->longest_added = added[i].content.len;
	c->eos_id = tl_tokenizer_eos(r->tokenizer);
	c->is_mistral = has_mistral(c->base_model.len > 0
		? c->base_model
		: tl_tokenizer_name(r->tokenizer));
}

/* What the record's format was told holds here too. */
static void
take_format_options(const struct tl_recipe *r, struct ax_config *c)
{
	static const struct tl_format_options none = { .nroles = 0 };
	const struct tl_format_options *o =
	    r->format_options != NULL ? r->format_options : &none;

	if (c->field_messages.len == 0)
		c->field_messages = o->field_messages;
	if (c->field_messages.len == 0)
		c->field_messages =
		    c->profile == AX_SEED && c->type->label != ax_label_messages
		    ? TL_STR("conversations")
		    : TL_STR("messages");
	if (c->field_training.len == 0)
		c->field_training = o->field_train;
	if (c->field_training_detail.len == 0)
		c->field_training_detail = o->field_train_detail;
	if (c->field_role.len == 0 && c->mappings == NULL)
		c->field_role = o->field_role;
	if (c->field_content.len == 0 && c->mappings == NULL)
		c->field_content = o->field_content;
	if (c->roles_option == NULL && o->nroles > 0) {
		c->roles = o->roles;
		c->nroles = o->nroles;
	}
}

static enum tl_status
prepare(struct tl_arena *a, struct tl_recipe *r, struct tl_error *err)
{
	struct ax_config *c = TL_NEW(a, struct ax_config, 1);
	enum tl_status st;

	memcpy(c, r->trainer_config, sizeof(*c));
	take_format_options(r, c);
	st = read_mapping(a, c, err);
	if (st == TL_OK)
		st = read_roles_to_train(a, c, err);
	if (st != TL_OK)
		return st;
	if (c->profile == AX_HEAD && c->train_on_eos == AX_UNSET)
		c->train_on_eos = AX_TURN;
	if (c->train_on_eot == AX_UNSET)
		c->train_on_eot = c->train_on_eos;
	if (c->sequence_len > 0)
		r->sequence_len = c->sequence_len;
	c->sequence_len = r->sequence_len;
	if (c->chat_template.len == 0)
		c->chat_template = TL_STR("chatml");
	if (c->type->label == ax_label_messages) {
		struct tl_template *writer;

		st = tl_pyjson_ascii_writer(a, &writer, err);
		if (st != TL_OK)
			return st;
		c->json_writer = writer;
	}
	if (c->type->wants_template && r->template_ != NULL)
		c->message_keys.list = tl_template_message_keys(
		    a, r->template_, &c->message_keys.n);
	if (r->tokenizer != NULL) {
		st = change_tokenizer(a, r, c, err);
		if (st != TL_OK)
			return st;
		read_tokenizer(r, c);
	}
	if (c->type->wants_template && r->template_ != NULL &&
	    r->tokenizer != NULL && c->profile == AX_HEAD)
		st = find_eot_ids(a, r, c, err);
	r->trainer_config = c;
	return st;
}

/* --- a record ---------------------------------------------------------------
 */

/* Nothing of it is trained. */
static void
reject(const struct tl_trainer_cx *cx, struct tl_sample *out,
    enum tl_verdict verdict, const char *why)
{
	size_t n = out->tokens.n;
	int32_t *labels = TL_NEW(cx->arena, int32_t, n);
	uint8_t *reasons = TL_NEW(cx->arena, uint8_t, n);

	for (size_t i = 0; i < n; i++)
		labels[i] = TL_IGNORE;
	memset(reasons, TL_REASON_REJECTED, n);
	out->labels = labels;
	out->reasons = reasons;
	out->ntrained = 0;
	out->verdict = verdict;
	out->why = tl_str_from(why);
}

void
ax_finish(const struct tl_trainer_cx *cx, const struct ax_config *c,
    struct tl_sample *out)
{
	size_t n = out->tokens.n, max = c->sequence_len;

	tl_label_finish(cx->arena, out, max, TL_SIDE_RIGHT);
	if (n < c->min_sample_len)
		reject(cx, out, TL_VERDICT_DROPPED,
		    tl_arena_printf(cx->arena,
			"%zu tokens, fewer than min_sample_len %zu: axolotl "
			"drops the row",
			n, c->min_sample_len));
	else if (max == 0 || n <= max || c->excess == AX_TRUNCATE)
		return;
	else if (c->excess == AX_DROP)
		reject(cx, out, TL_VERDICT_DROPPED,
		    tl_arena_printf(cx->arena,
			"%zu tokens, more than sequence_len %zu: axolotl "
			"drops the row (excess_length_strategy)",
			n, max));
	else
		reject(cx, out, TL_VERDICT_ABORTS,
		    tl_arena_printf(cx->arena,
			"%zu tokens, more than sequence_len %zu: axolotl "
			"stops with an error (excess_length_strategy raise)",
			n, max));
}

static void
label(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    struct tl_sample *out)
{
	const struct ax_config *c = cx->recipe->trainer_config;

	if (c->type->wants_template && cx->recipe->template_ == NULL) {
		tl_label_fail(cx->arena, out, TL_VERDICT_KEPT,
		    "there is no template to put the conversation in");
		return;
	}
	c->type->label(cx, c, conv, out);
}

const struct tl_trainer tl_trainer_axolotl = {
	.name = "axolotl",
	.summary = "axolotl's prompt strategies (type: chat_template, …)",
	.wants_render = true,
	.takes_plain = true,
	.reads_record = true,
	.configure = configure,
	.prepare = prepare,
	.label = label,
	.advise_stop = ax_advise_stop,
};
