/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <turnlint/str.h>
#include <turnlint/yaml.h>

#include <string.h>

#include "names.h"

static bool
is_one_of(tl_str v, const char *const *words)
{
	for (; *words != NULL; words++)
		if (tl_str_eq_nocase(v, tl_str_from(*words)))
			return true;
	return false;
}

static bool
is_null(tl_str v)
{
	static const char *const words[] = { "null", "none", "~", "", NULL };

	return is_one_of(v, words);
}

static bool
read_bool(tl_str v, bool *out)
{
	static const char *const yes[] = { "true", "yes", "on", "1", NULL };
	static const char *const no[] = { "false", "no", "off", "0", NULL };

	*out = is_one_of(v, yes);
	return *out || is_one_of(v, no);
}

static bool
read_size(struct tl_arena *a, tl_str v, size_t *out)
{
	const struct tl_json *root;

	return tl_yaml_parse(a, v, &root, NULL) == TL_OK &&
	    tl_json_is(root, TL_JSON_NUMBER) && tl_str_to_size(root->text, out);
}

/* A text stands as it is; in quotes it is YAML. */
static const char *
read_text(struct tl_arena *a, tl_str v, tl_str *out)
{
	const struct tl_json *root;
	bool is_quoted = v.len > 0 && (v.ptr[0] == '"' || v.ptr[0] == '\'');

	*out = (tl_str){ NULL, 0 };
	if (!is_quoted) {
		if (!is_null(v))
			*out = tl_arena_str(a, v);
		return NULL;
	}
	if (tl_yaml_parse(a, v, &root, NULL) != TL_OK ||
	    root->kind != TL_JSON_STRING)
		return "a text";
	*out = root->text;
	return NULL;
}

static const char *
read_tree(struct tl_arena *a, enum tl_json_kind kind, tl_str v,
    const struct tl_json **out)
{
	const struct tl_json *root;

	*out = NULL;
	if (tl_yaml_parse(a, v, &root, NULL) != TL_OK ||
	    (root->kind != kind && root->kind != TL_JSON_NULL))
		return kind == TL_JSON_ARRAY ? "a list ([a, b])"
					     : "a map ({name: value})";
	if (root->kind == kind)
		*out = root;
	return NULL;
}

static bool
find_choice(const struct tl_option_spec *s, tl_str v, char *at)
{
	for (int i = 0; s->choices[i] != NULL; i++)
		if (tl_str_eq(v, tl_str_from(s->choices[i]))) {
			memcpy(at, &i, sizeof(i));
			return true;
		}
	return false;
}

/* A choice may be called "none": the words go before what YAML makes of them.
 */
static const char *
read_choice(
    struct tl_arena *a, const struct tl_option_spec *s, tl_str v, char *at)
{
	tl_str text;

	if (find_choice(s, v, at) || is_null(v))
		return NULL;
	if (read_text(a, v, &text) == NULL && find_choice(s, text, at))
		return NULL;
	return "another value";
}

/* Nothing, or what was expected instead. */
static const char *
read_value(
    struct tl_arena *a, const struct tl_option_spec *s, tl_str v, char *at)
{
	const struct tl_json *tree;
	const char *expected = NULL;
	bool flag;
	size_t size = 0;
	tl_str text;

	switch (s->kind) {
	case TL_OPTION_BOOL:
		if (is_null(v))
			break;
		if (!read_bool(v, &flag))
			return "true or false";
		memcpy(at, &flag, sizeof(flag));
		break;
	case TL_OPTION_SIZE:
		if (!is_null(v) && !read_size(a, v, &size))
			return "a whole number";
		memcpy(at, &size, sizeof(size));
		break;
	case TL_OPTION_STR:
		expected = read_text(a, v, &text);
		memcpy(at, &text, sizeof(text));
		break;
	case TL_OPTION_CHOICE:
		return read_choice(a, s, v, at);
	case TL_OPTION_LIST:
	case TL_OPTION_MAP:
		expected = read_tree(a,
		    s->kind == TL_OPTION_LIST ? TL_JSON_ARRAY : TL_JSON_OBJECT,
		    v, &tree);
		memcpy(at, &tree, sizeof(tree));
		break;
	}
	return expected;
}

static enum tl_status
fail_value(struct tl_arena *a, struct tl_error *err, const char *trainer,
    const struct tl_option_spec *s, const struct tl_option *o,
    const char *expected)
{
	size_t n = 0;

	if (s->kind != TL_OPTION_CHOICE)
		return tl_fail(err, TL_ECONFIG,
		    "the option %s of the trainer %s needs %s, not \"%s\"",
		    s->name, trainer, expected, tl_arena_cstr(a, o->value));
	while (s->choices[n] != NULL)
		n++;
	return tl_fail_unknown(a, err, s->name, o->value, s->choices, n);
}

static enum tl_status
read_one(struct tl_arena *a, const char *trainer,
    const struct tl_option_spec *specs, size_t nspecs,
    const struct tl_option *o, char *config, struct tl_error *err)
{
	const char **names = TL_NEW(a, const char *, nspecs);
	const char *expected;

	for (size_t i = 0; i < nspecs; i++) {
		names[i] = specs[i].name;
		if (!tl_str_eq(o->name, tl_str_from(specs[i].name)))
			continue;
		expected = read_value(a, &specs[i], tl_str_trim(o->value),
		    config + specs[i].offset);
		if (expected == NULL)
			return TL_OK;
		return fail_value(a, err, trainer, &specs[i], o, expected);
	}
	return tl_fail_unknown(a, err,
	    tl_arena_printf(a, "option of the trainer %s", trainer), o->name,
	    names, nspecs);
}

enum tl_status
tl_options_read(struct tl_arena *a, const char *trainer,
    const struct tl_option_spec *specs, size_t nspecs,
    const struct tl_option *opts, size_t nopts, void *config,
    struct tl_error *err)
{
	for (size_t i = 0; i < nopts; i++) {
		enum tl_status st =
		    read_one(a, trainer, specs, nspecs, &opts[i], config, err);

		if (st != TL_OK)
			return st;
	}
	return TL_OK;
}

enum tl_status
tl_options_new(struct tl_arena *a, const char *trainer,
    const struct tl_option_spec *specs, size_t nspecs,
    const struct tl_option *opts, size_t nopts, size_t size, const void **out,
    struct tl_error *err)
{
	void *config = tl_arena_alloc(a, 1, size, _Alignof(max_align_t));

	*out = config;
	return tl_options_read(
	    a, trainer, specs, nspecs, opts, nopts, config, err);
}
