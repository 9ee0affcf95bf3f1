/* SPDX-License-Identifier: Apache-2.0 */
/* path.h - paths as texts. */
#ifndef TURNLINT_PATH_H
#define TURNLINT_PATH_H

#include <turnlint/arena.h>

/* path from the root on, "." and ".." resolved in the text: no link is
 * followed.  Lives in `a`. */
const char *tl_path_absolute(struct tl_arena *a, const char *path)
    __attribute__((returns_nonnull));

#endif
