/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokenizer.h - what holds of every tokenizer that could be loaded, whatever
 * its file holds: offsets lie in the text and never inside a char, ids are
 * below the tokenizer's size, a second run from the cache gives the same, and
 * the short way gives what the steps give.
 */
#ifndef FUZZ_TOKENIZER_H
#define FUZZ_TOKENIZER_H

#include "tokenizer/load.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline bool
is_at_char(tl_str s, size_t at)
{
	return at == s.len || ((unsigned char)s.ptr[at] & 0xC0) != 0x80;
}

static inline void
check(const struct tl_tokenizer *t, tl_str text, const struct tl_tokens *k)
{
	for (size_t i = 0; i < k->n; i++) {
		struct tl_offset at = k->offsets[i];

		assert(k->ids[i] < tl_tokenizer_size(t));
		assert(at.beg <= at.end && at.end <= text.len);
		assert(is_at_char(text, at.beg) && is_at_char(text, at.end));
	}
}

static inline void
check_same(const struct tl_tokens *a, const struct tl_tokens *b)
{
	assert(a->n == b->n);
	for (size_t i = 0; i < a->n; i++)
		assert(a->ids[i] == b->ids[i] &&
		    a->offsets[i].beg == b->offsets[i].beg &&
		    a->offsets[i].end == b->offsets[i].end);
}

static inline void
ask(const struct tl_tokenizer *t, struct tl_arena *a)
{
	size_t n;

	(void)tl_tokenizer_added(t, &n);
	(void)tl_tokenizer_has_dummy_prefix(t);
	(void)tl_tokenizer_chat_template(t, TL_STR("x"));
	for (uint32_t id = 0; id < tl_tokenizer_size(t) && id < 64; id++)
		(void)tl_tokenizer_bytes(t, a, id);
}

static inline void
try_tokenizer(struct tl_arena *a, const struct tl_tokenizer *t, tl_str text)
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

/* What follows a line "%%" is a text for the tokenizer in front of it. */
static inline tl_str
cut_text(tl_str *file)
{
	size_t cut = tl_str_find(*file, TL_STR("\n%%\n"), 0);
	tl_str text = TL_STR("Hello  w\u00F6rld </s>[x] e\u0301\n\n 123");

	if (cut == TL_NPOS)
		return text;
	text = tl_str_slice(*file, cut + 4, file->len);
	*file = tl_str_slice(*file, 0, cut);
	return text;
}

#endif
