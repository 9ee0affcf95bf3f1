#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each fuzz target on its corpus.  $1 is the build folder.
cd "$(dirname "$0")/../.." || exit 1

for replay in "$1"/tests/fuzz/replay_*; do
	case $replay in
	*.*) continue ;;
	esac
	name=${replay##*/replay_}
	corpus=tests/fuzz/corpus/$name
	if ! [ -d "$corpus" ]; then
		echo "not ok - replay $name: $corpus is missing"
	elif find "$corpus" -type f -print0 | sort -z |
	    xargs -0 "$replay" 2>/tmp/replay.$$; then
		echo "ok - replay $name"
	else
		sed 's/^/# /' /tmp/replay.$$
		echo "not ok - replay $name"
	fi
	rm -f /tmp/replay.$$
done
