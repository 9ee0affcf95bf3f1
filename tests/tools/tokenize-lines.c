/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokenize-lines TOKENIZER - speaks JSON lines, so that a reference can be
 * compared with this program:
 *
 *   in:  "text"  or  {"id", "text", "add_special_tokens"?}
 *   out: {"id", "ids", "offsets"}  or  {"id", "error"}
 *
 *   --add-special-tokens  for lines that do not say
 *   --bytes               offsets in bytes; code points otherwise
 *   --config              obey tokenizer_config.json beside the tokenizer;
 *                         otherwise ids are those of the file alone
 *   --raw                 special tokens are plain text
 *   --legacy=BOOL         as --tokenizer-option legacy=BOOL
 *   --pattern=NAME        as --tokenizer-option pattern=NAME
 *   --no-truncation       leave the truncation and padding that the file
 *                         stores, as trainers do; otherwise they are obeyed,
 *                         as by the library
 *   --steps               never take the short way
 *   --time                no output but the time taken, on standard error
 */
#include <turnlint/buf.h>
#include <turnlint/json.h>
#include <turnlint/record.h>
#include <turnlint/tokenizer.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tokenizer/tok.h"

struct job {
	const char *path;
	bool add_special, in_bytes, uses_config, is_raw, only_steps, is_timed;
	bool is_whole;
	const char *legacy, *pattern;
	struct tl_encoder *encoder;
	struct tl_arena *arena;
	size_t nlines, nbytes, ntokens;
};

static double
now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Code points in text[0, at). */
static void
put_offsets(const struct job *j, struct tl_buf *b, tl_str text,
    const struct tl_tokens *k)
{
	uint32_t *chars = NULL, n = 0;

	if (!j->in_bytes) {
		chars = TL_NEW(j->arena, uint32_t, text.len + 1);
		for (size_t i = 0; i < text.len; i++) {
			chars[i] = n;
			n += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
			if (((unsigned char)text.ptr[i] & 0xC0) == 0x80)
				chars[i] = n - 1;
		}
		chars[text.len] = n;
	}
	for (size_t i = 0; i < k->n; i++) {
		uint32_t beg = k->offsets[i].beg, end = k->offsets[i].end;

		tl_buf_printf(b, "%s[%u,%u]", i > 0 ? "," : "",
		    chars == NULL ? beg : chars[beg],
		    chars == NULL ? end : chars[end]);
	}
}

static void
put_answer(const struct job *j, struct tl_buf *b, tl_str text,
    const struct tl_tokens *k)
{
	tl_buf_puts(b, ",\"ids\":[");
	for (size_t i = 0; i < k->n; i++)
		tl_buf_printf(b, "%s%u", i > 0 ? "," : "", k->ids[i]);
	tl_buf_puts(b, "],\"offsets\":[");
	put_offsets(j, b, text, k);
	tl_buf_puts(b, "]}\n");
}

static bool
has_lone_surrogate(const struct tl_json_doc *doc)
{
	for (size_t i = 0; i < doc->nnotes; i++)
		if (doc->notes[i].kind == TL_JSON_NOTE_LONE_SURROGATE)
			return true;
	return false;
}

static void
do_line(struct job *j, tl_str line)
{
	struct tl_json_doc doc;
	struct tl_buf b;
	struct tl_tokens k;
	struct tl_error err;
	const struct tl_json *text, *id;
	bool add;

	tl_arena_reset(j->arena);
	tl_buf_init(&b, j->arena, 0);
	if (tl_json_parse(j->arena, line, &doc) != TL_OK) {
		(void)printf(
		    "{\"id\":%zu,\"error\":\"bad line\"}\n", j->nlines++);
		return;
	}
	id = tl_json_get(doc.root, "id");
	text = tl_json_is(doc.root, TL_JSON_STRING)
	    ? doc.root
	    : tl_json_get(doc.root, "text");
	add = tl_json_bool(
	    tl_json_get(doc.root, "add_special_tokens"), j->add_special);
	tl_buf_puts(&b, "{\"id\":");
	if (id != NULL)
		tl_json_put(&b, id);
	else
		tl_buf_printf(&b, "%zu", j->nlines);
	j->nlines++;
	if (!tl_json_is(text, TL_JSON_STRING) || has_lone_surrogate(&doc)) {
		tl_buf_puts(&b, ",\"error\":\"no text\"}\n");
	} else if (tl_encode(j->encoder, j->arena, text->text,
		       add ? TL_ENCODE_SPECIAL : 0, &k, &err) != TL_OK) {
		tl_buf_puts(&b, ",\"error\":");
		tl_json_put_string(&b, tl_str_from(err.message));
		tl_buf_puts(&b, "}\n");
	} else {
		j->nbytes += text->text.len;
		j->ntokens += k.n;
		if (!j->is_timed)
			put_answer(j, &b, text->text, &k);
	}
	if (!j->is_timed)
		(void)fwrite(b.ptr, 1, b.len, stdout);
}

static bool
parse_args(struct job *j, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *s = argv[i];

		if (strcmp(s, "--add-special-tokens") == 0)
			j->add_special = true;
		else if (strcmp(s, "--bytes") == 0)
			j->in_bytes = true;
		else if (strcmp(s, "--config") == 0)
			j->uses_config = true;
		else if (strcmp(s, "--raw") == 0)
			j->is_raw = true;
		else if (strcmp(s, "--steps") == 0)
			j->only_steps = true;
		else if (strcmp(s, "--no-truncation") == 0)
			j->is_whole = true;
		else if (strcmp(s, "--keep-truncation") == 0)
			j->is_whole = false;
		else if (strcmp(s, "--time") == 0)
			j->is_timed = true;
		else if (strncmp(s, "--legacy=", 9) == 0)
			j->legacy = s + 9;
		else if (strncmp(s, "--pattern=", 10) == 0)
			j->pattern = s + 10;
		else if (s[0] == '-' && s[1] == '-')
			return false;
		else
			j->path = s;
	}
	return j->path != NULL;
}

/* value NULL: it was not given. */
static void
add_option(
    struct tl_tokenizer_options *opt, const char *name, const char *value)
{
	if (value == NULL)
		return;
	opt->names[opt->n] = tl_str_from(name);
	opt->values[opt->n++] = tl_str_from(value);
}

int
main(int argc, char **argv)
{
	struct job j = { 0 };
	struct tl_arena *run = tl_arena_new(NULL, NULL);
	struct tl_tokenizer *t;
	struct tl_error err;
	tl_str names[5], values[5];
	struct tl_tokenizer_options opt = { names, values, 0 };
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	double start = now(), loaded;

	if (!parse_args(&j, argc, argv)) {
		(void)fprintf(stderr,
		    "usage: tokenize-lines [--bytes] "
		    "[--add-special-tokens] [--config] "
		    "[--no-truncation] [--steps] [--time] "
		    "TOKENIZER\n");
		return 2;
	}
	add_option(&opt, "config", j.uses_config ? "true" : "false");
	add_option(&opt, "split_special_tokens", j.is_raw ? "true" : "false");
	add_option(&opt, "stored_lengths", j.is_whole ? "false" : "true");
	add_option(&opt, "legacy", j.legacy);
	add_option(&opt, "pattern", j.pattern);
	if (tl_tokenizer_load(run, strcmp(j.path, "-") == 0 ? NULL : j.path,
		&opt, &t, &err) != TL_OK) {
		(void)fprintf(stderr, "tokenize-lines: %s\n", err.message);
		tl_arena_free(run);
		return 2;
	}
	loaded = now();
	j.encoder = tl_encoder_new(t, NULL, NULL);
	j.arena = tl_arena_new(NULL, NULL);
	if (j.only_steps)
		tl_encoder_only_steps(j.encoder);
	while ((len = getline(&line, &cap, stdin)) > 0)
		do_line(&j, (tl_str){ line, (size_t)len });
	if (j.is_timed)
		(void)fprintf(stderr,
		    "load %.3f s, %zu bytes, %zu tokens in %.3f s\n",
		    loaded - start, j.nbytes, j.ntokens, now() - loaded);
	free(line);
	tl_encoder_free(j.encoder);
	tl_arena_free(j.arena);
	tl_arena_free(run);
	return 0;
}
