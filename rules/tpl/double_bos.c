/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

#include <string.h>

/* How the families spell it, for templates that write it out. */
static const char *const spellings[] = { "<s>", "<bos>", "<|begin_of_text|>",
	"<｜begin▁of▁sentence｜>", "<BOS_TOKEN>", "<|startoftext|>" };

/* Length of the BOS that s begins with. */
static size_t
bos_len(const struct tl_profile *p, tl_str s)
{
	if (p->tokens.bos.len > 0 && tl_str_starts(s, p->tokens.bos))
		return p->tokens.bos.len;
	for (size_t i = 0; i < TL_COUNT(spellings); i++)
		if (tl_str_starts(s, tl_str_from(spellings[i])))
			return strlen(spellings[i]);
	return 0;
}

static struct tl_report *
report(const struct tl_rule_cx *cx, const struct tl_profile *p, size_t at,
    const char *what)
{
	const struct tl_run *run = tl_text_run_at(&p->base->render.text, at);

	return tl_report(cx, tl_at_line(run->line, run->column), "%s", what);
}

/* The tokenizer puts one more in front of what the template begins with. */
static void
check_tokens(const struct tl_rule_cx *cx, const struct tl_profile *p)
{
	int64_t bos = tl_tokenizer_bos(cx->tokenizer);
	struct tl_tokens tokens;
	struct tl_report *r;
	struct tl_error err;

	if (bos < 0 ||
	    tl_encode(cx->encoder, cx->arena, p->base->render.text.str,
		TL_ENCODE_SPECIAL, &tokens, &err) != TL_OK ||
	    tokens.n < 2 || tokens.ids[0] != bos || tokens.ids[1] != bos)
		return;
	r = report(cx, p, 0,
	    "the template prints the BOS token and the tokenizer adds another");
	tl_report_note(r, "tokenizer(text) begins with %s",
	    tl_quote_ids(cx, tokens.ids, tokens.n, 6));
	tl_report_probe(r, "seen with", p->base);
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	tl_str text = p->base->render.text.str;
	struct tl_report *r;
	size_t n;

	(void)t;
	if (!p->is_usable)
		return;
	n = bos_len(p, text);
	if (n > 0 && bos_len(p, tl_str_slice(text, n, text.len)) > 0) {
		r = report(cx, p, n, "the template prints the BOS token twice");
		tl_report_probe(r, "seen with", p->base);
	} else if (n > 0 && cx->tokenizer != NULL) {
		check_tokens(cx, p);
	}
}

const struct tl_rule tl_rule_double_bos = {
	.code = "TPL009",
	.name = "double-bos",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary =
	    "the BOS token stands twice: the template's, the tokenizer's",
	.why = "A text that was rendered and is then tokenized in the usual "
	       "way begins with two BOS tokens, a beginning the model has "
	       "never seen; what is served begins with one.",
	.fix = "Tokenize rendered text with add_special_tokens=False, or leave "
	       "bos_token out of the template.",
	.bad = TL_LIT("{{- bos_token + '<s>' -}}\n" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT("{{- bos_token -}}\n" TL_EXAMPLE_TEMPLATE),
	.also = "TPL028",
	.filename = "example.jinja",
	.check_template = check_template,
};
