#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy and cppcheck over our sources; mandoc over the manuals.  The lists
# of checks are in .clang-tidy and below; a finding of any of them fails.
set -u
B=$1
cd "$(dirname "$0")/.." || exit 2
bad=0
jobs=$(nproc)
pkgs='libcjson zlib libzstd oniguruma libutf8proc yaml-0.1 libgit2'
flags="-std=c17 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -DTL_VERSION=\"lint\" -Iinclude -Isrc -Itests -I$B/gen $(pkg-config --cflags $pkgs ncursesw)"

echo "clang-tidy:"
find src rules -name '*.c' | sort | xargs -P "$jobs" -n 12 sh -c '
	flags=$1; shift
	clang-tidy --quiet "$@" -- $flags' sh "$flags" >"$B/tidy.log" 2>"$B/tidy.err" || bad=1
grep -E 'warning:|error:' "$B/tidy.log" | sort -u
[ $bad -eq 0 ] && echo "  fine" || tail -5 "$B/tidy.err"

# Left out: null and zero checks, which do not see that a function never returns;
# readdir(), which is safe on a stream of one's own.
echo "cppcheck:"
if cppcheck -q -j "$jobs" --enable=warning,performance,portability \
    --std=c11 --inline-suppr --error-exitcode=1 --suppress=missingIncludeSystem \
    --suppress=nullPointerRedundantCheck --suppress=nullPointer \
    --suppress=zerodivcond --suppress=readdirCalled --library=posix \
    -Iinclude -Isrc -I"$B/gen" -DTL_VERSION='"lint"' \
    --template='{file}:{line}: {severity}: {id}: {message}' src rules; then
	echo "  fine"
else
	bad=1
fi

echo "mandoc:"
for m in man/*.[157]; do
	[ -f "$m" ] || continue
	mandoc -T lint -W style "$m" | grep -v 'referenced manual not found' | sed 's/^/  /' |
	    grep . && bad=1
done
[ $bad -eq 0 ] && echo "  fine"
exit $bad
