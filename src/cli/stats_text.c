/* SPDX-License-Identifier: Apache-2.0 */
/* stats as tables and a plot. */
#include "cli/stats.h"

#include <stdio.h>

#define BAR 40
#define MAX_LOSSES 20

struct printer {
	struct tl_buf *out;
	bool use_colour;
};

/* 1234567 as 1,234,567. */
static const char *
grouped(char out[32], uint64_t n)
{
	char digits[24];
	int len =
	    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	int at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

static double
percent(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100 * (double)part / (double)whole : 0;
}

static void
put_head(const struct printer *p, const char *s)
{
	tl_buf_printf(p->out, p->use_colour ? "\033[1m%s\033[0m\n" : "%s\n", s);
}

static void
put_row(const struct printer *p, const char *name, uint64_t n, uint64_t whole)
{
	char number[32];

	tl_buf_printf(p->out, "  %-12s %13s  %5.1f %%\n", name,
	    grouped(number, n), percent(n, whole));
}

static void
put_recipe(const struct printer *p, const struct tl_recipe *r)
{
	tl_buf_puts(p->out, "template ");
	tl_buf_put_escaped(p->out,
	    r->template_ != NULL ? tl_template_name(r->template_)
				 : TL_STR("none"));
	tl_buf_puts(p->out, "  tokenizer ");
	tl_buf_put_escaped(p->out,
	    r->tokenizer != NULL ? tl_tokenizer_name(r->tokenizer)
				 : TL_STR("none"));
	tl_buf_printf(p->out, "  trainer %s", r->trainer->name);
	if (r->sequence_len > 0)
		tl_buf_printf(p->out, "  sequence length %zu", r->sequence_len);
	tl_buf_puts(p->out, "\n\n");
}

static void
put_verdicts(const struct printer *p, const struct stats *s)
{
	char number[32];

	tl_buf_printf(
	    p->out, p->use_colour ? "\033[1m%s\033[0m" : "%s", "records");
	tl_buf_printf(p->out, "        %13s\n", grouped(number, s->nrecords));
	for (int i = 0; i < (int)TL_COUNT(s->nverdicts); i++)
		if (s->nverdicts[i] > 0 || i == TL_VERDICT_KEPT)
			put_row(p, tl_verdict_name((enum tl_verdict)i),
			    s->nverdicts[i], s->nrecords);
	if (s->nunreadable > 0)
		put_row(p, "unreadable", s->nunreadable, s->nrecords);
}

static void
put_losses(const struct printer *p, const struct stats *s)
{
	if (s->nlosses == 0)
		return;
	tl_buf_putc(p->out, '\n');
	put_head(p, "not kept whole");
	for (size_t i = 0; i < s->nlosses && i < MAX_LOSSES; i++) {
		const struct stats_loss *l = &s->losses[i];

		tl_buf_printf(p->out, "  %8zu  ", l->n);
		tl_buf_put(p->out, l->what);
		tl_buf_puts(p->out, ": ");
		tl_buf_put_escaped(p->out, l->why);
		tl_buf_puts(p->out, "\n            first: ");
		tl_buf_put_escaped(p->out, tl_str_from(l->path));
		tl_buf_printf(p->out, ":%zu\n", l->line);
	}
	if (s->nlosses > MAX_LOSSES)
		tl_buf_printf(p->out,
		    "  and %zu more reasons (--output-format json has all)\n",
		    s->nlosses - MAX_LOSSES);
}

static void
put_tokens(const struct printer *p, const struct stats *s)
{
	char number[32], trained[32];

	tl_buf_putc(p->out, '\n');
	put_head(p, "tokens");
	put_row(p, "all", s->ntokens, s->ntokens);
	if (s->nkept < s->ntokens)
		put_row(p, "left", s->nkept, s->ntokens);
	put_row(p, "trained", s->ntrained, s->ntokens);
	tl_buf_putc(p->out, '\n');
	put_head(p,
	    "said by              tokens    share        trained"
	    "    of theirs  of the loss");
	for (int i = 0; i < STATS_NSPEAKERS; i++) {
		const struct stats_share *x = &s->shares[i];

		if (x->ntokens == 0)
			continue;
		tl_buf_printf(p->out,
		    "  %-12s %13s  %5.1f %%  %13s     %5.1f %%      %5.1f %%\n",
		    stats_speaker_name(i), grouped(number, x->ntokens),
		    percent(x->ntokens, s->ntokens),
		    grouped(trained, x->ntrained),
		    percent(x->ntrained, x->ntokens),
		    percent(x->ntrained, s->ntrained));
	}
}

/* A bar of eighths of a cell. */
static void
put_bar(const struct printer *p, size_t n, size_t most)
{
	static const char *const parts[] = { "", "▏", "▎", "▍", "▌", "▋", "▊",
		"▉" };
	size_t eighths = (n * BAR * 8 + most - 1) / most;

	for (size_t i = 0; i < eighths / 8; i++)
		tl_buf_puts(p->out, "█");
	tl_buf_puts(p->out, parts[eighths % 8]);
}

/* The first length of row i: 0, 16, 24, 32, 48, 64, … */
static size_t
row_start(size_t i)
{
	if (i == 0)
		return 0;
	return i % 2 == 1 ? (size_t)16 << (i - 1) / 2
			  : (size_t)24 << (i / 2 - 1);
}

static size_t
count_below(const struct stats *s, size_t length)
{
	size_t lo = 0, hi = s->nlengths;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->lengths[mid] < length)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void
put_plot(const struct printer *p, const struct stats *s)
{
	size_t first = 0, last = 0, most = 1;

	for (size_t i = 0; row_start(i) <= s->lengths[s->nlengths - 1]; i++) {
		size_t n = count_below(s, row_start(i + 1)) -
		    count_below(s, row_start(i));

		if (count_below(s, row_start(i + 1)) == 0)
			first = i + 1;
		last = i;
		if (n > most)
			most = n;
	}
	for (size_t i = first; i <= last; i++) {
		size_t n = count_below(s, row_start(i + 1)) -
		    count_below(s, row_start(i));

		tl_buf_printf(p->out, "  %6zu-%-6zu %8zu%s", row_start(i),
		    row_start(i + 1) - 1, n, n > 0 ? " " : "");
		put_bar(p, n, most);
		tl_buf_putc(p->out, '\n');
	}
}

static void
put_lengths(const struct printer *p, const struct stats *s)
{
	tl_buf_putc(p->out, '\n');
	put_head(p, "tokens a record");
	tl_buf_printf(p->out,
	    "  min %u  p5 %zu  p25 %zu  p50 %zu  p75 %zu  p90 %zu  p95 %zu  "
	    "p99 %zu  max %u  mean %.1f\n",
	    s->lengths[0], stats_percentile(s, 5), stats_percentile(s, 25),
	    stats_percentile(s, 50), stats_percentile(s, 75),
	    stats_percentile(s, 90), stats_percentile(s, 95),
	    stats_percentile(s, 99), s->lengths[s->nlengths - 1],
	    (double)s->ntokens / (double)s->nlengths);
	put_plot(p, s);
}

static void
put_cuts(const struct printer *p, const struct stats *s)
{
	size_t n = 0;

	while (n < STATS_NLENGTHS && s->cuts[n].nover > 0)
		n++;
	if (n == 0)
		return;
	tl_buf_putc(p->out, '\n');
	put_head(p, "what a sequence length would cost (cut at the end)");
	tl_buf_puts(p->out,
	    "  length    records cut   left untrained    tokens lost   trained "
	    "tokens lost\n");
	for (size_t i = 0; i <= n && i < STATS_NLENGTHS; i++) {
		const struct stats_cut *c = &s->cuts[i];

		tl_buf_printf(p->out,
		    "  %6zu  %7zu %4.1f %%  %7zu %4.1f %%        %5.1f %%"
		    "               %5.1f %%\n",
		    c->length, c->nover, percent(c->nover, s->nlengths),
		    c->nblank, percent(c->nblank, s->nlengths),
		    percent(c->ntokens, s->ntokens),
		    percent(c->ntrained, s->nwanted));
	}
}

void
stats_print(
    struct tl_cli *cli, const struct stats *s, const struct tl_recipe *r)
{
	struct printer p = { &cli->out, cli->use_colour };

	put_recipe(&p, r);
	put_verdicts(&p, s);
	put_losses(&p, s);
	if (s->nlengths == 0)
		return;
	put_tokens(&p, s);
	put_lengths(&p, s);
	put_cuts(&p, s);
}
