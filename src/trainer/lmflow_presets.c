/* SPDX-License-Identifier: Apache-2.0 */
#include "lmflow_presets.h"

#include <turnlint/str.h>

#define S(text)                        \
	{                              \
		TL_LMFLOW_STRING, text \
	}
#define BOS                         \
	{                           \
		TL_LMFLOW_BOS, NULL \
	}
#define EOS                         \
	{                           \
		TL_LMFLOW_EOS, NULL \
	}

#define IM(role) S("<|im_start|>" role "\n{{content}}<|im_end|>\n")
#define HEADER(role)                                                    \
	S("<|start_header_id|>" role "<|end_header_id|>\n\n{{content}}" \
	  "<|eot_id|>")
#define PHI(role) S("<|" role "|>\n{{content}}<|end|>\n")

static const struct tl_lmflow_preset presets[] = {
	{
	    .name = "chatglm3",
	    .system = { S("<|system|>\n {{content}}") },
	    .user = { S("<|user|>\n {{content}}") },
	    .assistant = { S("<|assistant|>\n {{content}}") },
	    .starter = S("[gMASK]sop"),
	},
	{
	    .name = "chatml",
	    .system = { IM("system") },
	    .user = { IM("user") },
	    .assistant = { IM("assistant") },
	},
	{
	    .name = "deepseek",
	    .system = { S("{{content}}\n\n") },
	    .user = { S("User: {{content}}\n\n") },
	    .assistant = { S("Assistant: {{content}}"), EOS },
	    .starter = BOS,
	},
	{
	    .name = "empty",
	    .user = { BOS, S("{{content}}") },
	    .assistant = { S("{{content}}"), EOS },
	},
	{
	    .name = "empty_no_special_tokens",
	    .user = { S("{{content}}") },
	    .assistant = { S("{{content}}") },
	},
	{
	    .name = "gemma",
	    .system = { S("{{content}}") },
	    .user = { S("<start_of_turn>user\n{{content}}<end_of_turn>\n") },
	    .assistant = { S(
		"<start_of_turn>model\n{{content}}<end_of_turn>\n") },
	    .starter = BOS,
	},
	{
	    .name = "hymba",
	    .system = { S("<extra_id_0>System{{content}}\n\n") },
	    .user = { S("<extra_id_1>User\n{{content}}\n") },
	    .assistant = { S("<extra_id_1>Assistant\n{{content}}\n") },
	    .function = { S("<extra_id_1>Assistant\n{{content}}\n") },
	    .observation = { S("<extra_id_1>Tool\n{{content}}\n") },
	    .stopper = EOS,
	    .traits = TL_LMFLOW_FOR_TOOL | TL_LMFLOW_TAG_TOOLS |
		TL_LMFLOW_FORCE_SYSTEM | TL_LMFLOW_DROP_13,
	},
	{
	    .name = "internlm2",
	    .system = { IM("system") },
	    .user = { IM("user") },
	    .assistant = { IM("assistant") },
	    .starter = BOS,
	},
	{
	    .name = "llama2",
	    .system = { S("<<SYS>>\n{{content}}\n<</SYS>>\n\n") },
	    .user = { BOS, S("[INST] {{content}} [/INST]") },
	    .assistant = { S("{{content}}"), EOS },
	    .traits = TL_LMFLOW_SYSTEM_IN_USER,
	},
	{
	    .name = "llama3",
	    .system = { HEADER("system") },
	    .user = { HEADER("user") },
	    .assistant = { HEADER("assistant") },
	    .starter = BOS,
	},
	{
	    .name = "llama3_for_tool",
	    .system = { HEADER("system") },
	    .user = { HEADER("user") },
	    .assistant = { HEADER("assistant") },
	    .function = { HEADER("assistant") },
	    .observation = { HEADER("tool") },
	    .starter = BOS,
	    .traits = TL_LMFLOW_FOR_TOOL,
	},
	{
	    .name = "phi3",
	    .system = { PHI("system") },
	    .user = { PHI("user") },
	    .assistant = { PHI("assistant") },
	    .starter = BOS,
	    .stopper = EOS,
	},
	{
	    .name = "qwen2_for_tool",
	    .system = { IM("system") },
	    .user = { IM("user") },
	    .assistant = { IM("assistant") },
	    .function = { IM("assistant") },
	    .observation = { IM("tool") },
	    .traits = TL_LMFLOW_FOR_TOOL,
	},
	{
	    .name = "yi1_5",
	    .system = { S("{{content}}") },
	    .user = { IM("user") },
	    .assistant = { IM("assistant") },
	},
	{
	    .name = "zephyr",
	    .system = { S("<|system|>\n{{content}}"), EOS },
	    .user = { S("\n<|user|>\n{{content}}"), EOS },
	    .assistant = { S("\n<|assistant|>\n{{content}}"), EOS },
	    .traits = TL_LMFLOW_BARE_START,
	},
};

/* Other names of the same thing. */
static const struct {
	const char *name, *means;
} aliases[] = {
	{ "deepseek_v2", "deepseek" },
	{ "disable", "empty" },
	{ "qwen2", "chatml" },
	{ "yi", "chatml" },
};

#define QWEN "<|im_start|>assistant\n", "<|im_end|>\n"
#define DEEPSEEK "<｜Assistant｜>", "<｜end▁of▁sentence｜>"

static const struct tl_lmflow_tags tags[] = {
	{ "deepseek_r1", DEEPSEEK, false },
	{ "deepseek_r1_distill", DEEPSEEK, false },
	{ "deepseek_v3", DEEPSEEK, false },
	{ "qwen2_5", QWEN, false },
	{ "qwen2_5_1m", QWEN, false },
	{ "qwen2_5_math", QWEN, false },
	{ "qwen3", QWEN, true },
	{ "qwen_qwq", QWEN, false },
};

static const char *const names[] = {
	"chatglm3",
	"chatml",
	"deepseek",
	"deepseek_r1",
	"deepseek_r1_distill",
	"deepseek_v2",
	"deepseek_v3",
	"disable",
	"empty",
	"empty_no_special_tokens",
	"gemma",
	"hymba",
	"internlm2",
	"llama2",
	"llama3",
	"llama3_for_tool",
	"phi3",
	"qwen2",
	"qwen2_5",
	"qwen2_5_1m",
	"qwen2_5_math",
	"qwen2_for_tool",
	"qwen3",
	"qwen_qwq",
	"yi",
	"yi1_5",
	"zephyr",
};

static const char *const jinja_names[] = {
	"deepseek_r1",
	"deepseek_r1_distill",
	"deepseek_v3",
	"gemma3",
	"qwen2_5",
	"qwen2_5_1m",
	"qwen2_5_math",
	"qwen3",
	"qwen_qwq",
};

const struct tl_lmflow_preset *
tl_lmflow_preset(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(aliases); i++)
		if (tl_str_eq(name, tl_str_from(aliases[i].name)))
			name = tl_str_from(aliases[i].means);
	for (size_t i = 0; i < TL_COUNT(presets); i++)
		if (tl_str_eq(name, tl_str_from(presets[i].name)))
			return &presets[i];
	return NULL;
}

const struct tl_lmflow_tags *
tl_lmflow_tags(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(tags); i++)
		if (tl_str_eq(name, tl_str_from(tags[i].name)))
			return &tags[i];
	return NULL;
}

const char *const *
tl_lmflow_preset_names(size_t *n)
{
	*n = TL_COUNT(names);
	return names;
}

bool
tl_lmflow_is_jinja_preset(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(jinja_names); i++)
		if (tl_str_eq(name, tl_str_from(jinja_names[i])))
			return true;
	return false;
}
