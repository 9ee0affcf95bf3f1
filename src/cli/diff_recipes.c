/* SPDX-License-Identifier: Apache-2.0 */
/* diff --recipe A --recipe B FILE: does a migration change any label? */
#include <turnlint/compare.h>
#include <turnlint/trainer.h>

#include <string.h>

#include "cli/diff.h"

struct sums {
	size_t nrecords;
	size_t n[TL_ONE_SIDED + 1]; /* by enum tl_agreement */
	uint64_t ntrained[2];
};

struct run {
	struct tl_cli *cli;
	const struct tl_recipe *recipe;
	struct tl_recipe_thread *thread;
	const char *names[2];
	bool is_jsonl, is_stat;
	struct sums sums;
};

bool
diff_has_recipes(const struct tl_cli *cli)
{
	size_t nrecipes, ntrainers;

	tl_cli_list(cli, "recipe", &nrecipes);
	tl_cli_list(cli, "trainer", &ntrainers);
	return nrecipes > 1 || ntrainers > 1;
}

/* --- text -------------------------------------------------------------------
 */

static void
put_words(
    struct tl_buf *b, const struct tl_sample *s, size_t first, size_t stop)
{
	tl_buf_puts(b, "“");
	tl_buf_put_escaped(b,
	    tl_str_slice(s->render.text.str, s->tokens.offsets[first].beg,
		s->tokens.offsets[stop - 1].end));
	tl_buf_puts(b, "”");
}

static void
put_change(struct run *r, const struct tl_sample *const s[2],
    const struct tl_label_change *c)
{
	struct tl_buf *b = &r->cli->out;

	for (int i = 0; i < 2; i++) {
		const char *on = i == 0 ? "\033[31m" : "\033[32m";

		if (c->is_trained[0] != c->is_trained[1] && !c->is_trained[i])
			continue;
		tl_buf_printf(b, "%s  %c trained by %s, tokens %zu-%zu ",
		    r->cli->use_colour ? on : "", i == 0 ? '-' : '+',
		    r->names[i], c->first, c->stop - 1);
		put_words(b, s[i], c->first, c->stop);
		tl_buf_puts(b, r->cli->use_colour ? "\033[0m\n" : "\n");
		tl_buf_printf(b, "    %s: %s\n", r->names[1 - i],
		    tl_reason_text(c->reasons[1 - i]));
	}
}

static void
put_lost(struct run *r, const struct tl_sample *const s[2])
{
	struct tl_buf *b = &r->cli->out;
	int lost = tl_sample_is_used(s[0]) ? 1 : 0;

	tl_buf_printf(b, "  %s does without this record", r->names[lost]);
	if (s[lost] != NULL && s[lost]->why.len > 0) {
		tl_buf_puts(b, ": ");
		tl_buf_put_escaped(b, s[lost]->why);
	}
	tl_buf_putc(b, '\n');
}

static void
put_text(struct run *r, const struct tl_record *rec,
    const struct tl_sample *const s[2], const struct tl_comparison *c)
{
	struct tl_buf *b = &r->cli->out;
	tl_str id = tl_record_id(rec);

	tl_buf_put_escaped(b, rec->file->path);
	tl_buf_printf(b, ":%zu", rec->pos.line);
	if (id.len > 0) {
		tl_buf_puts(b, "  id ");
		tl_buf_put_escaped(b, id);
	}
	tl_buf_putc(b, '\n');
	switch (c->agreement) {
	case TL_AGREE:
	case TL_AGREE_ON_LOSS:
		break;
	case TL_OTHER_LABELS:
		for (size_t i = 0; i < c->nchanges; i++)
			put_change(r, s, &c->changes[i]);
		break;
	case TL_OTHER_TOKENS:
		tl_buf_printf(b,
		    "  other tokens from token %zu on: %zu and %zu tokens, "
		    "%zu and %zu trained\n",
		    c->first_other, c->ntokens[0], c->ntokens[1],
		    c->ntrained[0], c->ntrained[1]);
		break;
	case TL_ONE_SIDED:
		put_lost(r, s);
		break;
	}
}

/* --- jsonl ------------------------------------------------------------------
 */

static void
put_json(
    struct run *r, const struct tl_record *rec, const struct tl_comparison *c)
{
	struct tl_buf *b = &r->cli->out;
	tl_str id = tl_record_id(rec);

	tl_buf_puts(b, "{\"path\":");
	tl_json_put_string(b, rec->file->path);
	tl_buf_printf(b, ",\"line\":%zu,\"id\":", rec->pos.line);
	if (id.len > 0)
		tl_json_put_string(b, id);
	else
		tl_buf_puts(b, "null");
	tl_buf_printf(b,
	    ",\"agreement\":\"%s\",\"tokens\":[%zu,%zu],\"trained\":[%zu,%zu],"
	    "\"changes\":[",
	    tl_agreement_name(c->agreement), c->ntokens[0], c->ntokens[1],
	    c->ntrained[0], c->ntrained[1]);
	for (size_t i = 0; i < c->nchanges; i++) {
		const struct tl_label_change *x = &c->changes[i];

		tl_buf_printf(b,
		    "%s{\"tokens\":[%zu,%zu],\"trained\":[%s,%s],"
		    "\"reasons\":[\"%s\",\"%s\"]}",
		    i > 0 ? "," : "", x->first, x->stop,
		    x->is_trained[0] ? "true" : "false",
		    x->is_trained[1] ? "true" : "false",
		    tl_reason_name(x->reasons[0]),
		    tl_reason_name(x->reasons[1]));
	}
	tl_buf_puts(b, "]}\n");
}

/* --- the run ----------------------------------------------------------------
 */

static void
compare(struct run *r, struct tl_arena *a, struct tl_record *rec)
{
	struct tl_record *copy = TL_NEW(a, struct tl_record, 1);
	struct tl_facts facts[2];
	struct tl_comparison c;

	*copy = *rec;
	tl_recipe_run(r->thread, a, rec, TL_STAGE_SAMPLE, &facts[0]);
	tl_recipe_run_other(r->thread, 0, a, copy, &facts[1]);
	tl_compare_samples(a, facts[0].sample, facts[1].sample, &c);
	r->sums.nrecords++;
	r->sums.n[c.agreement]++;
	for (int i = 0; i < 2; i++)
		r->sums.ntrained[i] += c.ntrained[i];
	if (r->is_stat || c.agreement == TL_AGREE ||
	    c.agreement == TL_AGREE_ON_LOSS)
		return;
	if (r->is_jsonl)
		put_json(r, rec, &c);
	else
		put_text(r, rec,
		    (const struct tl_sample *const[]){
			facts[0].sample, facts[1].sample },
		    &c);
}

static int
compare_file(struct run *r, const char *path)
{
	struct tl_arena *file_arena = tl_arena_new(tl_cli_oom, NULL);
	struct tl_arena *a = tl_arena_new(tl_cli_oom, NULL);
	struct tl_reader *reader;
	struct tl_record rec;
	struct tl_error err;
	enum tl_status st = tl_cli_reader(file_arena, path, &reader, &err);
	int status = TL_EXIT_CLEAN;

	while (st == TL_OK && !tl_cli_interrupted()) {
		tl_arena_reset(a);
		st = tl_reader_next(reader, a, &rec, &err);
		if (st != TL_OK)
			break;
		compare(r, a, &rec);
		if (!tl_cli_flush_some(r->cli))
			break;
	}
	if (st != TL_OK && st != TL_EEND)
		status = tl_cli_fail_error(r->cli, path, &err);
	tl_arena_free(a);
	tl_arena_free(file_arena);
	return status;
}

static void
put_sums(const struct run *r)
{
	static const char *const words[] = {
		[TL_AGREE] = "with the same tokens and labels",
		[TL_AGREE_ON_LOSS] = "lost by both",
		[TL_OTHER_LABELS] = "with other labels",
		[TL_OTHER_TOKENS] = "with other tokens",
		[TL_ONE_SIDED] = "lost by one alone",
	};
	struct tl_buf *b = &r->cli->out;
	const struct sums *s = &r->sums;

	tl_buf_printf(b, "%s and %s on %zu record%s:\n", r->names[0],
	    r->names[1], s->nrecords, s->nrecords == 1 ? "" : "s");
	for (size_t i = 0; i < TL_COUNT(words); i++)
		if (s->n[i] > 0 || i == TL_AGREE)
			tl_buf_printf(b, "  %8zu %s\n", s->n[i], words[i]);
	tl_buf_printf(b, "  trained tokens %llu and %llu\n",
	    (unsigned long long)s->ntrained[0],
	    (unsigned long long)s->ntrained[1]);
}

int
diff_recipes(struct tl_cli *cli)
{
	struct run r = { .cli = cli };
	int status = TL_EXIT_CLEAN;

	if (cli->nargs == 0)
		return tl_cli_fail(cli,
		    "two recipes are compared on files: turnlint diff --recipe "
		    "A --recipe B FILE");
	r.recipe = tl_cli_recipe(cli, cli->args[0], true, NULL);
	if (r.recipe == NULL)
		return TL_EXIT_FAILED;
	if (r.recipe->nothers != 1)
		return tl_cli_fail(cli, "diff compares two recipes, not %zu",
		    r.recipe->nothers + 1);
	r.names[0] = r.recipe->title;
	r.names[1] = r.recipe->others[0]->title;
	r.is_jsonl =
	    strcmp(tl_cli_string(cli, "output-format", "text"), "jsonl") == 0;
	r.is_stat = tl_cli_flag(cli, "stat");
	r.thread = tl_recipe_thread_new(r.recipe, tl_cli_oom, NULL);
	tl_cli_catch_signals();
	for (size_t i = 0; i < cli->nargs && !tl_cli_interrupted(); i++) {
		int st = compare_file(&r, cli->args[i]);

		status = st > status ? st : status;
	}
	tl_recipe_thread_free(r.thread);
	if (!r.is_jsonl)
		put_sums(&r);
	tl_cli_flush(cli);
	tl_cli_note_defaults(cli, r.recipe);
	if (tl_cli_interrupted())
		return TL_EXIT_INTERRUPTED;
	if (status == TL_EXIT_CLEAN &&
	    r.sums.n[TL_AGREE] + r.sums.n[TL_AGREE_ON_LOSS] < r.sums.nrecords)
		return TL_EXIT_FINDINGS;
	return status;
}
