/* SPDX-License-Identifier: Apache-2.0 */
/* What a template does between the parts of a conversation. */
#include "template/profile.h"

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
	p->adds_default_system = tl_str_find(probe(pr, "SUA")->render.text.str,
				     p->default_system, 0) != TL_NPOS;
}

/* Is there nothing of the header of a turn between two of one role? */
static bool
are_merged(const struct tl_probe *p, size_t turn, tl_str header)
{
	tl_str parts[3];

	header = tl_str_trim(header);
	return header.len > 0 && around(p, turn, turn + 1, parts) &&
	    tl_str_find(parts[1], header, 0) == TL_NPOS;
}

static void
find_merges(struct prober *pr)
{
	const struct tl_probe *users = probe_led(pr, "UUA");
	const struct tl_probe *answers = probe_led(pr, "UAA");
	size_t user = probe_turn(pr->p->base, 'U', 0);
	tl_str base[3], next[3], header;

	if (!around(pr->p->base, user, user + 1, base))
		return;
	pr->p->merges_assistants = are_merged(answers, user + 1, base[1]);
	/* Before the first user stands the system too: of it and of what is
	 * before a second user the common end is the header. */
	if (!around(probe_led(pr, "UAU"), user + 1, user + 2, next))
		return;
	header = tl_str_slice(next[1],
	    next[1].len - common_suffix(base[0], next[1]), next[1].len);
	pr->p->merges_users = are_merged(users, user, header);
}

/* --- the end of a turn ---------------------------------------------------- */

size_t
profile_marker_len(const struct tl_profile *p, tl_str s)
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

static void
find_stop(struct prober *pr)
{
	struct tl_profile *p = pr->p;
	const struct tl_probe *more = probe_led(pr, "UAU");
	size_t user = probe_turn(p->base, 'U', 0);
	tl_str alone[3], tail, next;
	size_t header, n;
	tl_str text = more->render.text.str;
	tl_span a, u;

	if (!around(p->base, user, user + 1, alone))
		return;
	tail = trim_left(alone[2]);
	if (tail.len > 0) {
		n = profile_marker_len(p, tail);
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
	/* A marker in front of the next user that is not of a user's header.
	 * Two markers may end alike: it counts as a whole. */
	next = tl_str_slice(text, a.end, u.beg);
	header = next.len - common_suffix(next, alone[0]);
	next = trim_left(next);
	n = profile_marker_len(p, next);
	if (n == 0 || a.end + header <= (size_t)(next.ptr - text.ptr))
		return;
	p->stop = tl_str_slice(next, 0, n);
	p->stop_place = TL_STOP_IN_NEXT;
	p->no_stop = (struct tl_proof){ 0 };
	p->late_stop.probe = p->base;
	p->late_stop.other = more;
	p->late_stop.what = p->stop;
	p->late_stop.at = (size_t)(p->stop.ptr - text.ptr);
}

/* --- the rest ------------------------------------------------------------- */

static size_t
count(tl_str s, tl_str what)
{
	size_t n = 0;

	for (size_t at = 0; what.len > 0; at += what.len, n++) {
		at = tl_str_find(s, what, at);
		if (at == TL_NPOS)
			break;
	}
	return n;
}

static void
count_tokens(struct prober *pr)
{
	struct tl_profile *p = pr->p;
	const struct tl_probe *two = probe_led(pr, "UAUA");
	tl_str s = p->base->render.text.str;

	p->nbos = count(s, p->tokens.bos);
	p->neos = count(s, p->tokens.eos);
	p->begins_with_bos = tl_str_starts(s, p->tokens.bos);
	if (tl_probe_ok(two))
		p->nbos_later =
		    count(two->render.text.str, p->tokens.bos) - p->nbos;
}

/* What the flag adds to a text, which may be nothing. */
static tl_str
added(const struct tl_probe *off, const struct tl_probe *on)
{
	tl_str without = off->render.text.str, with = on->render.text.str;

	if (!tl_probe_ok(off) || !tl_probe_ok(on) ||
	    !tl_str_starts(with, without))
		return (tl_str){ 0 };
	return tl_str_slice(with, without.len, with.len);
}

static void
find_prompt(struct prober *pr)
{
	enum tl_fate answer = pr->p->facts[TL_PF_ASSISTANT].fate;

	pr->p->prompt = added(probe_led(pr, "U"), probe_led(pr, "U+"));
	pr->p->prompt_after_answer = added(pr->p->base, probe_led(pr, "UA+"));
	pr->p->can_continue =
	    answer == TL_FATE_KEPT || answer == TL_FATE_STRIPPED;
}

const char *
tl_growth_name(enum tl_growth g)
{
	switch (g) {
	case TL_GROWTH_UNKNOWN:
		break;
	case TL_GROWTH_LINEAR:
		return "linear";
	case TL_GROWTH_QUADRATIC:
		return "quadratic";
	}
	return "unknown";
}

/* Twice the rounds are twice the steps, or four times. */
static void
count_steps(struct prober *pr)
{
	static const char *const rounds[] = { "UAUAUAUA", "UAUAUAUAUAUAUAUA",
		"UAUAUAUAUAUAUAUAUAUAUAUAUAUAUAUA" };
	uint64_t *steps = pr->p->steps;

	for (size_t i = 0; i < TL_COUNT(rounds); i++)
		if (tl_probe_ok(probe_led(pr, rounds[i])))
			steps[i] = probe_steps(pr, probe_led(pr, rounds[i]));
	if (steps[0] == 0 || steps[1] == 0 || steps[2] == 0)
		return;
	pr->p->growth = 2 * (steps[2] - steps[1]) > 5 * (steps[1] - steps[0])
	    ? TL_GROWTH_QUADRATIC
	    : TL_GROWTH_LINEAR;
}

/* Does an answer arrive? */
static bool
try_base(struct prober *pr, bool as_lists, bool with_tools, const char *lead)
{
	const struct tl_probe *p;
	tl_span answer;

	if (as_lists != pr->wants_lists || with_tools != pr->wants_tools)
		pr->made = NULL;
	pr->wants_lists = as_lists;
	pr->wants_tools = with_tools;
	pr->lead = lead;
	pr->p->base = p = probe_led(pr, "UA");
	return tl_probe_ok(p) &&
	    probe_reach(p, probe_content(p, probe_turn(p, 'A', 0)), &answer);
}

/* The simplest conversation whose answer arrives, with contents that are
 * strings or, as templates for images may want them, lists of parts; with
 * tools, where a template is for those alone. */
static void
find_base(struct prober *pr)
{
	for (int way = 0; way < 4; way++) {
		bool as_lists = (way & 1) != 0, with_tools = (way & 2) != 0;

		if (!try_base(pr, as_lists, with_tools, "") &&
		    !try_base(pr, as_lists, with_tools, "S"))
			continue;
		pr->p->takes_lists_only = as_lists;
		pr->p->needs_tools = with_tools;
		return;
	}
	try_base(pr, false, false, "");
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
	profile_facts(&pr);
	profile_orders(&pr);
	profile_variables(&pr);
	if (p->is_usable) {
		p->has_generation_spans = p->base->render.ngeneration > 0;
		find_system(&pr);
		find_merges(&pr);
		find_stop(&pr);
		count_tokens(&pr);
		find_prompt(&pr);
		count_steps(&pr);
		profile_faults(&pr);
	} else {
		profile_useless(&pr);
	}
	tl_arena_free(pr.scratch);
	return p;
}
