/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/compare.h>

#include "list.h"

const char *
tl_agreement_name(enum tl_agreement a)
{
	static const char *const names[] = {
		[TL_AGREE] = "same",
		[TL_AGREE_ON_LOSS] = "lost-by-both",
		[TL_OTHER_LABELS] = "other-labels",
		[TL_OTHER_TOKENS] = "other-tokens",
		[TL_ONE_SIDED] = "lost-by-one",
	};

	return names[a];
}

bool
tl_sample_is_used(const struct tl_sample *s)
{
	return s != NULL && s->is_built && s->verdict != TL_VERDICT_DROPPED &&
	    s->verdict != TL_VERDICT_ABORTS;
}

static size_t
common(const struct tl_tokens *a, const struct tl_tokens *b)
{
	size_t n = 0;

	while (n < a->n && n < b->n && a->ids[n] == b->ids[n])
		n++;
	return n;
}

static void
compare_labels(struct tl_arena *a, const struct tl_sample *const s[2],
    struct tl_comparison *out)
{
	struct tl_label_change *list = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < s[0]->tokens.n; i++) {
		struct tl_label_change c = { .first = i, .stop = i + 1 };

		if (s[0]->labels[i] == s[1]->labels[i])
			continue;
		out->nchanged++;
		for (int k = 0; k < 2; k++) {
			c.reasons[k] = (enum tl_reason)s[k]->reasons[i];
			c.is_trained[k] = s[k]->labels[i] != TL_IGNORE;
		}
		if (n > 0 && list[n - 1].stop == i &&
		    list[n - 1].reasons[0] == c.reasons[0] &&
		    list[n - 1].reasons[1] == c.reasons[1] &&
		    list[n - 1].is_trained[0] == c.is_trained[0])
			list[n - 1].stop = i + 1;
		else
			TL_PUSH(a, list, n, cap, c);
	}
	out->changes = list;
	out->nchanges = n;
	out->agreement = n > 0 ? TL_OTHER_LABELS : TL_AGREE;
}

static bool
same_tokens(const struct tl_sample *const s[2], size_t *at)
{
	*at = common(&s[0]->tokens, &s[1]->tokens);
	return *at == s[0]->tokens.n && *at == s[1]->tokens.n;
}

void
tl_compare_samples(struct tl_arena *a, const struct tl_sample *one,
    const struct tl_sample *other, struct tl_comparison *out)
{
	const struct tl_sample *s[2] = { one, other };
	bool is_used[2];

	*out = (struct tl_comparison){ .agreement = TL_AGREE };
	for (int k = 0; k < 2; k++) {
		is_used[k] = tl_sample_is_used(s[k]);
		if (!is_used[k])
			continue;
		out->ntokens[k] = s[k]->tokens.n;
		out->ntrained[k] = s[k]->ntrained;
	}
	if (!is_used[0] || !is_used[1])
		out->agreement =
		    is_used[0] == is_used[1] ? TL_AGREE_ON_LOSS : TL_ONE_SIDED;
	else if (!same_tokens(s, &out->first_other))
		out->agreement = TL_OTHER_TOKENS;
	else
		compare_labels(a, s, out);
}
