/* SPDX-License-Identifier: Apache-2.0 */
#include "unsloth_markers.h"

#include "pyset.h"

#include <turnlint/buf.h>

#include <string.h>

#include "whole.h"

/* Word joiners around them keep them from any template's own text. */
#define USER "\u2060USERPROBE7q\u2060"
#define ASSISTANT "\u2060ASSTPROBE4z\u2060"

#define NROUNDS 3
#define MAX_VARIANTS 18

struct ids {
	const uint32_t *list;
	size_t n;
};

struct work {
	struct tl_arena *a;
	const struct tl_recipe *recipe;
	struct tl_encoder *encoder;
	bool user_is_list, assistant_is_list;
	tl_str full; /* the rounds */
};

/* --- rendering --------------------------------------------------------------
 */

static void
put_message(struct tl_buf *b, const char *role, tl_str content, bool is_list)
{
	tl_buf_printf(b, "%s{\"role\":\"%s\",\"content\":",
	    b->len > 0 && b->ptr[b->len - 1] == '}' ? "," : "", role);
	if (is_list)
		tl_buf_puts(b, "[{\"type\":\"text\",\"text\":");
	tl_json_put_string(b, content);
	if (is_list)
		tl_buf_puts(b, "}]");
	tl_buf_putc(b, '}');
}

static bool
render(struct work *w, tl_str messages, bool with_prompt, tl_str *out)
{
	struct tl_render_options opt = w->recipe->render_options;
	struct tl_record rec = { .is_cut = false };
	struct tl_render r = { .fault = TL_RENDER_OK };
	struct tl_conv conv;

	rec.bytes = tl_arena_concat(w->a,
	    tl_arena_concat(w->a, TL_STR("{\"messages\":["), messages),
	    TL_STR("]}"));
	if (tl_record_parse(w->a, &rec) != TL_OK)
		return false;
	tl_conv_build(
	    w->a, &rec, tl_format_find(TL_STR("openai")), NULL, &conv);
	opt.tokens = tl_tokenizer_tokens(w->recipe->tokenizer);
	opt.add_generation_prompt = with_prompt;
	tl_template_render(
	    w->recipe->template_, w->a, &conv, conv.nturns, &opt, &r);
	*out = r.text.str;
	return r.fault == TL_RENDER_OK;
}

/* n messages: user, assistant, user, … */
static tl_str
rounds(struct work *w, size_t n)
{
	struct tl_buf b;

	tl_buf_init(&b, w->a, 0);
	for (size_t i = 0; i < n; i++)
		if (i % 2 == 0)
			put_message(&b, "user", TL_STR(USER), w->user_is_list);
		else
			put_message(&b, "assistant", TL_STR(ASSISTANT),
			    w->assistant_is_list);
	return tl_buf_str(&b);
}

static bool
has(tl_str s, tl_str part)
{
	return tl_str_find(s, part, 0) != TL_NPOS;
}

/* Contents as strings or as parts, whichever the template prints. */
static bool
render_rounds(struct work *w)
{
	for (int shape = 0; shape < 3; shape++) {
		w->user_is_list = shape > 0;
		w->assistant_is_list = shape == 1;
		if (render(w, rounds(w, 2 * NROUNDS), false, &w->full) &&
		    has(w->full, TL_STR(USER)) &&
		    has(w->full, TL_STR(ASSISTANT)))
			return true;
	}
	return false;
}

/* --- cutting ----------------------------------------------------------------
 */

/* The most frequent text between a `from` and the next `to`; of equals the
 * first. */
static tl_str
gap(const struct work *w, tl_str from, tl_str to)
{
	tl_str gaps[NROUNDS] = { { NULL, 0 } };
	size_t n = 0, at = 0, best = 0, most = 0;

	while (
	    n < NROUNDS && (at = tl_str_find(w->full, from, at)) != TL_NPOS) {
		size_t end;

		at += from.len;
		end = tl_str_find(w->full, to, at);
		if (end != TL_NPOS)
			gaps[n++] = tl_str_slice(w->full, at, end);
	}
	for (size_t i = 0; i < n; i++) {
		size_t count = 0;

		for (size_t k = 0; k < n; k++)
			count += tl_str_eq(gaps[i], gaps[k]);
		if (count > most) {
			most = count;
			best = i;
		}
	}
	return gaps[best];
}

static tl_str
behind(tl_str s, size_t n)
{
	return tl_str_slice(s, n, s.len);
}

/* Any of the prefixes, again and again. */
static tl_str
strip_lead(tl_str s, const tl_str *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (prefixes[i].len > 0 && tl_str_starts(s, prefixes[i])) {
			s = behind(s, prefixes[i].len);
			i = (size_t)-1;
		}
	return s;
}

/* The longest special or added token that s begins with. */
static tl_str
leading_special(const struct work *w, tl_str s)
{
	size_t n;
	const struct tl_added_token *all =
	    tl_tokenizer_added(w->recipe->tokenizer, &n);
	struct tl_special_tokens t = tl_tokenizer_tokens(w->recipe->tokenizer);
	const tl_str named[] = { t.bos, t.eos, t.pad, t.unk };
	tl_str best = { NULL, 0 };

	for (size_t i = 0; i < n + TL_COUNT(named); i++) {
		tl_str x = i < n ? all[i].content : named[i - n];

		if (x.len > best.len && tl_str_starts(s, x))
			best = x;
	}
	return best;
}

/* Drop what both begin with: white space and special tokens. */
static void
strip_shared(const struct work *w, tl_str *a, tl_str *b)
{
	for (;;) {
		size_t na = tl_space_before(*a), nb = tl_space_before(*b);

		if (na == 0 ||
		    !tl_str_eq(
			tl_str_slice(*a, 0, na), tl_str_slice(*b, 0, nb))) {
			na = leading_special(w, *a).len;
			if (na == 0 ||
			    !tl_str_starts(*b, tl_str_slice(*a, 0, na)))
				return;
		}
		*a = behind(*a, na);
		*b = behind(*b, na);
	}
}

static tl_str
tail_of(tl_str s)
{
	const tl_str user = TL_STR(USER);
	size_t at = 0, last = TL_NPOS;

	while ((at = tl_str_find(s, user, at)) != TL_NPOS)
		last = at++;
	return last == TL_NPOS ? (tl_str){ NULL, 0 }
			       : behind(s, last + user.len);
}

/* What the generation prompt adds behind a user's turn, less the marker that
 * ends that turn. */
static tl_str
header_of(struct work *w)
{
	tl_str question = rounds(w, 2 * NROUNDS - 1), on, off;

	if (!render(w, question, true, &on) ||
	    !render(w, question, false, &off) || tl_str_eq(on, off))
		return (tl_str){ NULL, 0 };
	on = tail_of(on);
	off = tail_of(off);
	strip_shared(w, &on, &off);
	return on;
}

static void
cut(struct work *w, struct tl_unsloth_markers *m)
{
	struct tl_special_tokens t = tl_tokenizer_tokens(w->recipe->tokenizer);
	const tl_str ends[] = { TL_STR(" "), TL_STR("\t"), t.eos, t.bos };
	tl_str question = gap(w, TL_STR(ASSISTANT), TL_STR(USER));
	tl_str answer = gap(w, TL_STR(USER), TL_STR(ASSISTANT));
	tl_str header = header_of(w), end;

	if (header.len > 0 && header.len < answer.len &&
	    tl_str_ends(answer, header)) {
		end = tl_str_slice(answer, 0, answer.len - header.len);
		m->response_part = header;
		m->instruction_part = strip_lead(question, &end, 1);
	} else if (header.len > 0 && tl_str_eq(header, answer)) {
		strip_shared(w, &header, &question);
		m->response_part = header;
		m->instruction_part =
		    strip_lead(question, ends, TL_COUNT(ends));
	} else {
		m->response_part = strip_lead(answer, ends, TL_COUNT(ends));
		m->instruction_part =
		    strip_lead(question, ends, TL_COUNT(ends));
	}
}

/* --- reasoning scaffolds ----------------------------------------------------
 */

/* Where an empty pair of tags, or else a closing tag alone, stands at the end
 * of s; its name.  TL_NPOS: there is none. */
static size_t
find_scaffold(tl_str s, tl_str *tag)
{
	size_t end = s.len - tl_space_behind(s), at, open;

	if (end == 0 || s.ptr[end - 1] != '>')
		return TL_NPOS;
	for (at = end - 1; at > 0; at--)
		if (s.ptr[at] == '/' || s.ptr[at - 1] == '>' ||
		    tl_space_before(tl_str_slice(s, at - 1, at)) > 0)
			break;
	if (at == 0 || s.ptr[at] != '/' || s.ptr[at - 1] != '<')
		return TL_NPOS;
	*tag = tl_str_slice(s, at + 1, end - 1);
	if (tag->len == 0)
		return TL_NPOS;
	at--;
	open = at - tl_space_behind(tl_str_slice(s, 0, at));
	if (open >= tag->len + 2 && s.ptr[open - 1] == '>' &&
	    s.ptr[open - tag->len - 2] == '<' &&
	    tl_str_eq(tl_str_slice(s, open - tag->len - 1, open - 1), *tag))
		return open - tag->len - 2;
	return at;
}

/* The generation prompt may open or close a thought that a real answer brings
 * along itself: then the marker ends before it. */
static void
drop_scaffold(struct work *w, struct tl_unsloth_markers *m)
{
	tl_str part = m->response_part, tag = { NULL, 0 }, header, filled;
	size_t at = find_scaffold(part, &tag), last = TL_NPOS, found = 0;
	struct tl_buf b;
	char *said, *name;

	if (at == TL_NPOS || at == 0)
		return;
	header = tl_str_slice(part, 0, at);
	name = tl_arena_cstr(w->a, tag);
	said = tl_arena_printf(w->a, "<%s>rZ9</%s>" ASSISTANT, name, name);
	tl_buf_init(&b, w->a, 0);
	put_message(&b, "user", TL_STR(USER), w->user_is_list);
	put_message(&b, "assistant", tl_str_from(said), w->assistant_is_list);
	if (!render(w, tl_buf_str(&b), false, &filled))
		return;
	while ((found = tl_str_find(filled, header, found)) != TL_NPOS)
		last = found++;
	if (last != TL_NPOS &&
	    !tl_str_starts(behind(filled, last + header.len), behind(part, at)))
		m->response_part = header;
}

/* --- ids --------------------------------------------------------------------
 */

static struct ids
encode(struct work *w, tl_str s)
{
	struct tl_tokens t = { .n = 0 };

	if (tl_encode(w->encoder, w->a, s, 0, &t, NULL) != TL_OK)
		t.n = 0;
	return (struct ids){ t.ids, t.n };
}

static size_t
count(struct work *w, tl_str part)
{
	struct ids all = encode(w, w->full), own = encode(w, part);
	size_t n = 0, at = 0;

	while ((at = tl_find_ids(all.list, all.n, own.list, own.n, at)) !=
	    TL_NPOS) {
		at++;
		n++;
	}
	return n;
}

/* The spelling of part whose ids stand in the rounds; empty: none. */
static tl_str
spelled(struct work *w, tl_str part)
{
	const char *before[] = { "", " ", "\n" };
	tl_str all[TL_COUNT(before)];
	size_t counts[TL_COUNT(before)];

	for (size_t i = 0; i < TL_COUNT(before); i++) {
		all[i] = tl_arena_concat(w->a, tl_str_from(before[i]), part);
		counts[i] = count(w, all[i]);
		if (counts[i] >= 2)
			return all[i];
	}
	for (size_t i = 0; i < 2; i++)
		if (counts[i] >= 1)
			return all[i];
	return (tl_str){ NULL, 0 };
}

static tl_str
trim_blanks(tl_str s)
{
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = behind(s, 1);
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static enum tl_status
detect(struct work *w, struct tl_unsloth_markers *m, struct tl_error *err)
{
	if (w->recipe->template_ == NULL)
		return tl_fail(err, TL_ECONFIG,
		    "Unsloth reads its markers off the chat template, and "
		    "there is none: give instruction_part and response_part");
	if (!render_rounds(w))
		return tl_fail(err, TL_ECONFIG,
		    "Unsloth cannot read its markers off this template: give "
		    "instruction_part and response_part");
	cut(w, m);
	drop_scaffold(w, m);
	m->instruction_part = spelled(w, trim_blanks(m->instruction_part));
	m->response_part = spelled(w, trim_blanks(m->response_part));
	if (m->instruction_part.len > 0 && m->response_part.len > 0)
		return TL_OK;
	return tl_fail(err, TL_ECONFIG,
	    "Unsloth finds no marker in front of %s in this template: give "
	    "instruction_part and response_part",
	    m->instruction_part.len == 0 ? "questions" : "answers");
}

static struct work
open_work(struct tl_arena *a, const struct tl_recipe *r)
{
	return (struct work){
		.a = a,
		.recipe = r,
		.encoder = tl_encoder_new(r->tokenizer, NULL, NULL),
	};
}

enum tl_status
tl_unsloth_detect(struct tl_arena *a, const struct tl_recipe *r,
    struct tl_unsloth_markers *m, struct tl_error *err)
{
	struct work w = open_work(a, r);
	enum tl_status st;

	st = detect(&w, m, err);
	tl_encoder_free(w.encoder);
	return st;
}

/* --- what spellings have in common ------------------------------------------
 */

static bool
is_in_all(const struct ids *lists, size_t n, struct ids part)
{
	for (size_t i = 0; i < n; i++)
		if (tl_find_ids(lists[i].list, lists[i].n, part.list, part.n,
			0) == TL_NPOS)
			return false;
	return true;
}

/* Those of `len` ids that stand in all lists, in the order in which the last
 * list has them.  Returns how many. */
static size_t
common_of(const struct ids *lists, size_t n, size_t len, struct tl_pytuple *out)
{
	const struct ids *last = &lists[n - 1];
	size_t found = 0;

	for (size_t i = 0; i + len <= last->n; i++) {
		struct ids part = { last->list + i, len };

		/* The first of its kind. */
		if (tl_find_ids(last->list, last->n, part.list, len, 0) == i &&
		    is_in_all(lists, n, part))
			out[found++] = (struct tl_pytuple){ part.list, len };
	}
	return found;
}

/* Of several, the one that Python's set gives first. */
static struct ids
longest_common(struct work *w, const struct ids *lists, size_t n)
{
	const struct ids *last = &lists[n - 1];
	struct tl_pytuple *all = TL_NEW(w->a, struct tl_pytuple, last->n + 1);

	for (size_t len = last->n; len > 0; len--) {
		size_t found = common_of(lists, n, len, all);

		if (found > 0) {
			size_t i = tl_pyset_pop(w->a, all, found);

			return (struct ids){ all[i].list, all[i].n };
		}
	}
	return (struct ids){ NULL, 0 };
}

/* Unsloth puts a 0 behind the ids of every spelling. */
static struct ids
with_zero(struct work *w, struct ids x)
{
	uint32_t *list = TL_NEW(w->a, uint32_t, x.n + 1);

	if (x.n > 0)
		memcpy(list, x.list, x.n * sizeof(*list));
	return (struct ids){ list, x.n + 1 };
}

static bool
same(struct ids a, struct ids b)
{
	return a.n == b.n &&
	    (a.n == 0 || memcmp(a.list, b.list, a.n * sizeof(*a.list)) == 0);
}

static size_t
spell(struct work *w, tl_str part, struct ids *out)
{
	tl_str bare = behind(part, tl_space_before(part));
	char left = part.len > 0 && (part.ptr[0] == ' ' || part.ptr[0] == '\n')
	    ? part.ptr[0]
	    : '\0';
	char right = part.len > 0 &&
		(part.ptr[part.len - 1] == ' ' ||
		    part.ptr[part.len - 1] == '\n')
	    ? part.ptr[part.len - 1]
	    : '\0';
	size_t n = 0;
	struct tl_buf b;

	bare.len -= tl_space_behind(bare);
	for (size_t i = 0; i < MAX_VARIANTS; i++) {
		bool is_own = i % 2 == 0;
		char l = is_own ? left : '\n', r = is_own ? right : '\n';

		tl_buf_init(&b, w->a, 0);
		if (l != '\0')
			tl_buf_pad(&b, l, i / 6);
		tl_buf_put(&b, bare);
		if (r != '\0')
			tl_buf_pad(&b, r, i / 2 % 3);
		out[n++] = encode(w, tl_buf_str(&b));
	}
	return n;
}

static struct ids
core_of(struct work *w, const struct ids *spellings, size_t n)
{
	struct ids padded[MAX_VARIANTS], core;
	bool is_one = true;

	for (size_t i = 0; i < n; i++) {
		padded[i] = with_zero(w, spellings[i]);
		is_one &= same(spellings[i], spellings[0]);
	}
	core = longest_common(w, padded, n);
	if (core.n == 1 && core.list[0] == 0 && spellings[0].n == 1 &&
	    is_in_all(spellings, n, spellings[0]))
		core = spellings[0];
	if (is_one && core.n == spellings[0].n + 1)
		core.n--;
	return core;
}

static enum tl_status
resolve(struct work *w, const char *name, tl_str part, bool is_exact,
    struct tl_unsloth_core *out, struct tl_error *err)
{
	struct ids own = encode(w, part), core = own;
	struct ids spellings[MAX_VARIANTS];
	size_t at;

	if (!is_exact)
		core = core_of(w, spellings, spell(w, part, spellings));
	at = tl_find_ids(own.list, own.n, core.list, core.n, 0);
	if (at == TL_NPOS)
		return tl_fail(err, TL_ECONFIG,
		    "Unsloth stops with an error: %s has no ids that stay the "
		    "same%s",
		    name, is_exact ? "" : "; try force_match=true");
	*out = (struct tl_unsloth_core){
		.must = core.list,
		.nmust = core.n,
		.left = own.list,
		.nleft = at,
		.right = own.list + at + core.n,
		.nright = own.n - at - core.n,
	};
	return TL_OK;
}

enum tl_status
tl_unsloth_resolve(struct tl_arena *a, const struct tl_recipe *r, bool is_exact,
    struct tl_unsloth_markers *m, struct tl_error *err)
{
	struct work w = open_work(a, r);
	enum tl_status st;

	st = resolve(&w, "instruction_part", m->instruction_part, is_exact,
	    &m->instruction, err);
	if (st == TL_OK)
		st = resolve(&w, "response_part", m->response_part, is_exact,
		    &m->response, err);
	tl_encoder_free(w.encoder);
	return st;
}
