/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/buf.h>
#include <turnlint/example.h>
#include <turnlint/rule.h>

#include <stdint.h>

/* The square outgrows what is linear within so many rounds, or the template is
 * fine. */
#define HARMLESS_ROUNDS 100
#define ROUNDS 16
#define LONG_ROUNDS 200u
#define NBUDGETS 32u

/* A question and its answer, sixteen times. */
static const struct tl_probe *
long_probe(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	static const char *const turns[] = {
		"{\"role\":\"user\",\"content\":\"Question?\"},"
		"{\"role\":\"assistant\",\"content\":\"Answer.\"}",
		"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
		"\"Question?\"}]},"
		"{\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
		"\"text\":\"Answer.\"}]}",
	};
	struct tl_buf b;

	tl_buf_init(&b, cx->arena, 0);
	tl_buf_puts(&b, "{\"messages\":[");
	for (int i = 0; i < ROUNDS; i++)
		tl_buf_printf(
		    &b, "%s%s", i > 0 ? "," : "", turns[p->takes_lists_only]);
	tl_buf_puts(&b, "]}");
	tl_buf_putc(&b, '\0');
	return tl_probe_make(cx->arena, t, p, b.ptr, false);
}

/* Through the steps of 4, 8 and 16 rounds goes square·n² + linear·n + rest. */
struct curve {
	double square, linear, rest;
};

static struct curve
fit(const uint64_t s[3])
{
	double d1 = (double)(s[1] - s[0]), d2 = (double)(s[2] - s[1]);
	struct curve c = { .square = (d2 - 2 * d1) / 96 };

	c.linear = (d1 - 48 * c.square) / 4;
	c.rest = (double)s[0] - 16 * c.square - 4 * c.linear;
	return c;
}

static double
value_at(const struct curve *c, double n)
{
	return (c->square * n + c->linear) * n + c->rest;
}

/* Where the work is done: the place at which most of several budgets, each a
 * part of the steps it takes, run out. */
static struct tl_place
busiest_place(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const struct tl_probe *probe = long_probe(cx, t, p);
	struct {
		size_t line, column, n;
	} seen[NBUDGETS] = { { 0, 0, 0 } };
	size_t best = 0;

	for (size_t i = 0; i < NBUDGETS; i++) {
		struct tl_render render;
		const struct tl_render_options opt = {
			.tokens = p->tokens,
			.max_steps = 1 + p->steps[2] * i / NBUDGETS,
		};
		size_t k = 0;

		tl_template_render(t, cx->arena, &probe->conv,
		    probe->conv.nturns, &opt, &render);
		if (render.fault != TL_RENDER_LIMIT)
			continue;
		while (seen[k].n > 0 &&
		    (seen[k].line != render.line ||
			seen[k].column != render.column))
			k++;
		seen[k].line = render.line;
		seen[k].column = render.column;
		if (++seen[k].n > seen[best].n)
			best = k;
	}
	return tl_at_line(seen[best].line, seen[best].column);
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	const uint64_t *s = p->steps;
	struct tl_report *r;

	if (!p->is_usable)
		return;
	if (s[0] > 0 && s[1] > s[0] && s[2] > s[1]) {
		struct curve c = fit(s);

		if (c.square * HARMLESS_ROUNDS <= c.linear)
			return;
		r = tl_report(cx, busiest_place(cx, t, p),
		    "the work grows with the square of the turns: %ju steps "
		    "for 8 rounds, %ju for 16",
		    (uintmax_t)s[1], (uintmax_t)s[2]);
		tl_report_note(r, "a conversation of %u rounds takes about %ju",
		    LONG_ROUNDS, (uintmax_t)value_at(&c, LONG_ROUNDS));
		return;
	}
	if (s[0] == 0 || s[2] > 0 ||
	    long_probe(cx, t, p)->render.fault != TL_RENDER_LIMIT)
		return;
	tl_report(cx, busiest_place(cx, t, p),
	    "a conversation of %d rounds is too much for it: the limit of "
	    "steps is reached",
	    ROUNDS);
}

const struct tl_rule tl_rule_expensive_render = {
	.code = "TPL036",
	.name = "expensive-render",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the work of rendering grows with the square of the turns",
	.why = "Preprocessing stalls on long conversations, and so does a "
	       "server on each of their turns.",
	.fix = "Find out what is asked of all messages once, before the loop, "
	       "and keep it in a namespace.",
	.bad = TL_LIT(TL_EXAMPLE_TOOLS "{%- for m in messages -%}\n"
				       "{%- set ns = namespace(users=0) -%}\n"
				       "{%- for other in messages -%}\n"
				       "{%- if other.role == 'user' -%}\n"
				       "{%- set ns.users = ns.users + 1 -%}\n"
				       "{%- endif -%}\n"
				       "{%- endfor -%}\n"
				       "{%- endfor -%}\n" TL_EXAMPLE_TURNS),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.check_template = check_template,
};
