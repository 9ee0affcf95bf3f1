/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

#define SHOWN 40 /* bytes of the text behind the stop token */

/* The finding is one for the file: it is the template's doing. */
struct state {
	struct tl_hits hits; /* of tokens */
	uint32_t stop;
	char text[SHOWN];
	size_t len;
};

/* Trained template text behind the first trained special token that follows
 * turn t: its tokens, and where they begin. */
static size_t
count_after(const struct tl_rule_cx *cx, const struct tl_sample *s, size_t t,
    size_t *stop)
{
	const struct tl_tokenizer *tk = cx->facts->recipe->tokenizer;
	size_t n = 0;

	*stop = TL_NPOS;
	for (size_t k = s->turns[t].stop;
	     k < s->tokens.n && s->speakers[k] == TL_NOBODY; k++) {
		if (!tl_reason_is_trained((enum tl_reason)s->wanted[k]))
			break;
		if (*stop != TL_NPOS)
			n++;
		else if ((tl_tokenizer_flags(tk, s->tokens.ids[k]) &
			     TL_TOKEN_SPECIAL) != 0)
			*stop = k;
	}
	return n;
}

static void
remember(const struct tl_rule_cx *cx, struct state *st,
    const struct tl_sample *s, size_t stop, size_t n)
{
	tl_str text = tl_str_slice(s->render.text.str,
	    s->tokens.offsets[stop + 1].beg, s->tokens.offsets[stop + n].end);

	st->hits.pos = cx->facts->record->pos;
	st->stop = s->tokens.ids[stop];
	st->len = text.len < SHOWN ? text.len : SHOWN;
	if (st->len > 0)
		memcpy(st->text, text.ptr, st->len);
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	struct state *st = cx->state;
	size_t found = 0;

	if (!s->is_built)
		return;
	st->hits.nall++;
	for (size_t i = 0; i < conv->nturns; i++) {
		size_t stop, n;

		if (conv->turns[i].role != TL_ROLE_ASSISTANT ||
		    s->turns[i].ntrained == 0)
			continue;
		n = count_after(cx, s, i, &stop);
		if (n > 0 && found == 0 && st->hits.nrecords == 0)
			remember(cx, st, s, stop, n);
		found += n;
	}
	st->hits.nfaults += found;
	st->hits.nrecords += found > 0;
}

static void
merge(void *into, const void *from)
{
	tl_hits_merge(into, from, sizeof(struct state));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *st = cx->state;
	struct tl_report *r;

	(void)file;
	if (st->hits.nrecords == 0)
		return;
	r = tl_report(cx, tl_at_file(st->hits.pos, 0),
	    "%s behind the stop token (id %u) is trained, in %zu of %zu "
	    "records",
	    tl_quote(cx, (tl_str){ st->text, st->len }, 0), (unsigned)st->stop,
	    st->hits.nrecords, st->hits.nall);
	tl_report_note(r,
	    "generation has ended before it: %zu token%s that can never be "
	    "produced",
	    st->hits.nfaults, st->hits.nfaults == 1 ? "" : "s");
}

const struct tl_rule tl_rule_trained_after_stop = {
	.code = "MSK022",
	.name = "trained-after-stop",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "tokens behind the stop token are trained",
	.why = "Generation ends at the stop token: what stands behind it, "
	       "mostly a newline, can never be produced. It does little harm "
	       "and lowers the loss that is shown.",
	.fix = "Nothing has to be done; a template that ends the trained part "
	       "with the stop token avoids it.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"text\":\"hello\"}\n"),
	.also = "MSK020",
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "lmflow",
	    .trainer_option = "conversation_template=chatml" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_sample = check,
	.check_file = check_file,
};
