/* SPDX-License-Identifier: Apache-2.0 */
#include "fastchat_presets.h"

#include <turnlint/str.h>

static const struct tl_fastchat_preset presets[] = {
	{
	    .name = "Nous-Hermes-2-Mixtral-8x7B-DPO",
	    .style = TL_FASTCHAT_CHATML,
	    .nsystem = 809,
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "OpenHermes-2.5-Mistral-7B",
	    .style = TL_FASTCHAT_CHATML,
	    .nsystem = 222,
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "TinyLlama",
	    .style = TL_FASTCHAT_CHATML,
	    .before = "<|system|>\n",
	    .roles = { "<|user|>", "<|assistant|>" },
	    .sep = "</s>",
	},
	{
	    .name = "Yi-34b-chat",
	    .style = TL_FASTCHAT_CHATML,
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "airoboros_v1",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .nsystem = 256,
	    .roles = { "USER", "ASSISTANT" },
	    .sep = " ",
	    .sep2 = "</s>",
	},
	{
	    .name = "airoboros_v2",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .system = "A chat.",
	    .roles = { "USER", "ASSISTANT" },
	    .sep = "\n",
	    .sep2 = "</s>",
	},
	{
	    .name = "airoboros_v3",
	    .style = TL_FASTCHAT_LLAMA2,
	    .system = "You are a helpful, unbiased, uncensored assistant.",
	    .before = "[INST] <<SYS>>\n",
	    .behind = "\n<</SYS>>\n\n",
	    .roles = { "[INST]", "[/INST]" },
	    .sep = " ",
	    .sep2 = " </s><s>",
	},
	{
	    .name = "alpaca",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .system = "Below is an instruction that describes a task. Write a "
		      "response that appropriately completes the request.",
	    .roles = { "### Instruction", "### Response" },
	    .sep = "\n\n",
	    .sep2 = "</s>",
	},
	{
	    .name = "aquila",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .system = "A chat between a curious human and an artificial "
		      "intelligence assistant. The assistant gives helpful, "
		      "detailed, and polite answers to the human's questions.",
	    .roles = { "Human", "Assistant" },
	    .sep = "###",
	    .sep2 = "</s>",
	},
	{
	    .name = "aquila-chat",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .system = "A chat between a curious human and an artificial "
		      "intelligence assistant. The assistant gives helpful, "
		      "detailed, and polite answers to the human's questions.",
	    .roles = { "Human", "Assistant" },
	    .sep = "###",
	    .sep2 = "",
	},
	{
	    .name = "billa",
	    .style = TL_FASTCHAT_ADD_COLON_SPACE_SINGLE,
	    .roles = { "Human", "Assistant" },
	    .sep = "\n",
	},
	{
	    .name = "catppt",
	    .style = TL_FASTCHAT_CHATML,
	    .before = "<|system|>\n",
	    .roles = { "<|user|>", "<|assistant|>" },
	    .sep = "</s>",
	},
	{
	    .name = "chinese-alpaca2",
	    .style = TL_FASTCHAT_LLAMA2,
	    .system = "You are a helpful assistant. "
		      "你是一个乐于助人的助手。请你提供专业、有逻辑、内容真实、"
		      "有价值的详细回复。",
	    .before = "[INST] <<SYS>>\n",
	    .behind = "\n<</SYS>>\n\n",
	    .roles = { "[INST]", "[/INST]" },
	    .sep = " ",
	    .sep2 = " </s><s>",
	},
	{
	    .name = "claude",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .roles = { "Human", "Assistant" },
	    .sep = "\n\n",
	},
	{
	    .name = "dolphin-2.2.1-mistral-7b",
	    .style = TL_FASTCHAT_CHATML,
	    .system = "You are Dolphin, a helpful AI assistant.",
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "koala_v1",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .system = "BEGINNING OF CONVERSATION:",
	    .roles = { "USER", "GPT" },
	    .sep = " ",
	    .sep2 = "</s>",
	},
	{
	    .name = "lemur-70b-chat",
	    .style = TL_FASTCHAT_CHATML,
	    .system = "You are a helpful, respectful, and honest assistant.",
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "llama-2",
	    .style = TL_FASTCHAT_LLAMA2,
	    .before = "[INST] <<SYS>>\n",
	    .behind = "\n<</SYS>>\n\n",
	    .roles = { "[INST]", "[/INST]" },
	    .sep = " ",
	    .sep2 = " </s><s>",
	},
	{
	    .name = "llama2-chinese",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .before = "<s>",
	    .behind = "</s>",
	    .roles = { "Human", "Assistant" },
	    .sep = "\n",
	    .sep2 = "\n</s><s>",
	},
	{
	    .name = "llava-chatml",
	    .style = TL_FASTCHAT_CHATML,
	    .system = "Answer the questions.",
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "manticore",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .roles = { "USER", "ASSISTANT" },
	    .sep = "\n",
	    .sep2 = "</s>",
	},
	{
	    .name = "mistral",
	    .style = TL_FASTCHAT_LLAMA2,
	    .before = "[INST] ",
	    .behind = "\n",
	    .roles = { "[INST]", "[/INST]" },
	    .sep = " ",
	    .sep2 = "</s>",
	},
	{
	    .name = "mistral-7b-openorca",
	    .style = TL_FASTCHAT_CHATML,
	    .system = "You are MistralOrca, a large language model trained by "
		      "Alignment Lab AI. Write out your reasoning step-by-step "
		      "to be sure you get the right answers!",
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "mpt-30b-chat",
	    .style = TL_FASTCHAT_CHATML,
	    .system =
		"A conversation between a user and an LLM-based AI assistant. "
		"The assistant gives helpful and honest answers.",
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "mpt-7b-chat",
	    .style = TL_FASTCHAT_CHATML,
	    .nsystem = 320,
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "one_shot",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .system = "A chat between a curious human and an artificial "
		      "intelligence assistant. The assistant gives helpful, "
		      "detailed, and polite answers to the human's questions.",
	    .roles = { "Human", "Assistant" },
	    .sep = "\n### ",
	},
	{
	    .name = "open-orca",
	    .style = TL_FASTCHAT_ADD_COLON_SPACE_SINGLE,
	    .nsystem = 699,
	    .roles = { "User", "Assistant" },
	    .sep = "<|end_of_turn|>\n",
	},
	{
	    .name = "openbuddy",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .nsystem = 711,
	    .roles = { "User", "Assistant" },
	    .sep = "\n",
	},
	{
	    .name = "orca-2",
	    .style = TL_FASTCHAT_CHATML,
	    .nsystem = 215,
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "phind",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .system = "### System Prompt\nYou are an intelligent programming "
		      "assistant.",
	    .roles = { "### User Message", "### Assistant" },
	    .sep = "\n\n",
	},
	{
	    .name = "polyglot_changgpt",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .roles = { "B", "A" },
	    .sep = "\n",
	},
	{
	    .name = "qwen-7b-chat",
	    .style = TL_FASTCHAT_CHATML,
	    .system = "You are a helpful assistant.",
	    .before = "<|im_start|>system\n",
	    .roles = { "<|im_start|>user", "<|im_start|>assistant" },
	    .sep = "<|im_end|>",
	},
	{
	    .name = "redpajama-incite",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .roles = { "<human>", "<bot>" },
	    .sep = "\n",
	},
	{
	    .name = "snoozy",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .system = "The prompt below is a question to answer, a task to "
		      "complete, or a conversation to respond to; decide which "
		      "and write an appropriate response.",
	    .before = "### Instruction:\n",
	    .roles = { "### Prompt", "### Response" },
	    .sep = "\n",
	},
	{
	    .name = "stable-vicuna",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .system = "### Assistant: I am StableVicuna, a large language "
		      "model created by CarperAI. I am here to chat!\n",
	    .roles = { "### Human", "### Assistant" },
	    .sep = "\n",
	    .sep2 = "\n\n",
	},
	{
	    .name = "starchat",
	    .style = TL_FASTCHAT_CHATML,
	    .before = "<system>\n",
	    .roles = { "<|user|>", "<|assistant|>" },
	    .sep = "<|end|>",
	},
	{
	    .name = "vicuna_v1.1",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .system = "A chat between a curious user and an artificial "
		      "intelligence assistant. The assistant gives helpful, "
		      "detailed, and polite answers to the user's questions.",
	    .roles = { "USER", "ASSISTANT" },
	    .sep = " ",
	    .sep2 = "</s>",
	},
	{
	    .name = "vigogne_chat_v2",
	    .style = TL_FASTCHAT_ADD_COLON_TWO,
	    .system = "Vous êtes Vigogne, un assistant IA créé par Zaion Lab. "
		      "Vous suivez extrêmement bien les instructions. Aidez "
		      "autant que vous le pouvez.",
	    .before = "<|system|>: ",
	    .roles = { "<|user|>", "<|assistant|>" },
	    .sep = "\n",
	    .sep2 = "</s>\n",
	},
	{
	    .name = "vigogne_chat_v3",
	    .style = TL_FASTCHAT_LLAMA2,
	    .system = "Vous êtes Vigogne, un assistant IA créé par Zaion Lab. "
		      "Vous suivez extrêmement bien les instructions. Aidez "
		      "autant que vous le pouvez.",
	    .before = "[INST] <<SYS>>\n",
	    .behind = "\n<</SYS>>\n\n",
	    .roles = { "[INST]", "[/INST]" },
	    .sep = " ",
	    .sep2 = " </s>",
	},
	{
	    .name = "xgen",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .system =
		"A chat between a curious human and an artificial intelligence "
		"assistant. The assistant gives helpful, detailed, and polite "
		"answers to the human's questions.\n\n",
	    .roles = { "### Human", "### Assistant" },
	    .sep = "\n",
	},
	{
	    .name = "zephyr",
	    .style = TL_FASTCHAT_CHATML,
	    .before = "<|system|>\n",
	    .roles = { "<|user|>", "<|assistant|>" },
	    .sep = "</s>",
	},
	{
	    .name = "zero_shot",
	    .style = TL_FASTCHAT_ADD_COLON_SINGLE,
	    .system = "A chat between a curious human and an artificial "
		      "intelligence assistant. The assistant gives helpful, "
		      "detailed, and polite answers to the human's questions.",
	    .roles = { "Human", "Assistant" },
	    .sep = "\n### ",
	},
};

static const char *const untrainable[] = { "ReaLM-7b-v1", "Robin",
	"api_based_default", "aquila-legacy", "aquila-v1", "baichuan-chat",
	"baichuan2-chat", "baize", "bard", "chatglm", "chatglm2", "chatglm3",
	"chatgpt", "claude-3-5-sonnet-20240620",
	"claude-3-5-sonnet-20240620-v2", "claude-3-haiku-20240307",
	"claude-3-opus-20240229", "claude-3-sonnet-20240229", "cllm",
	"codegeex", "cutegpt", "deepseek-chat", "deepseek-coder", "dolly_v2",
	"falcon", "falcon-chat", "gemini", "gemini-1.5-pro",
	"gemini-1.5-pro-002-test-sp", "gemma", "gpt-4-turbo-2024-04-09",
	"gpt-mini", "grok-2", "grok-2-mini", "h2ogpt", "internlm-chat",
	"llama-3", "meta-llama-3.1", "meta-llama-3.1-sp", "metamath",
	"metharme", "mpt-30b-instruct", "oasst_llama", "oasst_pythia",
	"openchat_3.5", "phoenix", "pplxai", "raw", "rwkv", "solar", "stablelm",
	"steerlm", "tenyxchat", "tigerbot", "tulu", "vigogne_instruct",
	"xdan-v1", "yandexgpt", "yuan", "yuan2" };

static bool
is_in(tl_str name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (tl_str_eq(name, tl_str_from(list[i])))
			return true;
	return false;
}

const struct tl_fastchat_preset *
tl_fastchat_preset(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(presets); i++)
		if (tl_str_eq(name, tl_str_from(presets[i].name)))
			return &presets[i];
	return NULL;
}

const struct tl_fastchat_preset *
tl_fastchat_presets(size_t *n)
{
	*n = TL_COUNT(presets);
	return presets;
}

bool
tl_fastchat_is_untrainable(tl_str name)
{
	return is_in(name, untrainable, TL_COUNT(untrainable));
}
