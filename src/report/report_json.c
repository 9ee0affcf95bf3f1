/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json.h"

static void
begin(struct tl_writer_cx *cx)
{
	tl_buf_puts(cx->out,
	    "{\"schema\":\"turnlint-report/1\","
	    "\"findings\":[");
}

static void
finding(struct tl_writer_cx *cx, const struct tl_finding *f)
{
	tl_buf_puts(cx->out, cx->nwritten++ > 0 ? ",\n" : "\n");
	tl_report_put_finding(cx->out, f);
}

static void
end(struct tl_writer_cx *cx, const struct tl_summary *s)
{
	tl_buf_puts(cx->out, "\n],\n\"summary\":");
	tl_report_put_summary(cx->out, s, cx->version);
	tl_buf_puts(cx->out, "}\n");
}

const struct tl_writer tl_writer_json = {
	.name = "json",
	.summary = "one JSON document with all findings and the summary",
	.is_machine = true,
	.begin = begin,
	.finding = finding,
	.end = end,
};
