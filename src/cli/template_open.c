/* SPDX-License-Identifier: Apache-2.0 */
/* A template by name, file, tokenizer folder or GGUF file, with the special
 * tokens that stand beside it. */
#include "cli/template.h"
#include "lint/lint.h"

#include <sys/stat.h>

/* The one called default, else the first. */
static bool
compile_source(struct tl_arena *a, const char *what,
    const struct tl_template_site *site, struct tl_template **out,
    struct tl_error *err)
{
	const struct tl_template_source *s = &site->sources[0];

	for (size_t i = 0; i < site->nsources; i++)
		if (tl_str_eq(site->sources[i].name, TL_STR("default"))) {
			s = &site->sources[i];
			break;
		}
	return tl_template_compile(a, tl_str_from(what), s->text, out, err) ==
	    TL_OK;
}

struct tl_template *
tl_cli_template_open(
    struct tl_cli *cli, const char *what, struct tl_special_tokens *tokens)
{
	struct tl_arena *a = cli->arena;
	struct tl_template_site site = { 0 };
	struct tl_template *t;
	struct tl_error err;
	struct stat st;
	bool is_there = stat(what, &st) == 0;
	bool is_gguf = tl_str_ends(tl_str_from(what), TL_STR(".gguf"));

	*tokens = (struct tl_special_tokens){ 0 };
	if (is_there && S_ISDIR(st.st_mode))
		tl_template_site_open(a, what, &site);
	else if (is_there)
		tl_template_site_of(a, what, &site);
	*tokens = site.tokens;
	if (!(is_there && is_gguf) &&
	    tl_template_load(a, what, &t, &err) == TL_OK) {
		/* A built-in of that name goes before a file. */
		if (tl_template_tokens(t).eos.ptr != NULL)
			*tokens = (struct tl_special_tokens){ 0 };
		return t;
	}
	if (site.nsources > 0 && compile_source(a, what, &site, &t, &err))
		return t;
	if (is_there && is_gguf && site.nsources == 0)
		tl_cli_fail(cli, "%s: it holds no chat template", what);
	else
		tl_cli_fail_error(cli, what, &err);
	return NULL;
}
