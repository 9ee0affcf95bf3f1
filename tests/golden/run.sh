#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Golden tests: tests/golden/<area>/<case>/cmd holds shell lines that call
# "turnlint"; they run in the top of the source tree with $CASE naming the
# case's folder and $TMP an empty one.  stdout, stderr and the exit status must
# equal <case>/expected.  UPDATE=1 rewrites the expectations.
set -u
cd "$(dirname "$0")/../.." || exit 2
bin=${1:-build/release}
[ -d "$bin" ] && bin=$bin/turnlint
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8 TZ=UTC COLUMNS=80 TERM=dumb
unset NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE TURNLINT_CONFIG CI
mkdir "$work/bin" && ln -s "$bin" "$work/bin/turnlint"
PATH=$work/bin:$PATH
status=0
for cmd in tests/golden/*/*/cmd; do
	[ -f "$cmd" ] || continue
	CASE=$(dirname "$cmd")
	TMP=$work/tmp
	export CASE TMP
	rm -rf "$TMP" && mkdir "$TMP"
	sh "$cmd" >"$work/out" 2>"$work/err" </dev/null
	rc=$?
	{ cat "$work/out"; sed 's/^/stderr: /' "$work/err"; echo "status: $rc"; } |
	    sed "s|$work|TMP|g" >"$work/got"
	if [ -n "${UPDATE:-}" ]; then
		cp "$work/got" "$CASE/expected"
	fi
	if diff -u "$CASE/expected" "$work/got" >"$work/diff" 2>&1; then
		echo "ok - $CASE"
	else
		status=1
		echo "not ok - $CASE"
		sed 's/^/# /' "$work/diff" | head -40
	fi
done
exit $status
