/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - findings and summaries as JSON objects, for every JSON format.
 */
#ifndef TURNLINT_REPORT_JSON_H
#define TURNLINT_REPORT_JSON_H

#include <turnlint/report.h>

void tl_report_put_finding(struct tl_buf *b, const struct tl_finding *f);
void tl_report_put_summary(
    struct tl_buf *b, const struct tl_summary *s, const char *version);

#endif
