/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LLaMA-Factory's dataset_info.json, or the YAML of a training run, which names
 * data sets of the dataset_info.json in its dataset_dir.
 */
#include <string.h>

#include "setup/setup.h"

#include <turnlint/record.h>

#define MAX_INFO_BYTES ((size_t)4 << 20)
#define DEFAULT_CUTOFF 2048

/* Of a training run. */
static const char *const run_options[] = { "template", "stage", "packing",
	"neat_packing", "train_on_prompt", "mask_history", "default_system",
	"tool_format", "enable_thinking", "preserve_thinking" };

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
		    "LLaMA-Factory does not read the %s \"%.*s\"", what,
		    (int)v->key.len, v->key.ptr);
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

static void
add_options(struct reading *r, const struct tl_json *run,
    const struct tl_json *entry, struct options *o)
{
	static const char *const from_entry[] = { "formatting", "ranking",
		"columns", "tags" };

	for (size_t i = 0; i < TL_COUNT(run_options); i++)
		setup_option(
		    r, o, run_options[i], setup_get(run, run_options[i]));
	for (size_t i = 0; i < TL_COUNT(from_entry); i++)
		setup_option(
		    r, o, from_entry[i], setup_get(entry, from_entry[i]));
}

static const char *
tokenizer_of(struct reading *r, const struct tl_json *run)
{
	const struct tl_json *v = setup_get(run, "model_name_or_path");
	tl_str found;

	if (v == NULL)
		return NULL;
	found = setup_find(r, setup_text(run, "model_name_or_path"));
	if (found.len > 0)
		return tl_arena_cstr(r->a, found);
	setup_note(r, TL_SETUP_MISSING, v,
	    "fetch the tokenizer and give its folder with --tokenizer",
	    "the model \"%.*s\" is no folder here: what is trained cannot be "
	    "computed",
	    (int)tl_yaml_scalar(v).len, tl_yaml_scalar(v).ptr);
	return NULL;
}

static void
read_entry(struct reading *r, const struct tl_json *run,
    const struct tl_json *entry, bool has_places)
{
	const struct tl_json *place = has_places ? entry : NULL;
	tl_str name = setup_text(entry, "file_name");
	tl_str found = setup_find(r, name);
	struct tl_setup_dataset *d;
	struct options o = { .n = 0 };
	int64_t cutoff = 0;

	if (entry->kind != TL_JSON_OBJECT)
		return;
	if (has_places) {
		check_names(
		    r, entry, entry_keys, TL_COUNT(entry_keys), "setting");
		check_names(r, setup_get(entry, "columns"), columns,
		    TL_COUNT(columns), "column");
		check_names(
		    r, setup_get(entry, "tags"), tags, TL_COUNT(tags), "tag");
		check_resets(r, entry);
	}
	if (found.len == 0)
		setup_note(r, TL_SETUP_MISSING, place,
		    "fetch it, or name the file on the command line",
		    "the data set \"%.*s\" is no file here",
		    (int)entry->key.len, entry->key.ptr);
	add_options(r, run, entry, &o);
	d = setup_dataset(r);
	d->path = found;
	d->trainer = "llama-factory";
	d->tokenizer = tokenizer_of(r, run);
	if (run != NULL)
		cutoff = DEFAULT_CUTOFF;
	tl_json_int(setup_get(run, "cutoff_len"), &cutoff);
	d->sequence_len = cutoff > 0 ? (size_t)cutoff : 0;
	d->options = o.list;
	d->noptions = o.n;
}

static const struct tl_json *
read_info(struct reading *r, const struct tl_json *run)
{
	tl_str folder = setup_text(run, "dataset_dir"), file, text;
	const struct tl_json *info;
	struct tl_error err;

	if (folder.len == 0)
		folder = TL_STR("data");
	file = setup_find(r,
	    tl_str_from(tl_arena_printf(
		r->a, "%.*s/dataset_info.json", (int)folder.len, folder.ptr)));
	if (file.len == 0) {
		setup_note(r, TL_SETUP_MISSING, setup_get(run, "dataset_dir"),
		    "run in LLaMA-Factory's folder, or give dataset_dir",
		    "there is no %.*s/dataset_info.json here", (int)folder.len,
		    folder.ptr);
		return NULL;
	}
	if (tl_file_read(r->a, tl_arena_cstr(r->a, file), MAX_INFO_BYTES, &text,
		&err) != TL_OK ||
	    tl_yaml_parse(r->a, text, &info, &err) != TL_OK) {
		setup_note(r, TL_SETUP_REFUSED, setup_get(run, "dataset_dir"),
		    "mend the file", "%s", err.message);
		return NULL;
	}
	/* Files stand beside it. */
	while (file.len > 0 && file.ptr[file.len - 1] != '/')
		file.len--;
	r->folder = file;
	return info;
}

/* "a, b" or a list. */
static void
read_run(struct reading *r, const struct tl_json *run)
{
	const struct tl_json *names = setup_get(run, "dataset"), *info;
	tl_str rest = setup_text(run, "dataset");

	info = names != NULL ? read_info(r, run) : NULL;
	if (names == NULL)
		setup_note(r, TL_SETUP_REFUSED, NULL, "add dataset",
		    "LLaMA-Factory stops: no dataset is named");
	while (info != NULL && rest.len > 0) {
		size_t comma = tl_str_find_char(rest, ',', 0);
		tl_str name = tl_str_trim(tl_str_slice(rest, 0, comma));
		const struct tl_json *entry = tl_json_get_str(info, name);

		rest = comma == TL_NPOS
		    ? (tl_str){ NULL, 0 }
		    : tl_str_slice(rest, comma + 1, rest.len);
		if (entry == NULL)
			setup_note(r, TL_SETUP_REFUSED, names,
			    "add it to dataset_info.json",
			    "LLaMA-Factory stops: the data set \"%.*s\" is "
			    "not in dataset_info.json",
			    (int)name.len, name.ptr);
		else
			read_entry(r, run, entry, false);
	}
}

/* An entry for each data set: all values are maps. */
static bool
is_info(const struct tl_json *top)
{
	for (const struct tl_json *v = top->first; v != NULL; v = v->next)
		if (v->kind != TL_JSON_OBJECT)
			return false;
	return top->first != NULL;
}

static enum tl_status
read_config(struct tl_arena *a, struct tl_setup *s, struct tl_error *err)
{
	const struct tl_json *top;
	struct reading r;
	enum tl_status st = tl_yaml_parse(a, s->text, &top, err);

	if (st != TL_OK)
		return st;
	if (top->kind != TL_JSON_OBJECT)
		return tl_fail(err, TL_EPARSE,
		    "neither a dataset_info.json nor a training run of "
		    "LLaMA-Factory: it is no map");
	s->framework = "LLaMA-Factory";
	setup_begin(&r, a, s);
	if (!is_info(top))
		read_run(&r, top);
	else
		for (const struct tl_json *v = top->first; v != NULL;
		     v = v->next)
			read_entry(&r, NULL, v, true);
	setup_end(&r);
	return TL_OK;
}

const struct tl_setup_kind tl_setup_llama_factory = {
	.name = "llama-factory",
	.help = "read data sets from LLaMA-Factory's dataset_info.json, or all "
		"of a run from its training YAML",
	.read = read_config,
};
