/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/llama_factory.h"

#include "setup/kinds.h"

static const char *const entry_keys[] = { "hf_hub_url", "ms_hub_url",
	"om_hub_url", "script_url", "cloud_file_name", "file_name",
	"formatting", "ranking", "subset", "split", "folder", "num_samples",
	"columns", "tags" };
static const char *const columns[] = { "prompt", "query", "response", "history",
	"messages", "system", "tools", "images", "videos", "audios", "chosen",
	"rejected", "kto_tag" };
static const char *const tags[] = { "role_tag", "content_tag", "user_tag",
	"assistant_tag", "observation_tag", "function_tag", "system_tag" };

static void
check_names(struct reading *r, const struct tl_json *map,
    const char *const *known, size_t n, const char *what)
{
	if (map == NULL || map->kind != TL_JSON_OBJECT)
		return;
	for (const struct tl_json *v = map->first; v != NULL; v = v->next) {
		size_t i = 0;
		const char *near;

		while (i < n && !tl_str_eq(v->key, tl_str_from(known[i])))
			i++;
		if (i < n)
			continue;
		near = tl_str_nearest(v->key, known, n);
		setup_note(r, TL_SETUP_UNKNOWN, v,
		    near != NULL
			? tl_arena_printf(r->a, "did you mean %s?", near)
			: "remove it",
		    "LLaMA-Factory does not read the %s \"%s\"", what,
		    tl_arena_cstr(r->a, v->key));
	}
}

/* Whoever gives some, gives up the defaults of all others. */
static void
check_resets(struct reading *r, const struct tl_json *entry)
{
	const struct tl_json *tag = setup_get(entry, "tags");
	const struct tl_json *column = setup_get(entry, "columns");
	bool is_chat =
	    !tl_str_eq(setup_text(entry, "formatting"), TL_STR("alpaca")) &&
	    setup_text(entry, "formatting").len > 0;

	for (size_t i = 4; tag != NULL && i < TL_COUNT(tags); i++)
		if (tl_json_get(tag, tags[i]) == NULL)
			setup_note(r, TL_SETUP_NULL, tag,
			    tl_arena_printf(r->a,
				"add %s if the data has such messages",
				tags[i]),
			    "\"tags\" without %s: messages of that role are "
			    "invalid, since all tags that are not given "
			    "become none",
			    tags[i]);
	if (column == NULL)
		return;
	if (is_chat && tl_json_get(column, "messages") == NULL)
		setup_note(r, TL_SETUP_NULL, column,
		    "add messages: conversations",
		    "\"columns\" without messages: no record has any, since "
		    "all columns that are not given become none");
	if (!is_chat && tl_json_get(column, "query") == NULL)
		setup_note(r, TL_SETUP_NULL, column,
		    "add query: input if the data has such a column",
		    "\"columns\" without query: the input column is not read, "
		    "since all columns that are not given become none");
}

/* One of those at the hub wins over a file. */
static const struct tl_json *
hub_of(const struct tl_json *entry)
{
	static const char *const hubs[] = { "hf_hub_url", "ms_hub_url",
		"om_hub_url", "script_url", "cloud_file_name" };

	for (size_t i = 0; i < TL_COUNT(hubs); i++)
		if (tl_json_get(entry, hubs[i]) != NULL)
			return tl_json_get(entry, hubs[i]);
	return NULL;
}

bool
llama_factory_is_remote(const struct tl_json *entry)
{
	return hub_of(entry) != NULL;
}

bool
llama_factory_has_place(const struct tl_json *entry)
{
	return hub_of(entry) != NULL || tl_json_get(entry, "file_name") != NULL;
}

static void
check_place(struct reading *r, const struct tl_json *entry)
{
	const struct tl_json *file = tl_json_get(entry, "file_name");
	const struct tl_json *hub = hub_of(entry);

	if (file == NULL && hub == NULL)
		llama_factory_refuse(r, entry, "add file_name",
		    tl_arena_printf(r->a,
			"the data set \"%s\" says neither a file nor a hub",
			tl_arena_cstr(r->a, entry->key)));
	else if (file != NULL && hub != NULL)
		setup_note(r, TL_SETUP_NO_EFFECT, file, "remove one of the two",
		    "\"file_name\" has no effect: %s is read",
		    tl_arena_cstr(r->a, hub->key));
}

bool
llama_factory_check_entry(struct reading *r, const struct tl_json *entry)
{
	static const char *const formats[] = { "alpaca", "sharegpt", "openai" };
	static const char *const maps[] = { "columns", "tags" };
	tl_str format = setup_text(entry, "formatting");
	bool is_map[TL_COUNT(maps)];
	size_t i = 0;

	if (entry->kind != TL_JSON_OBJECT) {
		llama_factory_refuse(r, entry, "write file_name and the like",
		    tl_arena_printf(r->a, "an entry is a map, not %s",
			setup_value_name(r->a, entry)));
		return false;
	}
	check_place(r, entry);
	check_names(r, entry, entry_keys, TL_COUNT(entry_keys), "setting");
	while (i < TL_COUNT(formats) &&
	    !tl_str_eq(format, tl_str_from(formats[i])))
		i++;
	if (setup_get(entry, "formatting") != NULL && i == TL_COUNT(formats))
		llama_factory_refuse(r, setup_get(entry, "formatting"),
		    "use alpaca, sharegpt or openai",
		    "formatting is none of the values it takes");
	for (i = 0; i < TL_COUNT(maps); i++) {
		const struct tl_json *v = tl_json_get(entry, maps[i]);

		is_map[i] = v == NULL || v->kind == TL_JSON_OBJECT;
		if (!is_map[i])
			llama_factory_refuse(r, v, "write a map, or remove it",
			    tl_arena_printf(r->a, "\"%s\" is a map, not %s",
				maps[i], setup_value_name(r->a, v)));
	}
	if (!is_map[0] || !is_map[1])
		return false;
	check_names(r, setup_get(entry, "columns"), columns, TL_COUNT(columns),
	    "column");
	check_names(r, setup_get(entry, "tags"), tags, TL_COUNT(tags), "tag");
	check_resets(r, entry);
	return llama_factory_has_place(entry);
}

/* --- a run ------------------------------------------------------------------
 */

/* What decides on data and tokens.  Of other arguments nothing is said: most
 * of them are transformers', and change with its version. */
static const char *const run_keys[] = { "template", "dataset", "eval_dataset",
	"dataset_dir", "cutoff_len", "train_on_prompt", "mask_history",
	"max_samples", "ignore_pad_token_for_loss", "neat_packing", "packing",
	"tool_format", "default_system", "enable_thinking", "preserve_thinking",
	"tokenized_path", "model_name_or_path", "use_fast_tokenizer",
	"split_special_tokens", "add_tokens", "add_special_tokens" };

/* Other arguments that look like them. */
static const char *const other_keys[] = { "data_seed", "init_special_tokens",
	"skip_special_tokens", "new_special_tokens_config" };

static bool
is_one_of(tl_str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tl_str_eq(s, tl_str_from(list[i])))
			return true;
	return false;
}

static void
check_run_names(struct reading *r, const struct tl_json *run)
{
	for (const struct tl_json *v = run->first; v != NULL; v = v->next) {
		const char *near =
		    tl_str_nearest(v->key, run_keys, TL_COUNT(run_keys));

		if (near == NULL ||
		    is_one_of(v->key, run_keys, TL_COUNT(run_keys)) ||
		    is_one_of(v->key, other_keys, TL_COUNT(other_keys)))
			continue;
		llama_factory_refuse(r, v,
		    tl_arena_printf(r->a, "did you mean %s?", near),
		    tl_arena_printf(r->a, "it has no argument \"%s\"",
			tl_arena_cstr(r->a, v->key)));
	}
}

static bool
is_given(const struct tl_json *run, const char *key)
{
	const struct tl_json *v = setup_get(run, key);

	return v != NULL && v->kind != TL_JSON_FALSE &&
	    (v->kind != TL_JSON_NUMBER || v->number != 0);
}

static void
check_pairs(struct reading *r, const struct tl_json *run)
{
	static const struct {
		const char *key, *beside, *hint;
	} pairs[] = {
		{ "mask_history", "train_on_prompt",
		    "the one trains less, the other more: keep one" },
		{ "val_size", "eval_dataset", "keep one of the two" },
		{ "max_samples", "streaming", "remove max_samples" },
	};

	for (size_t i = 0; i < TL_COUNT(pairs); i++)
		if (is_given(run, pairs[i].key) &&
		    is_given(run, pairs[i].beside))
			llama_factory_refuse(r, setup_get(run, pairs[i].key),
			    pairs[i].hint,
			    tl_arena_printf(r->a,
				"\"%s\" does not go together with %s",
				pairs[i].key, pairs[i].beside));
}

/* Set with another stage than sft they stop the run. */
static void
check_stage(struct reading *r, const struct tl_json *run)
{
	static const char *const only_sft[] = { "neat_packing",
		"train_on_prompt", "mask_history" };
	const struct tl_json *stage = setup_get(run, "stage");

	if (stage == NULL || tl_str_eq(setup_text(run, "stage"), TL_STR("sft")))
		return;
	for (size_t i = 0; i < TL_COUNT(only_sft); i++)
		if (is_given(run, only_sft[i]))
			llama_factory_refuse(r, setup_get(run, only_sft[i]),
			    "remove it",
			    tl_arena_printf(r->a,
				"\"%s\" is for stage: sft alone", only_sft[i]));
}

void
llama_factory_check_run(struct reading *r, const struct tl_json *run)
{
	const struct tl_json *cutoff = setup_get(run, "cutoff_len");

	check_run_names(r, run);
	check_pairs(r, run);
	check_stage(r, run);
	if (cutoff != NULL && cutoff->kind != TL_JSON_NUMBER)
		llama_factory_refuse(r, cutoff, "write a number",
		    tl_arena_printf(r->a, "\"cutoff_len\" is a number, not %s",
			setup_value_name(r->a, cutoff)));
	if (setup_get(run, "dataset") == NULL)
		llama_factory_refuse(
		    r, NULL, "add dataset", "no dataset is named");
}

void
llama_factory_refuse(struct reading *r, const struct tl_json *v,
    const char *hint, const char *why)
{
	setup_note(
	    r, TL_SETUP_REFUSED, v, hint, "LLaMA-Factory stops: %s", why);
}
