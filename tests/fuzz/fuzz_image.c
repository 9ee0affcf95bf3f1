/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes say how to damage the image of a small tokenizer, which the first
 * one chooses: five for each
 * change, four where and one what to.  An odd first byte signs the image again,
 * so that the checks behind the tag are met.  Whatever was done: an image that
 * was not signed again is refused unless nothing changed, and one that is
 * taken gives tokens with ids and offsets in range.
 */
#include "tokenizer/load.h"

#include "spm_model.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MODEL(ignore)                                                         \
	"{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,"          \
	"\"added_tokens\":[],\"normalizer\":null,\"pre_tokenizer\":null,"     \
	"\"post_processor\":null,\"decoder\":null,\"model\":{\"type\":"       \
	"\"BPE\",\"dropout\":null,\"unk_token\":\"<unk>\","                   \
	"\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,"     \
	"\"fuse_unk\":true,\"byte_fallback\":false,\"ignore_merges\":" ignore \
	",\"vocab\":{\"<unk>\":0,\"a\":1,\"b\":2,\"c\":3,\"ab\":4,"           \
	"\"abc\":5,\"bc\":6},\"merges\":[[\"a\",\"b\"],[\"ab\",\"c\"],"       \
	"[\"b\",\"c\"]]}}"

static const struct tl_tag key = { { 1, 2 } };
static const char text[] = "abcab bcxx aab";

static void
sign(struct tl_tagger *t, char *image, size_t n)
{
	struct tl_tag tag;

	memset(image + TL_IMAGE_TAG_AT, 0, sizeof(tag));
	tl_tag_reset(t);
	tl_tag_add(t, image, n);
	tag = tl_tag_end(t);
	memcpy(image + TL_IMAGE_TAG_AT, &tag, sizeof(tag));
}

/* The image of the tokenizer, in a. */
static tl_str
make(struct tl_arena *a, struct tl_tagger *tagger, unsigned which)
{
	tl_str source = which == 0 ? TL_STR(MODEL("false"))
	    : which == 1	   ? TL_STR(MODEL("true"))
				   : spm_model(a);
	struct tl_tokenizer *t = NULL;
	struct tl_error err;
	enum tl_status st = tl_tokenizer_load_mem(a, source, &t, &err);

	assert(st == TL_OK);
	return tl_image_make(
	    a, tagger, key, tl_load_rest(a, source, t), &t->model, t->spm);
}

static void
use(struct tl_arena *a, const struct tl_image *img)
{
	struct tl_tokenizer *t = tl_tokenizer_blank(a);
	struct tl_encoder *e;
	struct tl_tokens k;

	if (tl_load_image(img, TL_SPM_LEGACY, t, NULL) != TL_OK)
		return;
	tl_tokenizer_finish(t);
	e = tl_encoder_new(t, NULL, NULL);
	if (tl_encode(e, a, TL_STR(text), 0, &k, NULL) == TL_OK)
		for (size_t i = 0; i < k.n; i++)
			assert(k.ids[i] < tl_tokenizer_size(t) &&
			    k.offsets[i].beg <= k.offsets[i].end &&
			    k.offsets[i].end <= sizeof(text) - 1);
	tl_encoder_free(e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_tagger *tagger = TL_NEW(a, struct tl_tagger, 1);
	struct tl_image img = { .size = 0 };
	uint8_t flags = size > 0 ? data[0] : 0;
	bool is_changed = false;
	tl_str image;

	tl_tag_init(
	    tagger, (const unsigned char *)"the key of all the fuzzed images");
	image = make(a, tagger, flags >> 1 & 3);
	img.size = image.len;
	img.base = (char *)TL_NEW(a, uint64_t, image.len / 8 + 1);
	memcpy(img.base, image.ptr, image.len);
	for (size_t i = 1; i + 5 <= size; i += 5) {
		uint32_t at;

		memcpy(&at, data + i, sizeof(at));
		is_changed |= img.base[at % img.size] != (char)data[i + 4];
		img.base[at % img.size] = (char)data[i + 4];
	}
	if (flags & 1)
		sign(tagger, img.base, img.size);
	if (tl_image_open(&img, tagger, key)) {
		assert((flags & 1) != 0 || !is_changed ||
		    memcmp(img.base, image.ptr, image.len) == 0);
		use(a, &img);
	}
	tl_arena_free(a);
	return 0;
}
