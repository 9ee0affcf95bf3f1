/* SPDX-License-Identifier: Apache-2.0 */
/* stats --output-format json. */
#include "cli/stats.h"

static const unsigned percentiles[] = { 1, 5, 25, 50, 75, 90, 95, 99 };

static void
put_string(struct tl_buf *b, const char *key, tl_str s)
{
	tl_buf_printf(b, "\"%s\":", key);
	if (s.ptr != NULL)
		tl_json_put_string(b, s);
	else
		tl_buf_puts(b, "null");
}

static void
put_recipe(struct tl_buf *b, const struct tl_recipe *r)
{
	tl_str none = { NULL, 0 };

	tl_buf_puts(b, "\"recipe\":{");
	put_string(b, "template",
	    r->template_ != NULL ? tl_template_name(r->template_) : none);
	tl_buf_putc(b, ',');
	put_string(b, "tokenizer",
	    r->tokenizer != NULL ? tl_tokenizer_name(r->tokenizer) : none);
	tl_buf_putc(b, ',');
	put_string(b, "trainer", tl_str_from(r->trainer->name));
	tl_buf_printf(b, ",\"sequence_len\":%zu}", r->sequence_len);
}

static void
put_verdicts(struct tl_buf *b, const struct stats *s)
{
	tl_buf_puts(b, "\"verdicts\":{");
	for (size_t i = 0; i < TL_COUNT(s->nverdicts); i++)
		tl_buf_printf(b, "\"%s\":%zu,",
		    tl_verdict_name((enum tl_verdict)i), s->nverdicts[i]);
	tl_buf_printf(b, "\"unreadable\":%zu}", s->nunreadable);
}

static void
put_losses(struct tl_buf *b, const struct stats *s)
{
	tl_buf_puts(b, "\"losses\":[");
	for (size_t i = 0; i < s->nlosses; i++) {
		const struct stats_loss *l = &s->losses[i];

		tl_buf_puts(b, i > 0 ? ",\n{" : "\n{");
		put_string(b, "verdict", l->what);
		tl_buf_putc(b, ',');
		put_string(b, "reason", l->why);
		tl_buf_printf(b, ",\"records\":%zu,\"first\":{", l->n);
		put_string(b, "path", tl_str_from(l->path));
		tl_buf_printf(b, ",\"line\":%zu}}", l->line);
	}
	tl_buf_putc(b, ']');
}

static void
put_shares(struct tl_buf *b, const struct stats *s)
{
	tl_buf_puts(b, "\"speakers\":{");
	for (int i = 0; i < STATS_NSPEAKERS; i++)
		tl_buf_printf(b, "%s\"%s\":{\"tokens\":%llu,\"trained\":%llu}",
		    i > 0 ? "," : "", stats_speaker_name(i),
		    (unsigned long long)s->shares[i].ntokens,
		    (unsigned long long)s->shares[i].ntrained);
	tl_buf_putc(b, '}');
}

static void
put_lengths(struct tl_buf *b, const struct stats *s)
{
	tl_buf_printf(b, "\"lengths\":{\"records\":%zu,\"min\":%u,\"max\":%u,",
	    s->nlengths, s->nlengths > 0 ? s->lengths[0] : 0,
	    s->nlengths > 0 ? s->lengths[s->nlengths - 1] : 0);
	tl_buf_printf(b, "\"mean\":%.2f,\"percentiles\":{",
	    s->nlengths > 0 ? (double)s->ntokens / (double)s->nlengths : 0);
	for (size_t i = 0; i < TL_COUNT(percentiles); i++)
		tl_buf_printf(b, "%s\"%u\":%zu", i > 0 ? "," : "",
		    percentiles[i], stats_percentile(s, percentiles[i]));
	tl_buf_puts(b, "}}");
}

static void
put_cuts(struct tl_buf *b, const struct stats *s)
{
	tl_buf_puts(b, "\"sequence_lengths\":[");
	for (size_t i = 0; i < STATS_NLENGTHS; i++) {
		const struct stats_cut *c = &s->cuts[i];

		tl_buf_printf(b,
		    "%s{\"length\":%zu,\"records_cut\":%zu,"
		    "\"records_untrained\":%zu,\"tokens_lost\":%llu,"
		    "\"trained_lost\":%llu}",
		    i > 0 ? ",\n" : "\n", c->length, c->nover, c->nblank,
		    (unsigned long long)c->ntokens,
		    (unsigned long long)c->ntrained);
	}
	tl_buf_putc(b, ']');
}

void
stats_print_json(
    struct tl_cli *cli, const struct stats *s, const struct tl_recipe *r)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b, "{\"schema\":\"turnlint-stats/1\",");
	put_recipe(b, r);
	tl_buf_printf(b, ",\n\"records\":%zu,", s->nrecords);
	put_verdicts(b, s);
	tl_buf_printf(b,
	    ",\n\"tokens\":%llu,\"tokens_kept\":%llu,\"trained\":%llu,\n",
	    (unsigned long long)s->ntokens, (unsigned long long)s->nkept,
	    (unsigned long long)s->ntrained);
	put_shares(b, s);
	tl_buf_puts(b, ",\n");
	put_lengths(b, s);
	tl_buf_puts(b, ",\n");
	put_cuts(b, s);
	tl_buf_puts(b, ",\n");
	put_losses(b, s);
	tl_buf_puts(b, "}\n");
}
