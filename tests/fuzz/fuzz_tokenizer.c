/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a tokenizer of any kind. */
#include "tokenizer.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tl_str file = { (const char *)data, size }, text = cut_text(&file);
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_tokenizer *t = NULL;

	if (tl_tokenizer_load_mem(a, file, &t, NULL) == TL_OK) {
		ask(t, a);
		try_tokenizer(a, t, text);
	}
	tl_arena_free(a);
	return 0;
}
