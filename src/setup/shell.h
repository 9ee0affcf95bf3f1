/* SPDX-License-Identifier: Apache-2.0 */
/* shell.h - the arguments that a shell script gives a program. */
#ifndef SETUP_SHELL_H
#define SETUP_SHELL_H

#include "setup/setup.h"

/* Every --name of the script with its value, in order: "--name value",
 * "--name=value", and "true" for one without a value.  A value that depends on
 * what the script does not say plainly ($1, a command's output) is empty. */
void setup_read_script(struct reading *r, tl_str text, struct options *args);

#endif
