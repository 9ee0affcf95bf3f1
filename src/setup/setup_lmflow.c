/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LMFlow's arguments: the shell script that starts a run, or the JSON file
 * that the program takes in place of arguments.
 *
 * Of the shell as much is read as such scripts need: quotes, comments,
 * continued lines, and variables that the script itself gives a plain value.
 */
#include <string.h>

#include "setup/shell.h"

static const char *const options[] = { "conversation_template",
	"train_on_prompt", "disable_group_texts", "block_size",
	"truncation_side", "padding_side", "model_max_length" };

/* What decides on data and tokens; of others nothing is said, since most are
 * transformers'. */
static const char *const known[] = { "conversation_template", "train_on_prompt",
	"disable_group_texts", "block_size", "truncation_side", "padding_side",
	"model_max_length", "dataset_path", "model_name_or_path",
	"tokenizer_name", "use_fast_tokenizer" };

static const struct tl_option *
argument(const struct options *args, const char *name)
{
	for (size_t i = args->n; i > 0; i--)
		if (tl_str_eq(args->list[i - 1].name, tl_str_from(name)))
			return &args->list[i - 1];
	return NULL;
}

/* Empty when it is not there, or its value is not known. */
static tl_str
value_of(const struct options *args, const char *name)
{
	const struct tl_option *o = argument(args, name);

	return o != NULL ? o->value : (tl_str){ NULL, 0 };
}

static enum tl_status
read_json(
    struct reading *r, tl_str text, struct options *args, struct tl_error *err)
{
	const struct tl_json *top;
	enum tl_status st = tl_yaml_parse(r->a, text, &top, err);

	if (st != TL_OK)
		return st;
	if (top->kind != TL_JSON_OBJECT)
		return tl_fail(
		    err, TL_EPARSE, "LMFlow's arguments are a map of settings");
	for (const struct tl_json *v = top->first; v != NULL; v = v->next)
		if (v->kind != TL_JSON_NULL)
			setup_option_text(r, args, tl_arena_cstr(r->a, v->key),
			    setup_text(top, tl_arena_cstr(r->a, v->key)));
	return TL_OK;
}

static void
missing(struct reading *r, const struct options *args, const char *name,
    const char *hint)
{
	tl_str value = value_of(args, name);

	if (value.len > 0)
		setup_note(r, TL_SETUP_MISSING, NULL, hint,
		    "--%s \"%s\" is not here", name,
		    tl_arena_cstr(r->a, value));
	else
		setup_note(r, TL_SETUP_MISSING, NULL, hint,
		    argument(args, name) == NULL
			? "--%s is not given"
			: "--%s is not said by a plain value",
		    name);
}

/* The program takes no argument that it does not know. */
static void
check_names(struct reading *r, const struct options *args)
{
	for (size_t i = 0; i < args->n; i++) {
		tl_str name = args->list[i].name;
		const char *near = tl_str_nearest(name, known, TL_COUNT(known));
		bool is_known = false;

		for (size_t k = 0; k < TL_COUNT(known); k++)
			is_known |= tl_str_eq(name, tl_str_from(known[k]));
		if (near != NULL && !is_known)
			setup_note(r, TL_SETUP_REFUSED, NULL,
			    tl_arena_printf(r->a, "did you mean --%s?", near),
			    "LMFlow stops: it has no argument --%s",
			    tl_arena_cstr(r->a, name));
	}
}

static void
read_tokenizer(
    struct reading *r, const struct options *args, struct tl_setup_dataset *d)
{
	struct options o = { .n = 0 };
	const char *name = value_of(args, "tokenizer_name").len > 0
	    ? "tokenizer_name"
	    : "model_name_or_path";
	tl_str found = setup_find(r, value_of(args, name));

	if (found.len > 0)
		d->tokenizer = tl_arena_cstr(r->a, found);
	else
		missing(r, args, name,
		    "give the tokenizer's folder with --tokenizer");
	if (tl_str_eq_nocase(
		value_of(args, "use_fast_tokenizer"), TL_STR("false")) ||
	    tl_str_eq(value_of(args, "use_fast_tokenizer"), TL_STR("0")))
		setup_option_text(r, &o, "use_fast", TL_STR("false"));
	d->tokenizer_options = o.list;
	d->ntokenizer_options = o.n;
}

static enum tl_status
read_config(struct tl_arena *a, struct tl_setup *s, struct tl_error *err)
{
	struct tl_setup_dataset *d;
	struct options args = { .n = 0 }, o = { .n = 0 };
	struct reading r;
	enum tl_status st = TL_OK;

	s->framework = "LMFlow";
	setup_begin(&r, a, s);
	if (tl_str_starts(tl_str_trim(s->text), TL_STR("{")))
		st = read_json(&r, s->text, &args, err);
	else
		setup_read_script(&r, s->text, &args);
	if (st != TL_OK)
		return st;
	for (size_t i = 0; i < TL_COUNT(options); i++)
		if (value_of(&args, options[i]).len > 0)
			setup_option_text(
			    &r, &o, options[i], value_of(&args, options[i]));
	if (o.n == 0 && argument(&args, "dataset_path") == NULL)
		return tl_fail(err, TL_EPARSE,
		    "there are no arguments of LMFlow in it: neither "
		    "--dataset_path nor --conversation_template");
	check_names(&r, &args);
	d = setup_dataset(&r);
	d->trainer = "lmflow";
	d->path = setup_find(&r, value_of(&args, "dataset_path"));
	if (d->path.len == 0)
		missing(&r, &args, "dataset_path",
		    "name the data on the command line");
	read_tokenizer(&r, &args, d);
	d->options = o.list;
	d->noptions = o.n;
	setup_end(&r);
	return TL_OK;
}

const struct tl_setup_kind tl_setup_lmflow = {
	.name = "lmflow",
	.help = "read the arguments of a run from the script that starts it, "
		"or from LMFlow's JSON",
	.read = read_config,
};
