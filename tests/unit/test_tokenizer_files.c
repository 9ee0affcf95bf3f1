/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokenizers that are not a tokenizer.json: small ones are put together here,
 * what they give was taken from the reference libraries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tokenizer/spm.h"

struct fixture {
	struct tl_arena *arena;
	struct tl_tokenizer *t;
	struct tl_encoder *e;
	struct tl_error err;
	uint64_t random;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = tl_arena_new(NULL, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tl_encoder_free(f->e);
	tl_arena_free(f->arena);
	free(f);
	return 0;
}

static enum tl_status
load(struct fixture *f, tl_str bytes)
{
	f->t = NULL;
	return tl_tokenizer_load_mem(f->arena, bytes, &f->t, &f->err);
}

static void
use(struct fixture *f, tl_str bytes)
{
	if (load(f, bytes) != TL_OK)
		fail_msg("%s", f->err.message);
	tl_encoder_free(f->e);
	f->e = tl_encoder_new(f->t, NULL, NULL);
}

/* "id[beg,end] …" of a text. */
static const char *
encode(struct fixture *f, const char *text)
{
	struct tl_tokens k;
	struct tl_buf b;

	if (tl_encode(f->e, f->arena, tl_str_from(text), 0, &k, &f->err) !=
	    TL_OK)
		fail_msg("%s", f->err.message);
	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 0; i < k.n; i++)
		tl_buf_printf(&b, "%s%u[%u,%u]", i > 0 ? " " : "", k.ids[i],
		    k.offsets[i].beg, k.offsets[i].end);
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

/* --- writing protobuf -------------------------------------------------------
 */

static void
put_varint(struct tl_buf *b, uint64_t v)
{
	for (; v > 127; v >>= 7)
		tl_buf_putc(b, (char)(v | 128));
	tl_buf_putc(b, (char)v);
}

static void
put_int(struct tl_buf *b, unsigned number, uint64_t v)
{
	put_varint(b, number << 3);
	put_varint(b, v);
}

static void
put_bytes(struct tl_buf *b, unsigned number, tl_str s)
{
	put_varint(b, number << 3 | 2);
	put_varint(b, s.len);
	tl_buf_put(b, s);
}

static void
put_piece(struct tl_buf *out, const char *text, float score, unsigned type)
{
	struct tl_buf b;
	char bits[sizeof(score)];

	memcpy(bits, &score, sizeof(score)); /* little endian here */
	tl_buf_init(&b, out->arena, 0);
	put_bytes(&b, 1, tl_str_from(text));
	put_varint(&b, 2 << 3 | 5);
	tl_buf_put(&b, (tl_str){ bits, sizeof(bits) });
	put_int(&b, 3, type);
	put_bytes(out, 1, tl_buf_str(&b));
}

struct piece {
	const char *text;
	float score;
	unsigned type;
};

/* What a test may change about the model. */
struct setting {
	enum tl_spm_kind kind;
	bool no_prefix, keeps_spaces, has_suffix, has_bytes;
	tl_str map;
	const char *extra;	    /* a normal piece of score -1 */
	const char *user;	    /* a user-defined piece */
	const struct piece *pieces; /* in place of those below, or NULL */
	size_t npieces;
};

static const struct piece pieces[] = {
	{ "<unk>", 0, TL_SPM_UNKNOWN },
	{ "<s>", 0, TL_SPM_CONTROL },
	{ "</s>", 0, TL_SPM_CONTROL },
	{ "<t>", 0, TL_SPM_USER },
	{ "\u2581h", -1, TL_SPM_NORMAL },
	{ "hi", -2, TL_SPM_UNUSED },
	{ "\u2581hi", -3, TL_SPM_NORMAL },
	{ "\u2581", -4, TL_SPM_NORMAL },
	{ "h", -5, TL_SPM_NORMAL },
	{ "i", -6, TL_SPM_NORMAL },
	{ "hii", -2.5f, TL_SPM_NORMAL },
};

static tl_str
make_spm(struct fixture *f, const struct setting *s)
{
	const struct piece *p = s->pieces != NULL ? s->pieces : pieces;
	size_t n = s->pieces != NULL ? s->npieces : TL_COUNT(pieces);
	struct tl_buf b, spec;

	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 0; i < n; i++)
		put_piece(&b, p[i].text, p[i].score, p[i].type);
	if (s->extra != NULL)
		put_piece(&b, s->extra, -1, TL_SPM_NORMAL);
	if (s->user != NULL)
		put_piece(&b, s->user, 0, TL_SPM_USER);
	for (unsigned i = 0; i < 256 && s->has_bytes; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "<0x%02X>", i);
		put_piece(&b, name, 0, TL_SPM_BYTE);
	}
	tl_buf_init(&spec, f->arena, 0);
	put_int(&spec, 3, s->kind);
	put_int(&spec, 24, s->has_suffix);
	put_int(&spec, 35, s->has_bytes);
	put_bytes(&b, 2, tl_buf_str(&spec));
	tl_buf_init(&spec, f->arena, 0);
	if (s->map.len > 0)
		put_bytes(&spec, 2, s->map);
	put_int(&spec, 3, !s->no_prefix);
	put_int(&spec, 4, !s->keeps_spaces);
	put_bytes(&b, 3, tl_buf_str(&spec));
	return tl_buf_str(&b);
}

/* --- SentencePiece ----------------------------------------------------------
 */

static void
test_spm_bpe(void **state)
{
	struct fixture *f = *state;

	use(f,
	    make_spm(f,
		&(struct setting){ .kind = TL_SPM_BPE, .keeps_spaces = true }));
	assert_string_equal(encode(f, ""), "");
	assert_string_equal(encode(f, "hi"), "6[0,2]");
	assert_string_equal(encode(f, "hi  i<t>hi"),
	    "6[0,2] 7[2,3] 7[3,4] 9[4,5] 3[5,8] 8[8,9] 9[9,10]");
	assert_string_equal(encode(f, "éé"), "7[0,0] 0[0,4]");
	assert_string_equal(encode(f, " hi "), "7[0,0] 6[0,3] 7[3,4]");
	assert_string_equal(encode(f, "hii"), "6[0,2] 9[2,3]");
}

static void
test_spm_spaces(void **state)
{
	struct fixture *f = *state;

	use(f, make_spm(f, &(struct setting){ .kind = TL_SPM_BPE }));
	assert_string_equal(encode(f, " hi "), "6[1,3]");
	assert_string_equal(encode(f, "hi  i<t>hi"),
	    "6[0,2] 7[2,4] 9[4,5] 3[5,8] 8[8,9] 9[9,10]");
	assert_string_equal(encode(f, "  "), "");
	assert_string_equal(
	    encode(f, "xé hihi"), "7[0,0] 0[0,3] 6[3,6] 8[6,7] 9[7,8]");
}

static void
test_spm_bytes(void **state)
{
	struct fixture *f = *state;

	use(f,
	    make_spm(f,
		&(struct setting){ .kind = TL_SPM_BPE,
		    .no_prefix = true,
		    .keeps_spaces = true,
		    .has_bytes = true }));
	assert_string_equal(
	    encode(f, "éé"), "206[0,0] 180[0,2] 206[2,2] 180[2,4]");
	assert_string_equal(encode(f, "hii"), "10[0,3]");
	assert_int_equal(tl_tokenizer_flags(f->t, 206), TL_TOKEN_BYTE);
	assert_false(tl_tokenizer_has_dummy_prefix(f->t));
}

static void
test_spm_unigram(void **state)
{
	struct fixture *f = *state;

	use(f, make_spm(f, &(struct setting){ .kind = TL_SPM_UNIGRAM }));
	assert_string_equal(encode(f, "hii"), "7[0,0] 10[0,3]");
	assert_string_equal(
	    encode(f, "xé hihi"), "7[0,0] 0[0,3] 6[3,6] 8[6,7] 9[7,8]");
	use(f,
	    make_spm(f,
		&(struct setting){ .kind = TL_SPM_UNIGRAM,
		    .has_suffix = true,
		    .extra = "i\u2581" }));
	assert_string_equal(encode(f, "hi  i<t>hi"),
	    "8[0,1] 11[1,4] 9[4,5] 3[5,8] 8[8,9] 11[9,10]");
	assert_string_equal(encode(f, "hii"), "10[0,3] 7[3,3]");
}

static void
test_spm_words_and_chars(void **state)
{
	struct fixture *f = *state;

	use(f, make_spm(f, &(struct setting){ .kind = TL_SPM_WORD }));
	assert_string_equal(encode(f, "hi  i<t>hi"), "6[0,2] 0[2,10]");
	use(f, make_spm(f, &(struct setting){ .kind = TL_SPM_CHAR }));
	assert_string_equal(encode(f, "hii"), "7[0,0] 8[0,1] 9[1,2] 9[2,3]");
}

/* Special pieces are cut out, and each part has a prefix of its own. */
static void
test_spm_special(void **state)
{
	struct fixture *f = *state;

	use(f, make_spm(f, &(struct setting){ .kind = TL_SPM_BPE }));
	assert_string_equal(
	    encode(f, "<s>hi</s>hi"), "1[0,3] 6[3,5] 2[5,9] 6[9,11]");
	assert_int_equal(tl_tokenizer_bos(f->t), 1);
	assert_int_equal(tl_tokenizer_eos(f->t), 2);
	assert_int_equal(tl_tokenizer_unk(f->t), 0);
	assert_int_equal(tl_tokenizer_pad(f->t), -1);
	assert_true(tl_tokenizer_has_dummy_prefix(f->t));
	tl_spm_set_prefix(f->t->spm, TL_SPM_NONLEGACY);
	assert_string_equal(encode(f, "<s>hi</s>hi"),
	    "1[0,3] 8[3,4] 9[4,5] 2[5,9] 8[9,10] 9[10,11]");
	assert_string_equal(
	    encode(f, "hi<s>hi"), "6[0,2] 1[2,5] 8[5,6] 9[6,7]");
}

/* The normalizer keeps a user-defined piece together: where tokens part it,
 * they meet at its beginning. */
static void
test_spm_parted_user_piece(void **state)
{
	struct fixture *f = *state;

	use(f,
	    make_spm(
		f, &(struct setting){ .kind = TL_SPM_BPE, .user = "h i" }));
	assert_string_equal(encode(f, "h i"), "4[0,0] 7[0,0] 9[0,3]");
	assert_string_equal(encode(f, "h h"), "4[0,1] 4[1,3]");
}

static void
put_unit(char *at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (char)(v >> (8 * i));
}

/* A double array by hand: "é" becomes "hi". */
static tl_str
make_map(struct fixture *f, uint32_t value)
{
	size_t len = 4 + 4096 + 5;
	char *p = TL_NEW(f->arena, char, len), *units = p + 4;
	uint32_t a = 256 ^ 0xC3, b = 512 ^ 0xA9;

	put_unit(p, 4096);
	put_unit(units, 256 << 10);
	put_unit(units + 4 * a, 0xC3 | (a ^ 512) << 10);
	put_unit(units + 4 * b, 0xA9 | 1 << 8 | (b ^ 768) << 10);
	put_unit(units + 4 * 768, 0x80000000 | value);
	memcpy(p + 4 + 4096, "x\0hi", 5);
	return (tl_str){ p, len };
}

static void
test_spm_map(void **state)
{
	struct fixture *f = *state;
	struct setting s = { .kind = TL_SPM_BPE, .keeps_spaces = true };

	s.map = make_map(f, 2);
	use(f, make_spm(f, &s));
	assert_string_equal(encode(f, "é"), "6[0,2]");
	assert_string_equal(encode(f, "aéi"), "7[0,0] 0[0,1] 10[1,4]");
	/* A place out of the strings is no hit. */
	s.map = make_map(f, 5000);
	use(f, make_spm(f, &s));
	assert_string_equal(encode(f, "é"), "7[0,0] 0[0,2]");
	s.map.len = 4000;
	assert_int_equal(load(f, make_spm(f, &s)), TL_EPARSE);
	assert_non_null(strstr(f->err.message, "map"));
}

/* --- merges, as they are defined --------------------------------------------
 */

#define MOST_CHARS 90u

static size_t
random_below(struct fixture *f, size_t n)
{
	f->random = f->random * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(f->random >> 33) % n;
}

static tl_str
random_text(struct fixture *f, size_t most)
{
	static const char *const chars[] = { "a", "b", "c", "é", "x" };
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	for (size_t n = 1 + random_below(f, most); n > 0; n--)
		tl_buf_puts(&b, chars[random_below(f, TL_COUNT(chars))]);
	tl_buf_putc(&b, '\0');
	return (tl_str){ b.ptr, b.len - 1 };
}

/* Many scores are equal, and most chars are no pieces. */
static size_t
random_pieces(struct fixture *f, struct piece *to, size_t max)
{
	size_t n = 3;

	memcpy(to, pieces, 3 * sizeof(*to)); /* unknown and control */
	for (size_t tries = 0; n < max && tries < 200; tries++) {
		const char *text =
		    random_text(f, random_below(f, 4) == 0 ? 1 : 5).ptr;
		size_t i = 0;

		while (i < n && strcmp(to[i].text, text) != 0)
			i++;
		if (i < n)
			continue;
		to[n++] = (struct piece){ text, -(float)random_below(f, 6),
			random_below(f, 20) == 0 ? TL_SPM_USER
						 : TL_SPM_NORMAL };
	}
	return n;
}

/* The piece, or 0. */
static size_t
find_piece(const struct piece *p, size_t n, tl_str text)
{
	for (size_t i = 3; i < n; i++)
		if (tl_str_eq(tl_str_from(p[i].text), text))
			return i;
	return 0;
}

/* The longest user-defined piece at the beginning, or 0. */
static size_t
user_len(const struct piece *p, size_t n, tl_str s)
{
	size_t best = 0;

	for (size_t i = 3; i < n; i++) {
		tl_str k = tl_str_from(p[i].text);

		if (p[i].type == TL_SPM_USER && k.len > best &&
		    tl_str_starts(s, k))
			best = k.len;
	}
	return best;
}

/* Of all neighbours that are a piece together, those with the best score
 * become one, the leftmost first, until there are none. */
static const char *
merge_slowly(struct fixture *f, const struct piece *p, size_t n, tl_str text)
{
	size_t ends[MOST_CHARS + 1] = { 0 }, nsyms = 0, last = 1;
	bool is_user[MOST_CHARS + 1] = { false };
	struct tl_buf b;

	for (size_t at = 0, len; at < text.len; at += len) {
		len = user_len(p, n, tl_str_slice(text, at, text.len));
		is_user[++nsyms] = len > 0;
		len = len > 0 ? len : tl_utf8_len(text, at);
		ends[nsyms] = at + len;
	}
	for (;;) {
		size_t best = 0, id = 0;

		for (size_t i = 1; i < nsyms; i++) {
			size_t k = find_piece(
			    p, n, tl_str_slice(text, ends[i - 1], ends[i + 1]));

			if (k > 0 && !is_user[i] && !is_user[i + 1] &&
			    (best == 0 || p[k].score > p[id].score)) {
				best = i;
				id = k;
			}
		}
		if (best == 0)
			break;
		for (size_t i = best; i < nsyms; i++) {
			ends[i] = ends[i + 1];
			is_user[i] = i > best && is_user[i + 1];
		}
		nsyms--;
	}
	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 1; i <= nsyms; i++) {
		size_t id =
		    find_piece(p, n, tl_str_slice(text, ends[i - 1], ends[i]));

		if (id > 0 || last > 0)
			tl_buf_printf(&b, "%s%zu", i > 1 ? " " : "", id);
		last = id;
	}
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

static const char *
encode_ids(struct fixture *f, tl_str text)
{
	struct tl_tokens k;
	struct tl_buf b;

	if (tl_encode(f->e, f->arena, text, 0, &k, &f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 0; i < k.n; i++)
		tl_buf_printf(&b, "%s%u", i > 0 ? " " : "", k.ids[i]);
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

static void
test_spm_merges_at_random(void **state)
{
	struct fixture *f = *state;

	for (size_t round = 0; round < 150; round++) {
		struct piece random[40];
		size_t n = random_pieces(f, random, 8 + round % 32);

		use(f,
		    make_spm(f,
			&(struct setting){ .kind = TL_SPM_BPE,
			    .no_prefix = true,
			    .keeps_spaces = true,
			    .pieces = random,
			    .npieces = n }));
		for (size_t i = 0; i < 40; i++) {
			tl_str text =
			    random_text(f, i % 2 == 0 ? 12 : MOST_CHARS);

			assert_string_equal(encode_ids(f, text),
			    merge_slowly(f, random, n, text));
		}
	}
}

/* Of the same chars, with what stands for spaces. */
static tl_str
random_spaced(struct fixture *f, size_t most, const char *space)
{
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	for (size_t n = 1 + random_below(f, most); n > 0; n--)
		if (random_below(f, 3) == 0)
			tl_buf_puts(
			    &b, random_below(f, 9) == 0 ? "\u2581" : space);
		else
			tl_buf_put(&b, random_text(f, 1));
	tl_buf_putc(&b, '\0');
	return (tl_str){ b.ptr, b.len - 1 };
}

static void
encode_both_ways(struct fixture *f, struct tl_encoder *slow, tl_str text)
{
	struct tl_tokens a, b;

	for (size_t i = 0; i < 2; i++) { /* the words are known then */
		if (tl_encode(f->e, f->arena, text, 0, &a, &f->err) != TL_OK ||
		    tl_encode(slow, f->arena, text, 0, &b, &f->err) != TL_OK)
			fail_msg("%s", f->err.message);
		assert_int_equal(a.n, b.n);
		if (a.n == 0)
			continue;
		assert_memory_equal(a.ids, b.ids, a.n * sizeof(*a.ids));
		assert_memory_equal(
		    a.offsets, b.offsets, a.n * sizeof(*a.offsets));
	}
}

static void
test_spm_word_by_word(void **state)
{
	struct fixture *f = *state;
	size_t ndirect = 0;

	for (size_t round = 0; round < 300; round++) {
		struct piece random[40];
		size_t n = random_pieces(f, random, 8 + round % 24);
		struct tl_encoder *slow;

		random[n++] = (struct piece){ "\u2581", -7, TL_SPM_NORMAL };
		while (n < 8 + round % 24 + 8)
			random[n++] =
			    (struct piece){ random_spaced(f, 4, "\u2581").ptr,
				    -(float)random_below(f, 90) - 8,
				    random_below(f, 9) == 0 ? TL_SPM_USER
							    : TL_SPM_NORMAL };
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < i; k++)
				if (strcmp(random[i].text, random[k].text) == 0)
					random[i--] = random[--n];
		use(f,
		    make_spm(f,
			&(struct setting){ .kind = TL_SPM_BPE,
			    .no_prefix = round % 3 == 0,
			    .keeps_spaces = round % 4 != 0,
			    .has_bytes = true,
			    .pieces = random,
			    .npieces = n }));
		ndirect += f->t->spm->is_direct;
		slow = tl_encoder_new(f->t, NULL, NULL);
		tl_encoder_only_steps(slow);
		for (size_t i = 0; i < 40; i++)
			encode_both_ways(f, slow,
			    random_spaced(f, i % 2 == 0 ? 12 : 90, " "));
		tl_encoder_free(slow);
	}
	assert_true(ndirect > 250);
}

static void
test_spm_damage(void **state)
{
	struct fixture *f = *state;
	struct setting s = { .kind = TL_SPM_BPE };
	tl_str whole = make_spm(f, &s);

	/* Every piece but none of the settings is a model, too. */
	for (size_t n = 1; n < whole.len; n++)
		(void)load(f, tl_str_slice(whole, 0, n));
	assert_int_equal(
	    load(f, tl_str_slice(whole, 0, whole.len - 1)), TL_EPARSE);
	assert_non_null(strstr(f->err.message, "cut off"));
	s.extra = "hi";
	assert_int_equal(load(f, make_spm(f, &s)), TL_EPARSE);
	assert_string_equal(
	    f->err.message, "piece 11 has the text of another one");
	s.extra = "\xff";
	assert_int_equal(load(f, make_spm(f, &s)), TL_EPARSE);
	assert_string_equal(f->err.message, "piece 11 is not UTF-8");
	s.extra = NULL;
	s.kind = (enum tl_spm_kind)7;
	assert_int_equal(load(f, make_spm(f, &s)), TL_EUNSUPPORTED);
	assert_non_null(strstr(f->err.message, "type 7"));
}

/* --- ranks -------------------------------------------------------------- */

static void
put_base64(struct tl_buf *b, const char *s, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t at = 0; at < len; at += 3) {
		uint32_t word = 0;

		for (size_t i = 0; i < 3; i++)
			word = word << 8 |
			    (at + i < len ? (unsigned char)s[at + i] : 0);
		for (size_t i = 0; i < 4; i++)
			tl_buf_putc(b,
			    at + i > len ? '='
					 : digits[word >> (18 - 6 * i) & 63]);
	}
}

/* 256 bytes and a few words; each with before its base64, and a rank. */
static tl_str
make_ranks(struct fixture *f, const char *before, const char *between,
    const char *after)
{
	static const char *const words[] = { "he", "ll", "hell", "hello", " w",
		"abc", "yx", "zy", "zyx" };
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	for (unsigned i = 0; i < 256 + TL_COUNT(words); i++) {
		char c = (char)i;
		const char *s = i < 256 ? &c : words[i - 256];

		tl_buf_puts(&b, i > 0 ? after : "");
		tl_buf_puts(&b, before);
		put_base64(&b, s, i < 256 ? 1 : strlen(s));
		tl_buf_printf(&b, "%s%u", between, i);
	}
	return tl_buf_str(&b);
}

static void
test_ranks(void **state)
{
	struct fixture *f = *state;

	use(f, make_ranks(f, "", " ", "\n"));
	assert_string_equal(encode(f, "hello"), "259[0,5]");
	assert_string_equal(
	    encode(f, "hello whello"), "259[0,5] 260[5,7] 259[7,12]");
	/* A token that no merge gives is found as a whole piece only. */
	assert_string_equal(encode(f, "abc"), "261[0,3]");
	assert_string_equal(
	    encode(f, "abcd"), "97[0,1] 98[1,2] 99[2,3] 100[3,4]");
	/* Of the two ways to make it, the one that merges come upon counts. */
	assert_string_equal(encode(f, "zyxq"), "264[0,3] 113[3,4]");
	assert_string_equal(encode(f, "é"), "195[0,2] 169[0,2]");
	assert_string_equal(
	    encode(f, "<|endoftext|>hell"), "100257[0,13] 258[13,17]");
	assert_int_equal(tl_tokenizer_eos(f->t), 100257);
}

/* The encodings that split as another one does but have tokens of their own. */
static void
test_ranks_by_name(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
		{ "x/p50k_edit.tiktoken", "a1<|fim_suffix|>",
		    "97[0,1] 49[1,2] 50283[2,16]" },
		{ "x/qwen.tiktoken", "12<|im_end|><|extra_0|><|extra_204|>",
		    "49[0,1] 50[1,2] 151645[2,12] 151646[12,23] "
		    "151850[23,36]" },
		{ "x/qwen.tiktoken", "e\u0301", "195[0,1] 169[0,1]" },
	};

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		struct tl_tokenizer *t = tl_tokenizer_blank(f->arena);

		assert_int_equal(tl_load_ranks(make_ranks(f, "", " ", "\n"),
				     (tl_str){ NULL, 0 },
				     tl_str_from(cases[i].name), t, &f->err),
		    TL_OK);
		tl_tokenizer_finish(t);
		f->t = t;
		tl_encoder_free(f->e);
		f->e = tl_encoder_new(t, NULL, NULL);
		assert_string_equal(encode(f, cases[i].text), cases[i].want);
	}
}

static void
test_ranks_damage(void **state)
{
	struct fixture *f = *state;
	tl_str whole = make_ranks(f, "", " ", "\n");
	struct tl_buf b;

	assert_int_equal(
	    load(f, tl_str_slice(whole, 0, whole.len / 2)), TL_EPARSE);
	assert_int_equal(load(f, TL_STR("IQ== 0\nIg=")), TL_EPARSE);
	assert_non_null(strstr(f->err.message, "line 2"));
	assert_int_equal(load(f, TL_STR("IQ== 0\nI*== 1")), TL_EPARSE);
	assert_non_null(strstr(f->err.message, "not base64"));
	assert_int_equal(load(f, TL_STR("IQ== 0\nIQ== 1")), TL_EPARSE);
	assert_non_null(strstr(f->err.message, "twice"));
	assert_int_equal(
	    load(f, TL_STR("IQ== 0\nIg== 18446744073709551615")), TL_ELIMIT);
	assert_int_equal(load(f, TL_STR("IQ== 0\nIg== 1")), TL_EPARSE);
	assert_non_null(strstr(f->err.message, "0x00"));
	tl_buf_init(&b, f->arena, 0);
	tl_buf_put(&b, whole);
	tl_buf_puts(&b, "\nenFx 100257");
	assert_int_equal(load(f, tl_buf_str(&b)), TL_ELIMIT);
}

static tl_str
make_tekken(struct fixture *f, const char *pattern, const char *special)
{
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	tl_buf_printf(&b,
	    "{\"config\":{\"pattern\":\"%s\",\"default_vocab_size\":271,"
	    "\"default_num_special_tokens\":10},\"vocab\":[",
	    pattern);
	tl_buf_put(
	    &b, make_ranks(f, "{\"token_bytes\":\"", "\",\"rank\":", "},"));
	tl_buf_printf(&b, "}]%s}", special);
	return tl_buf_str(&b);
}

static void
test_tekken(void **state)
{
	struct fixture *f = *state;

	/* The last rank, "abc", is beyond the size. */
	use(f, make_tekken(f, " ?\\\\p{L}+|[^\\\\p{L}]", ""));
	assert_string_equal(
	    encode(f, "hello whello"), "269[0,5] 270[5,7] 269[7,12]");
	assert_string_equal(encode(f, "abc"), "107[0,1] 108[1,2] 109[2,3]");
	assert_string_equal(
	    encode(f, "[INST]he[/INST]"), "3[0,6] 266[6,8] 4[8,15]");
	assert_int_equal(tl_tokenizer_bos(f->t), 1);
	use(f,
	    make_tekken(f, " ?\\\\p{L}+|[^\\\\p{L}]",
		",\"special_tokens\":[{\"rank\":2,\"token_str\":\"[X]\"}]"));
	assert_string_equal(encode(f, "[X]<SPECIAL_9>"), "2[0,3] 9[3,14]");
	assert_int_equal(tl_tokenizer_bos(f->t), -1);
}

static void
test_tekken_damage(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    load(f, make_tekken(f, "a{1,3}+|b", "")), TL_EUNSUPPORTED);
	assert_non_null(strstr(f->err.message, "a{1,3}+|b"));
	assert_int_equal(load(f, make_tekken(f, "", "")), TL_EPARSE);
	assert_int_equal(load(f, make_tekken(f, "(", "")), TL_EPARSE);
	assert_int_equal(load(f,
			     make_tekken(f, "a",
				 ",\"special_tokens\":[{\"rank\":10,"
				 "\"token_str\":\"x\"}]")),
	    TL_EPARSE);
	assert_non_null(strstr(f->err.message, "out of range"));
}

/* --- GGUF --------------------------------------------------------------- */

struct gguf_token {
	const char *text;
	float score;
	uint32_t type;
};

static void
put_word(struct tl_buf *b, uint64_t v, size_t size)
{
	for (size_t i = 0; i < size; i++)
		tl_buf_putc(b, (char)(v >> (8 * i)));
}

static void
put_text(struct tl_buf *b, const char *s)
{
	put_word(b, strlen(s), 8);
	tl_buf_puts(b, s);
}

static void
put_list(struct tl_buf *b, const char *key, uint32_t type, size_t n)
{
	put_text(b, key);
	put_word(b, 9, 4);
	put_word(b, type, 4);
	put_word(b, n, 8);
}

static void
put_number(struct tl_buf *b, const char *key, uint32_t v)
{
	put_text(b, key);
	put_word(b, 4, 4);
	put_word(b, v, 4);
}

static tl_str
make_gguf(
    struct fixture *f, const char *model, const struct gguf_token *k, size_t n)
{
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	tl_buf_puts(&b, "GGUF");
	put_word(&b, 3, 4);
	put_word(&b, 0, 8);
	put_word(&b, 8, 8);
	put_text(&b, "tokenizer.ggml.model");
	put_word(&b, 8, 4);
	put_text(&b, model);
	put_list(&b, "tokenizer.ggml.tokens", 8, n);
	for (size_t i = 0; i < n; i++)
		put_text(&b, k[i].text);
	put_list(&b, "tokenizer.ggml.token_type", 5, n);
	for (size_t i = 0; i < n; i++)
		put_word(&b, k[i].type, 4);
	put_list(&b, "tokenizer.ggml.scores", 6, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t bits;

		memcpy(&bits, &k[i].score, sizeof(bits));
		put_word(&b, bits, 4);
	}
	put_number(&b, "tokenizer.ggml.remove_extra_whitespaces", 1);
	put_number(&b, "tokenizer.ggml.unknown_token_id", 0);
	put_number(&b, "tokenizer.ggml.cls_token_id", 1);
	put_number(&b, "tokenizer.ggml.seperator_token_id", 2);
	return tl_buf_str(&b);
}

static void
test_gguf_t5(void **state)
{
	struct fixture *f = *state;
	struct gguf_token k[TL_COUNT(pieces)];

	for (size_t i = 0; i < TL_COUNT(k); i++)
		k[i] = (struct gguf_token){ pieces[i].text, pieces[i].score,
			pieces[i].type };
	use(f, make_gguf(f, "t5", k, TL_COUNT(k)));
	assert_string_equal(encode(f, "hii"), "7[0,0] 10[0,3]");
	assert_string_equal(encode(f, "hi  i<t>hi"),
	    "6[0,2] 7[2,4] 9[4,5] 3[5,8] 8[8,9] 9[9,10]");
	k[0].type = TL_SPM_NORMAL;
	assert_int_equal(
	    load(f, make_gguf(f, "t5", k, TL_COUNT(k))), TL_EPARSE);
	assert_string_equal(f->err.message, "the model has no unknown piece");
	assert_int_equal(
	    load(f, make_gguf(f, "rwkv", k, TL_COUNT(k))), TL_EUNSUPPORTED);
	assert_non_null(strstr(f->err.message, "rwkv"));
}

static void
test_gguf_bert(void **state)
{
	static const struct gguf_token k[] = {
		{ "[UNK]", 0, TL_SPM_UNKNOWN },
		{ "[CLS]", 0, TL_SPM_CONTROL },
		{ "[SEP]", 0, TL_SPM_CONTROL },
		{ "\u2581he", 0, TL_SPM_NORMAL },
		{ "llo", 0, TL_SPM_NORMAL },
		{ "\u2581w", 0, TL_SPM_NORMAL },
	};
	struct fixture *f = *state;
	struct tl_tokens out;

	use(f, make_gguf(f, "bert", k, TL_COUNT(k)));
	assert_string_equal(encode(f, "Hello w llo[SEP]"),
	    "3[0,2] 4[2,5] 5[6,7] 0[8,11] 2[11,16]");
	assert_int_equal(tl_encode(f->e, f->arena, TL_STR("w"),
			     TL_ENCODE_SPECIAL, &out, &f->err),
	    TL_OK);
	assert_int_equal(out.n, 3);
	assert_int_equal(out.ids[0], 1);
	assert_int_equal(out.ids[2], 2);
}

/* --- folders ------------------------------------------------------------ */

static void
write_file(struct fixture *f, const char *folder, const char *name, tl_str s)
{
	FILE *out =
	    fopen(tl_arena_printf(f->arena, "%s/%s", folder, name), "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(s.ptr, 1, s.len, out), s.len);
	assert_int_equal(fclose(out), 0);
}

static void
use_folder(
    struct fixture *f, const char *folder, const char *name, const char *value)
{
	tl_str n = tl_str_from(name), v = tl_str_from(value);
	struct tl_tokenizer_options opt = { &n, &v, name != NULL };

	if (tl_tokenizer_load(f->arena, folder, &opt, &f->t, &f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	tl_encoder_free(f->e);
	f->e = tl_encoder_new(f->t, NULL, NULL);
}

static void
test_folder(void **state)
{
	static const char *const names[] = { "tokenizer.model",
		"added_tokens.json", "tokenizer_config.json", "x.tiktoken" };
	struct fixture *f = *state;
	char folder[] = "/tmp/turnlint-test-XXXXXX";

	assert_non_null(mkdtemp(folder));
	write_file(f, folder, "x.tiktoken", make_ranks(f, "", " ", "\n"));
	use_folder(f, folder, "pattern", "gpt2");
	assert_string_equal(encode(f, "hello"), "259[0,5]");
	write_file(f, folder, "tokenizer.model",
	    make_spm(f, &(struct setting){ .kind = TL_SPM_BPE }));
	write_file(
	    f, folder, "added_tokens.json", TL_STR("{\"<b>\":21,\"<a>\":15}"));
	use_folder(f, folder, NULL, NULL);
	assert_string_equal(
	    encode(f, "<a>hi<b>hi"), "15[0,3] 6[3,5] 21[5,8] 6[8,10]");
	write_file(
	    f, folder, "tokenizer_config.json", TL_STR("{\"legacy\":false}"));
	use_folder(f, folder, NULL, NULL);
	assert_string_equal(encode(f, "<a>hi"), "15[0,3] 8[3,4] 9[4,5]");
	use_folder(f, folder, "legacy", "true");
	assert_string_equal(encode(f, "<a>hi"), "15[0,3] 6[3,5]");
	use_folder(f, folder, "config", "false");
	assert_int_equal(tl_tokenizer_id(f->t, TL_STR("<a>")), -1);
	use_folder(f, folder, "split_special_tokens", "true");
	assert_string_equal(encode(f, "</s>"), "7[0,0] 0[0,4]");
	for (size_t i = 0; i < TL_COUNT(names); i++)
		assert_int_equal(remove(tl_arena_printf(
				     f->arena, "%s/%s", folder, names[i])),
		    0);
	assert_int_equal(remove(folder), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_spm_bpe),
		TEST(test_spm_spaces),
		TEST(test_spm_bytes),
		TEST(test_spm_unigram),
		TEST(test_spm_words_and_chars),
		TEST(test_spm_special),
		TEST(test_spm_parted_user_piece),
		TEST(test_spm_map),
		TEST(test_spm_merges_at_random),
		TEST(test_spm_word_by_word),
		TEST(test_spm_damage),
		TEST(test_ranks),
		TEST(test_ranks_by_name),
		TEST(test_ranks_damage),
		TEST(test_tekken),
		TEST(test_tekken_damage),
		TEST(test_gguf_t5),
		TEST(test_gguf_bert),
		TEST(test_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
