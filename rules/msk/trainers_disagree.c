/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/compare.h>
#include <turnlint/rule.h>

#define SHOWN 3

static const char *
what_of(const struct tl_comparison *c, const char *one, const char *other,
    const struct tl_rule_cx *cx)
{
	switch (c->agreement) {
	case TL_OTHER_LABELS:
		return tl_arena_printf(cx->arena,
		    "%s and %s label %zu of %zu tokens otherwise", one, other,
		    c->nchanged, c->ntokens[0]);
	case TL_OTHER_TOKENS:
		return tl_arena_printf(cx->arena,
		    "%s and %s make other tokens of the record, from token "
		    "%zu on",
		    one, other, c->first_other);
	case TL_ONE_SIDED:
		return tl_arena_printf(cx->arena,
		    "%s keeps the record, %s does without it",
		    c->ntokens[0] > 0 ? one : other,
		    c->ntokens[0] > 0 ? other : one);
	case TL_AGREE:
	case TL_AGREE_ON_LOSS:
		break;
	}
	return NULL;
}

static struct tl_place
place_of(const struct tl_conv *conv, const struct tl_sample *s,
    const struct tl_comparison *c)
{
	for (size_t i = 0; i < c->nchanges; i++)
		for (size_t k = c->changes[i].first; k < c->changes[i].stop;
		     k++)
			if (s->speakers[k] != TL_NOBODY)
				return tl_at_turn(&conv->turns[s->speakers[k]]);
	return tl_at_record();
}

static void
note_change(const struct tl_rule_cx *cx, struct tl_report *r,
    const struct tl_sample *s, const struct tl_label_change *c,
    const char *const names[2])
{
	size_t beg = s->tokens.offsets[c->first].beg;
	size_t end = s->tokens.offsets[c->stop - 1].end;
	int who = c->is_trained[0] ? 0 : 1;

	if (c->is_trained[0] == c->is_trained[1]) {
		tl_report_note(r, "tokens %zu to %zu have other labels in %s",
		    c->first, c->stop - 1, names[1]);
		return;
	}
	tl_report_note(r, "%s is trained by %s alone (%s: %s)",
	    tl_quote(cx, tl_str_slice(s->render.text.str, beg, end), 60),
	    names[who], names[1 - who], tl_reason_text(c->reasons[1 - who]));
}

/* The stages fill the record they are given. */
static const struct tl_sample *
other_sample(const struct tl_rule_cx *cx, size_t i)
{
	struct tl_record *copy = TL_NEW(cx->arena, struct tl_record, 1);
	struct tl_facts facts;

	*copy = *cx->facts->record;
	copy->doc = (struct tl_json_doc){ 0 };
	tl_recipe_run_other(cx->thread, i, cx->arena, copy, &facts);
	return facts.sample;
}

static void
check(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_sample *s)
{
	const struct tl_recipe *recipe = cx->facts->recipe;

	for (size_t i = 0; i < recipe->nothers; i++) {
		const char *const names[2] = { recipe->title,
			recipe->others[i]->title };
		struct tl_comparison c;
		struct tl_report *r;
		const char *what;

		tl_compare_samples(cx->arena, s, other_sample(cx, i), &c);
		what = what_of(&c, names[0], names[1], cx);
		if (what == NULL)
			continue;
		r = tl_report(cx, place_of(conv, s, &c), "%s", what);
		if (c.agreement == TL_OTHER_TOKENS)
			tl_report_note(r, "trained: %zu tokens, %zu tokens",
			    c.ntrained[0], c.ntrained[1]);
		for (size_t k = 0; k < c.nchanges && k < SHOWN; k++)
			note_change(cx, r, s, &c.changes[k], names);
		if (c.nchanges > SHOWN)
			tl_report_note(
			    r, "and %zu more stretches", c.nchanges - SHOWN);
	}
}

const struct tl_rule tl_rule_trainers_disagree = {
	.code = "MSK025",
	.name = "trainers-disagree",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "two trainers train other tokens of the same record (give "
		   "--trainer twice)",
	.why = "The data set teaches something else when the framework "
	       "changes: results cannot be compared, and a migration changes "
	       "the model.",
	.fix = "Set the options of the trainers so that they agree, or write "
	       "flags into the data that both read.",
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "chatml",
	    .tokenizer = "samples/tokenizers/bpe-mini" },
	.check_sample = check,
};
