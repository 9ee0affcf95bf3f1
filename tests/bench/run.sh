#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Speed as ratios against peers in the same run: tests/bench/run.sh build/release
# A peer that is not installed is named as skipped.  Places of real inputs:
# TURNLINT_DATA (datasets/, tokenizers/), TURNLINT_NPM (a node_modules folder).
set -u
cd "$(dirname "$0")/../.." || exit 2
B=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8

python3 tests/bench/make_data.py "$work/chat.jsonl" 60 || exit 1
echo "== JSON: structure alone, against bare cJSON =="
"$B/tests/bench/bench_json" "$work/chat.jsonl" "$B/turnlint"
for b in tests/bench/bench_*.sh; do
	[ -x "$b" ] || continue
	echo
	"$b" "$B" "$work"
done
