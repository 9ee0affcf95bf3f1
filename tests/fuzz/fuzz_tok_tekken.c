/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a tekken.json. */
#include "tokenizer.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tl_str file = { (const char *)data, size }, text = cut_text(&file);
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_tokenizer *t = tl_tokenizer_blank(a);

	if (tl_load_tekken(file, t, NULL) == TL_OK) {
		tl_tokenizer_finish(t);
		ask(t, a);
		try_tokenizer(a, t, text);
	}
	tl_arena_free(a);
	return 0;
}
