/* SPDX-License-Identifier: Apache-2.0 */
/*
 * message_keys.c - what a template takes of a variable called `message`.
 *
 * axolotl hands a template only those keys of a message: it looks at the names
 * in the source, not at what the template does with them.
 */
#include <turnlint/survey.h>

#include "template/internal.h"
#include "template/jinja/symbols.h"

struct keys {
	struct tl_arena *arena;
	struct tl_map seen;
};

/* The name at the bottom of a.b['c'][0], or NULL. */
static const struct jstr *
base_name(const struct node *n)
{
	while (n != NULL && (n->op == N_GETATTR || n->op == N_GETITEM))
		n = n->a;
	return n != NULL && n->op == N_NAME ? n->name : NULL;
}

static void
look_for_keys(void *ctx, struct node *n)
{
	const struct jstr *base = base_name(n), *key = NULL;
	struct keys *k = ctx;

	if (n->op == N_GETATTR)
		key = n->name;
	else if (n->op == N_GETITEM && n->b != NULL && n->b->op == N_CONST &&
	    n->b->value.kind == V_STR)
		key = n->b->value.str;
	if (key != NULL && base != NULL &&
	    tl_str_eq((tl_str){ base->ptr, base->len }, TL_STR("message")))
		tl_map_put(&k->seen,
		    tl_arena_str(k->arena, (tl_str){ key->ptr, key->len }),
		    NULL);
	jinja_children(n, look_for_keys, k);
}

const tl_str *
tl_template_message_keys(
    struct tl_arena *a, const struct tl_template *t, size_t *n)
{
	struct tl_arena *own = tl_arena_new_like(a);
	struct jinja *tree = TL_NEW(own, struct jinja, 1);
	struct compile_error why = { 0 };
	struct keys k = { .arena = a };
	tl_str *list = NULL;

	*n = 0;
	tl_map_init(&k.seen, a);
	tree->arena = own;
	if (t->kind == TL_TEMPLATE_JINJA) {
		tree->flags = t->jinja->flags;
		tree->source = t->jinja->source;
		if (jinja_parse(tree, &why))
			for (uint32_t i = 0; i < tree->body.n; i++)
				look_for_keys(&k, tree->body.v[i]);
	}
	tl_arena_free(own);
	list = TL_NEW(a, tl_str, k.seen.nentries);
	for (size_t i = 0; i < k.seen.nentries; i++)
		list[i] = k.seen.entries[i].key;
	*n = k.seen.nentries;
	return list;
}
