#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fuzz every target of build folder $1 for $2 seconds.  What is found stays in
# <build>/crash-*; new inputs go to <build>/corpus, not into the repository.
cd "$(dirname "$0")/../.." || exit 1
build=$1
seconds=${2:-60}
failed=0

for target in "$build"/tests/fuzz/fuzz_*; do
	case $target in
	*.*) continue ;;
	esac
	name=${target##*/fuzz_}
	mkdir -p "$build/corpus/$name"
	echo "fuzz $name for $seconds s"
	"$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
	    -artifact_prefix="$build/crash-$name-" "$build/corpus/$name" \
	    "tests/fuzz/corpus/$name" >"$build/fuzz-$name.log" 2>&1 || {
		tail -20 "$build/fuzz-$name.log"
		failed=1
	}
	tail -1 "$build/fuzz-$name.log"
done
exit $failed
