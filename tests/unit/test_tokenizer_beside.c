/* SPDX-License-Identifier: Apache-2.0 */
/* What lies beside a tokenizer's file, options, and steps with data of their
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tokenizer/charsmap.h"
#include "tokenizer/gguf_pre.h"
#include "tokenizer/llama.h"

#define SPM_MINI "samples/tokenizers/spm-mini"
#define BROKEN "samples/tokenizers/broken/"

struct fixture {
	struct tl_arena *arena;
	struct tl_error err;
};

static int
setup(void **state)
{
	static struct fixture f;

	f.arena = tl_arena_new(NULL, NULL);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	const struct fixture *f = *state;

	tl_arena_free(f->arena);
	return 0;
}

/* NULL: it does not load. */
static const struct tl_tokenizer *
load(struct fixture *f, const char *path, const char *name, const char *value)
{
	tl_str names[1] = { tl_str_from(name) };
	tl_str values[1] = { tl_str_from(value) };
	const struct tl_tokenizer_options opt = { names, values,
		name == NULL ? 0 : 1 };
	struct tl_tokenizer *t = NULL;

	if (tl_tokenizer_load(f->arena, path, &opt, &t, &f->err) != TL_OK)
		return NULL;
	return t;
}

static const char *
ids_of(struct fixture *f, const struct tl_tokenizer *t, const char *text)
{
	struct tl_encoder *e = tl_encoder_new(t, NULL, NULL);
	struct tl_tokens k;
	struct tl_buf b;

	assert_int_equal(tl_encode(e, f->arena, tl_str_from(text),
			     TL_ENCODE_SPECIAL, &k, &f->err),
	    TL_OK);
	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 0; i < k.n; i++)
		tl_buf_printf(&b, "%s%u[%u,%u]", i > 0 ? " " : "", k.ids[i],
		    k.offsets[i].beg, k.offsets[i].end);
	tl_encoder_free(e);
	return tl_arena_cstr(f->arena, tl_buf_str(&b));
}

static struct tl_tokenizer *
from_text(struct fixture *f, const char *json)
{
	struct tl_tokenizer *t = tl_tokenizer_blank(f->arena);

	if (tl_load_json(tl_str_from(json), t, &f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	return t;
}

/* --- facts ----------------------------------------------------------------
 */

static void
the_models_files_say_where_generation_ends(void **state)
{
	struct fixture *f = *state;
	const struct tl_tokenizer_facts *facts =
	    tl_tokenizer_facts(load(f, BROKEN "eos-differs", NULL, NULL));

	assert_int_equal(facts->neos, 1);
	assert_string_equal(facts->eos[0].file, "generation_config.json");
	assert_int_equal(facts->eos[0].n, 1);
	assert_int_equal(facts->eos[0].ids[0], 256);
	assert_int_equal(facts->vocab_size, -1);
	facts = tl_tokenizer_facts(load(f, BROKEN "too-few-rows", NULL, NULL));
	assert_int_equal(facts->vocab_size, 257);
	assert_string_equal(facts->eos[0].file, "config.json");
	assert_null(facts->model_path);
	facts = tl_tokenizer_facts(load(f, BROKEN "slow-differs", NULL, NULL));
	assert_string_equal(
	    facts->model_path, BROKEN "slow-differs/tokenizer.model");
}

static void
an_older_map_of_special_tokens_counts_alone(void **state)
{
	struct fixture *f = *state;
	static const char json[] =
	    "{\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"[U]\","
	    "\"vocab\":{\"[U]\":0,\"a\":1}}}";
	tl_str map = TL_STR("{\"eos_token\":\"</e>\",\"pad_token\":{\"content\""
			    ":\"<p>\",\"lstrip\":true}}");
	struct tl_tokenizer *t = from_text(f, json);

	assert_int_equal(tl_load_config(TL_STR("{\"eos_token\":\"a\"}"), map,
			     true, t, &f->err),
	    TL_OK);
	tl_tokenizer_finish(t);
	assert_int_equal(tl_tokenizer_eos(t), 2);
	assert_int_equal(tl_tokenizer_pad(t), 3);
	t = from_text(f, json);
	assert_int_equal(tl_load_config(TL_STR("{\"eos_token\":\"a\","
					       "\"added_tokens_decoder\":{}}"),
			     map, true, t, &f->err),
	    TL_OK);
	tl_tokenizer_finish(t);
	assert_int_equal(tl_tokenizer_eos(t), 1);
	assert_int_equal(tl_tokenizer_pad(t), -1);
}

static void
lengths_in_the_file_are_obeyed_when_asked(void **state)
{
	struct fixture *f = *state;
	static const char json[] =
	    "{\"truncation\":{\"max_length\":2,\"direction\":\"Left\"},"
	    "\"padding\":{\"strategy\":\"BatchLongest\",\"pad_to_multiple_of\""
	    ":4,\"pad_id\":7,\"direction\":\"Left\"},\"pre_tokenizer\":"
	    "{\"type\":\"FixedLength\",\"length\":1},\"model\":{\"type\":"
	    "\"WordLevel\",\"unk_token\":\"[U]\",\"vocab\":{\"[U]\":0,"
	    "\"a\":1,\"b\":2}}}";
	struct tl_tokenizer *t = from_text(f, json);

	tl_tokenizer_finish(t);
	assert_int_equal(tl_tokenizer_facts(t)->truncates_to, 2);
	assert_true(tl_tokenizer_facts(t)->has_padding);
	assert_string_equal(ids_of(f, t, "abx"), "1[0,1] 2[1,2] 0[2,3]");
	t->stored.is_obeyed = true;
	assert_string_equal(ids_of(f, t, "abx"), "7[0,0] 7[0,0] 2[1,2] 0[2,3]");
}

/* --- options --------------------------------------------------------------
 */

static void
a_bracket_is_another_token_in_each_reading(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "</s>[";
	const struct tl_tokenizer *t = load(f, SPM_MINI, "legacy", "true");

	/* 447 is the bracket behind a space, 1412 without. */
	assert_string_equal(ids_of(f, t, text), "1[0,0] 2[0,4] 447[4,5]");
	t = load(f, SPM_MINI, "legacy", "false");
	assert_string_equal(ids_of(f, t, text), "1[0,0] 2[0,4] 1412[4,5]");
	assert_string_equal(ids_of(f, t, "["), "1[0,0] 447[0,1]");
	t = load(f, SPM_MINI, "add_prefix_space", "false");
	assert_string_equal(ids_of(f, t, "["), "1[0,0] 1412[0,1]");
	assert_false(tl_tokenizer_has_dummy_prefix(t));
	t = load(f, SPM_MINI, "add_bos_token", "false");
	assert_string_equal(ids_of(f, t, "["), "447[0,1]");
	t = load(f, SPM_MINI, "add_eos_token", "true");
	assert_string_equal(ids_of(f, t, "["), "1[0,0] 447[0,1] 2[0,0]");
	assert_null(load(f, SPM_MINI, "use_fast", "false"));
	assert_null(load(f, SPM_MINI, "no_such", "true"));
	assert_null(load(f, SPM_MINI, "legacy", "yes"));
}

static void
special_tokens_can_be_named(void **state)
{
	struct fixture *f = *state;
	const struct tl_tokenizer *t = load(f, SPM_MINI, "pad_token", "<pad>");

	assert_int_equal(
	    tl_tokenizer_pad(t), (int64_t)tl_tokenizer_size(t) - 1);
	t = load(f, SPM_MINI, "pad_token", "</s>");
	assert_int_equal(tl_tokenizer_pad(t), tl_tokenizer_eos(t));
	t = load(f, SPM_MINI, "model_max_length", "128");
	assert_int_equal(tl_tokenizer_facts(t)->max_length, 128);
}

/* --- steps ----------------------------------------------------------------
 */

static void
scripts_part_and_spaces_go_with_what_precedes(void **state)
{
	struct fixture *f = *state;
	struct tl_tokenizer *t = from_text(f,
	    "{\"pre_tokenizer\":{\"type\":\"UnicodeScripts\"},\"model\":"
	    "{\"type\":\"WordLevel\",\"unk_token\":\"[U]\",\"vocab\":"
	    "{\"[U]\":0}}}");

	tl_tokenizer_finish(t);
	assert_string_equal(
	    ids_of(f, t, "a \u3042\u6771 b"), "0[0,2] 0[2,9] 0[9,10]");
	/* What is of no script has nothing to go with in front. */
	assert_string_equal(ids_of(f, t, " a"), "0[1,2]");
	assert_string_equal(ids_of(f, t, "  "), "");
}

/* A map of "a" to two chars. */
static struct tl_charsmap
small_map(struct tl_arena *a)
{
	char *units = tl_arena_bytes(a, 4 * 256);
	const struct {
		unsigned at;
		uint32_t unit;
	} used[] = { { 0, 1u << 10 }, { 1 ^ 'a', 2u << 10 | 256 | 'a' },
		{ 1 ^ 'a' ^ 2, 0x80000000u } };

	memset(units, 0, 4 * 256);
	for (size_t i = 0; i < TL_COUNT(used); i++)
		for (unsigned k = 0; k < 4; k++)
			units[4 * used[i].at + k] =
			    (char)(used[i].unit >> (8 * k));
	return (struct tl_charsmap){ units, 256, { "bc\0", 3 } };
}

static const char *
mapped(struct fixture *f, const char *text)
{
	struct tl_charsmap map = small_map(f->arena);
	struct tl_piece p = {
		.ptr = text, .len = (uint32_t)strlen(text), .added = TL_NO_ID
	};
	struct tl_buf b;

	tl_charsmap_apply(&map, f->arena, &p);
	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 0; i < p.len;
	     i += tl_utf8_len((tl_str){ p.ptr, p.len }, i)) {
		struct tl_offset at = tl_piece_span(&p, i, i + 1);

		tl_buf_printf(&b, "%.*s[%u,%u]",
		    (int)tl_utf8_len((tl_str){ p.ptr, p.len }, i), p.ptr + i,
		    at.beg, at.end);
	}
	return tl_arena_cstr(f->arena, tl_buf_str(&b));
}

static void
a_short_cluster_is_looked_up_whole(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(mapped(f, "xa"), "x[0,1]b[1,2]c[1,2]");
	/* The mark goes with its letter … */
	assert_string_equal(mapped(f, "a\u0301x"), "b[0,1]c[1,3]x[3,4]");
	/* … but not in a cluster of six bytes. */
	assert_string_equal(
	    mapped(f, "a\u0301\u20D0"), "b[0,1]c[0,1]\u0301[1,3]\u20D0[3,6]");
	/* No cluster: a newline ends one, a joiner behind a letter does not
	 * bind the next. */
	assert_string_equal(mapped(f, "\na"), "\n[0,1]b[1,2]c[1,2]");
	assert_string_equal(
	    mapped(f, "x\u200Da"), "x[0,1]\u200D[1,4]b[4,5]c[4,5]");
	/* A number sign in front binds. */
	assert_string_equal(mapped(f, "\u0600a"), "\u0600[0,2]b[2,3]c[2,3]");
}

static void
normalizing_takes_marks_for_spaces_back(void **state)
{
	struct fixture *f = *state;
	tl_str out, text = TL_STR("a b");

	assert_true(tl_tokenizer_normalize(
	    load(f, SPM_MINI, NULL, NULL), f->arena, text, &out));
	assert_true(tl_str_eq(out, text));
	assert_true(tl_tokenizer_normalize(load(f, BROKEN "folds", NULL, NULL),
	    f->arena, TL_STR("\uFF28 \u2460"), &out));
	assert_true(tl_str_eq(out, TL_STR("H 1")));
}

static void
every_gguf_name_has_steps_that_parse(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "llama-bpe", "dbrx", "qwen2",
		"qwen35", "stablelm2", "laguna", "minicpm5", "tekken", "gpt-4o",
		"tiny_aya", "gpt-2", "roberta-bpe", "mpt", "starcoder",
		"falcon", "deepseek-v3", "deepseek-coder", "deepseek-llm",
		"bloom", "viking", "chameleon", "superbpe", "bailingmoe",
		"seed-coder", "ufakzeka", "exaone-moe", "jais-2",
		"granite-embed-multi-97m", "youtu", "afmoe", "default",
		"falcon-h1", "lfm2" };

	for (size_t i = 0; i < TL_COUNT(names); i++) {
		const struct tl_gguf_pre *pre =
		    tl_gguf_pre_find(tl_str_from(names[i]));
		struct tl_tokenizer *t = tl_tokenizer_blank(f->arena);

		assert_non_null(pre);
		if (tl_tokenizer_set_steps(
			t, pre->norm, pre->pretok, &f->err) != TL_OK)
			fail_msg("%s", names[i]);
		assert_true(t->pretok.n > 0);
	}
	assert_null(tl_gguf_pre_find(TL_STR("kimi-k2")));
	assert_null(tl_gguf_pre_find(TL_STR("")));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_models_files_say_where_generation_ends),
		TEST(an_older_map_of_special_tokens_counts_alone),
		TEST(lengths_in_the_file_are_obeyed_when_asked),
		TEST(a_bracket_is_another_token_in_each_reading),
		TEST(special_tokens_can_be_named),
		TEST(scripts_part_and_spaces_go_with_what_precedes),
		TEST(a_short_cluster_is_looked_up_whole),
		TEST(normalizing_takes_marks_for_spaces_back),
		TEST(every_gguf_name_has_steps_that_parse),
	};

	return cmocka_run_group_tests_name(
	    "tokenizer_beside", tests, NULL, NULL);
}
