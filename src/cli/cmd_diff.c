/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/diff.h"
#include "cli/inputs.h"

#include <stdlib.h>
#include <string.h>

struct run {
	struct tl_cli *cli;
	struct diff_plan plan;
	const struct tl_recipe *recipe;
	const struct diff_style *style;
	struct diff_printer printer;
	struct tl_diff_options options;
	bool only[TL_MATCH_KINDS];
	struct diff_sums total;
	size_t nfiles;	 /* with differences */
	size_t nskipped; /* files that are no datasets */
	int status;
};

void
diff_sums_add(struct diff_sums *into, const struct diff_sums *from)
{
	for (size_t i = 0; i < TL_MATCH_KINDS; i++)
		into->counts[i] += from->counts[i];
	into->nmoved += from->nmoved;
	into->nunknown += from->nunknown;
	for (int i = 0; i < 2; i++) {
		into->nrecords[i] += from->nrecords[i];
		into->nbroken[i] += from->nbroken[i];
		into->ntokens[i] += from->ntokens[i];
		into->ntrained[i] += from->ntrained[i];
		into->nuntrained[i] += from->nuntrained[i];
	}
}

bool
diff_sums_differ(const struct diff_sums *s)
{
	for (size_t i = 0; i < TL_MATCH_KINDS; i++) {
		if (i != TL_MATCH_UNCHANGED && s->counts[i] > 0)
			return true;
	}
	return false;
}

/* --- one file ----------------------------------------------------------------
 */

static void
count_pair(struct diff_sums *s, const struct tl_diff_pair *p)
{
	for (int i = 0; i < 2; i++) {
		const struct tl_diff_record *r = &p->side[i];

		if (r->rec == NULL)
			continue;
		if (!r->has_tokens) {
			s->nunknown++;
			continue;
		}
		s->ntokens[i] += r->ntokens;
		s->ntrained[i] += r->ntrained;
		s->nuntrained[i] += r->ntrained == 0;
	}
}

static bool
is_wanted(const struct run *r, const struct tl_match *m)
{
	if (r->only[m->kind])
		return true;
	return r->only[TL_MATCH_MOVED] && m->is_moved;
}

static enum tl_status
print_pairs(
    struct run *r, struct tl_diff *d, struct diff_file *f, struct tl_error *err)
{
	const struct tl_match_result *res = tl_diff_matches(d);
	struct tl_arena *a = tl_arena_new(tl_cli_oom, NULL);
	enum tl_status st = TL_OK;

	for (size_t i = 0; i < res->n && st == TL_OK; i++) {
		const struct tl_match *m = &res->matches[i];
		bool is_shown = r->style->pair != NULL && is_wanted(r, m);
		struct tl_diff_pair pair;

		if (m->kind == TL_MATCH_UNCHANGED && !r->style->wants_all)
			continue;
		if (tl_cli_interrupted())
			st = TL_EINTR;
		else if (is_shown || r->style->wants_tokens)
			st = tl_diff_pair(
			    d, a, m, r->style->wants_tokens, &pair, err);
		else
			continue;
		if (st != TL_OK)
			break;
		if (r->style->wants_tokens)
			count_pair(&f->sums, &pair);
		if (is_shown)
			r->style->pair(&r->printer, &pair);
		tl_arena_reset(a);
		if (!tl_cli_flush_some(r->cli))
			break;
	}
	tl_arena_free(a);
	return st;
}

static void
fill_sums(struct diff_sums *s, const struct tl_diff *d)
{
	const struct tl_match_result *res = tl_diff_matches(d);

	for (size_t i = 0; i < TL_MATCH_KINDS; i++)
		s->counts[i] = res->counts[i];
	s->nmoved = res->nmoved;
	for (int i = 0; i < 2; i++) {
		s->nrecords[i] = tl_diff_side(d, i)->nrecords;
		s->nbroken[i] = tl_diff_side(d, i)->nbroken;
	}
}

/* What a reader of the result should know about how records were matched. */
static void
note_matching(const struct run *r, const struct tl_diff *d, const char *name)
{
	switch (tl_diff_matches(d)->ids) {
	case TL_IDS_REPEATED:
		tl_cli_note(r->cli,
		    "%s: most ids occur more than once; records were matched "
		    "by content",
		    name);
		break;
	case TL_IDS_RENUMBERED:
		tl_cli_note(r->cli,
		    "%s: the ids were given to other records (do they number "
		    "the lines?); records were matched by content",
		    name);
		break;
	case TL_IDS_REPLACED:
		tl_cli_note(r->cli,
		    "%s: most records have a new id; they were matched by "
		    "content",
		    name);
		break;
	case TL_IDS_NONE:
	case TL_IDS_USED:
		break;
	}
	for (int i = 0; i < 2; i++) {
		const struct tl_file *f = tl_diff_side(d, i)->file;
		size_t nbroken = tl_diff_side(d, i)->nbroken;

		if (nbroken > 0)
			tl_cli_note(r->cli,
			    "%s: records of the %s side that are no JSON: %zu; "
			    "they were compared as bytes",
			    name, i == TL_DIFF_OLD ? "old" : "new", nbroken);
		if (f != NULL && f->nfaults > 0)
			tl_cli_note(r->cli,
			    "%s: the %s side could not be read to its end: "
			    "line %zu has %s where %s was expected",
			    name, i == TL_DIFF_OLD ? "old" : "new",
			    f->faults[0].pos.line, f->faults[0].found,
			    f->faults[0].expected);
	}
}

static void
compare_sources(struct run *r, struct tl_arena *a, struct diff_file *f,
    const struct tl_diff_source src[2])
{
	const char *name = f->names[TL_DIFF_NEW] != NULL
	    ? f->names[TL_DIFF_NEW]
	    : f->names[TL_DIFF_OLD];
	struct tl_diff *d;
	struct tl_error err;
	enum tl_status st;

	st = tl_diff_open(a, src, r->recipe, &r->options, tl_cli_oom, &d, &err);
	if (st == TL_OK) {
		fill_sums(&f->sums, d);
		r->printer.file = f;
		note_matching(r, d, name);
		if (r->style->begin != NULL)
			r->style->begin(&r->printer);
		st = print_pairs(r, d, f, &err);
	}
	if (st == TL_EINTR) {
		r->status = TL_EXIT_INTERRUPTED;
		return;
	}
	if (st != TL_OK) {
		r->status = tl_cli_fail_error(r->cli, name, &err);
		return;
	}
	r->style->end(&r->printer);
	diff_sums_add(&r->total, &f->sums);
	r->nfiles += diff_sums_differ(&f->sums);
}

static void
print_note(struct run *r, struct diff_file *f)
{
	r->printer.file = f;
	if (r->style->begin != NULL)
		r->style->begin(&r->printer);
	r->style->end(&r->printer);
	r->nfiles++;
}

/* --- contents of both sides
 * ---------------------------------------------------- */

/* False after a message: the side cannot be compared. */
static bool
source_of(struct run *r, const char *name, const struct tl_content *c,
    struct tl_diff_source *out)
{
	if (c->is_lfs_missing) {
		r->status = tl_cli_fail(r->cli, "%s: GIT001 %s --include='%s'",
		    name, c->lfs_why, name);
		return false;
	}
	*out = (struct tl_diff_source){
		.name = name, .disk_path = c->disk_path, .bytes = c->bytes
	};
	return true;
}

static const char *
link_note(struct tl_arena *a, const struct tl_content c[2],
    const struct tl_change *change)
{
	static const char *const what[] = { "a file", "a symbolic link to " };
	struct tl_buf b;

	if (!c[0].is_link && !c[1].is_link)
		return NULL;
	tl_buf_init(&b, a, 0);
	for (int i = 0; i < 2; i++) {
		bool is_absent = change->kind ==
		    (i == 0 ? TL_CHANGE_ADDED : TL_CHANGE_DELETED);

		tl_buf_puts(&b, i == 0 ? "was " : ", is ");
		tl_buf_puts(&b, is_absent ? "absent" : what[c[i].is_link]);
		if (!is_absent && c[i].is_link)
			tl_buf_put(&b, c[i].bytes);
	}
	return tl_arena_cstr(a, tl_buf_str(&b));
}

static void
compare_change(struct run *r, const struct tl_change *c)
{
	struct tl_arena *a = tl_arena_new(tl_cli_oom, NULL);
	const struct tl_tree *trees[2] = { &r->plan.trees.old,
		&r->plan.trees.new_ };
	const tl_str paths[2] = { c->old_path, c->new_path };
	struct diff_file f = { .prefixes = { "a/", "b/" } };
	struct tl_diff_source src[2] = { 0 };
	struct tl_content content[2] = { 0 };
	struct tl_error err;
	bool can_compare = true;

	for (int i = 0; i < 2 && can_compare; i++) {
		const char *name = tl_arena_cstr(a, paths[i]);

		src[i].is_absent =
		    c->kind == (i == 0 ? TL_CHANGE_ADDED : TL_CHANGE_DELETED);
		if (src[i].is_absent)
			continue;
		f.names[i] = name;
		if (tl_repo_read(r->plan.repo, a, trees[i], paths[i], 0,
			&content[i], &err) != TL_OK) {
			r->status = tl_cli_fail_error(r->cli, name, &err);
			can_compare = false;
		} else if (!content[i].is_link) {
			can_compare = source_of(r, name, &content[i], &src[i]);
		}
	}
	/* a checked out LFS file and its pointer are the same */
	f.says_unchanged = !content[0].was_lfs && !content[1].was_lfs;
	f.note = link_note(a, content, c);
	if (can_compare && f.note != NULL)
		print_note(r, &f);
	else if (can_compare)
		compare_sources(r, a, &f, src);
	tl_arena_free(a);
}

/* Datasets by their name, and whatever was named in full. */
static bool
is_compared(const struct run *r, const struct tl_change *c)
{
	if (tl_is_data_name(c->old_path) || tl_is_data_name(c->new_path))
		return true;
	for (size_t i = 0; i < r->plan.npaths; i++) {
		if (tl_str_eq(c->old_path, r->plan.paths[i]) ||
		    tl_str_eq(c->new_path, r->plan.paths[i]))
			return true;
	}
	return false;
}

static int
compare_trees(struct run *r)
{
	const struct diff_plan *p = &r->plan;
	struct tl_change *list;
	struct tl_error err;
	size_t n;

	if (tl_repo_changes(p->repo, r->cli->arena, &p->trees, p->paths,
		p->npaths, &list, &n, &err) != TL_OK)
		return tl_cli_fail_error(r->cli, "", &err);
	for (size_t i = 0; i < n; i++) {
		const char *name = list[i].new_path.ptr;

		if (tl_cli_interrupted() || r->cli->out_state != TL_OUT_OPEN)
			break;
		if (!is_compared(r, &list[i]))
			r->nskipped++;
		else if (list[i].kind == TL_CHANGE_UNMERGED)
			r->status = tl_cli_fail(r->cli,
			    "%s has merge conflicts; to see one: turnlint diff "
			    ":2:%s :3:%s",
			    name, name, name);
		else
			compare_change(r, &list[i]);
	}
	return 0;
}

/* A file named on the command line; a pointer stands for its data. */
static void
read_file(struct tl_arena *a, const char *path, struct tl_content *c)
{
	struct tl_error why;
	enum tl_status st = tl_lfs_follow(a, path, &c->bytes, &why);

	if (st == TL_EPARSE)
		c->disk_path = path;
	else if (st != TL_OK) {
		c->is_lfs_missing = true;
		c->lfs_why = tl_arena_cstr(a, tl_str_from(why.message));
	}
}

static int
compare_documents(struct run *r)
{
	struct tl_arena *a = r->cli->arena;
	struct diff_file f = { .prefixes = { "", "" } };
	struct tl_diff_source src[2];
	struct tl_error err;

	for (int i = 0; i < 2; i++) {
		const struct diff_document *d = &r->plan.docs[i];
		struct tl_content c = { 0 };

		f.names[i] = d->name;
		if (d->path != NULL)
			read_file(a, d->path, &c);
		else if (tl_repo_read(r->plan.repo, a, &d->blob.tree,
			     d->blob.path, d->blob.stage, &c, &err) != TL_OK)
			return tl_cli_fail_error(r->cli, d->name, &err);
		if (!source_of(r, d->name, &c, &src[i]))
			return TL_EXIT_FAILED;
	}
	compare_sources(r, a, &f, src);
	return 0;
}

/* --- options
 * ------------------------------------------------------------------- */

static bool
read_only(struct run *r)
{
	size_t n;
	const char *const *kinds = tl_cli_list(r->cli, "only", &n);

	for (size_t k = 0; k < TL_MATCH_KINDS; k++)
		r->only[k] = n == 0;
	for (size_t i = 0; i < n; i++) {
		enum tl_match_kind k = TL_MATCH_UNCHANGED;

		while (k < TL_MATCH_KINDS &&
		    strcmp(kinds[i], tl_match_kind_name(k)) != 0)
			k++;
		if (k == TL_MATCH_KINDS) {
			tl_cli_fail(r->cli,
			    "--only takes added, removed, edited, metadata or "
			    "moved, not '%s'",
			    kinds[i]);
			return false;
		}
		r->only[k] = true;
	}
	return true;
}

static bool
read_similarity(struct run *r)
{
	const char *s = tl_cli_string(r->cli, "similarity", "0.5");
	char *end;
	double x = strtod(s, &end);

	if (*s == '\0' || *end != '\0' || !(x > 0 && x <= 1)) {
		tl_cli_fail(r->cli,
		    "--similarity takes a number above 0 and up to 1, not '%s'",
		    s);
		return false;
	}
	r->options.match.threshold = x;
	return true;
}

static const struct diff_style *
style_of(const struct tl_cli *cli)
{
	const char *format = tl_cli_string(cli, "output-format", "text");

	if (strcmp(format, "jsonl") == 0)
		return &diff_style_jsonl;
	if (tl_cli_flag(cli, "name-only"))
		return &diff_style_names;
	if (tl_cli_flag(cli, "stat"))
		return &diff_style_stat;
	return &diff_style_text;
}

static int
run(struct tl_cli *cli)
{
	struct run r = {
		.cli = cli, .style = style_of(cli), .printer = { .cli = cli }
	};
	int rc;

	r.options.is_stopped = tl_cli_interrupted;
	r.options.id_pointer = tl_cli_string(cli, "id", NULL);
	r.options.match.ignore_order = tl_cli_flag(cli, "ignore-order");
	r.options.match.ignore_metadata = tl_cli_flag(cli, "ignore-metadata");
	if (!read_only(&r) || !read_similarity(&r))
		return TL_EXIT_FAILED;
	if (diff_has_recipes(cli))
		return diff_recipes(cli);
	rc = diff_plan(cli, &r.plan);
	if (rc != 0)
		return rc;
	r.recipe = tl_cli_recipe(cli, NULL, true, NULL);
	if (r.recipe == NULL)
		return TL_EXIT_FAILED;
	tl_cli_catch_signals();
	if (r.style->wants_tokens)
		tl_cli_note_defaults(cli, r.recipe);
	rc = r.plan.is_documents ? compare_documents(&r) : compare_trees(&r);
	if (rc != 0)
		return rc;
	if (r.style->total != NULL)
		r.style->total(&r.printer, &r.total, r.nfiles);
	if (r.nskipped > 0)
		tl_cli_note(cli,
		    "changed files left out because their names are not those "
		    "of datasets: %zu; name one behind -- to compare it",
		    r.nskipped);
	if (r.status != 0)
		return r.status;
	return tl_cli_flag(cli, "exit-code") && r.nfiles > 0 ? TL_EXIT_FINDINGS
							     : TL_EXIT_CLEAN;
}

static const struct tl_opt opts[] = {
	{ "cached", 0, TL_OPT_FLAG, NULL,
	    "compare HEAD, or the revision given, with the index", NULL },
	{ "staged", 0, TL_OPT_FLAG, NULL, "the same as --cached", NULL },
	{ "stat", 0, TL_OPT_FLAG, NULL,
	    "print sums for each file instead of records", NULL },
	{ "name-only", 0, TL_OPT_FLAG, NULL,
	    "print the names of files in which a record changed", NULL },
	{ "only", 0, TL_OPT_LIST, "KIND",
	    "print records of this kind alone: added, removed, edited, "
	    "metadata or moved",
	    NULL },
	{ "ignore-order", 0, TL_OPT_FLAG, NULL,
	    "a record that only moved is unchanged", NULL },
	{ "ignore-metadata", 0, TL_OPT_FLAG, NULL,
	    "look only at what the format reads", NULL },
	{ "id", 0, TL_OPT_STRING, "POINTER",
	    "JSON pointer to the id of a record, as /meta/id (default: the "
	    "first scalar among id, uuid, conversation_id, _id, sample_id)",
	    NULL },
	{ "similarity", 0, TL_OPT_STRING, "X",
	    "share of three-word sequences two records must have in common to "
	    "count as one that was edited (default: 0.5)",
	    NULL },
	{ "exit-code", 0, TL_OPT_FLAG, NULL,
	    "exit with 1 when a record differs", NULL },
	{ "output-format", 0, TL_OPT_CHOICE, "FORMAT", "how to print",
	    "text jsonl" },
	{ 0 },
};

const struct tl_command tl_command_diff = {
	.name = "diff",
	.summary = "compare two versions of datasets record by record",
	.synopsis = "[REV | A..B | A B] [--] [PATH…] | OLD_FILE NEW_FILE | "
		    "--recipe A --recipe B FILE…",
	.description =
	    "Revisions mean what they mean to git diff: none compares the "
	    "index with the worktree, --cached HEAD with the index, REV that "
	    "revision with the worktree, A B or A..B two revisions, A...B the "
	    "merge base with B. REV:path names a file in a revision; two "
	    "operands that are files are compared with each other. Records "
	    "are matched by id, then by value, content, prompt, reply and "
	    "similar words, so that an inserted or moved record is not a "
	    "changed one; each edited record comes with its change in tokens "
	    "and in trained tokens. With two recipes or trainers the same "
	    "records are taken through both: that shows whether a migration "
	    "changes any label; the exit status is then 1 when it does.",
	.examples =
	    "turnlint diff                      # what is not staged yet\n"
	    "turnlint diff --cached --stat      # what will be committed\n"
	    "turnlint diff main...HEAD -- data  # what a branch changes\n"
	    "turnlint diff old.jsonl new.jsonl  # two files\n"
	    "turnlint diff --recipe old --recipe new d.jsonl  # two recipes\n"
	    "turnlint diff --trainer trl --trainer unsloth d.jsonl",
	.opts = opts,
	.uses_recipe = true,
	.order = 40,
	.run = run,
};
