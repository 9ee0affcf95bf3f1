#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The direction of includes: a room sees include/turnlint/, itself, and the
# rooms listed for it; a foreign header stands in one room only.  Rules see
# include/ alone.
set -u
cd "$(dirname "$0")/.." || exit 2
bad=0

say() {
	echo "$1"
	bad=1
}

allowed() { # room -> rooms it may include
	case $1 in
	base) echo base ;;
	json) echo base json ;;
	yaml) echo base json yaml ;;
	io) echo base json io ;;
	dataset) echo base json dataset ;;
	template) echo base json template ;;
	tokenizer) echo base json tokenizer ;;
	trainer) echo base json dataset template tokenizer trainer ;;
	lint) echo base json io dataset template tokenizer trainer lint ;;
	setup) echo base json setup ;;
	report) echo base json report ;;
	git) echo base git ;;
	diff) echo base json git diff ;;
	view) echo base json io dataset template tokenizer trainer lint report git diff view ;;
	cli) echo base json io dataset template tokenizer trainer lint setup report git diff view cli ;;
	esac
}

foreign() { # header -> the rooms that may include it
	case $1 in
	cJSON.h | cjson/*) echo json ;;
	git2.h | git2/*) echo git ;;
	ncurses* | curses*) echo view ;;
	oniguruma.h) echo tokenizer ;;
	utf8proc.h) echo base template ;;
	yaml.h) echo yaml ;;
	zlib.h | zstd.h) echo io ;;
	*) echo any ;;
	esac
}

for f in $(find src include rules -name '*.[ch]'); do
	case $f in
	include/*) room=include ;;
	rules/*) room=rules ;;
	*) room=${f#src/}; room=${room%%/*} ;;
	esac
	for inc in $(sed -n 's/^#[ ]*include[ ]*["<]\([^">]*\)[">].*/\1/p' "$f"); do
		case $inc in turnlint/*) continue ;; esac
		if [ -d "src/${inc%%/*}" ] && [ "$inc" != "${inc#*/}" ]; then
			case " $(allowed $room) " in
			*" ${inc%%/*} "*) ;;
			*) say "$f: $room may not include $inc" ;;
			esac
			continue
		fi
		where=$(foreign "$inc")
		case " $where " in
		*" any "* | *" $room "*) ;;
		*) say "$f: $inc belongs to $where alone" ;;
		esac
		[ $room != rules ] || [ -f "include/$inc" ] ||
		    case $inc in std*.h | string.h | inttypes.h | limits.h | float.h | math.h) ;;
		    *) say "$f: a rule sees <turnlint/…> and the C library alone" ;;
		    esac
	done
done
for h in include/turnlint/*.h; do
	echo "#include <turnlint/$(basename "$h")>" |
	    ${CC:-cc} -std=c17 -Wall -Wextra -Werror -Iinclude -xc -fsyntax-only - ||
	    say "$h does not compile alone"
done
for f in $(git ls-files '*.c' '*.h' '*.sh' '*.py' Makefile 2>/dev/null); do
	[ ! -f "$f" ] || head -3 "$f" | grep -q SPDX-License-Identifier || say "$f: no SPDX line"
done
[ $bad -eq 0 ] && echo "includes: fine"
exit $bad
