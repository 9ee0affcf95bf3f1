/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* The system turn that loses tokens in front of the cut; NULL: none. */
static const struct tl_turn *
cut_system(const struct tl_conv *conv, const struct tl_sample *s)
{
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		bool is_system =
		    t->role == TL_ROLE_SYSTEM || t->role == TL_ROLE_DEVELOPER;

		if (is_system && s->turns[i].nsaid > 0 &&
		    s->turns[i].first < s->first_kept)
			return t;
	}
	return NULL;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_turn *system;
	int64_t bos;
	struct tl_report *r;

	if (!s->is_built || s->first_kept == 0)
		return;
	system = cut_system(conv, s);
	bos = tl_tokenizer_bos(cx->facts->recipe->tokenizer);
	if (system != NULL)
		r = tl_report(cx, tl_at_turn(system),
		    "cutting the first %zu tokens takes the system text",
		    s->first_kept);
	else if (bos >= 0 && s->tokens.ids[0] == (uint32_t)bos)
		r = tl_report(cx, tl_at_record(),
		    "cutting the first %zu tokens takes BOS", s->first_kept);
	else
		return;
	tl_report_note(r,
	    "what is left begins with token %zu of %zu, a prompt the model "
	    "never meets",
	    s->first_kept + 1, s->tokens.n);
}

const struct tl_rule tl_rule_truncation_removes_system = {
	.code = "LEN004",
	.name = "truncation-removes-system",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "truncation in front takes BOS or the system text",
	.why = "The record is trained in a form that does not occur at "
	       "inference: without its beginning.",
	.fix = "Cut at the end, raise the sequence length, or split the "
	       "conversation.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\"},{\"role\":\"user\",\"content\":\"Name "
		      "all the days of the week, from Monday to Sunday, and "
		      "the months, from January to December.\"},"
		      "{\"role\":\"assistant\",\"content\":\"No.\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		       "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"No.\"}]}\n"),
	.also = "LEN001",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "lmflow",
	    .trainer_option = "truncation_side=left",
	    .sequence_len = 40 },
	.check_sample = check,
};
