/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint tokenize: the ids and offsets of strings. */
#include <turnlint/record.h>
#include <turnlint/str.h>

#include <string.h>

#include "cli/cli.h"

#define PIECE_CELLS 24 /* of the column; a longer piece pushes on */

struct job {
	struct tl_cli *cli;
	const struct tl_tokenizer *tokenizer;
	struct tl_encoder *encoder;
	struct tl_arena *arena; /* one text */
	unsigned flags;
	bool is_jsonl;
	size_t nshown;
	bool has_failed;
};

/* --- one text
 * ----------------------------------------------------------------- */

/* Pad what was put since `from` to a column of `cells`. */
static void
pad(struct tl_buf *b, size_t from, size_t cells)
{
	tl_str s = { b->ptr + from, b->len - from };
	size_t used = 0;

	for (size_t at = 0; at < s.len;) {
		uint32_t cp;

		at += tl_utf8_next(s, at, &cp, NULL);
		used += (size_t)tl_utf8_width(cp);
	}
	tl_buf_pad(b, ' ', used < cells ? cells - used : 1);
}

static void
put_flags(struct tl_buf *b, unsigned flags)
{
	if (flags & TL_TOKEN_SPECIAL)
		tl_buf_puts(b, "  special");
	else if (flags & TL_TOKEN_ADDED)
		tl_buf_puts(b, "  added");
	if (flags & TL_TOKEN_BYTE)
		tl_buf_puts(b, "  byte");
	if (flags & TL_TOKEN_UNK)
		tl_buf_puts(b, "  unknown");
}

static void
put_table(struct job *j, tl_str text, const struct tl_tokens *k)
{
	struct tl_buf *b = &j->cli->out;

	if (j->nshown > 0)
		tl_buf_putc(b, '\n');
	tl_buf_printf(b, "%zu byte%s, %zu token%s\n", text.len,
	    text.len == 1 ? "" : "s", k->n, k->n == 1 ? "" : "s");
	tl_buf_puts(b, "      #        id       bytes  piece");
	tl_buf_pad(b, ' ', PIECE_CELLS - 5);
	tl_buf_puts(b, "  text\n");
	for (size_t i = 0; i < k->n; i++) {
		struct tl_offset at = k->offsets[i];
		size_t from;

		tl_buf_printf(
		    b, "%7zu %9u %5u-%-5u  ", i, k->ids[i], at.beg, at.end);
		from = b->len;
		tl_buf_put_escaped(
		    b, tl_tokenizer_piece(j->tokenizer, k->ids[i]));
		pad(b, from, PIECE_CELLS);
		tl_buf_puts(b, "  \"");
		tl_buf_put_escaped(b, tl_str_slice(text, at.beg, at.end));
		tl_buf_putc(b, '"');
		put_flags(b, tl_tokenizer_flags(j->tokenizer, k->ids[i]));
		tl_buf_putc(b, '\n');
	}
}

static void
put_place(struct tl_buf *b, const struct tl_record *rec)
{
	tl_buf_putc(b, '{');
	if (rec != NULL)
		tl_buf_printf(b, "\"record\":%zu,\"line\":%zu,", rec->pos.index,
		    rec->pos.line);
}

static void
put_jsonl(struct job *j, const struct tl_record *rec, const struct tl_tokens *k)
{
	struct tl_buf *b = &j->cli->out;

	put_place(b, rec);
	tl_buf_puts(b, "\"ids\":[");
	for (size_t i = 0; i < k->n; i++)
		tl_buf_printf(b, "%s%u", i > 0 ? "," : "", k->ids[i]);
	tl_buf_puts(b, "],\"offsets\":[");
	for (size_t i = 0; i < k->n; i++)
		tl_buf_printf(b, "%s[%u,%u]", i > 0 ? "," : "",
		    k->offsets[i].beg, k->offsets[i].end);
	tl_buf_puts(b, "]}\n");
}

/* rec NULL: the text is from the command line. */
static void
report(struct job *j, const struct tl_record *rec, const char *message)
{
	j->has_failed = true;
	if (j->is_jsonl) {
		put_place(&j->cli->out, rec);
		tl_buf_puts(&j->cli->out, "\"error\":");
		tl_json_put_string(&j->cli->out, tl_str_from(message));
		tl_buf_puts(&j->cli->out, "}\n");
	} else if (rec != NULL) {
		(void)tl_cli_fail(
		    j->cli, "line %zu: %s", rec->pos.line, message);
	} else {
		(void)tl_cli_fail(j->cli, "%s", message);
	}
}

static void
do_text(struct job *j, const struct tl_record *rec, tl_str text)
{
	struct tl_tokens k;
	struct tl_error err;

	if (tl_encode(j->encoder, j->arena, text, j->flags, &k, &err) !=
	    TL_OK) {
		report(j, rec, err.message);
		return;
	}
	if (j->is_jsonl)
		put_jsonl(j, rec, &k);
	else
		put_table(j, text, &k);
	j->nshown++;
}

static void
do_record(struct job *j, struct tl_record *rec)
{
	const struct tl_json *text;

	if (tl_record_parse(j->arena, rec) != TL_OK) {
		report(j, rec,
		    tl_arena_printf(j->arena,
			"this is no JSON: found %s, expected %s",
			rec->doc.found == NULL ? "a cut" : rec->doc.found,
			rec->doc.expected == NULL ? "a whole value"
						  : rec->doc.expected));
		return;
	}
	text = tl_json_is(rec->doc.root, TL_JSON_OBJECT)
	    ? tl_json_get(rec->doc.root, "text")
	    : rec->doc.root;
	if (!tl_json_is(text, TL_JSON_STRING)) {
		report(j, rec,
		    "this is neither a string nor an object with a string "
		    "\"text\"");
		return;
	}
	for (size_t i = 0; i < rec->doc.nnotes; i++)
		if (rec->doc.notes[i].kind == TL_JSON_NOTE_LONE_SURROGATE &&
		    rec->doc.notes[i].node == text) {
			report(j, rec,
			    "the text has half a surrogate pair (\\ud800 to "
			    "\\udfff): trainers stop here or put U+FFFD in "
			    "its place");
			return;
		}
	do_text(j, rec, text->text);
}

static int
do_file(struct job *j, const char *path)
{
	struct tl_reader *reader;
	struct tl_record rec;
	struct tl_error err;
	enum tl_status st =
	    tl_reader_open(j->cli->arena, tl_str_from(path), &reader, &err);

	if (st != TL_OK)
		return tl_cli_fail_error(j->cli, path, &err);
	while ((st = tl_reader_next(reader, j->arena, &rec, &err)) == TL_OK) {
		do_record(j, &rec);
		tl_arena_reset(j->arena);
		if (!tl_cli_flush_some(j->cli))
			return TL_EXIT_FAILED;
	}
	if (st != TL_EEND)
		return tl_cli_fail_error(j->cli, path, &err);
	return TL_EXIT_CLEAN;
}

static int
run(struct tl_cli *cli)
{
	const struct tl_recipe *r;
	struct job j = { .cli = cli };
	size_t ntexts;
	const char *const *texts = tl_cli_list(cli, "text", &ntexts);
	int status = TL_EXIT_CLEAN;

	if (cli->nargs == 0 && ntexts == 0)
		return tl_cli_fail(
		    cli, "tokenize what? Give a FILE, - or --text TEXT");
	r = tl_cli_recipe(cli, NULL, true, NULL);
	if (r == NULL)
		return TL_EXIT_FAILED;
	if (r->is_default_tokenizer)
		tl_cli_note(cli,
		    "no tokenizer was given: using the built-in one; the "
		    "tokens are not those of your model");
	j.tokenizer = r->tokenizer;
	j.is_jsonl =
	    strcmp(tl_cli_string(cli, "output-format", "table"), "jsonl") == 0;
	if (tl_cli_flag(cli, "add-special-tokens"))
		j.flags |= TL_ENCODE_SPECIAL;
	j.encoder = tl_encoder_new(j.tokenizer, tl_cli_oom, NULL);
	j.arena = tl_arena_new(tl_cli_oom, NULL);
	for (size_t i = 0; i < ntexts; i++)
		do_text(&j, NULL, tl_str_from(texts[i]));
	for (size_t i = 0; i < cli->nargs && status == TL_EXIT_CLEAN; i++)
		status = do_file(&j, cli->args[i]);
	tl_arena_free(j.arena);
	tl_encoder_free(j.encoder);
	if (!tl_cli_flush(cli) || j.has_failed)
		return TL_EXIT_FAILED;
	return status;
}

static const struct tl_opt opts[] = {
	{ "text", 0, TL_OPT_LIST, "TEXT", "tokenize TEXT itself", NULL },
	{ "add-special-tokens", 0, TL_OPT_FLAG, NULL,
	    "also add what the tokenizer puts around a text, such as BOS",
	    NULL },
	{ "output-format", 0, TL_OPT_CHOICE, "FORMAT",
	    "table for people, jsonl for programs", "table jsonl" },
	{ 0 },
};

const struct tl_command tl_command_tokenize = {
	.name = "tokenize",
	.summary = "ids and offsets of strings",
	.synopsis = "[FILE…|-]",
	.description =
	    "FILE has a JSON string, or an object with a string \"text\", "
	    "on each line. For each of them the tokens are shown: id, bytes "
	    "of the text they cover, their string in the vocabulary. Offsets "
	    "are bytes of the UTF-8 text, half open.",
	.examples = "turnlint tokenize --text 'Hello world'\n"
		    "turnlint tokenize --tokenizer llama-2.gguf texts.jsonl\n"
		    "turnlint tokenize --output-format jsonl - <texts.jsonl",
	.opts = opts,
	.uses_recipe = true,
	.is_tokenizer_only = true,
	.order = 60,
	.run = run,
};
