/* SPDX-License-Identifier: Apache-2.0 */
/* What a template does with each part of a conversation. */
#include "template/profile.h"

const char *
tl_fate_name(enum tl_fate fate)
{
	switch (fate) {
	case TL_FATE_UNTRIED:
		return "untried";
	case TL_FATE_KEPT:
		return "kept";
	case TL_FATE_STRIPPED:
		return "stripped";
	case TL_FATE_ALTERED:
		return "altered";
	case TL_FATE_DROPPED:
		return "dropped";
	case TL_FATE_EMPTY:
		return "empty";
	case TL_FATE_RAISED:
		return "raised";
	case TL_FATE_FAILED:
		return "failed";
	}
	return "unknown";
}

static const struct {
	const char *key, *name;
} names[] = {
	[TL_PF_SYSTEM] = { "system", "system" },
	[TL_PF_SYSTEM_LATER] = { "system_later", "system behind a round" },
	[TL_PF_SYSTEM_SECOND] = { "system_second", "second system" },
	[TL_PF_DEVELOPER] = { "developer", "developer" },
	[TL_PF_USER] = { "user", "user" },
	[TL_PF_USER_TWICE] = { "user_twice", "second user in a row" },
	[TL_PF_ASSISTANT] = { "assistant", "assistant" },
	[TL_PF_ASSISTANT_TWICE] = { "assistant_twice",
	    "second assistant in a row" },
	[TL_PF_UNKNOWN_ROLE] = { "unknown_role", "unknown role" },
	[TL_PF_TOOLS] = { "tools", "tools" },
	[TL_PF_DOCUMENTS] = { "documents", "documents" },
	[TL_PF_CALL_OBJECT] = { "call_object",
	    "tool call, arguments an object" },
	[TL_PF_CALL_STRING] = { "call_string",
	    "tool call, arguments a string" },
	[TL_PF_CALL_PARALLEL] = { "call_parallel", "second call of a turn" },
	[TL_PF_CALL_ID] = { "call_id", "id of a call" },
	[TL_PF_CALL_CONTENT] = { "call_content", "content beside a call" },
	[TL_PF_CALL_NULL] = { "call_null", "call beside a null content" },
	[TL_PF_CALL_ABSENT] = { "call_absent", "call without content" },
	[TL_PF_RESULT] = { "result", "tool result" },
	[TL_PF_RESULT_ID] = { "result_id", "tool_call_id of a result" },
	[TL_PF_RESULT_NAME] = { "result_name", "name of a result" },
	[TL_PF_RESULT_BARE] = { "result_bare", "result without id and name" },
	[TL_PF_REASONING] = { "reasoning", "reasoning_content, last turn" },
	[TL_PF_REASONING_HISTORY] = { "reasoning_history",
	    "reasoning_content, earlier turn" },
	[TL_PF_THINKING] = { "thinking", "thinking, last turn" },
	[TL_PF_THINKING_HISTORY] = { "thinking_history",
	    "thinking, earlier turn" },
	[TL_PF_THINK] = { "think", "<think> in content, last turn" },
	[TL_PF_THINK_HISTORY] = { "think_history",
	    "<think> in content, earlier turn" },
	[TL_PF_NAME] = { "name", "name of a user" },
	[TL_PF_CONTENT_EMPTY] = { "content_empty", "answer that is \"\"" },
	[TL_PF_CONTENT_NULL] = { "content_null", "answer that is null" },
	[TL_PF_CONTENT_ABSENT] = { "content_absent", "answer without content" },
	[TL_PF_LIST_SYSTEM] = { "list_system", "list content of a system" },
	[TL_PF_LIST_USER] = { "list_user", "list content of a user" },
	[TL_PF_LIST_ASSISTANT] = { "list_assistant",
	    "list content of an assistant" },
	[TL_PF_LIST_RESULT] = { "list_result", "list content of a result" },
};

const char *
tl_profile_fact_name(enum tl_profile_fact f)
{
	return names[f].name;
}

const char *
tl_profile_fact_key(enum tl_profile_fact f)
{
	return names[f].key;
}

/* --- one fact ------------------------------------------------------------- */

static bool
arrives(enum tl_fate fate)
{
	return fate == TL_FATE_KEPT || fate == TL_FATE_STRIPPED ||
	    fate == TL_FATE_ALTERED;
}

static void
set_fact(struct prober *pr, enum tl_profile_fact which,
    const struct tl_probe *p, const struct tl_json *v)
{
	pr->p->facts[which].probe = p;
	pr->p->facts[which].fate = probe_fate(p, v);
	pr->values[which] = v;
}

/* The content of the n-th turn of that letter; of another conversation when
 * one fails because of its order and the other does not. */
static void
set_content(struct prober *pr, enum tl_profile_fact which, char letter,
    size_t nth, const char *first, const char *second)
{
	const struct tl_probe *p = probe(pr, first);

	if (!tl_probe_ok(p) && second != NULL && tl_probe_ok(probe(pr, second)))
		p = probe(pr, second);
	set_fact(pr, which, p, probe_content(p, probe_turn(p, letter, nth)));
}

/* A member of a turn, by pointer from the message. */
static void
set_member(struct prober *pr, enum tl_profile_fact which, char letter,
    const char *letters, const char *pointer)
{
	const struct tl_probe *p = probe_led(pr, letters);
	size_t turn = probe_turn(p, letter, 0);

	set_fact(pr, which, p,
	    tl_json_resolve(p->conv.turns[turn].node, tl_str_from(pointer)));
}

/* A list of text parts is kept when its text is there and nothing else of it:
 * not brackets, keys and quotes. */
static void
set_list(struct prober *pr, enum tl_profile_fact which, char letter,
    const char *letters)
{
	const struct tl_probe *p = probe_led(pr, letters);
	const struct tl_json *v =
	    p->conv.turns[probe_turn(p, letter, 0)].content_node;
	tl_span all, text;

	set_fact(pr, which, p, tl_json_resolve(v, TL_STR("/0/text")));
	if (pr->p->facts[which].fate == TL_FATE_KEPT &&
	    probe_reach(p, v, &all) &&
	    probe_reach(p, tl_json_resolve(v, TL_STR("/0/text")), &text) &&
	    (all.beg != text.beg || all.end != text.end))
		pr->p->facts[which].fate = TL_FATE_ALTERED;
}

/* Both the name of a called function and its argument must be there. */
static void
set_call(struct prober *pr, enum tl_profile_fact which, char letter,
    const char *pointer, const char *letters)
{
	struct tl_fact *f = &pr->p->facts[which];
	const struct tl_probe *p = probe_led(pr, letters);
	const struct tl_json *call = tl_json_resolve(
	    p->conv.turns[probe_turn(p, letter, 0)].node, tl_str_from(pointer));

	set_fact(pr, which, p, tl_json_get(call, "arguments"));
	if (f->fate == TL_FATE_KEPT &&
	    probe_fate(p, tl_json_get(call, "name")) == TL_FATE_DROPPED)
		f->fate = TL_FATE_DROPPED;
}

/* Some look at calls only where the content is null, as it is in what the API
 * of OpenAI gives: that is tried when nothing arrives beside "".  The call is
 * the second turn, behind the mark for tools. */
static void
set_call_or_null(struct prober *pr, enum tl_profile_fact which,
    const char *pointer, const char *beside_empty, const char *beside_null)
{
	struct tl_fact *f = &pr->p->facts[which];

	set_call(pr, which, beside_empty[2], pointer, beside_empty);
	if (arrives(f->fate))
		return;
	set_call(pr, which, beside_null[2], pointer, beside_null);
	if (!arrives(f->fate))
		set_call(pr, which, beside_empty[2], pointer, beside_empty);
}

/* The thought in a content, without its marks. */
static void
set_thought(struct prober *pr, enum tl_profile_fact which, const char *letters)
{
	const struct tl_probe *p = probe_led(pr, letters);
	const struct tl_json *v = probe_content(p, probe_turn(p, 'W', 0));
	size_t beg = tl_str_find(v->text, TL_STR("Thought"), 0);
	size_t end = tl_str_find(v->text, TL_STR("\n</think>"), 0);

	pr->p->facts[which].probe = p;
	pr->p->facts[which].fate = probe_part_fate(p, v, beg, end);
}

/* --- answers without words ------------------------------------------------ */

static bool
says_the_same(const struct tl_probe *a, const struct tl_probe *b)
{
	return tl_probe_ok(a) && tl_probe_ok(b) &&
	    tl_str_eq(a->render.text.str, b->render.text.str);
}

/* The text of a round whose answer's words are cut out. */
static bool
is_wordless(const struct tl_probe *p, const struct tl_probe *full)
{
	tl_str s = full->render.text.str, got = p->render.text.str;
	tl_span answer;

	return tl_probe_ok(full) &&
	    probe_reach(
		full, probe_content(full, probe_turn(full, 'A', 0)), &answer) &&
	    got.len == s.len - (answer.end - answer.beg) &&
	    tl_str_eq(tl_str_slice(got, 0, answer.beg),
		tl_str_slice(s, 0, answer.beg)) &&
	    tl_str_eq(tl_str_slice(got, answer.beg, got.len),
		tl_str_slice(s, answer.end, s.len));
}

static void
set_blank(struct prober *pr, enum tl_profile_fact which, const char *letters)
{
	struct tl_fact *f = &pr->p->facts[which];
	const struct tl_probe *p = probe_led(pr, letters);

	set_fact(pr, which, p, NULL);
	if (!tl_probe_ok(p))
		return;
	f->fate = TL_FATE_ALTERED;
	if (which == TL_PF_CONTENT_EMPTY
		? is_wordless(p, probe_led(pr, "UAU"))
		: says_the_same(p, probe_led(pr, "UeU")))
		f->fate = TL_FATE_EMPTY;
	else if (says_the_same(p, probe_led(pr, "UU")))
		f->fate = TL_FATE_DROPPED;
}

/* --- the proof and its place ---------------------------------------------- */

/* What a template mentions where it handles the part; later ones are tried
 * when it does not. */
static const struct {
	enum tl_profile_fact first, last;
	enum tl_mention_kind kind;
	const char *name;
} handlers[] = {
	{ TL_PF_SYSTEM, TL_PF_SYSTEM_SECOND, TL_MENTION_STRING, "system" },
	{ TL_PF_LIST_SYSTEM, TL_PF_LIST_SYSTEM, TL_MENTION_STRING, "system" },
	{ TL_PF_DEVELOPER, TL_PF_DEVELOPER, TL_MENTION_STRING, "developer" },
	{ TL_PF_DEVELOPER, TL_PF_DEVELOPER, TL_MENTION_STRING, "system" },
	{ TL_PF_TOOLS, TL_PF_TOOLS, TL_MENTION_VARIABLE, "tools" },
	{ TL_PF_DOCUMENTS, TL_PF_DOCUMENTS, TL_MENTION_VARIABLE, "documents" },
	{ TL_PF_CALL_OBJECT, TL_PF_CALL_ABSENT, TL_MENTION_ATTRIBUTE,
	    "tool_calls" },
	{ TL_PF_CALL_OBJECT, TL_PF_CALL_ABSENT, TL_MENTION_STRING,
	    "assistant" },
	{ TL_PF_RESULT, TL_PF_RESULT_BARE, TL_MENTION_STRING, "tool" },
	{ TL_PF_LIST_RESULT, TL_PF_LIST_RESULT, TL_MENTION_STRING, "tool" },
	{ TL_PF_REASONING, TL_PF_THINK_HISTORY, TL_MENTION_STRING,
	    "assistant" },
	{ TL_PF_ASSISTANT, TL_PF_ASSISTANT_TWICE, TL_MENTION_STRING,
	    "assistant" },
	{ TL_PF_USER, TL_PF_USER_TWICE, TL_MENTION_STRING, "user" },
};

/* The first role that is asked for; else the loop over messages. */
static const struct tl_mention *
loop_place(const struct tl_survey *s)
{
	const struct tl_mention *loop =
	    tl_survey_find(s, TL_MENTION_TAG, "for");
	const struct tl_mention *role =
	    tl_survey_find(s, TL_MENTION_ATTRIBUTE, "role");

	for (size_t i = 0; i + 1 < s->nmentions; i++) {
		const struct tl_mention *m = &s->mentions[i];

		if (m->kind == TL_MENTION_TAG &&
		    tl_str_eq(m->name, TL_STR("for")) &&
		    tl_str_find(m[1].name, TL_STR("messages"), 0) != TL_NPOS)
			return m;
	}
	return loop != NULL ? loop : role;
}

static void
place_dropped(struct prober *pr, enum tl_profile_fact which)
{
	const struct tl_survey *s = pr->p->survey;
	const struct tl_mention *m = NULL;

	for (size_t i = 0; m == NULL && i < TL_COUNT(handlers); i++)
		if (which >= handlers[i].first && which <= handlers[i].last)
			m = tl_survey_find(
			    s, handlers[i].kind, handlers[i].name);
	if (m == NULL)
		m = loop_place(s);
	if (m != NULL) {
		pr->p->facts[which].line = m->line;
		pr->p->facts[which].column = m->column;
	}
}

static bool
has_same_fate(struct prober *pr, const struct tl_probe *p,
    const struct tl_probe *smaller, void *ctx)
{
	const struct tl_json *v = ctx, *root = smaller->conv.messages->parent;

	(void)p;
	v = tl_json_resolve(root, tl_json_pointer(pr->arena, v));
	return v != NULL && tl_probe_ok(smaller) &&
	    probe_fate(smaller, v) == TL_FATE_DROPPED;
}

/* The smallest conversation that shows it, and where. */
static void
prove(struct prober *pr, enum tl_profile_fact which)
{
	struct tl_fact *f = &pr->p->facts[which];
	const struct tl_run *r = NULL;
	tl_span sp;

	switch (f->fate) {
	case TL_FATE_RAISED:
	case TL_FATE_FAILED:
		f->probe = probe_shrunk(pr, f->probe, probe_fails_so, NULL);
		f->line = f->probe->render.line;
		f->column = f->probe->render.column;
		return;
	case TL_FATE_DROPPED:
		/* What is dropped of the past needs a present. */
		if (which != TL_PF_REASONING_HISTORY &&
		    which != TL_PF_THINKING_HISTORY &&
		    which != TL_PF_THINK_HISTORY && pr->values[which] != NULL)
			f->probe = probe_shrunk(pr, f->probe, has_same_fate,
			    (void *)(uintptr_t)pr->values[which]);
		place_dropped(pr, which);
		return;
	default:
		if (pr->values[which] != NULL &&
		    probe_reach(f->probe, pr->values[which], &sp))
			r = tl_text_run_at(&f->probe->render.text, sp.beg);
		if (r != NULL) {
			f->line = r->line;
			f->column = r->column;
		}
	}
}

/* --- all facts ------------------------------------------------------------ */

static void
find_roles(struct prober *pr)
{
	const struct tl_probe *last = probe(pr, "SU");

	set_content(pr, TL_PF_SYSTEM, 'S', 0, "SUA", "SU");
	pr->p->is_system_last_only =
	    pr->p->facts[TL_PF_SYSTEM].fate == TL_FATE_DROPPED &&
	    probe_fate(last, probe_content(last, 0)) == TL_FATE_KEPT;
	set_content(pr, TL_PF_SYSTEM_LATER, 'S', 0, "UASUA", "UASU");
	set_content(pr, TL_PF_SYSTEM_SECOND, 'S', 1, "SSUA", "SSU");
	set_content(pr, TL_PF_DEVELOPER, 'D', 0, "DUA", "DU");
	set_content(pr, TL_PF_USER, 'U', 0, "UA", "SUA");
	set_content(pr, TL_PF_USER_TWICE, 'U', 1, "UUA", "SUUA");
	set_content(pr, TL_PF_ASSISTANT, 'A', 0, "UA", "SUA");
	set_content(pr, TL_PF_ASSISTANT_TWICE, 'A', 1, "UAA", "SUAA");
	set_content(pr, TL_PF_UNKNOWN_ROLE, 'X', 0, "UX", "SUX");
	set_member(pr, TL_PF_NAME, 'K', "KA", "/name");
}

static void
find_tools(struct prober *pr)
{
	static const char first[] = "/tool_calls/0/function";
	struct tl_fact *facts = pr->p->facts;
	bool as_string;

	set_fact(pr, TL_PF_TOOLS, probe_led(pr, "!UA"),
	    probe_led(pr, "!UA")->conv.tools);
	set_fact(pr, TL_PF_DOCUMENTS, probe_led(pr, "#UA"),
	    probe_led(pr, "#UA")->conv.documents);
	set_call_or_null(pr, TL_PF_CALL_OBJECT, first, "!UCTA", "!UNTA");
	set_call_or_null(pr, TL_PF_CALL_STRING, first, "!UcTA", "!UOTA");
	as_string = !arrives(facts[TL_PF_CALL_OBJECT].fate) &&
	    arrives(facts[TL_PF_CALL_STRING].fate);
	set_call_or_null(pr, TL_PF_CALL_PARALLEL, "/tool_calls/1/function",
	    as_string ? "!UpTrA" : "!UPTrA", as_string ? "!UqTrA" : "!UQTrA");
	set_call(pr, TL_PF_CALL_NULL, as_string ? 'O' : 'N', first,
	    as_string ? "!UOTA" : "!UNTA");
	set_call(pr, TL_PF_CALL_ABSENT, as_string ? 'L' : 'M', first,
	    as_string ? "!ULTA" : "!UMTA");
	set_member(pr, TL_PF_CALL_ID, as_string ? 'c' : 'C',
	    as_string ? "!UcTA" : "!UCTA", "/tool_calls/0/id");
	set_content(pr, TL_PF_CALL_CONTENT, as_string ? 'b' : 'B', 0,
	    as_string ? "!UbTA" : "!UBTA", as_string ? "!SUbTA" : "!SUBTA");
	set_content(pr, TL_PF_RESULT, 'T', 0, as_string ? "!UcTA" : "!UCTA",
	    as_string ? "!UOTA" : "!UNTA");
	set_member(pr, TL_PF_RESULT_ID, 'T', as_string ? "!UcTA" : "!UCTA",
	    "/tool_call_id");
	set_member(
	    pr, TL_PF_RESULT_NAME, 'T', as_string ? "!UcTA" : "!UCTA", "/name");
	set_content(pr, TL_PF_RESULT_BARE, 't', 0,
	    as_string ? "!UctA" : "!UCtA", as_string ? "!SUctA" : "!SUCtA");
}

static void
find_thoughts(struct prober *pr)
{
	static const struct {
		enum tl_profile_fact last, earlier;
	} pairs[] = {
		{ TL_PF_REASONING, TL_PF_REASONING_HISTORY },
		{ TL_PF_THINKING, TL_PF_THINKING_HISTORY },
		{ TL_PF_THINK, TL_PF_THINK_HISTORY },
	};
	const struct tl_fact *f = pr->p->facts;

	set_member(pr, TL_PF_REASONING, 'R', "UR", "/reasoning_content");
	set_member(
	    pr, TL_PF_REASONING_HISTORY, 'R', "URUR", "/reasoning_content");
	set_member(pr, TL_PF_THINKING, 'H', "UH", "/thinking");
	set_member(pr, TL_PF_THINKING_HISTORY, 'H', "UHUH", "/thinking");
	set_thought(pr, TL_PF_THINK, "UW");
	set_thought(pr, TL_PF_THINK_HISTORY, "UWUW");
	for (size_t i = 0; i < TL_COUNT(pairs); i++)
		if (arrives(f[pairs[i].last].fate) &&
		    f[pairs[i].earlier].fate == TL_FATE_DROPPED)
			pr->p->hides_history_thoughts = true;
}

void
profile_facts(struct prober *pr)
{
	find_roles(pr);
	find_tools(pr);
	find_thoughts(pr);
	set_blank(pr, TL_PF_CONTENT_EMPTY, "UeU");
	set_blank(pr, TL_PF_CONTENT_NULL, "UnU");
	set_blank(pr, TL_PF_CONTENT_ABSENT, "UoU");
	set_list(pr, TL_PF_LIST_SYSTEM, 'j', "jUA");
	set_list(pr, TL_PF_LIST_USER, 'l', "lA");
	set_list(pr, TL_PF_LIST_ASSISTANT, 'm', "Um");
	set_list(pr, TL_PF_LIST_RESULT, 'i', "!UCiA");
	for (int f = 0; f < TL_PF_COUNT; f++)
		prove(pr, (enum tl_profile_fact)f);
}
