/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_tokenizer TEXTS.jsonl TOKENIZER - load and tokenize on one thread.
 *
 * Prints seconds to load, bytes, tokens and the best MB/s of five passes, each
 * with a fresh encoder whose cache is empty: ids with offsets.
 */
#include <turnlint/json.h>
#include <turnlint/record.h>
#include <turnlint/tokenizer.h>

#include <stdio.h>
#include <time.h>

struct texts {
	tl_str *v;
	size_t n, cap, nbytes;
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
read_texts(struct tl_arena *a, const char *path, struct texts *out)
{
	tl_str all;
	struct tl_json_doc doc;

	if (tl_file_read(a, path, (size_t)1 << 30, &all, NULL) != TL_OK)
		return false;
	for (size_t at = 0, end; at < all.len; at = end + 1) {
		end = tl_str_find_char(all, '\n', at);
		if (end == TL_NPOS)
			end = all.len;
		if (tl_json_parse(a, tl_str_slice(all, at, end), &doc) != TL_OK)
			continue;
		if (out->n == out->cap) {
			size_t cap = out->cap * 2 + 1024;

			out->v =
			    tl_arena_grow(a, out->v, out->n * sizeof(*out->v),
				cap * sizeof(*out->v), _Alignof(tl_str));
			out->cap = cap;
		}
		out->v[out->n++] = tl_json_text(doc.root, TL_STR(""));
		out->nbytes += out->v[out->n - 1].len;
	}
	return true;
}

static double
pass(const struct tl_tokenizer *t, struct tl_arena *a,
    const struct texts *texts, size_t *ntokens)
{
	struct tl_encoder *e = tl_encoder_new(t, NULL, NULL);
	double start = now();

	*ntokens = 0;
	for (size_t i = 0; i < texts->n; i++) {
		struct tl_tokens k;

		tl_arena_reset(a);
		if (tl_encode(e, a, texts->v[i], 0, &k, NULL) == TL_OK)
			*ntokens += k.n;
	}
	start = now() - start;
	tl_encoder_free(e);
	return start;
}

int
main(int argc, char **argv)
{
	struct tl_arena *run = tl_arena_new(NULL, NULL);
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct texts texts = { 0 };
	struct tl_tokenizer *t;
	struct tl_error err;
	double start, load, best = 0;
	size_t ntokens = 0;

	if (argc != 3 || !read_texts(run, argv[1], &texts)) {
		(void)fprintf(
		    stderr, "usage: bench_tokenizer TEXTS.jsonl TOKENIZER\n");
		return 2;
	}
	start = now();
	if (tl_tokenizer_load(run, argv[2], NULL, &t, &err) != TL_OK) {
		(void)fprintf(stderr, "%s\n", err.message);
		return 2;
	}
	load = now() - start;
	for (int i = 0; i < 5; i++) {
		double s = pass(t, a, &texts, &ntokens);

		if (best == 0 || s < best)
			best = s;
	}
	(void)printf("%.4f %zu %zu %.2f\n", load, texts.nbytes, ntokens,
	    texts.nbytes == 0 ? 0 : (double)texts.nbytes / 1e6 / best);
	tl_arena_free(a);
	tl_arena_free(run);
	return 0;
}
