/* SPDX-License-Identifier: Apache-2.0 */
#include "template/internal.h"

struct paddle {
	int x;
};

bool
tl_paddle_is(const struct tl_json *root)
{
	(void)root;
	return false;
}

enum tl_status
tl_paddle_compile(struct tl_arena *a, const struct tl_json_doc *doc,
    const struct paddle **out, struct tl_error *err)
{
	(void)a;
	(void)doc;
	(void)out;
	return tl_fail(err, TL_EUNSUPPORTED, "not yet");
}

void
tl_paddle_render(const struct paddle *p, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out)
{
	(void)p;
	(void)a;
	(void)conv;
	(void)nturns;
	(void)opt;
	*out = (struct tl_render){ .fault = TL_RENDER_INPUT };
}
