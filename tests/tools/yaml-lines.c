/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml-lines - speaks JSON lines, so that a reference can be compared with this
 * program: a YAML text as a JSON string in, {"value"} or {"error"} out.
 */
#include <turnlint/buf.h>
#include <turnlint/yaml.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
put_answer(struct tl_arena *a, struct tl_buf *b, tl_str line)
{
	const struct tl_json *root;
	struct tl_json_doc doc;
	struct tl_error err;

	if (tl_json_parse(a, line, &doc) != TL_OK ||
	    !tl_json_is(doc.root, TL_JSON_STRING)) {
		tl_buf_puts(b, "{\"error\":\"bad line\"}\n");
	} else if (tl_yaml_parse(a, doc.root->text, &root, &err) != TL_OK) {
		tl_buf_printf(
		    b, "{\"line\":%zu,\"column\":%zu,", err.line, err.column);
		tl_buf_puts(b, "\"error\":");
		tl_json_put_string(b, tl_str_from(err.message));
		tl_buf_puts(b, "}\n");
	} else {
		tl_buf_puts(b, "{\"value\":");
		tl_json_put(b, root);
		tl_buf_puts(b, "}\n");
	}
}

int
main(void)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		struct tl_buf b;

		tl_arena_reset(a);
		tl_buf_init(&b, a, 0);
		put_answer(a, &b, tl_str_trim((tl_str){ line, (size_t)len }));
		(void)fwrite(b.ptr, 1, b.len, stdout);
	}
	free(line);
	tl_arena_free(a);
	return 0;
}
