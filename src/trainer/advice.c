/* SPDX-License-Identifier: Apache-2.0 */
#include "advice.h"

#include <turnlint/buf.h>

const char *
tl_advised_token(struct tl_arena *a, const struct tl_sample *s, size_t k)
{
	struct tl_offset o = s->tokens.offsets[k];
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	tl_buf_putc(&b, '"');
	tl_buf_put_escaped(&b, tl_str_slice(s->render.text.str, o.beg, o.end));
	tl_buf_putc(&b, '"');
	return tl_arena_cstr(a, tl_buf_str(&b));
}

const char *
tl_advise_generation_block(struct tl_arena *a, const struct tl_recipe *r,
    const struct tl_sample *s, size_t k)
{
	(void)r;
	return tl_arena_printf(a,
	    "move %s inside the template's {%% generation %%} block",
	    tl_advised_token(a, s, k));
}
