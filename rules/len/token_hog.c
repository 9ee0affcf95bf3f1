/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A hundredth of the records that owns half of the loss. */
#define MIN_RECORDS 100
#define MAX_HOGS 32

struct hog {
	size_t ntrained;
	struct tl_record_pos pos;
};

struct state {
	size_t n;
	uint64_t ntrained;
	struct hog hogs[MAX_HOGS]; /* most first; of equals the earlier */
};

static void
insert(struct state *st, struct hog h)
{
	for (size_t i = 0; i < MAX_HOGS && h.ntrained > 0; i++) {
		struct hog old = st->hogs[i];

		if (h.ntrained < old.ntrained ||
		    (h.ntrained == old.ntrained && h.pos.index > old.pos.index))
			continue;
		st->hogs[i] = h;
		h = old;
	}
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	struct state *st = cx->state;

	(void)conv;
	if (!s->is_built)
		return;
	st->n++;
	st->ntrained += s->ntrained;
	insert(st, (struct hog){ s->ntrained, cx->facts->record->pos });
}

static void
merge(void *into, const void *from)
{
	struct state *a = into;
	const struct state *b = from;

	a->n += b->n;
	a->ntrained += b->ntrained;
	for (size_t i = 0; i < MAX_HOGS; i++)
		insert(a, b->hogs[i]);
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *st = cx->state;
	size_t max = st->n / 100 < MAX_HOGS ? st->n / 100 : MAX_HOGS;
	uint64_t sum = 0;
	size_t n = 0;

	(void)file;
	if (st->n < MIN_RECORDS)
		return;
	while (n < max && 2 * sum < st->ntrained)
		sum += st->hogs[n++].ntrained;
	if (sum == 0 || 2 * sum < st->ntrained)
		return;
	tl_report_note(
	    tl_report(cx, tl_at_file(st->hogs[0].pos, 0),
		"%zu of %zu records own %.0f %% of the trained tokens", n,
		st->n, 100.0 * (double)sum / (double)st->ntrained),
	    "this one has the most: %zu of %llu", st->hogs[0].ntrained,
	    (unsigned long long)st->ntrained);
}

#define ROW                                                        \
	"{\"messages\":[{\"role\":\"user\",\"content\":\"one?\"}," \
	"{\"role\":\"assistant\",\"content\":\"Two.\"}]}\n"
#define TEN ROW ROW ROW ROW ROW ROW ROW ROW ROW ROW
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define DAYS                                                        \
	"Monday Tuesday Wednesday Thursday Friday Saturday Sunday " \
	"Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
#define MONTH DAYS DAYS DAYS DAYS

const struct tl_rule tl_rule_token_hog = {
	.code = "LEN007",
	.name = "token-hog",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a hundredth of the records owns half of what is trained",
	.why = "The loss is a mean over tokens: the model learns these few "
	       "records and little of the others.",
	.fix = "Split or shorten them, or see whether they belong there.",
	.bad = TL_LIT(
	    HUNDRED "{\"messages\":[{\"role\":\"user\",\"content\":\"one?\"},"
		    "{\"role\":\"assistant\",\"content\":\"" MONTH MONTH
		    "none.\"}]}\n"),
	.good = TL_LIT(HUNDRED),
	.also = "LEN005",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_sample = check,
	.check_file = check_file,
};
