#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual: every page passes mandoc -T lint.
set -u
cd "$(dirname "$0")/../.." || exit 2
turnlint=$1/turnlint
status=0
if ! command -v mandoc >/dev/null 2>&1; then
	echo "ok - manual pages # SKIP no mandoc here"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp man/*.[157] "$work"
for page in $("$turnlint" man); do
	"$turnlint" man "$page" >"$work/$page" || status=1
done
for page in "$work"/*; do
	name=$(basename "$page")
	# What stands on other pages is not installed where tests run.
	if mandoc -T lint -W style "$page" | grep -v 'referenced manual not found' \
	    >"$work/.log"; then
		echo "not ok - $name"
		sed "s|$work/|# |" "$work/.log"
		status=1
	else
		echo "ok - $name"
	fi
done
exit $status
