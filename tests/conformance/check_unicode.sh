#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tables that were committed are those that unicode.txt makes.
cd "$(dirname "$0")/../../src/tokenizer" || exit 2
if ! command -v python3 >/dev/null; then
	echo "ok 1 - unicode tables # SKIP no python3"
elif python3 unicode.py | cmp -s - unicode_tables.inc; then
	echo "ok 1 - unicode_tables.inc is what unicode.py makes"
else
	echo "not ok 1 - unicode_tables.inc is not what unicode.py makes"
fi
echo "1..1"
