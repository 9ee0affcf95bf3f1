/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LLaMA-Factory's dataset_info.json, or the YAML of a training run, which names
 * data sets of the dataset_info.json in its dataset_dir.
 */
#include <string.h>

#include "setup/kinds.h"
#include "setup/llama_factory.h"

#include <turnlint/record.h>

#define MAX_INFO_BYTES ((size_t)4 << 20)
#define DEFAULT_CUTOFF 2048

/* Of a training run. */
static const char *const run_options[] = { "template", "stage", "packing",
	"neat_packing", "train_on_prompt", "mask_history", "default_system",
	"tool_format", "enable_thinking", "preserve_thinking" };

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

	return v != NULL ? setup_tokenizer(r, v, "model") : NULL;
}

static void
read_tokenizer_options(
    struct reading *r, const struct tl_json *run, struct options *o)
{
	static const struct {
		const char *key, *option;
	} names[] = {
		{ "use_fast_tokenizer", "use_fast" },
		{ "split_special_tokens", "split_special_tokens" },
		{ "add_tokens", "add_tokens" },
		{ "add_special_tokens", "add_special_tokens" },
	};

	for (size_t i = 0; i < TL_COUNT(names); i++)
		if (setup_get(run, names[i].key) != NULL)
			setup_option_text(r, o, names[i].option,
			    setup_text(run, names[i].key));
	if (setup_get(run, "new_special_tokens_config") != NULL)
		setup_note(r, TL_SETUP_MISSING,
		    setup_get(run, "new_special_tokens_config"),
		    "name the tokens in add_special_tokens to see them",
		    "the tokens of new_special_tokens_config are not read");
}

static void
read_entry(struct reading *r, const struct tl_json *run,
    const struct tl_json *entry, const char *tokenizer,
    const struct tl_json *place)
{
	tl_str found = llama_factory_is_remote(entry)
	    ? (tl_str){ NULL, 0 }
	    : setup_find(r, setup_text(entry, "file_name"));
	struct tl_setup_dataset *d;
	struct options o = { .n = 0 }, of_tokenizer = { .n = 0 };
	int64_t cutoff = 0;

	if (found.len == 0)
		setup_note(r, TL_SETUP_MISSING, place,
		    "fetch it, or name the file on the command line",
		    "the data set \"%s\" is no file here",
		    tl_arena_cstr(r->a, entry->key));
	add_options(r, run, entry, &o);
	read_tokenizer_options(r, run, &of_tokenizer);
	d = setup_dataset(r);
	d->path = found;
	d->trainer = "llama-factory";
	d->tokenizer = tokenizer;
	if (run != NULL)
		cutoff = DEFAULT_CUTOFF;
	tl_json_int(setup_get(run, "cutoff_len"), &cutoff);
	d->sequence_len = cutoff > 0 ? (size_t)cutoff : 0;
	d->options = o.list;
	d->noptions = o.n;
	d->tokenizer_options = of_tokenizer.list;
	d->ntokenizer_options = of_tokenizer.n;
}

/* YAML takes more than the json.load() that reads dataset_info.json. */
static enum tl_status
parse(struct tl_arena *a, tl_str path, tl_str text, const struct tl_json **out,
    struct tl_error *err)
{
	struct tl_json_doc doc;
	size_t line = 1, start = 0;

	if (tl_str_ends(path, TL_STR(".json")) &&
	    tl_json_parse(a, text, &doc) != TL_OK) {
		for (size_t i = 0; i < doc.fault_at; i++)
			if (text.ptr[i] == '\n') {
				line++;
				start = i + 1;
			}
		return tl_fail_at(err, TL_EPARSE, line,
		    doc.fault_at - start + 1,
		    "this is no JSON: found %s, expected %s", doc.found,
		    doc.expected);
	}
	return tl_yaml_parse(a, text, out, err);
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
		r->a, "%s/dataset_info.json", tl_arena_cstr(r->a, folder))));
	if (file.len == 0) {
		setup_note(r, TL_SETUP_MISSING, setup_get(run, "dataset_dir"),
		    "run in LLaMA-Factory's folder, or give dataset_dir",
		    "there is no %s/dataset_info.json here",
		    tl_arena_cstr(r->a, folder));
		return NULL;
	}
	if (tl_file_read(r->a, tl_arena_cstr(r->a, file), MAX_INFO_BYTES, &text,
		&err) != TL_OK ||
	    parse(r->a, file, text, &info, &err) != TL_OK) {
		llama_factory_refuse(r, setup_get(run, "dataset_dir"),
		    "mend the file",
		    tl_arena_printf(r->a,
			"dataset_info.json cannot be read: %s (line %zu)",
			err.message, err.line));
		return NULL;
	}
	/* Files stand beside it. */
	while (file.len > 0 && file.ptr[file.len - 1] != '/')
		file.len--;
	r->folder = file;
	return info;
}

static void
read_named(struct reading *r, const struct tl_json *run,
    const struct tl_json *info, const struct tl_json *names, tl_str name,
    const char *tokenizer)
{
	const struct tl_json *entry = tl_json_get_str(info, name);

	if (entry == NULL)
		llama_factory_refuse(r, names, "add it to dataset_info.json",
		    tl_arena_printf(r->a,
			"the data set \"%s\" is not in dataset_info.json",
			tl_arena_cstr(r->a, name)));
	else if (entry->kind == TL_JSON_OBJECT)
		read_entry(r, run, entry, tokenizer, names);
}

/* "a, b" or a list. */
static void
read_names(struct reading *r, const struct tl_json *run,
    const struct tl_json *info, const struct tl_json *names,
    const char *tokenizer)
{
	tl_str rest = tl_json_text(names, (tl_str){ NULL, 0 });

	if (tl_json_is(names, TL_JSON_ARRAY))
		for (const struct tl_json *v = names->first; v != NULL;
		     v = v->next)
			read_named(r, run, info, names,
			    tl_json_text(v, (tl_str){ NULL, 0 }), tokenizer);
	while (rest.len > 0) {
		size_t comma = tl_str_find_char(rest, ',', 0);

		read_named(r, run, info, names,
		    tl_str_trim(tl_str_slice(rest, 0, comma)), tokenizer);
		rest = comma == TL_NPOS
		    ? (tl_str){ NULL, 0 }
		    : tl_str_slice(rest, comma + 1, rest.len);
	}
}

static void
read_run(struct reading *r, const struct tl_json *run)
{
	static const char *const lists[] = { "dataset", "eval_dataset" };
	const struct tl_json *info = NULL;
	const char *tokenizer;

	llama_factory_check_run(r, run);
	tokenizer = tokenizer_of(r, run);
	if (setup_get(run, "dataset") != NULL)
		info = read_info(r, run);
	for (size_t i = 0; i < TL_COUNT(lists) && info != NULL; i++)
		read_names(r, run, info, setup_get(run, lists[i]), tokenizer);
}

/* Some value says where data lies. */
static bool
is_info(const struct tl_json *top)
{
	for (const struct tl_json *v = top->first; v != NULL; v = v->next)
		if (v->kind == TL_JSON_OBJECT && llama_factory_has_place(v))
			return true;
	return false;
}

static enum tl_status
read_config(struct tl_arena *a, struct tl_setup *s, struct tl_error *err)
{
	const struct tl_json *top;
	struct reading r;
	enum tl_status st = parse(a, s->path, s->text, &top, err);

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
			if (llama_factory_check_entry(&r, v))
				read_entry(&r, NULL, v, NULL, v);
	setup_end(&r);
	return TL_OK;
}

const struct tl_setup_kind tl_setup_llama_factory = {
	.name = "llama-factory",
	.help = "read data sets from LLaMA-Factory's dataset_info.json, or all "
		"of a run from its training YAML",
	.read = read_config,
};
