/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff.h - the parts of the diff command: what to compare, and how it is
 * printed.
 */
#ifndef TURNLINT_CLI_DIFF_H
#define TURNLINT_CLI_DIFF_H

#include "cli/cli.h"
#include "diff/diff.h"
#include "git/repo.h"

/* --- what to compare: diff_operands.c --------------------------------------
 */

/* One side of a comparison of two named things. */
struct diff_document {
	const char *name; /* as typed */
	const char *path; /* a file on disk or "-", else NULL: */
	struct tl_blob_name blob;
};

struct diff_plan {
	struct tl_repo *repo; /* NULL: two files outside git */
	bool is_documents;    /* docs, else trees and paths */
	struct diff_document docs[2];
	struct tl_tree_pair trees;
	tl_str *paths; /* inside the repository */
	size_t npaths;
};

/* From the operands and --cached; 0, or the exit status after a message. */
int diff_plan(struct tl_cli *cli, struct diff_plan *out);

/* --- how it is printed ------------------------------------------------------
 */

/* What adds up over the pairs of a file, and over files. */
struct diff_sums {
	size_t counts[TL_MATCH_KINDS];
	size_t nmoved; /* of any kind */
	size_t nrecords[2], nbroken[2];
	size_t ntokens[2], ntrained[2]; /* of the pairs that were counted */
	size_t nuntrained[2];		/* records with nothing trained */
	size_t nunknown; /* records whose tokens could not be counted */
};

void diff_sums_add(struct diff_sums *into, const struct diff_sums *from);
bool diff_sums_differ(const struct diff_sums *s);

struct diff_file {
	const char *names[2];	 /* NULL: the file is absent on this side */
	const char *prefixes[2]; /* "a/" and "b/", or "" */
	const char *note; /* beside the records: "symbolic link …"; or NULL */
	bool says_unchanged; /* say so when no record differs */
	struct diff_sums sums;
};

/* One a run; the writer's own state is its own. */
struct diff_printer {
	struct tl_cli *cli;
	const struct diff_file *file;
	bool has_header;		  /* of the current file */
	size_t run_old, run_new, run_len; /* moved records not yet printed */
};

/* A way to print; a callback may be NULL. */
struct diff_style {
	bool wants_all;	   /* pair() for unchanged records too */
	bool wants_tokens; /* of every pair that is handed over */
	void (*begin)(struct diff_printer *p);
	void (*pair)(struct diff_printer *p, const struct tl_diff_pair *pair);
	void (*end)(struct diff_printer *p);
	void (*total)(
	    struct diff_printer *p, const struct diff_sums *s, size_t nfiles);
};

extern const struct diff_style diff_style_text;
extern const struct diff_style diff_style_stat;
extern const struct diff_style diff_style_names;
extern const struct diff_style diff_style_jsonl;

/* --- two recipes on one version: diff_recipes.c -----------------------------
 */

/* --recipe or --trainer was given twice. */
bool diff_has_recipes(const struct tl_cli *cli);
/* Compare the labels of each record of the operands; the exit status. */
int diff_recipes(struct tl_cli *cli);

#endif
