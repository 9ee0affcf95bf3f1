/* SPDX-License-Identifier: Apache-2.0 */
/* What the edges of a grammar say about a template. */
#include "template/untemplate.h"

/* Another value can stand where a system prompt does, and goes on as that. */
static bool
is_merged(const struct ut_grammar *g, const struct ut_edge *into)
{
	for (size_t i = g->first[into->from]; i < g->first[into->from + 1];
	     i++) {
		const struct ut_edge *e = &g->edges[i];

		if (e->to > UT_END && ut_role_of(e->to) == TL_ROLE_USER &&
		    tl_str_eq(e->lit.text, into->lit.text))
			return true;
	}
	return false;
}

static void
read_edge(const struct ut_grammar *g, const struct ut_edge *e,
    struct tl_readable *out)
{
	enum ut_field field;
	enum tl_role role;

	if (e->to <= UT_END) {
		if (e->to == UT_END && !e->has_prompt &&
		    ut_role_of(e->from) == TL_ROLE_ASSISTANT &&
		    ut_field_of(e->from) == UT_CONTENT)
			out->end = e->core.len > 0;
		return;
	}
	field = ut_field_of(e->to);
	role = ut_role_of(e->to);
	if (field >= UT_TOOLS && field <= UT_TOOL_FUNCTION)
		out->tools = TL_READ_YES;
	else if (field == UT_REASONING)
		out->reasoning = TL_READ_YES;
	else if (field == UT_FUNCTION || field == UT_CALL ||
	    field == UT_CALLS || field == UT_CALL_ARGS)
		out->calls = TL_READ_YES;
	else if (role == TL_ROLE_TOOL)
		out->results = TL_READ_YES;
	else if (role == TL_ROLE_SYSTEM && out->system != TL_READ_MERGED)
		out->system = is_merged(g, e) ? TL_READ_MERGED : TL_READ_YES;
	else if (role == TL_ROLE_ASSISTANT && e->from > UT_END &&
	    ut_role_of(e->from) == TL_ROLE_USER)
		out->turns = true;
}

void
tl_readable_of(struct tl_arena *a, const struct tl_template *t,
    const struct tl_special_tokens *tokens, struct tl_readable *out)
{
	struct ut_grammar g = { .t = t, .tokens = *tokens };

	*out = (struct tl_readable){ 0 };
	ut_learn(a, &g);
	for (size_t i = 0; i < g.nedges; i++)
		if (!g.edges[i].starts_over)
			read_edge(&g, &g.edges[i], out);
	if (!out->turns)
		*out = (struct tl_readable){ 0 };
}
