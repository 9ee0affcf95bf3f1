#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run every test of a build folder and add up: tests/run.sh build/release
# Suites speak TAP: "ok", "not ok", "# SKIP".  Prints what failed, and last the
# one line: N passed, N failed, N skipped
set -u
B=$1
export LC_ALL=C.UTF-8 TZ=UTC TURNLINT_BIN="$PWD/$B/turnlint" BUILD="$PWD/$B"
export CMOCKA_MESSAGE_OUTPUT=TAP
export LSAN_OPTIONS="suppressions=$PWD/tests/lsan.supp:print_suppressions=0"
unset NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE TURNLINT_CONFIG
log=$B/tests/log
mkdir -p "$log"
passed=0 failed=0 skipped=0

run() { # name command...
	name=$1; shift
	"$@" >"$log/$name" 2>&1 </dev/null
	status=$?
	# cmocka writes "not ok 1 # SKIP name".
	sed -i 's/^not \(ok.*# SKIP\)/\1/' "$log/$name"
	p=$(grep -cE '^ok' "$log/$name")
	s=$(grep -cE '^ok.*# SKIP' "$log/$name")
	f=$(grep -cE '^not ok' "$log/$name")
	[ $status -eq 0 ] || [ "$f" -gt 0 ] || f=1
	passed=$((passed + p - s)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ "$f" -gt 0 ]; then
		echo "FAILED $name (status $status), the log is $log/$name:"
		grep -vE '^ok' "$log/$name" | tail -n 60
	elif [ "$s" -gt 0 ]; then
		echo "$name: $p"
		sed -n 's/^ok[ 0-9-]*\(.*\)# SKIP/  skipped: \1/p' "$log/$name" | head -5
	else
		echo "$name: $p"
	fi
}

for t in tests/unit/test_*.c; do
	n=$(basename "$t" .c)
	run "$n" "$B/tests/unit/$n"
done
for t in tests/*/run.sh tests/*/run.py; do
	case $t in
	tests/fuzz/run.sh | tests/bench/run.sh) continue ;;
	esac
	[ -x "$t" ] && run "$(basename "$(dirname "$t")")" "$t" "$B"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
