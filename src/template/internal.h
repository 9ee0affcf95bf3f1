/* SPDX-License-Identifier: Apache-2.0 */
/* internal.h - what a loaded template consists of. */
#ifndef TEMPLATE_INTERNAL_H
#define TEMPLATE_INTERNAL_H

#include <turnlint/template.h>

struct jinja;
struct paddle;

struct tl_template {
	tl_str name;
	enum tl_template_kind kind;
	tl_str source;
	struct tl_special_tokens tokens; /* of a built-in's family */
	const struct jinja *jinja;
	const struct paddle *paddle;
	const struct tl_template *tool_use; /* for records with tools, or NULL
					     */
};

/* paddle.c */
enum tl_status tl_paddle_compile(struct tl_arena *a,
    const struct tl_json_doc *doc, const struct paddle **out,
    struct tl_error *err) TL_MUST_USE;
void tl_paddle_render(const struct paddle *p, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out);
/* Does a JSON object look like a chat_template.json of PaddleNLP? */
bool tl_paddle_is(const struct tl_json *root);

/* By its name or an alias. */
const struct tl_template_builtin *tl_template_find_builtin(tl_str name);
/* Why there is none for a framework's name, or NULL. */
const char *tl_template_refused(tl_str name);

#endif
