/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

#define THOUGHT "Thought one."
#define USER(text) "{\"role\":\"user\",\"content\":" text "}"
#define SAID(text) "{\"role\":\"assistant\",\"content\":" text "}"
#define PART(text) "[{\"type\":\"text\",\"text\":" text "}]"
#define THINKS "\"<think>\\n" THOUGHT "\\n</think>\\n\\nAnswer one.\""

static bool
shows(const struct tl_probe *p, tl_str what)
{
	return tl_probe_ok(p) &&
	    tl_str_find(p->render.text.str, what, 0) != TL_NPOS;
}

/* Where the template prints the turn's answer. */
static struct tl_place
place_of_turn(const struct tl_probe *p, size_t turn)
{
	const struct tl_text *t = &p->render.text;

	for (size_t i = 0; i < t->nruns; i++) {
		const struct tl_json *v = t->runs[i].node;

		while (v != NULL && v != p->conv.turns[turn].content_node)
			v = v->parent;
		if (v != NULL && t->runs[i].line > 0)
			return tl_at_line(t->runs[i].line, t->runs[i].column);
	}
	return tl_at_line(0, 0);
}

static void
report(const struct tl_rule_cx *cx, const struct tl_probe *p, size_t turn,
    const char *what)
{
	struct tl_report *r = tl_report(cx, place_of_turn(p, turn), "%s", what);

	tl_report_probe(r, "seen with", p);
}

/* Thoughts that stand in the content, in front of the answer. */
static void
check_inline(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const char *last = p->takes_lists_only
	    ? "{\"messages\":[" USER(PART("\"Question one?\"")) "," SAID(
		  PART(THINKS)) "]}"
	    : "{\"messages\":[" USER("\"Question one?\"") "," SAID(THINKS) "]}";
	const char *early = p->takes_lists_only
	    ? "{\"messages\":[" USER(PART("\"Question one?\"")) "," SAID(PART(THINKS)) "," USER(
		  PART(
		      "\"Question two?\"")) "," SAID(PART("\"Answer two.\"")) "]}"
	    : "{\"messages\":[" USER("\"Question one?\"") "," SAID(
		  THINKS) "," USER("\"Question two?\"") "," SAID("\"Answer "
								 "two.\"") "]}";
	const struct tl_probe *at_end =
	    tl_probe_make(cx->arena, t, p, last, false);
	const struct tl_probe *before =
	    tl_probe_make(cx->arena, t, p, early, false);

	if (!shows(before, TL_STR("Answer one.")) ||
	    shows(before, TL_STR(THOUGHT)))
		return;
	report(cx, before, 1,
	    shows(at_end, TL_STR(THOUGHT))
		? "what stands between <think> and </think> in an earlier "
		  "turn is left out"
		: "what stands between <think> and </think> is left out, also "
		  "of the last turn");
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_fact *last = &p->facts[TL_PF_REASONING];
	const struct tl_fact *early = &p->facts[TL_PF_REASONING_HISTORY];

	if (!p->is_usable)
		return;
	if (last->fate == TL_FATE_KEPT && early->fate == TL_FATE_DROPPED)
		report(cx, early->probe, early->probe->conv.nturns - 3,
		    "the reasoning of earlier turns is left out");
	else if (p->base->conv.nturns == 2)
		check_inline(cx, t, p);
}

const struct tl_rule tl_rule_drops_history_reasoning = {
	.code = "TPL017",
	.name = "drops-history-reasoning",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the reasoning of earlier turns is left out",
	.why = "Of a conversation with several thoughts only the last is "
	       "trained: the earlier answers are learned as given without "
	       "thinking.",
	.fix = "Make a record of each prefix that ends with a thought, or "
	       "train with a template that keeps them.",
	.bad = TL_LIT(TL_EXAMPLE_TOOLS
	    "{%- for m in messages -%}\n"
	    "{{- '<|im_start|>' + m.role + '\\n' -}}\n"
	    "{%- if m.role == 'assistant' -%}\n"
	    "{%- generation -%}\n"
	    "{{- (m.content or '').split('</think>')[-1] -}}\n"
	    "{%- for c in m.tool_calls or [] -%}\n"
	    "{{- '[' + c.function.name + ']' -}}\n"
	    "{%- for name, value in c.function.arguments.items() -%}\n"
	    "{{- ' ' + name + '=' + value | string -}}\n"
	    "{%- endfor -%}\n"
	    "{%- endfor -%}\n"
	    "{{- '<|im_end|>\\n' -}}\n"
	    "{%- endgeneration -%}\n"
	    "{%- else -%}\n"
	    "{{- m.content + '<|im_end|>\\n' -}}\n"
	    "{%- endif -%}\n"
	    "{%- endfor -%}\n"
	    "{%- if add_generation_prompt -%}\n"
	    "{{- '<|im_start|>assistant\\n' -}}\n"
	    "{%- endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.check_template = check_template,
};
