/* SPDX-License-Identifier: Apache-2.0 */
/* Two templates: which facts differ, what that costs, and which texts. */
#include <turnlint/template_diff.h>

#include "template/profile.h"

#include <turnlint/buf.h>

struct differ {
	struct tl_arena *arena;
	const struct tl_profile *a, *b;
	struct tl_fact_difference *facts;
	size_t nfacts, cap_facts;
};

static void
add(struct differ *d, const char *key, const char *title, tl_str a, tl_str b,
    const char *cost)
{
	if (d->nfacts == d->cap_facts) {
		size_t cap = d->cap_facts * 2 + 16;

		d->facts = tl_arena_grow(d->arena, d->facts,
		    d->cap_facts * sizeof(*d->facts), cap * sizeof(*d->facts),
		    _Alignof(struct tl_fact_difference));
		d->cap_facts = cap;
	}
	d->facts[d->nfacts++] =
	    (struct tl_fact_difference){ key, title, a, b, cost };
}

static tl_str
quoted(struct differ *d, tl_str s)
{
	struct tl_buf b;

	if (s.len == 0)
		return TL_STR("none");
	tl_buf_init(&b, d->arena, 0);
	tl_buf_putc(&b, '"');
	tl_buf_put_escaped(&b, s);
	tl_buf_putc(&b, '"');
	return tl_buf_str(&b);
}

/* fmt with x for @ and y for #: which template it is, what it is about. */
static const char *
cost(struct differ *d, const char *fmt, const char *x, const char *y)
{
	struct tl_buf b;

	tl_buf_init(&b, d->arena, 0);
	for (; *fmt != '\0'; fmt++) {
		if (*fmt == '@')
			tl_buf_puts(&b, x);
		else if (*fmt == '#')
			tl_buf_puts(&b, y);
		else
			tl_buf_putc(&b, *fmt);
	}
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

/* --- what becomes of the parts -------------------------------------------- */

/* What each fact is about, in a sentence. */
static const char *const nouns[] = {
	[TL_PF_SYSTEM] = "a system message",
	[TL_PF_SYSTEM_LATER] = "a system message behind a round",
	[TL_PF_SYSTEM_SECOND] = "a second system message",
	[TL_PF_DEVELOPER] = "a developer message",
	[TL_PF_USER] = "a user's message",
	[TL_PF_USER_TWICE] = "a second user message in a row",
	[TL_PF_ASSISTANT] = "an answer",
	[TL_PF_ASSISTANT_TWICE] = "a second answer in a row",
	[TL_PF_UNKNOWN_ROLE] = "a message of an unknown role",
	[TL_PF_TOOLS] = "the list of tools",
	[TL_PF_DOCUMENTS] = "documents",
	[TL_PF_CALL_OBJECT] = "a tool call whose arguments are an object",
	[TL_PF_CALL_STRING] = "a tool call whose arguments are a string",
	[TL_PF_CALL_PARALLEL] = "the second call of a turn",
	[TL_PF_CALL_ID] = "the id of a call",
	[TL_PF_CALL_CONTENT] = "what is said beside a call",
	[TL_PF_CALL_NULL] = "a call beside a null content",
	[TL_PF_CALL_ABSENT] = "a call without content",
	[TL_PF_RESULT] = "a tool's result",
	[TL_PF_RESULT_ID] = "the tool_call_id of a result",
	[TL_PF_RESULT_NAME] = "the name of a result",
	[TL_PF_RESULT_BARE] = "a result without id and name",
	[TL_PF_REASONING] = "the reasoning_content of the last turn",
	[TL_PF_REASONING_HISTORY] = "the reasoning_content of earlier turns",
	[TL_PF_THINKING] = "the thinking of the last turn",
	[TL_PF_THINKING_HISTORY] = "the thinking of earlier turns",
	[TL_PF_THINK] = "the <think> block of the last turn",
	[TL_PF_THINK_HISTORY] = "the <think> block of earlier turns",
	[TL_PF_NAME] = "the name of a user",
	[TL_PF_CONTENT_EMPTY] = "an answer that is empty",
	[TL_PF_CONTENT_NULL] = "an answer that is null",
	[TL_PF_CONTENT_ABSENT] = "an answer without content",
	[TL_PF_LIST_SYSTEM] = "a system message that is a list of parts",
	[TL_PF_LIST_USER] = "a user's message that is a list of parts",
	[TL_PF_LIST_ASSISTANT] = "an answer that is a list of parts",
	[TL_PF_LIST_RESULT] = "a tool's result that is a list of parts",
};

static bool
renders(enum tl_fate fate)
{
	return fate != TL_FATE_RAISED && fate != TL_FATE_FAILED;
}

/* The worse of the two, as a sentence. */
static const char *
cost_of_fates(struct differ *d, enum tl_profile_fact f)
{
	enum tl_fate a = d->a->facts[f].fate, b = d->b->facts[f].fate;
	enum tl_fate worse = a > b ? a : b;
	const char *side = a > b ? "A" : "B";

	switch (worse) {
	case TL_FATE_RAISED:
	case TL_FATE_FAILED:
		if (!renders(a) && !renders(b))
			return "both refuse it, each in its way";
		return cost(d,
		    "records with # cannot be rendered with @: the trainer "
		    "drops them or stops",
		    side, nouns[f]);
	case TL_FATE_EMPTY:
		return cost(d, "only @ prints a turn for #", side, nouns[f]);
	case TL_FATE_DROPPED:
		return cost(
		    d, "@ drops #: the model never sees it", side, nouns[f]);
	case TL_FATE_ALTERED:
		return cost(d, "@ prints # in other words than the data has",
		    side, nouns[f]);
	case TL_FATE_STRIPPED:
		return cost(d, "@ strips white space from the ends of #", side,
		    nouns[f]);
	default:
		return "";
	}
}

static tl_str
fate_text(struct differ *d, const struct tl_profile *p, enum tl_profile_fact f)
{
	const struct tl_fact *fact = &p->facts[f];
	const char *name = tl_fate_name(fact->fate);

	if (f == TL_PF_SYSTEM && p->is_system_merged)
		name = "kept, inside the user's turn";
	if (f == TL_PF_SYSTEM && p->is_system_last_only)
		name = "dropped, unless a user has the last word";
	if (!renders(fact->fate))
		return tl_str_from(tl_arena_printf(d->arena, "%s: %s", name,
		    tl_arena_cstr(d->arena, fact->probe->render.message)));
	return tl_str_from(name);
}

/* A fact that follows from another one: it differs in the same way, or is not
 * to be seen where the other one fails. */
static const struct {
	enum tl_profile_fact fact, from;
} follows[] = {
	{ TL_PF_SYSTEM_LATER, TL_PF_SYSTEM },
	{ TL_PF_SYSTEM_SECOND, TL_PF_SYSTEM },
	{ TL_PF_LIST_SYSTEM, TL_PF_SYSTEM },
	{ TL_PF_CALL_STRING, TL_PF_CALL_OBJECT },
	{ TL_PF_CALL_PARALLEL, TL_PF_CALL_OBJECT },
	{ TL_PF_CALL_NULL, TL_PF_CALL_OBJECT },
	{ TL_PF_CALL_ABSENT, TL_PF_CALL_OBJECT },
	{ TL_PF_CALL_ID, TL_PF_CALL_OBJECT },
	{ TL_PF_CALL_CONTENT, TL_PF_CALL_OBJECT },
	{ TL_PF_RESULT, TL_PF_CALL_OBJECT },
	{ TL_PF_RESULT_ID, TL_PF_RESULT },
	{ TL_PF_RESULT_NAME, TL_PF_RESULT },
	{ TL_PF_CALL_ABSENT, TL_PF_CALL_NULL },
	{ TL_PF_RESULT_BARE, TL_PF_RESULT },
	{ TL_PF_LIST_RESULT, TL_PF_RESULT },
	{ TL_PF_LIST_ASSISTANT, TL_PF_LIST_USER },
	{ TL_PF_LIST_SYSTEM, TL_PF_LIST_USER },
	{ TL_PF_CONTENT_ABSENT, TL_PF_CONTENT_NULL },
};

static bool
is_implied(const struct differ *d, enum tl_profile_fact f)
{
	const struct tl_fact *a = d->a->facts, *b = d->b->facts;

	for (size_t i = 0; i < TL_COUNT(follows); i++)
		if (follows[i].fact == f) {
			const struct tl_fact *x = &a[follows[i].from];
			const struct tl_fact *y = &b[follows[i].from];

			if ((x->fate == a[f].fate && y->fate == b[f].fate) ||
			    (!renders(a[f].fate) && !renders(x->fate)) ||
			    (!renders(b[f].fate) && !renders(y->fate)))
				return true;
		}
	return false;
}

/* What the orders of roles say already. */
static bool
is_in_grammar(const struct differ *d, enum tl_profile_fact f)
{
	return (f == TL_PF_SYSTEM_LATER || f == TL_PF_SYSTEM_SECOND ||
		   f == TL_PF_USER_TWICE || f == TL_PF_ASSISTANT_TWICE) &&
	    (!renders(d->a->facts[f].fate) || !renders(d->b->facts[f].fate)) &&
	    !tl_str_eq(d->a->grammar, d->b->grammar);
}

static void
compare_fates(struct differ *d)
{
	for (int i = 0; i < TL_PF_COUNT; i++) {
		enum tl_profile_fact f = (enum tl_profile_fact)i;

		if (d->a->facts[f].fate != d->b->facts[f].fate &&
		    !is_implied(d, f) && !is_in_grammar(d, f))
			add(d, tl_profile_fact_key(f), tl_profile_fact_name(f),
			    fate_text(d, d->a, f), fate_text(d, d->b, f),
			    cost_of_fates(d, f));
	}
}

/* --- orders of roles ------------------------------------------------------ */

static tl_str
grammar_text(struct differ *d, const struct tl_profile *p)
{
	if (p->grammar.len == 0)
		return TL_STR("no simple rule");
	return tl_str_from(tl_arena_printf(d->arena, "%s%s",
	    tl_arena_cstr(d->arena, p->grammar),
	    p->has_system_anywhere ? ", with S anywhere" : ""));
}

static void
compare_grammars(struct differ *d)
{
	tl_str in_a = grammar_text(d, d->a), in_b = grammar_text(d, d->b);

	if (!tl_str_eq(in_a, in_b))
		add(d, "grammar", "orders of S(ystem), U(ser), A(ssistant)",
		    in_a, in_b,
		    "records in an order that only one takes fail with the "
		    "other");
}

/* --- system --------------------------------------------------------------- */

static void
compare_system(struct differ *d)
{
	const struct tl_profile *a = d->a, *b = d->b;

	if (!tl_str_eq(a->default_system, b->default_system))
		add(d, "default_system", "default system prompt",
		    quoted(d, a->default_system), quoted(d, b->default_system),
		    a->default_system.len > 0 && b->default_system.len > 0
			? "records without a system message are trained "
			  "behind other words"
			: cost(d,
			      "@ puts words into records without a system "
			      "message that # does not",
			      a->default_system.len > 0 ? "A" : "B",
			      a->default_system.len > 0 ? "B" : "A"));
	if (a->is_system_merged != b->is_system_merged &&
	    a->facts[TL_PF_SYSTEM].fate == b->facts[TL_PF_SYSTEM].fate)
		add(d, "system_merged", "place of the system message",
		    fate_text(d, a, TL_PF_SYSTEM),
		    fate_text(d, b, TL_PF_SYSTEM),
		    "a model that was trained with one finds its rules "
		    "elsewhere with the other");
}

/* --- turns ---------------------------------------------------------------- */

static tl_str
stop_text(struct differ *d, const struct tl_profile *p)
{
	tl_str s = quoted(d, p->stop);

	if (p->stop_place != TL_STOP_IN_NEXT)
		return s;
	return tl_str_from(tl_arena_printf(d->arena,
	    "%s, printed with the next turn", tl_arena_cstr(d->arena, s)));
}

static void
compare_stops(struct differ *d)
{
	const struct tl_profile *a = d->a, *b = d->b;
	bool in_a = a->stop_place == TL_STOP_WITH_TURN;
	bool in_b = b->stop_place == TL_STOP_WITH_TURN;
	const char *what;

	if (tl_str_eq(a->stop, b->stop) && a->stop_place == b->stop_place)
		return;
	if (in_a != in_b)
		what = cost(d,
		    "models trained with @ never learn to stop: their last "
		    "turn has no end",
		    in_a ? "B" : "A", "");
	else
		what = "inference that stops at the one marker runs on "
		       "behind the other";
	add(d, "stop", "end of an assistant's turn", stop_text(d, a),
	    stop_text(d, b), what);
}

/* The template's text around the words of the base. */
static bool
text_around(const struct tl_profile *p, tl_str out[3])
{
	const struct tl_probe *base = p->base;
	size_t user = probe_turn(base, 'U', 0);
	tl_str s = base->render.text.str;
	tl_span question, answer;

	if (!tl_probe_ok(base) ||
	    !probe_reach(base, probe_content(base, user), &question) ||
	    !probe_reach(base, probe_content(base, user + 1), &answer) ||
	    answer.beg < question.end)
		return false;
	out[0] = tl_str_slice(s, 0, question.beg);
	out[1] = tl_str_slice(s, question.end, answer.beg);
	out[2] = tl_str_slice(s, answer.end, s.len);
	return true;
}

static void
compare_texts_around(struct differ *d)
{
	static const struct {
		const char *key, *title;
	} parts[] = {
		{ "before_user", "text in front of the question" },
		{ "before_assistant", "text between question and answer" },
		{ "behind_assistant", "text behind the answer" },
	};
	tl_str a[3], b[3];

	if (strcmp(d->a->base->letters, d->b->base->letters) != 0 ||
	    !text_around(d->a, a) || !text_around(d->b, b))
		return;
	for (size_t i = 0; i < TL_COUNT(parts); i++)
		if (!tl_str_eq(a[i], b[i]))
			add(d, parts[i].key, parts[i].title, quoted(d, a[i]),
			    quoted(d, b[i]),
			    "every conversation is trained with one of them: "
			    "the model does not know the other");
}

static tl_str
bos_text(struct differ *d, const struct tl_profile *p)
{
	if (p->nbos == 0)
		return TL_STR("none");
	return tl_str_from(tl_arena_printf(d->arena, "%zu in a round%s",
	    p->nbos, p->nbos_later > 0 ? ", more with every round" : ""));
}

static void
compare_tokens(struct differ *d)
{
	const struct tl_profile *a = d->a, *b = d->b;

	if (a->nbos != b->nbos || a->nbos_later != b->nbos_later)
		add(d, "bos", "BOS", bos_text(d, a), bos_text(d, b),
		    a->nbos == 0 || b->nbos == 0
			? cost(d,
			      "with @ the tokenizer must add it, with # it "
			      "must not",
			      a->nbos == 0 ? "A" : "B",
			      a->nbos == 0 ? "B" : "A")
			: "conversations begin in another way");
	if (!tl_str_eq(a->prompt, b->prompt))
		add(d, "generation_prompt", "generation prompt",
		    quoted(d, a->prompt), quoted(d, b->prompt),
		    a->prompt.len > 0 && b->prompt.len > 0
			? "inference begins a turn in a way that training "
			  "with the other has not shown"
			: cost(d,
			      "with @ add_generation_prompt changes nothing",
			      a->prompt.len > 0 ? "B" : "A", ""));
	if (a->has_generation_spans != b->has_generation_spans)
		add(d, "generation_spans", "{% generation %} spans",
		    tl_str_from(a->has_generation_spans ? "yes" : "none"),
		    tl_str_from(b->has_generation_spans ? "yes" : "none"),
		    cost(d, "assistant-only loss trains nothing with @",
			a->has_generation_spans ? "B" : "A", ""));
}

/* --- words ---------------------------------------------------------------- */

static void
compare_words(struct differ *d)
{
	static const struct {
		const char *role, *key;
	} roles[] = { { "a system message", "system" },
		{ "a user's message", "user" }, { "an answer", "assistant" } };

	for (size_t i = 0; i < TL_COUNT(roles); i++) {
		bool in_a = d->a->stripped[i].probe != NULL;
		bool in_b = d->b->stripped[i].probe != NULL;

		if (in_a != in_b)
			add(d,
			    tl_arena_printf(
				d->arena, "strips_%s", roles[i].key),
			    tl_arena_printf(d->arena,
				"white space on the ends of %s", roles[i].role),
			    tl_str_from(in_a ? "stripped" : "kept"),
			    tl_str_from(in_b ? "stripped" : "kept"),
			    "offsets into the content and the tokens at its "
			    "ends are not the same");
		in_a = d->a->altered[i].probe != NULL;
		in_b = d->b->altered[i].probe != NULL;
		if (in_a != in_b)
			add(d,
			    tl_arena_printf(
				d->arena, "alters_%s", roles[i].key),
			    tl_arena_printf(
				d->arena, "words of %s", roles[i].role),
			    tl_str_from(in_a ? "changed" : "kept"),
			    tl_str_from(in_b ? "changed" : "kept"),
			    cost(d,
				"with @ another text is trained than the data "
				"has",
				in_a ? "A" : "B", ""));
	}
}

/* --- growth, what comes from outside ----------------------------------------
 */

static void
compare_flag(struct differ *d, const char *key, const char *title, bool a,
    bool b, const char *fmt)
{
	if (a == b)
		return;
	add(d, key, title, tl_str_from(a ? "yes" : "no"),
	    tl_str_from(b ? "yes" : "no"),
	    cost(d, fmt, a ? "A" : "B", a ? "B" : "A"));
}

static void
compare_rest(struct differ *d)
{
	const struct tl_profile *a = d->a, *b = d->b;

	compare_flag(d, "prefix_preserving", "earlier text stays as turns come",
	    a->not_prefix.probe == NULL, b->not_prefix.probe == NULL,
	    "with # what a turn was trained behind is not what stands there "
	    "at inference");
	compare_flag(d, "date_dependent", "depends on the day",
	    a->clock.probe != NULL, b->clock.probe != NULL,
	    "with @ the text that is trained depends on the day");
	compare_flag(d, "random", "depends on chance", a->random.probe != NULL,
	    b->random.probe != NULL,
	    "with @ the text that is trained depends on chance");
	compare_flag(d, "quadratic", "steps grow with the square of the turns",
	    a->growth == TL_GROWTH_QUADRATIC, b->growth == TL_GROWTH_QUADRATIC,
	    "long conversations take long with @");
}

static const struct tl_profile_variable *
variable(const struct tl_profile *p, tl_str name)
{
	for (size_t i = 0; i < p->nvariables; i++)
		if (tl_str_eq(p->variables[i].first->name, name))
			return &p->variables[i];
	return NULL;
}

/* What x reads and y does not, where it matters. */
static void
compare_variables(struct differ *d, const struct tl_profile *x,
    const struct tl_profile *y, const char *side)
{
	for (size_t i = 0; i < x->nvariables; i++) {
		tl_str name = x->variables[i].first->name;
		bool is_a = x == d->a;

		if (x->variables[i].differs_with == NULL ||
		    variable(y, name) != NULL)
			continue;
		add(d,
		    tl_arena_printf(
			d->arena, "variable_%s", tl_arena_cstr(d->arena, name)),
		    tl_arena_printf(
			d->arena, "variable %s", tl_arena_cstr(d->arena, name)),
		    tl_str_from(is_a ? "read" : "not read"),
		    tl_str_from(is_a ? "not read" : "read"),
		    cost(d,
			"a value that callers pass changes the text of @ "
			"alone",
			side, ""));
	}
}

/* --- texts ---------------------------------------------------------------- */

/* Conversations, the short ones first. */
static const char *const conversations[] = { "U", "U+", "UA", "SU", "SU+", "UU",
	"S", "A", "DU", "UX", "KA", "uA", "Ua", "sU", "vA", "Uw", "yU", "lA",
	"Um", "jU", "Ue", "Un", "Uo", "UR", "UH", "UW", "UAU", "UAU+", "SUA",
	"UAS", "UUA", "UAA", "USA", "SSU", "AUA", "UeU", "UnU", "UoU", "UAUA",
	"UASU", "SUAU+", "URUR", "UHUH", "UWUW", "SUAUA", "UAUAUA", "#UA", "!U",
	"!U+", "!UA", "!SUA", "!UC", "!Uc", "!UCT", "!UcT", "!UNT", "!UOT",
	"!UMT", "!UBT", "!UbT", "!UCt", "!UCi", "!UCT+", "!UCTA", "!UcTA",
	"!UPTr", "!UpTr", "!UPTrA", "!UCTAU", "!SUCTAUA" };

static size_t
first_difference(tl_str a, tl_str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
		n++;
	/* Not in the middle of a character. */
	while (n > 0 &&
	    ((n < a.len && ((unsigned char)a.ptr[n] & 0xc0) == 0x80) ||
		(n < b.len && ((unsigned char)b.ptr[n] & 0xc0) == 0x80)))
		n--;
	return n;
}

static void
compare_texts(struct tl_arena *arena, struct tl_template_diff *d,
    const struct tl_template *a, const struct tl_template *b)
{
	struct tl_profile pa = *d->a, pb = *d->b;
	bool as_lists = pa.takes_lists_only && pb.takes_lists_only;
	bool with_tools = pa.needs_tools && pb.needs_tools;
	struct prober in_a = { .arena = arena,
		.t = a,
		.p = &pa,
		.lead = "",
		.wants_lists = as_lists,
		.wants_tools = with_tools };
	struct prober in_b = in_a;
	struct tl_text_difference *list =
	    TL_NEW(arena, struct tl_text_difference, TL_COUNT(conversations));

	in_b.t = b;
	in_b.p = &pb;
	in_a.scratch = in_b.scratch = tl_arena_new_like(arena);
	d->nprobes = TL_COUNT(conversations);
	d->texts = list;
	for (size_t i = 0; i < TL_COUNT(conversations); i++) {
		const struct tl_probe *x = probe(&in_a, conversations[i]);
		const struct tl_probe *y = probe(&in_b, conversations[i]);
		tl_str s = x->render.text.str, t = y->render.text.str;

		if (tl_probe_ok(x) != tl_probe_ok(y) ||
		    (tl_probe_ok(x) && !tl_str_eq(s, t)))
			list[d->ntexts++] = (struct tl_text_difference){ x, y,
				first_difference(s, t) };
	}
	tl_arena_free(in_a.scratch);
}

/* --- both ----------------------------------------------------------------- */

static tl_str
either(tl_str a, tl_str b)
{
	return a.ptr != NULL ? a : b;
}

/* Its own, else what was given for it, else the other's. */
static struct tl_special_tokens
fill_tokens(struct tl_special_tokens x, struct tl_special_tokens y)
{
	return (struct tl_special_tokens){
		.bos = either(x.bos, y.bos),
		.eos = either(x.eos, y.eos),
		.pad = either(x.pad, y.pad),
		.unk = either(x.unk, y.unk),
	};
}

static struct tl_special_tokens
tokens_of(const struct tl_template *t, const struct tl_special_tokens *given)
{
	struct tl_special_tokens none = { 0 };

	return fill_tokens(
	    given != NULL ? *given : none, tl_template_tokens(t));
}

const struct tl_template_diff *
tl_template_diff_make(struct tl_arena *arena, const struct tl_template *a,
    const struct tl_special_tokens *a_tokens, const struct tl_template *b,
    const struct tl_special_tokens *b_tokens)
{
	struct tl_template_diff *out =
	    TL_NEW(arena, struct tl_template_diff, 1);
	struct tl_special_tokens of_a = tokens_of(a, a_tokens);
	struct tl_special_tokens of_b = tokens_of(b, b_tokens);
	struct tl_special_tokens for_a = fill_tokens(of_a, of_b);
	struct tl_special_tokens for_b = fill_tokens(of_b, of_a);
	struct differ d = { .arena = arena };

	out->a = d.a = tl_profile_make(arena, a, &for_a);
	out->b = d.b = tl_profile_make(arena, b, &for_b);
	if (d.a == NULL || d.b == NULL)
		return NULL;
	if (d.a->is_usable && d.b->is_usable) {
		compare_stops(&d);
		compare_texts_around(&d);
		compare_tokens(&d);
		compare_system(&d);
		compare_words(&d);
	}
	compare_grammars(&d);
	compare_fates(&d);
	compare_rest(&d);
	compare_variables(&d, d.a, d.b, "A");
	compare_variables(&d, d.b, d.a, "B");
	out->facts = d.facts;
	out->nfacts = d.nfacts;
	compare_texts(arena, out, a, b);
	return out;
}
