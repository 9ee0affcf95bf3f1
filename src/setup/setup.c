/* SPDX-License-Identifier: Apache-2.0 */
#include "setup/setup.h"

#include <turnlint/path.h>

#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SETUP(id) extern const struct tl_setup_kind tl_setup_##id;
#include "setups.inc"
#undef SETUP

static const struct tl_setup_kind *const kinds[] = {
#define SETUP(id) &tl_setup_##id,
#include "setups.inc"
#undef SETUP
};

const struct tl_setup_kind *const *
tl_setup_kinds(size_t *n)
{
	*n = TL_COUNT(kinds);
	return kinds;
}

void
setup_begin(struct reading *r, struct tl_arena *a, struct tl_setup *out)
{
	tl_str folder = out->path;

	while (folder.len > 0 && folder.ptr[folder.len - 1] != '/')
		folder.len--;
	*r = (struct reading){ .a = a, .out = out, .folder = folder };
}

static int
compare_notes(const void *pa, const void *pb)
{
	const struct tl_setup_note *a = pa, *b = pb;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->column > b->column) - (a->column < b->column);
}

void
setup_end(struct reading *r)
{
	if (r->nnotes > 0)
		qsort(r->notes, r->nnotes, sizeof(*r->notes), compare_notes);
	r->out->notes = r->notes;
	r->out->nnotes = r->nnotes;
	r->out->datasets = r->datasets;
	r->out->ndatasets = r->ndatasets;
}

/* One more element; list grows in the arena. */
static void *
more(struct tl_arena *a, void *list, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap > 0 ? 2 * *cap : 16;

	if (n < *cap)
		return list;
	list = tl_arena_grow(
	    a, list, *cap * size, want * size, _Alignof(max_align_t));
	*cap = want;
	return list;
}

void
setup_note(struct reading *r, enum tl_setup_note_kind kind,
    const struct tl_json *v, const char *hint, const char *fmt, ...)
{
	struct tl_setup_note *n;
	char words[512];
	struct tl_buf b;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	tl_buf_init(&b, r->a, 0);
	tl_buf_put_escaped(&b, tl_str_from(words));
	r->notes =
	    more(r->a, r->notes, r->nnotes, &r->cap_notes, sizeof(*r->notes));
	n = &r->notes[r->nnotes++];
	*n = (struct tl_setup_note){ .kind = kind,
		.message = tl_buf_str(&b),
		.hint = tl_str_from(hint) };
	if (v != NULL)
		tl_yaml_key_place(v, &n->line, &n->column);
}

const struct tl_json *
setup_get(const struct tl_json *obj, const char *key)
{
	const struct tl_json *v = tl_json_get(obj, key);

	return v != NULL && v->kind != TL_JSON_NULL ? v : NULL;
}

tl_str
setup_text(const struct tl_json *obj, const char *key)
{
	const struct tl_json *v = setup_get(obj, key);

	if (v == NULL || v->kind == TL_JSON_ARRAY || v->kind == TL_JSON_OBJECT)
		return (tl_str){ NULL, 0 };
	return v->kind == TL_JSON_STRING ? v->text : tl_yaml_scalar(v);
}

bool
setup_true(const struct tl_json *obj, const char *key)
{
	return tl_json_is(tl_json_get(obj, key), TL_JSON_TRUE);
}

const char *
setup_path(
    struct tl_arena *a, const struct tl_json *v, const struct tl_json *from)
{
	const char *path = "";

	for (; v != NULL && v != from; v = v->parent)
		if (v->key.ptr == NULL)
			path = tl_arena_printf(a, "[%u]%s", v->index, path);
		else
			path = tl_arena_printf(a, "%s%s%s",
			    tl_arena_cstr(a, v->key),
			    path[0] != '\0' && path[0] != '[' ? "." : "", path);
	return path;
}

static bool
is_there(const char *path)
{
	glob_t found;
	bool is = access(path, R_OK) == 0;

	if (is || strpbrk(path, "*?[") == NULL)
		return is;
	is = glob(path, GLOB_NOSORT, NULL, &found) == 0;
	globfree(&found);
	return is;
}

tl_str
setup_find(struct reading *r, tl_str path)
{
	const char *tries[2] = { tl_arena_cstr(r->a, path),
		tl_arena_printf(r->a, "%s%s", tl_arena_cstr(r->a, r->folder),
		    tl_arena_cstr(r->a, path)) };

	for (size_t i = 0; i < TL_COUNT(tries) && path.len > 0; i++)
		if (is_there(tries[i]))
			return tl_str_from(tl_path_absolute(r->a, tries[i]));
	return (tl_str){ NULL, 0 };
}

const char *
setup_tokenizer(struct reading *r, const struct tl_json *v, const char *what)
{
	tl_str name = tl_yaml_scalar(v), found = setup_find(r, name);

	if (found.len > 0)
		return tl_arena_cstr(r->a, found);
	setup_note(r, TL_SETUP_MISSING, v,
	    "fetch the tokenizer and give its folder with --tokenizer",
	    "the %s \"%s\" is no folder here: what is trained cannot be "
	    "computed",
	    what, tl_arena_cstr(r->a, name));
	return NULL;
}

bool
setup_is_folder(struct reading *r, tl_str path)
{
	struct stat st;

	return stat(tl_arena_cstr(r->a, path), &st) == 0 && S_ISDIR(st.st_mode);
}

void
setup_option_text(
    struct reading *r, struct options *o, const char *name, tl_str yaml)
{
	o->list = more(r->a, o->list, o->n, &o->cap, sizeof(*o->list));
	o->list[o->n++] = (struct tl_option){ tl_str_from(name), yaml };
}

void
setup_option(struct reading *r, struct options *o, const char *name,
    const struct tl_json *v)
{
	struct tl_buf b;

	if (v == NULL)
		return;
	tl_buf_init(&b, r->a, 0);
	/* JSON is YAML. */
	if (v->kind == TL_JSON_NUMBER)
		tl_buf_put(&b, tl_yaml_scalar(v));
	else
		tl_json_put(&b, v);
	setup_option_text(r, o, name, tl_buf_str(&b));
}

struct tl_setup_dataset *
setup_dataset(struct reading *r)
{
	r->datasets = more(r->a, r->datasets, r->ndatasets, &r->cap_datasets,
	    sizeof(*r->datasets));
	r->datasets[r->ndatasets] = (struct tl_setup_dataset){ .format = NULL };
	return &r->datasets[r->ndatasets++];
}
