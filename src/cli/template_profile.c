/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint template profile: what a template does. */
#include "cli/template.h"

#include <inttypes.h>

#include <turnlint/profile.h>

#define LABEL 34 /* cells of the left column */

static const char *
stop_place_name(enum tl_stop_place place)
{
	switch (place) {
	case TL_STOP_UNKNOWN:
		break;
	case TL_STOP_NONE:
		return "none";
	case TL_STOP_WITH_TURN:
		return "with the turn";
	case TL_STOP_IN_NEXT:
		return "with the next turn";
	}
	return "unknown";
}

/* The facts that are a yes or a no. */
static const struct {
	const char *label, *key;
	bool is_negated; /* the proof is of the contrary */
	size_t offset;
} flags[] = {
	{ "earlier text stays as turns come", "prefix_preserving", true,
	    offsetof(struct tl_profile, not_prefix) },
	{ "generation prompt begins the turn", "generation_prompt_consistent",
	    true, offsetof(struct tl_profile, prompt_not_prefix) },
	{ "depends on the day", "date_dependent", false,
	    offsetof(struct tl_profile, clock) },
	{ "depends on chance", "random", false,
	    offsetof(struct tl_profile, random) },
};

static bool
flag_of(const struct tl_profile *p, size_t i)
{
	const struct tl_proof *proof =
	    (const void *)((const char *)p + flags[i].offset);

	return (proof->probe != NULL) != flags[i].is_negated;
}

static const char *
spans_of(const struct tl_profile *p)
{
	if (!p->has_generation_spans)
		return "none";
	return p->bad_generation.probe != NULL ? "wrong" : "right";
}

/* --- for people ----------------------------------------------------------- */

static void
row(struct tl_buf *b, const char *label)
{
	size_t len = strlen(label);

	tl_buf_printf(b, "  %s", label);
	tl_buf_pad(b, ' ', len < LABEL ? LABEL - len + 2 : 2);
}

static void
put_quoted(struct tl_buf *b, tl_str s)
{
	if (s.len == 0) {
		tl_buf_puts(b, "none\n");
		return;
	}
	tl_buf_putc(b, '"');
	tl_buf_put_escaped(b, s);
	tl_buf_puts(b, "\"\n");
}

static void
put_fact(struct tl_buf *b, const struct tl_profile *p, enum tl_profile_fact f)
{
	const struct tl_fact *fact = &p->facts[f];

	row(b, tl_profile_fact_name(f));
	tl_buf_puts(b, tl_fate_name(fact->fate));
	if (f == TL_PF_SYSTEM && p->is_system_merged)
		tl_buf_puts(b, ", inside the user's turn");
	if (fact->probe != NULL && fact->probe->render.fault != TL_RENDER_OK) {
		tl_buf_puts(b, ": ");
		tl_buf_put_escaped(b, fact->probe->render.message);
	}
	tl_buf_putc(b, '\n');
}

static void
put_orders(struct tl_buf *b, const struct tl_profile *p, bool is_accepted)
{
	bool is_first = true;

	row(b,
	    is_accepted ? "role orders that render"
			: "role orders that do not");
	for (size_t i = 0; i < p->norders; i++) {
		const struct tl_probe *o = p->orders[i];
		const char *letters = o->letters;

		if (tl_probe_ok(o) != is_accepted)
			continue;
		tl_buf_printf(b, "%s%s", is_first ? "" : " ",
		    letters[0] == '!' ? letters + 1 : letters);
		is_first = false;
	}
	tl_buf_puts(b, is_first ? "none\n" : "\n");
}

static void
put_table(struct tl_cli *cli, tl_str name, const struct tl_profile *p)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b, cli->use_colour ? "\033[1m" : "");
	tl_buf_put_escaped(b, name);
	tl_buf_puts(b, cli->use_colour ? "\033[0m\n" : "\n");
	for (int f = 0; f < TL_PF_COUNT; f++)
		put_fact(b, p, (enum tl_profile_fact)f);
	put_orders(b, p, true);
	put_orders(b, p, false);
	if (!p->is_usable)
		return;
	row(b, "content that is a string");
	tl_buf_puts(
	    b, p->takes_lists_only ? "lost: lists of parts only\n" : "taken\n");
	row(b, "default system prompt");
	put_quoted(b, p->default_system);
	row(b, "end of an assistant's turn");
	put_quoted(b, p->stop);
	row(b, "  printed");
	tl_buf_printf(b, "%s\n", stop_place_name(p->stop_place));
	row(b, "BOS tokens");
	tl_buf_printf(b, "%zu\n", p->nbos);
	row(b, "generation prompt");
	put_quoted(b, p->prompt);
	row(b, "steps of 4, 8, 16 rounds");
	tl_buf_printf(b, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", p->steps[0],
	    p->steps[1], p->steps[2]);
	row(b, "{% generation %} spans");
	tl_buf_printf(b, "%s\n", spans_of(p));
	for (size_t i = 0; i < TL_COUNT(flags); i++) {
		row(b, flags[i].label);
		tl_buf_puts(b, flag_of(p, i) ? "yes\n" : "no\n");
	}
}

/* --- for programs --------------------------------------------------------- */

static void
put_member(struct tl_buf *b, const char *key, tl_str value)
{
	tl_buf_printf(b, ",\"%s\":", key);
	if (value.len > 0)
		tl_json_put_string(b, value);
	else
		tl_buf_puts(b, "null");
}

/* "tool call, arguments an object" is no key. */
static void
put_key(struct tl_buf *b, const char *name)
{
	tl_buf_putc(b, '"');
	for (; *name != '\0'; name++)
		if (*name == ' ')
			tl_buf_putc(b, '_');
		else if (*name != ',')
			tl_buf_putc(b, *name);
	tl_buf_puts(b, "\":");
}

static void
put_json(struct tl_buf *b, tl_str name, const struct tl_profile *p)
{
	tl_buf_puts(b, "{\"name\":");
	tl_json_put_string(b, name);
	tl_buf_printf(
	    b, ",\"usable\":%s,\"facts\":{", p->is_usable ? "true" : "false");
	for (int f = 0; f < TL_PF_COUNT; f++) {
		if (f > 0)
			tl_buf_putc(b, ',');
		put_key(b, tl_profile_fact_name((enum tl_profile_fact)f));
		tl_buf_printf(b, "\"%s\"", tl_fate_name(p->facts[f].fate));
	}
	tl_buf_puts(b, "},\"orders\":{");
	for (size_t i = 0; i < p->norders; i++) {
		const struct tl_probe *o = p->orders[i];

		tl_buf_printf(b, "%s\"%s\":%s", i > 0 ? "," : "",
		    o->letters + (o->letters[0] == '!'),
		    tl_probe_ok(o) ? "true" : "false");
	}
	tl_buf_putc(b, '}');
	if (p->is_usable) {
		tl_buf_printf(b, ",\"takes_lists_only\":%s",
		    p->takes_lists_only ? "true" : "false");
		tl_buf_printf(b, ",\"system_merged\":%s,\"bos\":%zu",
		    p->is_system_merged ? "true" : "false", p->nbos);
		put_member(b, "default_system", p->default_system);
		put_member(b, "stop", p->stop);
		put_member(b, "stop_printed",
		    tl_str_from(stop_place_name(p->stop_place)));
		put_member(b, "generation_prompt", p->prompt);
		tl_buf_printf(b,
		    ",\"steps\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]",
		    p->steps[0], p->steps[1], p->steps[2]);
		put_member(b, "generation_spans", tl_str_from(spans_of(p)));
		for (size_t i = 0; i < TL_COUNT(flags); i++)
			tl_buf_printf(b, ",\"%s\":%s", flags[i].key,
			    flag_of(p, i) ? "true" : "false");
	}
	tl_buf_puts(b, "}\n");
}

int
tl_cli_template_profile(struct tl_cli *cli)
{
	int status = TL_EXIT_CLEAN;

	if (cli->nargs < 2)
		return tl_cli_fail(cli,
		    "profile which template? Name one of 'turnlint template "
		    "list', or a file");
	for (size_t i = 1; i < cli->nargs; i++) {
		const struct tl_profile *p;
		struct tl_template *t;
		struct tl_error err;

		if (tl_template_load(cli->arena, cli->args[i], &t, &err) !=
		    TL_OK) {
			status = tl_cli_fail_error(cli, cli->args[i], &err);
			continue;
		}
		p = tl_profile_make(cli->arena, t, NULL);
		if (p == NULL) {
			status = tl_cli_fail(cli,
			    "%s: a chat_template.json of PaddleNLP has no "
			    "profile; Jinja templates have one",
			    cli->args[i]);
			continue;
		}
		if (tl_cli_template_jsonl(cli)) {
			put_json(&cli->out, tl_template_name(t), p);
			continue;
		}
		if (i > 1)
			tl_buf_putc(&cli->out, '\n');
		put_table(cli, tl_template_name(t), p);
	}
	return status;
}
