/* SPDX-License-Identifier: Apache-2.0 */
#include "trl_training.h"

#include <turnlint/str.h>

static const struct tl_trl_training known[] = {
	{ 0x16913247e5fddff9u, "cohere", "", "", TL_TRL_ANY },
	{ 0xf555a55beeb28eeeu, "cohere2", NULL, NULL, TL_TRL_NONE },
	{ 0x4526f885d718fa95u, "deepseekv3", "<｜Assistant｜>", "",
	    TL_TRL_PLAIN },
	{ 0x99f17d41517c751bu, "diffusion_gemma", NULL, NULL, TL_TRL_NONE },
	{ 0x5c10ee65212d93b3u, "gemma", "", "\n", TL_TRL_ANY },
	{ 0xc90dea00b85c935du, "gemma3", "", "\n", TL_TRL_ANY },
	{ 0x5f4dd018f4521bc9u, "glm4moe", NULL, NULL, TL_TRL_NONE },
	{ 0x5da66262d54a9064u, "gptoss", NULL, NULL, TL_TRL_NONE },
	{ 0x2750467898fc405au, "idefics3", NULL, NULL, TL_TRL_NONE },
	{ 0x7faef5d8e49cf520u, "lfm2", "", "\n", TL_TRL_PLAIN },
	{ 0x0e60067a5537498eu, "llama3", "", "", TL_TRL_ANY },
	{ 0xce7749786d3ffecdu, "llava_next", NULL, NULL, TL_TRL_NONE },
	{ 0x43b445dc85f1b759u, "nemotron_3_nano", NULL, NULL, TL_TRL_NONE },
	{ 0x4fd9cf68c291e866u, "nemotron_3_super", NULL, NULL, TL_TRL_NONE },
	{ 0x30fa1947e9ca3dabu, "nemotron_3_ultra", NULL, NULL, TL_TRL_NONE },
	{ 0xecebdb26677c663du, "phi3", "", "\n", TL_TRL_PLAIN },
	{ 0xcf278cde387a54c8u, "phi3_5", "", "\n", TL_TRL_PLAIN },
	{ 0xc2b27ee60f1b8775u, "qwen2_5", "\n", "\n", TL_TRL_ANY },
	{ 0x71242f76359e71e8u, "qwen2_5_vl", "", "\n", TL_TRL_PLAIN },
	{ 0x959a4551391a6549u, "qwen3", "", "\n", TL_TRL_STRINGS },
	{ 0x407bbcdeb62737b7u, "qwen3_5_nothink", NULL, NULL, TL_TRL_NONE },
	{ 0xf07c510f47fbaca0u, "qwen3_5_think", NULL, NULL, TL_TRL_NONE },
	{ 0x8ae3a8bc6e68f114u, "qwen3_6", NULL, NULL, TL_TRL_NONE },
	{ 0x3751fe8ea48448abu, "qwen3_instruct_2507", "", "\n", TL_TRL_PLAIN },
	{ 0xf67afe266c470df1u, "qwen3_vl", "", "\n", TL_TRL_PLAIN },
};

const struct tl_trl_training *
tl_trl_training(tl_str source)
{
	uint64_t hash = tl_str_hash(source);

	for (size_t i = 0; i < TL_COUNT(known); i++)
		if (known[i].hash == hash)
			return &known[i];
	return NULL;
}

/* Phi-3's closes the whole text with eos, which an answer at the end of the
 * conversation takes in. */
static bool
closes_with_eos(const struct tl_trl_training *t)
{
	return tl_str_starts(tl_str_from(t->name), TL_STR("phi3"));
}

void
tl_trl_training_move(struct tl_arena *a, const struct tl_trl_training *t,
    tl_str eos, struct tl_render *r)
{
	tl_span *spans = TL_NEW(a, tl_span, r->ngeneration);
	tl_str s = r->text.str;
	tl_str before = tl_str_from(t->before);
	tl_str behind = tl_str_from(t->behind);

	for (size_t i = 0; i < r->ngeneration; i++) {
		tl_span *x = &spans[i];

		*x = r->generation[i];
		if (tl_str_ends(tl_str_slice(s, 0, x->beg), before))
			x->beg -= before.len;
		if (tl_str_starts(tl_str_slice(s, x->end, s.len), behind))
			x->end += behind.len;
		if (closes_with_eos(t) && eos.len > 0 &&
		    tl_str_eq(tl_str_slice(s, x->end, s.len), eos))
			x->end = s.len;
	}
	r->generation = spans;
}
