/* SPDX-License-Identifier: Apache-2.0 */
#include "advice.h"
#include "axolotl.h"

const char *
ax_advise_stop(struct tl_arena *a, const struct tl_recipe *r,
    const struct tl_sample *s, size_t k)
{
	const struct ax_config *c = r->trainer_config;
	uint32_t id = s->tokens.ids[k];
	bool is_eos = c->eos_id == (int64_t)id;

	if (c->type->label != ax_label_chat)
		return NULL;
	if (is_eos && c->train_on_eos != AX_TURN && c->train_on_eos != AX_ALL)
		return "set train_on_eos: turn";
	if (ax_is_eot(c, id) && c->train_on_eot != AX_TURN &&
	    c->train_on_eot != AX_ALL)
		return "set train_on_eot: turn";
	if (is_eos || ax_is_eot(c, id))
		return NULL;
	if (c->profile == AX_SEED)
		return tl_arena_printf(a,
		    "make %s the tokenizer's EOS with special_tokens: "
		    "eos_token; later versions take it in eot_tokens",
		    tl_advised_token(a, s, k));
	return tl_arena_printf(a,
	    "axolotl looks for the tokenizer's EOS: name this token in "
	    "eot_tokens: [%s], at the top of the configuration",
	    tl_advised_token(a, s, k));
}
