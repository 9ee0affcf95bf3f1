/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

/* Every character that one of the two escapes and the other does not, and
 * nothing whose order the stock filter would change: keys are sorted. */
#define TEXT "a < b & c > d, it's é"
#define CALL(args)                                                          \
	"{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"id\":" \
	"\"call00001\",\"type\":\"function\",\"function\":{\"name\":"       \
	"\"find_zebra\",\"arguments\":" args "}}]}"
#define USER(text) "{\"role\":\"user\",\"content\":" text "}"
#define PART(text) "[{\"type\":\"text\",\"text\":" text "}]"
#define RESULT                                                        \
	"{\"role\":\"tool\",\"tool_call_id\":\"call00001\",\"name\":" \
	"\"find_zebra\",\"content\":\"" TEXT "\"}"
#define TOOLS(text)                                                 \
	"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":" \
	"\"find_zebra\",\"description\":\"" text                    \
	"\",\"parameters\":{\"type\":"                              \
	"\"object\",\"properties\":{\"text\":{\"type\":\"string\"," \
	"\"description\":\"Text.\"}},\"required\":[\"text\"]}}}]"

static const struct {
	const char *what, *json;
} probes[] = {
	{ "a message", "{\"messages\":[" USER("\"" TEXT "\"") "]}" },
	{ "a message", "{\"messages\":[" USER(PART("\"" TEXT "\"")) "]}" },
	{ "a tool's result",
	    "{\"messages\":[" USER("\"Go.\"") "," CALL(
		"{\"text\":\"Go.\"}") "," RESULT "]," TOOLS("Finds.") "}" },
	{ "a tool call",
	    "{\"messages\":[" USER("\"Go.\"") "," CALL(
		"{\"text\":\"" TEXT "\"}") "]," TOOLS("Finds.") "}" },
	{ "a tool's description",
	    "{\"messages\":[" USER("\"Go.\"") "]," TOOLS(TEXT) "}" },
};

/* The words, as JSON has them without and with escapes. */
static const char plain[] = TEXT;
static const char escaped[] =
    "a \\u003c b \\u0026 c \\u003e d, it\\u0027s \\u00e9";

static struct tl_place
place_of(const struct tl_probe *p, size_t at)
{
	const struct tl_run *r = tl_text_run_at(&p->render.text, at);

	return r == NULL ? tl_at_line(0, 0) : tl_at_line(r->line, r->column);
}

/* Arguments that the stock filter does not know. */
static bool
check_failure(const struct tl_rule_cx *cx, const struct tl_probe *p,
    const struct tl_probe *stock)
{
	struct tl_report *r;

	if (!tl_probe_ok(p) || stock->render.fault != TL_RENDER_ERROR ||
	    tl_str_find(stock->render.message, TL_STR("do_tojson"), 0) ==
		TL_NPOS)
		return false;
	r = tl_report(cx, tl_at_line(stock->render.line, stock->render.column),
	    "jinja2's own tojson does not take these arguments: %s",
	    tl_quote(cx, stock->render.message, 120));
	tl_report_probe(r, "seen with", p);
	return true;
}

static bool
check_probe(const struct tl_rule_cx *cx, const char *what,
    const struct tl_probe *p, const struct tl_probe *stock)
{
	struct tl_report *r;
	size_t at;

	if (check_failure(cx, p, stock))
		return true;
	if (!tl_probe_ok(p) || !tl_probe_ok(stock))
		return false;
	at = tl_str_find(stock->render.text.str, TL_STR(escaped), 0);
	if (at == TL_NPOS ||
	    tl_str_find(p->render.text.str, TL_STR(plain), 0) == TL_NPOS)
		return false;
	r = tl_report(cx, place_of(stock, at),
	    "what %s says goes through tojson, which other engines escape: %s "
	    "here, %s there",
	    what, tl_quote(cx, TL_STR(plain), 0),
	    tl_quote(cx, TL_STR(escaped), 60));
	tl_report_probe(r, "seen with", p);
	return true;
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	struct tl_template *stock;
	struct tl_error err;

	if (!p->is_usable ||
	    tl_survey_find(p->survey, TL_MENTION_FILTER, "tojson") == NULL ||
	    tl_template_elsewhere(
		cx->arena, t, TL_ELSEWHERE_STOCK_TOJSON, &stock, &err) != TL_OK)
		return;
	for (size_t i = 0; i < TL_COUNT(probes); i++) {
		const struct tl_probe *here =
		    tl_probe_make(cx->arena, t, p, probes[i].json, false);

		if (check_probe(cx, probes[i].what, here,
			tl_probe_again(cx->arena, stock, p, here)))
			return;
	}
}

const struct tl_rule tl_rule_tojson_escaping = {
	.code = "TPL022",
	.name = "tojson-escaping",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "what is said goes through tojson, which engines "
		   "disagree on",
	.why = "transformers has a tojson of its own. Engines with jinja2's, "
	       "and minijinja, write \\u003c, \\u0026, \\u0027 for <, & and "
	       "', some of them \\u00e9 for é: the model meets characters in "
	       "service that it was not trained on.",
	.fix = "Print strings as they are, or make sure that the server's "
	       "tojson is that of transformers.",
	.bad =
	    TL_LIT(TL_EXAMPLE_TOOLS "{%- for m in messages -%}\n"
				    "{{- '<|im_start|>' + m.role + '\\n' -}}\n"
				    "{%- if m.role == 'assistant' -%}\n"
				    "{%- generation -%}\n"
				    "{{- m.content or '' -}}\n"
				    "{%- if m.tool_calls -%}\n"
				    "{{- m.tool_calls | tojson -}}\n"
				    "{%- endif -%}\n"
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
