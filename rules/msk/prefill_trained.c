/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

#define SHOWN 40 /* bytes of what is trained */

/* The finding is one for the file: it is the trainer's or template's doing. */
struct state {
	struct tl_hits hits; /* of tokens */
	char text[SHOWN];
	size_t len;
};

/* The trained tokens that turn t's generation prompt would supply: those of the
 * template right in front of what the turn says. */
static size_t
count_prefill(const struct tl_rule_cx *cx, const struct tl_sample *s, size_t t,
    size_t *first)
{
	tl_str prompt =
	    cx->profile != NULL ? cx->profile->prompt : (tl_str){ NULL, 0 };
	size_t beg = s->turns[t].beg, n = 0;
	tl_str before = tl_str_slice(s->render.text.str, 0, beg);
	bool is_prompt = prompt.len > 0 && tl_str_ends(before, prompt);

	for (size_t k = s->turns[t].first; k-- > 0;) {
		if (s->speakers[k] != TL_NOBODY ||
		    !tl_reason_is_trained((enum tl_reason)s->wanted[k]))
			break;
		/* A trainer with headers of its own says which they are. */
		if (is_prompt ? s->tokens.offsets[k].beg < beg - prompt.len
			      : s->wanted[k] != TL_REASON_HEADER)
			break;
		*first = k;
		n++;
	}
	return n;
}

static void
remember(const struct tl_rule_cx *cx, struct state *st,
    const struct tl_sample *s, size_t first, size_t n)
{
	tl_str text = tl_str_slice(s->render.text.str,
	    s->tokens.offsets[first].beg, s->tokens.offsets[first + n - 1].end);

	st->hits.pos = cx->facts->record->pos;
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
		size_t first = 0, n;

		if (conv->turns[i].role != TL_ROLE_ASSISTANT ||
		    s->turns[i].ntrained == 0)
			continue;
		n = count_prefill(cx, s, i, &first);
		if (n > 0 && found == 0 && st->hits.nrecords == 0)
			remember(cx, st, s, first, n);
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
	    "%s in front of a reply is trained, in %zu of %zu records",
	    tl_quote(cx, (tl_str){ st->text, st->len }, 0), st->hits.nrecords,
	    st->hits.nall);
	tl_report_note(r,
	    "generation begins behind it: %zu token%s that the model is never "
	    "asked for",
	    st->hits.nfaults, st->hits.nfaults == 1 ? "" : "s");
}

const struct tl_rule tl_rule_prefill_trained = {
	.code = "MSK020",
	.name = "prefill-trained",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "what the generation prompt supplies is trained",
	.why = "At inference the header of the reply is given. Training it "
	       "spends loss on text the model never writes, and makes short "
	       "replies count for less.",
	.fix = "Use a template and a trainer that mask the header, or accept "
	       "it where the trainer cannot.",
	.bad = TL_LIT("{\"type\":\"conversation\",\"instances\":[{"
		      "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}]}\n"),
	.good = TL_LIT("{\"type\":\"text_only\",\"instances\":[{\"text\":"
		       "\"hello\"}]}\n"),
	.also = "MSK022",
	.filename = "example.json",
	.recipe = { .tokenizer = "samples/tokenizers/bpe-mini",
	    .trainer = "lmflow",
	    .trainer_option = "conversation_template=chatml" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.wants_profile = true,
	.check_sample = check,
	.check_file = check_file,
};
