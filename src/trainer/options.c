/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <turnlint/str.h>

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

/* Nothing, or what was expected instead. */
static const char *
read_value(
    struct tl_arena *a, const struct tl_option_spec *s, tl_str v, char *at)
{
	bool flag;
	size_t size = 0;
	tl_str text = { NULL, 0 };

	switch (s->kind) {
	case TL_OPTION_BOOL:
		if (!read_bool(v, &flag))
			return "true or false";
		memcpy(at, &flag, sizeof(flag));
		return NULL;
	case TL_OPTION_SIZE:
		if (!is_null(v) && !tl_str_to_size(v, &size))
			return "a number";
		memcpy(at, &size, sizeof(size));
		return NULL;
	case TL_OPTION_STR:
		if (!is_null(v))
			text = tl_arena_str(a, v);
		memcpy(at, &text, sizeof(text));
		return NULL;
	case TL_OPTION_CHOICE:
		for (int i = 0; s->choices[i] != NULL; i++)
			if (tl_str_eq(v, tl_str_from(s->choices[i]))) {
				memcpy(at, &i, sizeof(i));
				return NULL;
			}
		return "another value";
	}
	return NULL;
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
