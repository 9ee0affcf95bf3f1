/* SPDX-License-Identifier: Apache-2.0 */
/* stats.h - what `stats` counts, and how it is printed. */
#ifndef TURNLINT_CLI_STATS_H
#define TURNLINT_CLI_STATS_H

#include "cli/cli.h"

#include <turnlint/map.h>
#include <turnlint/trainer.h>

/* Who says a token: a role, or nobody. */
enum stats_speaker {
	STATS_TEXT = TL_ROLE_UNKNOWN + 1, /* a text without turns */
	STATS_TEMPLATE,			  /* the template or the trainer */
	STATS_NSPEAKERS
};
const char *stats_speaker_name(int speaker);

struct stats_share {
	uint64_t ntokens, ntrained;
};

/* Records that the trainer does not keep whole, or that cannot be tokenized,
 * for one reason. */
struct stats_loss {
	tl_str what; /* a verdict's name, or "unreadable" */
	tl_str why;  /* numbers are replaced by N */
	size_t n;
	const char *path; /* of the first */
	size_t file, line;
};

/* What a sequence length would cost, cut at the end. */
#define STATS_NLENGTHS 10
struct stats_cut {
	size_t length;
	size_t nover;	  /* records longer than that */
	size_t nblank;	  /* … of which no trained token would be left */
	uint64_t ntokens; /* that would be lost */
	uint64_t ntrained;
};

struct stats {
	struct tl_arena *arena;
	size_t nrecords;
	size_t nunreadable; /* no JSON, no conversation, or not tokenized for
			     * want of a template */
	size_t nverdicts[TL_VERDICT_ABORTS + 1];
	uint64_t ntokens, nkept;    /* before and behind truncation */
	uint64_t ntrained, nwanted; /* … if nothing were cut */
	struct stats_share shares[STATS_NSPEAKERS];
	uint32_t *lengths; /* of records that have tokens; sorted in the end */
	size_t nlengths, cap_lengths;
	struct stats_cut cuts[STATS_NLENGTHS];
	struct stats_loss *losses; /* by number, then by place, in the end */
	size_t nlosses, cap_losses;
	struct tl_map by_reason; /* what and why -> index in losses */
};

void stats_init(struct stats *s, struct tl_arena *a);
/* facts of the record; file is its number on the command line. */
void stats_add(
    struct stats *s, const struct tl_facts *f, const char *path, size_t file);
void stats_merge(struct stats *to, const struct stats *from);
void stats_finish(struct stats *s);
/* The length that p percent of the records do not exceed; 0 without any. */
size_t stats_percentile(const struct stats *s, unsigned p);

void stats_print(
    struct tl_cli *cli, const struct stats *s, const struct tl_recipe *r);
void stats_print_json(
    struct tl_cli *cli, const struct stats *s, const struct tl_recipe *r);

#endif
