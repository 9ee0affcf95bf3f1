/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LMFlow's arguments, as they stand in the script that starts a run:
 * --dataset_path, --conversation_template, --block_size and the like.  Words
 * are taken as the shell would, without variables.
 */
#include <string.h>

#include "setup/setup.h"

static const char *const options[] = { "conversation_template",
	"train_on_prompt", "disable_group_texts", "block_size",
	"truncation_side", "padding_side" };

/* The next word of a script; quotes are taken off, comments left out. */
static bool
next_word(tl_str s, size_t *at, struct tl_buf *b, bool *is_variable)
{
	char quote = '\0';
	bool has_word = false;

	tl_buf_clear(b);
	*is_variable = false;
	for (; *at < s.len; ++*at) {
		char c = s.ptr[*at];

		if (quote == '\0' && c == '#' && !has_word) {
			while (*at < s.len && s.ptr[*at] != '\n')
				++*at;
			continue;
		}
		if (c == quote && quote != '\0') {
			quote = '\0';
			continue;
		}
		if (quote == '\0' && (c == '"' || c == '\'')) {
			quote = c;
			has_word = true;
			continue;
		}
		if (c == '\\' && quote != '\'' && *at + 1 < s.len) {
			++*at;
			if (s.ptr[*at] != '\n') {
				tl_buf_putc(b, s.ptr[*at]);
				has_word = true;
			}
			continue;
		}
		if (quote == '\0' &&
		    (c == ' ' || c == '\t' || c == '\n' || c == '=')) {
			if (has_word)
				return true;
			continue;
		}
		*is_variable |= c == '$' && quote != '\'';
		tl_buf_putc(b, c);
		has_word = true;
	}
	return has_word;
}

/* The value behind --name; empty when it is not there, or is a variable. */
static tl_str
argument(struct reading *r, const char *name)
{
	tl_str s = r->out->text;
	size_t at = 0;
	bool is_variable, is_next = false;
	struct tl_buf b;
	tl_str found = { NULL, 0 };
	const char *flag = tl_arena_printf(r->a, "--%s", name);

	tl_buf_init(&b, r->a, 0);
	while (next_word(s, &at, &b, &is_variable)) {
		if (is_next && !is_variable)
			found = tl_arena_str(r->a, tl_buf_str(&b));
		is_next = tl_str_eq(tl_buf_str(&b), tl_str_from(flag));
	}
	return found;
}

static void
missing(struct reading *r, const char *what, tl_str value, const char *hint)
{
	if (value.len > 0)
		setup_note(r, TL_SETUP_MISSING, NULL, hint,
		    "%s \"%s\" is not here", what, tl_arena_cstr(r->a, value));
	else
		setup_note(r, TL_SETUP_MISSING, NULL, hint,
		    "%s is not said by a plain value", what);
}

static enum tl_status
read_config(struct tl_arena *a, struct tl_setup *s, struct tl_error *err)
{
	struct tl_setup_dataset *d;
	struct options o = { .n = 0 };
	struct reading r;
	tl_str path, model, length;
	size_t n = 0;

	s->framework = "LMFlow";
	setup_begin(&r, a, s);
	path = argument(&r, "dataset_path");
	model = argument(&r, "model_name_or_path");
	length = argument(&r, "model_max_length");
	d = setup_dataset(&r);
	d->trainer = "lmflow";
	d->path = setup_find(&r, path);
	if (d->path.len == 0)
		missing(&r, "--dataset_path", path,
		    "name the data on the command line");
	model = setup_find(&r, model);
	if (model.len > 0)
		d->tokenizer = tl_arena_cstr(a, model);
	else
		missing(&r, "--model_name_or_path",
		    argument(&r, "model_name_or_path"),
		    "give the tokenizer's folder with --tokenizer");
	for (size_t i = 0; i < TL_COUNT(options); i++) {
		tl_str v = argument(&r, options[i]);

		/* 0 and 1 are booleans there. */
		if (v.len > 0)
			setup_option_text(&r, &o, options[i], v);
	}
	if (tl_str_to_size(length, &n))
		setup_option_text(&r, &o, "model_max_length", length);
	d->options = o.list;
	d->noptions = o.n;
	setup_end(&r);
	if (o.n == 0 && path.len == 0 && d->tokenizer == NULL)
		return tl_fail(err, TL_EPARSE,
		    "there are no arguments of LMFlow in it: neither "
		    "--dataset_path nor --conversation_template");
	return TL_OK;
}

const struct tl_setup_kind tl_setup_lmflow = {
	.name = "lmflow",
	.help = "read the arguments of a run from the script that starts it",
	.read = read_config,
};
