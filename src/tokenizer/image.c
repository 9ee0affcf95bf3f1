/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <turnlint/buf.h>

#include <stddef.h>

#include "spm.h"

#define FORMAT 6u /* change it with any of the tables */
#define ALIGN 64u
#define BYTE_ORDER_MARK 0x01020304u

enum { CAN_CUT = 1u, CAN_CUT_ANYWHERE = 2u };

struct header {
	char magic[8];
	uint32_t format, byte_order, flags, unused;
	struct tl_tag key;
	struct tl_tag tag; /* of everything else */
	struct {
		uint64_t at, len;
	} part[TL_IMAGE_PARTS];
};

_Static_assert(offsetof(struct header, tag) == TL_IMAGE_TAG_AT, "as said");

static const char magic[8] = "TLtoken";

/* --- reading ---------------------------------------------------------------
 */

static struct tl_tag
tag_of(struct tl_tagger *t, const char *bytes, size_t size)
{
	struct header h;

	memcpy(&h, bytes, sizeof(h));
	memset(&h.tag, 0, sizeof(h.tag));
	tl_tag_reset(t);
	tl_tag_add(t, &h, sizeof(h));
	tl_tag_add(t, bytes + sizeof(h), size - sizeof(h));
	return tl_tag_end(t);
}

static bool
find_parts(struct tl_image *img, const struct header *h)
{
	for (size_t i = 0; i < TL_IMAGE_PARTS; i++) {
		uint64_t at = h->part[i].at, len = h->part[i].len;

		if (at % ALIGN != 0 || at > img->size || len > img->size - at)
			return false;
		img->part[i] = (tl_str){ img->base + at, (size_t)len };
	}
	return true;
}

static size_t
count(const struct tl_image *img, enum tl_image_part which, size_t size)
{
	return img->part[which].len / size;
}

/* A part as an array.  Parts are aligned. */
static void *
array(const struct tl_image *img, enum tl_image_part which)
{
	return img->base + (img->part[which].ptr - img->base);
}

static bool
is_power_of_two(size_t n)
{
	return n > 0 && (n & (n - 1)) == 0;
}

/* The tables are looked over at the speed of memory: what is wrong anywhere
 * sets the upper bit of a sum, four numbers at a time. */
typedef uint32_t four __attribute__((vector_size(16)));

#define WRONG 0x80000000u

static inline four
four_at(const uint32_t *v)
{
	four x;

	memcpy(&x, v, sizeof(x));
	return x;
}

static bool
is_fine(four sum)
{
	return ((sum[0] | sum[1] | sum[2] | sum[3]) & WRONG) == 0;
}

/* Are all of them at most max, which is below 2^31? */
static bool
none_above(const uint32_t *v, size_t n, uint32_t max)
{
	four sum = { 0 };
	uint32_t rest = 0;
	size_t i = 0;

	for (; i + 4 <= n; i += 4) {
		four x = four_at(v + i);

		sum |= (max - x) | x;
	}
	for (; i < n; i++)
		rest |= (max - v[i]) | v[i];
	return is_fine(sum) && (rest & WRONG) == 0;
}

/* Does none end before the one in front of it, or behind the last byte? */
static bool
are_ends(const uint32_t *v, size_t n, size_t nbytes)
{
	four sum = { 0 };
	uint32_t rest = v[0];
	size_t i = 1;

	if (nbytes >= WRONG || v[n - 1] > nbytes)
		return false;
	for (; i + 4 <= n; i += 4) {
		four x = four_at(v + i);

		sum |= (x - four_at(v + i - 1)) | x;
	}
	for (; i < n; i++)
		rest |= (v[i] - v[i - 1]) | v[i];
	return is_fine(sum) && (rest & WRONG) == 0;
}

/* A search ends at a free slot, and one that is not has a place. */
static bool
has_free_word(const uint32_t *v, size_t n)
{
	size_t nfree = 0, nwrong = 0;

	for (size_t i = 0; i < n; i++) {
		nfree += v[i] == 0;
		nwrong += v[i] != 0 && (v[i] & TL_WORD_PLACE) == 0;
	}
	return nfree > 0 && nwrong == 0;
}

/* Of a slot only the half that is an entry counts. */
static bool
check_vocab_slots(const uint64_t *slots, size_t n, uint32_t max)
{
	uint64_t sum = 0;
	bool has_free = false;

	for (size_t i = 0; i < n && !has_free; i++)
		has_free = (uint32_t)slots[i] == 0;
	for (size_t i = 0; i < n; i++)
		sum |= ((uint64_t)max - (uint32_t)slots[i]);
	return has_free && sum >> 63 == 0;
}

static bool
check_vocab(const struct tl_image *img)
{
	const uint32_t *ends = array(img, TL_IMAGE_ENDS);
	const uint32_t *ids = array(img, TL_IMAGE_IDS);
	const uint32_t *by_id = array(img, TL_IMAGE_BY_ID);
	const uint64_t *slots = array(img, TL_IMAGE_SLOTS);
	size_t n = count(img, TL_IMAGE_ENDS, sizeof(*ends));
	size_t nids = count(img, TL_IMAGE_BY_ID, sizeof(*by_id));
	size_t nslots = count(img, TL_IMAGE_SLOTS, sizeof(*slots));

	return n > 0 && n < WRONG &&
	    n == count(img, TL_IMAGE_IDS, sizeof(*ids)) && nids > 0 &&
	    nids - 1 <= tl_max_id(n) && is_power_of_two(nslots) &&
	    are_ends(ends, n, img->part[TL_IMAGE_KEYS].len) &&
	    none_above(ids, n, (uint32_t)nids - 1) &&
	    none_above(by_id, nids, (uint32_t)n) &&
	    check_vocab_slots(slots, nslots, (uint32_t)n);
}

/* Each is free or has ids and a rank that there are. */
static bool
check_pair_slots(const uint64_t *v, size_t nslots, uint32_t nids, uint32_t n)
{
	uint64_t sum = 0;
	bool has_free = false;

	for (size_t i = 0; i < nslots; i++) {
		uint64_t s = v[i], is_free = s == TL_FREE_PAIR;

		has_free |= is_free;
		sum |= ((uint64_t)n - 1 - (s & TL_NO_RANK)) & (is_free - 1);
		sum |= ((uint64_t)nids - 1 - tl_pair_left(s)) & (is_free - 1);
		sum |= ((uint64_t)nids - 1 - tl_pair_right(s)) & (is_free - 1);
	}
	return has_free && sum >> 63 == 0;
}

/* Symbols are the pieces and, behind them, chars that are none. */
static size_t
count_symbols(const struct tl_image *img, size_t nids)
{
	return nids + count(img, TL_IMAGE_CHARS, 2 * sizeof(uint32_t));
}

static bool
check_pairs(const struct tl_image *img, size_t nids)
{
	const uint32_t *ids = array(img, TL_IMAGE_RANKS);
	const uint64_t *slots = array(img, TL_IMAGE_PAIR_SLOTS);
	size_t n = count(img, TL_IMAGE_RANKS, sizeof(*ids));
	size_t nslots = count(img, TL_IMAGE_PAIR_SLOTS, sizeof(*slots));

	return n <= TL_NO_RANK && is_power_of_two(nslots) &&
	    img->part[TL_IMAGE_FILTER].len == (1u << TL_PAIR_FILTER_BITS) / 8 &&
	    none_above(ids, n, (uint32_t)nids - 1) &&
	    check_pair_slots(
		slots, nslots, (uint32_t)count_symbols(img, nids), (uint32_t)n);
}

static bool
check_words(const struct tl_image *img, size_t nids)
{
	const struct tl_word *words = array(img, TL_IMAGE_WORDS);
	const uint32_t *slots = array(img, TL_IMAGE_WORD_SLOTS);
	size_t n = count(img, TL_IMAGE_WORDS, sizeof(*words));
	size_t nslots = count(img, TL_IMAGE_WORD_SLOTS, sizeof(*slots));
	uint32_t sum = 0, max = (uint32_t)nids - 1;

	if (nslots == 0)
		return n == 0;
	for (size_t i = 0; i < n; i++)
		sum |= (max - words[i].id) | words[i].id;
	for (size_t i = 0; i < nslots; i++)
		sum |= (uint32_t)n - (slots[i] & TL_WORD_PLACE);
	return (sum & WRONG) == 0 && n < TL_WORD_PLACE &&
	    is_power_of_two(nslots) && has_free_word(slots, nslots);
}

static bool
check_byte_pairs(const struct tl_image *img, size_t nids)
{
	const struct tl_byte_pair *v = array(img, TL_IMAGE_BYTE_PAIRS);
	size_t nranks = count(img, TL_IMAGE_RANKS, sizeof(uint32_t));
	size_t len = img->part[TL_IMAGE_BYTE_PAIRS].len;

	if (len == 0)
		return true;
	if (len != TL_BYTE_PAIRS * sizeof(*v))
		return false;
	for (size_t i = 0; i < TL_BYTE_PAIRS; i++) {
		uint32_t rank = v[i].rank & ~TL_PAIR_NEVER_SURE;

		if ((rank != TL_NO_RANK && rank >= nranks) || v[i].id >= nids)
			return false;
	}
	return true;
}

static bool
check_joins(const struct tl_image *img)
{
	size_t ascii = img->part[TL_IMAGE_ASCII_JOINS].len;
	size_t all = img->part[TL_IMAGE_JOINS].len;

	return (ascii == 0 && all == 0) ||
	    (ascii == TL_ASCII_JOINS * sizeof(uint64_t) &&
		all == TL_JOINS * sizeof(uint64_t));
}

static size_t
size_of_wholes(size_t nentries)
{
	return (nentries / 64 + 1) * sizeof(uint64_t);
}

static bool
check_wholes(const struct tl_image *img)
{
	size_t len = img->part[TL_IMAGE_WHOLES].len;

	return len == 0 ||
	    len == size_of_wholes(count(img, TL_IMAGE_ENDS, sizeof(uint32_t)));
}

static bool
check_chars(const struct tl_image *img, size_t nids)
{
	const uint32_t *v = array(img, TL_IMAGE_CHARS);
	size_t n = count(img, TL_IMAGE_CHARS, 2 * sizeof(*v));
	size_t nsymbols = count_symbols(img, nids);

	for (size_t i = 0; i < n; i++)
		if (v[2 * i] > 0x10FFFF || v[2 * i + 1] >= nsymbols)
			return false;
	return nsymbols <= TL_MAX_TOKEN_ID;
}

/* The pieces of a SentencePiece model are numbered as they stand. */
static bool
check_spm(const struct tl_image *img, size_t nids)
{
	const uint32_t *ids = array(img, TL_IMAGE_IDS);
	const uint32_t *orders = array(img, TL_IMAGE_ORDERS);
	const uint8_t *types = array(img, TL_IMAGE_TYPES);
	size_t n = count(img, TL_IMAGE_ENDS, sizeof(uint32_t));
	size_t nranks = count(img, TL_IMAGE_RANKS, sizeof(uint32_t));
	uint32_t wrong = 0;

	if (!tl_image_is_spm(img))
		return img->part[TL_IMAGE_CHARS].len == 0;
	if (n != nids || img->part[TL_IMAGE_TYPES].len != n ||
	    img->part[TL_IMAGE_TIES].len != n ||
	    count(img, TL_IMAGE_SCORES, sizeof(float)) != n ||
	    count(img, TL_IMAGE_ORDERS, sizeof(*orders)) != nranks ||
	    img->part[TL_IMAGE_JOINS].len == 0 ||
	    img->part[TL_IMAGE_WHOLES].len == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		wrong |= (ids[i] ^ (uint32_t)i) |
		    (uint32_t)((uint8_t)(types[i] - TL_SPM_NORMAL) >
			TL_SPM_BYTE - TL_SPM_NORMAL);
	return wrong == 0 &&
	    (nranks == 0 || none_above(orders, nranks, (uint32_t)nranks - 1)) &&
	    check_chars(img, nids);
}

bool
tl_image_open(struct tl_image *img, struct tl_tagger *tagger, struct tl_tag key)
{
	struct header h;
	size_t nids;

	if (img->size < sizeof(h))
		return false;
	memcpy(&h, img->base, sizeof(h));
	if (memcmp(h.magic, magic, sizeof(magic)) != 0 || h.format != FORMAT ||
	    h.byte_order != BYTE_ORDER_MARK || !tl_tag_eq(h.key, key) ||
	    !tl_tag_eq(tag_of(tagger, img->base, img->size), h.tag) ||
	    !find_parts(img, &h))
		return false;
	img->can_cut = (h.flags & CAN_CUT) != 0;
	img->can_cut_anywhere = (h.flags & CAN_CUT_ANYWHERE) != 0;
	if (!check_vocab(img))
		return false;
	nids = count(img, TL_IMAGE_BY_ID, sizeof(uint32_t));
	return check_pairs(img, nids) && check_words(img, nids) &&
	    check_byte_pairs(img, nids) && check_joins(img) &&
	    check_wholes(img) && check_spm(img, nids);
}

void
tl_image_model(
    const struct tl_image *img, struct tl_arena *a, struct tl_model *m)
{
	struct tl_bpe *b = &m->bpe;

	m->vocab = (struct tl_vocab){ .arena = a,
		.n = count(img, TL_IMAGE_ENDS, sizeof(uint32_t)),
		.keys = img->part[TL_IMAGE_KEYS].ptr,
		.ends = array(img, TL_IMAGE_ENDS),
		.ids = array(img, TL_IMAGE_IDS),
		.slots = array(img, TL_IMAGE_SLOTS),
		.nslots = count(img, TL_IMAGE_SLOTS, sizeof(uint64_t)),
		.by_id = array(img, TL_IMAGE_BY_ID),
		.npieces =
		    (uint32_t)count(img, TL_IMAGE_BY_ID, sizeof(uint32_t)) };
	b->pairs = (struct tl_pairs){
		.slots = array(img, TL_IMAGE_PAIR_SLOTS),
		.nslots =
		    count(img, TL_IMAGE_PAIR_SLOTS, sizeof(*b->pairs.slots)),
		.ids = array(img, TL_IMAGE_RANKS),
		.nranks = count(img, TL_IMAGE_RANKS, sizeof(*b->pairs.ids)),
		.filter = array(img, TL_IMAGE_FILTER),
	};
	if (img->part[TL_IMAGE_WORD_SLOTS].len > 0)
		b->raw = (struct tl_words){
			.v = array(img, TL_IMAGE_WORDS),
			.n = count(img, TL_IMAGE_WORDS, sizeof(*b->raw.v)),
			.slots = array(img, TL_IMAGE_WORD_SLOTS),
			.nslots = count(
			    img, TL_IMAGE_WORD_SLOTS, sizeof(*b->raw.slots)),
		};
	if (img->part[TL_IMAGE_BYTE_PAIRS].len > 0)
		b->byte_pairs = array(img, TL_IMAGE_BYTE_PAIRS);
	if (img->part[TL_IMAGE_JOINS].len > 0) {
		b->ascii_joins = array(img, TL_IMAGE_ASCII_JOINS);
		b->joins = array(img, TL_IMAGE_JOINS);
		b->can_cut = img->can_cut;
		b->can_cut_anywhere = img->can_cut_anywhere;
	}
	if (img->part[TL_IMAGE_WHOLES].len > 0)
		b->wholes = array(img, TL_IMAGE_WHOLES);
}

bool
tl_image_is_spm(const struct tl_image *img)
{
	return img->part[TL_IMAGE_TYPES].len > 0;
}

void
tl_image_spm(const struct tl_image *img, struct tl_arena *a, struct tl_spm *s)
{
	const uint32_t *ends = array(img, TL_IMAGE_ENDS);
	const uint32_t *chars = array(img, TL_IMAGE_CHARS);
	size_t nchars = count(img, TL_IMAGE_CHARS, 2 * sizeof(*chars));
	uint32_t at = 0;

	s->n = count(img, TL_IMAGE_ENDS, sizeof(*ends));
	s->pieces = tl_arena_grow(
	    a, NULL, 0, s->n * sizeof(*s->pieces), _Alignof(tl_str));
	for (size_t i = 0; i < s->n; at = ends[i++])
		s->pieces[i] =
		    tl_str_slice(img->part[TL_IMAGE_KEYS], at, ends[i]);
	s->scores = array(img, TL_IMAGE_SCORES);
	s->types = array(img, TL_IMAGE_TYPES);
	s->orders = array(img, TL_IMAGE_ORDERS);
	s->has_tie = array(img, TL_IMAGE_TIES);
	s->chars.pages = TL_NEW(a, uint32_t *, TL_CHAR_PAGES);
	for (size_t i = 0; i < nchars; i++)
		tl_char_ids_put(&s->chars, a, chars[2 * i], chars[2 * i + 1]);
}

/* --- writing ---------------------------------------------------------------
 */

static void
put(struct tl_buf *out, struct header *h, enum tl_image_part which,
    const void *bytes, size_t len)
{
	size_t over = out->len % ALIGN;

	tl_buf_pad(out, '\0', over == 0 ? 0 : ALIGN - over);
	h->part[which].at = out->len;
	h->part[which].len = len;
	if (len > 0)
		tl_buf_put(out, (tl_str){ bytes, len });
}

static void
put_vocab(struct tl_buf *out, struct header *h, struct tl_arena *a,
    const struct tl_vocab *v)
{
	uint32_t *ends = TL_NEW(a, uint32_t, v->n);
	uint32_t *ids = TL_NEW(a, uint32_t, v->n);
	size_t at = 0;

	put(out, h, TL_IMAGE_KEYS, NULL, 0);
	for (size_t i = 0; i < v->n; i++) {
		tl_str key = tl_vocab_key(v, i);

		tl_buf_put(out, key);
		at += key.len;
		ends[i] = (uint32_t)at;
		ids[i] = tl_vocab_id(v, i);
	}
	h->part[TL_IMAGE_KEYS].len = at;
	put(out, h, TL_IMAGE_ENDS, ends, v->n * sizeof(*ends));
	put(out, h, TL_IMAGE_IDS, ids, v->n * sizeof(*ids));
	put(out, h, TL_IMAGE_BY_ID, v->by_id, v->npieces * sizeof(*v->by_id));
	put(out, h, TL_IMAGE_SLOTS, v->slots, v->nslots * sizeof(*v->slots));
}

static void
put_spm(struct tl_buf *out, struct header *h, struct tl_arena *a,
    const struct tl_spm *s)
{
	struct tl_buf chars;

	tl_buf_init(&chars, a, 0);
	for (uint32_t cp = 0; cp < TL_CHAR_PAGES << 8; cp++) {
		uint32_t one[2] = { cp, tl_char_id(&s->chars, cp) };

		if (one[1] != TL_NO_ID)
			tl_buf_put(
			    &chars, (tl_str){ (char *)one, sizeof(one) });
	}
	put(out, h, TL_IMAGE_SCORES, s->scores, s->n * sizeof(*s->scores));
	put(out, h, TL_IMAGE_TYPES, s->types, s->n);
	put(out, h, TL_IMAGE_ORDERS, s->orders,
	    s->pairs.nranks * sizeof(*s->orders));
	put(out, h, TL_IMAGE_TIES, s->has_tie, s->n);
	put(out, h, TL_IMAGE_CHARS, chars.ptr, chars.len);
}

tl_str
tl_image_make(struct tl_arena *a, struct tl_tagger *tagger, struct tl_tag key,
    tl_str rest, const struct tl_model *m, const struct tl_spm *s)
{
	const struct tl_bpe *b = &m->bpe;
	const struct tl_pairs *p = &b->pairs;
	bool has_joins = b->joins != NULL;
	struct header h = { .format = FORMAT,
		.byte_order = BYTE_ORDER_MARK,
		.flags = (b->can_cut ? CAN_CUT : 0u) |
		    (b->can_cut_anywhere ? CAN_CUT_ANYWHERE : 0u),
		.key = key };
	struct tl_buf out;

	memcpy(h.magic, magic, sizeof(magic));
	tl_buf_init(&out, a, 0);
	tl_buf_pad(&out, '\0', sizeof(h));
	put(&out, &h, TL_IMAGE_REST, rest.ptr, rest.len);
	put_vocab(&out, &h, a, &m->vocab);
	put(&out, &h, TL_IMAGE_RANKS, p->ids, p->nranks * sizeof(*p->ids));
	put(&out, &h, TL_IMAGE_PAIR_SLOTS, p->slots,
	    p->nslots * sizeof(*p->slots));
	put(&out, &h, TL_IMAGE_FILTER, p->filter,
	    (1u << TL_PAIR_FILTER_BITS) / 8);
	put(&out, &h, TL_IMAGE_WORDS, b->raw.v, b->raw.n * sizeof(*b->raw.v));
	put(&out, &h, TL_IMAGE_WORD_SLOTS, b->raw.slots,
	    b->raw.nslots * sizeof(*b->raw.slots));
	put(&out, &h, TL_IMAGE_BYTE_PAIRS, b->byte_pairs,
	    b->byte_pairs == NULL ? 0 : TL_BYTE_PAIRS * sizeof(*b->byte_pairs));
	put(&out, &h, TL_IMAGE_ASCII_JOINS, b->ascii_joins,
	    has_joins ? TL_ASCII_JOINS * sizeof(uint64_t) : 0);
	put(&out, &h, TL_IMAGE_JOINS, b->joins,
	    has_joins ? TL_JOINS * sizeof(uint64_t) : 0);
	put(&out, &h, TL_IMAGE_WHOLES, b->wholes,
	    b->wholes == NULL ? 0 : size_of_wholes(m->vocab.n));
	if (s != NULL)
		put_spm(&out, &h, a, s);
	memcpy(out.ptr, &h, sizeof(h));
	h.tag = tag_of(tagger, out.ptr, out.len);
	memcpy(out.ptr, &h, sizeof(h));
	return tl_buf_str(&out);
}
