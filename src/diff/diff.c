/* SPDX-License-Identifier: Apache-2.0 */
#include "diff/diff.h"

#include "diff/side.h"

struct tl_diff {
	struct tl_recipe_thread *thread;
	struct tl_side side[2];
	struct tl_match_result result;
	/* while matching */
	struct tl_arena *scratch;
	enum tl_status words_status;
	bool (*is_stopped)(void);
	struct tl_error *words_error;
};

static void
free_thread(void *arg)
{
	tl_recipe_thread_free(arg);
}

/* The texts of a record whose words are to be compared. */
static void
put_words(const struct tl_facts *facts, struct tl_shingles *out)
{
	const struct tl_conv *conv = facts->conv;

	if (facts->record->doc.root == NULL || conv == NULL ||
	    conv->format == NULL || conv->is_broken) {
		tl_shingles_put(out, facts->record->bytes);
		return;
	}
	for (size_t i = 0; i < conv->nturns; i++) {
		tl_shingles_put(out, conv->turns[i].text.str);
		tl_shingles_break(out);
	}
	if (conv->kind == TL_CONV_TEXT)
		tl_shingles_put(out, conv->text.str);
	for (size_t i = 0; i < conv->nsegments; i++)
		tl_shingles_put(out, conv->segments[i].text.str);
}

static void
words_of(void *ctx, bool is_new, size_t index, struct tl_shingles *out)
{
	struct tl_diff *d = ctx;
	struct tl_record rec = { 0 };
	struct tl_facts facts = { 0 };

	if (d->words_status == TL_OK && d->is_stopped())
		d->words_status = TL_EINTR;
	if (d->words_status != TL_OK)
		return;
	tl_arena_reset(d->scratch);
	d->words_status = tl_side_read(
	    &d->side[is_new], d->scratch, index, &rec, d->words_error);
	if (d->words_status != TL_OK)
		return;
	tl_recipe_run(d->thread, d->scratch, &rec, TL_STAGE_CONV, &facts);
	put_words(&facts, out);
}

static enum tl_status
match(struct tl_diff *d, struct tl_arena *a, const struct tl_diff_options *opt,
    struct tl_error *err)
{
	struct tl_match_side sides[2];

	for (int i = 0; i < 2; i++)
		sides[i] = (struct tl_match_side){ d->side[i].keys,
			d->side[i].info.nrecords };
	d->scratch = tl_arena_new_like(a);
	d->words_error = err;
	d->is_stopped = opt->is_stopped;
	tl_match_records(
	    a, &sides[0], &sides[1], &opt->match, words_of, d, &d->result);
	tl_arena_free(d->scratch);
	return d->words_status;
}

enum tl_status
tl_diff_open(struct tl_arena *a, const struct tl_diff_source sides[2],
    const struct tl_recipe *recipe, const struct tl_diff_options *opt,
    tl_oom_fn *oom, struct tl_diff **out, struct tl_error *err)
{
	struct tl_diff *d = TL_NEW(a, struct tl_diff, 1);
	const struct tl_hash_key key = tl_hash_key_new();
	enum tl_status st = TL_OK;

	d->thread = tl_recipe_thread_new(recipe, oom, NULL);
	tl_arena_defer(a, free_thread, d->thread);
	for (int i = 0; i < 2 && st == TL_OK; i++) {
		st = tl_side_open(&d->side[i], a, &sides[i], err);
		if (st == TL_OK)
			st = tl_side_index(
			    &d->side[i], d->thread, &key, opt, err);
	}
	if (st == TL_OK)
		st = match(d, a, opt, err);
	*out = d;
	return st;
}

const struct tl_match_result *
tl_diff_matches(const struct tl_diff *d)
{
	return &d->result;
}

const struct tl_diff_side_info *
tl_diff_side(const struct tl_diff *d, int side)
{
	return &d->side[side].info;
}

static void
count_tokens(
    const struct tl_facts *facts, struct tl_arena *a, struct tl_diff_record *r)
{
	const struct tl_sample *s = facts->sample;

	if (s != NULL && s->is_built) {
		r->has_tokens = true;
		r->ntokens = s->tokens.n;
		r->ntrained = s->ntrained;
	} else if (s != NULL && s->why.len > 0) {
		r->why = tl_arena_cstr(a, s->why);
	}
}

static enum tl_status
read_version(struct tl_diff *d, int side, struct tl_arena *a, size_t i,
    bool wants_tokens, struct tl_diff_record *out, struct tl_error *err)
{
	struct tl_record *rec = TL_NEW(a, struct tl_record, 1);
	struct tl_facts facts = { 0 };
	enum tl_status st;

	if (i == TL_NPOS)
		return TL_OK;
	st = tl_side_read(&d->side[side], a, i, rec, err);
	if (st != TL_OK)
		return st;
	tl_recipe_run(d->thread, a, rec,
	    wants_tokens ? TL_STAGE_SAMPLE : TL_STAGE_CONV, &facts);
	out->rec = rec;
	if (rec->doc.root == NULL)
		return TL_OK;
	out->conv = facts.conv;
	count_tokens(&facts, a, out);
	return TL_OK;
}

static bool
are_equal(const struct tl_diff *d, const struct tl_match *m)
{
	return m->old != TL_NPOS && m->new_ != TL_NPOS &&
	    d->side[TL_DIFF_OLD].keys[m->old].exact ==
	    d->side[TL_DIFF_NEW].keys[m->new_].exact;
}

/* Read one, and say of the other where it stood. */
static enum tl_status
read_equal(struct tl_diff *d, struct tl_arena *a, const struct tl_match *m,
    bool wants_tokens, struct tl_diff_pair *out, struct tl_error *err)
{
	struct tl_diff_record *r = &out->side[TL_DIFF_NEW];
	struct tl_record *old = TL_NEW(a, struct tl_record, 1);
	enum tl_status st =
	    read_version(d, TL_DIFF_NEW, a, m->new_, wants_tokens, r, err);

	if (st != TL_OK)
		return st;
	*old = *r->rec;
	old->file = d->side[TL_DIFF_OLD].info.file;
	old->pos = d->side[TL_DIFF_OLD].places[m->old];
	out->side[TL_DIFF_OLD] = *r;
	out->side[TL_DIFF_OLD].rec = old;
	out->is_bytes = r->conv == NULL;
	return TL_OK;
}

enum tl_status
tl_diff_pair(struct tl_diff *d, struct tl_arena *a, const struct tl_match *m,
    bool wants_tokens, struct tl_diff_pair *out, struct tl_error *err)
{
	const size_t index[2] = { m->old, m->new_ };
	enum tl_status st = TL_OK;

	*out = (struct tl_diff_pair){ .match = m };
	if (are_equal(d, m))
		return read_equal(d, a, m, wants_tokens, out, err);
	for (int i = 0; i < 2 && st == TL_OK; i++) {
		struct tl_diff_record *r = &out->side[i];

		st = read_version(d, i, a, index[i], wants_tokens, r, err);
		out->is_bytes |= r->rec != NULL && r->conv == NULL;
	}
	if (st != TL_OK || m->old == TL_NPOS || m->new_ == TL_NPOS ||
	    out->is_bytes)
		return st;
	if (m->kind == TL_MATCH_EDITED || m->kind == TL_MATCH_METADATA)
		tl_diff_values(a, out->side[0].rec->doc.root, out->side[0].conv,
		    out->side[1].rec->doc.root, out->side[1].conv,
		    &out->changes);
	return TL_OK;
}
