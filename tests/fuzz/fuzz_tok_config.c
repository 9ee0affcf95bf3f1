/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what lies beside a tokenizer: tokenizer_config.json, and behind
 * lines "%%" special_tokens_map.json, added_tokens.json and
 * generation_config.json.
 */
#include "tokenizer.h"

static const char model[] =
    "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":"
    "\"Prepend\",\"prepend\":\"\u2581\"},{\"type\":\"Replace\","
    "\"pattern\":{\"String\":\" \"},\"content\":\"\u2581\"}]},"
    "\"added_tokens\":[],\"model\":{\"type\":\"BPE\",\"unk_token\":"
    "\"<unk>\",\"vocab\":{\"<unk>\":0,\"</s>\":1,\"\u2581\":2,\"a\":3,"
    "\"\u2581a\":4},\"merges\":[\"\u2581 a\"]}}";

/* The part in front of the next line "%%"; ptr NULL behind the last. */
static tl_str
next_part(tl_str *rest)
{
	size_t cut = tl_str_find(*rest, TL_STR("\n%%\n"), 0);
	tl_str part = tl_str_slice(*rest, 0, cut);

	if (cut == TL_NPOS)
		*rest = (tl_str){ NULL, 0 };
	else
		*rest = tl_str_slice(*rest, cut + 4, rest->len);
	return part;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	tl_str rest = { (const char *)data, size };
	tl_str config = next_part(&rest), map = next_part(&rest);
	tl_str added = next_part(&rest), generation = next_part(&rest);
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_tokenizer *t = tl_tokenizer_blank(a);
	enum tl_status st = tl_load_json(tl_str_from(model), t, NULL);

	assert(st == TL_OK);
	if (added.ptr != NULL)
		st = tl_load_added(added, t, NULL);
	if (st == TL_OK)
		st = tl_load_config(config, map, true, t, NULL);
	if (st == TL_OK && generation.ptr != NULL)
		st = tl_load_model_config(
		    "generation_config.json", generation, t, NULL);
	if (st == TL_OK) {
		tl_tokenizer_finish(t);
		ask(t, a);
		try_tokenizer(a, t, TL_STR("a a</s> a"));
	}
	tl_arena_free(a);
	return 0;
}
