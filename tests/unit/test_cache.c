/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled tokenizers: they give what their source gives, and one that is
 * damaged is never believed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <sys/stat.h>
#include <turnlint/record.h>
#include <unistd.h>

#include "spm_model.h"
#include "tokenizer/cache.h"
#include "tokenizer/load.h"

#define BPE_MINI "samples/tokenizers/bpe-mini/tokenizer.json"
#define SPM_MINI "samples/tokenizers/spm-mini/tokenizer.json"
#define SPM_MODEL "" /* that of spm_model.h */

static const char text[] =
    "Hello there! Ünïcödé 東京 \U0001F44D  two  spaces\n\n<s>x</s> the end"
    " abc aé <u>é";

struct fixture {
	struct tl_arena *arena;
	struct tl_error err;
	struct tl_tagger tagger;
	uint64_t random;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = tl_arena_new(NULL, NULL);
	f->random = 1;
	tl_tag_init(&f->tagger,
	    (const unsigned char *)"0123456789abcdef0123456789ABCDEF");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tl_arena_free(f->arena);
	free(f);
	return 0;
}

static size_t
random_below(struct fixture *f, size_t n)
{
	f->random = f->random * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(f->random >> 33) % n;
}

static tl_str
read_file(struct fixture *f, const char *path)
{
	tl_str s;

	if (path[0] == '\0')
		return spm_model(f->arena);
	if (tl_file_read(f->arena, path, 1u << 30, &s, &f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	return s;
}

/* "id[beg,end] …" of the text. */
static const char *
encode(struct fixture *f, const struct tl_tokenizer *t)
{
	struct tl_encoder *e = tl_encoder_new(t, NULL, NULL);
	struct tl_tokens k;
	struct tl_buf b;

	if (tl_encode(e, f->arena, TL_STR(text), TL_ENCODE_SPECIAL, &k,
		&f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 0; i < k.n; i++)
		tl_buf_printf(&b, "%u[%u,%u] ", k.ids[i], k.offsets[i].beg,
		    k.offsets[i].end);
	tl_buf_putc(&b, '\0');
	tl_encoder_free(e);
	return b.ptr;
}

/* --- tags
 * ---------------------------------------------------------------------- */

static struct tl_tag
tag(struct fixture *f, tl_str s)
{
	tl_tag_reset(&f->tagger);
	tl_tag_add(&f->tagger, s.ptr, s.len);
	return tl_tag_end(&f->tagger);
}

static void
a_tag_does_not_depend_on_the_parts(void **state)
{
	struct fixture *f = *state;
	tl_str s = read_file(f, BPE_MINI);
	struct tl_tag whole = tag(f, s);

	for (int round = 0; round < 20; round++) {
		struct tl_tag again;

		tl_tag_reset(&f->tagger);
		for (size_t at = 0, n; at < s.len; at += n) {
			n = 1 + random_below(f, 5000);
			if (n > s.len - at)
				n = s.len - at;
			tl_tag_add(&f->tagger, s.ptr + at, n);
		}
		again = tl_tag_end(&f->tagger);
		assert_true(tl_tag_eq(whole, again));
	}
}

static void
a_tag_changes_with_every_bit_and_the_length(void **state)
{
	struct fixture *f = *state;
	char bytes[3000] = { 0 };
	struct tl_tag base = tag(f, (tl_str){ bytes, sizeof(bytes) });

	for (size_t bit = 0; bit < sizeof(bytes) * 8; bit++) {
		struct tl_tag other;

		bytes[bit / 8] = (char)(1 << (bit % 8));
		other = tag(f, (tl_str){ bytes, sizeof(bytes) });
		bytes[bit / 8] = 0;
		assert_int_not_equal(base.v[0], other.v[0]);
		assert_int_not_equal(base.v[1], other.v[1]);
	}
	for (size_t n = 0; n < sizeof(bytes); n++)
		assert_false(tl_tag_eq(base, tag(f, (tl_str){ bytes, n })));
}

static void
a_tag_changes_with_the_key(void **state)
{
	struct fixture *f = *state;
	struct tl_tag one = tag(f, TL_STR(text)), two;

	tl_tag_init(&f->tagger,
	    (const unsigned char *)"0123456789abcdef0123456789ABCDEG");
	two = tag(f, TL_STR(text));
	assert_int_not_equal(one.v[0], two.v[0]);
	assert_int_not_equal(one.v[1], two.v[1]);
}

/* --- images
 * -------------------------------------------------------------------- */

static const struct tl_tag key = { { 7, 8 } };

static tl_str
make_image(struct fixture *f, const char *path, const char **want)
{
	tl_str s = read_file(f, path);
	struct tl_tokenizer *t;

	if (tl_tokenizer_load_mem(f->arena, s, &t, &f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	*want = encode(f, t);
	return tl_image_make(f->arena, &f->tagger, key,
	    tl_load_rest(f->arena, s, t), &t->model, t->spm);
}

static bool
open_image(struct fixture *f, struct tl_image *img, const char *bytes, size_t n)
{
	uint64_t *base = TL_NEW(f->arena, uint64_t, n / 8 + 1);

	memcpy(base, bytes, n);
	*img = (struct tl_image){ .base = (char *)base, .size = n };
	return tl_image_open(img, &f->tagger, key);
}

static struct tl_tokenizer *
load_image(struct fixture *f, const struct tl_image *img)
{
	struct tl_tokenizer *t = tl_tokenizer_blank(f->arena);

	if (tl_load_image(img, TL_SPM_LEGACY, t, &f->err) != TL_OK)
		return NULL;
	tl_tokenizer_finish(t);
	return t;
}

/* Every id has the string and the flags that it has in the source. */
static void
compare_pieces(
    struct fixture *f, const struct tl_tokenizer *got, const char *path)
{
	struct tl_tokenizer *t;

	if (tl_tokenizer_load_mem(f->arena, read_file(f, path), &t, &f->err) !=
	    TL_OK)
		fail_msg("%s", f->err.message);
	assert_int_equal(tl_tokenizer_size(got), tl_tokenizer_size(t));
	for (uint32_t id = 0; id < tl_tokenizer_size(t); id++) {
		tl_str piece = tl_tokenizer_piece(t, id);
		tl_str same = tl_tokenizer_piece(got, id);

		assert_int_equal(same.ptr == NULL, piece.ptr == NULL);
		assert_true(tl_str_eq(same, piece));
		assert_int_equal(
		    tl_tokenizer_id(got, same), tl_tokenizer_id(t, piece));
		assert_int_equal(
		    tl_tokenizer_flags(got, id), tl_tokenizer_flags(t, id));
	}
}

/* Comments among the merges have no rank, and there may be none at all. */
static void
merges_without_a_rank_do_no_harm(void **state)
{
	static const char *const merges[] = { "[\"#version: 0.2\",\"a b\"]",
		"[\"#version: 0.2\"]", "[]", "[ ]" };
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(merges); i++) {
		const char *json = tl_arena_printf(f->arena,
		    "{\"model\":{\"type\":\"BPE\",\"unk_token\":\"a\","
		    "\"vocab\":{\"a\":0,\"b\":2,\"ab\":1},"
		    "\"merges\":%s}}",
		    merges[i]);
		struct tl_bigjson big;
		struct tl_tokenizer *t;
		struct tl_image img;
		const char *want;
		tl_str image;

		if (tl_tokenizer_load_mem(
			f->arena, tl_str_from(json), &t, &f->err) != TL_OK)
			fail_msg("%s", f->err.message);
		want = encode(f, t);
		tl_bigjson_find(tl_str_from(json), &big);
		image = tl_image_make(f->arena, &f->tagger, key,
		    tl_bigjson_rest(f->arena, tl_str_from(json), &big),
		    &t->model, NULL);
		assert_true(open_image(f, &img, image.ptr, image.len));
		t = load_image(f, &img);
		assert_non_null(t);
		assert_string_equal(encode(f, t), want);
	}
}

static const char *const samples[] = { BPE_MINI, SPM_MINI, SPM_MODEL };

static void
an_image_gives_what_its_source_gives(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(samples); i++) {
		const char *want;
		tl_str image = make_image(f, samples[i], &want);
		struct tl_image img;
		struct tl_tokenizer *t;

		assert_true(open_image(f, &img, image.ptr, image.len));
		t = load_image(f, &img);
		assert_non_null(t);
		assert_true(t->plan != TL_PLAN_STEPS ||
		    (t->spm != NULL && tl_spm_is_direct(t->spm)));
		assert_string_equal(encode(f, t), want);
		compare_pieces(f, t, samples[i]);
	}
}

static void
an_image_of_something_else_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *want;
	tl_str image = make_image(f, BPE_MINI, &want);
	struct tl_image img = { .base = (char *)TL_NEW(
				    f->arena, uint64_t, image.len / 8 + 1),
		.size = image.len };

	memcpy(img.base, image.ptr, image.len);
	assert_false(
	    tl_image_open(&img, &f->tagger, (struct tl_tag){ { 7, 9 } }));
	tl_tag_init(&f->tagger,
	    (const unsigned char *)"another key another key another ");
	assert_false(tl_image_open(&img, &f->tagger, key));
}

/* The bytes that are looked at: all of the header, and some of the rest. */
static size_t
nth_place(struct fixture *f, size_t i, size_t n)
{
	return i < 320 ? i : random_below(f, n);
}

static void
a_damaged_image_is_refused(void **state)
{
	struct fixture *f = *state;
	const char *want;
	tl_str image = make_image(f, BPE_MINI, &want);
	char *bytes = tl_arena_bytes(f->arena, image.len);
	struct tl_arena *all = f->arena;

	memcpy(bytes, image.ptr, image.len);
	f->arena = tl_arena_new(NULL, NULL);
	for (size_t i = 0; i < 600; i++) {
		size_t at = nth_place(f, i, image.len);
		struct tl_image img;

		bytes[at] = (char)(bytes[at] ^ 1 << random_below(f, 8));
		assert_false(open_image(f, &img, bytes, image.len));
		bytes[at] = image.ptr[at];
		assert_false(
		    open_image(f, &img, bytes, nth_place(f, i, image.len)));
		tl_arena_reset(f->arena);
	}
	tl_arena_free(f->arena);
	f->arena = all;
}

/* Even with the right tag nothing is believed that leads out of the tables. */
static void
a_signed_image_does_no_harm(void **state)
{
	struct fixture *f = *state;
	struct tl_arena *all = f->arena;

	for (size_t k = 0; k < TL_COUNT(samples); k++) {
		const char *want;
		tl_str image = make_image(f, samples[k], &want);
		char *bytes = tl_arena_bytes(all, image.len);

		f->arena = tl_arena_new(NULL, NULL);
		for (size_t i = 0; i < 400; i++) {
			struct tl_tagger *t = &f->tagger;
			struct tl_image img;
			struct tl_tokenizer *got;
			struct tl_tag sum;

			memcpy(bytes, image.ptr, image.len);
			for (size_t n = random_below(f, 8) + 1; n > 0; n--)
				bytes[nth_place(f, 56 + random_below(f, 400),
				    image.len)] = (char)random_below(f, 256);
			memset(bytes + TL_IMAGE_TAG_AT, 0, sizeof(sum));
			tl_tag_reset(t);
			tl_tag_add(t, bytes, image.len);
			sum = tl_tag_end(t);
			memcpy(bytes + TL_IMAGE_TAG_AT, &sum, sizeof(sum));
			got = open_image(f, &img, bytes, image.len)
			    ? load_image(f, &img)
			    : NULL;
			if (got != NULL) {
				struct tl_encoder *e =
				    tl_encoder_new(got, NULL, NULL);
				struct tl_tokens tokens;

				(void)!tl_encode(e, f->arena, TL_STR(text), 0,
				    &tokens, &f->err);
				tl_encoder_free(e);
			}
			tl_arena_reset(f->arena);
		}
		tl_arena_free(f->arena);
		f->arena = all;
	}
}

/* --- the folder
 * ---------------------------------------------------------------- */

struct folder {
	char path[64], cache[80], file[80];
	const char *want;
};

/* A tokenizer.json that is large enough, in a folder of its own. */
static void
make_folder(struct fixture *f, struct folder *d)
{
	tl_str s = read_file(f, SPM_MINI);
	FILE *out;

	(void)snprintf(d->path, sizeof(d->path), "/tmp/turnlint-cache-XXXXXX");
	assert_non_null(mkdtemp(d->path));
	(void)snprintf(d->cache, sizeof(d->cache), "%s/a/b", d->path);
	(void)snprintf(d->file, sizeof(d->file), "%s/t.json", d->path);
	out = fopen(d->file, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(s.ptr, 1, s.len, out), s.len);
	for (size_t i = 0; i < TL_CACHE_SMALLEST; i++)
		(void)putc(' ', out);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(setenv("TURNLINT_CACHE", d->cache, 1), 0);
}

static void
remove_folder(const struct folder *d)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", d->path);
	assert_int_equal(system(command), 0);
	assert_int_equal(setenv("TURNLINT_CACHE", "", 1), 0);
}

/* The name of the only image, or NULL. */
static const char *
find_image(struct fixture *f, const struct folder *d)
{
	DIR *dir = opendir(d->cache);
	const struct dirent *e;
	const char *found = NULL;

	if (dir == NULL)
		return NULL;
	while ((e = readdir(dir)) != NULL)
		if (tl_str_ends(tl_str_from(e->d_name), TL_STR(".tok")))
			found = tl_arena_printf(
			    f->arena, "%s/%s", d->cache, e->d_name);
	(void)closedir(dir);
	return found;
}

static const char *
load_and_encode(struct fixture *f, const struct folder *d)
{
	struct tl_tokenizer *t;

	if (tl_tokenizer_load(f->arena, d->file, NULL, &t, &f->err) != TL_OK)
		fail_msg("%s", f->err.message);
	return encode(f, t);
}

static void
the_folder_is_used(void **state)
{
	struct fixture *f = *state;
	struct folder d;
	struct tl_cache c;
	struct tl_image img;
	const char *want;

	make_folder(f, &d);
	want = load_and_encode(f, &d);
	assert_non_null(find_image(f, &d));
	tl_cache_open(&c, f->arena);
	assert_true(tl_cache_find(&c, f->arena, d.file, &img));
	tl_cache_close(&c);
	assert_string_equal(load_and_encode(f, &d), want);
	remove_folder(&d);
}

static void
what_others_can_write_is_not_used(void **state)
{
	struct fixture *f = *state;
	struct folder d;
	struct tl_cache c;
	struct tl_image img;
	const char *want, *image;

	make_folder(f, &d);
	want = load_and_encode(f, &d);
	image = find_image(f, &d);
	assert_non_null(image);
	assert_int_equal(chmod(image, 0622), 0);
	tl_cache_open(&c, f->arena);
	assert_false(tl_cache_find(&c, f->arena, d.file, &img));
	tl_cache_close(&c);
	assert_int_equal(chmod(image, 0600), 0);
	assert_int_equal(chmod(d.cache, 0777), 0);
	tl_cache_open(&c, f->arena);
	assert_false(tl_cache_find(&c, f->arena, d.file, &img));
	tl_cache_close(&c);
	assert_string_equal(load_and_encode(f, &d), want);
	remove_folder(&d);
}

static void
a_damaged_file_is_made_anew(void **state)
{
	struct fixture *f = *state;
	struct folder d;
	struct tl_cache c;
	struct tl_image img;
	const char *want, *image;
	FILE *out;

	make_folder(f, &d);
	want = load_and_encode(f, &d);
	image = find_image(f, &d);
	assert_non_null(image);
	assert_int_equal(truncate(image, 1000), 0);
	assert_string_equal(load_and_encode(f, &d), want);
	tl_cache_open(&c, f->arena);
	assert_true(tl_cache_find(&c, f->arena, d.file, &img));
	tl_cache_close(&c);
	out = fopen(image, "r+b");
	assert_non_null(out);
	assert_int_equal(fseek(out, 5000, SEEK_SET), 0);
	assert_int_equal(putc('?', out), '?');
	assert_int_equal(fclose(out), 0);
	assert_string_equal(load_and_encode(f, &d), want);
	remove_folder(&d);
}

static void
without_a_folder_there_is_no_cache(void **state)
{
	struct fixture *f = *state;
	struct folder d;

	make_folder(f, &d);
	assert_int_equal(setenv("TURNLINT_CACHE", "", 1), 0);
	(void)load_and_encode(f, &d);
	assert_null(find_image(f, &d));
	/* A place where nothing can be made. */
	assert_int_equal(setenv("TURNLINT_CACHE", "/dev/null/x", 1), 0);
	(void)load_and_encode(f, &d);
	remove_folder(&d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tag_does_not_depend_on_the_parts),
		TEST(a_tag_changes_with_every_bit_and_the_length),
		TEST(a_tag_changes_with_the_key),
		TEST(an_image_gives_what_its_source_gives),
		TEST(merges_without_a_rank_do_no_harm),
		TEST(an_image_of_something_else_is_refused),
		TEST(a_damaged_image_is_refused),
		TEST(a_signed_image_does_no_harm),
		TEST(the_folder_is_used),
		TEST(what_others_can_write_is_not_used),
		TEST(a_damaged_file_is_made_anew),
		TEST(without_a_folder_there_is_no_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
