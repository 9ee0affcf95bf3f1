/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llama.c - the readings of a tokenizer of Llama's kind: with which steps its
 * spaces and its dummy prefix are made.
 */
#include "llama.h"

#include <assert.h>

static const char metaspace[] =
    "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\","
    "\"prepend_scheme\":\"first\",\"split\":false}";
static const char spaces[] =
    "{\"type\":\"Replace\",\"pattern\":{\"String\":\" \"},"
    "\"content\":\"\u2581\"}";
static const char legacy[] =
    "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\","
    "\"prepend\":\"\u2581\"},{\"type\":\"Replace\",\"pattern\":"
    "{\"String\":\" \"},\"content\":\"\u2581\"}]}";

enum tl_status
tl_tokenizer_set_steps(struct tl_tokenizer *t, const char *norm,
    const char *pretok, struct tl_error *err)
{
	struct tl_json_doc doc;
	struct tl_arena *a = t->arena;
	enum tl_status st = TL_OK;

	t->norm = (struct tl_norm){ 0 };
	t->pretok = (struct tl_pretok){ 0 };
	if (norm != NULL) {
		st = tl_json_parse(a, tl_str_from(norm), &doc);
		if (st == TL_OK)
			st = tl_norm_parse(a, doc.root, &t->norm, err);
	}
	if (st == TL_OK && pretok != NULL) {
		st = tl_json_parse(a, tl_str_from(pretok), &doc);
		if (st == TL_OK)
			st = tl_pretok_parse(a, doc.root, &t->pretok, err);
	}
	return st;
}

enum tl_status
tl_tokenizer_read_as(
    struct tl_tokenizer *t, enum tl_spm_prefix prefix, struct tl_error *err)
{
	switch (prefix) {
	case TL_SPM_LEGACY:
		return tl_tokenizer_set_steps(t, legacy, NULL, err);
	case TL_SPM_NONLEGACY:
		return tl_tokenizer_set_steps(t, NULL, metaspace, err);
	case TL_SPM_NEVER:
		break;
	}
	return tl_tokenizer_set_steps(t, spaces, NULL, err);
}

/* Whether the file's steps put a dummy prefix in front, in either way. */
static bool
is_of_kind(const struct tl_tokenizer *t)
{
	const struct tl_norm *n = &t->norm;
	const struct tl_pretok *p = &t->pretok;

	if (t->spm != NULL)
		return false;
	if (n->n == 0)
		return p->n == 1 && tl_pretok_is(&p->steps[0], "Metaspace") &&
		    !p->steps[0].split &&
		    p->steps[0].prepend != TL_PREPEND_NEVER;
	return n->n == 2 && p->n == 0 && tl_norm_is(&n->steps[0], "Prepend") &&
	    tl_norm_is(&n->steps[1], "Replace");
}

static void
read_again(struct tl_tokenizer *t, enum tl_spm_prefix prefix)
{
	enum tl_status st = tl_tokenizer_read_as(t, prefix, NULL);

	assert(st == TL_OK);
}

void
tl_tokenizer_set_legacy(struct tl_tokenizer *t, bool is_legacy)
{
	enum tl_spm_prefix prefix =
	    is_legacy ? TL_SPM_LEGACY : TL_SPM_NONLEGACY;

	if (t->spm != NULL)
		tl_spm_set_prefix(t->spm, prefix);
	else if (is_of_kind(t))
		read_again(t, prefix);
}

void
tl_tokenizer_prefix_space(struct tl_tokenizer *t, bool wants)
{
	struct tl_pretok *p = &t->pretok;

	if (t->spm != NULL) {
		if (!wants)
			tl_spm_set_prefix(t->spm, TL_SPM_NEVER);
	} else if (p->n == 1 && tl_pretok_is(&p->steps[0], "ByteLevel")) {
		p->steps[0].add_prefix_space = wants;
	} else if (!wants && is_of_kind(t)) {
		read_again(t, TL_SPM_NEVER);
	}
}

void
tl_tokenizer_surround(struct tl_tokenizer *t, bool adds_bos, bool adds_eos)
{
	struct tl_post_step *steps =
	    TL_NEW(t->arena, struct tl_post_step, t->post.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < t->post.n; i++)
		if (t->post.steps[i].kind == TL_POST_TRIM)
			steps[n++] = t->post.steps[i];
	tl_post_surround(t->arena, &steps[n++],
	    adds_bos ? tl_tokenizer_id(t, t->tokens.bos) : -1,
	    adds_eos ? tl_tokenizer_id(t, t->tokens.eos) : -1);
	t->post = (struct tl_post){ steps, n };
}
