/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - --template: a built-in's name, a file of one of several kinds, or
 * a directory that holds one.
 */
#include "template/internal.h"

#include <turnlint/record.h>

#include <string.h>
#include <sys/stat.h>

/* --- built-ins ----------------------------------------------------------- */

static enum tl_status
load_builtin(struct tl_arena *a, const struct tl_template_builtin *b,
    struct tl_template **out, struct tl_error *err)
{
	enum tl_status st = tl_template_compile(a, tl_str_from(b->name),
	    (tl_str){ b->source, b->source_len }, out, err);

	if (st == TL_OK)
		(*out)->tokens = b->tokens;
	return st;
}

static enum tl_status
unknown_name(struct tl_arena *a, tl_str what, struct tl_error *err)
{
	size_t n, nframeworks, naliases;
	const struct tl_template_builtin *b = tl_template_builtins(&n);
	const struct tl_template_builtin *f =
	    tl_template_frameworks(&nframeworks);
	const struct tl_template_alias *aliases =
	    tl_template_aliases(&naliases);
	const char **names =
	    TL_NEW(a, const char *, n + nframeworks + naliases);
	const char *nearest, *why = tl_template_refused(what);

	if (why != NULL)
		return tl_fail(err, TL_ENOENT,
		    "that template cannot be rendered: %s", why);
	for (size_t i = 0; i < n; i++)
		names[i] = b[i].name;
	for (size_t i = 0; i < naliases; i++)
		names[n + i] = aliases[i].name;
	for (size_t i = 0; i < nframeworks; i++)
		names[n + naliases + i] = f[i].name;
	nearest = tl_str_nearest(what, names, n + naliases + nframeworks);
	if (nearest != NULL)
		return tl_fail(err, TL_ENOENT,
		    "no file and no built-in template is called that; did you "
		    "mean '%s'?",
		    nearest);
	return tl_fail(err, TL_ENOENT,
	    "no file and no built-in template is called that; 'turnlint "
	    "template list' names those that are built in");
}

/* --- JSON files ---------------------------------------------------------- */

/* The entry of a list [{"name": …, "template": …}, …]. */
static const struct tl_json *
named_template(const struct tl_json *list, tl_str name)
{
	for (const struct tl_json *e = list->first; e != NULL; e = e->next) {
		const struct tl_json *n = tl_json_get(e, "name");

		if (tl_json_is(n, TL_JSON_STRING) && tl_str_eq(n->text, name))
			return tl_json_get(e, "template");
	}
	return NULL;
}

static enum tl_status
no_such_name(struct tl_arena *a, const struct tl_json *list, tl_str name,
    struct tl_error *err)
{
	char *names = tl_arena_printf(a, "%s", "");

	for (const struct tl_json *e = list->first; e != NULL; e = e->next)
		names = tl_arena_printf(a, "%s%s'%s'", names,
		    e == list->first ? "" : ", ",
		    tl_arena_cstr(
			a, tl_json_text(tl_json_get(e, "name"), TL_STR("?"))));
	return tl_fail(err, TL_ENOENT, "there is no template '%s'; it has %s",
	    tl_arena_cstr(a, name), *names != '\0' ? names : "none");
}

static enum tl_status
add_tool_use(struct tl_arena *a, tl_str path, tl_str source,
    struct tl_template *t, struct tl_error *err)
{
	struct tl_template *other;
	enum tl_status st = tl_template_compile(a, path, source, &other, err);

	if (st == TL_OK)
		tl_template_set_tool_use(t, other);
	return st;
}

/* tokenizer_config.json: chat_template is a string or a list of named ones. */
static enum tl_status
load_tokenizer_config(struct tl_arena *a, tl_str path, tl_str name,
    const struct tl_json *root, struct tl_template **out, struct tl_error *err)
{
	const struct tl_json *t = tl_json_get(root, "chat_template");
	const struct tl_json *tools = NULL;
	enum tl_status st;

	if (t == NULL || t->kind == TL_JSON_NULL)
		return tl_fail(err, TL_ENOENT, "it has no chat_template");
	if (t->kind == TL_JSON_ARRAY) {
		const struct tl_json *list = t;

		if (name.len == 0) {
			name = TL_STR("default");
			tools = named_template(list, TL_STR("tool_use"));
		}
		t = named_template(list, name);
		if (t == NULL)
			return no_such_name(a, list, name, err);
	} else if (name.len > 0) {
		return tl_fail(
		    err, TL_ENOENT, "it has one template, which has no name");
	}
	if (t->kind != TL_JSON_STRING)
		return tl_fail(err, TL_EPARSE,
		    "chat_template must be a string, or a list of objects "
		    "with name and template; it is %s",
		    tl_json_kind_name(t->kind));
	st = tl_template_compile(a, path, t->text, out, err);
	if (st == TL_OK && tl_json_is(tools, TL_JSON_STRING))
		st = add_tool_use(a, path, tools->text, *out, err);
	return st;
}

static enum tl_status
load_paddle(struct tl_arena *a, tl_str path, const struct tl_json_doc *doc,
    struct tl_template **out, struct tl_error *err)
{
	struct tl_template *t = TL_NEW(a, struct tl_template, 1);
	enum tl_status st = tl_paddle_compile(a, doc, &t->paddle, err);

	if (st != TL_OK)
		return st;
	t->name = tl_arena_str(a, path);
	t->kind = TL_TEMPLATE_PADDLE;
	t->source = doc->text;
	*out = t;
	return TL_OK;
}

static enum tl_status
load_json(struct tl_arena *a, tl_str path, tl_str name, tl_str bytes,
    struct tl_template **out, struct tl_error *err)
{
	struct tl_json_doc doc;

	if (tl_json_parse(a, bytes, &doc) != TL_OK)
		return tl_fail(err, TL_EPARSE,
		    "it is not valid JSON: found %s where %s was expected "
		    "(byte %zu)",
		    doc.found, doc.expected, doc.fault_at + 1);
	if (doc.root->kind == TL_JSON_STRING)
		return tl_template_compile(a, path, doc.root->text, out, err);
	if (tl_paddle_is(doc.root))
		return load_paddle(a, path, &doc, out, err);
	return load_tokenizer_config(a, path, name, doc.root, out, err);
}

/* --- files and directories ----------------------------------------------- */

static enum tl_status
load_file(struct tl_arena *a, const char *path, tl_str name,
    struct tl_template **out, struct tl_error *err)
{
	tl_str bytes, p = tl_str_from(path), trimmed;
	enum tl_status st =
	    tl_file_read(a, path, ((size_t)64 << 20), &bytes, err);

	if (st != TL_OK)
		return st;
	trimmed = tl_str_trim(bytes);
	if (tl_str_ends(p, TL_STR(".json")) ||
	    (!tl_str_ends(p, TL_STR(".jinja")) && trimmed.len > 1 &&
		trimmed.ptr[0] == '{' && trimmed.ptr[1] != '{' &&
		trimmed.ptr[1] != '%' && trimmed.ptr[1] != '#'))
		return load_json(a, p, name, bytes, out, err);
	if (name.len > 0)
		return tl_fail(
		    err, TL_ENOENT, "a template file has no named templates");
	return tl_template_compile(a, p, bytes, out, err);
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* additional_chat_templates/tool_use.jinja, when it is there. */
static enum tl_status
add_beside(struct tl_arena *a, const char *dir, struct tl_template *t,
    struct tl_error *err)
{
	const char *path = tl_arena_printf(
	    a, "%s/additional_chat_templates/tool_use.jinja", dir);
	struct tl_template *other;
	enum tl_status st;

	if (!exists(path))
		return TL_OK;
	st = load_file(a, path, TL_STR(""), &other, err);
	if (st == TL_OK)
		tl_template_set_tool_use(t, other);
	return st;
}

/* A directory: chat_template.jinja wins, as it does in transformers. */
static enum tl_status
load_directory(struct tl_arena *a, const char *dir, tl_str name,
    struct tl_template **out, struct tl_error *err)
{
	static const char *const files[] = { "chat_template.jinja",
		"chat_template.json", "tokenizer_config.json" };
	bool is_named = name.len > 0 && !tl_str_eq(name, TL_STR("default"));
	enum tl_status st;
	const char *path;

	if (is_named) {
		path =
		    tl_arena_printf(a, "%s/additional_chat_templates/%s.jinja",
			dir, tl_arena_cstr(a, name));
		if (exists(path))
			return load_file(a, path, TL_STR(""), out, err);
	}
	/* The configuration alone has templates with names. */
	for (size_t i = is_named ? 2 : 0; i < TL_COUNT(files); i++) {
		path = tl_arena_printf(a, "%s/%s", dir, files[i]);
		if (!exists(path))
			continue;
		st = load_file(a, path, i == 2 ? name : TL_STR(""), out, err);
		return st == TL_OK && name.len == 0
		    ? add_beside(a, dir, *out, err)
		    : st;
	}
	if (is_named)
		return tl_fail(err, TL_ENOENT,
		    "the directory has no additional_chat_templates/%s.jinja "
		    "and no tokenizer_config.json with one of that name",
		    tl_arena_cstr(a, name));
	return tl_fail(err, TL_ENOENT,
	    "the directory holds no chat_template.jinja, chat_template.json "
	    "or tokenizer_config.json");
}

static enum tl_status
load_path(struct tl_arena *a, const char *path, tl_str name,
    struct tl_template **out, struct tl_error *err)
{
	return is_directory(path) ? load_directory(a, path, name, out, err)
				  : load_file(a, path, name, out, err);
}

enum tl_status
tl_template_load(struct tl_arena *a, const char *what, struct tl_template **out,
    struct tl_error *err)
{
	const tl_str inline_text = TL_STR("jinja:");
	tl_str given = tl_str_from(what);
	const struct tl_template_builtin *b;
	const char *hash = strrchr(what, '#');
	char *path;

	if (tl_str_starts(given, inline_text))
		return tl_template_compile(a, TL_STR("jinja"),
		    tl_str_slice(given, inline_text.len, given.len), out, err);

	b = tl_template_find_builtin(tl_str_from(what));
	if (b != NULL)
		return load_builtin(a, b, out, err);
	if (exists(what))
		return load_path(a, what, TL_STR(""), out, err);
	if (hash == NULL || hash == what)
		return unknown_name(a, tl_str_from(what), err);
	path = tl_arena_cstr(a, (tl_str){ what, (size_t)(hash - what) });
	if (!exists(path))
		return unknown_name(a, tl_str_from(what), err);
	return load_path(a, path, tl_str_from(hash + 1), out, err);
}
