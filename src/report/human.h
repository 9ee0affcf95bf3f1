/* SPDX-License-Identifier: Apache-2.0 */
/*
 * human.h - what the formats for people share: colours, footer, table.
 */
#ifndef TURNLINT_REPORT_HUMAN_H
#define TURNLINT_REPORT_HUMAN_H

#include <turnlint/report.h>

#define TL_BOLD "\033[1m"
#define TL_DIM "\033[2m"
#define TL_BLUE "\033[34m"

/* The colour of a level, as an escape sequence. */
const char *tl_level_colour(enum tl_level level);

/* Text between a colour and the end of it, or plain. */
void tl_human_put(struct tl_writer_cx *cx, const char *colour, tl_str s);

/* "… and 12 more of CNT001", the statistics if wanted, the counts, what was
 * skipped, the trainer's verdict. */
void tl_human_footer(struct tl_writer_cx *cx, const struct tl_summary *s);

#endif
