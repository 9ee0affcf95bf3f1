/* SPDX-License-Identifier: Apache-2.0 */
/* Built only as long as src/template/ has no sources: lets the program link
 * while that room is being written.  NEEDSWORK: goes with its arrival. */
#include <turnlint/template.h>

enum tl_status
tl_template_compile(struct tl_arena *a, tl_str name, tl_str source,
    struct tl_template **out, struct tl_error *err)
{
	(void)a;
	(void)name;
	(void)source;
	(void)out;
	return tl_fail(err, TL_EUNSUPPORTED, "templates are not built in");
}

enum tl_status
tl_template_load(struct tl_arena *a, const char *what, struct tl_template **out,
    struct tl_error *err)
{
	return tl_template_compile(
	    a, tl_str_from(what), tl_str_from(what), out, err);
}

struct tl_special_tokens
tl_template_tokens(const struct tl_template *t)
{
	(void)t;
	return (struct tl_special_tokens){ 0 };
}

void
tl_template_render(const struct tl_template *t, struct tl_arena *a,
    const struct tl_conv *conv, size_t nturns,
    const struct tl_render_options *opt, struct tl_render *out)
{
	(void)t;
	(void)a;
	(void)conv;
	(void)nturns;
	(void)opt;
	*out = (struct tl_render){ .fault = TL_RENDER_ERROR };
}

tl_str
tl_template_name(const struct tl_template *t)
{
	(void)t;
	return TL_STR("");
}
