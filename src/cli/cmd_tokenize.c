/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint tokenize: the ids and offsets of strings, by one tokenizer or two.
 */
#include <turnlint/record.h>
#include <turnlint/str.h>

#include <string.h>

#include "cli/tokens.h"

/* What is shown of a comparison. */
#define MAX_SHOWN_TEXTS 20u
#define MAX_SHOWN_CHANGES 8u

struct job {
	struct tl_cli *cli;
	const struct tl_tokenizer *tokenizer, *other; /* other: or NULL */
	struct tl_encoder *encoder, *other_encoder;
	struct tl_arena *arena; /* one text */
	unsigned flags;
	bool is_jsonl, in_chars;
	size_t nshown;
	bool has_failed;

	/* With another tokenizer: */
	size_t ntexts, ndiffer, ntokens, nother;
};

/* --- one text
 * ----------------------------------------------------------------- */

static void
report(struct job *j, struct tl_text_place at, const char *message)
{
	j->has_failed = true;
	if (j->is_jsonl) {
		tl_put_place(&j->cli->out, at);
		tl_buf_puts(&j->cli->out, "\"error\":");
		tl_json_put_string(&j->cli->out, tl_str_from(message));
		tl_buf_puts(&j->cli->out, "}\n");
	} else if (at.rec != NULL) {
		(void)tl_cli_fail(
		    j->cli, "line %zu: %s", at.rec->pos.line, message);
	} else {
		(void)tl_cli_fail(j->cli, "%s", message);
	}
}

static void
show(struct job *j, struct tl_text_place at, const struct tl_tokenized *k)
{
	struct tl_buf *b = &j->cli->out;

	if (j->is_jsonl) {
		tl_put_place(b, at);
		tl_put_tokens_json(b, k, j->in_chars);
		tl_buf_puts(b, "}\n");
		return;
	}
	if (j->nshown++ > 0)
		tl_buf_putc(b, '\n');
	if (at.turn != TL_NO_TURN)
		tl_buf_printf(
		    b, "line %zu, turn %zu: ", at.rec->pos.line, at.turn + 1);
	tl_put_tokens_table(b, k, j->in_chars);
}

static void
put_title(struct job *j, struct tl_text_place at, size_t na, size_t nb)
{
	struct tl_buf *b = &j->cli->out;

	tl_buf_printf(b, "%stext %zu", j->nshown++ > 0 ? "\n" : "", j->ntexts);
	if (at.rec != NULL)
		tl_buf_printf(b, ", line %zu", at.rec->pos.line);
	if (at.turn != TL_NO_TURN)
		tl_buf_printf(b, ", turn %zu", at.turn + 1);
	tl_buf_printf(b, ": %zu and %zu tokens\n", na, nb);
}

static void
compare(struct job *j, struct tl_text_place at, const struct tl_tokenized *a,
    const struct tl_tokenized *b)
{
	const struct tl_token_change *list;
	size_t n;

	list = tl_token_changes(a, b, &n);
	j->ntexts++;
	j->ndiffer += n > 0;
	j->ntokens += a->tokens.n;
	j->nother += b->tokens.n;
	if (j->is_jsonl) {
		tl_put_place(&j->cli->out, at);
		tl_put_changes_json(&j->cli->out, a, b, list, n);
	} else if (n > 0 && j->ndiffer <= MAX_SHOWN_TEXTS) {
		put_title(j, at, a->tokens.n, b->tokens.n);
		tl_put_changes_table(
		    &j->cli->out, a, b, list, n, MAX_SHOWN_CHANGES);
	}
}

static void
do_text(struct job *j, struct tl_text_place at, tl_str text)
{
	struct tl_tokenized k = {
		.tokenizer = j->tokenizer, .text = text, .arena = j->arena
	};
	struct tl_tokenized o = {
		.tokenizer = j->other, .text = text, .arena = j->arena
	};
	struct tl_error err;

	if (tl_encode(j->encoder, j->arena, text, j->flags, &k.tokens, &err) !=
		TL_OK ||
	    (j->other != NULL &&
		tl_encode(j->other_encoder, j->arena, text, j->flags, &o.tokens,
		    &err) != TL_OK)) {
		report(j, at, err.message);
		return;
	}
	if (j->other != NULL)
		compare(j, at, &k, &o);
	else
		show(j, at, &k);
}

/* --- files
 * -------------------------------------------------------------------- */

static bool
has_half_pair(const struct tl_json_doc *doc, const struct tl_json *node)
{
	for (size_t i = 0; i < doc->nnotes; i++)
		if (doc->notes[i].kind == TL_JSON_NOTE_LONE_SURROGATE &&
		    (node == NULL || doc->notes[i].node == node))
			return true;
	return false;
}

static const char half_pair[] =
    "the text has half a surrogate pair (\\ud800 to \\udfff): trainers stop "
    "here or put U+FFFD in its place";

/* The contents of a record of a dataset; false when it is none. */
static bool
do_turns(struct job *j, const struct tl_record *rec)
{
	struct tl_conv *conv = TL_NEW(j->arena, struct tl_conv, 1);
	struct tl_text_place at = { rec, TL_NO_TURN };

	if (!tl_json_is(rec->doc.root, TL_JSON_OBJECT))
		return false;
	tl_conv_build(j->arena, rec, NULL, NULL, conv);
	if (conv->is_broken || conv->nturns == 0)
		return false;
	if (has_half_pair(&rec->doc, NULL)) {
		report(j, at, half_pair);
		return true;
	}
	for (size_t i = 0; i < conv->nturns; i++) {
		at.turn = i;
		do_text(j, at, conv->turns[i].text.str);
	}
	return true;
}

static void
do_record(struct job *j, struct tl_record *rec)
{
	const struct tl_text_place at = { rec, TL_NO_TURN };
	const struct tl_json *text;

	if (tl_record_parse(j->arena, rec) != TL_OK) {
		report(j, at,
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
	if (tl_json_is(text, TL_JSON_STRING)) {
		if (has_half_pair(&rec->doc, text))
			report(j, at, half_pair);
		else
			do_text(j, at, text->text);
	} else if (!do_turns(j, rec)) {
		report(j, at,
		    "this is neither a string nor an object with a string "
		    "\"text\", nor a conversation");
	}
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

/* --- the whole
 * ---------------------------------------------------------------- */

static double
percent(size_t part, size_t whole)
{
	return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static void
put_summary(struct job *j)
{
	struct tl_buf *b = &j->cli->out;
	double change = percent(j->nother, j->ntokens) - 100.0;

	if (j->is_jsonl) {
		tl_buf_printf(b,
		    "{\"summary\":{\"texts\":%zu,\"differ\":%zu,"
		    "\"tokens\":[%zu,%zu]}}\n",
		    j->ntexts, j->ndiffer, j->ntokens, j->nother);
		return;
	}
	if (j->ndiffer > MAX_SHOWN_TEXTS)
		tl_buf_printf(b, "\n\u2026 and %zu more texts\n",
		    j->ndiffer - MAX_SHOWN_TEXTS);
	tl_buf_printf(b,
	    "%s%zu of %zu texts differ (%.1f %%); %zu tokens, against %zu",
	    j->nshown > 0 ? "\n" : "", j->ndiffer, j->ntexts,
	    percent(j->ndiffer, j->ntexts), j->ntokens, j->nother);
	if (j->ntokens > 0 && j->nother != j->ntokens)
		tl_buf_printf(b, " (%+.1f %%)", change);
	tl_buf_puts(b, "\n");
}

static bool
open_other(struct job *j, const char *path)
{
	struct tl_tokenizer *other;
	struct tl_error err;

	if (path == NULL)
		return true;
	if (tl_tokenizer_load(j->cli->arena, path, NULL, &other, &err) !=
	    TL_OK) {
		(void)tl_cli_fail_error(j->cli, "", &err);
		return false;
	}
	j->other = other;
	j->other_encoder = tl_encoder_new(other, tl_cli_oom, NULL);
	return true;
}

static bool
set_up(struct job *j)
{
	struct tl_cli *cli = j->cli;
	const struct tl_recipe *r = tl_cli_recipe(cli, NULL, true, NULL);
	const struct tl_tokenizer_facts *facts;

	if (r == NULL || !open_other(j, tl_cli_string(cli, "against", NULL)))
		return false;
	if (r->is_default_tokenizer)
		tl_cli_note(cli,
		    "no tokenizer was given: using the built-in one; the "
		    "tokens are not those of your model");
	j->tokenizer = r->tokenizer;
	facts = tl_tokenizer_facts(j->tokenizer);
	if (facts->truncates_to >= 0 || facts->has_padding)
		tl_cli_note(cli,
		    "the file stores a truncation or a padding, which trainers "
		    "switch off; --tokenizer-option stored_lengths=true obeys "
		    "them");
	j->is_jsonl =
	    strcmp(tl_cli_string(cli, "output-format", "table"), "jsonl") == 0;
	j->in_chars =
	    strcmp(tl_cli_string(cli, "offsets", "bytes"), "chars") == 0;
	if (tl_cli_flag(cli, "add-special-tokens"))
		j->flags |= TL_ENCODE_SPECIAL;
	j->encoder = tl_encoder_new(j->tokenizer, tl_cli_oom, NULL);
	j->arena = tl_arena_new(tl_cli_oom, NULL);
	return true;
}

static int
run(struct tl_cli *cli)
{
	struct job j = { .cli = cli };
	size_t ntexts;
	const char *const *texts = tl_cli_list(cli, "text", &ntexts);
	int status = TL_EXIT_CLEAN;

	if (cli->nargs == 0 && ntexts == 0)
		return tl_cli_fail(
		    cli, "tokenize what? Give a FILE, - or --text TEXT");
	if (!set_up(&j))
		return TL_EXIT_FAILED;
	for (size_t i = 0; i < ntexts; i++)
		do_text(&j, (struct tl_text_place){ NULL, TL_NO_TURN },
		    tl_str_from(texts[i]));
	for (size_t i = 0; i < cli->nargs && status == TL_EXIT_CLEAN; i++)
		status = do_file(&j, cli->args[i]);
	if (j.other != NULL)
		put_summary(&j);
	tl_arena_free(j.arena);
	tl_encoder_free(j.encoder);
	tl_encoder_free(j.other_encoder);
	if (!tl_cli_flush(cli) || j.has_failed)
		return TL_EXIT_FAILED;
	return status == TL_EXIT_CLEAN && j.ndiffer > 0 ? TL_EXIT_FINDINGS
							: status;
}

static const struct tl_opt opts[] = {
	{ "text", 0, TL_OPT_LIST, "TEXT", "tokenize TEXT itself", NULL },
	{ "against", 0, TL_OPT_STRING, "PATH",
	    "compare with the tokenizer PATH: show where ids differ", NULL },
	{ "add-special-tokens", 0, TL_OPT_FLAG, NULL,
	    "also add what the tokenizer puts around a text, such as BOS",
	    NULL },
	{ "offsets", 0, TL_OPT_CHOICE, "UNIT",
	    "count offsets in bytes or in chars (code points)", "bytes chars" },
	{ "output-format", 0, TL_OPT_CHOICE, "FORMAT",
	    "table for people, jsonl for programs", "table jsonl" },
	{ 0 },
};

const struct tl_command tl_command_tokenize = {
	.name = "tokenize",
	.summary = "ids and offsets of strings",
	.synopsis = "[FILE…|-]",
	.description =
	    "FILE has a JSON string, an object with a string \"text\", or a "
	    "conversation on each line, whose contents are taken one by one. "
	    "For each text the tokens are shown: id, bytes of the text they "
	    "cover, their string in the vocabulary. Offsets are bytes of the "
	    "UTF-8 text, half open. A token that is no text without its "
	    "neighbours is shown as bytes, and the last one of them with the "
	    "character they make. "
	    "With --against the texts go through two tokenizers. What differs "
	    "is shown between the places where both cut, and the exit status "
	    "is 1 when a text differs.",
	.examples = "turnlint tokenize --text 'Hello world'\n"
		    "turnlint tokenize --tokenizer llama-2.gguf texts.jsonl\n"
		    "turnlint tokenize --output-format jsonl - <texts.jsonl\n"
		    "turnlint tokenize -T old --against new data.jsonl",
	.opts = opts,
	.uses_recipe = true,
	.is_tokenizer_only = true,
	.order = 60,
	.run = run,
};
