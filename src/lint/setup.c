/* SPDX-License-Identifier: Apache-2.0 */
/* A trainer's own configuration as a file: its notes through the CFG rules. */
#include <turnlint/rule.h>

#include "lint/linter.h"

void
tl_report_setup(const struct tl_rule_cx *cx, const struct tl_setup *s,
    enum tl_setup_note_kind kind)
{
	for (size_t i = 0; i < s->nnotes; i++) {
		const struct tl_setup_note *n = &s->notes[i];

		if (n->kind != kind)
			continue;
		tl_report_note(tl_report(cx,
				   n->line > 0 ? tl_at_line(n->line, n->column)
					       : tl_at_start(),
				   "%s", tl_arena_cstr(cx->arena, n->message)),
		    "%s", tl_arena_cstr(cx->arena, n->hint));
	}
}

const struct tl_finding *
tl_worker_setup(struct tl_worker *w, struct tl_arena *a,
    const struct tl_record *rec, const struct tl_setup *setup, size_t *n)
{
	const struct tl_linter *l = w->linter;
	struct tl_sink sink;
	struct tl_rule_cx cx = {
		.file = rec->file,
		.arena = a,
		.sink = &sink,
	};

	tl_sink_begin(&sink, a, rec->file, rec);
	sink.is_template = true;
	for (size_t i = 0; i < l->nactive; i++) {
		const struct tl_active *act = &l->active[i];

		if (act->rule->check_setup == NULL)
			continue;
		cx.rule = act->rule;
		sink.level = act->level;
		act->rule->check_setup(&cx, setup);
	}
	return tl_sink_finish(&sink, n);
}
