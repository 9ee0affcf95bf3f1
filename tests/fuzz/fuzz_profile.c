/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any template through its profile and against chatml.  What must hold: each
 * fact that was tried has a conversation of its fate, places lie in the
 * source, a proof of two texts points into both, and a template does not
 * differ from itself.
 */
#include <turnlint/template_diff.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SIZE 2000u

static void
check_proof(const struct tl_proof *p)
{
	if (p->probe == NULL)
		return;
	assert(p->at <= p->probe->render.text.str.len ||
	    (p->other != NULL && p->at <= p->other->render.text.str.len));
}

static void
check_profile(const struct tl_profile *p)
{
	for (int i = 0; i < TL_PF_COUNT; i++) {
		const struct tl_fact *f = &p->facts[i];

		if (f->fate == TL_FATE_UNTRIED)
			continue;
		assert(f->probe != NULL);
		assert((f->probe->render.fault == TL_RENDER_RAISED) ==
		    (f->fate == TL_FATE_RAISED));
		assert(tl_probe_ok(f->probe) ==
		    (f->fate != TL_FATE_RAISED && f->fate != TL_FATE_FAILED));
	}
	for (size_t i = 0; i < p->nrefusals; i++) {
		assert(p->refusals[i].norders > 0);
		assert(!tl_probe_ok(p->refusals[i].orders[0]));
	}
	for (size_t i = 0; i < p->nvariables; i++)
		assert((p->variables[i].differs_with != NULL) ==
		    (p->variables[i].with != NULL));
	check_proof(&p->not_prefix);
	check_proof(&p->prompt_not_prefix);
	check_proof(&p->no_stop);
	check_proof(&p->late_stop);
	check_proof(&p->bad_generation);
	check_proof(&p->none_as_text);
	check_proof(&p->unbalanced);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	tl_str source = { (const char *)data, size };
	struct tl_template *t, *chatml;
	struct tl_error err;

	if (size <= MAX_SIZE &&
	    tl_template_compile(a, TL_STR("fuzz"), source, &t, &err) == TL_OK &&
	    tl_template_load(a, "chatml", &chatml, &err) == TL_OK) {
		check_profile(tl_profile_make(a, t, NULL));
		assert(tl_template_diff_is_empty(
		    tl_template_diff_make(a, t, NULL, t, NULL)));
		tl_template_diff_make(a, chatml, NULL, t, NULL);
	}
	tl_arena_free(a);
	return 0;
}
