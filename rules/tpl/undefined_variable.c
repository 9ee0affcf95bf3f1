/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/map.h>
#include <turnlint/rule.h>

/* What transformers and the servers after it hand to every template, and what
 * jinja2 itself has. */
static const char *const provided[] = { "messages", "tools", "documents",
	"add_generation_prompt", "bos_token", "eos_token", "pad_token",
	"unk_token", "sep_token", "cls_token", "mask_token",
	"additional_special_tokens", "raise_exception", "strftime_now", "range",
	"dict", "lipsum", "cycler", "joiner", "namespace", "loop", "caller",
	"varargs", "kwargs", "self", "super" };

static bool
is_provided(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(provided); i++)
		if (tl_str_eq(name, tl_str_from(provided[i])))
			return true;
	return false;
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_survey *s = p->survey;
	struct tl_map seen;

	(void)t;
	tl_map_init(&seen, cx->arena);
	for (size_t i = 0; i < s->nmentions; i++) {
		const struct tl_mention *m = &s->mentions[i];
		bool is_call = m->kind == TL_MENTION_FUNCTION, is_new;

		if ((!is_call && m->kind != TL_MENTION_VARIABLE) ||
		    m->use != TL_USE_PLAIN || m->is_set || is_provided(m->name))
			continue;
		tl_map_put(&seen, m->name, &is_new);
		if (!is_new)
			continue;
		tl_report(cx, tl_at_line(m->line, m->column),
		    is_call ? "the function %s is one that no engine provides"
			    : "the variable %s is read, and no engine "
			      "provides it",
		    tl_quote(cx, m->name, 60));
	}
}

const struct tl_rule tl_rule_undefined_variable = {
	.code = "TPL016",
	.name = "undefined-variable",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the template reads a name that engines do not provide",
	.why = "jinja2 prints nothing for it or stops when it is used further; "
	       "strict engines stop at once.",
	.fix = "Correct the name, or give it a default: {{ name | default('') "
	       "}}, {% if name is defined %}.",
	.bad = TL_LIT("{{- sys_token -}}\n" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT("{{- sys_token | default('') -}}\n" TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.check_template = check_template,
};
