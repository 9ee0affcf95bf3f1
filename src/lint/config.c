/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <turnlint/map.h>
#include <turnlint/yaml.h>

/* A file being read. */
struct reading {
	struct tl_arena *arena;
	struct tl_config_faults *faults;
	const char *path;
	tl_str folder;
	unsigned depth; /* of extends */
};

static void TL_PRINTF(4, 5)
    fault(struct reading *r, size_t line, size_t column, const char *fmt, ...)
{
	struct tl_config_faults *fs = r->faults;
	char text[512];
	struct tl_buf b;
	va_list ap;

	if (fs->n == TL_MAX_CONFIG_FAULTS)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tl_buf_init(&b, r->arena, 0);
	tl_buf_put_escaped(&b, tl_str_from(text));
	tl_buf_putc(&b, '\0');
	fs->list[fs->n++] = (struct tl_config_fault){
		.path = r->path,
		.line = line,
		.column = column,
		.message = b.ptr,
	};
}

/* ---- YAML nodes
 * --------------------------------------------------------------*/

static const char *
cstr(struct reading *r, tl_str s)
{
	return tl_arena_cstr(r->arena, s);
}

/* A fault at a value, or at a member's name. */
#define FAULT_AT(r, v, ...)                              \
	do {                                             \
		size_t line_, column_;                   \
		tl_yaml_place((v), &line_, &column_);    \
		fault((r), line_, column_, __VA_ARGS__); \
	} while (0)
#define FAULT_AT_KEY(r, v, ...)                           \
	do {                                              \
		size_t line_, column_;                    \
		tl_yaml_key_place((v), &line_, &column_); \
		fault((r), line_, column_, __VA_ARGS__);  \
	} while (0)

static bool
is_scalar(const struct tl_json *v)
{
	return v->kind != TL_JSON_ARRAY && v->kind != TL_JSON_OBJECT;
}

static const char *
kind_of(const struct tl_json *v)
{
	return is_scalar(v)	       ? "a single value"
	    : v->kind == TL_JSON_ARRAY ? "a list"
				       : "a map";
}

static bool
expect_scalar(struct reading *r, const struct tl_json *v, const char *key,
    const char *what)
{
	if (!is_scalar(v))
		FAULT_AT(r, v, "'%s' takes %s, not %s", key, what, kind_of(v));
	return is_scalar(v);
}

static bool
expect(struct reading *r, const struct tl_json *v, enum tl_json_kind kind,
    const char *key, const char *what)
{
	if (v->kind == kind)
		return true;
	FAULT_AT(r, v, "'%s' takes %s, not %s", key, what, kind_of(v));
	return false;
}

/* Calls fn for each member of a map whose names must differ. */
static void
each_member(struct reading *r, const struct tl_json *map,
    void (*fn)(struct reading *r, const struct tl_json *member, void *arg),
    void *arg)
{
	struct tl_map seen;

	tl_map_init(&seen, r->arena);
	for (const struct tl_json *v = map->first; v != NULL; v = v->next) {
		bool is_new;

		tl_map_put(&seen, v->key, &is_new);
		if (!is_new)
			FAULT_AT_KEY(
			    r, v, "'%s' is given twice", cstr(r, v->key));
		fn(r, v, arg);
	}
}

static tl_str
folder_of(tl_str path)
{
	for (size_t i = path.len; i > 0; i--)
		if (path.ptr[i - 1] == '/')
			return tl_str_slice(path, 0, i == 1 ? 1 : i - 1);
	return TL_STR(".");
}

static const char *
join(struct tl_arena *a, tl_str folder, tl_str name)
{
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	if (!tl_str_starts(name, TL_STR("/")) &&
	    !tl_str_eq(folder, TL_STR("."))) {
		tl_buf_put(&b, folder);
		tl_buf_putc(&b, '/');
	}
	tl_buf_put(&b, name);
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

/* Paths are relative to the file they stand in: made whole when they are read,
 * for `extends` mixes the values of several files.  A template may also be the
 * name of a built-in one. */
static tl_str
anchor(struct reading *r, tl_str path, bool may_be_name)
{
	const char *whole = join(r->arena, r->folder, path);

	if (path.len == 0 ||
	    (may_be_name && access(whole, F_OK) != 0 &&
		tl_str_find_char(path, '/', 0) == TL_NPOS &&
		tl_str_find_char(path, '.', 0) == TL_NPOS))
		return path;
	return tl_str_from(whole);
}

/* ---- values
 * ------------------------------------------------------------------*/

static bool
read_names(struct reading *r, const char *key, const struct tl_json *n,
    struct tl_names *out)
{
	tl_str *list;
	size_t count = 0;

	if (is_scalar(n)) {
		list = TL_NEW(r->arena, tl_str, 1);
		list[0] = tl_yaml_scalar(n);
		*out = (struct tl_names){ list, n->kind != TL_JSON_NULL };
		return true;
	}
	if (!expect(r, n, TL_JSON_ARRAY, key, "a list of names"))
		return false;
	list = TL_NEW(r->arena, tl_str, n->nchildren);
	for (const struct tl_json *v = n->first; v != NULL; v = v->next) {
		if (!expect_scalar(r, v, key, "names"))
			return false;
		list[count++] = tl_yaml_scalar(v);
	}
	*out = (struct tl_names){ list, count };
	return true;
}

static void
check_selectors(
    struct reading *r, const struct tl_json *n, struct tl_names names)
{
	struct tl_error err;

	for (size_t i = 0; i < names.n; i++) {
		const struct tl_json *at = n;

		if (tl_selector_check(names.list[i], &err))
			continue;
		if (n->kind == TL_JSON_ARRAY)
			at = tl_json_at(n, i);
		FAULT_AT(r, at, "%s", err.message);
	}
}

static bool
is_choice(const char *choices, tl_str value)
{
	tl_str s = tl_str_from(choices);

	for (size_t i = 0; i < s.len;) {
		size_t end = tl_str_find_char(s, ' ', i);

		if (tl_str_eq(tl_str_slice(s, i, end), value))
			return true;
		i = end == TL_NPOS ? s.len : end + 1;
	}
	return false;
}

static void
read_choice(struct reading *r, const struct tl_key *k, const struct tl_json *n,
    tl_str *out)
{
	tl_str value = tl_yaml_scalar(n);

	if (is_choice(k->choices, value))
		*out = value;
	else
		FAULT_AT(r, n, "'%s' is no value for '%s': it takes one of: %s",
		    tl_arena_cstr(r->arena, value), k->name, k->choices);
}

static void
read_bool(struct reading *r, const struct tl_key *k, const struct tl_json *n,
    tl_str *out)
{
	tl_str value = tl_yaml_scalar(n);

	if (is_choice("true yes on", value))
		*out = TL_STR("true");
	else if (is_choice("false no off", value))
		*out = TL_STR("false");
	else
		FAULT_AT(r, n,
		    "'%s' is no value for '%s': it takes true or false",
		    tl_arena_cstr(r->arena, value), k->name);
}

struct map_arg {
	const struct tl_key *key;
	struct tl_config_pair *list;
	size_t n;
};

/* Any value as YAML on one line, which reads back the same. */
static struct tl_names
as_yaml(struct reading *r, const struct tl_json *v)
{
	tl_str *text = TL_NEW(r->arena, tl_str, 1);
	const struct tl_json *again;
	struct tl_buf b;

	*text = tl_yaml_scalar(v);
	if (!is_scalar(v) || text->len == 0 ||
	    tl_yaml_parse(r->arena, *text, &again, NULL) != TL_OK ||
	    again->kind != v->kind || !tl_str_eq(again->text, v->text)) {
		tl_buf_init(&b, r->arena, 0);
		tl_json_put(&b, v);
		*text = tl_buf_str(&b);
	}
	return (struct tl_names){ text, 1 };
}

static void
read_pair(struct reading *r, const struct tl_json *value, void *argp)
{
	struct map_arg *arg = argp;
	struct tl_config_pair *p = &arg->list[arg->n];
	const char *name = cstr(r, value->key);
	struct tl_error err;

	p->name = value->key;
	tl_yaml_key_place(value, &p->line, &p->column);
	if ((arg->key->kind == TL_KEY_LEVELS ||
		arg->key->kind == TL_KEY_OPTIONS) &&
	    !expect_scalar(r, value, name, "a single value"))
		return;
	if (arg->key->kind == TL_KEY_VALUES)
		p->values = as_yaml(r, value);
	else if (!read_names(r, name, value, &p->values))
		return;
	if (arg->key->kind == TL_KEY_LEVELS) {
		tl_str level = { 0 };

		if (!tl_selector_check(p->name, &err)) {
			fault(r, p->line, p->column, "%s", err.message);
			return;
		}
		read_choice(r, arg->key, value, &level);
		if (level.ptr == NULL)
			return;
	}
	if (arg->key->kind == TL_KEY_IGNORES)
		check_selectors(r, value, p->values);
	arg->n++;
}

/* Maps add up over `extends`; a later member of the same name wins. */
static void
read_map(struct reading *r, const struct tl_key *k, const struct tl_json *n,
    struct tl_config_map *out)
{
	struct map_arg arg = { .key = k };

	if (n->kind == TL_JSON_NULL ||
	    !expect(r, n, TL_JSON_OBJECT, k->name, "a map"))
		return;
	arg.list =
	    TL_NEW(r->arena, struct tl_config_pair, out->n + n->nchildren);
	for (size_t i = 0; i < out->n; i++)
		arg.list[i] = out->list[i];
	arg.n = out->n;
	each_member(r, n, read_pair, &arg);
	*out = (struct tl_config_map){ arg.list, arg.n };
}

/* ---- sections
 * ----------------------------------------------------------------*/

struct section {
	const char *name; /* for messages */
	const struct tl_key *tables[2];
	void *bases[2];
	size_t n;
};

static void read_key(struct reading *r, const struct tl_key *k,
    const struct tl_json *value, void *base);

static void
unknown_key(
    struct reading *r, const struct section *s, const struct tl_json *value)
{
	tl_str name = value->key;
	const char *names[64];
	const char *near;
	size_t n = 0;

	for (size_t t = 0; t < s->n; t++)
		for (const struct tl_key *k = s->tables[t]; k->name != NULL;
		     k++) {
			assert(n < TL_COUNT(names));
			names[n++] = k->name;
		}
	near = tl_str_nearest(name, names, n);
	if (near != NULL)
		FAULT_AT_KEY(r, value,
		    "unknown key '%s' in %s; did you mean '%s'?",
		    tl_arena_cstr(r->arena, name), s->name, near);
	else
		FAULT_AT_KEY(r, value,
		    "unknown key '%s' in %s; 'turnlint config schema' lists "
		    "the keys",
		    tl_arena_cstr(r->arena, name), s->name);
}

static void
read_member(struct reading *r, const struct tl_json *value, void *argp)
{
	const struct section *s = argp;
	tl_str name = value->key;

	for (size_t t = 0; t < s->n; t++)
		for (const struct tl_key *k = s->tables[t]; k->name != NULL;
		     k++)
			if (tl_str_eq(name, tl_str_from(k->name))) {
				read_key(r, k, value, s->bases[t]);
				return;
			}
	/* For editors that take the schema from the file itself. */
	if (!tl_str_eq(name, TL_STR("$schema")))
		unknown_key(r, s, value);
}

struct recipes_arg {
	struct tl_config_recipe *list;
	size_t n;
};

static void
read_recipe(struct reading *r, const struct tl_json *value, void *argp)
{
	struct recipes_arg *arg = argp;
	struct section s = {
		.name = "a recipe", .n = 1, .tables = { tl_recipe_keys }
	};
	tl_str name = value->key;
	size_t i = 0;

	if (!expect(r, value, TL_JSON_OBJECT, cstr(r, value->key), "a recipe"))
		return;
	while (i < arg->n && !tl_str_eq(arg->list[i].name, name))
		i++;
	if (i == arg->n)
		arg->n++;
	arg->list[i].name = name;
	s.bases[0] = &arg->list[i];
	each_member(r, value, read_member, &s);
}

static void
read_recipes(struct reading *r, const struct tl_json *n, struct tl_config *c)
{
	struct recipes_arg arg = { .n = c->nrecipes };

	if (!expect(r, n, TL_JSON_OBJECT, "recipes", "a map of recipes"))
		return;
	arg.list = TL_NEW(
	    r->arena, struct tl_config_recipe, c->nrecipes + n->nchildren);
	for (size_t i = 0; i < c->nrecipes; i++)
		arg.list[i] = c->recipes[i];
	each_member(r, n, read_recipe, &arg);
	c->recipes = arg.list;
	c->nrecipes = arg.n;
}

static void
read_datasets(struct reading *r, const struct tl_json *n, struct tl_config *c)
{
	struct tl_config_dataset *list;
	size_t count = 0;

	if (!expect(r, n, TL_JSON_ARRAY, "datasets", "a list"))
		return;
	list = TL_NEW(r->arena, struct tl_config_dataset, n->nchildren);
	for (const struct tl_json *item = n->first; item != NULL;
	     item = item->next) {
		struct tl_config_dataset *d = &list[count];
		struct section s = { .name = "a dataset",
			.n = 2,
			.tables = { tl_dataset_keys, tl_recipe_keys },
			.bases = { d, &d->own } };

		if (!expect(r, item, TL_JSON_OBJECT, "datasets",
			"entries with 'path'"))
			continue;
		each_member(r, item, read_member, &s);
		if (d->path.len == 0)
			FAULT_AT(r, item, "a dataset needs 'path'");
		count++;
	}
	c->datasets = list;
	c->ndatasets = count;
}

static void
read_size(struct reading *r, const struct tl_key *k, const struct tl_json *n,
    void *base)
{
	size_t *out = (size_t *)(void *)((char *)base + k->at);

	if (!tl_str_to_size(tl_yaml_scalar(n), out))
		FAULT_AT(r, n,
		    "'%s' is no value for '%s': it takes a whole number",
		    cstr(r, tl_yaml_scalar(n)), k->name);
	else if (k->extra_at != TL_NPOS)
		*(bool *)((char *)base + k->extra_at) = true;
}

static void
read_key(struct reading *r, const struct tl_key *k, const struct tl_json *n,
    void *base)
{
	void *at = (char *)base + k->at;
	bool is_single = k->kind <= TL_KEY_CHOICE;

	if (n->kind == TL_JSON_NULL)
		return;
	if (is_single && !expect_scalar(r, n, k->name, "a single value"))
		return;
	switch (k->kind) {
	case TL_KEY_STRING:
		*(tl_str *)at = tl_yaml_scalar(n);
		break;
	case TL_KEY_PATH:
	case TL_KEY_TEMPLATE:
		*(tl_str *)at =
		    anchor(r, tl_yaml_scalar(n), k->kind == TL_KEY_TEMPLATE);
		break;
	case TL_KEY_BOOL:
		read_bool(r, k, n, at);
		break;
	case TL_KEY_SIZE:
		read_size(r, k, n, base);
		break;
	case TL_KEY_CHOICE:
		read_choice(r, k, n, at);
		break;
	case TL_KEY_NAMES:
		read_names(r, k->name, n, at);
		break;
	case TL_KEY_SELECTORS:
		if (read_names(r, k->name, n, at))
			check_selectors(r, n, *(struct tl_names *)at);
		break;
	case TL_KEY_LEVELS:
	case TL_KEY_IGNORES:
	case TL_KEY_OPTIONS:
	case TL_KEY_VALUES:
	case TL_KEY_ROLES:
		read_map(r, k, n, at);
		break;
	case TL_KEY_RECIPES:
		read_recipes(r, n, base);
		break;
	case TL_KEY_DATASETS:
		read_datasets(r, n, base);
		break;
	}
}

/* ---- files
 * -------------------------------------------------------------------*/

static void read_file(struct tl_arena *a, const char *path, unsigned depth,
    struct tl_config *c, struct tl_config_faults *faults);

/* `extends` comes first, so that this file wins over it. */
static void
read_extends(struct reading *r, const struct tl_json *root, struct tl_config *c)
{
	for (const struct tl_json *v = root->first; v != NULL; v = v->next) {
		struct tl_names names;

		if (!tl_str_eq(v->key, TL_STR("extends")) ||
		    !read_names(r, "extends", v, &names))
			continue;
		if (names.n > 0 && r->depth == TL_MAX_CONFIG_EXTENDS) {
			FAULT_AT(r, v, "more than %d files extend each other",
			    TL_MAX_CONFIG_EXTENDS);
			return;
		}
		for (size_t i = 0; i < names.n; i++)
			read_file(r->arena,
			    join(r->arena, r->folder, names.list[i]),
			    r->depth + 1, c, r->faults);
	}
}

static void
read_root(struct reading *r, const struct tl_json *root, struct tl_config *c)
{
	struct section s = { .name = "the configuration",
		.n = 1,
		.tables = { tl_config_keys },
		.bases = { c } };

	if (root->kind == TL_JSON_NULL)
		return; /* an empty file is a configuration that says nothing */
	if (!expect(r, root, TL_JSON_OBJECT, "the configuration", "a map"))
		return;
	read_extends(r, root, c);
	each_member(r, root, read_member, &s);
}

static void
read_file(struct tl_arena *a, const char *path, unsigned depth,
    struct tl_config *c, struct tl_config_faults *faults)
{
	struct reading r = { .arena = a,
		.faults = faults,
		.path = path,
		.depth = depth,
		.folder = folder_of(tl_str_from(path)) };
	const struct tl_json *root;
	struct tl_error err;
	tl_str text;

	if (tl_file_read(a, path, TL_MAX_CONFIG_BYTES, &text, &err) != TL_OK)
		fault(&r, 0, 0, "%s", err.message);
	else if (tl_yaml_parse(a, text, &root, &err) != TL_OK)
		fault(&r, err.line, err.column, "%s", err.message);
	else
		read_root(&r, root, c);
}

/* Names of recipes that are used must be there. */
static void
check_recipe_name(struct reading *r, const struct tl_config *c, tl_str name)
{
	const char **names = TL_NEW(r->arena, const char *, c->nrecipes);
	const char *near;

	if (name.len == 0 || tl_config_recipe_find(c, name) != NULL)
		return;
	for (size_t i = 0; i < c->nrecipes; i++)
		names[i] = tl_arena_cstr(r->arena, c->recipes[i].name);
	near = tl_str_nearest(name, names, c->nrecipes);
	fault(r, 0, 0, "there is no recipe '%s'%s%s%s",
	    tl_arena_cstr(r->arena, name),
	    near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
}

enum tl_status
tl_config_load(struct tl_arena *a, const char *path, struct tl_config **out,
    struct tl_config_faults *faults)
{
	struct tl_config *c = TL_NEW(a, struct tl_config, 1);
	struct reading r = { .arena = a, .faults = faults, .path = path };

	c->path = tl_arena_str(a, tl_str_from(path));
	c->folder = folder_of(c->path);
	read_file(a, path, 0, c, faults);
	if (faults->n == 0) {
		check_recipe_name(&r, c, c->recipe);
		for (size_t i = 0; i < c->ndatasets; i++)
			check_recipe_name(&r, c, c->datasets[i].recipe);
	}
	*out = c;
	return faults->n > 0 ? TL_ECONFIG : TL_OK;
}

const struct tl_config_recipe *
tl_config_recipe_find(const struct tl_config *c, tl_str name)
{
	for (size_t i = 0; i < c->nrecipes; i++)
		if (tl_str_eq(c->recipes[i].name, name))
			return &c->recipes[i];
	return NULL;
}

const struct tl_config_recipe *
tl_config_recipe_for(const struct tl_config *c, tl_str data_path)
{
	for (size_t i = 0; i < c->ndatasets; i++) {
		const struct tl_config_dataset *d = &c->datasets[i];

		if (!tl_glob_match(d->path, data_path))
			continue;
		return d->recipe.len > 0 ? tl_config_recipe_find(c, d->recipe)
					 : &d->own;
	}
	return c->recipe.len > 0 ? tl_config_recipe_find(c, c->recipe) : NULL;
}
