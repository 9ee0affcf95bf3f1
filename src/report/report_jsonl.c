/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json.h"

static void
finding(struct tl_writer_cx *cx, const struct tl_finding *f)
{
	tl_report_put_finding(cx->out, f);
	tl_buf_putc(cx->out, '\n');
	cx->nwritten++;
}

static void
end(struct tl_writer_cx *cx, const struct tl_summary *s)
{
	tl_buf_puts(cx->out, "{\"summary\":");
	tl_report_put_summary(cx->out, s, cx->version);
	tl_buf_puts(cx->out, "}\n");
}

const struct tl_writer tl_writer_jsonl = {
	.name = "jsonl",
	.summary = "one JSON object a finding and line, the summary last",
	.is_machine = true,
	.finding = finding,
	.end = end,
};
