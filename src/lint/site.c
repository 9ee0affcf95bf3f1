/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands around a template: the places where a tokenizer's templates may
 * be, in the order in which transformers looks at them, and the tokenizer.
 */
#include "lint/lint.h"

#include <turnlint/limits.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_CONFIG_BYTES ((size_t)64 << 20)
#define MAX_SOURCES 64u
#define MAX_GGUF 4u

struct collector {
	struct tl_arena *arena;
	const char *folder;
	struct tl_template_source *list;
	struct tl_template_site *site;
};

static const char *
join(const struct collector *c, const char *file)
{
	return tl_arena_printf(c->arena, "%s/%s", c->folder, file);
}

static void
add(struct collector *c, const char *file, tl_str name, tl_str text)
{
	if (c->site->nsources == MAX_SOURCES)
		return;
	c->list[c->site->nsources++] = (struct tl_template_source){
		.file = tl_str_from(tl_arena_printf(c->arena, "%s", file)),
		.name = name.len > 0 ? name : TL_STR("default"),
		.text = text,
	};
}

static bool
read_jinja(struct collector *c, const char *file, tl_str name)
{
	struct tl_error err;
	tl_str text;

	if (tl_file_read(c->arena, join(c, file), TL_MAX_TEMPLATE_BYTES, &text,
		&err) != TL_OK)
		return false;
	add(c, file, name, text);
	return true;
}

/* "<s>" or {"content": "<s>", …}. */
static tl_str
token_text(const struct tl_json *v)
{
	if (tl_json_is(v, TL_JSON_OBJECT))
		v = tl_json_get(v, "content");
	return tl_json_is(v, TL_JSON_STRING) ? v->text : (tl_str){ NULL, 0 };
}

/* tokenizer_config.json, or the chat_template.json of a processor. */
static void
read_config(struct collector *c, const char *file, bool has_tokens)
{
	struct tl_special_tokens *tokens = &c->site->tokens;
	const struct tl_json *t;
	struct tl_json_doc doc;
	struct tl_error err;
	tl_str bytes;

	if (tl_file_read(c->arena, join(c, file), MAX_CONFIG_BYTES, &bytes,
		&err) != TL_OK ||
	    tl_json_parse(c->arena, bytes, &doc) != TL_OK)
		return;
	t = tl_json_get(doc.root, "chat_template");
	if (tl_json_is(t, TL_JSON_STRING))
		add(c, file, TL_STR(""), t->text);
	for (const struct tl_json *e = tl_json_is(t, TL_JSON_ARRAY) ? t->first
								    : NULL;
	     e != NULL; e = e->next) {
		const struct tl_json *name = tl_json_get(e, "name");
		const struct tl_json *text = tl_json_get(e, "template");

		if (tl_json_is(name, TL_JSON_STRING) &&
		    tl_json_is(text, TL_JSON_STRING))
			add(c, file, name->text, text->text);
	}
	if (!has_tokens)
		return;
	c->site->has_config = true;
	tokens->bos = token_text(tl_json_get(doc.root, "bos_token"));
	tokens->eos = token_text(tl_json_get(doc.root, "eos_token"));
	tokens->pad = token_text(tl_json_get(doc.root, "pad_token"));
	tokens->unk = token_text(tl_json_get(doc.root, "unk_token"));
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names below a folder with that ending, sorted, at most max. */
static size_t
list_names(struct tl_arena *a, const char *folder, tl_str ending,
    const char **names, size_t max)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while (n < max && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' &&
		    tl_str_ends(tl_str_from(e->d_name), ending))
			names[n++] = tl_arena_printf(a, "%s", e->d_name);
	closedir(dir);
	qsort(names, n, sizeof(*names), compare_names);
	return n;
}

static void
read_additional(struct collector *c)
{
	static const char folder[] = "additional_chat_templates";
	const tl_str ending = TL_STR(".jinja");
	const char *names[MAX_SOURCES];
	size_t n = list_names(
	    c->arena, join(c, folder), ending, names, TL_COUNT(names));

	for (size_t i = 0; i < n; i++) {
		tl_str name = tl_str_from(names[i]);

		read_jinja(c,
		    tl_arena_printf(c->arena, "%s/%s", folder, names[i]),
		    tl_str_slice(name, 0, name.len - ending.len));
	}
}

static void
read_gguf(struct collector *c, const char *file)
{
	struct tl_tokenizer *t;
	struct tl_error err;
	tl_str text;

	if (tl_tokenizer_load(c->arena, join(c, file), NULL, &t, &err) != TL_OK)
		return;
	text = tl_tokenizer_chat_template(t, TL_STR(""));
	if (text.ptr != NULL)
		add(c, file, TL_STR(""), text);
	if (c->site->tokenizer == NULL)
		c->site->tokenizer = t;
}

static void
read_ggufs(struct collector *c)
{
	const char *names[MAX_GGUF];
	size_t n = list_names(
	    c->arena, c->folder, TL_STR(".gguf"), names, TL_COUNT(names));

	for (size_t i = 0; i < n; i++)
		read_gguf(c, names[i]);
}

static bool
is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* A folder whose tokenizer would be loaded for other reasons only is none. */
static void
load_tokenizer(struct collector *c)
{
	static const char *const files[] = { "tokenizer.json",
		"tokenizer.model", "tekken.json" };
	struct tl_tokenizer *t;
	struct tl_error err;

	for (size_t i = 0; i < TL_COUNT(files); i++) {
		if (!is_file(join(c, files[i])))
			continue;
		if (tl_tokenizer_load(c->arena, c->folder, NULL, &t, &err) ==
		    TL_OK)
			c->site->tokenizer = t;
		return;
	}
}

static struct collector
begin(struct tl_arena *a, const char *folder, struct tl_template_site *site)
{
	struct collector c = {
		.arena = a,
		.folder = folder,
		.list = TL_NEW(a, struct tl_template_source, MAX_SOURCES),
		.site = site,
	};

	memset(site, 0, sizeof(*site));
	site->sources = c.list;
	return c;
}

static void
finish(struct tl_template_site *site)
{
	if (site->tokenizer != NULL)
		site->tokens = tl_tokenizer_tokens(site->tokenizer);
}

void
tl_template_site_open(
    struct tl_arena *a, const char *folder, struct tl_template_site *site)
{
	struct collector c = begin(a, folder, site);

	read_jinja(&c, "chat_template.jinja", TL_STR(""));
	read_additional(&c);
	read_config(&c, "tokenizer_config.json", true);
	read_config(&c, "chat_template.json", false);
	load_tokenizer(&c);
	read_ggufs(&c);
	finish(site);
}

void
tl_template_site_of(
    struct tl_arena *a, const char *path, struct tl_template_site *site)
{
	const char *slash = strrchr(path, '/');
	struct collector c = begin(a,
	    slash == NULL
		? "."
		: tl_arena_cstr(a, (tl_str){ path, (size_t)(slash - path) }),
	    site);

	if (tl_str_ends(tl_str_from(path), TL_STR(".gguf"))) {
		read_gguf(&c, slash == NULL ? path : slash + 1);
	} else {
		read_config(&c, "tokenizer_config.json", true);
		load_tokenizer(&c);
		if (!tl_str_ends(
			tl_str_from(path), TL_STR("tokenizer_config.json")))
			site->nsources = 0;
	}
	finish(site);
}
