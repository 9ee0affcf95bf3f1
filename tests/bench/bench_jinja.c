/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_jinja: conversations rendered per second on one thread.
 *
 * Reads JSON lines with template, messages, bos_token and eos_token; prints
 * one number a line.  A rendering includes provenance: the text, its runs and
 * its generation spans, in an arena that is reset for each conversation.
 */
#include <turnlint/template.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECONDS 0.4
#define ROUNDS 3

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
fill_turn(struct tl_arena *a, const struct tl_json *m, struct tl_turn *turn)
{
	struct tl_field *f = TL_NEW(a, struct tl_field, m->nchildren);

	turn->node = m;
	turn->fields = f;
	for (const struct tl_json *c = m->first; c != NULL; c = c->next)
		f[turn->nfields++] =
		    (struct tl_field){ .name = c->key, .node = c };
}

static double
measure(const struct tl_template *t, const struct tl_conv *conv,
    const struct tl_render_options *opt)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_render r;
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double beg = now(), end = beg;
		size_t n = 0;

		while (end - beg < SECONDS) {
			for (int i = 0; i < 200; i++) {
				tl_arena_reset(a);
				tl_template_render(
				    t, a, conv, conv->nturns, opt, &r);
				if (r.fault != TL_RENDER_OK)
					exit(1);
			}
			n += 200;
			end = now();
		}
		if ((double)n / (end - beg) > best)
			best = (double)n / (end - beg);
	}
	tl_arena_free(a);
	return best;
}

static int
bench(tl_str line)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_json_doc doc;
	struct tl_template *t;
	struct tl_conv conv = { 0 };
	struct tl_render_options opt = { 0 };
	const struct tl_json *messages;
	struct tl_turn *turns;
	struct tl_error err;

	if (tl_json_parse(a, line, &doc) != TL_OK ||
	    tl_template_compile(a, TL_STR("bench"),
		tl_json_get(doc.root, "template")->text, &t, &err) != TL_OK)
		return 1;
	messages = tl_json_get(doc.root, "messages");
	turns = TL_NEW(a, struct tl_turn, messages->nchildren);
	for (const struct tl_json *m = messages->first; m != NULL; m = m->next)
		fill_turn(a, m, &turns[m->index]);
	conv.turns = turns;
	conv.nturns = messages->nchildren;
	opt.tokens.bos = tl_json_get(doc.root, "bos_token")->text;
	opt.tokens.eos = tl_json_get(doc.root, "eos_token")->text;
	printf("%.0f\n", measure(t, &conv, &opt));
	tl_arena_free(a);
	return 0;
}

int
main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int status = 0;

	while ((n = getline(&line, &cap, stdin)) > 0 && status == 0)
		status = bench(tl_str_trim((tl_str){ line, (size_t)n }));
	free(line);
	return status;
}
