/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.c - what others call the built-in templates.
 *
 * A framework's name, with its prefix, stands here only when the framework
 * renders any conversation of text that ends with an answer as the built-in
 * does.  FastChat leaves BOS to its tokenizer.  builtin/frameworks.slots has
 * further templates under the names of their frameworks.
 */
#include "template/internal.h"

/* A framework's template that is none of ours, and cannot be. */
struct refusal {
	const char *name, *why;
};

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
	{ "axolotl:phi_35", "llamafactory:phi" },
	{ "axolotl:pixtral", "mistral-v3-tekken" },
	{ "axolotl:qwen2_vl", "qwen-2.5-1m" },
	{ "axolotl:qwen3", "qwen-3" },
	{ "axolotl:qwen3_5", "qwen-3" },
	{ "axolotl:qwen_25", "qwen-2.5" },

	{ "llamafactory:chatml", "chatml" },
	{ "llamafactory:gemma", "llamafactory-gemma" },
	{ "llamafactory:gemma2", "llamafactory-gemma" },
	{ "llamafactory:gemma3", "llamafactory-gemma" },
	{ "llamafactory:gemma3n", "llamafactory-gemma" },
	{ "llamafactory:granite3", "granite-3" },
	{ "llamafactory:llama2", "llama-2-verbatim" },
	{ "llamafactory:llama3", "llama-3-verbatim" },
	{ "llamafactory:llava_next_llama3", "llama-3-verbatim" },
	{ "llamafactory:llava_next_mistral", "llamafactory-mistral" },
	{ "llamafactory:llava_next_qwen", "qwen-2.5-1m" },
	{ "llamafactory:llava_next_video_mistral", "llamafactory-mistral" },
	{ "llamafactory:llava_next_video_yi", "chatml" },
	{ "llamafactory:llava_next_yi", "chatml" },
	{ "llamafactory:minicpm_v", "qwen-2.5-1m" },
	{ "llamafactory:minicpm_v_4_6", "qwen-2.5-1m" },
	{ "llamafactory:ministral", "llamafactory-ministral" },
	{ "llamafactory:ministral3", "llamafactory-ministral" },
	{ "llamafactory:mistral", "llamafactory-mistral" },
	{ "llamafactory:mistral_small", "mistral-v7-tekken" },
	{ "llamafactory:mllama", "llama-3-verbatim" },
	{ "llamafactory:moss_vl", "chatml" },
	{ "llamafactory:phi4", "phi-4" },
	{ "llamafactory:pixtral", "llamafactory-ministral" },
	{ "llamafactory:qwen", "qwen-2.5" },
	{ "llamafactory:qwen2_audio", "qwen-2.5-1m" },
	{ "llamafactory:qwen2_omni", "qwen-2.5-1m" },
	{ "llamafactory:qwen2_vl", "qwen-2.5-1m" },
	{ "llamafactory:qwen3_5_nothink", "chatml" },
	{ "llamafactory:qwen3_nothink", "chatml" },
	{ "llamafactory:qwen3_omni_nothink", "chatml" },
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
	{ "lmflow:llama3_for_tool", "llama-3-verbatim" },
	{ "lmflow:phi3", "lmflow-phi3" },
	{ "lmflow:qwen2", "chatml" },
	{ "lmflow:qwen2_5", "qwen-2.5" },
	{ "lmflow:qwen2_5_1m", "qwen-2.5-1m" },
	{ "lmflow:qwen2_5_math", "qwen-2.5-math" },
	{ "lmflow:qwen2_for_tool", "chatml" },
	{ "lmflow:qwen3", "qwen-3" },
	{ "lmflow:qwen_qwq", "qwq-preview" },
	{ "lmflow:yi", "chatml" },
	{ "lmflow:yi1_5", "yi-1.5" },
	{ "lmflow:zephyr", "lmflow-zephyr" },

	{ "trl:cohere", "command-r" },
	{ "trl:cohere_training", "command-r" },
	{ "trl:deepseekv3", "deepseek-r1" },
	{ "trl:deepseekv3_training", "deepseek-r1" },
	{ "trl:gemma", "gemma" },
	{ "trl:gemma3", "gemma-3" },
	{ "trl:gemma3_training", "gemma-3" },
	{ "trl:gemma_training", "gemma" },
	{ "trl:gptoss", "gpt-oss" },
	{ "trl:gptoss_training", "gpt-oss" },
	{ "trl:lfm2", "falcon-h1" },
	{ "trl:lfm2_training", "falcon-h1" },
	{ "trl:llama3", "llama-3" },
	{ "trl:llama3_1", "llama-3.1" },
	{ "trl:llama3_2", "llama-3.2" },
	{ "trl:llama3_training", "llama-3" },
	{ "trl:phi3", "phi-3" },
	{ "trl:phi3_5", "phi-3.5" },
	{ "trl:phi3_5_training", "phi-3.5" },
	{ "trl:phi3_training", "phi-3" },
	{ "trl:qwen2_5", "qwen-2.5" },
	{ "trl:qwen2_5_training", "qwen-2.5" },
	{ "trl:qwen2_5_vl", "qwen-2.5-1m" },
	{ "trl:qwen2_5_vl_training", "qwen-2.5-1m" },
	{ "trl:qwen3_instruct_2507", "chatml" },
	{ "trl:qwen3_instruct_2507_training", "chatml" },
	{ "trl:qwen3_training", "trl:qwen3" },
	{ "trl:qwen3_vl", "chatml" },
	{ "trl:qwen3_vl_training", "chatml" },

#define ALIAS(name, builtin) { name, builtin },
#include "slots/names.inc"
#undef ALIAS
};

#define NO_COPY "turnlint has no copy of it: give the file itself"

static const struct refusal refusals[] = {
	{ "axolotl:command_a", NO_COPY },
	{ "axolotl:command_a_rag", NO_COPY },
	{ "axolotl:command_a_tool_use", NO_COPY },
	{ "axolotl:gemma4", NO_COPY },
	{ "axolotl:gemma4_unified", NO_COPY },
	{ "axolotl:llama3_2_vision", NO_COPY },
	{ "fastchat:baize", "it begins with example messages of its own" },
	{ "fastchat:deepseek-coder",
	    "its system prompt is fixed text that is not carried here" },
	{ "fastchat:one_shot", "it begins with example messages of its own" },
	{ "fastchat:rwkv", "it begins with example messages of its own" },
	{ "fastchat:yandexgpt", "FastChat itself has no way to render it" },
	{ "fastchat:yuan2",
	    "with the separator FastChat strips letters of the last answer" },
	{ "trl:cohere2", NO_COPY },
	{ "trl:diffusion_gemma", NO_COPY },
	{ "trl:glm4moe", NO_COPY },
	{ "trl:idefics3", NO_COPY },
	{ "trl:lfm2_2_5", NO_COPY },
	{ "trl:llava_next", NO_COPY },
	{ "trl:nemotron_3_nano", NO_COPY },
	{ "trl:nemotron_3_super", NO_COPY },
	{ "trl:nemotron_3_ultra", NO_COPY },
	{ "trl:qwen3_5_nothink", NO_COPY },
	{ "trl:qwen3_5_think", NO_COPY },
	{ "trl:qwen3_6", NO_COPY },
};

const char *
tl_template_refused(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(refusals); i++) {
		if (tl_str_eq(name, tl_str_from(refusals[i].name)))
			return refusals[i].why;
	}
	return NULL;
}

const struct tl_template_alias *
tl_template_aliases(size_t *n)
{
	*n = TL_COUNT(aliases);
	return aliases;
}
