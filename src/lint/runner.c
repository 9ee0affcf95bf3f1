/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files.  The caller's thread reads records into batches and hands
 * out findings; workers turn batches into findings, in any order; batches come
 * out in the order they were read.  Where a batch ends depends on the bytes
 * alone, never on the number of threads, so neither does the output.
 */
#include <turnlint/setup.h>

#include "lint/runner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH_BYTES ((size_t)64 << 10)
#define BATCH_RECORDS 1024
/* Of batches read and not yet printed; one batch may be larger. */
#define MAX_BYTES_UNDER_WAY ((size_t)16 << 20)

static size_t
count_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (size_t)n : 1;
}

static struct tl_lint_pool *
pool_new(const struct tl_lint_run *run)
{
	struct tl_arena *a = tl_arena_new(run->oom, run->oom_ctx);
	struct tl_lint_pool *p = TL_NEW(a, struct tl_lint_pool, 1);
	const struct tl_linter *l = run->linter;

	p->arena = a;
	p->linter = l;
	p->nthreads = l->opt.nthreads > 0 ? l->opt.nthreads : count_cores();
	if (p->nthreads > TL_MAX_THREADS)
		p->nthreads = TL_MAX_THREADS;
	p->nbatches = p->nthreads == 1 ? 1 : 2 * p->nthreads + 2;
	p->batches = TL_NEW(a, struct batch, p->nbatches);
	for (size_t i = 0; i < p->nbatches; i++) {
		p->batches[i].in = tl_arena_new(run->oom, run->oom_ctx);
		p->batches[i].out = tl_arena_new(run->oom, run->oom_ctx);
		p->batches[i].recs = TL_NEW(a, struct tl_record, BATCH_RECORDS);
	}
	p->workers = TL_NEW(a, struct tl_worker *, p->nthreads);
	p->workers[0] = tl_worker_new(l, run->oom, run->oom_ctx);
	p->threads = TL_NEW(a, pthread_t, p->nthreads);
	p->states = tl_arena_alloc(a, l->state_size, 1, _Alignof(max_align_t));
	p->counts = TL_NEW(a, struct rule_tally, l->nactive);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->done, NULL);
	return p;
}

void
tl_lint_pool_free(struct tl_lint_pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->is_stopping = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->nstarted; i++)
		pthread_join(p->threads[i], NULL);
	for (size_t i = 0; i < p->nthreads; i++)
		tl_worker_free(p->workers[i]);
	for (size_t i = 0; i < p->nbatches; i++) {
		tl_arena_free(p->batches[i].in);
		tl_arena_free(p->batches[i].out);
	}
	pthread_cond_destroy(&p->done);
	pthread_cond_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	tl_arena_free(p->arena);
}

/* ---- a batch
 * ---------------------------------------------------------------*/

static void
keep_findings(struct batch *b, const struct tl_finding *list, size_t n)
{
	if (n == 0)
		return;
	if (n > b->cap - b->nfindings) {
		size_t cap = 2 * (b->nfindings + n);

		b->findings = tl_arena_grow(b->out, b->findings,
		    b->nfindings * sizeof(*list), cap * sizeof(*list),
		    _Alignof(struct tl_finding));
		b->cap = cap;
	}
	for (size_t i = 0; i < n; i++)
		tl_finding_copy(b->out, &list[i], &b->findings[b->nfindings++]);
}

static void
run_batch(struct tl_worker *w, struct batch *b)
{
	w->states = b->states;
	w->tally = &b->tally;
	for (size_t i = 0; i < b->n; i++) {
		const struct tl_finding *list;
		struct tl_facts facts;
		size_t n;

		tl_arena_reset(w->arena);
		tl_worker_record(w, w->arena, &b->recs[i], TL_STAGE_RECORD,
		    &facts, &list, &n);
		keep_findings(b, list, n);
	}
	w->states = w->own_states;
	w->tally = NULL;
}

/* Read records until the batch is full.  TL_OK, TL_EEND with the last ones, or
 * TL_EIO with those before the fault. */
static enum tl_status
fill_batch(struct tl_lint_pool *p, struct batch *b, struct tl_reader *r,
    struct tl_error *err)
{
	enum tl_status st = TL_OK;

	tl_arena_reset(b->in);
	tl_arena_reset(b->out);
	b->n = b->nbytes = b->nfindings = b->cap = 0;
	b->findings = NULL;
	b->is_done = false;
	memset(&b->tally, 0, sizeof(b->tally));
	b->states = tl_arena_alloc(
	    b->out, p->linter->state_size, 1, _Alignof(max_align_t));
	while (b->n < BATCH_RECORDS && b->nbytes < BATCH_BYTES) {
		struct tl_record *rec = &b->recs[b->n];

		st = tl_reader_next(r, b->in, rec, err);
		if (st != TL_OK)
			break;
		b->n++;
		b->nbytes += rec->bytes.len;
	}
	return st;
}

/* ---- threads
 * ---------------------------------------------------------------*/

struct thread_arg {
	struct tl_lint_pool *pool;
	struct tl_worker *worker;
};

static void *
thread_main(void *arg)
{
	const struct thread_arg *t = arg;
	struct tl_lint_pool *p = t->pool;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct batch *b;

		while (p->ntaken == p->nfilled && !p->is_stopping)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->is_stopping)
			break;
		b = &p->batches[p->ntaken++ % p->nbatches];
		pthread_mutex_unlock(&p->lock);
		run_batch(t->worker, b);
		pthread_mutex_lock(&p->lock);
		b->is_done = true;
		pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Threads start with the second batch: small files do not need them.  When the
 * system gives fewer than wanted, those do the work. */
static void
start_threads(struct tl_lint_pool *p, const struct tl_lint_run *run)
{
	for (size_t i = 0; i < p->nthreads; i++) {
		struct thread_arg *arg = TL_NEW(p->arena, struct thread_arg, 1);

		if (p->workers[i] == NULL)
			p->workers[i] =
			    tl_worker_new(p->linter, run->oom, run->oom_ctx);
		arg->pool = p;
		arg->worker = p->workers[i];
		if (pthread_create(&p->threads[i], NULL, thread_main, arg) != 0)
			break;
		p->nstarted++;
	}
	if (p->nstarted == 0)
		p->nthreads = 1;
}

/* ---- results
 * -----------------------------------------------------------------*/

static struct rule_tally *
tally_of(struct tl_lint_pool *p, const struct tl_rule *rule)
{
	size_t lo = 0, hi = p->linter->nactive;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(p->linter->active[mid].rule->code, rule->code) <= 0)
			lo = mid;
		else
			hi = mid;
	}
	assert(p->linter->active[lo].rule == rule);
	return &p->counts[lo];
}

static void
emit(struct tl_lint_run *run, const struct tl_finding *f)
{
	struct tl_lint_pool *p = run->pool;
	struct rule_tally *t = tally_of(p, f->rule);
	struct tl_summary *s = &run->summary;
	size_t key = f->has_record ? f->record + 2 : 1;

	t->nfindings++;
	if (t->last_key != key && f->has_record)
		t->nrecords++;
	t->last_key = key;
	if (p->last_key != key && f->has_record)
		s->nrecords_found++;
	p->last_key = key;
	s->counts[f->level]++;
	if (f->applicability == TL_FIX_SAFE)
		s->nfixable++;
	else if (f->applicability == TL_FIX_UNSAFE)
		s->nfixable_unsafe++;
	t->nin_file++;
	if (p->linter->opt.max_per_rule > 0 &&
	    t->nin_file > p->linter->opt.max_per_rule)
		t->nhidden++;
	else
		run->on_finding(run->ctx, f);
}

static void
emit_batch(struct tl_lint_run *run, struct batch *b)
{
	struct tl_lint_pool *p = run->pool;
	struct tl_summary *s = &run->summary;

	for (size_t i = 0; i < b->nfindings; i++)
		emit(run, &b->findings[i]);
	for (size_t i = 0; i < p->linter->nactive; i++) {
		const struct tl_active *a = &p->linter->active[i];

		if (a->rule->merge != NULL)
			a->rule->merge(
			    p->states + a->state_at, b->states + a->state_at);
	}
	s->nrecords += b->tally.nrecords;
	s->ntokens += b->tally.ntokens;
	s->ntrained += b->tally.ntrained;
	s->has_tokens |= b->tally.has_tokens;
	for (size_t i = 0; i < TL_COUNT(s->nverdicts); i++)
		s->nverdicts[i] += b->tally.nverdicts[i];
}

static bool
goes_on(struct tl_lint_run *run, struct tl_reader *r)
{
	uint64_t done, total;

	if (run->on_progress == NULL)
		return true;
	tl_reader_progress(r, &done, &total);
	if (run->on_progress(run->ctx, done, total, run->summary.nrecords))
		return true;
	run->summary.is_interrupted = true;
	return false;
}

/* Wait for the oldest batch and hand out what is in it. */
static void
drain_one(struct tl_lint_run *run, size_t *under_way)
{
	struct tl_lint_pool *p = run->pool;
	struct batch *b = &p->batches[p->nemitted % p->nbatches];

	pthread_mutex_lock(&p->lock);
	while (!b->is_done)
		pthread_cond_wait(&p->done, &p->lock);
	pthread_mutex_unlock(&p->lock);
	emit_batch(run, b);
	*under_way -= b->nbytes;
	p->nemitted++;
}

static void
hand_over(struct tl_lint_pool *p)
{
	pthread_mutex_lock(&p->lock);
	p->nfilled++;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

/* All batches of one file; TL_EEND when everything was read. */
static enum tl_status
run_batches(struct tl_lint_run *run, struct tl_reader *r, struct tl_error *err)
{
	struct tl_lint_pool *p = run->pool;
	size_t under_way = 0, nread = 0;
	enum tl_status st = TL_OK;

	while (st == TL_OK) {
		struct batch *b;

		while (p->nfilled - p->nemitted == p->nbatches ||
		    (under_way > MAX_BYTES_UNDER_WAY &&
			p->nfilled > p->nemitted))
			drain_one(run, &under_way);
		b = &p->batches[p->nfilled % p->nbatches];
		st = fill_batch(p, b, r, err);
		if (++nread == 2 && p->nthreads > 1 && p->nstarted == 0)
			start_threads(p, run);
		if (p->nstarted > 0 && nread > 1) {
			under_way += b->nbytes;
			hand_over(p);
		} else {
			/* The first batch of a file, or one thread. */
			run_batch(p->workers[0], b);
			emit_batch(run, b);
		}
		if (!goes_on(run, r))
			st = st == TL_OK ? TL_EINTR : st;
	}
	while (p->nfilled > p->nemitted)
		drain_one(run, &under_way);
	return st;
}

static void
begin_file(struct tl_lint_pool *p)
{
	memset(p->states, 0, p->linter->state_size);
	p->last_key = 0;
	for (size_t i = 0; i < p->linter->nactive; i++) {
		p->counts[i].last_key = 0;
		p->counts[i].nin_file = 0;
	}
	for (size_t i = 0; i < p->nthreads; i++)
		if (p->workers[i] != NULL)
			p->workers[i]->off_file = NULL;
}

/* Once a run.  The program's own tokenizer is nobody's model. */
static void
check_tokenizer(struct tl_lint_run *run)
{
	struct tl_lint_pool *p = run->pool;
	const struct tl_recipe *recipe = p->linter->recipe;
	const struct tl_finding *list;
	struct tl_file *file;
	size_t n;

	if (p->has_seen_tokenizer || recipe == NULL ||
	    recipe->tokenizer == NULL || recipe->is_default_tokenizer)
		return;
	p->has_seen_tokenizer = true;
	file = TL_NEW(run->arena, struct tl_file, 1);
	file->path = tl_tokenizer_facts(recipe->tokenizer)->path;
	tl_arena_reset(p->workers[0]->arena);
	list =
	    tl_worker_tokenizer(p->workers[0], p->workers[0]->arena, file, &n);
	for (size_t i = 0; i < n; i++)
		emit(run, &list[i]);
}

void
tl_lint_tokenizer(struct tl_lint_run *run)
{
	if (run->pool == NULL)
		run->pool = pool_new(run);
	begin_file(run->pool);
	run->summary.nfiles++;
	check_tokenizer(run);
}

enum tl_status
tl_lint_file(struct tl_lint_run *run, struct tl_reader *r, struct tl_error *err)
{
	const struct tl_finding *list;
	struct tl_lint_pool *p;
	enum tl_status st;
	size_t n;

	if (run->pool == NULL)
		run->pool = pool_new(run);
	p = run->pool;
	begin_file(p);
	check_tokenizer(run);
	begin_file(p);
	run->summary.nfiles++;
	st = run_batches(run, r, err);
	if (st == TL_EINTR)
		return TL_OK;
	if (st != TL_EEND)
		return st;
	tl_arena_reset(p->workers[0]->arena);
	list = tl_worker_file(p->workers[0], p->workers[0]->arena,
	    tl_reader_file(r), p->states, &n);
	for (size_t i = 0; i < n; i++)
		emit(run, &list[i]);
	return TL_OK;
}

/* One record that is the whole of a file which is no data set. */
static struct tl_record
begin_document(struct tl_lint_run *run, tl_str path, tl_str text)
{
	struct tl_file *file = TL_NEW(run->arena, struct tl_file, 1);

	if (run->pool == NULL)
		run->pool = pool_new(run);
	begin_file(run->pool);
	file->path = path;
	file->nbytes = text.len;
	tl_arena_reset(run->pool->workers[0]->arena);
	return (struct tl_record){
		.file = file,
		.pos = { .line = 1, .column = 1 },
		.bytes = text,
	};
}

void
tl_lint_setup(struct tl_lint_run *run, const struct tl_setup *setup)
{
	struct tl_record rec = begin_document(run, setup->path, setup->text);
	struct tl_worker *w = run->pool->workers[0];
	const struct tl_finding *list;
	size_t n;

	list = tl_worker_setup(w, w->arena, &rec, setup, &n);
	for (size_t i = 0; i < n; i++)
		emit(run, &list[i]);
}

void
tl_lint_template(
    struct tl_lint_run *run, const struct tl_template_subject *subject)
{
	struct tl_record rec = begin_document(run, subject->path,
	    subject->doc != NULL ? subject->doc->text : subject->source);
	const struct tl_finding *list;
	struct tl_worker *w;
	size_t n;

	run->summary.nfiles++;
	run->summary.ntemplates++;
	w = run->pool->workers[0];
	list = tl_worker_template(w, w->arena, &rec, subject, &n);
	for (size_t i = 0; i < n; i++)
		emit(run, &list[i]);
}
