/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "git/repo.h"

enum tl_status
tl_cli_reader(struct tl_arena *a, const char *path, struct tl_reader **out,
    struct tl_error *err)
{
	tl_str name = tl_str_from(path);
	enum tl_status st = tl_reader_open(a, name, out, err);
	tl_str data;

	if (st != TL_OK || !tl_reader_file(*out)->is_lfs_pointer)
		return st;
	/* Not fetched: the pointer's reader stays, GIT001 tells. */
	if (tl_lfs_follow(a, path, &data, NULL) != TL_OK)
		return TL_OK;
	return tl_reader_open_mem(a, name, data, out, err);
}
