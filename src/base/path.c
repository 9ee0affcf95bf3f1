/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/buf.h>
#include <turnlint/path.h>
#include <turnlint/str.h>

#include <stdlib.h>
#include <unistd.h>

/* Append the parts of path to an absolute one, resolving "." and "..". */
static void
append_parts(struct tl_buf *b, tl_str path)
{
	for (size_t i = 0; i <= path.len;) {
		size_t end = tl_str_find_char(path, '/', i);
		tl_str part = tl_str_slice(path, i, end);

		i = end == TL_NPOS ? path.len + 1 : end + 1;
		if (part.len == 0 || tl_str_eq(part, TL_STR(".")))
			continue;
		if (tl_str_eq(part, TL_STR(".."))) {
			while (b->len > 0 && b->ptr[b->len - 1] != '/')
				b->len--;
			b->len -= b->len > 0;
			continue;
		}
		tl_buf_putc(b, '/');
		tl_buf_put(b, part);
	}
}

const char *
tl_path_absolute(struct tl_arena *a, const char *path)
{
	char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	if (here != NULL)
		append_parts(&b, tl_str_from(here));
	free(here);
	append_parts(&b, tl_str_from(path));
	if (b.len == 0)
		tl_buf_putc(&b, '/');
	tl_buf_putc(&b, '\0');
	return b.ptr;
}
