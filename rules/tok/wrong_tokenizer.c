/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/map.h>
#include <turnlint/rule.h>

#define MAX_MARKER 60u
#define SHOWN 3

struct markers {
	struct tl_map seen;
	tl_str absent[SHOWN];
	size_t n, nabsent;
};

/* <|im_start|>, <｜User｜>, <end_of_turn>: what is meant to be one token.  XML
 * tags and [INST] are words in many families, and so are the headers of
 * Zephyr. */
static size_t
marker_len(tl_str s)
{
	static const tl_str words[] = { TL_LIT("<|system|>"),
		TL_LIT("<|user|>"), TL_LIT("<|assistant|>") };
	const tl_str wide = TL_STR("\uff5c");
	size_t end;
	tl_str in;

	if (s.len < 4 || s.ptr[0] != '<')
		return 0;
	end = tl_str_find_char(tl_str_slice(s, 0, MAX_MARKER), '>', 0);
	if (end == TL_NPOS)
		return 0;
	in = tl_str_slice(s, 1, end);
	for (size_t i = 0; i < TL_COUNT(words); i++)
		if (tl_str_starts(s, words[i]))
			return 0;
	if (in.len < 3 || tl_str_find_char(in, ' ', 0) != TL_NPOS ||
	    tl_str_find_char(in, '<', 0) != TL_NPOS)
		return 0;
	if ((in.ptr[0] == '|' && in.ptr[in.len - 1] == '|') ||
	    (tl_str_starts(in, wide) && tl_str_ends(in, wide)) ||
	    tl_str_ends(in, TL_STR("_of_turn")))
		return end + 1;
	return 0;
}

static void
look_into(tl_str s, const struct tl_tokenizer *t, struct markers *m)
{
	for (size_t at = 0; (at = tl_str_find_char(s, '<', at)) != TL_NPOS;
	     at++) {
		tl_str rest = tl_str_slice(s, at, s.len);
		bool is_new;

		rest = tl_str_slice(rest, 0, marker_len(rest));
		if (rest.len == 0)
			continue;
		tl_map_put(&m->seen, rest, &is_new);
		if (!is_new)
			continue;
		m->n++;
		if (tl_tokenizer_id(t, rest) >= 0)
			continue;
		if (m->nabsent < SHOWN)
			m->absent[m->nabsent] = rest;
		m->nabsent++;
	}
}

static void
check(const struct tl_rule_cx *cx, const struct tl_tokenizer *t)
{
	const struct tl_recipe *recipe = cx->facts->recipe;
	const struct tl_survey *survey;
	struct markers m = { .n = 0 };
	struct tl_report *r;

	if (recipe->template_ == NULL || !recipe->trainer->wants_render)
		return;
	survey = tl_survey_make(cx->arena, recipe->template_);
	tl_map_init(&m.seen, cx->arena);
	for (size_t i = 0; survey != NULL && i < survey->nmentions; i++) {
		const struct tl_mention *k = &survey->mentions[i];

		if ((k->kind == TL_MENTION_STRING && !k->in_raise) ||
		    k->kind == TL_MENTION_DATA)
			look_into(k->name, t, &m);
	}
	if (m.nabsent < 2 || 2 * m.nabsent <= m.n)
		return;
	r = tl_report(cx, tl_at_start(),
	    "%zu of the template's %zu markers are not in the vocabulary: %s, "
	    "%s%s",
	    m.nabsent, m.n, tl_quote(cx, m.absent[0], 0),
	    tl_quote(cx, m.absent[1], 0), m.nabsent > 2 ? " \u2026" : "");
	tl_report_note(r, "the template is %s, which belongs to another model",
	    tl_quote(cx, tl_template_name(recipe->template_), 60));
}

const struct tl_rule tl_rule_wrong_tokenizer = {
	.code = "TOK013",
	.name = "wrong-tokenizer",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "most markers of the template are not in the vocabulary",
	.why = "Template and tokenizer belong to different models. Every "
	       "marker is spelled out in pieces the model has never seen as "
	       "such, and nothing it was taught about turns applies.",
	.fix = "Give the tokenizer of the template's model, or the template of "
	       "the tokenizer's.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.also = "TOK004 TOK014 MSK",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/spm-mini",
	    .good_tokenizer = "samples/tokenizers/bpe-mini" },
	.check_tokenizer = check,
};
