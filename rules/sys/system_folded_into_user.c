/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

struct state {
	size_t n;
	struct tl_record_pos pos; /* first one */
	size_t len;
};

static void
merge(void *into, const void *from)
{
	struct state *s = into;
	const struct state *other = from;

	if (other->n > 0 && (s->n == 0 || other->pos.index < s->pos.index)) {
		s->pos = other->pos;
		s->len = other->len;
	}
	s->n += other->n;
}

static bool
has_system(const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].role == TL_ROLE_SYSTEM &&
		    !tl_is_space(conv->turns[i].text.str))
			return true;
	return false;
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	const struct tl_record *rec = cx->facts->record;

	if (render->fault == TL_RENDER_OK && cx->profile != NULL &&
	    cx->profile->is_system_merged && has_system(conv))
		merge(cx->state,
		    &(struct state){
			.n = 1,
			.pos = rec->pos,
			.len = rec->bytes.len,
		    });
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *s = cx->state;

	(void)file;
	if (s->n > 0)
		tl_report(cx, tl_at_file(s->pos, s->len),
		    "the template puts the system text into the user's turn, "
		    "in %zu conversation%s; the first stands here",
		    s->n, s->n == 1 ? "" : "s");
}

const struct tl_rule tl_rule_system_folded_into_user = {
	.code = "SYS007",
	.name = "system-folded-into-user",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "the template puts the system text into the user's turn",
	.why = "Engines do it in different ways, with or without a line break, "
	       "in the first turn or the last: what is served is not quite "
	       "what was trained.",
	.fix = "Serve with the same template, or write the instruction into "
	       "the user's turn in the data.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		      "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "gemma-3" },
	.wants_profile = true,
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_render = check_render,
	.check_file = check_file,
};
