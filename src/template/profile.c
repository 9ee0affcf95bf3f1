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
	case TL_FATE_RAISED:
		return "raised";
	case TL_FATE_FAILED:
		return "failed";
	}
	return "unknown";
}

const char *
tl_profile_fact_name(enum tl_profile_fact f)
{
	static const char *const names[] = {
		[TL_PF_SYSTEM] = "system",
		[TL_PF_DEVELOPER] = "developer",
		[TL_PF_USER] = "user",
		[TL_PF_ASSISTANT] = "assistant",
		[TL_PF_UNKNOWN_ROLE] = "unknown role",
		[TL_PF_TOOLS] = "tools",
		[TL_PF_CALL_OBJECT] = "tool call, arguments an object",
		[TL_PF_CALL_STRING] = "tool call, arguments a string",
		[TL_PF_RESULT] = "tool result",
		[TL_PF_REASONING] = "reasoning of the last turn",
		[TL_PF_REASONING_HISTORY] = "reasoning of earlier turns",
		[TL_PF_NAME] = "name",
		[TL_PF_LIST_USER] = "list content of a user",
		[TL_PF_LIST_ASSISTANT] = "list content of an assistant",
	};

	return names[f];
}

/* --- facts ---------------------------------------------------------------- */

static void
set_fact(struct prober *pr, enum tl_profile_fact which,
    const struct tl_probe *p, const struct tl_json *v)
{
	pr->p->facts[which].probe = p;
	pr->p->facts[which].fate = probe_fate(p, v);
}

/* The content of the first turn of that letter; of the others when one
 * conversation fails because of its order and another does not. */
static void
set_content(struct prober *pr, enum tl_profile_fact which, char letter,
    const char *first, const char *second)
{
	const struct tl_probe *p = probe(pr, first);

	if (!tl_probe_ok(p) && second != NULL && tl_probe_ok(probe(pr, second)))
		p = probe(pr, second);
	set_fact(pr, which, p, probe_content(p, probe_turn(p, letter, 0)));
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
    const char *letters)
{
	struct tl_fact *f = &pr->p->facts[which];
	const struct tl_probe *p = probe_led(pr, letters);
	const struct tl_json *call =
	    tl_json_resolve(p->conv.turns[probe_turn(p, letter, 0)].node,
		TL_STR("/tool_calls/0/function"));

	set_fact(pr, which, p, tl_json_get(call, "arguments"));
	if (f->fate == TL_FATE_KEPT &&
	    probe_fate(p, tl_json_get(call, "name")) == TL_FATE_DROPPED)
		f->fate = TL_FATE_DROPPED;
}

/* The same beside a null content, when it did not arrive beside "" and does
 * here. */
static void
set_null_call(struct prober *pr, enum tl_profile_fact which, char letter,
    const char *letters)
{
	struct tl_fact *f = &pr->p->facts[which], first = *f;

	if (first.fate == TL_FATE_KEPT || first.fate == TL_FATE_ALTERED)
		return;
	set_call(pr, which, letter, letters);
	if (f->fate != TL_FATE_KEPT && f->fate != TL_FATE_ALTERED)
		*f = first;
}

static void
find_facts(struct prober *pr)
{
	set_content(pr, TL_PF_SYSTEM, 'S', "SUA", "SU");
	pr->p->is_system_last_only =
	    pr->p->facts[TL_PF_SYSTEM].fate == TL_FATE_DROPPED &&
	    probe_fate(probe(pr, "SU"), probe_content(probe(pr, "SU"), 0)) ==
		TL_FATE_KEPT;
	set_content(pr, TL_PF_DEVELOPER, 'D', "DUA", "DU");
	set_content(pr, TL_PF_USER, 'U', "UA", "SUA");
	set_content(pr, TL_PF_ASSISTANT, 'A', "UA", "SUA");
	set_content(pr, TL_PF_UNKNOWN_ROLE, 'X', "UX", "SUX");
	set_list(pr, TL_PF_LIST_USER, 'l', "lA");
	set_list(pr, TL_PF_LIST_ASSISTANT, 'm', "Um");
	set_member(pr, TL_PF_REASONING, 'R', "UR", "/reasoning_content");
	set_member(
	    pr, TL_PF_REASONING_HISTORY, 'R', "URUR", "/reasoning_content");
	set_member(pr, TL_PF_NAME, 'K', "KA", "/name");
	/* Some look at calls only where the content is null,
	 * as it is in what the API of OpenAI gives. */
	set_call(pr, TL_PF_CALL_OBJECT, 'C', "!UCTA");
	set_null_call(pr, TL_PF_CALL_OBJECT, 'N', "!UNTA");
	set_call(pr, TL_PF_CALL_STRING, 'c', "!UcTA");
	set_null_call(pr, TL_PF_CALL_STRING, 'O', "!UOTA");
	set_content(pr, TL_PF_RESULT, 'T', "!UCTA", "!UOTA");
	set_fact(pr, TL_PF_TOOLS, probe_led(pr, "!UA"),
	    probe_led(pr, "!UA")->conv.tools);
}

static void
find_orders(struct prober *pr)
{
	static const char *const letters[] = { "U", "UA", "UAU", "UAUA", "SU",
		"SUA", "SUAUA", "S", "A", "AUA", "SAUA", "UU", "UUA", "UAA",
		"UAAU", "SSUA", "USA", "UASUA", "!UCTA", "!UCTUA", "!UCTTA",
		"!UTA" };
	const struct tl_probe **list =
	    TL_NEW(pr->arena, const struct tl_probe *, TL_COUNT(letters));

	for (size_t i = 0; i < TL_COUNT(letters); i++)
		list[i] = probe(pr, letters[i]);
	pr->p->orders = list;
	pr->p->norders = TL_COUNT(letters);
}

/* --- system --------------------------------------------------------------- */

/* The template's text before, between and behind two contents. */
static bool
around(const struct tl_probe *p, size_t first, size_t second, tl_str out[3])
{
	tl_str s = p->render.text.str;
	tl_span a, b;

	if (!tl_probe_ok(p) || !probe_reach(p, probe_content(p, first), &a) ||
	    !probe_reach(p, probe_content(p, second), &b) || b.beg < a.end)
		return false;
	out[0] = tl_str_slice(s, 0, a.beg);
	out[1] = tl_str_slice(s, a.end, b.beg);
	out[2] = tl_str_slice(s, b.end, s.len);
	return true;
}

static void
find_system(struct prober *pr)
{
	struct tl_profile *p = pr->p;
	const struct tl_probe *bare = probe(pr, "UA");
	tl_str with[3], without[3], pre;

	if (!around(probe(pr, "SUA"), 0, 1, with) ||
	    !around(bare, 0, 1, without))
		return;
	pre = without[0];
	/* The user's header stands in front of the rules, and not again. */
	if (!tl_str_is_blank(pre) && !tl_str_ends(with[1], tl_str_trim(pre)) &&
	    tl_str_starts(with[0], tl_str_trim(pre)))
		p->is_system_merged = true;
	if (p->is_system_merged || pre.len <= with[0].len + with[1].len ||
	    !tl_str_starts(pre, with[0]) || !tl_str_ends(pre, with[1]))
		return;
	p->default_system =
	    tl_str_slice(pre, with[0].len, pre.len - with[1].len);
}

/* --- the end of a turn ---------------------------------------------------- */

/* Length of the marker that s begins with: <…>, […] or the EOS token. */
static size_t
marker_len(const struct tl_profile *p, tl_str s)
{
	size_t end;

	if (p->tokens.eos.len > 0 && tl_str_starts(s, p->tokens.eos))
		return p->tokens.eos.len;
	if (s.len == 0 || (s.ptr[0] != '<' && s.ptr[0] != '['))
		return 0;
	end = tl_str_find_char(s, s.ptr[0] == '<' ? '>' : ']', 0);
	return end == TL_NPOS ? 0 : end + 1;
}

static tl_str
trim_left(tl_str s)
{
	return tl_str_slice(s, tl_space_before(s), s.len);
}

static size_t
common_suffix(tl_str a, tl_str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len &&
	    a.ptr[a.len - 1 - n] == b.ptr[b.len - 1 - n])
		n++;
	return n;
}

static void
find_stop(struct prober *pr)
{
	struct tl_profile *p = pr->p;
	const struct tl_probe *more = probe_led(pr, "UAU");
	size_t user = probe_turn(p->base, 'U', 0);
	tl_str alone[3], tail, next, first;
	tl_str text = more->render.text.str;
	tl_span a, u;

	if (!around(p->base, user, user + 1, alone))
		return;
	tail = trim_left(alone[2]);
	if (tail.len > 0) {
		size_t n = marker_len(p, tail);

		p->stop_place = TL_STOP_WITH_TURN;
		p->stop = n > 0 ? tl_str_slice(tail, 0, n) : tl_str_trim(tail);
		return;
	}
	p->stop_place = TL_STOP_NONE;
	p->no_stop.probe = p->base;
	p->no_stop.at = p->base->render.text.str.len;
	if (!tl_probe_ok(more) ||
	    !probe_reach(more, probe_content(more, user + 1), &a) ||
	    !probe_reach(more, probe_content(more, user + 2), &u) ||
	    u.beg < a.end)
		return;
	/* What stands before the next user beyond a user's header. */
	next = tl_str_slice(text, a.end, u.beg);
	first = alone[0];
	next = trim_left(
	    tl_str_slice(next, 0, next.len - common_suffix(next, first)));
	if (marker_len(p, next) == 0)
		return;
	p->stop = tl_str_slice(next, 0, marker_len(p, next));
	p->stop_place = TL_STOP_IN_NEXT;
	p->no_stop = (struct tl_proof){ 0 };
	p->late_stop.probe = p->base;
	p->late_stop.other = more;
	p->late_stop.what = p->stop;
	p->late_stop.at = (size_t)(p->stop.ptr - text.ptr);
}

static void
count_bos(struct tl_profile *p)
{
	tl_str s = p->base->render.text.str, bos = p->tokens.bos;

	for (size_t at = 0; bos.len > 0;) {
		at = tl_str_find(s, bos, at);
		if (at == TL_NPOS)
			break;
		p->nbos++;
		at += bos.len;
	}
}

static void
find_prompt(struct prober *pr)
{
	const struct tl_probe *off = probe_led(pr, "U");
	const struct tl_probe *on = probe_led(pr, "U+");

	if (tl_probe_ok(off) && tl_probe_ok(on) &&
	    tl_str_starts(on->render.text.str, off->render.text.str))
		pr->p->prompt = tl_str_slice(on->render.text.str,
		    off->render.text.str.len, on->render.text.str.len);
}

static void
count_steps(struct prober *pr)
{
	static const char *const rounds[] = { "UAUAUAUA", "UAUAUAUAUAUAUAUA",
		"UAUAUAUAUAUAUAUAUAUAUAUAUAUAUAUA" };

	for (size_t i = 0; i < TL_COUNT(rounds); i++)
		if (tl_probe_ok(probe_led(pr, rounds[i])))
			pr->p->steps[i] =
			    probe_steps(pr, probe_led(pr, rounds[i]));
}

/* Does an answer arrive? */
static bool
try_base(struct prober *pr, bool as_lists, const char *lead)
{
	const struct tl_probe *p;
	tl_span answer;

	if (as_lists != pr->wants_lists)
		pr->made = NULL;
	pr->wants_lists = as_lists;
	pr->lead = lead;
	pr->p->base = p = probe_led(pr, "UA");
	return tl_probe_ok(p) &&
	    probe_reach(p, probe_content(p, probe_turn(p, 'A', 0)), &answer);
}

/* The simplest conversation whose answer arrives, with contents that are
 * strings or, as templates for images may want them, lists of parts. */
static void
find_base(struct prober *pr)
{
	if (try_base(pr, false, "") || try_base(pr, false, "S"))
		return;
	if (try_base(pr, true, "") || try_base(pr, true, "S"))
		pr->p->takes_lists_only = true;
	else
		try_base(pr, false, "");
}

static tl_str
token(tl_str given, tl_str own, tl_str placeholder)
{
	return given.ptr != NULL ? given : own.ptr != NULL ? own : placeholder;
}

const struct tl_profile *
tl_profile_make(struct tl_arena *a, const struct tl_template *t,
    const struct tl_special_tokens *tokens)
{
	struct tl_special_tokens own = tl_template_tokens(t), given = { 0 };
	struct tl_profile *p = TL_NEW(a, struct tl_profile, 1);
	struct prober pr = { .arena = a, .t = t, .p = p, .lead = "" };

	if (tl_template_kind(t) != TL_TEMPLATE_JINJA)
		return NULL;
	pr.scratch = tl_arena_new_like(a);
	p->survey = tl_survey_make(a, t);
	if (tokens != NULL)
		given = *tokens;
	p->tokens.bos = token(given.bos, own.bos, TL_STR("<bos_token>"));
	p->tokens.eos = token(given.eos, own.eos, TL_STR("<eos_token>"));
	p->tokens.pad = token(given.pad, own.pad, TL_STR("<pad_token>"));
	p->tokens.unk = token(given.unk, own.unk, TL_STR("<unk_token>"));
	find_base(&pr);
	p->is_usable = tl_probe_ok(p->base);
	find_facts(&pr);
	find_orders(&pr);
	if (p->is_usable) {
		p->has_generation_spans = p->base->render.ngeneration > 0;
		find_system(&pr);
		find_stop(&pr);
		count_bos(p);
		find_prompt(&pr);
		count_steps(&pr);
		profile_faults(&pr);
	} else {
		profile_useless(&pr);
	}
	tl_arena_free(pr.scratch);
	return p;
}
