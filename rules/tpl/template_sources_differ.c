/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

/* The first line in which they differ, counted from 1, and it of each. */
static size_t
first_difference(tl_str a, tl_str b, tl_str out[2])
{
	size_t line = 1, beg = 0, n = 0;

	while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
		if (a.ptr[n++] == '\n') {
			line++;
			beg = n;
		}
	out[0] = tl_str_slice(a, beg, tl_str_find_char(a, '\n', beg));
	out[1] = tl_str_slice(b, beg, tl_str_find_char(b, '\n', beg));
	return line;
}

static void
compare(const struct tl_rule_cx *cx, const struct tl_template_source *used,
    const struct tl_template_source *other)
{
	struct tl_report *r;
	tl_str lines[2];
	size_t line = first_difference(used->text, other->text, lines);

	r = tl_report(cx, tl_at_line(line, 1),
	    "%s has another %s template: line %zu is %s here and %s there",
	    tl_quote(cx, other->file, 60), tl_quote(cx, used->name, 40), line,
	    tl_quote(cx, lines[0], 60), tl_quote(cx, lines[1], 60));
	tl_report_note(r,
	    "transformers takes that of %s; what reads %s only takes the other",
	    tl_quote(cx, used->file, 60), tl_quote(cx, other->file, 60));
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_template_site *site = cx->site;
	const struct tl_template_source *used = NULL;
	tl_str source;

	(void)p;
	if (site == NULL || t == NULL)
		return;
	source = tl_template_source(t);
	for (size_t i = 0; i < site->nsources; i++) {
		const struct tl_template_source *s = &site->sources[i];

		if (used == NULL && tl_str_eq(s->text, source))
			used = s;
		else if (used != NULL && tl_str_eq(s->name, used->name) &&
		    !tl_str_eq(s->text, used->text))
			compare(cx, used, s);
	}
}

const struct tl_rule tl_rule_template_sources_differ = {
	.code = "TPL027",
	.name = "template-sources-differ",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "files of one model hold different templates",
	.why = "The trainer takes the one and the server the other: the model "
	       "is asked in a form that it was not trained in.",
	.fix = "Decide which one is meant, and write it into all of them or "
	       "remove the others.",
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.check_template = check_template,
};
