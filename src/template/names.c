/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.c - what others call the built-in templates.
 *
 * A framework's name, with its prefix, stands here only when the framework
 * renders any conversation of text that ends with an answer as the built-in
 * does.  FastChat leaves BOS to its tokenizer.
 */
#include "template/internal.h"

static const struct tl_template_alias aliases[] = {
	{ "aya", "command-r" },
	{ "command-r-plus", "command-r" },
	{ "gemma-2", "gemma" },
	{ "granite", "granite-3.3" },
	{ "mistral-nemo", "mistral-v3-tekken" },
	{ "mistral-v1", "mistral" },
	{ "olmo-2", "olmo" },
	{ "smollm2", "smollm" },
	{ "yi", "chatml" },

	{ "axolotl:aya", "command-r" },
	{ "axolotl:chatml", "chatml" },
	{ "axolotl:cohere", "command-r" },
	{ "axolotl:deepseek_v3", "deepseek-r1" },
	{ "axolotl:exaone", "exaone" },
	{ "axolotl:falcon_h1", "falcon-h1" },
	{ "axolotl:gemma", "gemma" },
	{ "axolotl:gemma3", "gemma-3" },
	{ "axolotl:gemma3n", "gemma-3" },
	{ "axolotl:llama3", "llama-3" },
	{ "axolotl:llama4", "llama-4" },
	{ "axolotl:mistral_v1", "mistral" },
	{ "axolotl:mistral_v2v3", "mistral-v3" },
	{ "axolotl:mistral_v3_tekken", "mistral-v3-tekken" },
	{ "axolotl:nemotron_h", "chatml" },
	{ "axolotl:pixtral", "mistral-v3-tekken" },
	{ "axolotl:qwen2_vl", "qwen-2.5-1m" },
	{ "axolotl:qwen3", "qwen-3" },
	{ "axolotl:qwen3_5", "qwen-3" },
	{ "axolotl:qwen_25", "qwen-2.5" },

	{ "fastchat:airoboros_v1", "vicuna" },
	{ "fastchat:vicuna_v1.1", "vicuna" },

	{ "llamafactory:chatml", "chatml" },
	{ "llamafactory:deepseek3", "deepseek-v3" },
	{ "llamafactory:gemma", "llamafactory-gemma" },
	{ "llamafactory:gemma2", "llamafactory-gemma" },
	{ "llamafactory:gemma3", "llamafactory-gemma" },
	{ "llamafactory:granite3", "granite-3" },
	{ "llamafactory:llama2", "llama-2-verbatim" },
	{ "llamafactory:llama3", "llama-3-verbatim" },
	{ "llamafactory:llava_next_mistral", "llamafactory-mistral" },
	{ "llamafactory:llava_next_qwen", "qwen-2.5-1m" },
	{ "llamafactory:llava_next_yi", "chatml" },
	{ "llamafactory:ministral", "llamafactory-ministral" },
	{ "llamafactory:ministral3", "llamafactory-ministral" },
	{ "llamafactory:mistral", "llamafactory-mistral" },
	{ "llamafactory:mistral_small", "mistral-v7-tekken" },
	{ "llamafactory:moss_vl", "chatml" },
	{ "llamafactory:phi4", "phi-4" },
	{ "llamafactory:pixtral", "llamafactory-ministral" },
	{ "llamafactory:qwen", "qwen-2.5" },
	{ "llamafactory:qwen2_audio", "qwen-2.5-1m" },
	{ "llamafactory:qwen2_omni", "qwen-2.5-1m" },
	{ "llamafactory:qwen2_vl", "qwen-2.5-1m" },
	{ "llamafactory:qwen3_5_nothink", "chatml" },
	{ "llamafactory:qwen3_nothink", "chatml" },
	{ "llamafactory:qwen3_vl_nothink", "chatml" },
	{ "llamafactory:smollm", "chatml" },
	{ "llamafactory:yi", "chatml" },

	{ "lmflow:chatglm3", "chatglm3" },
	{ "lmflow:chatml", "chatml" },
	{ "lmflow:deepseek", "deepseek-v2" },
	{ "lmflow:deepseek_r1", "deepseek-r1" },
	{ "lmflow:deepseek_r1_distill", "deepseek-r1" },
	{ "lmflow:deepseek_v2", "deepseek-v2" },
	{ "lmflow:deepseek_v3", "deepseek-v3" },
	{ "lmflow:disable", "empty" },
	{ "lmflow:empty", "empty" },
	{ "lmflow:gemma", "lmflow-gemma" },
	{ "lmflow:internlm2", "internlm2" },
	{ "lmflow:llama2", "llama-2-verbatim" },
	{ "lmflow:llama3", "llama-3-verbatim" },
	{ "lmflow:phi3", "lmflow-phi3" },
	{ "lmflow:qwen2", "chatml" },
	{ "lmflow:qwen2_5", "qwen-2.5" },
	{ "lmflow:qwen2_5_1m", "qwen-2.5-1m" },
	{ "lmflow:qwen2_5_math", "qwen-2.5-math" },
	{ "lmflow:qwen3", "qwen-3" },
	{ "lmflow:qwen_qwq", "qwq-preview" },
	{ "lmflow:yi", "chatml" },
	{ "lmflow:yi1_5", "yi-1.5" },
	{ "lmflow:zephyr", "lmflow-zephyr" },

	{ "trl:cohere", "command-r" },
	{ "trl:deepseekv3", "deepseek-r1" },
	{ "trl:gemma", "gemma" },
	{ "trl:gemma3", "gemma-3" },
	{ "trl:gptoss", "gpt-oss" },
	{ "trl:llama3", "llama-3" },
	{ "trl:phi3", "phi-3" },
	{ "trl:phi3_5", "phi-3.5" },
	{ "trl:qwen2_5", "qwen-2.5" },
	{ "trl:qwen2_5_vl", "qwen-2.5-1m" },
	{ "trl:qwen3_instruct_2507", "chatml" },
	{ "trl:qwen3_vl", "chatml" },
};

const struct tl_template_alias *
tl_template_aliases(size_t *n)
{
	*n = TL_COUNT(aliases);
	return aliases;
}
