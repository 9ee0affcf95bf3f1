/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a tokenizer of any kind, and what follows a line "%%" as a
 * text for it.  Whatever the file holds: offsets lie in the text and never
 * inside a char, ids are below the tokenizer's size, a second run from the
 * cache gives the same, and the short way gives what the steps give.
 */
#include "tokenizer/load.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_at_char(tl_str s, size_t at)
{
	return at == s.len || ((unsigned char)s.ptr[at] & 0xC0) != 0x80;
}

static void
check(const struct tl_tokenizer *t, tl_str text, const struct tl_tokens *k)
{
	for (size_t i = 0; i < k->n; i++) {
		struct tl_offset at = k->offsets[i];

		assert(k->ids[i] < tl_tokenizer_size(t));
		assert(at.beg <= at.end && at.end <= text.len);
		assert(is_at_char(text, at.beg) && is_at_char(text, at.end));
	}
}

static void
check_same(const struct tl_tokens *a, const struct tl_tokens *b)
{
	assert(a->n == b->n);
	for (size_t i = 0; i < a->n; i++)
		assert(a->ids[i] == b->ids[i] &&
		    a->offsets[i].beg == b->offsets[i].beg &&
		    a->offsets[i].end == b->offsets[i].end);
}

static void
ask(const struct tl_tokenizer *t, struct tl_arena *a)
{
	size_t n;

	(void)tl_tokenizer_added(t, &n);
	(void)tl_tokenizer_has_dummy_prefix(t);
	(void)tl_tokenizer_chat_template(t, TL_STR("x"));
	for (uint32_t id = 0; id < tl_tokenizer_size(t) && id < 64; id++)
		(void)tl_tokenizer_bytes(t, a, id);
}

static void
run(struct tl_arena *a, const struct tl_tokenizer *t, tl_str text)
{
	struct tl_encoder *e = tl_encoder_new(t, NULL, NULL);
	struct tl_tokens first, again, special;
	enum tl_status st = tl_encode(e, a, text, 0, &first, NULL);

	if (st == TL_OK) {
		check(t, text, &first);
		assert(tl_encode(e, a, text, 0, &again, NULL) == TL_OK);
		check_same(&first, &again);
		tl_encoder_only_steps(e);
		assert(tl_encode(e, a, text, TL_ENCODE_SPECIAL, &special,
			   NULL) == TL_OK);
	}
	tl_encoder_free(e);
	e = tl_encoder_new(t, NULL, NULL);
	tl_encoder_only_steps(e);
	if (tl_encode(e, a, text, 0, &again, NULL) == TL_OK) {
		assert(st == TL_OK);
		check_same(&first, &again);
	}
	tl_encoder_free(e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tl_str all = { (const char *)data, size };
	tl_str text = TL_STR("Hello  w\u00F6rld </s>[x] e\u0301\n\n 123");
	size_t cut = tl_str_find(all, TL_STR("\n%%\n"), 0);
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_tokenizer *t = NULL;

	if (cut != TL_NPOS) {
		text = tl_str_slice(all, cut + 4, all.len);
		all = tl_str_slice(all, 0, cut);
	}
	if (tl_tokenizer_load_mem(a, all, &t, NULL) == TL_OK) {
		ask(t, a);
		run(a, t, text);
	}
	tl_arena_free(a);
	return 0;
}
