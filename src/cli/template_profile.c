/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint template profile: what a template does. */
#include "cli/template.h"

#include <inttypes.h>

#include <turnlint/map.h>
#include <turnlint/profile.h>
#include <turnlint/untemplate.h>

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

/* The facts by what they are about. */
static const struct {
	const char *title;
	enum tl_profile_fact first, last;
} groups[] = {
	{ "roles", TL_PF_SYSTEM, TL_PF_UNKNOWN_ROLE },
	{ "tools", TL_PF_TOOLS, TL_PF_RESULT_BARE },
	{ "reasoning", TL_PF_REASONING, TL_PF_THINK_HISTORY },
	{ "contents", TL_PF_NAME, TL_PF_LIST_RESULT },
};

/* --- for people ----------------------------------------------------------- */

struct table {
	struct tl_buf *b;
	const struct tl_profile *p;
	bool use_colour;
	struct tl_map notes; /* message -> line of the template */
};

static void
title(const struct table *t, const char *text)
{
	tl_buf_printf(t->b, "  %s%s%s\n", t->use_colour ? "\033[1m" : "", text,
	    t->use_colour ? "\033[0m" : "");
}

static void
row(struct tl_buf *b, const char *label)
{
	size_t len = strlen(label);

	tl_buf_printf(b, "    %s", label);
	tl_buf_pad(b, ' ', len < LABEL ? LABEL - len + 1 : 1);
}

static void
put_yes(struct tl_buf *b, const char *label, bool is_so)
{
	row(b, label);
	tl_buf_puts(b, is_so ? "yes\n" : "no\n");
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

/* What a fate's name leaves open. */
static const char *
remark(const struct tl_profile *p, enum tl_profile_fact f)
{
	enum tl_fate fate = p->facts[f].fate;

	if (f == TL_PF_SYSTEM && p->is_system_merged)
		return ", inside the user's turn";
	if (f == TL_PF_SYSTEM && p->is_system_last_only)
		return ", unless a user has the last word";
	if (fate == TL_FATE_KEPT &&
	    ((f == TL_PF_USER_TWICE && p->merges_users) ||
		(f == TL_PF_ASSISTANT_TWICE && p->merges_assistants)))
		return ", in the turn of the first";
	if (fate == TL_FATE_ALTERED && f == TL_PF_CONTENT_NULL &&
	    p->none_as_text.probe == p->facts[f].probe)
		return ", printed as a word";
	return "";
}

/* A message stands at the end of the table, once. */
static void
put_note(struct table *t, tl_str message, size_t line)
{
	bool is_new;
	struct tl_map_entry *e = tl_map_put(&t->notes, message, &is_new);

	if (is_new)
		e->num = line;
	tl_buf_printf(t->b, " [%zu]", (size_t)(e - t->notes.entries) + 1);
}

static void
put_notes(const struct table *t)
{
	if (t->notes.nentries > 0)
		title(t, "messages");
	for (size_t i = 0; i < t->notes.nentries; i++) {
		const struct tl_map_entry *e = &t->notes.entries[i];

		tl_buf_printf(t->b, "    [%zu] ", i + 1);
		tl_buf_put_escaped(t->b, e->key);
		tl_buf_printf(t->b, " (line %zu)\n", e->num);
	}
}

static void
put_fact(struct table *t, enum tl_profile_fact f)
{
	const struct tl_fact *fact = &t->p->facts[f];

	row(t->b, tl_profile_fact_name(f));
	tl_buf_printf(t->b, "%s%s", tl_fate_name(fact->fate), remark(t->p, f));
	if (fact->probe != NULL && fact->probe->render.fault != TL_RENDER_OK)
		put_note(
		    t, fact->probe->render.message, fact->probe->render.line);
	tl_buf_putc(t->b, '\n');
}

#define MAX_SHOWN 12u /* orders of a refusal */

static void
put_letters(struct tl_buf *b, const struct tl_probe *const *orders, size_t n)
{
	for (size_t i = 0; i < n && i < MAX_SHOWN; i++)
		tl_buf_printf(b, "%s%s", i > 0 ? " " : "", orders[i]->letters);
	tl_buf_puts(b, n > MAX_SHOWN ? " …" : "");
}

/* With tools: the orders with calls and results, as C and T. */
static void
put_tool_orders(struct tl_buf *b, const struct tl_profile *p, bool is_taken)
{
	bool is_first = true;

	row(b, is_taken ? "with tools, accepted" : "with tools, refused");
	for (size_t i = 0; i < p->norders; i++) {
		const struct tl_probe *o = p->orders[i];

		if (o->letters[0] != '!' || tl_probe_ok(o) != is_taken)
			continue;
		tl_buf_printf(b, "%s%s", is_first ? "" : " ", o->letters + 1);
		is_first = false;
	}
	tl_buf_puts(b, is_first ? "none\n" : "\n");
}

static void
put_orders(struct table *t)
{
	const struct tl_profile *p = t->p;
	struct tl_buf *b = t->b;

	title(t,
	    "orders of S(ystem), U(ser), A(ssistant), C(all), T(ool result)");
	row(b, "accepted");
	if (p->grammar.len > 0)
		tl_buf_put(b, p->grammar);
	else
		tl_buf_puts(b,
		    p->is_usable ? "no simple rule; see what is refused"
				 : "none");
	tl_buf_puts(b, p->has_system_anywhere ? ", with S anywhere\n" : "\n");
	for (size_t i = 0; i < p->nrefusals; i++) {
		const struct tl_refusal *r = &p->refusals[i];

		row(b, r->is_raised ? "refused" : "failing");
		put_letters(b, r->orders, r->norders);
		put_note(t, r->message, r->line);
		tl_buf_putc(b, '\n');
	}
	put_tool_orders(b, p, true);
	put_tool_orders(b, p, false);
}

static void
put_bos(struct tl_buf *b, const struct tl_profile *p)
{
	row(b, "BOS");
	if (p->nbos == 0)
		tl_buf_puts(b, "not printed");
	else if (p->nbos_later > 0)
		tl_buf_puts(b, "printed again with every round");
	else if (p->nbos > 1)
		tl_buf_printf(b, "printed %zu times", p->nbos);
	else
		tl_buf_puts(b,
		    p->begins_with_bos ? "printed once, in front"
				       : "printed once, not in front");
	tl_buf_putc(b, '\n');
}

static void
put_turns(const struct table *t)
{
	const struct tl_profile *p = t->p;
	struct tl_buf *b = t->b;

	title(t, "turns");
	if (p->needs_tools)
		put_yes(b, "renders only with tools", true);
	row(b, "content that is a string");
	tl_buf_puts(
	    b, p->takes_lists_only ? "lost: lists of parts only\n" : "taken\n");
	row(b, "default system prompt");
	put_quoted(b, p->default_system);
	row(b, "end of an assistant's turn");
	put_quoted(b, p->stop);
	row(b, "  printed");
	tl_buf_printf(b, "%s\n", stop_place_name(p->stop_place));
	put_bos(b, p);
	row(b, "EOS in a round");
	tl_buf_printf(b, "%zu\n", p->neos);
	row(b, "generation prompt");
	put_quoted(b, p->prompt);
	if (!tl_str_eq(p->prompt, p->prompt_after_answer)) {
		row(b, "  behind an answer");
		put_quoted(b, p->prompt_after_answer);
	}
	put_yes(b, "a last answer can be continued", p->can_continue);
	row(b, "{% generation %} spans");
	tl_buf_printf(b, "%s\n", spans_of(p));
	for (size_t i = 0; i < TL_COUNT(flags); i++)
		put_yes(b, flags[i].label, flag_of(p, i));
	put_yes(
	    b, "thoughts of earlier turns dropped", p->hides_history_thoughts);
	row(b, "steps of 4, 8, 16 rounds");
	tl_buf_printf(b, "%" PRIu64 " %" PRIu64 " %" PRIu64 " (%s)\n",
	    p->steps[0], p->steps[1], p->steps[2], tl_growth_name(p->growth));
}

static const char *
use_name(enum tl_mention_use use)
{
	switch (use) {
	case TL_USE_PLAIN:
		break;
	case TL_USE_TRUTH:
		return "asked whether it is true";
	case TL_USE_DEFINED:
	case TL_USE_GUARDED:
		return "asked whether it is defined";
	}
	return "used as if it were there";
}

static void
put_variables(const struct table *t)
{
	const struct tl_profile *p = t->p;
	struct tl_buf *b = t->b;

	if (p->nvariables > 0)
		title(t, "variables that only some callers pass");
	for (size_t i = 0; i < p->nvariables; i++) {
		const struct tl_profile_variable *v = &p->variables[i];

		row(b, tl_arena_cstr(b->arena, v->first->name));
		tl_buf_printf(
		    b, "line %zu, %s", v->first->line, use_name(v->first->use));
		if (v->is_needed)
			tl_buf_puts(b, "; nothing renders without it");
		else if (v->differs_with != NULL)
			tl_buf_printf(
			    b, "; %s changes the text", v->differs_with);
		tl_buf_putc(b, '\n');
	}
}

static const char *
readback_name(enum tl_readback r)
{
	switch (r) {
	case TL_READ_NO:
		break;
	case TL_READ_MERGED:
		return "merged";
	case TL_READ_YES:
		return "yes";
	}
	return "no";
}

/* What of a conversation can be read back from its text. */
static const struct {
	const char *label, *key;
	size_t offset;
} readables[] = {
	{ "system prompt", "system", offsetof(struct tl_readable, system) },
	{ "reasoning", "reasoning", offsetof(struct tl_readable, reasoning) },
	{ "tools", "tools", offsetof(struct tl_readable, tools) },
	{ "tool calls", "calls", offsetof(struct tl_readable, calls) },
	{ "results", "results", offsetof(struct tl_readable, results) },
};

static enum tl_readback
readable_at(const struct tl_readable *r, size_t i)
{
	const enum tl_readback *v =
	    (const void *)((const char *)r + readables[i].offset);

	return *v;
}

static void
put_readable(struct table *t, const struct tl_readable *r)
{
	title(t, "text back into turns");
	put_yes(t->b, "user and assistant", r->turns);
	for (size_t i = 0; i < TL_COUNT(readables); i++) {
		enum tl_readback how = readable_at(r, i);

		row(t->b, readables[i].label);
		tl_buf_puts(t->b,
		    how == TL_READ_MERGED ? "no: it runs into the user's words"
					  : readback_name(how));
		tl_buf_putc(t->b, '\n');
	}
	put_yes(t->b, "a marker ends the last answer", r->end);
}

static void
put_table(struct tl_cli *cli, tl_str name, const struct tl_profile *p,
    const struct tl_readable *r)
{
	struct table t = { &cli->out, p, cli->use_colour, { 0 } };

	tl_map_init(&t.notes, cli->arena);
	tl_buf_puts(t.b, cli->use_colour ? "\033[1m" : "");
	tl_buf_put_escaped(t.b, name);
	tl_buf_puts(t.b, cli->use_colour ? "\033[0m\n" : "\n");
	for (size_t i = 0; i < TL_COUNT(groups); i++) {
		title(&t, groups[i].title);
		for (int f = (int)groups[i].first; f <= (int)groups[i].last;
		     f++)
			put_fact(&t, (enum tl_profile_fact)f);
	}
	put_orders(&t);
	if (p->is_usable)
		put_turns(&t);
	put_readable(&t, r);
	put_variables(&t);
	put_notes(&t);
}

/* --- for programs --------------------------------------------------------- */

static void
put_key(struct tl_buf *b, const char *key)
{
	tl_buf_printf(b, ",\"%s\":", key);
}

static void
put_string(struct tl_buf *b, const char *key, tl_str value)
{
	put_key(b, key);
	if (value.len > 0)
		tl_json_put_string(b, value);
	else
		tl_buf_puts(b, "null");
}

static void
put_bool(struct tl_buf *b, const char *key, bool value)
{
	put_key(b, key);
	tl_buf_puts(b, value ? "true" : "false");
}

static void
put_number(struct tl_buf *b, const char *key, size_t value)
{
	put_key(b, key);
	tl_buf_printf(b, "%zu", value);
}

static void
put_json_facts(struct tl_buf *b, const struct tl_profile *p)
{
	tl_buf_puts(b, ",\"facts\":{");
	for (int i = 0; i < TL_PF_COUNT; i++) {
		enum tl_profile_fact f = (enum tl_profile_fact)i;
		const struct tl_fact *fact = &p->facts[f];

		tl_buf_printf(b, "%s\"%s\":{\"fate\":\"%s\"", i > 0 ? "," : "",
		    tl_profile_fact_key(f), tl_fate_name(fact->fate));
		if (fact->probe != NULL &&
		    fact->probe->render.fault != TL_RENDER_OK) {
			put_string(b, "message", fact->probe->render.message);
			put_number(b, "line", fact->probe->render.line);
		}
		tl_buf_putc(b, '}');
	}
	tl_buf_putc(b, '}');
}

static void
put_json_refusals(struct tl_buf *b, const struct tl_profile *p)
{
	tl_buf_puts(b, ",\"refusals\":[");
	for (size_t i = 0; i < p->nrefusals; i++) {
		const struct tl_refusal *r = &p->refusals[i];

		tl_buf_printf(b, "%s{\"raised\":%s", i > 0 ? "," : "",
		    r->is_raised ? "true" : "false");
		put_string(b, "message", r->message);
		put_number(b, "line", r->line);
		put_number(b, "column", r->column);
		tl_buf_puts(b, ",\"orders\":[");
		for (size_t k = 0; k < r->norders; k++)
			tl_buf_printf(b, "%s\"%s\"", k > 0 ? "," : "",
			    r->orders[k]->letters);
		tl_buf_puts(b, "]}");
	}
	tl_buf_putc(b, ']');
}

static void
put_json_orders(struct tl_buf *b, const struct tl_profile *p)
{
	put_string(b, "grammar", p->grammar);
	put_bool(b, "system_anywhere", p->has_system_anywhere);
	tl_buf_puts(b, ",\"orders\":{");
	for (size_t i = 0; i < p->norders; i++) {
		const struct tl_probe *o = p->orders[i];

		tl_buf_printf(b, "%s\"%s\":%s", i > 0 ? "," : "",
		    o->letters + (o->letters[0] == '!'),
		    tl_probe_ok(o) ? "true" : "false");
	}
	tl_buf_putc(b, '}');
	put_json_refusals(b, p);
}

static void
put_json_turns(struct tl_buf *b, const struct tl_profile *p)
{
	put_bool(b, "needs_tools", p->needs_tools);
	put_bool(b, "takes_lists_only", p->takes_lists_only);
	put_bool(b, "system_merged", p->is_system_merged);
	put_bool(b, "system_last_only", p->is_system_last_only);
	put_string(b, "default_system", p->default_system);
	put_bool(b, "default_system_added", p->adds_default_system);
	put_bool(b, "users_merged", p->merges_users);
	put_bool(b, "assistants_merged", p->merges_assistants);
	put_string(b, "stop", p->stop);
	put_string(
	    b, "stop_printed", tl_str_from(stop_place_name(p->stop_place)));
	put_number(b, "bos", p->nbos);
	put_number(b, "bos_each_later_round", p->nbos_later);
	put_bool(b, "bos_in_front", p->begins_with_bos);
	put_number(b, "eos", p->neos);
	put_string(b, "generation_prompt", p->prompt);
	put_string(b, "generation_prompt_after_answer", p->prompt_after_answer);
	put_bool(b, "can_continue_final_message", p->can_continue);
	put_string(b, "generation_spans", tl_str_from(spans_of(p)));
	for (size_t i = 0; i < TL_COUNT(flags); i++)
		put_bool(b, flags[i].key, flag_of(p, i));
	put_bool(b, "hides_history_thoughts", p->hides_history_thoughts);
	tl_buf_printf(b, ",\"steps\":[%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]",
	    p->steps[0], p->steps[1], p->steps[2]);
	put_string(b, "growth", tl_str_from(tl_growth_name(p->growth)));
}

static void
put_json_variables(struct tl_buf *b, const struct tl_profile *p)
{
	tl_buf_puts(b, ",\"variables\":[");
	for (size_t i = 0; i < p->nvariables; i++) {
		const struct tl_profile_variable *v = &p->variables[i];

		tl_buf_puts(b, i > 0 ? ",{\"name\":" : "{\"name\":");
		tl_json_put_string(b, v->first->name);
		put_number(b, "line", v->first->line);
		put_number(b, "column", v->first->column);
		put_bool(b, "guarded", v->first->use >= TL_USE_DEFINED);
		put_bool(b, "needed", v->is_needed);
		put_key(b, "changes_text_when");
		tl_buf_printf(b, "%s}",
		    v->differs_with != NULL ? v->differs_with : "null");
	}
	tl_buf_putc(b, ']');
}

static void
put_json_readable(struct tl_buf *b, const struct tl_readable *r)
{
	put_key(b, "read_back");
	tl_buf_printf(b, "{\"turns\":%s,\"end\":%s",
	    r->turns ? "true" : "false", r->end ? "true" : "false");
	for (size_t i = 0; i < TL_COUNT(readables); i++)
		tl_buf_printf(b, ",\"%s\":\"%s\"", readables[i].key,
		    readback_name(readable_at(r, i)));
	tl_buf_putc(b, '}');
}

static void
put_json(struct tl_buf *b, tl_str name, const struct tl_profile *p,
    const struct tl_readable *r)
{
	tl_buf_puts(b, "{\"name\":");
	tl_json_put_string(b, name);
	put_bool(b, "usable", p->is_usable);
	put_json_facts(b, p);
	put_json_orders(b, p);
	if (p->is_usable)
		put_json_turns(b, p);
	put_json_readable(b, r);
	put_json_variables(b, p);
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
		struct tl_readable r;
		struct tl_special_tokens tokens;
		const struct tl_template *t =
		    tl_cli_template_open(cli, cli->args[i], &tokens);

		if (t == NULL) {
			status = TL_EXIT_FAILED;
			continue;
		}
		p = tl_profile_make(cli->arena, t, &tokens);
		if (p == NULL) {
			status = tl_cli_fail(cli,
			    "%s: a chat_template.json of PaddleNLP has no "
			    "profile; Jinja templates have one",
			    cli->args[i]);
			continue;
		}
		tl_readable_of(cli->arena, t, &p->tokens, &r);
		if (tl_cli_template_jsonl(cli)) {
			put_json(&cli->out, tl_template_name(t), p, &r);
			continue;
		}
		if (i > 1)
			tl_buf_putc(&cli->out, '\n');
		put_table(cli, tl_template_name(t), p, &r);
	}
	return status;
}
