/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/selection.h"

bool
tl_cli_parse_level(tl_str s, struct tl_rule_setting *out)
{
	static const enum tl_level levels[] = { TL_LEVEL_INFO, TL_LEVEL_WARNING,
		TL_LEVEL_ERROR };

	out->is_off = tl_str_eq(s, TL_STR("off"));
	for (size_t i = 0; i < TL_COUNT(levels); i++)
		if (tl_str_eq(s, tl_str_from(tl_level_name(levels[i])))) {
			out->level = levels[i];
			return true;
		}
	return out->is_off;
}

static void
set_levels(
    struct tl_cli *cli, const struct tl_config *c, struct tl_lint_options *opt)
{
	struct tl_rule_setting *list =
	    TL_NEW(cli->arena, struct tl_rule_setting, c->severity.n);
	size_t n = 0;

	for (size_t i = 0; i < c->severity.n; i++) {
		const struct tl_config_pair *p = &c->severity.list[i];

		list[n].selector = p->name;
		if (tl_cli_parse_level(p->values.list[0], &list[n]))
			n++;
	}
	opt->levels = list;
	opt->nlevels = n;
}

static void
set_file_ignores(
    struct tl_cli *cli, const struct tl_config *c, struct tl_lint_options *opt)
{
	struct tl_file_ignore *list =
	    TL_NEW(cli->arena, struct tl_file_ignore, c->per_file_ignores.n);

	for (size_t i = 0; i < c->per_file_ignores.n; i++) {
		const struct tl_config_pair *p = &c->per_file_ignores.list[i];
		struct tl_buf b;

		tl_buf_init(&b, cli->arena, 0);
		for (size_t k = 0; k < p->values.n; k++) {
			tl_buf_put(&b, p->values.list[k]);
			tl_buf_putc(&b, ' ');
		}
		list[i].glob = p->name;
		list[i].selectors = tl_buf_str(&b);
	}
	opt->file_ignores = list;
	opt->nfile_ignores = c->per_file_ignores.n;
}

void
tl_cli_selection(
    struct tl_cli *cli, const struct tl_config *c, struct tl_lint_options *opt)
{
	*opt = (struct tl_lint_options){ 0 };
	if (c == NULL)
		return;
	opt->select = c->select.list;
	opt->nselect = c->select.n;
	opt->ignore = c->ignore.list;
	opt->nignore = c->ignore.n;
	opt->extend_select = c->extend_select.list;
	opt->nextend_select = c->extend_select.n;
	opt->use_preview = tl_str_eq(c->preview, TL_STR("true"));
	set_levels(cli, c, opt);
	set_file_ignores(cli, c, opt);
}
