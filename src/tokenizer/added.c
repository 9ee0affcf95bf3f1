/* SPDX-License-Identifier: Apache-2.0 */
/*
 * added.c - added tokens: found in the text before anything else is done to
 * it; the earliest wins, then the longest.
 */
#include "tok.h"
#include "unicode.h"

/* The search looks at every pattern's length again at every place. */
#define MAX_ADDED_BYTES 4096u
#define MAX_ADDED 1000000u

static void
note_first_bytes(struct tl_added_set *set, size_t which)
{
	tl_str p = set->patterns.keys[which];
	unsigned first = (unsigned char)p.ptr[0];

	set->only_first =
	    which == 0 || set->only_first == (int)first ? (int)first : -1;
	set->first[first / 64] |= 1ull << (first % 64);
	for (unsigned second = 0; second < 256; second++) {
		unsigned both = first << 8 | second;

		if (p.len == 1 || (unsigned char)p.ptr[1] == second)
			set->two[both / 64] |= 1ull << (both % 64);
	}
}

static void
build_set(struct tl_added_set *set, const struct tl_tokenizer *t,
    const tl_str *patterns, bool is_normalized)
{
	struct tl_arena *a = t->arena;
	tl_str *keys = TL_NEW(a, tl_str, t->nadded);
	uint32_t *which = TL_NEW(a, uint32_t, t->nadded);
	size_t n = 0;

	*set = (struct tl_added_set){ .only_first = -1 };
	for (size_t i = 0; i < t->nadded; i++) {
		if (t->added[i].is_normalized != is_normalized)
			continue;
		keys[n] = patterns[i];
		which[n++] = (uint32_t)i;
	}
	tl_prefixes_build(&set->patterns, a, keys, which, n);
	set->two = TL_NEW(a, uint64_t, 65536 / 64);
	for (size_t i = 0; i < set->patterns.n; i++)
		note_first_bytes(set, i);
}

/* --- finding
 * -------------------------------------------------------------------- */

int64_t
tl_added_longest(const struct tl_added_set *set, tl_str text, size_t at)
{
	struct tl_prefix_search s = tl_prefix_search_begin(&set->patterns);
	int64_t found = -1;

	while (at < text.len &&
	    tl_prefix_search_feed(&s, (unsigned char)text.ptr[at++])) {
		int64_t hit = tl_prefix_search_hit(&s);

		if (hit >= 0)
			found = hit;
	}
	return found;
}

/* The next place from at on where a pattern could begin. */
static size_t
next_candidate(const struct tl_added_set *set, tl_str text, size_t at)
{
	for (; at < text.len; at++) {
		unsigned c;

		if (set->only_first >= 0) {
			const char *p = memchr(
			    text.ptr + at, set->only_first, text.len - at);

			if (p == NULL)
				return text.len;
			at = (size_t)(p - text.ptr);
		}
		c = (unsigned char)text.ptr[at];
		if (!((set->first[c / 64] >> (c % 64)) & 1))
			continue;
		if (at + 1 == text.len)
			return at;
		c = c << 8 | (unsigned char)text.ptr[at + 1];
		if ((set->two[c / 64] >> (c % 64)) & 1)
			return at;
	}
	return text.len;
}

static uint32_t
char_before(tl_str s, size_t end, size_t *beg)
{
	uint32_t cp;

	*beg = end - 1;
	while (*beg > 0 && ((unsigned char)s.ptr[*beg] & 0xC0) == 0x80)
		(*beg)--;
	(void)tl_utf8_next(s, *beg, &cp, NULL);
	return cp;
}

static bool
stands_alone(tl_str s, size_t beg, size_t end)
{
	uint32_t cp;
	size_t at;

	if (beg > 0 &&
	    (tl_uni_mask(char_before(s, beg, &at)) & TL_UNI_RUST_WORD))
		return false;
	if (end == s.len)
		return true;
	(void)tl_utf8_next(s, end, &cp, NULL);
	return !(tl_uni_mask(cp) & TL_UNI_RUST_WORD);
}

static size_t
strip_left(tl_str s, size_t beg)
{
	while (beg > 0) {
		size_t at;

		if (!(tl_uni_mask(char_before(s, beg, &at)) & TL_UNI_WHITE))
			break;
		beg = at;
	}
	return beg;
}

static size_t
strip_right(tl_str s, size_t end)
{
	while (end < s.len) {
		uint32_t cp;
		size_t len = tl_utf8_next(s, end, &cp, NULL);

		if (!(tl_uni_mask(cp) & TL_UNI_WHITE))
			break;
		end += len;
	}
	return end;
}

void
tl_added_split(const struct tl_tokenizer *t, const struct tl_added_set *set,
    const struct tl_piece *p, struct tl_pieces *out)
{
	tl_str s = { p->ptr, p->len };
	size_t done = 0, at = 0;
	struct tl_piece cut;

	while (
	    set->patterns.n > 0 && (at = next_candidate(set, s, at)) < s.len) {
		int64_t which = tl_added_longest(set, s, at);
		const struct tl_added_token *k;
		size_t beg = at, end;

		if (which < 0) {
			at++;
			continue;
		}
		k = &t->added[set->patterns.values[which]];
		end = beg + set->patterns.keys[which].len;
		at = end; /* stripping does not move the search */
		if (k->is_special && t->encodes_special)
			continue;
		if (k->is_single_word && !stands_alone(s, beg, end))
			continue;
		if (k->is_lstrip) {
			beg = strip_left(s, beg);
			if (beg < done)
				beg = done;
		}
		if (k->is_rstrip)
			end = strip_right(s, end);
		if (done < beg) {
			cut = tl_piece_cut(p, done, beg);
			tl_pieces_add(out, &cut);
		}
		cut = tl_piece_cut(p, beg, end);
		cut.added = k->id;
		tl_pieces_add(out, &cut);
		done = end;
	}
	if (done < s.len) {
		cut = tl_piece_cut(p, done, s.len);
		tl_pieces_add(out, &cut);
	}
}

/* --- ids
 * ----------------------------------------------------------------------------
 */

/* The id in the file does not count: a token of the model keeps the model's,
 * the others are numbered in the order of the file behind the vocabulary. */
static uint32_t
next_id(const struct tl_tokenizer *t)
{
	uint32_t next = (uint32_t)t->model.vocab.n;

	for (size_t i = 0; i < t->nadded; i++)
		if (t->added[i].id >= next)
			next = t->added[i].id + 1;
	return next;
}

enum tl_status
tl_tokenizer_add(struct tl_tokenizer *t, const struct tl_added_token *tokens,
    size_t n, struct tl_error *err)
{
	struct tl_arena *a = t->arena;
	struct tl_map known;
	struct tl_added_token *all;
	uint32_t next = next_id(t);

	if (n > MAX_ADDED)
		return tl_fail(
		    err, TL_ELIMIT, "more than %u added tokens", MAX_ADDED);
	all = TL_NEW(a, struct tl_added_token, t->nadded + n);
	if (t->nadded > 0)
		memcpy(all, t->added, t->nadded * sizeof(*all));
	t->added = all;
	tl_map_init(&known, a);
	for (size_t i = 0; i < t->nadded; i++)
		tl_map_put(&known, all[i].content, NULL)->num = i;
	for (size_t i = 0; i < n; i++) {
		struct tl_added_token k = tokens[i];
		struct tl_map_entry *e;
		bool is_new;

		if (k.content.len == 0)
			continue;
		if (k.content.len > MAX_ADDED_BYTES)
			return tl_fail(err, TL_ELIMIT,
			    "an added token has %zu bytes, more than %u",
			    k.content.len, MAX_ADDED_BYTES);
		e = tl_map_put(&known, k.content, &is_new);
		if (!is_new) { /* the later flags count */
			k.id = all[e->num].id;
			all[e->num] = k;
			continue;
		}
		k.id = tl_vocab_find(&t->model.vocab, k.content);
		if (k.id == TL_NO_ID)
			k.id = next;
		if (k.id >= next)
			next = k.id + 1;
		e->num = t->nadded;
		all[t->nadded++] = k;
	}
	return TL_OK;
}

/* Build both sets; the patterns of normalized tokens go through the
 * normalizer themselves. */
void
tl_tokenizer_index_added(struct tl_tokenizer *t)
{
	tl_str *patterns = TL_NEW(t->arena, tl_str, t->nadded);

	for (size_t i = 0; i < t->nadded; i++) {
		const struct tl_added_token *k = &t->added[i];
		struct tl_piece p = { .ptr = k->content.ptr,
			.len = (uint32_t)k->content.len,
			.added = TL_NO_ID };

		if (k->is_normalized)
			(void)tl_norm_run(&t->norm, t->arena, &p);
		patterns[i] = (tl_str){ p.ptr, p.len };
		t->has_single_word |= k->is_single_word;
		if (t->longest_added < k->content.len)
			t->longest_added = k->content.len;
		if (t->longest_added < p.len)
			t->longest_added = p.len;
	}
	build_set(&t->raw_set, t, patterns, false);
	build_set(&t->normalized_set, t, patterns, true);
}

/* " " for every "▁". */
static tl_str
fold(struct tl_arena *a, tl_str s)
{
	struct tl_buf b;

	tl_buf_init(&b, a, s.len);
	for (size_t i = 0; i < s.len; i++) {
		bool is_meta =
		    tl_str_starts(tl_str_slice(s, i, s.len), TL_STR("\u2581"));

		tl_buf_putc(&b, is_meta ? ' ' : s.ptr[i]);
		i += is_meta ? 2 : 0;
	}
	return tl_buf_str(&b);
}

bool
tl_tokenizer_fold_added(struct tl_tokenizer *t)
{
	struct tl_arena *a = t->arena;
	const struct tl_prefixes *from = &t->normalized_set.patterns;
	tl_str *patterns = TL_NEW(a, tl_str, t->nadded);
	tl_str *rests = TL_NEW(a, tl_str, t->nadded);

	for (size_t i = 0; i < t->nadded; i++)
		patterns[i] = rests[i] = TL_STR("");
	for (size_t i = 0; i < from->n; i++) {
		uint32_t which = from->values[i];
		const struct tl_added_token *k = &t->added[which];
		tl_str folded = fold(a, from->keys[i]);

		if (k->is_lstrip || k->is_rstrip || k->is_single_word ||
		    tl_str_eq(folded, TL_STR(" ")))
			return false;
		patterns[which] = folded;
		if (tl_str_starts(folded, TL_STR(" ")))
			rests[which] = tl_str_slice(folded, 1, folded.len);
	}
	build_set(&t->folded_set, t, patterns, true);
	build_set(&t->front_set, t, rests, true);
	return true;
}
