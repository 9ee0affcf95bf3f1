/* SPDX-License-Identifier: Apache-2.0 */
/* What terminfo says of a terminal.  Apart from screen.c because <term.h>
 * defines hundreds of everyday words as macros. */
#include "view/screen.h"

#include <curses.h>
#include <term.h>

bool
tl_screen_knows(const char *term, int fd)
{
	int err;
	const char *move;
	bool can_move;

	if (setupterm(term, fd, &err) != OK)
		return false;
	move = tigetstr("cup");
	can_move = move != NULL && move != (const char *)-1;
	del_curterm(cur_term);
	return can_move;
}
