/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/buf.h>
#include <turnlint/example.h>
#include <turnlint/rule.h>

#include <stdint.h>

/* Steps grow n to n² when twice the rounds take four times the steps; between
 * two (a line) and that the line is crossed at: */
#define MAX_GROWTH 3u
#define ROUNDS 16
#define LONG_ROUNDS 200u

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

/* Through the steps of 4, 8 and 16 rounds goes a·n² + b·n + c. */
static uint64_t
extrapolate(const uint64_t s[3])
{
	double d1 = (double)(s[1] - s[0]), d2 = (double)(s[2] - s[1]);
	double a = (d2 - 2 * d1) / 96, b = (d1 - 48 * a) / 4;
	double c = (double)s[0] - 16 * a - 4 * b;
	double n = LONG_ROUNDS;

	return (uint64_t)(a * n * n + b * n + c);
}

/* The last loop over all messages, when there are several. */
static struct tl_place
place_of_loop(const struct tl_survey *s)
{
	struct tl_place at = tl_at_line(0, 0);
	size_t n = 0;

	for (size_t i = 0; i + 1 < s->nmentions; i++) {
		const struct tl_mention *m = &s->mentions[i];

		if (m->kind != TL_MENTION_TAG ||
		    !tl_str_eq(m->name, TL_STR("for")) ||
		    !tl_str_eq(m[1].name, TL_STR("messages")))
			continue;
		if (n++ > 0)
			at = tl_at_line(m->line, m->column);
	}
	return at;
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
		if (s[2] - s[1] <= MAX_GROWTH * (s[1] - s[0]))
			return;
		r = tl_report(cx, place_of_loop(p->survey),
		    "the work grows with the square of the turns: %ju steps "
		    "for 8 rounds, %ju for 16",
		    (uintmax_t)s[1], (uintmax_t)s[2]);
		tl_report_note(r, "a conversation of %u rounds takes about %ju",
		    LONG_ROUNDS, (uintmax_t)extrapolate(s));
		return;
	}
	if (s[0] == 0 || s[2] > 0 ||
	    long_probe(cx, t, p)->render.fault != TL_RENDER_LIMIT)
		return;
	tl_report(cx, place_of_loop(p->survey),
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
