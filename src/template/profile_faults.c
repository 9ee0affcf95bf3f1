/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a template, each with the conversation that shows it. */
#include "template/profile.h"

/* What our engine refuses and jinja2 does not: chance, and filters of HTML. */
#define REFUSED TL_STR("NotImplementedError: ")

#define MAX_MARKERS 64u /* looked at in a text */

/* --- prefixes ------------------------------------------------------------- */

static size_t
common_prefix(tl_str a, tl_str b)
{
	size_t n = 0;

	while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n])
		n++;
	/* Not in the middle of a character. */
	while (n > 0 && n < a.len && ((unsigned char)a.ptr[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Where the template made byte `at` of the probe's text, or its end. */
static void
place(struct tl_proof *proof)
{
	const struct tl_text *t = &proof->probe->render.text;
	const struct tl_run *r = tl_text_run_at(t, proof->at);

	if (r == NULL && t->nruns > 0)
		r = &t->runs[t->nruns - 1];
	if (r != NULL) {
		proof->line = r->line;
		proof->column = r->column;
	}
}

/* True when both render and the first's text is no beginning of the other's. */
static bool
breaks_prefix(const struct tl_probe *shorter, const struct tl_probe *longer,
    struct tl_proof *proof)
{
	tl_str a = shorter->render.text.str, b = longer->render.text.str;

	if (!tl_probe_ok(shorter) || !tl_probe_ok(longer) ||
	    tl_str_starts(b, a))
		return false;
	proof->probe = shorter;
	proof->other = longer;
	proof->at = common_prefix(a, b);
	place(proof);
	return true;
}

static bool
grow(struct prober *pr, const char *letters)
{
	size_t has_tools = letters[0] == '!';

	for (size_t n = 1 + has_tools; letters[n] != '\0'; n++) {
		const char *head =
		    tl_arena_cstr(pr->arena, (tl_str){ letters, n });
		const char *more =
		    tl_arena_cstr(pr->arena, (tl_str){ letters, n + 1 });

		if (breaks_prefix(probe_led(pr, head), probe_led(pr, more),
			&pr->p->not_prefix))
			return true;
	}
	return false;
}

static void
find_prefix_faults(struct prober *pr)
{
	const struct tl_fact *facts = pr->p->facts;
	const struct tl_probe *off = probe_led(pr, "U");
	const struct tl_probe *on = probe_led(pr, "U+");
	const struct tl_probe *base = pr->p->base;
	tl_str without = off->render.text.str, text;
	tl_span answer;
	size_t end;

	if (!grow(pr, "UAUA") &&
	    !(facts[TL_PF_CALL_OBJECT].fate == TL_FATE_KEPT &&
		grow(pr, "!UCTAU")) &&
	    facts[TL_PF_REASONING].fate == TL_FATE_KEPT)
		grow(pr, "URUR");
	if (!breaks_prefix(on, base, &pr->p->prompt_not_prefix))
		breaks_prefix(probe_led(pr, "UAU+"), probe_led(pr, "UAUA"),
		    &pr->p->prompt_not_prefix);
	/* No effect matters when a header stands before the answer that a
	 * prompt without it lacks. */
	if (!tl_probe_ok(off) || !tl_probe_ok(on) ||
	    !tl_str_eq(without, on->render.text.str) ||
	    !tl_str_starts(base->render.text.str, without) ||
	    !probe_reach(
		base, probe_content(base, probe_turn(base, 'A', 0)), &answer) ||
	    answer.beg < without.len)
		return;
	/* Where it is printed in any case, it does not lack. */
	text = base->render.text.str;
	end = tl_str_find(text, pr->p->stop, answer.end);
	if (pr->p->stop_place == TL_STOP_WITH_TURN && end != TL_NPOS) {
		tl_str tail = tl_str_trim(
		    tl_str_slice(text, end + pr->p->stop.len, text.len));

		if (tail.len > 0 && tl_str_ends(tl_str_trim(without), tail))
			return;
	}
	pr->p->prompt_ignored.what = tl_str_trim(
	    tl_str_slice(base->render.text.str, without.len, answer.beg));
	if (pr->p->prompt_ignored.what.len == 0)
		return;
	pr->p->prompt_ignored.probe = on;
	pr->p->prompt_ignored.at = without.len;
	place(&pr->p->prompt_ignored);
}

/* --- {% generation %} ----------------------------------------------------- */

static bool
bad_span(
    struct prober *pr, const struct tl_probe *p, const char *what, size_t at)
{
	struct tl_proof *proof = &pr->p->bad_generation;

	proof->probe = p;
	proof->at = at;
	proof->what = tl_str_from(what);
	place(proof);
	return true;
}

/* Does every byte of [beg, end) lie in a span? */
static bool
is_covered(const struct tl_render *r, size_t beg, size_t end)
{
	for (size_t i = 0; i < r->ngeneration && beg < end; i++)
		if (r->generation[i].beg <= beg && r->generation[i].end > beg)
			beg = r->generation[i].end;
	return beg >= end;
}

/* Where spans touch [beg, end) with more than white space; TL_NPOS: nowhere. */
static size_t
touched(const struct tl_render *r, size_t beg, size_t end)
{
	for (size_t i = 0; i < r->ngeneration; i++) {
		tl_span sp = r->generation[i];

		if (sp.beg < beg)
			sp.beg = beg;
		if (sp.end > end)
			sp.end = end;
		if (sp.beg < sp.end &&
		    !tl_str_is_blank(tl_str_slice(r->text.str, sp.beg, sp.end)))
			return sp.beg;
	}
	return TL_NPOS;
}

/* Bytes of the prompt up to the end of the turn's header: what opens or skips
 * the thoughts is behind it, and may be trained. */
static size_t
header_end(tl_str prompt)
{
	static const char *const marks[] = { "<think>", "</think>" };

	for (;;) {
		size_t len = prompt.len;

		prompt.len -= tl_space_behind(prompt);
		for (size_t i = 0; i < TL_COUNT(marks); i++)
			if (tl_str_ends(prompt, tl_str_from(marks[i])))
				prompt.len -= strlen(marks[i]);
		if (prompt.len == len)
			return len;
	}
}

/* The spans of a user-assistant pair against what they should cover. */
static bool
check_spans(
    struct prober *pr, const struct tl_probe *p, const struct tl_probe *prompt)
{
	const struct tl_render *r = &p->render;
	tl_str text = r->text.str, header = prompt->render.text.str;
	size_t nturns = p->conv.nturns, at;
	tl_span answer, question;

	if (!probe_reach(p, probe_content(p, nturns - 1), &answer) ||
	    !probe_reach(p, probe_content(p, nturns - 2), &question))
		return false;
	at = touched(r, question.beg, question.end);
	if (at != TL_NPOS)
		return bad_span(pr, p, "the user's content lies in a span", at);
	if (touched(r, answer.beg, answer.end) == TL_NPOS)
		return bad_span(
		    pr, p, "the answer lies in no span", answer.beg);
	if (!is_covered(r, answer.beg, answer.end))
		return bad_span(pr, p,
		    "the span covers a part of the answer only", answer.beg);
	at = TL_NPOS;
	if (tl_probe_ok(prompt) && tl_str_starts(text, header))
		at = touched(r, question.end, header_end(header));
	if (at != TL_NPOS)
		return bad_span(pr, p,
		    "the header of the turn, which the generation prompt "
		    "prints, lies in the span",
		    at);
	at = tl_str_find(text, pr->p->stop, answer.end);
	if (pr->p->stop_place == TL_STOP_WITH_TURN && at != TL_NPOS &&
	    !is_covered(r, at, at + pr->p->stop.len))
		return bad_span(pr, p,
		    "the marker that ends the turn lies behind the span", at);
	return false;
}

static void
find_span_faults(struct prober *pr)
{
	const struct tl_probe *twice = probe_led(pr, "UAUA");

	if (!pr->p->has_generation_spans)
		return;
	if (!check_spans(pr, pr->p->base, probe_led(pr, "U+")) &&
	    tl_probe_ok(twice))
		check_spans(pr, twice, probe_led(pr, "UAU+"));
}

/* --- what the template writes --------------------------------------------- */

static void
look_for(struct prober *pr, const struct tl_probe *p)
{
	struct tl_profile *f = pr->p;
	const struct tl_text *t = &p->render.text;

	for (size_t i = 0; tl_probe_ok(p) && i < t->nruns; i++) {
		const struct tl_run *r = &t->runs[i];

		for (size_t k = r->beg;
		     r->kind == TL_RUN_TEMPLATE && k < r->end; k++) {
			unsigned char c = (unsigned char)t->str.ptr[k];
			bool is_control =
			    (c < 0x20 && c != '\n' && c != '\t' && c != '\r') ||
			    c == 0x7f;

			if (is_control && f->control.probe == NULL) {
				f->control.probe = p;
				f->control.at = k;
				place(&f->control);
			}
			if (c == '\\' && k + 1 < r->end &&
			    t->str.ptr[k + 1] == 'n' &&
			    f->backslash_n.probe == NULL) {
				f->backslash_n.probe = p;
				f->backslash_n.at = k;
				place(&f->backslash_n);
			}
		}
	}
}

static void
find_text_faults(struct prober *pr)
{
	look_for(pr, pr->p->base);
	look_for(pr, probe(pr, "SUAUA"));
	look_for(pr, probe_led(pr, "UAU+"));
}

/* --- contents ------------------------------------------------------------- */

static void
find_content_faults(struct prober *pr)
{
	/* The probe, the letter it is about; with spaces, with characters. */
	static const struct {
		const char *padded, *odd;
		char padded_letter, odd_letter;
	} roles[] = {
		{ "sUA", "yUA", 's', 'y' },
		{ "uA", "vA", 'u', 'v' },
		{ "Ua", "Uw", 'a', 'w' },
	};

	for (size_t i = 0; i < TL_COUNT(roles); i++) {
		const struct tl_probe *p = i == 0
		    ? probe(pr, roles[i].padded)
		    : probe_led(pr, roles[i].padded);
		const struct tl_probe *o = i == 0 ? probe(pr, roles[i].odd)
						  : probe_led(pr, roles[i].odd);
		const struct tl_json *v =
		    probe_content(p, probe_turn(p, roles[i].padded_letter, 0));
		tl_span sp;

		if (probe_fate(p, v) == TL_FATE_STRIPPED &&
		    probe_reach(p, v, &sp)) {
			pr->p->stripped[i].probe = p;
			pr->p->stripped[i].at = sp.beg;
			place(&pr->p->stripped[i]);
		}
		v = probe_content(o, probe_turn(o, roles[i].odd_letter, 0));
		if (probe_fate(o, v) == TL_FATE_ALTERED &&
		    probe_reach(o, v, &sp)) {
			pr->p->altered[i].probe = o;
			pr->p->altered[i].at = sp.beg;
			pr->p->altered[i].what =
			    tl_str_slice(o->render.text.str, sp.beg, sp.end);
			place(&pr->p->altered[i]);
		}
	}
}

tl_str
profile_inserted_word(tl_str a, tl_str b, size_t *at)
{
	static const char *const words[] = { "None", "null", "undefined" };

	for (size_t i = 0; i < TL_COUNT(words); i++) {
		tl_str w = tl_str_from(words[i]);
		size_t k = common_prefix(a, b);

		if (a.len != b.len + w.len)
			continue;
		for (size_t back = 0; back <= w.len && back <= k; back++) {
			*at = k - back;
			if (tl_str_starts(tl_str_slice(a, *at, a.len), w) &&
			    tl_str_eq(tl_str_slice(a, *at + w.len, a.len),
				tl_str_slice(b, *at, b.len)))
				return w;
		}
	}
	return (tl_str){ 0 };
}

static void
find_none(struct prober *pr)
{
	/* What is missing, and the same as an empty string. */
	static const char *const pairs[][2] = {
		{ "Un", "Ue" },
		{ "UnU", "UeU" },
		{ "UN", "UC" },
		{ "UM", "UC" },
		{ "!UNTA", "!UCTA" },
		{ "!UMTA", "!UCTA" },
	};

	for (size_t i = 0; i < TL_COUNT(pairs); i++) {
		const struct tl_probe *p = probe_led(pr, pairs[i][0]);
		const struct tl_probe *o = probe_led(pr, pairs[i][1]);
		struct tl_proof *proof = &pr->p->none_as_text;

		if (!tl_probe_ok(p) || !tl_probe_ok(o))
			continue;
		proof->what = profile_inserted_word(
		    p->render.text.str, o->render.text.str, &proof->at);
		if (proof->what.len == 0)
			continue;
		proof->probe = p;
		proof->other = o;
		place(proof);
		return;
	}
}

/* --- failures ------------------------------------------------------------- */

static void
add_crash(struct prober *pr, const struct tl_probe *p, const char *what)
{
	struct tl_proof *proof = &pr->p->crash[pr->p->ncrash];

	if (tl_probe_ok(p) || p->render.fault == TL_RENDER_RAISED ||
	    tl_str_starts(p->render.message, REFUSED) ||
	    pr->p->ncrash == TL_COUNT(pr->p->crash))
		return;
	/* One fault, one finding. */
	for (size_t i = 0; i < pr->p->ncrash; i++)
		if (pr->p->crash[i].line == p->render.line &&
		    pr->p->crash[i].column == p->render.column)
			return;
	pr->p->ncrash++;
	proof->probe = p = probe_shrunk(pr, p, probe_fails_so, NULL);
	proof->what = tl_str_from(what);
	proof->line = p->render.line;
	proof->column = p->render.column;
}

/* An error, not a refusal, over what the template otherwise takes. */
static void
find_crashes(struct prober *pr)
{
	const struct tl_fact *f = pr->p->facts;

	if (f[TL_PF_CALL_OBJECT].fate == TL_FATE_KEPT) {
		add_crash(pr, probe_led(pr, "!UNTA"),
		    "a tool call beside a null content");
		add_crash(
		    pr, probe_led(pr, "!UMTA"), "a tool call without content");
		if (f[TL_PF_RESULT].fate == TL_FATE_KEPT)
			add_crash(pr, probe_led(pr, "!UCtA"),
			    "a tool result without id and name");
	}
	if (tl_probe_ok(f[TL_PF_LIST_USER].probe))
		add_crash(pr, f[TL_PF_LIST_ASSISTANT].probe,
		    "a list as the assistant's content, which is taken from a "
		    "user");
	add_crash(pr, f[TL_PF_UNKNOWN_ROLE].probe, "an unknown role");
}

/* --- markers in pairs ----------------------------------------------------- */

/* The closing marker of the pair that open begins, in the arena; empty: none.
 */
static tl_str
closing(struct tl_arena *a, tl_str open)
{
	static const struct {
		const char *beg, *end;
	} words[] = {
		{ "im_start", "im_end" },
		{ "start_of_turn", "end_of_turn" },
		{ "start_header_id", "end_header_id" },
		{ "START_OF_TURN_TOKEN", "END_OF_TURN_TOKEN" },
	};

	for (size_t i = 0; i < TL_COUNT(words); i++) {
		tl_str w = tl_str_from(words[i].beg);
		size_t at = tl_str_find(open, w, 0);

		if (at != TL_NPOS)
			return tl_arena_concat(a,
			    tl_arena_concat(a, tl_str_slice(open, 0, at),
				tl_str_from(words[i].end)),
			    tl_str_slice(open, at + w.len, open.len));
	}
	if (open.len < 3 || open.ptr[1] == '/' || open.ptr[1] == '|')
		return (tl_str){ 0 };
	return tl_arena_concat(a,
	    tl_arena_concat(a, tl_str_slice(open, 0, 1), TL_STR("/")),
	    tl_str_slice(open, 1, open.len));
}

static size_t
count(tl_str s, tl_str what)
{
	size_t n = 0;

	for (size_t at = tl_str_find(s, what, 0); at != TL_NPOS;
	     at = tl_str_find(s, what, at + what.len))
		n++;
	return n;
}

/* Where it stands last; 0 when it does not. */
static size_t
last_of(tl_str s, tl_str what)
{
	size_t last = 0;

	for (size_t at = tl_str_find(s, what, 0); at != TL_NPOS;
	     at = tl_str_find(s, what, at + what.len))
		last = at;
	return last;
}

/* Once a conversation and once a turn, as BOS and EOS are, is no pair: the
 * counts must agree with one round and with two. */
static bool
is_pair(struct prober *pr, tl_str open, tl_str close)
{
	tl_str one = pr->p->base->render.text.str;
	tl_str two = probe_led(pr, "UAUA")->render.text.str;

	return close.len > 0 && count(one, close) > 0 &&
	    count(one, open) == count(one, close) &&
	    count(two, close) > count(one, close) &&
	    count(two, open) == count(two, close);
}

/* A pair that is balanced in the base and not in p. */
static bool
check_pairs(struct prober *pr, const struct tl_probe *p)
{
	tl_str s = pr->p->base->render.text.str, text = p->render.text.str;

	if (!tl_probe_ok(p))
		return false;
	for (size_t i = 0, ntried = 0; i < s.len && ntried < MAX_MARKERS; i++) {
		tl_str open, close;
		size_t end;

		if (s.ptr[i] != '<' && s.ptr[i] != '[')
			continue;
		end = tl_str_find_char(s, s.ptr[i] == '<' ? '>' : ']', i);
		ntried++;
		if (end == TL_NPOS || end - i > 40)
			continue;
		open = tl_str_slice(s, i, end + 1);
		close = closing(pr->arena, open);
		if (!is_pair(pr, open, close) ||
		    count(text, open) == count(text, close))
			continue;
		pr->p->unbalanced.probe = p;
		pr->p->unbalanced.at = last_of(text,
		    count(text, open) > count(text, close) ? open : close);
		place(&pr->p->unbalanced);
		pr->p->unbalanced.what = tl_str_from(tl_arena_printf(pr->arena,
		    "%s stands %zu times, %s %zu times",
		    tl_arena_cstr(pr->arena, open), count(text, open),
		    tl_arena_cstr(pr->arena, close), count(text, close)));
		return true;
	}
	return false;
}

/* Does a question alone end where its answer begins? */
static bool
has_header_with_question(struct prober *pr)
{
	const struct tl_probe *question = probe_led(pr, "U");
	const struct tl_probe *base = pr->p->base;
	tl_span answer;

	return tl_probe_ok(question) &&
	    probe_reach(
		base, probe_content(base, probe_turn(base, 'A', 0)), &answer) &&
	    answer.beg == question->render.text.str.len;
}

/* Orders that a user opens and an assistant closes: what a user opened may
 * wait for the answer.  Where a question opens the answer's turn, it is one
 * that is never closed when no answer follows: that is its form, no slip. */
static void
find_unbalanced(struct prober *pr)
{
	if (has_header_with_question(pr))
		return;
	for (size_t i = 0; i < pr->p->norders; i++) {
		const struct tl_probe *o = pr->p->orders[i];
		const char *first = o->letters + strspn(o->letters, "S");

		if (*first == 'U' &&
		    tl_str_ends(tl_str_from(first), TL_STR("A")) &&
		    check_pairs(pr, o))
			return;
	}
}

/* --- the day, the dice, the end of the file ------------------------------- */

static void
compare_again(struct prober *pr, const struct tl_template *t,
    const struct tl_probe *p, const char *now, struct tl_proof *proof)
{
	const struct tl_probe *again;

	if (proof->probe != NULL || !tl_probe_ok(p))
		return;
	again = probe_at(pr, t, p->letters, now);
	if (!tl_probe_ok(again) ||
	    tl_str_eq(p->render.text.str, again->render.text.str))
		return;
	proof->probe = p;
	proof->other = again;
	proof->at = common_prefix(p->render.text.str, again->render.text.str);
	place(proof);
}

static void
find_chance(struct prober *pr, const struct tl_probe *p)
{
	if (pr->p->random.probe != NULL ||
	    !tl_str_starts(p->render.message, REFUSED) ||
	    tl_str_find(p->render.message, TL_STR("random"), 0) == TL_NPOS)
		return;
	pr->p->random.probe = p;
	pr->p->random.line = p->render.line;
	pr->p->random.column = p->render.column;
}

static void
find_unsteady(struct prober *pr)
{
	const struct tl_probe *list[] = { pr->p->base, probe(pr, "SUA"),
		probe_led(pr, "!UA"), probe(pr, "!SUA") };

	for (size_t i = 0; i < TL_COUNT(list); i++) {
		find_chance(pr, list[i]);
		compare_again(
		    pr, pr->t, list[i], "2031-11-27T23:00:00", &pr->p->clock);
	}
}

/* Does the file end in line breaks that are printed? */
static void
find_final_newline(struct prober *pr)
{
	tl_str s = tl_template_source(pr->t), bare = s;
	struct tl_template *t;
	struct tl_error err;

	while (bare.len > 0 &&
	    (bare.ptr[bare.len - 1] == '\n' || bare.ptr[bare.len - 1] == '\r'))
		bare.len--;
	if (bare.len == s.len || bare.len == 0 ||
	    tl_template_compile(
		pr->arena, tl_template_name(pr->t), bare, &t, &err) != TL_OK)
		return;
	compare_again(pr, t, pr->p->base, NULL, &pr->p->final_newline);
}

void
profile_faults(struct prober *pr)
{
	if (pr->p->no_stop.probe != NULL)
		place(&pr->p->no_stop);
	if (pr->p->late_stop.probe != NULL) {
		struct tl_proof at = pr->p->late_stop;

		at.probe = at.other;
		place(&at);
		pr->p->late_stop.line = at.line;
		pr->p->late_stop.column = at.column;
	}
	find_prefix_faults(pr);
	find_span_faults(pr);
	find_text_faults(pr);
	find_content_faults(pr);
	find_none(pr);
	find_crashes(pr);
	find_unbalanced(pr);
	find_unsteady(pr);
	find_final_newline(pr);
}

void
profile_useless(struct prober *pr)
{
	find_chance(pr, pr->p->base);
	add_crash(
	    pr, pr->p->base, "a question and its answer, whatever comes first");
}
