/* SPDX-License-Identifier: Apache-2.0 */
/* Counting records and tokens. */
#include "cli/stats.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_LENGTH 256

const char *
stats_speaker_name(int speaker)
{
	switch (speaker) {
	case STATS_TEXT:
		return "text";
	case STATS_TEMPLATE:
		return "template";
	case TL_ROLE_UNKNOWN:
		return "other role";
	default:
		return tl_role_name((enum tl_role)speaker);
	}
}

void
stats_init(struct stats *s, struct tl_arena *a)
{
	*s = (struct stats){ .arena = a };
	tl_map_init(&s->by_reason, a);
	for (size_t i = 0; i < STATS_NLENGTHS; i++)
		s->cuts[i].length = (size_t)FIRST_LENGTH << i;
}

static void *
room(struct tl_arena *a, void *list, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap > 0 ? 2 * *cap : 256;

	if (n < *cap)
		return list;
	list = tl_arena_grow(
	    a, list, *cap * size, want * size, _Alignof(max_align_t));
	*cap = want;
	return list;
}

/* --- records that are lost --------------------------------------------------
 */

/* One sentence for all records it is said of: runs of digits become N. */
static tl_str
without_numbers(struct tl_arena *a, tl_str s)
{
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	for (size_t i = 0; i < s.len; i++) {
		bool is_digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';

		if (!is_digit)
			tl_buf_putc(&b, s.ptr[i]);
		else if (b.len == 0 || b.ptr[b.len - 1] != 'N')
			tl_buf_putc(&b, 'N');
	}
	return tl_buf_str(&b);
}

static bool
comes_before(const struct stats_loss *a, const struct stats_loss *b)
{
	return a->file != b->file ? a->file < b->file : a->line < b->line;
}

static void
add_loss(struct stats *s, const struct stats_loss *loss)
{
	tl_str key = tl_arena_concat(s->arena,
	    tl_arena_concat(s->arena, loss->what, TL_STR("\n")), loss->why);
	bool is_new;
	struct tl_map_entry *e = tl_map_put(&s->by_reason, key, &is_new);
	struct stats_loss *known;

	if (is_new) {
		e->num = s->nlosses;
		s->losses = room(s->arena, s->losses, s->nlosses,
		    &s->cap_losses, sizeof(*s->losses));
		known = &s->losses[s->nlosses++];
		*known = *loss;
		known->what = tl_arena_str(s->arena, loss->what);
		known->why = tl_arena_str(s->arena, loss->why);
		return;
	}
	known = &s->losses[e->num];
	known->n += loss->n;
	if (comes_before(loss, known)) {
		known->path = loss->path;
		known->file = loss->file;
		known->line = loss->line;
	}
}

static void
lose(struct stats *s, const struct tl_facts *f, const char *path, size_t file,
    tl_str what, tl_str why)
{
	struct stats_loss loss = {
		.what = what,
		.why = without_numbers(s->arena, why),
		.n = 1,
		.path = path,
		.file = file,
		.line = f->record->pos.line,
	};

	add_loss(s, &loss);
}

static tl_str
why_unreadable(const struct tl_facts *f)
{
	if (f->record->is_cut)
		return TL_STR("the record is too long to be read");
	if (f->record->doc.root == NULL)
		return TL_STR("no valid JSON");
	if (f->conv == NULL || f->conv->format == NULL)
		return TL_STR("the record fits no format");
	if (f->conv->kind == TL_CONV_TOKENS)
		return TL_STR("token ids that were made beforehand");
	if (f->conv->is_broken)
		return TL_STR("no conversation can be read from the record");
	return TL_STR("no tokens could be made");
}

/* --- tokens -----------------------------------------------------------------
 */

static int
speaker_of(const struct tl_conv *conv, const struct tl_sample *sample, size_t i)
{
	uint32_t who = sample->speakers[i];

	if (who != TL_NOBODY && who < conv->nturns)
		return (int)conv->turns[who].role;
	return conv->kind == TL_CONV_TEXT || conv->kind == TL_CONV_SEGMENTS
	    ? STATS_TEXT
	    : STATS_TEMPLATE;
}

static void
add_tokens(
    struct stats *s, const struct tl_conv *conv, const struct tl_sample *sample)
{
	for (size_t i = 0; i < sample->tokens.n; i++) {
		struct stats_share *share =
		    &s->shares[speaker_of(conv, sample, i)];

		share->ntokens++;
		share->ntrained += sample->labels[i] != TL_IGNORE;
	}
}

/* Of what would be trained if nothing were cut. */
static void
add_cuts(struct stats *s, const struct tl_sample *sample)
{
	size_t n = sample->tokens.n, ntrained = 0, k = 0;
	size_t before[STATS_NLENGTHS];

	for (size_t i = 0; i < n; i++) {
		while (k < STATS_NLENGTHS && i == s->cuts[k].length)
			before[k++] = ntrained;
		ntrained +=
		    tl_reason_is_trained((enum tl_reason)sample->wanted[i]);
	}
	for (size_t i = 0; i < k; i++) {
		struct stats_cut *c = &s->cuts[i];

		c->nover++;
		c->ntokens += n - c->length;
		c->ntrained += ntrained - before[i];
		c->nblank += ntrained > 0 && before[i] == 0;
	}
}

void
stats_add(
    struct stats *s, const struct tl_facts *f, const char *path, size_t file)
{
	const struct tl_sample *sample = f->sample;

	s->nrecords++;
	if (sample == NULL ||
	    (!sample->is_built && sample->verdict == TL_VERDICT_KEPT)) {
		s->nunreadable++;
		lose(s, f, path, file, TL_STR("unreadable"),
		    sample != NULL ? sample->why : why_unreadable(f));
		return;
	}
	s->nverdicts[sample->verdict]++;
	if (sample->verdict != TL_VERDICT_KEPT)
		lose(s, f, path, file,
		    tl_str_from(tl_verdict_name(sample->verdict)), sample->why);
	if (!sample->is_built)
		return;
	s->lengths = room(s->arena, s->lengths, s->nlengths, &s->cap_lengths,
	    sizeof(*s->lengths));
	s->lengths[s->nlengths++] = (uint32_t)sample->tokens.n;
	s->ntokens += sample->tokens.n;
	s->nkept += sample->nkept;
	s->ntrained += sample->ntrained;
	s->nwanted += sample->nwanted;
	add_tokens(s, f->conv, sample);
	add_cuts(s, sample);
}

/* --- sums -------------------------------------------------------------------
 */

void
stats_merge(struct stats *to, const struct stats *from)
{
	to->nrecords += from->nrecords;
	to->nunreadable += from->nunreadable;
	for (size_t i = 0; i < TL_COUNT(to->nverdicts); i++)
		to->nverdicts[i] += from->nverdicts[i];
	to->ntokens += from->ntokens;
	to->nkept += from->nkept;
	to->ntrained += from->ntrained;
	to->nwanted += from->nwanted;
	for (size_t i = 0; i < STATS_NSPEAKERS; i++) {
		to->shares[i].ntokens += from->shares[i].ntokens;
		to->shares[i].ntrained += from->shares[i].ntrained;
	}
	for (size_t i = 0; i < from->nlengths; i++) {
		to->lengths = room(to->arena, to->lengths, to->nlengths,
		    &to->cap_lengths, sizeof(*to->lengths));
		to->lengths[to->nlengths++] = from->lengths[i];
	}
	for (size_t i = 0; i < STATS_NLENGTHS; i++) {
		struct stats_cut *c = &to->cuts[i];

		c->nover += from->cuts[i].nover;
		c->nblank += from->cuts[i].nblank;
		c->ntokens += from->cuts[i].ntokens;
		c->ntrained += from->cuts[i].ntrained;
	}
	for (size_t i = 0; i < from->nlosses; i++)
		add_loss(to, &from->losses[i]);
}

static int
compare_lengths(const void *pa, const void *pb)
{
	const uint32_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

static int
compare_losses(const void *pa, const void *pb)
{
	const struct stats_loss *a = pa, *b = pb;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return comes_before(a, b) ? -1 : comes_before(b, a);
}

void
stats_finish(struct stats *s)
{
	if (s->nlengths > 0)
		qsort(s->lengths, s->nlengths, sizeof(*s->lengths),
		    compare_lengths);
	if (s->nlosses > 0)
		qsort(
		    s->losses, s->nlosses, sizeof(*s->losses), compare_losses);
}

size_t
stats_percentile(const struct stats *s, unsigned p)
{
	size_t at;

	if (s->nlengths == 0)
		return 0;
	/* nearest rank */
	at = (s->nlengths * p + 99) / 100;
	return s->lengths[at > 0 ? at - 1 : 0];
}
