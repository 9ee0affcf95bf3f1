/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert.h - a conversation as a record of another format.
 */
#ifndef TURNLINT_CLI_CONVERT_H
#define TURNLINT_CLI_CONVERT_H

#include "cli/cli.h"

struct convert_cx {
	struct tl_buf *out;
	struct tl_arena *arena;
	bool to_sharegpt;
	/* Why it cannot be done, and the value that stands in the way or
	 * NULL. */
	const char *why;
	const struct tl_json *node;
};

/* Put conv and what else stands in the record root on one line.  `of` is the
 * conversation that root was read as: conv itself, unless conv was found in its
 * text.  False when something would be lost; out is then to be cut. */
bool convert_put(struct convert_cx *cx, const struct tl_json *root,
    const struct tl_conv *conv, const struct tl_conv *of);

/* What an issue means for the conversion. */
const char *convert_issue(struct tl_arena *a, const struct tl_issue *issue);

#endif
