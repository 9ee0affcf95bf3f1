/* SPDX-License-Identifier: Apache-2.0 */
#include "spm_norm.h"

static const tl_str meta = TL_LIT("\u2581");

/* A normalizer map can make a text longer, but not without end. */
#define MAX_GROWTH 64u
#define GROWTH_ROOM 65536u

/* from[i]: the byte of the source that byte i comes from; from[n] is where the
 * last one ends. */
struct norm {
	struct tl_arena *arena;
	char *text;
	uint32_t *from;
	size_t n, cap, max;
};

static void
put(struct norm *o, tl_str s, size_t from)
{
	if (o->n + s.len > o->max) {
		o->n = o->max + 1;
		return;
	}
	if (o->n + s.len > o->cap) {
		size_t cap = o->cap * 2 + s.len;

		o->text = tl_arena_grow(o->arena, o->text, o->n, cap, 1);
		o->from =
		    tl_arena_grow(o->arena, o->from, o->n * sizeof(*o->from),
			(cap + 1) * sizeof(*o->from), _Alignof(uint32_t));
		o->cap = cap;
	}
	for (size_t i = 0; i < s.len; i++) {
		o->text[o->n] = s.ptr[i];
		o->from[o->n++] = (uint32_t)from;
	}
}

/* The same for bytes that stay: each comes from its own. */
static void
put_plain(struct norm *o, tl_str s, size_t from)
{
	size_t beg = o->n;

	put(o, s, from);
	for (size_t i = beg; i < o->n && o->n <= o->max; i++)
		o->from[i] = (uint32_t)(from + (i - beg));
}

static bool
is_cut(const struct norm *o)
{
	return o->n > o->max;
}

size_t
tl_spm_user_at(const struct tl_spm *m, tl_str s, size_t at)
{
	struct tl_prefix_search k = tl_prefix_search_begin(&m->users);
	size_t len = 0;

	if (m->users.n == 0)
		return 0;
	for (size_t end = at; end < s.len;) {
		if (!tl_prefix_search_feed(&k, (unsigned char)s.ptr[end++]))
			break;
		if (tl_prefix_search_hit(&k) >= 0)
			len = end - at;
	}
	return len;
}

static bool
is_inside_char(tl_str s, size_t at)
{
	return at < s.len && ((unsigned char)s.ptr[at] & 0xC0) == 0x80;
}

/* The longest entry of the map that s[at…] begins with: its length, or 0. */
static size_t
map_longest(const struct tl_charsmap *m, tl_str s, size_t at, tl_str *to)
{
	struct tl_charsmap_walk w = tl_charsmap_begin(m);
	size_t len = 0;

	for (size_t end = at;
	     end < s.len && tl_charsmap_step(&w, (unsigned char)s.ptr[end]);) {
		end++;
		if (!w.is_entry || w.place >= m->strings.len ||
		    is_inside_char(m->strings, w.place) ||
		    is_inside_char(s, end))
			continue;
		len = end - at;
		*to = tl_charsmap_text(m, w.place);
	}
	return len;
}

/* Does an entry of the map begin with s? */
static bool
map_begins(const struct tl_charsmap *m, tl_str s)
{
	struct tl_charsmap_walk w = tl_charsmap_begin(m);

	for (size_t i = 0; i < s.len; i++)
		if (!tl_charsmap_step(&w, (unsigned char)s.ptr[i]))
			return false;
	return m->nunits > 0;
}

/* A char of ASCII is plain when the normalizer leaves it as it is, whatever
 * char of ASCII follows. */
static bool
is_plain(const struct tl_spm *m, char c)
{
	char two[2] = { c, 0 };
	tl_str to;

	if (c == ' ' || map_longest(&m->map, (tl_str){ two, 1 }, 0, &to) > 0)
		return false;
	for (size_t i = 0; i < m->users.n; i++)
		if (m->users.keys[i].ptr[0] == c)
			return false;
	for (int next = 0; next < 128; next++) {
		two[1] = (char)next;
		if (map_begins(&m->map, (tl_str){ two, 2 }))
			return false;
	}
	return true;
}

void
tl_spm_find_plain(struct tl_spm *m)
{
	for (int c = 0; c < 128; c++)
		m->plain[c] = is_plain(m, (char)c);
}

/* The end of the plain chars from at on that only ASCII follows. */
static size_t
plain_end(const struct tl_spm *m, tl_str s, size_t at)
{
	size_t end = at;

	while (end < s.len && (unsigned char)s.ptr[end] < 128 &&
	    m->plain[(unsigned char)s.ptr[end]])
		end++;
	if (end > at && end < s.len && (unsigned char)s.ptr[end] >= 128)
		end--;
	return end;
}

/* What the text at s[at] becomes; the bytes it takes. */
static size_t
next_part(const struct tl_spm *m, tl_str s, size_t at, tl_str *to)
{
	size_t len = tl_spm_user_at(m, s, at);

	if (len == 0) {
		len = map_longest(&m->map, s, at, to);
		if (len > 0)
			return len;
		len = tl_utf8_len(s, at);
	}
	*to = (tl_str){ s.ptr + at, len };
	return len;
}

static void
put_spaced(const struct tl_spm *m, struct norm *o, tl_str s, size_t from)
{
	for (size_t i = 0, end; i < s.len; i = end) {
		end = i + 1;
		if (s.ptr[i] == ' ' && m->escapes_spaces) {
			put(o, meta, from);
			continue;
		}
		while (end < s.len && s.ptr[end] != ' ')
			end++;
		put(o, tl_str_slice(s, i, end), from);
	}
}

static void
drop_last_spaces(const struct tl_spm *m, struct norm *o, size_t *consumed)
{
	tl_str space = m->escapes_spaces ? meta : TL_STR(" ");

	while (!is_cut(o) && tl_str_ends((tl_str){ o->text, o->n }, space)) {
		o->n -= space.len;
		*consumed = o->from[o->n];
	}
}

static void
normalize(const struct tl_spm *m, tl_str s, bool has_prefix, struct norm *o)
{
	size_t at = 0;
	bool was_space = m->drops_extra_spaces;
	tl_str to = { NULL, 0 };

	while (m->drops_extra_spaces && at < s.len) {
		size_t len = next_part(m, s, at, &to);

		if (!tl_str_eq(to, TL_STR(" ")))
			break;
		at += len;
	}
	if (at == s.len)
		return;
	if (has_prefix && !m->space_is_suffix)
		put_spaced(m, o, TL_STR(" "), at);
	while (at < s.len && !is_cut(o)) {
		size_t len, plain = plain_end(m, s, at);

		if (plain > at) {
			put_plain(o, tl_str_slice(s, at, plain), at);
			was_space = false;
			at = plain;
			continue;
		}
		len = next_part(m, s, at, &to);
		while (was_space && tl_str_starts(to, TL_STR(" ")))
			to = tl_str_slice(to, 1, to.len);
		put_spaced(m, o, to, at);
		if (to.len > 0)
			was_space = to.ptr[to.len - 1] == ' ';
		was_space &= m->drops_extra_spaces;
		at += len;
	}
	if (m->drops_extra_spaces)
		drop_last_spaces(m, o, &at);
	if (has_prefix && m->space_is_suffix)
		put_spaced(m, o, TL_STR(" "), at);
	if (!is_cut(o) && o->n > 0)
		o->from[o->n] = (uint32_t)at;
}

bool
tl_spm_norm(const struct tl_spm *m, struct tl_arena *a, tl_str s,
    bool has_prefix, struct tl_spm_text *out)
{
	struct norm o = { .arena = a, .max = s.len * MAX_GROWTH + GROWTH_ROOM };

	if (o.max > UINT32_MAX / 2)
		o.max = UINT32_MAX / 2;
	normalize(m, s, has_prefix, &o);
	*out = (struct tl_spm_text){ { o.text, o.n }, o.from };
	return !is_cut(&o);
}

bool
tl_spm_normalize(
    const struct tl_spm *m, struct tl_arena *a, tl_str s, tl_str *out)
{
	struct tl_spm_text text;
	bool fits = tl_spm_norm(m, a, s, false, &text);

	*out = text.str;
	return fits;
}

void
tl_spm_spell(
    struct tl_arena *a, tl_str word, bool has_prefix, struct tl_spm_text *out)
{
	struct norm o = { .arena = a, .max = (word.len + 1) * meta.len };

	if (has_prefix)
		put(&o, meta, 0);
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] == ' ')
			put(&o, meta, i);
		else
			put(&o, tl_str_slice(word, i, i + 1), i);
	o.from[o.n] = (uint32_t)word.len;
	*out = (struct tl_spm_text){ { o.text, o.n }, o.from };
}
