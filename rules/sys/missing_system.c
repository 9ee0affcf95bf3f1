/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* Share of the conversations that must have a system turn for the others to
 * count as exceptions, in percent. */
#define USUAL_PERCENT 50

struct state {
	size_t nwith, nwithout;
	struct tl_record_pos pos; /* first one without */
	size_t len;
};

static void
merge(void *into, const void *from)
{
	struct state *s = into;
	const struct state *other = from;

	if (other->nwithout > 0 &&
	    (s->nwithout == 0 || other->pos.index < s->pos.index)) {
		s->pos = other->pos;
		s->len = other->len;
	}
	s->nwith += other->nwith;
	s->nwithout += other->nwithout;
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_record *rec = cx->facts->record;
	struct state here = {
		.nwithout = 1, .pos = rec->pos, .len = rec->bytes.len
	};

	if (conv->kind != TL_CONV_CHAT)
		return;
	for (size_t i = 0; i < conv->nturns; i++) {
		enum tl_role role = tl_turn_meant(&conv->turns[i]);

		if (role == TL_ROLE_SYSTEM || role == TL_ROLE_DEVELOPER)
			here = (struct state){ .nwith = 1 };
	}
	merge(cx->state, &here);
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *s = cx->state;
	size_t n = s->nwith + s->nwithout;

	(void)file;
	if (s->nwithout == 0 || s->nwith * 100 / n < USUAL_PERCENT)
		return;
	tl_report(cx, tl_at_file(s->pos, s->len),
	    "%zu of %zu conversations have no system turn; the first stands "
	    "here",
	    s->nwithout, n);
}

const struct tl_rule tl_rule_missing_system = {
	.code = "SYS001",
	.name = "missing-system",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.is_preview = true,
	.summary = "no system turn where at least half of the file's "
		   "conversations have one",
	.why = "The model learns to behave in two ways, depending on whether "
	       "there is a system prompt.",
	.fix = "Add the system turn that the others have, or confirm that both "
	       "kinds are meant.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		      "{\"messages\":[{\"role\":\"user\",\"content\":\"bye\"},"
		      "{\"role\":\"assistant\",\"content\":\"see you\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		       "{\"messages\":[{\"role\":\"user\",\"content\":\"bye\"},"
		       "{\"role\":\"assistant\",\"content\":\"see you\"}]}\n"),
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_conv = check_conv,
	.check_file = check_file,
};
