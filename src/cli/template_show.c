/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint template show: the text of a template. */
#include "cli/template.h"

static void
put_json(struct tl_cli *cli, const struct tl_template *t)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b, "{\"name\":");
	tl_json_put_string(b, tl_template_name(t));
	tl_buf_printf(b, ",\"kind\":\"%s\",\"source\":",
	    tl_template_kind(t) == TL_TEMPLATE_PADDLE ? "paddle" : "jinja");
	tl_json_put_string(b, tl_template_source(t));
	tl_buf_puts(b, "}\n");
}

/* Lines as they are; what must not reach a terminal is spelled out. */
static void
put_lines(struct tl_buf *b, tl_str text)
{
	for (size_t i = 0; i < text.len;) {
		size_t end = tl_str_find_char(text, '\n', i);

		tl_buf_put_escaped(b, tl_str_slice(text, i, end));
		tl_buf_putc(b, '\n');
		i = end == TL_NPOS ? text.len : end + 1;
	}
}

int
tl_cli_template_show(struct tl_cli *cli)
{
	int status = TL_EXIT_CLEAN;

	if (cli->nargs < 2)
		return tl_cli_fail(cli,
		    "show which template? Name one of 'turnlint template "
		    "list', or a file");
	for (size_t i = 1; i < cli->nargs; i++) {
		struct tl_special_tokens tokens;
		const struct tl_template *t =
		    tl_cli_template_open(cli, cli->args[i], &tokens);

		if (t == NULL) {
			status = TL_EXIT_FAILED;
			continue;
		}
		if (tl_cli_template_jsonl(cli))
			put_json(cli, t);
		else
			put_lines(&cli->out, tl_template_source(t));
	}
	return status;
}
