/* SPDX-License-Identifier: Apache-2.0 */
/* turnlint template list: what --template knows by name. */
#include "cli/template.h"

#include <turnlint/profile.h>

#include <string.h>

#define WIDTH 80

/* The other names of a built-in, wrapped, behind `indent` spaces. */
static void
put_aliases(
    struct tl_buf *b, const struct tl_template_builtin *t, size_t indent)
{
	size_t n, at = 0;
	const struct tl_template_alias *list = tl_template_aliases(&n);

	for (size_t i = 0; i < n; i++) {
		tl_str name = tl_str_from(list[i].name);

		if (!tl_str_eq(
			tl_str_from(list[i].builtin), tl_str_from(t->name)))
			continue;
		if (at == 0) {
			tl_buf_pad(b, ' ', indent);
			tl_buf_puts(b, "also");
			at = indent + 4;
		} else if (at + 1 + name.len > WIDTH) {
			tl_buf_putc(b, '\n');
			tl_buf_pad(b, ' ', indent + 4);
			at = indent + 4;
		}
		tl_buf_printf(b, " %s", list[i].name);
		at += 1 + name.len;
	}
	if (at > 0)
		tl_buf_putc(b, '\n');
}

/* What else than turns of user and assistant it prints, as probes show. */
static void
put_takes(struct tl_cli *cli, const struct tl_template_builtin *t, bool is_json)
{
	static const struct {
		enum tl_profile_fact fact;
		const char *what;
	} asks[] = {
		{ TL_PF_SYSTEM, "system" },
		{ TL_PF_TOOLS, "tools" },
		{ TL_PF_CALL_OBJECT, "tool calls" },
		{ TL_PF_RESULT, "tool results" },
		{ TL_PF_REASONING, "reasoning" },
	};
	struct tl_buf *b = &cli->out;
	struct tl_arena *a = tl_arena_new_like(cli->arena);
	const struct tl_profile *p = NULL;
	struct tl_template *loaded;
	struct tl_error err;
	const char *before = "";

	if (tl_template_load(a, t->name, &loaded, &err) == TL_OK)
		p = tl_profile_make(a, loaded, NULL);
	for (size_t i = 0; p != NULL && i < TL_COUNT(asks); i++) {
		enum tl_fate fate = p->facts[asks[i].fact].fate;

		if (fate != TL_FATE_KEPT && fate != TL_FATE_STRIPPED &&
		    fate != TL_FATE_ALTERED)
			continue;
		tl_buf_printf(
		    b, is_json ? "%s\"%s\"" : "%s%s", before, asks[i].what);
		before = is_json ? "," : ", ";
	}
	if (*before == '\0' && !is_json)
		tl_buf_puts(b, "user and assistant alone");
	tl_arena_free(a);
}

/* "llama" of llama-3.1, "fastchat" of fastchat:alpaca. */
static tl_str
family_of(const struct tl_template_builtin *t)
{
	return tl_str_slice(tl_str_from(t->name), 0, strcspn(t->name, "-:"));
}

static void
put_row(struct tl_cli *cli, const struct tl_template_builtin *t, size_t width)
{
	struct tl_buf *b = &cli->out;
	size_t len = tl_str_from(t->name).len;

	tl_buf_printf(b, "%s", t->name);
	tl_buf_pad(b, ' ', width - len + 2);
	tl_buf_printf(b, "%s\n", t->summary);
	tl_buf_pad(b, ' ', width + 2);
	if (*t->stop != '\0')
		tl_buf_printf(b, "ends a turn with %s", t->stop);
	else
		tl_buf_puts(b, "ends a turn with nothing");
	if (t->tokens.bos.ptr != NULL) {
		tl_buf_puts(b, ", bos ");
		tl_buf_put_escaped(b, t->tokens.bos);
	}
	if (t->tokens.eos.ptr != NULL) {
		tl_buf_puts(b, ", eos ");
		tl_buf_put_escaped(b, t->tokens.eos);
	}
	tl_buf_putc(b, '\n');
	tl_buf_pad(b, ' ', width + 2);
	tl_buf_puts(b, "takes ");
	put_takes(cli, t, false);
	tl_buf_putc(b, '\n');
	put_aliases(b, t, width + 2);
}

static void
put_member(struct tl_buf *b, const char *key, tl_str value)
{
	tl_buf_printf(b, ",\"%s\":", key);
	if (value.ptr != NULL)
		tl_json_put_string(b, value);
	else
		tl_buf_puts(b, "null");
}

static void
put_json_aliases(struct tl_buf *b, const struct tl_template_builtin *t)
{
	size_t n;
	const struct tl_template_alias *list = tl_template_aliases(&n);
	bool is_first = true;

	tl_buf_puts(b, ",\"aliases\":[");
	for (size_t i = 0; i < n; i++) {
		if (!tl_str_eq(
			tl_str_from(list[i].builtin), tl_str_from(t->name)))
			continue;
		tl_buf_puts(b, is_first ? "" : ",");
		tl_json_put_string(b, tl_str_from(list[i].name));
		is_first = false;
	}
	tl_buf_putc(b, ']');
}

static void
put_json(struct tl_cli *cli, const struct tl_template_builtin *t)
{
	struct tl_buf *b = &cli->out;

	tl_buf_puts(b, "{\"name\":");
	tl_json_put_string(b, tl_str_from(t->name));
	put_member(b, "family", family_of(t));
	put_member(b, "summary", tl_str_from(t->summary));
	put_member(b, "bos", t->tokens.bos);
	put_member(b, "eos", t->tokens.eos);
	put_member(b, "pad", t->tokens.pad);
	put_member(b, "unk", t->tokens.unk);
	put_member(
	    b, "stop", *t->stop != '\0' ? tl_str_from(t->stop) : (tl_str){ 0 });
	tl_buf_puts(b, ",\"takes\":[");
	put_takes(cli, t, true);
	tl_buf_putc(b, ']');
	put_json_aliases(b, t);
	tl_buf_puts(b, "}\n");
}

static void
put_all(struct tl_cli *cli, const struct tl_template_builtin *list, size_t n)
{
	size_t width = 0;

	for (size_t i = 0; i < n; i++) {
		size_t len = tl_str_from(list[i].name).len;

		width = len > width ? len : width;
	}
	for (size_t i = 0; i < n; i++) {
		if (tl_cli_template_jsonl(cli))
			put_json(cli, &list[i]);
		else
			put_row(cli, &list[i], width);
	}
}

int
tl_cli_template_list(struct tl_cli *cli)
{
	size_t n, nframeworks;
	const struct tl_template_builtin *list = tl_template_builtins(&n);
	const struct tl_template_builtin *frameworks =
	    tl_template_frameworks(&nframeworks);

	if (cli->nargs > 1)
		return tl_cli_fail(
		    cli, "template list takes no '%s'", cli->args[1]);
	put_all(cli, list, n);
	put_all(cli, frameworks, nframeworks);
	return TL_EXIT_CLEAN;
}
