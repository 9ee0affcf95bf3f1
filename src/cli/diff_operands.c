/* SPDX-License-Identifier: Apache-2.0 */
/* What the operands of `diff` mean: revisions, files, or both. */
#include "cli/diff.h"

#include <string.h>
#include <sys/stat.h>

static bool
exists(const char *path)
{
	struct stat sb;

	return lstat(path, &sb) == 0;
}

static bool
is_file(const char *path)
{
	struct stat sb;

	return strcmp(path, "-") == 0 ||
	    (stat(path, &sb) == 0 && !S_ISDIR(sb.st_mode));
}

struct operands {
	struct tl_cli *cli;
	struct diff_plan *plan;
	struct tl_error repo_error; /* plan->repo NULL: why */
};

static bool
is_revision(const struct operands *o, const char *arg)
{
	return o->plan->repo != NULL && tl_repo_is_revision(o->plan->repo, arg);
}

/* A file on disk, or a blob: REV:path, :path. */
static bool
is_document(struct operands *o, const char *arg, struct diff_document *out)
{
	*out = (struct diff_document){ .name = arg };
	if (is_file(arg)) {
		out->path = arg;
		return !is_revision(o, arg);
	}
	return o->plan->repo != NULL &&
	    tl_repo_blob_name(
		o->plan->repo, o->cli->arena, arg, &out->blob, NULL) == TL_OK;
}

static int
needs_repo(const struct operands *o)
{
	if (o->plan->repo != NULL)
		return 0;
	tl_cli_fail(o->cli, "%s", o->repo_error.message);
	if (o->repo_error.status == TL_ENOENT)
		tl_cli_fail(o->cli,
		    "outside a repository name two files: turnlint diff OLD "
		    "NEW");
	return TL_EXIT_FAILED;
}

/* How many of the leading operands are revisions; the others are paths and
 * must exist, as in git. */
static int
split_revisions(const struct operands *o, size_t *nrevs)
{
	const struct tl_cli *cli = o->cli;
	size_t n = 0;

	while (n < cli->first_path && is_revision(o, cli->args[n])) {
		if (!cli->has_dashes && exists(cli->args[n]))
			return tl_cli_fail(cli,
			    "%s is both a revision and a file: put -- behind "
			    "the revisions and before the files",
			    cli->args[n]);
		n++;
	}
	*nrevs = n;
	for (; n < cli->first_path; n++) {
		const char *arg = cli->args[n];

		if (cli->has_dashes)
			return tl_cli_fail(cli, "%s is no revision%s", arg,
			    tl_repo_history_hint(o->plan->repo));
		if (!exists(arg))
			return tl_cli_fail(cli,
			    "%s is neither a revision nor a file; put -- "
			    "before the name of a file that was deleted%s",
			    arg, tl_repo_history_hint(o->plan->repo));
	}
	return 0;
}

static int
plan_trees(struct operands *o)
{
	struct tl_cli *cli = o->cli;
	struct diff_plan *p = o->plan;
	struct tl_error err;
	size_t nrevs = 0;
	int rc = needs_repo(o);

	if (rc == 0)
		rc = split_revisions(o, &nrevs);
	if (rc != 0)
		return rc;
	if (tl_repo_resolve(p->repo, cli->arena, cli->args, nrevs,
		tl_cli_flag(cli, "cached") || tl_cli_flag(cli, "staged"),
		&p->trees, &err) != TL_OK)
		return tl_cli_fail_error(cli, "", &err);
	p->paths = TL_NEW(cli->arena, tl_str, cli->nargs - nrevs);
	for (size_t i = nrevs; i < cli->nargs; i++) {
		if (tl_repo_path(p->repo, cli->arena, cli->args[i],
			&p->paths[p->npaths++], &err) != TL_OK)
			return tl_cli_fail_error(cli, "", &err);
	}
	return 0;
}

int
diff_plan(struct tl_cli *cli, struct diff_plan *out)
{
	struct operands o = { .cli = cli, .plan = out };

	*out = (struct diff_plan){ 0 };
	if (tl_repo_open(cli->arena, NULL, &out->repo, &o.repo_error) != TL_OK)
		out->repo = NULL;
	if (cli->nargs == 2 && !cli->has_dashes &&
	    is_document(&o, cli->args[0], &out->docs[0]) &&
	    is_document(&o, cli->args[1], &out->docs[1])) {
		out->is_documents = true;
		return 0;
	}
	return plan_trees(&o);
}
