/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

#include <string.h>

/* Families that are known by a marker and whose models were all trained with a
 * BOS token in front. */
static const struct {
	const char *marker, *family, *bos;
} families[] = {
	{ "<start_of_turn>", "Gemma", "<bos>" },
	{ "<|start_header_id|>", "Llama 3", "<|begin_of_text|>" },
	{ "<|header_start|>", "Llama 4", "<|begin_of_text|>" },
	{ "<|START_OF_TURN_TOKEN|>", "Command R", "<BOS_TOKEN>" },
	{ "<｜User｜>", "DeepSeek", "<｜begin▁of▁sentence｜>" },
};

static bool
prints_bos(const struct tl_profile *p, const char *bos)
{
	return p->nbos > 0 ||
	    tl_str_find(p->base->render.text.str, tl_str_from(bos), 0) !=
	    TL_NPOS;
}

static struct tl_report *
report(const struct tl_rule_cx *cx, const struct tl_profile *p, const char *why,
    const char *what)
{
	const struct tl_text *t = &p->base->render.text;
	struct tl_place at = t->nruns == 0
	    ? tl_at_line(0, 0)
	    : tl_at_line(t->runs[0].line, t->runs[0].column);
	struct tl_report *r = tl_report(
	    cx, at, "the template prints no BOS token, and %s%s", what, why);

	tl_report_probe(r, "seen with", p->base);
	return r;
}

/* Does the tokenizer put one in front of a text? */
static bool
adds_bos(const struct tl_rule_cx *cx)
{
	int64_t bos = tl_tokenizer_bos(cx->tokenizer);
	struct tl_tokens tokens;
	struct tl_error err;

	return bos >= 0 &&
	    tl_encode(cx->encoder, cx->arena, TL_STR("a"), TL_ENCODE_SPECIAL,
		&tokens, &err) == TL_OK &&
	    tokens.n > 0 && tokens.ids[0] == bos;
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	tl_str text = p->base->render.text.str;

	(void)t;
	if (!p->is_usable)
		return;
	if (cx->tokenizer != NULL) {
		tl_str bos = tl_tokenizer_tokens(cx->tokenizer).bos;

		if (bos.ptr != NULL && p->nbos == 0 && adds_bos(cx))
			report(cx, p, "", "the tokenizer adds one to text");
		return;
	}
	for (size_t i = 0; i < TL_COUNT(families); i++) {
		if (tl_str_find(text, tl_str_from(families[i].marker), 0) ==
			TL_NPOS ||
		    prints_bos(p, families[i].bos))
			continue;
		report(cx, p,
		    tl_arena_printf(cx->arena, "%s has %s in front",
			families[i].family, families[i].bos),
		    "the family of ");
		return;
	}
}

const struct tl_rule tl_rule_missing_bos = {
	.code = "TPL010",
	.name = "missing-bos",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "no BOS token is printed though the model has one in front",
	.why = "apply_chat_template(tokenize=True) adds no special tokens: the "
	       "model is trained on beginnings without the token that it has "
	       "always seen, and the loss is far too high, most of all with "
	       "Gemma.",
	.fix = "Begin the template with {{ bos_token }}, and tokenize rendered "
	       "text with add_special_tokens=False.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<start_of_turn>' + m.role + '\\n' -}}\n"
		      "{%- if m.role == 'assistant' -%}\n"
		      "{%- generation -%}\n"
		      "{{- m.content + '<end_of_turn>\\n' -}}\n"
		      "{%- endgeneration -%}\n"
		      "{%- else -%}\n"
		      "{{- m.content + '<end_of_turn>\\n' -}}\n"
		      "{%- endif -%}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt -%}\n"
		      "{{- '<start_of_turn>assistant\\n' -}}\n"
		      "{%- endif -%}\n"),
	.good = TL_LIT("{{- bos_token -}}\n" TL_EXAMPLE_TEMPLATE),
	.also = "TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
