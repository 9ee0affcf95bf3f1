/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pretokenize.c - the pre-tokenizers of tokenizer.json, one row each.
 *
 * A step takes one piece and appends what it becomes; empty pieces vanish.
 */
#include "tok.h"
#include "unicode.h"

struct tl_pretok_op {
	const char *name;
	enum tl_status (*parse)(struct tl_arena *a, const struct tl_json *json,
	    struct tl_pretok_step *s, struct tl_error *err); /* or NULL */
	/* False when a pattern gave up. */
	bool (*run)(const struct tl_pretok_step *s, struct tl_arena *a,
	    const struct tl_piece *p, struct tl_pieces *out);
};

static void
put(struct tl_pieces *out, const struct tl_piece *p, size_t beg, size_t end)
{
	struct tl_piece cut;

	if (beg >= end)
		return;
	cut = tl_piece_cut(p, beg, end);
	tl_pieces_add(out, &cut);
}

/* --- splitting at matches
 * ------------------------------------------------------- */

/* Joins parts as the behaviour says.  Parts come from the left, matches and
 * the gaps between them. */
struct splitter {
	enum tl_split_behavior behavior;
	const struct tl_piece *piece;
	struct tl_pieces *out;
	size_t beg, end; /* the part that waits for what follows */
	bool is_open;
	bool was_match; /* the last part was one */
};

static void
close_part(struct splitter *s)
{
	if (s->is_open)
		put(s->out, s->piece, s->beg, s->end);
	s->is_open = false;
}

static void
open_part(struct splitter *s, size_t beg, size_t end)
{
	close_part(s);
	s->beg = beg;
	s->end = end;
	s->is_open = true;
}

static void
add_part(struct splitter *s, size_t beg, size_t end, bool is_match)
{
	bool joins = false;

	switch (s->behavior) {
	case TL_SPLIT_REMOVED:
		if (is_match)
			close_part(s);
		else
			open_part(s, beg, end);
		return;
	case TL_SPLIT_ISOLATED:
		break;
	case TL_SPLIT_WITH_PREVIOUS:
		joins = is_match && !s->was_match;
		break;
	case TL_SPLIT_WITH_NEXT:
		joins = !is_match && s->was_match;
		break;
	case TL_SPLIT_CONTIGUOUS:
		joins = is_match == s->was_match;
		break;
	}
	if (joins && s->is_open)
		s->end = end;
	else
		open_part(s, beg, end);
	s->was_match = is_match;
}

static bool
split(const struct tl_pretok_step *step, const struct tl_pattern *pattern,
    const struct tl_piece *p, struct tl_pieces *out)
{
	struct splitter s = {
		.behavior = step->behavior, .piece = p, .out = out
	};
	struct tl_matcher m;
	size_t done = 0, beg, end;
	bool fine;

	tl_matcher_init(&m, pattern, (tl_str){ p->ptr, p->len });
	while (tl_matcher_next(&m, &beg, &end)) {
		if (done < beg)
			add_part(&s, done, beg, step->invert);
		add_part(&s, beg, end, !step->invert);
		done = end;
	}
	fine = !m.has_failed;
	tl_matcher_clear(&m);
	if (done < p->len)
		add_part(&s, done, p->len, step->invert);
	close_part(&s);
	return fine;
}

static enum tl_status
parse_behavior(
    const struct tl_json *json, struct tl_pretok_step *s, struct tl_error *err)
{
	static const char *const names[] = { "Removed", "Isolated",
		"MergedWithPrevious", "MergedWithNext", "Contiguous" };
	const struct tl_json *v = tl_json_get(json, "behavior");

	if (v == NULL)
		return TL_OK;
	for (size_t i = 0; i < TL_COUNT(names); i++)
		if (tl_str_eq(
			tl_json_text(v, TL_STR("")), tl_str_from(names[i]))) {
			s->behavior = (enum tl_split_behavior)i;
			return TL_OK;
		}
	return tl_fail(err, TL_EPARSE,
	    "the behavior of a pre-tokenizer is none of Removed, Isolated, "
	    "MergedWithPrevious, MergedWithNext, Contiguous");
}

static enum tl_status
parse_split(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok_step *s, struct tl_error *err)
{
	enum tl_status st;

	if (tl_json_get(json, "behavior") == NULL ||
	    tl_json_get(json, "invert") == NULL)
		return tl_fail(err, TL_EPARSE,
		    "the pre-tokenizer Split has no behavior or no invert");
	s->invert = tl_json_bool(tl_json_get(json, "invert"), false);
	st = parse_behavior(json, s, err);
	if (st != TL_OK)
		return st;
	return tl_pattern_parse(
	    a, tl_json_get(json, "pattern"), &s->pattern, err);
}

static bool
run_split(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *p, struct tl_pieces *out)
{
	(void)a;
	return split(s, &s->pattern, p, out);
}

/* --- splitting by the class of chars
 * ----------------------------------------------- */

/* Chars with a bit of `mask` are matches, one by one. */
static void
split_chars(const struct tl_pretok_step *step, uint32_t mask,
    const struct tl_piece *p, struct tl_pieces *out)
{
	struct splitter s = {
		.behavior = step->behavior, .piece = p, .out = out
	};
	tl_str text = { p->ptr, p->len };
	size_t done = 0;

	for (size_t at = 0, len; at < text.len; at += len) {
		uint32_t cp;

		len = tl_utf8_next(text, at, &cp, NULL);
		if (!(tl_uni_mask(cp) & mask))
			continue;
		if (done < at)
			add_part(&s, done, at, false);
		add_part(&s, at, at + len, true);
		done = at + len;
	}
	if (done < text.len)
		add_part(&s, done, text.len, false);
	close_part(&s);
}

static enum tl_status
parse_digits(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok_step *s, struct tl_error *err)
{
	(void)a;
	(void)err;
	s->behavior =
	    tl_json_bool(tl_json_get(json, "individual_digits"), false)
	    ? TL_SPLIT_ISOLATED
	    : TL_SPLIT_CONTIGUOUS;
	return TL_OK;
}

static bool
run_digits(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *p, struct tl_pieces *out)
{
	(void)a;
	split_chars(s, TL_UNI_NUMERIC, p, out);
	return true;
}

static enum tl_status
parse_punctuation(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok_step *s, struct tl_error *err)
{
	(void)a;
	s->behavior = TL_SPLIT_ISOLATED;
	return parse_behavior(json, s, err);
}

static bool
run_punctuation(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *p, struct tl_pieces *out)
{
	(void)a;
	split_chars(s, TL_UNI_PUNCT, p, out);
	return true;
}

/* Runs of one kind of char; kind 0 is dropped, kind 1 stands alone. */
static void
split_kinds(const struct tl_piece *p, struct tl_pieces *out,
    unsigned (*kind)(uint32_t cp))
{
	tl_str text = { p->ptr, p->len };
	size_t beg = 0;
	unsigned now = 0;

	for (size_t at = 0, len; at < text.len; at += len) {
		uint32_t cp;
		unsigned k;

		len = tl_utf8_next(text, at, &cp, NULL);
		k = kind(cp);
		if (k == now && k != 1)
			continue;
		if (now != 0)
			put(out, p, beg, at);
		beg = at;
		now = k;
	}
	if (now != 0)
		put(out, p, beg, text.len);
}

static unsigned
whitespace_kind(uint32_t cp)
{
	uint32_t m = tl_uni_mask(cp);

	if (m & TL_UNI_RUST_WORD)
		return 2;
	return m & TL_UNI_WHITE ? 0 : 3;
}

static unsigned
whitespace_split_kind(uint32_t cp)
{
	return tl_uni_mask(cp) & TL_UNI_WHITE ? 0 : 2;
}

static unsigned
bert_kind(uint32_t cp)
{
	uint32_t m = tl_uni_mask(cp);

	if (m & TL_UNI_WHITE)
		return 0;
	return m & TL_UNI_PUNCT ? 1 : 2;
}

static bool
run_whitespace(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *p, struct tl_pieces *out)
{
	(void)s;
	(void)a;
	split_kinds(p, out, whitespace_kind);
	return true;
}

static bool
run_whitespace_split(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *p, struct tl_pieces *out)
{
	(void)s;
	(void)a;
	split_kinds(p, out, whitespace_split_kind);
	return true;
}

static bool
run_bert(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *p, struct tl_pieces *out)
{
	(void)s;
	(void)a;
	split_kinds(p, out, bert_kind);
	return true;
}

/* --- CharDelimiterSplit, FixedLength
 * --------------------------------------------------- */

static enum tl_status
parse_delimiter(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok_step *s, struct tl_error *err)
{
	tl_str c = tl_json_text(tl_json_get(json, "delimiter"), TL_STR(""));

	if (c.len == 0 || tl_utf8_count(c) != 1)
		return tl_fail(err, TL_EPARSE,
		    "the pre-tokenizer CharDelimiterSplit needs a delimiter "
		    "of one character");
	s->behavior = TL_SPLIT_REMOVED;
	s->pattern.literal = tl_arena_str(a, c);
	return TL_OK;
}

static enum tl_status
parse_length(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok_step *s, struct tl_error *err)
{
	int64_t n = 5;
	const struct tl_json *v = tl_json_get(json, "length");

	(void)a;
	if (v != NULL && (!tl_json_int(v, &n) || n < 1))
		return tl_fail(err, TL_EPARSE,
		    "the pre-tokenizer FixedLength needs a length above 0");
	s->length = (size_t)n;
	return TL_OK;
}

static bool
run_length(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *p, struct tl_pieces *out)
{
	tl_str text = { p->ptr, p->len };
	size_t beg = 0, n = 0;

	(void)a;
	for (size_t at = 0; at < text.len;) {
		at += tl_utf8_len(text, at);
		if (++n == s->length || at == text.len) {
			put(out, p, beg, at);
			beg = at;
			n = 0;
		}
	}
	return true;
}

/* --- UnicodeScripts ------------------------------------------------------
 */

/* A char of no script goes with what precedes it; in front of the first one
 * with a script there is nothing, and it is lost. */
static bool
run_scripts(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *p, struct tl_pieces *out)
{
	tl_str text = { p->ptr, p->len };
	size_t beg = text.len;
	unsigned now = 0;

	(void)s;
	(void)a;
	for (size_t at = 0, len; at < text.len; at += len) {
		uint32_t cp;
		unsigned script;

		len = tl_utf8_next(text, at, &cp, NULL);
		script = tl_uni_script(cp);
		if (script == 0 || script == now)
			continue;
		if (now != 0)
			put(out, p, beg, at);
		beg = at;
		now = script;
	}
	put(out, p, beg, text.len);
	return true;
}

/* --- ByteLevel
 * ---------------------------------------------------------------------- */

static enum tl_status
parse_bytes(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok_step *s, struct tl_error *err)
{
	(void)err;
	s->add_prefix_space =
	    tl_json_bool(tl_json_get(json, "add_prefix_space"), true);
	s->use_regex = tl_json_bool(tl_json_get(json, "use_regex"), true);
	s->behavior = TL_SPLIT_ISOLATED;
	return tl_pattern_regex(
	    a, tl_known_patterns[0].source, &s->pattern, err);
}

static bool
run_bytes(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *piece, struct tl_pieces *out)
{
	struct tl_piece p = *piece;
	size_t first = out->n;

	if (s->add_prefix_space && p.len > 0 && p.ptr[0] != ' ')
		tl_piece_prepend(a, &p, TL_STR(" "));
	if (s->use_regex)
		(void)split(s, &s->pattern, &p, out);
	else
		put(out, &p, 0, p.len);
	for (size_t i = first; i < out->n && !s->is_raw; i++)
		tl_piece_to_byte_chars(a, &out->v[i]);
	return true;
}

/* --- Metaspace
 * ----------------------------------------------------------------------- */

static enum tl_status
parse_metaspace(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok_step *s, struct tl_error *err)
{
	static const char *const names[] = { "always", "first", "never" };
	const struct tl_json *scheme = tl_json_get(json, "prepend_scheme");
	const struct tl_json *old = tl_json_get(json, "add_prefix_space");
	tl_str mark =
	    tl_json_text(tl_json_get(json, "replacement"), TL_STR(""));
	size_t i;

	if (mark.len == 0 || tl_utf8_count(mark) != 1)
		return tl_fail(err, TL_EPARSE,
		    "the pre-tokenizer Metaspace needs a replacement of one "
		    "character");
	s->text = tl_arena_str(a, mark);
	s->pattern.literal = s->text;
	s->behavior = TL_SPLIT_WITH_NEXT;
	s->split = tl_json_bool(tl_json_get(json, "split"), true);
	s->prepend = TL_PREPEND_ALWAYS;
	if (scheme != NULL) {
		for (i = 0; i < TL_COUNT(names); i++)
			if (tl_str_eq(tl_json_text(scheme, TL_STR("")),
				tl_str_from(names[i])))
				break;
		if (i == TL_COUNT(names))
			return tl_fail(err, TL_EPARSE,
			    "the prepend_scheme of Metaspace is none of "
			    "always, first, never");
		s->prepend = (enum tl_prepend)i;
	}
	if (tl_json_is(old, TL_JSON_FALSE) && s->prepend != TL_PREPEND_NEVER)
		return tl_fail(err, TL_EPARSE,
		    "Metaspace has add_prefix_space false, but its "
		    "prepend_scheme is not never");
	return TL_OK;
}

static bool
run_metaspace(const struct tl_pretok_step *s, struct tl_arena *a,
    const struct tl_piece *piece, struct tl_pieces *out)
{
	tl_str text = { piece->ptr, piece->len };
	struct tl_ptext changed;
	struct tl_piece p;
	bool is_first = tl_piece_start(piece).beg == 0;

	tl_ptext_init(&changed, a, text.len + text.len / 2);
	for (size_t at = 0, len; at < text.len; at += len) {
		struct tl_offset span;

		len = tl_utf8_len(text, at);
		span = tl_piece_span(piece, at, at + len);
		tl_ptext_put(&changed,
		    text.ptr[at] == ' ' ? s->text
					: tl_str_slice(text, at, at + len),
		    span);
	}
	p = tl_ptext_piece(&changed);
	if ((s->prepend == TL_PREPEND_ALWAYS ||
		(s->prepend == TL_PREPEND_FIRST && is_first)) &&
	    !tl_str_starts((tl_str){ p.ptr, p.len }, s->text))
		tl_piece_prepend(a, &p, s->text);
	if (s->split)
		return split(s, &s->pattern, &p, out);
	put(out, &p, 0, p.len);
	return true;
}

/* --- the table
 * ----------------------------------------------------------------------- */

static const struct tl_pretok_op ops[] = {
	{ "ByteLevel", parse_bytes, run_bytes },
	{ "Split", parse_split, run_split },
	{ "Metaspace", parse_metaspace, run_metaspace },
	{ "Digits", parse_digits, run_digits },
	{ "Punctuation", parse_punctuation, run_punctuation },
	{ "Whitespace", NULL, run_whitespace },
	{ "WhitespaceSplit", NULL, run_whitespace_split },
	{ "BertPreTokenizer", NULL, run_bert },
	{ "CharDelimiterSplit", parse_delimiter, run_split },
	{ "FixedLength", parse_length, run_length },
	{ "UnicodeScripts", NULL, run_scripts },
};

static enum tl_status
parse_one(struct tl_arena *a, const struct tl_json *json, struct tl_pretok *out,
    size_t depth, struct tl_error *err)
{
	const struct tl_json *list = tl_json_get(json, "pretokenizers");
	tl_str type = tl_json_text(tl_json_get(json, "type"), TL_STR(""));

	if (depth > TL_MAX_STEPS_DEPTH || out->n > TL_MAX_STEPS)
		return tl_fail(err, TL_ELIMIT, "too many pre-tokenizers");
	if (type.len == 0)
		return tl_fail(err, TL_EPARSE, "a pre-tokenizer has no type");
	if (tl_str_eq(type, TL_STR("Sequence"))) {
		if (!tl_json_is(list, TL_JSON_ARRAY))
			return tl_fail(err, TL_EPARSE,
			    "the pre-tokenizer Sequence has no pretokenizers");
		for (const struct tl_json *v = list->first; v != NULL;
		     v = v->next) {
			enum tl_status st =
			    parse_one(a, v, out, depth + 1, err);

			if (st != TL_OK)
				return st;
		}
		return TL_OK;
	}
	for (size_t i = 0; i < TL_COUNT(ops); i++) {
		struct tl_pretok_step step = { .op = &ops[i] };
		enum tl_status st = TL_OK;

		if (!tl_str_eq(type, tl_str_from(ops[i].name)))
			continue;
		if (ops[i].parse != NULL)
			st = ops[i].parse(a, json, &step, err);
		if (st != TL_OK)
			return st;
		out->steps = tl_arena_grow(a, out->steps, out->n * sizeof(step),
		    (out->n + 1) * sizeof(step),
		    _Alignof(struct tl_pretok_step));
		out->steps[out->n++] = step;
		return TL_OK;
	}
	return tl_unsupported(err, "pre-tokenizer", type);
}

enum tl_status
tl_pretok_parse(struct tl_arena *a, const struct tl_json *json,
    struct tl_pretok *out, struct tl_error *err)
{
	*out = (struct tl_pretok){ 0 };
	if (json == NULL || json->kind == TL_JSON_NULL)
		return TL_OK;
	return parse_one(a, json, out, 0, err);
}

bool
tl_pretok_is(const struct tl_pretok_step *s, const char *name)
{
	return strcmp(s->op->name, name) == 0;
}

bool
tl_pretok_run(
    const struct tl_pretok *p, struct tl_arena *a, struct tl_pieces *list)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct tl_pretok_step *s = &p->steps[i];
		struct tl_pieces next = { .arena = a };

		for (size_t k = 0; k < list->n; k++) {
			if (list->v[k].added != TL_NO_ID)
				tl_pieces_add(&next, &list->v[k]);
			else if (!s->op->run(s, a, &list->v[k], &next))
				return false;
		}
		*list = next;
	}
	return true;
}
