/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as YAML.  What must hold: an error has a message; depth and number
 * of values keep to their limits; places lie in the text; and the tree written
 * as JSON, which is YAML, gives the same tree.
 */
#include <turnlint/buf.h>
#include <turnlint/yaml.h>

#include <assert.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t
check_tree(const struct tl_json *v, size_t len, size_t depth)
{
	size_t n = 1, nchildren = 0, line, column;

	assert(depth <= TL_MAX_YAML_DEPTH + 1);
	assert(v->span.beg <= v->span.end && v->span.end <= len);
	tl_yaml_place(v, &line, &column);
	assert(line > 0 && column > 0);
	tl_yaml_key_place(v, &line, &column);
	assert(line > 0 && column > 0);
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		assert(c->parent == v && c->index == nchildren);
		nchildren++;
		n += check_tree(c, len, depth + 1);
	}
	assert(nchildren == v->nchildren);
	return n;
}

/* JSON has no infinities, and YAML's numbers have other spellings. */
static bool
is_plain(const struct tl_json *v)
{
	if (v->kind == TL_JSON_NUMBER)
		return false;
	for (const struct tl_json *c = v->first; c != NULL; c = c->next)
		if (!is_plain(c) || tl_yaml_has_odd_key(c) ||
		    tl_str_eq(c->key, TL_STR("<<")))
			return false;
	return true;
}

static void
check_same(const struct tl_json *x, const struct tl_json *y)
{
	const struct tl_json *b = y->first;

	assert(x->kind == y->kind && x->nchildren == y->nchildren);
	assert(tl_str_eq(x->key, y->key));
	if (x->kind == TL_JSON_STRING)
		assert(tl_str_eq(x->text, y->text));
	for (const struct tl_json *a = x->first; a != NULL; a = a->next) {
		check_same(a, b);
		b = b->next;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	tl_str text = { (const char *)data, size };
	const struct tl_json *top, *again;
	struct tl_error err = { .message = "" };
	struct tl_buf b;

	if (tl_yaml_parse(a, text, &top, &err) != TL_OK) {
		assert(err.message[0] != '\0');
	} else {
		assert(check_tree(top, size, 0) <= TL_MAX_YAML_NODES);
		if (is_plain(top)) {
			tl_buf_init(&b, a, 0);
			tl_json_put(&b, top);
			assert(tl_yaml_parse(a, tl_buf_str(&b), &again, NULL) ==
			    TL_OK);
			check_same(top, again);
		}
	}
	tl_arena_free(a);
	return 0;
}
