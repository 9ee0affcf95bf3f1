/* SPDX-License-Identifier: Apache-2.0 */
#include "diff/diff.h"

#include <turnlint/str.h>

struct words {
	tl_span *spans;
	uint64_t *hashes;
	size_t n;
};

static bool
is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_';
}

/* The end of the word at s[at]: a run of ASCII letters and digits, a run of
 * spaces, or one code point. */
static size_t
word_end(tl_str s, size_t at)
{
	char c = s.ptr[at];
	size_t end = at;

	if (is_word_byte(c)) {
		while (end < s.len && is_word_byte(s.ptr[end]))
			end++;
	} else if (c == ' ') {
		while (end < s.len && s.ptr[end] == ' ')
			end++;
	} else {
		end += tl_utf8_next(s, at, &(uint32_t){ 0 }, NULL);
	}
	return end;
}

static struct words
split(struct tl_arena *a, tl_str s)
{
	struct words w = { 0 };
	size_t n = 0;

	for (size_t at = 0; at < s.len; at = word_end(s, at))
		n++;
	w.spans = TL_NEW(a, tl_span, n);
	w.hashes = TL_NEW(a, uint64_t, n);
	for (size_t at = 0, end; at < s.len; at = end) {
		end = word_end(s, at);
		w.spans[w.n] = (tl_span){ at, end };
		w.hashes[w.n++] = tl_str_hash(tl_str_slice(s, at, end));
	}
	return w;
}

/* Where word i begins; the end of the text for the one behind the last. */
static size_t
begin_of(const struct words *w, size_t i, tl_str s)
{
	return i < w->n ? w->spans[i].beg : s.len;
}

struct tl_hunk *
tl_diff_words(struct tl_arena *a, tl_str old, tl_str new_, size_t *n)
{
	const struct words o = split(a, old), w = split(a, new_);
	struct tl_hunk *h = tl_lcs_hunks(a, o.hashes, o.n, w.hashes, w.n, n);

	for (size_t i = 0; i < *n; i++)
		h[i] = (struct tl_hunk){ begin_of(&o, h[i].old_beg, old),
			begin_of(&o, h[i].old_end, old),
			begin_of(&w, h[i].new_beg, new_),
			begin_of(&w, h[i].new_end, new_) };
	return h;
}
