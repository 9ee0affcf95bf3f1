/* SPDX-License-Identifier: Apache-2.0 */
/* PaddleNLP's arguments: the JSON that run_finetune.py takes. */
#include "setup/setup.h"

static const char *const options[] = { "chat_template", "src_length",
	"max_length" };

static enum tl_status
read_config(struct tl_arena *a, struct tl_setup *s, struct tl_error *err)
{
	const struct tl_json *top;
	struct tl_setup_dataset *d;
	struct options o = { .n = 0 };
	struct reading r;
	tl_str path, model;
	enum tl_status st = tl_yaml_parse(a, s->text, &top, err);

	if (st != TL_OK)
		return st;
	if (top->kind != TL_JSON_OBJECT)
		return tl_fail(err, TL_EPARSE,
		    "PaddleNLP's arguments are a map of settings");
	s->framework = "PaddleNLP";
	setup_begin(&r, a, s);
	path = setup_find(&r, setup_text(top, "dataset_name_or_path"));
	model = setup_find(&r, setup_text(top, "model_name_or_path"));
	if (path.len == 0)
		setup_note(&r, TL_SETUP_MISSING,
		    setup_get(top, "dataset_name_or_path"),
		    "name the data on the command line",
		    "the data set is no file or folder here");
	if (model.len == 0)
		setup_note(&r, TL_SETUP_MISSING,
		    setup_get(top, "model_name_or_path"),
		    "give the tokenizer's folder with --tokenizer",
		    "the model is no folder here: what is trained cannot be "
		    "computed");
	for (size_t i = 0; i < TL_COUNT(options); i++)
		setup_option(&r, &o, options[i], setup_get(top, options[i]));
	d = setup_dataset(&r);
	d->path = path;
	d->trainer = "paddlenlp";
	d->format = "paddlenlp";
	d->tokenizer = model.len > 0 ? tl_arena_cstr(a, model) : NULL;
	d->options = o.list;
	d->noptions = o.n;
	setup_end(&r);
	return TL_OK;
}

const struct tl_setup_kind tl_setup_paddlenlp = {
	.name = "paddlenlp",
	.help = "read the arguments of a run from PaddleNLP's JSON",
	.read = read_config,
};
