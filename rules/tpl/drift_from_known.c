/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/example.h>
#include <turnlint/rule.h>

#include <string.h>

/* A difference of so many percent of what a template itself writes is an
 * accident; more is another format. */
#define MAX_PERCENT 8u
#define MAX_TEXT ((size_t)600)

/* What families have in common; how they treat odd orders and tools changes
 * from one release to the next. */
static const char *const compared[] = { "UA", "SUA", "UAUA", "SUAUA" };

/* Bytes to insert, remove or replace to make b of a. */
static size_t
edit_distance(struct tl_arena *arena, tl_str a, tl_str b)
{
	size_t *row = TL_NEW(arena, size_t, b.len + 1);

	for (size_t k = 0; k <= b.len; k++)
		row[k] = k;
	for (size_t i = 1; i <= a.len; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t k = 1; k <= b.len; k++) {
			size_t best = corner + (a.ptr[i - 1] != b.ptr[k - 1]);

			corner = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
		}
	}
	return row[b.len];
}

/* Bytes that the template itself put there. */
static size_t
literal_bytes(const struct tl_text *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nruns; i++)
		if (t->runs[i].kind == TL_RUN_TEMPLATE)
			n += t->runs[i].end - t->runs[i].beg;
	return n;
}

static bool
is_compared(const struct tl_probe *p)
{
	for (size_t i = 0; i < TL_COUNT(compared); i++)
		if (strcmp(p->letters, compared[i]) == 0)
			return tl_probe_ok(p) &&
			    p->render.text.str.len <= MAX_TEXT;
	return false;
}

struct likeness {
	size_t distance, nliteral, nprobes;
	const struct tl_probe *here, *there; /* the first that differ */
};

/* Over the probes that both take. */
static struct likeness
compare(const struct tl_rule_cx *cx, const struct tl_profile *p,
    const struct tl_template *known)
{
	struct likeness l = { 0 };

	for (size_t i = 0; i < p->norders; i++) {
		const struct tl_probe *o = p->orders[i], *other;
		size_t d;

		if (!is_compared(o))
			continue;
		other = tl_probe_again(cx->arena, known, p, o);
		if (!tl_probe_ok(other) ||
		    other->render.text.str.len > MAX_TEXT)
			continue;
		d = edit_distance(
		    cx->arena, o->render.text.str, other->render.text.str);
		if (d > 0 && l.here == NULL) {
			l.here = o;
			l.there = other;
		}
		l.distance += d;
		l.nliteral += literal_bytes(&o->render.text);
		l.nprobes++;
	}
	return l;
}

static void
report(const struct tl_rule_cx *cx, const struct likeness *l, const char *name)
{
	tl_str a = l->here->render.text.str, b = l->there->render.text.str;
	const struct tl_run *run;
	struct tl_report *r;
	size_t at = 0;

	while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at])
		at++;
	while (
	    at > 0 && at < a.len && ((unsigned char)a.ptr[at] & 0xc0) == 0x80)
		at--;
	run =
	    tl_text_run_at(&l->here->render.text, at < a.len ? at : a.len - 1);
	r = tl_report(cx, tl_at_line(run->line, run->column),
	    "the template is nearly %s, but prints %s where that prints %s",
	    name, tl_quote(cx, tl_str_slice(a, at, a.len), 32),
	    tl_quote(cx, tl_str_slice(b, at, b.len), 32));
	tl_report_probe(r, "seen with", l->here);
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	size_t n;
	const struct tl_template_builtin *list = tl_template_builtins(&n);
	const struct tl_template_builtin *nearest = NULL;
	struct likeness best = { 0 };

	(void)t;
	for (size_t i = 0; p->is_usable && i < n; i++) {
		struct tl_template *known;
		struct tl_error err;
		struct likeness l;

		if (tl_template_compile(cx->arena, tl_str_from(list[i].name),
			(tl_str){ list[i].source, list[i].source_len }, &known,
			&err) != TL_OK)
			continue;
		l = compare(cx, p, known);
		if (l.nprobes == 0)
			continue;
		if (l.distance == 0)
			return;
		if (l.distance * 100 > MAX_PERCENT * l.nliteral ||
		    (nearest != NULL &&
			l.distance * best.nliteral >=
			    best.distance * l.nliteral))
			continue;
		nearest = &list[i];
		best = l;
	}
	if (nearest != NULL)
		report(cx, &best, nearest->name);
}

const struct tl_rule tl_rule_drift_from_known = {
	.code = "TPL028",
	.name = "drift-from-known",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "the template is nearly one that is known, but not quite",
	.why = "A line break too few is enough for other tokens than those the "
	       "model was trained with, and tools that know the template by "
	       "its text no longer do.",
	.fix = "Take the known template, or keep the difference if it is "
	       "meant.",
	.bad =
	    TL_LIT(TL_EXAMPLE_TOOLS "{%- for m in messages -%}\n"
				    "{{- '<|im_start|>' + m.role + '\\n' -}}\n"
				    "{%- if m.role == 'assistant' -%}\n"
				    "{%- generation -%}\n"
				    "{{- (m.content or '') + '<|im_end|>' -}}\n"
				    "{%- endgeneration -%}\n"
				    "{%- else -%}\n"
				    "{{- m.content + '<|im_end|>\\n' -}}\n"
				    "{%- endif -%}\n"
				    "{%- endfor -%}\n"
				    "{%- if add_generation_prompt -%}\n"
				    "{{- '<|im_start|>assistant\\n' -}}\n"
				    "{%- endif -%}\n"),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.also = "TPL006",
	.filename = "example.jinja",
	.check_template = check_template,
};
