/* SPDX-License-Identifier: Apache-2.0 */
/* What a template reads from outside beside the conversation. */
#include "template/profile.h"

#define MAX_VARIABLES 24u

/* transformers passes these, or they are Jinja's. */
static const char *const known[] = { "messages", "tools", "documents",
	"add_generation_prompt", "bos_token", "eos_token", "pad_token",
	"unk_token", "raise_exception", "strftime_now", "range", "dict",
	"lipsum", "cycler", "joiner", "namespace" };

/* Values that are tried, as JSON. */
static const char *const values[] = { "true", "false", "\"low\"" };

static bool
is_known(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(known); i++)
		if (tl_str_eq(name, tl_str_from(known[i])))
			return true;
	return false;
}

/* A name that the template only ever sets is its own; one that it sets when it
 * is not given is not. */
static bool
comes_from_outside(const struct tl_survey *s, const struct tl_mention *m)
{
	if (m->kind != TL_MENTION_VARIABLE || m->is_parameter ||
	    is_known(m->name))
		return false;
	if (!m->is_set)
		return true;
	for (size_t i = 0; i < s->nmentions; i++) {
		const struct tl_mention *o = &s->mentions[i];

		if (o->kind == TL_MENTION_TEST && tl_str_eq(o->of, m->name) &&
		    (tl_str_eq(o->name, TL_STR("defined")) ||
			tl_str_eq(o->name, TL_STR("undefined"))))
			return true;
	}
	return false;
}

static bool
has_variable(const struct tl_profile *p, tl_str name)
{
	for (size_t i = 0; i < p->nvariables; i++)
		if (tl_str_eq(p->variables[i].first->name, name))
			return true;
	return false;
}

/* The first value with which a probe comes out otherwise. */
static void
try_values(struct prober *pr, struct tl_profile_variable *v)
{
	const struct tl_probe *list[] = { probe_led(pr, "U+"), pr->p->base,
		probe(pr, "SUAUA"), probe_led(pr, "!UCTA") };

	for (size_t k = 0; k < TL_COUNT(values); k++)
		for (size_t i = 0; i < TL_COUNT(list); i++) {
			const struct tl_probe *o = list[i], *with;

			with = probe_with(pr, o->letters,
			    tl_arena_printf(pr->arena, "{\"%s\":%s}",
				tl_arena_cstr(pr->arena, v->first->name),
				values[k]));
			if (!tl_probe_ok(with) ||
			    (tl_probe_ok(o) &&
				tl_str_eq(
				    o->render.text.str, with->render.text.str)))
				continue;
			v->is_needed = !tl_probe_ok(o) && o == pr->p->base;
			v->differs_with = values[k];
			v->without = o;
			v->with = with;
			return;
		}
}

void
profile_variables(struct prober *pr)
{
	struct tl_profile *p = pr->p;
	struct tl_profile_variable *list =
	    TL_NEW(pr->arena, struct tl_profile_variable, MAX_VARIABLES);

	p->variables = list;
	for (size_t i = 0; i < p->survey->nmentions; i++) {
		const struct tl_mention *m = &p->survey->mentions[i];

		if (p->nvariables == MAX_VARIABLES ||
		    !comes_from_outside(p->survey, m) ||
		    has_variable(p, m->name))
			continue;
		list[p->nvariables].first = m;
		try_values(pr, &list[p->nvariables++]);
	}
}
