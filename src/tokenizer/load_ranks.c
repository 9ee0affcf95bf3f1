/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_ranks.c - byte-level BPE by ranks: tiktoken's files and tekken.json.
 *
 * There is no list of merges: any two neighbours whose bytes together are a
 * token may merge, the lowest rank first.
 */
#include "base64.h"
#include "load.h"

/* Every place where a token can be cut is looked at. */
#define MAX_RANK_BYTES 512u
#define MAX_SPECIAL_BYTES 4096u

struct special {
	const char *text;
	uint32_t id;
};

/* The encodings that files of ranks belong to. */
static const struct encoding {
	const char *name;
	const char *pattern; /* of tl_known_patterns */
	struct special special[12];
	/* The other ids of a block have names that begin with filler and end
	 * in a number: the id, or counted from 0. */
	const char *filler;
	uint32_t filler_beg, filler_end;
	bool filler_counts;
	bool adds_bos;
	bool needs_nfc;
	const char *bos, *eos;
} encodings[] = {
	{ .name = "gpt2",
	    .pattern = "gpt2",
	    .special = { { "<|endoftext|>", 50256 } },
	    .eos = "<|endoftext|>" },
	{ .name = "r50k_base",
	    .pattern = "gpt2",
	    .special = { { "<|endoftext|>", 50256 } },
	    .eos = "<|endoftext|>" },
	{ .name = "p50k_base",
	    .pattern = "gpt2",
	    .special = { { "<|endoftext|>", 50256 } },
	    .eos = "<|endoftext|>" },
	{ .name = "p50k_edit",
	    .pattern = "gpt2",
	    .special = { { "<|endoftext|>", 50256 },
		{ "<|fim_prefix|>", 50281 }, { "<|fim_middle|>", 50282 },
		{ "<|fim_suffix|>", 50283 } },
	    .eos = "<|endoftext|>" },
	{ .name = "cl100k_base",
	    .pattern = "llama3",
	    .special = { { "<|endoftext|>", 100257 },
		{ "<|fim_prefix|>", 100258 }, { "<|fim_middle|>", 100259 },
		{ "<|fim_suffix|>", 100260 }, { "<|endofprompt|>", 100276 } },
	    .eos = "<|endoftext|>" },
	{ .name = "o200k_base",
	    .pattern = "o200k",
	    .special = { { "<|endoftext|>", 199999 },
		{ "<|endofprompt|>", 200018 } },
	    .eos = "<|endoftext|>" },
	{ .name = "o200k_harmony",
	    .pattern = "o200k",
	    .special = { { "<|startoftext|>", 199998 },
		{ "<|endoftext|>", 199999 }, { "<|return|>", 200002 },
		{ "<|constrain|>", 200003 }, { "<|channel|>", 200005 },
		{ "<|start|>", 200006 }, { "<|end|>", 200007 },
		{ "<|message|>", 200008 }, { "<|call|>", 200012 },
		{ "<|endofprompt|>", 200018 } },
	    .filler = "<|reserved_",
	    .filler_beg = 200000,
	    .filler_end = 201088,
	    .bos = "<|startoftext|>",
	    .eos = "<|return|>" },
	{ .name = "qwen",
	    .pattern = "qwen2",
	    .special = { { "<|endoftext|>", 151643 },
		{ "<|im_start|>", 151644 }, { "<|im_end|>", 151645 } },
	    .filler = "<|extra_",
	    .filler_beg = 151646,
	    .filler_end = 151851,
	    .filler_counts = true,
	    .needs_nfc = true,
	    .eos = "<|endoftext|>" },
	{ .name = "llama3",
	    .pattern = "llama3",
	    .special = { { "<|begin_of_text|>", 128000 },
		{ "<|end_of_text|>", 128001 },
		{ "<|start_header_id|>", 128006 },
		{ "<|end_header_id|>", 128007 }, { "<|eot_id|>", 128009 } },
	    .filler = "<|reserved_special_token_",
	    .filler_beg = 128002,
	    .filler_end = 128256,
	    .filler_counts = true,
	    .adds_bos = true,
	    .bos = "<|begin_of_text|>",
	    .eos = "<|end_of_text|>" },
	{ .name = "llama3.1",
	    .pattern = "llama3",
	    .special = { { "<|begin_of_text|>", 128000 },
		{ "<|end_of_text|>", 128001 },
		{ "<|finetune_right_pad_id|>", 128004 },
		{ "<|start_header_id|>", 128006 },
		{ "<|end_header_id|>", 128007 }, { "<|eom_id|>", 128008 },
		{ "<|eot_id|>", 128009 }, { "<|python_tag|>", 128010 } },
	    .filler = "<|reserved_special_token_",
	    .filler_beg = 128002,
	    .filler_end = 128256,
	    .filler_counts = true,
	    .adds_bos = true,
	    .bos = "<|begin_of_text|>",
	    .eos = "<|end_of_text|>" },
};

/* --- the ranks -------------------------------------------------------------
 */

struct ranks {
	struct tl_tokenizer *t;
	struct tl_arena *tmp;
	struct tl_error *err;
	struct tl_vocab bytes; /* what the tokens stand for */
	struct tl_buf decoded; /* one token */
	uint32_t first;	       /* the id of rank 0 */
	size_t limit;	       /* ids stay below */
	uint64_t work;	       /* TL_MAX_CUT_WORK */
};

static void
start(struct ranks *r, struct tl_tokenizer *t, size_t expected,
    struct tl_error *err)
{
	*r = (struct ranks){ .t = t, .err = err };
	r->tmp = tl_arena_new_like(t->arena);
	r->limit = (size_t)tl_max_id(expected) + 1;
	tl_buf_init(&r->decoded, r->tmp, 0);
	tl_vocab_init(&r->bytes, r->tmp, expected);
	tl_vocab_init(&t->model.vocab, t->arena, expected);
}

static enum tl_status
add_rank(struct ranks *r, tl_str base64, size_t rank)
{
	size_t id = rank + r->first;
	tl_str bytes;
	struct tl_buf chars;

	tl_buf_clear(&r->decoded);
	if (!tl_base64_put(&r->decoded, base64))
		return tl_fail(r->err, TL_EPARSE,
		    "the token of rank %zu is not base64", rank);
	bytes = tl_buf_str(&r->decoded);
	r->work += (uint64_t)bytes.len * bytes.len;
	if (bytes.len > MAX_RANK_BYTES || r->work > TL_MAX_CUT_WORK)
		return tl_fail(r->err, TL_ELIMIT,
		    "the token of rank %zu has %zu bytes: tokens are too long",
		    rank, bytes.len);
	if (rank >= r->limit || id >= r->limit)
		return tl_fail(r->err, TL_ELIMIT,
		    "rank %zu is far above the number of tokens", rank);
	if (tl_vocab_find(&r->bytes, bytes) != TL_NO_ID)
		return tl_fail(r->err, TL_EPARSE,
		    "the token of rank %zu is there twice", rank);
	tl_vocab_put(&r->bytes, tl_arena_str(r->tmp, bytes), (uint32_t)id);
	tl_buf_init(&chars, r->t->arena, 0);
	for (size_t i = 0; i < bytes.len; i++)
		tl_buf_put_codepoint(
		    &chars, tl_byte_char((unsigned char)bytes.ptr[i]));
	tl_vocab_put(&r->t->model.vocab, tl_buf_str(&chars), (uint32_t)id);
	return TL_OK;
}

struct cut {
	uint32_t left, right, whole;
};

static enum tl_status
derive_merges(struct ranks *r)
{
	const struct tl_vocab *v = &r->bytes;
	struct tl_pairs *pairs = &r->t->model.bpe.pairs;
	struct cut *cuts = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < v->n; i++) {
		tl_str s = v->entries[i].key;

		for (size_t at = 1; at < s.len; at++) {
			struct cut c = { .whole = v->entries[i].id };

			c.left = tl_vocab_find(v, tl_str_slice(s, 0, at));
			if (c.left == TL_NO_ID)
				continue;
			c.right = tl_vocab_find(v, tl_str_slice(s, at, s.len));
			if (c.right == TL_NO_ID)
				continue;
			if (n == cap) {
				cap = cap * 2 + 1024;
				cuts = tl_arena_grow(r->tmp, cuts,
				    n * sizeof(*cuts), cap * sizeof(*cuts),
				    _Alignof(struct cut));
			}
			cuts[n++] = c;
		}
	}
	if (n >= TL_NO_RANK)
		return tl_fail(r->err, TL_ELIMIT,
		    "the tokens can be joined in too many ways");
	/* All ways to make a token have its rank, so there are as many ranks
	 * as ids. */
	tl_pairs_init(pairs, r->t->arena, n, r->limit);
	for (size_t i = 0; i < n; i++)
		tl_pairs_put(pairs, cuts[i].left, cuts[i].right, cuts[i].whole,
		    cuts[i].whole);
	return TL_OK;
}

static enum tl_status
set_pattern(struct tl_tokenizer *t, tl_str pattern, struct tl_error *err)
{
	struct tl_arena *tmp = tl_arena_new_like(t->arena);
	struct tl_json_doc doc;
	struct tl_buf b;
	enum tl_status st;

	tl_buf_init(&b, tmp, 0);
	tl_buf_puts(&b,
	    "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\","
	    "\"pattern\":{\"Regex\":");
	tl_json_put_string(&b, pattern);
	tl_buf_puts(&b,
	    "},\"behavior\":\"Isolated\",\"invert\":false},"
	    "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
	    "\"trim_offsets\":false,\"use_regex\":false}]}");
	st = tl_json_parse(tmp, tl_buf_str(&b), &doc);
	if (st == TL_OK)
		st = tl_pretok_parse(t->arena, doc.root, &t->pretok, err);
	tl_arena_free(tmp);
	return st;
}

static enum tl_status
set_nfc(struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_arena *tmp = tl_arena_new_like(t->arena);
	struct tl_json_doc doc;
	enum tl_status st =
	    tl_json_parse(tmp, TL_STR("{\"type\":\"NFC\"}"), &doc);

	if (st == TL_OK)
		st = tl_norm_parse(t->arena, doc.root, &t->norm, err);
	tl_arena_free(tmp);
	return st;
}

/* Tables of the model once all ranks are there. */
static enum tl_status
finish(struct ranks *r, tl_str pattern)
{
	struct tl_model *m = &r->t->model;
	enum tl_status st;

	for (unsigned i = 0; i < 256; i++) {
		char c = (char)i;

		if (tl_vocab_find(&r->bytes, (tl_str){ &c, 1 }) == TL_NO_ID)
			return tl_fail(r->err, TL_EPARSE,
			    "there is no token for the byte 0x%02X", i);
	}
	tl_vocab_index(&m->vocab);
	m->bpe.ignore_merges = true; /* a whole piece is looked up first */
	st = derive_merges(r);
	return st == TL_OK ? set_pattern(r->t, pattern, r->err) : st;
}

static void
reset_model(struct tl_model *m)
{
	*m = (struct tl_model){ .kind = TL_MODEL_BPE, .unk_id = TL_NO_ID };
	m->bpe.unk_id = m->unigram.unk_id = TL_NO_ID;
	for (size_t i = 0; i < 256; i++)
		m->fallback_ids[i] = TL_NO_ID;
}

/* Add tokens with the ids they say. */
static enum tl_status
add_with_ids(struct tl_tokenizer *t, const struct tl_added_token *k, size_t n,
    struct tl_error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (k[i].content.len > MAX_SPECIAL_BYTES)
			return tl_fail(err, TL_ELIMIT,
			    "special token %u has more than %u bytes", k[i].id,
			    MAX_SPECIAL_BYTES);
		if (k[i].id < t->model.vocab.npieces &&
		    tl_vocab_piece(&t->model.vocab, k[i].id).ptr != NULL)
			return tl_fail(err, TL_EPARSE,
			    "special token %u has the id of a token of the "
			    "vocabulary; is this another encoding's file?",
			    k[i].id);
	}
	t->added = TL_NEW(t->arena, struct tl_added_token, n);
	if (n > 0)
		memcpy(t->added, k, n * sizeof(*k));
	t->nadded = n;
	return TL_OK;
}

static void
add_bos(struct tl_tokenizer *t)
{
	struct tl_post_step *s = TL_NEW(t->arena, struct tl_post_step, 1);

	tl_post_surround(t->arena, s, tl_tokenizer_id(t, t->tokens.bos), -1);
	t->post = (struct tl_post){ s, 1 };
}

static tl_str
pattern_named(const char *name)
{
	const struct tl_known_pattern *k = tl_known_patterns;

	while (k->name != NULL && strcmp(k->name, name) != 0)
		k++;
	return k->source;
}

/* --- tiktoken --------------------------------------------------------------
 */

/* The encoding's name ends where a longer one would go on. */
static const struct encoding *
find_encoding(tl_str pattern, tl_str path)
{
	const struct encoding *best = NULL;
	size_t slash = path.len;

	while (slash > 0 && path.ptr[slash - 1] != '/')
		slash--;
	path = tl_str_slice(path, slash, path.len);
	for (size_t i = 0; i < TL_COUNT(encodings); i++) {
		tl_str name = tl_str_from(encodings[i].name);

		if (pattern.ptr != NULL) {
			if (tl_str_eq(pattern, name))
				return &encodings[i];
		} else if (tl_str_find(path, name, 0) != TL_NPOS &&
		    (best == NULL || name.len > strlen(best->name))) {
			best = &encodings[i];
		}
	}
	return best;
}

static enum tl_status
no_encoding(struct tl_error *err, bool was_named)
{
	return tl_fail(err, TL_ECONFIG,
	    "%s; say --tokenizer-option pattern=NAME with gpt2, r50k_base, "
	    "p50k_base, p50k_edit, cl100k_base, o200k_base, o200k_harmony, "
	    "qwen, llama3 or llama3.1",
	    was_named ? "there is no such encoding of a file of ranks"
		      : "a file of ranks does not say how text is split");
}

static bool
is_special(const struct encoding *e, uint32_t id)
{
	for (size_t i = 0; i < TL_COUNT(e->special); i++)
		if (e->special[i].text != NULL && e->special[i].id == id)
			return true;
	return false;
}

static enum tl_status
add_special(
    struct tl_tokenizer *t, const struct encoding *e, struct tl_error *err)
{
	size_t room = TL_COUNT(e->special) + (e->filler_end - e->filler_beg);
	struct tl_added_token *k =
	    TL_NEW(t->arena, struct tl_added_token, room);
	uint32_t count = 0;
	size_t n = 0;

	for (size_t i = 0; i < TL_COUNT(e->special); i++)
		if (e->special[i].text != NULL)
			k[n++] = (struct tl_added_token){
				.content = tl_str_from(e->special[i].text),
				.id = e->special[i].id,
				.is_special = true,
			};
	for (uint32_t id = e->filler_beg; id < e->filler_end; id++) {
		if (is_special(e, id))
			continue;
		k[n++] = (struct tl_added_token){
			.content =
			    tl_str_from(tl_arena_printf(t->arena, "%s%u|>",
				e->filler, e->filler_counts ? count : id)),
			.id = id,
			.is_special = true,
		};
		count++;
	}
	return add_with_ids(t, k, n, err);
}

static enum tl_status
read_lines(struct ranks *r, tl_str text)
{
	size_t number = 0;
	enum tl_status st = TL_OK;

	for (size_t at = 0, end; at < text.len && st == TL_OK; at = end + 1) {
		tl_str line;
		size_t space, rank;

		number++;
		end = tl_str_find_char(text, '\n', at);
		if (end == TL_NPOS)
			end = text.len;
		line = tl_str_trim(tl_str_slice(text, at, end));
		if (line.len == 0)
			continue;
		space = tl_str_find_char(line, ' ', 0);
		if (space == TL_NPOS ||
		    !tl_str_to_size(
			tl_str_slice(line, space + 1, line.len), &rank))
			return tl_fail_at(r->err, TL_EPARSE, number, 1,
			    "line %zu is not a token in base64 and a rank",
			    number);
		st = add_rank(r, tl_str_slice(line, 0, space), rank);
	}
	return st;
}

static size_t
count_lines(tl_str s)
{
	size_t n = 1;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == '\n';
	return n;
}

bool
tl_is_ranks(tl_str text)
{
	size_t i = 0;

	while (i < text.len && tl_base64_digit(text.ptr[i]) >= 0)
		i++;
	while (i < text.len && text.ptr[i] == '=')
		i++;
	return i >= 4 && i % 4 == 0 && i + 1 < text.len && text.ptr[i] == ' ' &&
	    text.ptr[i + 1] >= '0' && text.ptr[i + 1] <= '9';
}

enum tl_status
tl_load_ranks(tl_str text, tl_str pattern, tl_str path, struct tl_tokenizer *t,
    struct tl_error *err)
{
	const struct encoding *e = find_encoding(pattern, path);
	struct ranks r;
	enum tl_status st;

	if (e == NULL)
		return no_encoding(err, pattern.ptr != NULL);
	reset_model(&t->model);
	start(&r, t, count_lines(text), err);
	st = read_lines(&r, text);
	if (st == TL_OK)
		st = finish(&r, pattern_named(e->pattern));
	if (st == TL_OK && e->needs_nfc)
		st = set_nfc(t, err);
	if (st == TL_OK)
		st = add_special(t, e, err);
	tl_arena_free(r.tmp);
	if (st != TL_OK)
		return st;
	t->tokens.eos = tl_str_from(e->eos);
	t->tokens.bos = tl_str_from(e->bos);
	if (e->adds_bos)
		add_bos(t);
	return TL_OK;
}

/* --- tekken ----------------------------------------------------------------
 */

/* Files that do not list them have these. */
static const char *const old_special[] = { "<unk>", "<s>", "</s>", "[INST]",
	"[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]",
	"[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>", "[IMG_BREAK]",
	"[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]",
	"[/SYSTEM_PROMPT]", "[TOOL_CONTENT]" };

/* A tokenizer.json begins with its version and has no bytes in base64. */
bool
tl_is_tekken(tl_str text)
{
	struct tl_bigreader r = { .text = text };
	struct tl_arena *tmp = tl_arena_new(NULL, NULL);
	tl_str key;
	bool may_be;

	r.arena = tmp;
	may_be = tl_big_accept(&r, '{') && tl_big_string(&r, &key) &&
	    !tl_str_eq(key, TL_STR("version"));
	tl_arena_free(tmp);
	return may_be &&
	    tl_str_find(text, TL_STR("\"token_bytes\""), 0) != TL_NPOS;
}

static bool
size_field(const struct tl_json *v, const char *name, size_t *out)
{
	int64_t n;

	v = tl_json_get(v, name);
	if (v == NULL || !tl_json_int(v, &n) || n < 0 || n > TL_MAX_TOKEN_ID)
		return false;
	*out = (size_t)n;
	return true;
}

/* "{1,3}+": possessive to its own library, a repeated group to ours. */
static bool
has_possessive_range(tl_str pattern)
{
	size_t at = tl_str_find(pattern, TL_STR("}+"), 0);

	for (; at != TL_NPOS; at = tl_str_find(pattern, TL_STR("}+"), at + 1)) {
		size_t beg = at;

		while (beg > 0 &&
		    (pattern.ptr[beg - 1] == ',' ||
			(pattern.ptr[beg - 1] >= '0' &&
			    pattern.ptr[beg - 1] <= '9')))
			beg--;
		if (beg < at && beg > 0 && pattern.ptr[beg - 1] == '{')
			return true;
	}
	return false;
}

/* What the two libraries read differently; "$" is the end of the text to one
 * and of a line to the other. */
static bool
is_ambiguous(tl_str pattern)
{
	return has_possessive_range(pattern) ||
	    tl_str_find_char(pattern, '$', 0) != TL_NPOS;
}

static enum tl_status
read_tekken_ranks(struct ranks *r, const struct tl_json *list, size_t count)
{
	for (const struct tl_json *v = list->first; v != NULL; v = v->next) {
		const struct tl_json *bytes = tl_json_get(v, "token_bytes");
		size_t rank;
		enum tl_status st;

		if (!tl_json_is(bytes, TL_JSON_STRING) ||
		    !size_field(v, "rank", &rank))
			return tl_fail(r->err, TL_EPARSE,
			    "an entry of the vocabulary has no rank or no "
			    "token_bytes");
		if (rank >= count)
			continue;
		st = add_rank(r, bytes->text, rank);
		if (st != TL_OK)
			return st;
	}
	return TL_OK;
}

static enum tl_status
add_tekken_special(struct tl_tokenizer *t, const struct tl_json *list,
    size_t count, struct tl_error *err)
{
	struct tl_added_token *k =
	    TL_NEW(t->arena, struct tl_added_token, count);

	for (size_t i = 0; i < count; i++)
		k[i] = (struct tl_added_token){
			.content = tl_str_from(
			    tl_arena_printf(t->arena, "<SPECIAL_%zu>", i)),
			.id = (uint32_t)i,
			.is_special = true,
		};
	for (size_t i = 0;
	     list == NULL && i < TL_COUNT(old_special) && i < count; i++)
		k[i].content = tl_str_from(old_special[i]);
	for (const struct tl_json *v = list == NULL ? NULL : list->first;
	     v != NULL; v = v->next) {
		const struct tl_json *text = tl_json_get(v, "token_str");
		size_t id;

		if (!size_field(v, "rank", &id) || id >= count ||
		    !tl_json_is(text, TL_JSON_STRING) || text->text.len == 0)
			return tl_fail(err, TL_EPARSE,
			    "a special token has no token_str, or a rank out "
			    "of range");
		k[id].content = tl_arena_str(t->arena, text->text);
	}
	return add_with_ids(t, k, count, err);
}

static enum tl_status
read_tekken(
    const struct tl_json *root, struct tl_tokenizer *t, struct tl_error *err)
{
	const struct tl_json *config = tl_json_get(root, "config");
	const struct tl_json *list = tl_json_get(root, "vocab");
	const struct tl_json *special = tl_json_get(root, "special_tokens");
	tl_str pattern =
	    tl_json_text(tl_json_get(config, "pattern"), (tl_str){ NULL, 0 });
	size_t nspecial, size;
	struct ranks r;
	enum tl_status st;

	if (!tl_json_is(list, TL_JSON_ARRAY) || pattern.len == 0 ||
	    !size_field(config, "default_num_special_tokens", &nspecial) ||
	    !size_field(config, "default_vocab_size", &size) || nspecial > size)
		return tl_fail(err, TL_EPARSE,
		    "this tekken file lacks its vocab, or of its config the "
		    "pattern, default_num_special_tokens or "
		    "default_vocab_size");
	if (nspecial > tl_max_id(list->nchildren))
		return tl_fail(err, TL_ELIMIT,
		    "%zu special tokens are too many", nspecial);
	if (special != NULL && !tl_json_is(special, TL_JSON_ARRAY))
		return tl_fail(err, TL_EPARSE, "special_tokens is not a list");
	if (is_ambiguous(pattern))
		return tl_unsupported(err, "tekken pattern", pattern);
	start(&r, t, list->nchildren, err);
	r.first = (uint32_t)nspecial;
	r.limit += nspecial;
	st = read_tekken_ranks(&r, list, size - nspecial);
	if (st == TL_OK)
		st = finish(&r, pattern);
	if (st == TL_OK)
		st = add_tekken_special(t, special, nspecial, err);
	tl_arena_free(r.tmp);
	return st;
}

/* The name if it is a token. */
static tl_str
if_known(const struct tl_tokenizer *t, const char *name)
{
	tl_str s = tl_str_from(name);

	return tl_tokenizer_id(t, s) < 0 ? (tl_str){ NULL, 0 } : s;
}

enum tl_status
tl_load_tekken(tl_str text, struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_arena *tmp = tl_arena_new_like(t->arena);
	struct tl_json_doc doc;
	enum tl_status st;

	reset_model(&t->model);
	if (tl_json_parse(tmp, text, &doc) != TL_OK)
		st = tl_fail(err, TL_EPARSE,
		    "it is not valid JSON at byte %zu: found %s, expected %s",
		    doc.fault_at, doc.found == NULL ? "?" : doc.found,
		    doc.expected == NULL ? "?" : doc.expected);
	else
		st = read_tekken(doc.root, t, err);
	tl_arena_free(tmp);
	if (st != TL_OK)
		return st;
	t->tokens.bos = if_known(t, "<s>");
	t->tokens.eos = if_known(t, "</s>");
	t->tokens.unk = if_known(t, "<unk>");
	t->tokens.pad = if_known(t, "<pad>");
	add_bos(t);
	return TL_OK;
}
