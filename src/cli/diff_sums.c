/* SPDX-License-Identifier: Apache-2.0 */
/* diff --stat and diff --name-only. */
#include "cli/diff.h"

enum { OLD, NEW };

static void
put_name(struct diff_printer *p)
{
	const char *const *names = p->file->names;
	struct tl_buf *b = &p->cli->out;
	const char *name = names[NEW] != NULL ? names[NEW] : names[OLD];

	if (names[OLD] != NULL && names[NEW] != NULL &&
	    !tl_str_eq(tl_str_from(names[OLD]), tl_str_from(names[NEW]))) {
		tl_buf_put_escaped(b, tl_str_from(names[OLD]));
		tl_buf_puts(b, " → ");
	}
	tl_buf_put_escaped(b, tl_str_from(name));
}

static void
put_change(struct tl_buf *b, const char *what, const size_t n[2])
{
	double base = (double)n[OLD], diff = (double)n[NEW] - (double)n[OLD];

	tl_buf_printf(b, "  %s %zu → %zu", what, n[OLD], n[NEW]);
	if (n[OLD] > 0 && n[OLD] != n[NEW])
		tl_buf_printf(b, " (%+.1f %%)", 100 * diff / base);
}

static void
put_sums(struct tl_buf *b, const struct diff_sums *s)
{
	tl_buf_printf(b, "  %zu → %zu records  +%zu -%zu ~%zu edited",
	    s->nrecords[OLD], s->nrecords[NEW], s->counts[TL_MATCH_ADDED],
	    s->counts[TL_MATCH_REMOVED], s->counts[TL_MATCH_EDITED]);
	if (s->counts[TL_MATCH_METADATA] > 0)
		tl_buf_printf(
		    b, "  %zu metadata", s->counts[TL_MATCH_METADATA]);
	if (s->nmoved > 0)
		tl_buf_printf(b, "  %zu moved", s->nmoved);
	tl_buf_puts(b, "\n");
	put_change(b, "tokens", s->ntokens);
	put_change(b, "trained", s->ntrained);
	tl_buf_putc(b, '\n');
	if (s->nuntrained[OLD] > 0 || s->nuntrained[NEW] > 0)
		tl_buf_printf(b, "  records with nothing trained %zu → %zu\n",
		    s->nuntrained[OLD], s->nuntrained[NEW]);
	if (s->nbroken[OLD] > 0 || s->nbroken[NEW] > 0)
		tl_buf_printf(b, "  records that are no JSON %zu → %zu\n",
		    s->nbroken[OLD], s->nbroken[NEW]);
	if (s->nunknown > 0)
		tl_buf_printf(b,
		    "  records without tokens, on both sides %zu\n",
		    s->nunknown);
}

static void
stat_end(struct diff_printer *p)
{
	const struct diff_file *f = p->file;
	struct tl_buf *b = &p->cli->out;

	bool has_sums = f->note == NULL && diff_sums_differ(&f->sums);

	if (f->note == NULL && !has_sums && !f->says_unchanged)
		return;
	put_name(p);
	if (has_sums) {
		put_sums(b, &f->sums);
		return;
	}
	tl_buf_puts(b, "  ");
	tl_buf_put_escaped(b,
	    f->note != NULL ? tl_str_from(f->note)
			    : TL_STR("no record changed"));
	tl_buf_putc(b, '\n');
}

static void
stat_total(struct diff_printer *p, const struct diff_sums *s, size_t nfiles)
{
	if (nfiles < 2)
		return;
	tl_buf_printf(&p->cli->out, "%zu files", nfiles);
	put_sums(&p->cli->out, s);
}

const struct diff_style diff_style_stat = {
	.wants_all = true,
	.wants_tokens = true,
	.end = stat_end,
	.total = stat_total,
};

static void
names_end(struct diff_printer *p)
{
	const struct diff_file *f = p->file;

	if (f->note == NULL && !diff_sums_differ(&f->sums))
		return;
	put_name(p);
	tl_buf_putc(&p->cli->out, '\n');
}

const struct diff_style diff_style_names = {
	.end = names_end,
};
