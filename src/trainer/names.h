/* SPDX-License-Identifier: Apache-2.0 */
/* names.h - errors about a name that is not in a list. */
#ifndef TRAINER_NAMES_H
#define TRAINER_NAMES_H

#include <turnlint/template.h>

/* "unknown <kind> "x"; did you mean "y"?", or the known names when none is
 * near.  Returns TL_ECONFIG.  `a` is for working memory. */
enum tl_status tl_fail_unknown(struct tl_arena *a, struct tl_error *err,
    const char *kind, tl_str value, const char *const *names, size_t n);

/* The built-in template that renders as the framework's own of that name does
 * ("llamafactory:qwen"), for what looks at the rendered text; NULL when there
 * is none. */
const struct tl_template *tl_template_of(
    struct tl_arena *a, const char *framework, tl_str name);

#endif
