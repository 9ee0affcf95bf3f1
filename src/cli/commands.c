/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: one file cmd_<name>.c each, listed by the build. */
#include "cli/cli.h"

#define COMMAND(id) extern const struct tl_command tl_command_##id;
#include "commands.inc"
#undef COMMAND

static const struct tl_command *const by_name[] = {
#define COMMAND(id) &tl_command_##id,
#include "commands.inc"
#undef COMMAND
};

const struct tl_command *
tl_command_find(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(by_name); i++)
		if (tl_str_eq(name, tl_str_from(by_name[i]->name)))
			return by_name[i];
	return NULL;
}

/* The place of a command in the list: how many stand before it. */
static size_t
rank(const struct tl_command *c)
{
	size_t n = 0;

	for (size_t i = 0; i < TL_COUNT(by_name); i++) {
		const struct tl_command *o = by_name[i];

		if (o->order < c->order ||
		    (o->order == c->order &&
			tl_str_cmp(tl_str_from(o->name), tl_str_from(c->name)) <
			    0))
			n++;
	}
	return n;
}

const struct tl_command *const *
tl_commands(struct tl_arena *a, size_t *n)
{
	const struct tl_command **list =
	    TL_NEW(a, const struct tl_command *, TL_COUNT(by_name));

	for (size_t i = 0; i < TL_COUNT(by_name); i++)
		list[rank(by_name[i])] = by_name[i];
	*n = TL_COUNT(by_name);
	return list;
}
