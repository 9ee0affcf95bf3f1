/* SPDX-License-Identifier: Apache-2.0 */
/* One line a finding, as compilers print them: editors can jump there. */
#include "report/human.h"

static void
finding(struct tl_writer_cx *cx, const struct tl_finding *f)
{
	struct tl_buf *b = cx->out;

	tl_buf_put_escaped(b, f->path);
	tl_buf_printf(b, ":%zu:%zu: ", f->line, f->column);
	tl_human_put(cx, TL_BOLD, tl_str_from(f->rule->code));
	tl_buf_putc(b, ' ');
	tl_human_put(cx, tl_level_colour(f->level),
	    tl_str_from(tl_level_name(f->level)));
	tl_buf_putc(b, ' ');
	tl_buf_put(b, f->message);
	tl_buf_putc(b, '\n');
	cx->nwritten++;
}

static void
end(struct tl_writer_cx *cx, const struct tl_summary *s)
{
	tl_human_footer(cx, s);
}

const struct tl_writer tl_writer_concise = {
	.name = "concise",
	.summary = "path:line:column: CODE severity message",
	.finding = finding,
	.end = end,
};
