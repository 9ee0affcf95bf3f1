/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runner.h - the threads and batches of a run.
 */
#ifndef TURNLINT_LINT_RUNNER_H
#define TURNLINT_LINT_RUNNER_H

#include <pthread.h>

#include "lint/linter.h"

#define TL_MAX_THREADS 256

struct batch {
	struct tl_arena *in;  /* the bytes of the records */
	struct tl_arena *out; /* findings, states */
	struct tl_record *recs;
	size_t n, nbytes;
	unsigned char *states;
	struct tl_finding *findings;
	size_t nfindings, cap;
	struct tl_tally tally;
	bool is_done; /* under the lock */
};

/* Of one active rule. */
struct rule_tally {
	size_t nfindings, nrecords, nhidden; /* of the run */
	size_t nin_file;
	size_t last_key; /* of the record with the latest finding */
};

struct tl_lint_pool {
	struct tl_arena *arena;
	const struct tl_linter *linter;
	struct tl_worker **workers; /* nthreads; NULL: not yet needed */
	pthread_t *threads;
	size_t nthreads, nstarted;

	/* A ring: emitted <= taken <= filled <= emitted + nbatches.  The
	 * caller's thread alone changes nfilled and nemitted. */
	struct batch *batches;
	size_t nbatches;
	size_t nfilled, ntaken, nemitted;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	bool is_stopping;

	unsigned char *states;	   /* of the file, merged */
	struct rule_tally *counts; /* by active rule */
	size_t last_key;
	bool has_seen_tokenizer; /* and run the rules about it */
};

void tl_lint_pool_free(struct tl_lint_pool *p);

#endif
