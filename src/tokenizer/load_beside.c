/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_beside.c - what lies beside a tokenizer's file: the configuration of the
 * tokenizer, and that of the model as far as it names ids.
 */
#include "load.h"

#include <turnlint/record.h>

/* A file of the folder; text.ptr NULL when there is none. */
static enum tl_status
read_beside(const char *folder, const char *name, size_t max,
    struct tl_arena *tmp, tl_str *text, struct tl_error *err)
{
	const char *path = tl_path_join(tmp, folder, name);

	*text = (tl_str){ NULL, 0 };
	if (!tl_is_file(path))
		return TL_OK;
	return tl_file_read(tmp, path, max, text, err);
}

static enum tl_status
load_added(const char *folder, struct tl_tokenizer *t, struct tl_arena *tmp,
    struct tl_error *err)
{
	static const char name[] = "added_tokens.json";
	tl_str text;
	enum tl_status st =
	    read_beside(folder, name, TL_MAX_CONFIG_BYTES, tmp, &text, err);

	if (st != TL_OK || text.ptr == NULL)
		return st;
	st = tl_load_added(text, t, err);
	return st == TL_OK
	    ? st
	    : tl_fail_in(err, st, tl_path_join(tmp, folder, name));
}

static enum tl_status
load_config(const char *folder, bool changes_ids, struct tl_tokenizer *t,
    struct tl_arena *tmp, struct tl_error *err)
{
	static const char name[] = "tokenizer_config.json";
	tl_str text, map;
	enum tl_status st =
	    read_beside(folder, name, TL_MAX_CONFIG_BYTES, tmp, &text, err);

	if (st == TL_OK)
		st = read_beside(folder, "special_tokens_map.json",
		    TL_MAX_CONFIG_BYTES, tmp, &map, err);
	if (st != TL_OK || (text.ptr == NULL && map.ptr == NULL))
		return st;
	st = tl_load_config(text, map, changes_ids, t, err);
	return st == TL_OK
	    ? st
	    : tl_fail_in(err, st, tl_path_join(tmp, folder, name));
}

enum tl_status
tl_load_beside(const char *folder, const struct tl_choices *c,
    struct tl_tokenizer *t, struct tl_arena *tmp, struct tl_error *err)
{
	/* What counts first is read first. */
	static const char *const names[] = { "generation_config.json",
		"config.json" };
	enum tl_status st = TL_OK;
	tl_str text;

	/* tokenizer.json has them itself. */
	if (t->is_older && c->uses_config > 0)
		st = load_added(folder, t, tmp, err);
	if (st == TL_OK)
		st = load_config(folder, c->uses_config > 0, t, tmp, err);
	if (st == TL_OK)
		st = read_beside(folder, "chat_template.jinja",
		    TL_MAX_TEMPLATE_BYTES, tmp, &text, err);
	if (st == TL_OK && text.ptr != NULL)
		tl_tokenizer_add_template(
		    t, TL_STR(""), text, "chat_template.jinja");
	for (size_t i = 0; i < TL_COUNT(names) && st == TL_OK; i++) {
		st = read_beside(
		    folder, names[i], TL_MAX_CONFIG_BYTES, tmp, &text, err);
		if (st != TL_OK || text.ptr == NULL)
			continue;
		st = tl_load_model_config(names[i], text, t, err);
		if (st != TL_OK)
			st = tl_fail_in(
			    err, st, tl_path_join(tmp, folder, names[i]));
	}
	return st;
}
