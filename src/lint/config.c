/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <turnlint/map.h>

#include <yaml.h>

/* A file being read. */
struct reading {
	struct tl_arena *arena;
	struct tl_config_faults *faults;
	const char *path;
	tl_str folder;
	yaml_document_t doc;
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

static yaml_node_t *
node_at(struct reading *r, int index)
{
	return yaml_document_get_node(&r->doc, index);
}

static tl_str
text_of(struct reading *r, const yaml_node_t *n)
{
	return tl_arena_str(r->arena,
	    (tl_str){
		(const char *)n->data.scalar.value, n->data.scalar.length });
}

static size_t
line_of(const yaml_node_t *n)
{
	return n->start_mark.line + 1;
}

static size_t
column_of(const yaml_node_t *n)
{
	return n->start_mark.column + 1;
}

/* "key:" with nothing behind it. */
static bool
is_null(const yaml_node_t *n)
{
	return n->type == YAML_SCALAR_NODE &&
	    n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (n->data.scalar.length == 0 ||
		strcmp((const char *)n->data.scalar.value, "null") == 0 ||
		strcmp((const char *)n->data.scalar.value, "~") == 0);
}

static const char *
kind_of(const yaml_node_t *n)
{
	switch (n->type) {
	case YAML_SCALAR_NODE:
		return "a single value";
	case YAML_SEQUENCE_NODE:
		return "a list";
	case YAML_MAPPING_NODE:
		return "a map";
	case YAML_NO_NODE:
		break;
	}
	return "nothing";
}

static bool
expect(struct reading *r, const yaml_node_t *n, yaml_node_type_t type,
    const char *key, const char *what)
{
	if (n->type == type)
		return true;
	fault(r, line_of(n), column_of(n), "'%s' takes %s, not %s", key, what,
	    kind_of(n));
	return false;
}

/* Calls fn for each member of a map whose names must be scalars and differ. */
static void
each_member(struct reading *r, const yaml_node_t *map,
    void (*fn)(struct reading *r, const yaml_node_t *key, yaml_node_t *value,
	void *arg),
    void *arg)
{
	struct tl_map seen;

	tl_map_init(&seen, r->arena);
	for (const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	     p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = node_at(r, p->key);
		bool is_new;

		if (key->type != YAML_SCALAR_NODE) {
			fault(r, line_of(key), column_of(key),
			    "a name was expected here, not %s", kind_of(key));
			continue;
		}
		tl_map_put(&seen, text_of(r, key), &is_new);
		if (!is_new)
			fault(r, line_of(key), column_of(key),
			    "'%s' is given twice",
			    (const char *)key->data.scalar.value);
		fn(r, key, node_at(r, p->value), arg);
	}
}

static size_t
count_members(const yaml_node_t *map)
{
	return (size_t)(map->data.mapping.pairs.top -
	    map->data.mapping.pairs.start);
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
read_names(
    struct reading *r, const char *key, yaml_node_t *n, struct tl_names *out)
{
	tl_str *list;
	size_t count = 0;

	if (n->type == YAML_SCALAR_NODE) {
		list = TL_NEW(r->arena, tl_str, 1);
		list[0] = text_of(r, n);
		*out = (struct tl_names){ list, is_null(n) ? 0 : 1 };
		return true;
	}
	if (!expect(r, n, YAML_SEQUENCE_NODE, key, "a list of names"))
		return false;
	list = TL_NEW(r->arena, tl_str,
	    (size_t)(n->data.sequence.items.top -
		n->data.sequence.items.start));
	for (const yaml_node_item_t *i = n->data.sequence.items.start;
	     i < n->data.sequence.items.top; i++) {
		const yaml_node_t *item = node_at(r, *i);

		if (!expect(r, item, YAML_SCALAR_NODE, key, "names"))
			return false;
		list[count++] = text_of(r, item);
	}
	*out = (struct tl_names){ list, count };
	return true;
}

static void
check_selectors(struct reading *r, const yaml_node_t *n, struct tl_names names)
{
	struct tl_error err;

	for (size_t i = 0; i < names.n; i++) {
		const yaml_node_t *at = n;

		if (tl_selector_check(names.list[i], &err))
			continue;
		if (n->type == YAML_SEQUENCE_NODE)
			at = node_at(r, n->data.sequence.items.start[i]);
		fault(r, line_of(at), column_of(at), "%s", err.message);
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
read_choice(struct reading *r, const struct tl_key *k, const yaml_node_t *n,
    tl_str *out)
{
	tl_str value = text_of(r, n);

	if (is_choice(k->choices, value))
		*out = value;
	else
		fault(r, line_of(n), column_of(n),
		    "'%s' is no value for '%s': it takes one of: %s",
		    tl_arena_cstr(r->arena, value), k->name, k->choices);
}

static void
read_bool(struct reading *r, const struct tl_key *k, const yaml_node_t *n,
    tl_str *out)
{
	tl_str value = text_of(r, n);

	if (is_choice("true yes on", value))
		*out = TL_STR("true");
	else if (is_choice("false no off", value))
		*out = TL_STR("false");
	else
		fault(r, line_of(n), column_of(n),
		    "'%s' is no value for '%s': it takes true or false",
		    tl_arena_cstr(r->arena, value), k->name);
}

struct map_arg {
	const struct tl_key *key;
	struct tl_config_pair *list;
	size_t n;
};

static void
read_pair(
    struct reading *r, const yaml_node_t *key, yaml_node_t *value, void *argp)
{
	struct map_arg *arg = argp;
	struct tl_config_pair *p = &arg->list[arg->n];
	const char *name = (const char *)key->data.scalar.value;
	struct tl_error err;

	p->name = text_of(r, key);
	p->line = line_of(key);
	p->column = column_of(key);
	if ((arg->key->kind == TL_KEY_LEVELS ||
		arg->key->kind == TL_KEY_OPTIONS) &&
	    !expect(r, value, YAML_SCALAR_NODE, name, "a single value"))
		return;
	if (!read_names(r, name, value, &p->values))
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
read_map(struct reading *r, const struct tl_key *k, yaml_node_t *n,
    struct tl_config_map *out)
{
	struct map_arg arg = { .key = k };

	if (is_null(n) || !expect(r, n, YAML_MAPPING_NODE, k->name, "a map"))
		return;
	arg.list =
	    TL_NEW(r->arena, struct tl_config_pair, out->n + count_members(n));
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

static void read_key(
    struct reading *r, const struct tl_key *k, yaml_node_t *value, void *base);

static void
unknown_key(struct reading *r, const struct section *s, const yaml_node_t *key)
{
	tl_str name = text_of(r, key);
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
		fault(r, line_of(key), column_of(key),
		    "unknown key '%s' in %s; did you mean '%s'?",
		    tl_arena_cstr(r->arena, name), s->name, near);
	else
		fault(r, line_of(key), column_of(key),
		    "unknown key '%s' in %s; 'turnlint config schema' lists "
		    "the keys",
		    tl_arena_cstr(r->arena, name), s->name);
}

static void
read_member(
    struct reading *r, const yaml_node_t *key, yaml_node_t *value, void *argp)
{
	const struct section *s = argp;
	tl_str name = text_of(r, key);

	for (size_t t = 0; t < s->n; t++)
		for (const struct tl_key *k = s->tables[t]; k->name != NULL;
		     k++)
			if (tl_str_eq(name, tl_str_from(k->name))) {
				read_key(r, k, value, s->bases[t]);
				return;
			}
	/* For editors that take the schema from the file itself. */
	if (!tl_str_eq(name, TL_STR("$schema")))
		unknown_key(r, s, key);
}

struct recipes_arg {
	struct tl_config_recipe *list;
	size_t n;
};

static void
read_recipe(
    struct reading *r, const yaml_node_t *key, yaml_node_t *value, void *argp)
{
	struct recipes_arg *arg = argp;
	struct section s = {
		.name = "a recipe", .n = 1, .tables = { tl_recipe_keys }
	};
	tl_str name = text_of(r, key);
	size_t i = 0;

	if (!expect(r, value, YAML_MAPPING_NODE,
		(const char *)key->data.scalar.value, "a recipe"))
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
read_recipes(struct reading *r, yaml_node_t *n, struct tl_config *c)
{
	struct recipes_arg arg = { .n = c->nrecipes };

	if (!expect(r, n, YAML_MAPPING_NODE, "recipes", "a map of recipes"))
		return;
	arg.list = TL_NEW(
	    r->arena, struct tl_config_recipe, c->nrecipes + count_members(n));
	for (size_t i = 0; i < c->nrecipes; i++)
		arg.list[i] = c->recipes[i];
	each_member(r, n, read_recipe, &arg);
	c->recipes = arg.list;
	c->nrecipes = arg.n;
}

static void
read_datasets(struct reading *r, yaml_node_t *n, struct tl_config *c)
{
	struct tl_config_dataset *list;
	size_t count = 0;

	if (!expect(r, n, YAML_SEQUENCE_NODE, "datasets", "a list"))
		return;
	list = TL_NEW(r->arena, struct tl_config_dataset,
	    (size_t)(n->data.sequence.items.top -
		n->data.sequence.items.start));
	for (const yaml_node_item_t *i = n->data.sequence.items.start;
	     i < n->data.sequence.items.top; i++) {
		yaml_node_t *item = node_at(r, *i);
		struct tl_config_dataset *d = &list[count];
		struct section s = { .name = "a dataset",
			.n = 2,
			.tables = { tl_dataset_keys, tl_recipe_keys },
			.bases = { d, &d->own } };

		if (!expect(r, item, YAML_MAPPING_NODE, "datasets",
			"entries with 'path'"))
			continue;
		each_member(r, item, read_member, &s);
		if (d->path.len == 0)
			fault(r, line_of(item), column_of(item),
			    "a dataset needs 'path'");
		count++;
	}
	c->datasets = list;
	c->ndatasets = count;
}

static void
read_size(
    struct reading *r, const struct tl_key *k, const yaml_node_t *n, void *base)
{
	size_t *out = (size_t *)(void *)((char *)base + k->at);

	if (!tl_str_to_size(text_of(r, n), out))
		fault(r, line_of(n), column_of(n),
		    "'%s' is no value for '%s': it takes a whole number",
		    (const char *)n->data.scalar.value, k->name);
	else if (k->extra_at != TL_NPOS)
		*(bool *)((char *)base + k->extra_at) = true;
}

static void
read_key(struct reading *r, const struct tl_key *k, yaml_node_t *n, void *base)
{
	void *at = (char *)base + k->at;
	bool is_scalar = k->kind <= TL_KEY_CHOICE;

	if (is_null(n))
		return;
	if (is_scalar &&
	    !expect(r, n, YAML_SCALAR_NODE, k->name, "a single value"))
		return;
	switch (k->kind) {
	case TL_KEY_STRING:
		*(tl_str *)at = text_of(r, n);
		break;
	case TL_KEY_PATH:
	case TL_KEY_TEMPLATE:
		*(tl_str *)at =
		    anchor(r, text_of(r, n), k->kind == TL_KEY_TEMPLATE);
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
read_extends(struct reading *r, const yaml_node_t *root, struct tl_config *c)
{
	for (const yaml_node_pair_t *p = root->data.mapping.pairs.start;
	     p < root->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = node_at(r, p->key);
		yaml_node_t *value = node_at(r, p->value);
		struct tl_names names;

		if (key->type != YAML_SCALAR_NODE ||
		    strcmp((const char *)key->data.scalar.value, "extends") !=
			0 ||
		    !read_names(r, "extends", value, &names))
			continue;
		if (names.n > 0 && r->depth == TL_MAX_CONFIG_EXTENDS) {
			fault(r, line_of(value), column_of(value),
			    "more than %d files extend each other",
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
read_root(struct reading *r, struct tl_config *c)
{
	yaml_node_t *root = yaml_document_get_root_node(&r->doc);
	struct section s = { .name = "the configuration",
		.n = 1,
		.tables = { tl_config_keys },
		.bases = { c } };

	if (root == NULL || is_null(root))
		return; /* an empty file is a configuration that says nothing */
	if (!expect(r, root, YAML_MAPPING_NODE, "the configuration", "a map"))
		return;
	read_extends(r, root, c);
	each_member(r, root, read_member, &s);
}

/* libyaml's time is quadratic in open brackets and in anchors. */
static bool
is_tame(struct reading *r, tl_str text)
{
	size_t depth = 0, nanchors = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		depth += c == '[' || c == '{';
		depth -= depth > 0 && (c == ']' || c == '}');
		nanchors += c == '&';
		if (depth <= TL_MAX_CONFIG_DEPTH &&
		    nanchors <= TL_MAX_CONFIG_ANCHORS)
			continue;
		fault(r, 0, 0,
		    depth > TL_MAX_CONFIG_DEPTH
			? "more than %d brackets are open"
			: "more than %d anchors",
		    depth > TL_MAX_CONFIG_DEPTH ? TL_MAX_CONFIG_DEPTH
						: TL_MAX_CONFIG_ANCHORS);
		return false;
	}
	return true;
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
	yaml_parser_t parser;
	struct tl_error err;
	tl_str text;

	if (tl_file_read(a, path, TL_MAX_CONFIG_BYTES, &text, &err) != TL_OK) {
		fault(&r, 0, 0, "%s", err.message);
		return;
	}
	if (!is_tame(&r, text))
		return;
	if (!yaml_parser_initialize(&parser)) {
		fault(&r, 0, 0, "out of memory");
		return;
	}
	yaml_parser_set_input_string(
	    &parser, (const unsigned char *)text.ptr, text.len);
	if (yaml_parser_load(&parser, &r.doc)) {
		read_root(&r, c);
		yaml_document_delete(&r.doc);
	} else {
		fault(&r, parser.problem_mark.line + 1,
		    parser.problem_mark.column + 1, "not YAML: %s",
		    parser.problem != NULL ? parser.problem : "bad input");
	}
	yaml_parser_delete(&parser);
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
