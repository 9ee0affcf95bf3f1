/* SPDX-License-Identifier: Apache-2.0 */
/* FILE, FILE:LINE, FILE#ID. */
#include "cli/cli.h"

#include <unistd.h>

struct tl_target
tl_cli_target(struct tl_cli *cli, const char *arg)
{
	struct tl_target t = { .path = arg };
	tl_str s = tl_str_from(arg);
	size_t at;

	if (access(arg, F_OK) == 0)
		return t;
	/* The last ':' or '#' with an existing file before it. */
	for (at = s.len; at > 0; at--) {
		char c = arg[at - 1];
		tl_str rest = tl_str_slice(s, at, s.len);
		const char *path;

		if (c != ':' && c != '#')
			continue;
		path = tl_arena_cstr(cli->arena, tl_str_slice(s, 0, at - 1));
		if (access(path, F_OK) != 0 &&
		    !tl_str_eq(tl_str_from(path), TL_STR("-")))
			continue;
		if (c == ':' && (!tl_str_to_size(rest, &t.line) || t.line == 0))
			continue;
		if (c == '#')
			t.id = rest;
		t.path = path;
		return t;
	}
	return t;
}

bool
tl_target_matches(const struct tl_target *t, const struct tl_record *rec)
{
	if (t->id.ptr != NULL)
		return tl_str_eq(t->id, tl_record_id(rec));
	if (t->line > 0) {
		size_t nlines = 0;

		/* Most records are one line; do not walk those before it. */
		if (rec->pos.line > t->line)
			return false;
		for (size_t i = 0; i < rec->bytes.len; i++)
			nlines += rec->bytes.ptr[i] == '\n';
		return t->line <= rec->pos.line + nlines;
	}
	return true;
}
