#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The completion scripts: they parse, and bash completes what the tables say.
set -u
cd "$(dirname "$0")/../.." || exit 2
turnlint=$1/turnlint
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

for shell in bash zsh fish; do
	"$turnlint" completion $shell >"$work/$shell"
	if ! command -v $shell >/dev/null 2>&1; then
		echo "ok - $shell parses its script # SKIP no $shell here"
	elif $shell -n "$work/$shell"; then
		echo "ok - $shell parses its script"
	else
		echo "not ok - $shell parses its script"
		status=1
	fi
done

. "$work/bash"
# want "the words expected" typed words...
want() {
	local expected=$1
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	_turnlint 2>/dev/null
	if [ "${COMPREPLY[*]}" = "$expected" ]; then
		echo "ok - bash completes: $*"
	else
		echo "not ok - bash completes: $*: got '${COMPREPLY[*]}'"
		status=1
	fi
}
touch "$work/a file.jsonl"
want "check" turnlint ch
want "--select --severity --sequence-len" turnlint check --se
want "check show init schema" turnlint config ""
want "auto always never" turnlint check --color ""
want "auto always never" turnlint --quiet check --color ""
want "always" turnlint check --color = al
want "json jsonl" turnlint check -F j
want "JSN001" turnlint check --select JSN001
want "CNT001" turnlint rule CNT001
want "openai" turnlint check --format open
want "chatml" turnlint check --template chatm
want "reference" turnlint show --trainer ref
want "$work/a file.jsonl" turnlint check "$work/a f"
exit $status
