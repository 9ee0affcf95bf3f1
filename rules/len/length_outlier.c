/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include <turnlint/rule.h>

/* Fewer records say nothing about what is usual. */
#define MIN_RECORDS 50
/* Standard deviations of the logarithm of the length. */
#define MAX_DEVIATIONS 5.0
#define SHOWN 8

struct record {
	size_t ntokens;
	struct tl_record_pos pos;
};

struct state {
	size_t n;
	double sum, squares; /* of the logarithms */
	struct record longest[SHOWN], shortest[SHOWN];
};

/* Keep the most extreme first; of equals the earlier. */
static void
insert(struct record list[SHOWN], struct record r, bool is_longest)
{
	for (size_t i = 0; i < SHOWN; i++) {
		struct record old = list[i];
		bool is_more = is_longest ? r.ntokens > old.ntokens
					  : r.ntokens < old.ntokens;

		if (old.ntokens != 0 && !is_more &&
		    !(r.ntokens == old.ntokens && r.pos.index < old.pos.index))
			continue;
		list[i] = r;
		r = old;
		if (r.ntokens == 0)
			return;
	}
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	struct state *st = cx->state;
	struct record r = { s->tokens.n, cx->facts->record->pos };
	double x;

	(void)conv;
	if (!s->is_built || s->tokens.n == 0)
		return;
	x = log((double)s->tokens.n);
	st->n++;
	st->sum += x;
	st->squares += x * x;
	insert(st->longest, r, true);
	insert(st->shortest, r, false);
}

static void
merge(void *into, const void *from)
{
	struct state *a = into;
	const struct state *b = from;

	a->n += b->n;
	a->sum += b->sum;
	a->squares += b->squares;
	for (size_t i = 0; i < SHOWN; i++) {
		if (b->longest[i].ntokens > 0)
			insert(a->longest, b->longest[i], true);
		if (b->shortest[i].ntokens > 0)
			insert(a->shortest, b->shortest[i], false);
	}
}

static void
report(const struct tl_rule_cx *cx, const struct record *r, double mean,
    double deviation)
{
	if (r->ntokens == 0 ||
	    fabs(log((double)r->ntokens) - mean) <= MAX_DEVIATIONS * deviation)
		return;
	tl_report(cx, tl_at_file(r->pos, 0),
	    "%zu tokens, where a record of this file usually has %.0f to %.0f",
	    r->ntokens, exp(mean - 2 * deviation), exp(mean + 2 * deviation));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *st = cx->state;
	double n = (double)st->n, mean, variance;

	(void)file;
	if (st->n < MIN_RECORDS)
		return;
	mean = st->sum / n;
	variance = st->squares / n - mean * mean;
	/* Records of one length make any other one infinitely strange. */
	if (variance < 0.01)
		variance = 0.01;
	for (size_t i = 0; i < SHOWN; i++)
		report(cx, &st->longest[i], mean, sqrt(variance));
	for (size_t i = 0; i < SHOWN; i++)
		report(cx, &st->shortest[i], mean, sqrt(variance));
}

#define ROW                                                        \
	"{\"messages\":[{\"role\":\"user\",\"content\":\"one?\"}," \
	"{\"role\":\"assistant\",\"content\":\"Two.\"}]}\n"
#define TEN ROW ROW ROW ROW ROW ROW ROW ROW ROW ROW
#define DAYS                                                        \
	"Monday Tuesday Wednesday Thursday Friday Saturday Sunday " \
	"Monday Tuesday Wednesday Thursday Friday Saturday Sunday " \
	"Monday Tuesday Wednesday Thursday Friday Saturday Sunday "

const struct tl_rule tl_rule_length_outlier = {
	.code = "LEN005",
	.name = "length-outlier",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "a record is far longer or shorter than the others of its "
		   "file",
	.why = "Such a record is often a mistake: two conversations in one, a "
	       "dump, an export that was cut.",
	.fix = "Look at the record; `turnlint show FILE:LINE` prints it.",
	.bad = TL_LIT(TEN TEN TEN TEN TEN TEN
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"one?\"},"
	    "{\"role\":\"assistant\",\"content\":\"" DAYS DAYS DAYS DAYS DAYS
	    "none."
	    "\"}]}\n"),
	.good = TL_LIT(TEN TEN TEN TEN TEN TEN),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_sample = check,
	.check_file = check_file,
};
