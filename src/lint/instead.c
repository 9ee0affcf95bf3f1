/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering what is not in the data, to explain what is. */
#include <turnlint/rule.h>

#include <string.h>

bool
tl_render_instead(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    size_t n, struct tl_render *out)
{
	const struct tl_recipe *recipe = cx->facts->recipe;

	memset(out, 0, sizeof(*out));
	if (recipe == NULL || recipe->template_ == NULL)
		return false;
	tl_template_render(recipe->template_, cx->arena, conv, n,
	    &recipe->render_options, out);
	return out->fault == TL_RENDER_OK;
}
