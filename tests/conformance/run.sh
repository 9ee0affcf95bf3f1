#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compare with the reference engines: tests/conformance/run.sh BUILD
# A quick pass; FULL=1 for the long one.  Prints TAP.
set -u
B=$(cd "$1" && pwd)
cd "$(dirname "$0")" || exit 2
status=0
# The long pass brings the reference library and real tokenizers with it.
if [ "${FULL:-}" = 1 ] && [ -z "${TURNLINT_NPM:-}" ] &&
    command -v npm >/dev/null; then
	TURNLINT_NPM=$(./install.sh "$B/../npm") && export TURNLINT_NPM
fi
for check in check_*.py check_*.sh; do
	[ -x "$check" ] || continue
	"./$check" "$B" || status=1
done
exit $status
