/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/map.h>
#include <turnlint/rule.h>

#define MAX_MARKER 60u

/* Words of turns in pointed brackets: <start_of_turn>, <end_of_turn>. */
static bool
is_turn_word(tl_str s)
{
	return tl_str_find(s, TL_STR("_of_turn"), 0) != TL_NPOS;
}

/* <|im_start|>, <｜User｜>, <end_of_turn>: what is meant to be one token.  XML
 * tags and [INST] are words in many families. */
static size_t
marker_len(tl_str s)
{
	const tl_str wide = TL_STR("｜");
	size_t end;

	if (s.len < 4 || s.ptr[0] != '<')
		return 0;
	end = tl_str_find_char(s, '>', 0);
	if (end == TL_NPOS || end + 1 > MAX_MARKER ||
	    tl_str_find_char(tl_str_slice(s, 0, end), ' ', 0) != TL_NPOS)
		return 0;
	if ((s.ptr[1] == '|' && s.ptr[end - 1] == '|' && end > 3) ||
	    (tl_str_starts(tl_str_slice(s, 1, end), wide) &&
		tl_str_ends(tl_str_slice(s, 1, end), wide)) ||
	    is_turn_word(tl_str_slice(s, 0, end)))
		return end + 1;
	return 0;
}

static void
check_marker(const struct tl_rule_cx *cx, const struct tl_probe *p, size_t at,
    tl_str marker)
{
	const struct tl_run *run = tl_text_run_at(&p->render.text, at);
	struct tl_tokens tokens;
	struct tl_report *r;
	struct tl_error err;

	if (run->kind != TL_RUN_TEMPLATE ||
	    tl_tokenizer_id(cx->tokenizer, marker) >= 0 ||
	    tl_encode(cx->encoder, cx->arena, marker, 0, &tokens, &err) !=
		TL_OK ||
	    tokens.n <= 1)
		return;
	r = tl_report(cx, tl_at_line(run->line, run->column),
	    "the marker %s is %zu tokens in this tokenizer",
	    tl_quote(cx, marker, 0), tokens.n);
	tl_report_note(
	    r, "they are %s", tl_quote_ids(cx, tokens.ids, tokens.n, 0));
	tl_report_probe(r, "seen with", p);
}

static void
check_probe(
    const struct tl_rule_cx *cx, const struct tl_probe *p, struct tl_map *seen)
{
	tl_str s = p->render.text.str;
	bool is_new;

	for (size_t i = 0; tl_probe_ok(p) && i < s.len; i++) {
		tl_str rest = tl_str_slice(s, i, s.len);
		size_t n = marker_len(rest);

		if (n == 0)
			continue;
		rest = tl_str_slice(rest, 0, n);
		tl_map_put(seen, rest, &is_new);
		if (is_new)
			check_marker(cx, p, i, rest);
	}
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	struct tl_map seen;

	(void)t;
	if (cx->tokenizer == NULL || !p->is_usable)
		return;
	tl_map_init(&seen, cx->arena);
	check_probe(cx, p->base, &seen);
	for (size_t i = 0; i < p->norders; i++)
		check_probe(cx, p->orders[i], &seen);
}

const struct tl_rule tl_rule_marker_not_single_token = {
	.code = "TPL026",
	.name = "marker-not-single-token",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a marker of the template is several tokens",
	.why = "The model sees pieces of words where a turn begins or ends, "
	       "and a server that waits for the marker's token waits in vain.",
	.fix = "Add the marker to the tokenizer's special tokens and resize "
	       "the embeddings, or use the markers that the tokenizer has.",
	.bad = TL_LIT("{%- for m in messages -%}\n"
		      "{{- '<|begin_turn|>' + m.role + '\\n' -}}\n"
		      "{%- if m.role == 'assistant' -%}\n"
		      "{%- generation -%}\n"
		      "{{- m.content + '<|im_end|>\\n' -}}\n"
		      "{%- endgeneration -%}\n"
		      "{%- else -%}\n"
		      "{{- m.content + '<|im_end|>\\n' -}}\n"
		      "{%- endif -%}\n"
		      "{%- endfor -%}\n"
		      "{%- if add_generation_prompt -%}\n"
		      "{{- '<|begin_turn|>assistant\\n' -}}\n"
		      "{%- endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL006",
	.filename = "example.jinja",
	.recipe = { .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_template = check_template,
};
