#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main job on what ships with the project: tests/demo.sh build/release/turnlint
set -u
cd "$(dirname "$0")/.." || exit 2
turnlint=$1
recipe='--template chatml --tokenizer samples/tokenizers/bpe-mini'

say() {
	printf '\n$ turnlint %s\n' "$*"
	"$turnlint" "$@"
	status=$?
}

say check $recipe samples/broken/chat.jsonl
[ $status -eq 1 ] || { echo "demo: expected findings, got status $status" >&2; exit 1; }
say check $recipe samples/clean
[ $status -eq 0 ] || { echo "demo: the clean samples are not clean" >&2; exit 1; }
say show samples/clean/train_flags.jsonl:1
[ $status -eq 0 ] || exit 1
printf '\nNext: turnlint view samples/clean/openai.jsonl   turnlint rule MSK009   turnlint --help\n'
printf '(the program is %s)\n' "$turnlint"
