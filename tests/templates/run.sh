#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# samples/templates: for each rule about templates a bad one, which the rule
# reports, and a good one, in which no rule finds an error or a warning.
set -u
cd "$(dirname "$0")/../.." || exit 2
bin=${1:-build/release}
case $bin in /*) ;; *) bin=$PWD/$bin ;; esac
got=$(mktemp)
trap 'rm -f "$got"' EXIT
status=0

# check NAME CODE: its findings, as "CODE severity", in $got
check()
{
	case $2 in
	TPL026) set -- "$1" "$2" -T samples/tokenizers/bpe-mini ;;
	esac
	path=$1
	shift 2
	"$bin/turnlint" template check -F jsonl "$@" "$path" 2>&1 |
	    sed -n 's/^{"code":"\([A-Z0-9]*\)".*"severity":"\([a-z]*\)".*/\1 \2/p' \
	    >"$got"
}

result()
{
	if [ "$1" = 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		sed 's/^/# /' "$got"
		status=1
	fi
}

n=0
for path in samples/templates/tpl*; do
	name=$(basename "$path" .jinja)
	code=$(echo "$name" | sed 's/^tpl\([0-9]*\).*/TPL\1/')
	check "$path" "$code"
	case $name in
	*.bad)
		n=$((n + 1))
		grep -q "^$code " "$got"
		result $? "$name: $code is reported"
		;;
	*.good)
		! grep -q "^$code " "$got"
		result $? "$name: $code is not"
		! grep -q -e error -e warning "$got"
		result $? "$name: nor is anything else"
		;;
	*)
		result 1 "$name: neither bad nor good"
		;;
	esac
done
rules=$(find rules/tpl -name '*.c' | wc -l)
: >"$got"
[ "$n" -eq "$rules" ]
result $? "every rule has its samples: $n of $((rules))"
exit $status
