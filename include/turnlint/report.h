/* SPDX-License-Identifier: Apache-2.0 */
/*
 * report.h - writers of findings, one file src/report/report_<name>.c each.
 *
 * A writer appends to a buffer; the program sends it on.  Findings arrive
 * sorted by file, offset and code, whatever the number of threads.
 */
#ifndef TURNLINT_REPORT_H
#define TURNLINT_REPORT_H

#include <turnlint/buf.h>
#include <turnlint/map.h>
#include <turnlint/rule.h>

struct tl_rule_count {
	const struct tl_rule *rule;
	size_t nfindings;
	size_t nrecords; /* that have at least one */
	size_t nhidden;	 /* not printed because of --max-per-rule */
};

/* A group of rules that could not run, and why. */
struct tl_skipped {
	tl_str what; /* "TOK, LEN" */
	tl_str why;  /* "no tokenizer was given" */
};

struct tl_summary {
	size_t nfiles, nrecords, nrecords_found; /* with findings */
	size_t ntemplates;			 /* among the files */
	size_t counts[TL_LEVEL_ERROR + 1];	 /* findings by level */
	size_t nfixable, nfixable_unsafe;
	size_t ntokens, ntrained; /* when a tokenizer was there */
	bool has_tokens;
	size_t nverdicts[TL_VERDICT_ABORTS + 1];
	const struct tl_rule_count *rules; /* sorted by code; only those > 0 */
	size_t nrules;
	const struct tl_skipped *skipped;
	size_t nskipped;
	size_t nunreadable; /* files */
	bool is_interrupted;
	const char *trainer; /* NULL without a recipe */
};

struct tl_writer_cx {
	struct tl_buf *out;
	bool use_colour;
	bool want_statistics;
	size_t width;		  /* columns of the terminal; 0: unknown */
	size_t nwritten;	  /* findings so far; the writer counts */
	struct tl_map explained;  /* codes whose why was told; set up by the
				   * caller */
	struct tl_arena *scratch; /* reset by the writer as it likes */
	const char *version;
};

struct tl_writer {
	const char *name; /* as --output-format takes it */
	const char *summary;
	bool is_machine; /* read by programs: nothing is left out */
	void (*begin)(struct tl_writer_cx *cx); /* may be NULL */
	void (*finding)(struct tl_writer_cx *cx, const struct tl_finding *f);
	void (*end)(struct tl_writer_cx *cx, const struct tl_summary *s);
};

const struct tl_writer *const *tl_writers(size_t *n);
const struct tl_writer *tl_writer_find(tl_str name);

#endif
