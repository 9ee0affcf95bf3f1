#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Print BLOB(…) for each template named: what src/template/builtin.c is made
# of.  A template begins with a comment that has a line
# "turnlint: bos=… eos=… pad=… unk=… stop=…" and ends with its summary.  A + in
# the name of a file is the colon behind the name of a framework.
set -eu

field() { # file key
	sed -n "s/^ *turnlint:.* $2=\([^ ]*\).*/\1/p" "$1"
}
token() { # file key
	v=$(field "$1" "$2")
	if [ -n "$v" ]; then echo "TL_LIT(\"$v\"),"; else echo "NO_TOKEN,"; fi
}
for f; do
	name=$(basename "$f" .jinja | tr + :)
	printf 'BLOB("%s", %s,\n' "$name" "$(echo "$name" | tr -c 'a-z0-9\n' _)"
	sed -n 's/^ *\(.*\) -#}$/"\1",/p' "$f" | head -1
	for key in bos eos pad unk; do token "$f" $key; done
	printf '"%s",\n' "$(field "$f" stop)"
	od -An -v -tx1 "$f" | sed 's/ \(..\)/0x\1,/g'
	echo '0)'
done
