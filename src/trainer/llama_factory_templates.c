/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LLaMA-Factory's templates: what it writes around each message.
 *
 * Lists that several templates share bear the name of the first of them.
 */
#include "llama_factory.h"

#define S(text)                    \
	{                          \
		TL_LF_STRING, text \
	}
#define T(text)                   \
	{                         \
		TL_LF_TOKEN, text \
	}
#define BOS                     \
	{                       \
		TL_LF_BOS, NULL \
	}
#define EOS                     \
	{                       \
		TL_LF_EOS, NULL \
	}
#define END                     \
	{                       \
		TL_LF_END, NULL \
	}

static const struct tl_lf_slot aeva_user[] = {
	S("<|user|>\n{{content}}<|assistant|>"), END
};
static const struct tl_lf_slot aeva_assistant[] = { S("\n{{content}}"), END };
static const struct tl_lf_slot aeva_system[] = { S("<|system|>\n{{content}}"),
	END };
static const struct tl_lf_slot aeva_function[] = { S("{{content}}"), END };
static const struct tl_lf_slot aeva_observation[] = {
	S("<|observation|>\n{{content}}<|assistant|>"), END
};
static const struct tl_lf_slot aeva_prefix[] = { S("[gMASK]<sop>"), END };
static const char *const aeva_stops[] = { "<|user|>", "<|observation|>", NULL };
static const struct tl_lf_slot alpaca_user[] = {
	S("### Instruction:\n{{content}}\n\n### Response:\n"), END
};
static const struct tl_lf_slot alpaca_assistant[] = { S("{{content}}"), EOS,
	S("\n\n"), END };
static const struct tl_lf_slot baichuan_user[] = { T("<reserved_102>"),
	S("{{content}}"), T("<reserved_103>"), END };
static const struct tl_lf_slot baichuan2_user[] = {
	S("<reserved_106>{{content}}<reserved_107>"), END
};
static const struct tl_lf_slot bailing_user[] = {
	S("<role>HUMAN</role>{{content}}<role>ASSISTANT</role>"), END
};
static const struct tl_lf_slot bailing_system[] = {
	S("<role>SYSTEM</role>{{content}}"), END
};
static const struct tl_lf_slot bailing_observation[] = {
	S("<role>OBSERVATION</role>{{content}}<role>ASSISTANT</role>"), END
};
static const char *const bailing_stops[] = { "<|endoftext|>", NULL };
static const struct tl_lf_slot bailing_v2_user[] = {
	S("<role>HUMAN</role>{{content}}<|role_end|><role>ASSISTANT</role>"),
	END
};
static const struct tl_lf_slot bailing_v2_assistant[] = {
	S("{{content}}<|role_end|>"), END
};
static const struct tl_lf_slot bailing_v2_system[] = {
	S("<role>SYSTEM</role>{{content}}<|role_end|>"), END
};
static const struct tl_lf_slot bailing_v2_observation[] = {
	S("<role>OBSERVATION</role>\n<tool_response>\n{{content}}\n</"
	  "tool_response><|role_end|><role>ASSISTANT</role>"),
	END
};
static const struct tl_lf_slot breeze_user[] = {
	S("[INST] {{content}} [/INST] "), END
};
static const struct tl_lf_slot breeze_prefix[] = { BOS, END };
static const struct tl_lf_slot chatglm3_user[] = { T("<|user|>"), S("\n"),
	S("{{content}}"), T("<|assistant|>"), END };
static const struct tl_lf_slot chatglm3_assistant[] = { S("\n"),
	S("{{content}}"), END };
static const struct tl_lf_slot chatglm3_system[] = { T("<|system|>"), S("\n"),
	S("{{content}}"), END };
static const struct tl_lf_slot chatglm3_observation[] = { T("<|observation|>"),
	S("\n"), S("{{content}}"), T("<|assistant|>"), END };
static const struct tl_lf_slot chatglm3_prefix[] = { T("[gMASK]"), T("sop"),
	END };
static const struct tl_lf_slot chatml_user[] = {
	S("<|im_start|>user\n{{content}}<|im_end|>\n<|im_start|>assistant\n"),
	END
};
static const struct tl_lf_slot chatml_assistant[] = {
	S("{{content}}<|im_end|>\n"), END
};
static const struct tl_lf_slot chatml_system[] = {
	S("<|im_start|>system\n{{content}}<|im_end|>\n"), END
};
static const struct tl_lf_slot chatml_observation[] = {
	S("<|im_start|>tool\n{{content}}<|im_end|>\n<|im_start|>assistant\n"),
	END
};
static const char *const chatml_stops[] = { "<|im_end|>", "<|im_start|>",
	NULL };
static const struct tl_lf_slot cohere_user[] = {
	S("<|START_OF_TURN_TOKEN|><|USER_TOKEN|>{{content}}<|END_OF_TURN_TOKEN|"
	  "><|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>"),
	END
};
static const struct tl_lf_slot cohere_assistant[] = { S("{{content}}"), EOS,
	END };
static const struct tl_lf_slot cohere_system[] = {
	S("<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>{{content}}<|END_OF_TURN_"
	  "TOKEN|>"),
	END
};
static const char *const cpm4_stops[] = { "<|im_end|>", NULL };
static const struct tl_lf_slot deepseek_user[] = {
	S("User: {{content}}\n\nAssistant:"), END
};
static const struct tl_lf_slot deepseek_system[] = { S("{{content}}\n\n"),
	END };
static const struct tl_lf_slot deepseek3_user[] = {
	S("<｜User｜>{{content}}<｜Assistant｜>"), END
};
static const struct tl_lf_slot deepseekcoder_user[] = {
	S("### Instruction:\n{{content}}\n### Response:"), END
};
static const struct tl_lf_slot deepseekcoder_assistant[] = {
	S("\n{{content}}\n<|EOT|>\n"), END
};
static const struct tl_lf_slot default_user[] = { S("Human: {{content}}"), EOS,
	S("\nAssistant:"), END };
static const struct tl_lf_slot default_assistant[] = { S("{{content}}"), EOS,
	S("\n"), END };
static const struct tl_lf_slot default_system[] = { S("System: {{content}}"),
	EOS, S("\n"), END };
static const struct tl_lf_slot dots_ocr_user[] = {
	S("<|user|>{{content}}<|endofuser|><|assistant|>"), END
};
static const struct tl_lf_slot dots_ocr_assistant[] = {
	S("{{content}}<|endofassistant|>"), END
};
static const struct tl_lf_slot dots_ocr_system[] = {
	S("<|system|>{{content}}<|endofsystem|>\n"), END
};
static const char *const dots_ocr_stops[] = { "<|endofassistant|>", NULL };
static const struct tl_lf_slot ernie_user[] = {
	S("<|im_start|>user\n{{content}}<|im_end|>\n\n<|im_start|>assistant\n"),
	END
};
static const struct tl_lf_slot ernie_assistant[] = {
	S("{{content}}<|im_end|>\n\n"), END
};
static const struct tl_lf_slot ernie_system[] = {
	S("<|im_start|>system\n{{content}}<|im_end|>\n\n"), END
};
static const struct tl_lf_slot ernie_observation[] = {
	S("<|im_start|>tool\n{{content}}<|im_end|>\n\n<|im_start|>assistant\n"),
	END
};
static const struct tl_lf_slot ernie_nothink_user[] = {
	S("User: {{content}}\nAssistant: "), END
};
static const struct tl_lf_slot ernie_nothink_assistant[] = {
	S("{{content}}<|end_of_sentence|>"), END
};
static const struct tl_lf_slot ernie_nothink_system[] = { S("{{content}}\n"),
	END };
static const struct tl_lf_slot ernie_nothink_prefix[] = {
	S("<|begin_of_sentence|>"), END
};
static const char *const ernie_nothink_stops[] = { "<|end_of_sentence|>",
	NULL };
static const struct tl_lf_slot ernie_vl_user[] = { S("User: {{content}}"),
	END };
static const struct tl_lf_slot ernie_vl_assistant[] = {
	S("\nAssistant: {{content}}<|end_of_sentence|>"), END
};
static const struct tl_lf_slot exaone_user[] = {
	S("[|user|]{{content}}\n[|assistant|]"), END
};
static const struct tl_lf_slot exaone_system[] = {
	S("[|system|]{{content}}[|endofturn|]\n"), END
};
static const struct tl_lf_slot falcon_user[] = {
	S("User: {{content}}\nFalcon:"), END
};
static const char *const falcon_h1_stops[] = { "<|im_end|>", "<|end_of_text|>",
	NULL };
static const struct tl_lf_slot gemma_user[] = {
	S("<start_of_turn>user\n{{content}}<end_of_turn>\n<start_of_turn>"
	  "model\n"),
	END
};
static const struct tl_lf_slot gemma_assistant[] = {
	S("{{content}}<end_of_turn>\n"), END
};
static const struct tl_lf_slot gemma_observation[] = {
	S("<start_of_turn>tool\n{{content}}<end_of_turn>\n<start_of_turn>"
	  "model\n"),
	END
};
static const char *const gemma_stops[] = { "<end_of_turn>", NULL };
static const char *const gemma2_stops[] = { "<eos>", "<end_of_turn>", NULL };
static const struct tl_lf_slot gemma4_user[] = {
	S("<|turn>user\n{{content}}<turn|>\n<|turn>model\n"), END
};
static const struct tl_lf_slot gemma4_assistant[] = { S("{{content}}<turn|>\n"),
	END };
static const struct tl_lf_slot gemma4_system[] = {
	S("<|turn>system\n<|think|>{{content}}<turn|>\n"), END
};
static const struct tl_lf_slot gemma4_function[] = {
	S("<|tool>{{content}}<tool|>"), END
};
static const struct tl_lf_slot gemma4_observation[] = {
	S("<|turn>tool\n{{content}}<turn|>\n<|turn>model\n"), END
};
static const char *const gemma4_stops[] = { "<turn|>", NULL };
static const char *const glm4_5v_stops[] = { "<|user|>", "<|observation|>",
	"</answer>", NULL };
static const struct tl_lf_slot gpt_oss_user[] = {
	S("<|start|>user<|message|>{{content}}<|end|><|start|>assistant"), END
};
static const struct tl_lf_slot gpt_oss_system[] = {
	S("<|start|>system<|message|>{{content}}<|end|>"), END
};
static const struct tl_lf_slot granite3_user[] = {
	S("<|start_of_role|>user<|end_of_role|>{{content}}<|end_of_text|>\n<|"
	  "start_of_role|>assistant<|end_of_role|>"),
	END
};
static const struct tl_lf_slot granite3_assistant[] = {
	S("{{content}}<|end_of_text|>\n"), END
};
static const struct tl_lf_slot granite3_system[] = {
	S("<|start_of_role|>system<|end_of_role|>{{content}}<|end_of_text|>\n"),
	END
};
static const struct tl_lf_slot granite3_vision_user[] = {
	S("<|user|>\n{{content}}\n<|assistant|>\n"), END
};
static const struct tl_lf_slot granite3_vision_system[] = {
	S("<|system|>\n{{content}}\n"), END
};
static const struct tl_lf_slot granite4_observation[] = {
	S("<|start_of_role|>tool<|end_of_role|>{{content}}<|end_of_text|>\n<|"
	  "start_of_role|>assistant\n"),
	END
};
static const char *const granite4_stops[] = { "<|end_of_text|>", NULL };
static const struct tl_lf_slot hunyuan_user[] = { S("{{content}}<|extra_0|>"),
	END };
static const struct tl_lf_slot hunyuan_assistant[] = { S("{{content}}<|eos|>"),
	END };
static const struct tl_lf_slot hunyuan_system[] = { S("{{content}}<|extra_4|>"),
	END };
static const struct tl_lf_slot hunyuan_prefix[] = { S("<|startoftext|>"), END };
static const char *const hunyuan_stops[] = { "<|eos|>", NULL };
static const struct tl_lf_slot hunyuan_small_user[] = {
	S("<｜hy_User｜>{{content}}<｜hy_place▁holder▁no▁8｜>"), END
};
static const struct tl_lf_slot hunyuan_small_assistant[] = {
	S("{{content}}<｜hy_place▁holder▁no▁2｜>"), END
};
static const struct tl_lf_slot hunyuan_small_system[] = {
	S("{{content}}<｜hy_place▁holder▁no▁3｜>"), END
};
static const struct tl_lf_slot hunyuan_small_prefix[] = {
	S("<｜hy_begin▁of▁sentence｜>"), END
};
static const char *const hunyuan_small_stops[] = { "<｜hy_place▁holder▁no▁2｜>",
	NULL };
static const struct tl_lf_slot hy3_user[] = {
	S("<｜hy_User｜>{{content}}<｜hy_Assistant｜>"), END
};
static const struct tl_lf_slot hy3_assistant[] = { S("{{content}}<｜hy_eos｜>"),
	END };
static const char *const hy3_stops[] = { "<｜hy_eos｜>", NULL };
static const struct tl_lf_slot hy_dense_1_8b_user[] = {
	S("<｜hy_User｜>{{content}}"), END
};
static const struct tl_lf_slot hy_dense_1_8b_assistant[] = {
	S("<｜hy_Assistant｜>{{content}}"), END
};
static const struct tl_lf_slot index_user[] = {
	S("reserved_0{{content}}reserved_1"), END
};
static const struct tl_lf_slot index_system[] = { S("<unk>{{content}}"), END };
static const struct tl_lf_slot keye_vl_observation[] = {
	S("<|im_start|>user\n<tool_response>\n{{content}}\n</"
	  "tool_response><|im_end|>\n<|im_start|>assistant\n"),
	END
};
static const struct tl_lf_slot kimi_vl_user[] = {
	S("<|im_user|>user<|im_middle|>{{content}}<|im_end|><|im_assistant|>"
	  "assistant<|im_middle|>"),
	END
};
static const struct tl_lf_slot kimi_vl_assistant[] = {
	S("{{content}}<|im_end|>"), END
};
static const struct tl_lf_slot kimi_vl_system[] = {
	S("<|im_system|>system<|im_middle|>{{content}}<|im_end|>"), END
};
static const struct tl_lf_slot lfm2_observation[] = {
	S("<|im_start|>tool\n<|tool_response_start|>{{content}}<|tool_response_"
	  "end|><|im_end|>\n<|im_start|>assistant\n"),
	END
};
static const struct tl_lf_slot llama2_user[] = { BOS,
	S("[INST] {{content}} [/INST]"), END };
static const struct tl_lf_slot llama2_system[] = {
	S("<<SYS>>\n{{content}}\n<</SYS>>\n\n"), END
};
static const struct tl_lf_slot llama3_user[] = {
	S("<|start_header_id|>user<|end_header_id|>\n\n{{content}}<|eot_id|><|"
	  "start_header_id|>assistant<|end_header_id|>\n\n"),
	END
};
static const struct tl_lf_slot llama3_assistant[] = {
	S("{{content}}<|eot_id|>"), END
};
static const struct tl_lf_slot llama3_system[] = {
	S("<|start_header_id|>system<|end_header_id|>\n\n{{content}}<|eot_id|"
	  ">"),
	END
};
static const struct tl_lf_slot llama3_observation[] = {
	S("<|start_header_id|>ipython<|end_header_id|>\n\n{{content}}<|eot_id|>"
	  "<|start_header_id|>assistant<|end_header_id|>\n\n"),
	END
};
static const char *const llama3_stops[] = { "<|eot_id|>", "<|eom_id|>", NULL };
static const struct tl_lf_slot llama4_user[] = {
	S("<|header_start|>user<|header_end|>\n\n{{content}}<|eot|><|header_"
	  "start|>assistant<|header_end|>\n\n"),
	END
};
static const struct tl_lf_slot llama4_assistant[] = { S("{{content}}<|eot|>"),
	END };
static const struct tl_lf_slot llama4_system[] = {
	S("<|header_start|>system<|header_end|>\n\n{{content}}<|eot|>"), END
};
static const struct tl_lf_slot llama4_observation[] = {
	S("<|header_start|>ipython<|header_end|>\n\n{{content}}<|eot|><|header_"
	  "start|>assistant<|header_end|>\n\n"),
	END
};
static const char *const llama4_stops[] = { "<|eot|>", "<|eom|>", NULL };
static const struct tl_lf_slot llava_user[] = {
	S("USER: {{content}} ASSISTANT:"), END
};
static const struct tl_lf_slot llava_next_mistral_user[] = {
	S("[INST] {{content}}[/INST]"), END
};
static const struct tl_lf_slot llava_next_mistral_assistant[] = {
	S(" {{content}}"), EOS, END
};
static const struct tl_lf_slot llava_next_mistral_function[] = {
	S("[TOOL_CALLS] {{content}}"), EOS, END
};
static const struct tl_lf_slot llava_next_mistral_observation[] = {
	S("[TOOL_RESULTS] {\"content\": {{content}}}[/TOOL_RESULTS]"), END
};
static const struct tl_lf_slot minimax1_user[] = {
	S("<beginning_of_sentence>user "
	  "name=user\n{{content}}<end_of_sentence>\n<beginning_of_sentence>ai "
	  "name=assistant\n"),
	END
};
static const struct tl_lf_slot minimax1_assistant[] = {
	S("{{content}}<end_of_sentence>\n"), END
};
static const struct tl_lf_slot minimax1_system[] = {
	S("<beginning_of_sentence>system "
	  "ai_setting=assistant\n{{content}}<end_of_sentence>\n"),
	END
};
static const struct tl_lf_slot minimax1_observation[] = {
	S("<beginning_of_sentence>tool "
	  "name=tools\n{{content}}<end_of_sentence>\n<beginning_of_sentence>ai "
	  "name=assistant\n"),
	END
};
static const char *const minimax1_stops[] = { "<end_of_sentence>", NULL };
static const struct tl_lf_slot minimax2_user[] = {
	S("]~b]user\n{{content}}[e~[\n]~b]ai\n"), END
};
static const struct tl_lf_slot minimax2_assistant[] = { S("{{content}}[e~[\n"),
	END };
static const struct tl_lf_slot minimax2_system[] = {
	S("]~!b[]~b]system\n{{content}}[e~[\n"), END
};
static const struct tl_lf_slot minimax2_observation[] = {
	S("]~b]tool\n<response>{{content}}</response>[e~[\n]~b]ai\n"), END
};
static const char *const minimax2_stops[] = { "[e~[", NULL };
static const struct tl_lf_slot ministral_user[] = {
	S("[INST]{{content}}[/INST]"), END
};
static const struct tl_lf_slot ministral_function[] = {
	S("[TOOL_CALLS]{{content}}"), EOS, END
};
static const struct tl_lf_slot ministral_observation[] = {
	S("[TOOL_RESULTS]{\"content\": {{content}}}[/TOOL_RESULTS]"), END
};
static const struct tl_lf_slot mistral_small_system[] = {
	S("[SYSTEM_PROMPT]{{content}}[/SYSTEM_PROMPT]"), END
};
static const struct tl_lf_slot olmo_user[] = {
	S("<|user|>\n{{content}}<|assistant|>\n"), END
};
static const struct tl_lf_slot olmo_prefix[] = { EOS, END };
static const struct tl_lf_slot openchat_user[] = {
	S("GPT4 Correct User: {{content}}"), EOS, S("GPT4 Correct Assistant:"),
	END
};
static const struct tl_lf_slot openchat_3_6_user[] = {
	S("<|start_header_id|>GPT4 Correct "
	  "User<|end_header_id|>\n\n{{content}}<|eot_id|><|start_header_id|>"
	  "GPT4 Correct Assistant<|end_header_id|>\n\n"),
	END
};
static const char *const openchat_3_6_stops[] = { "<|eot_id|>", NULL };
static const struct tl_lf_slot phi_user[] = {
	S("<|user|>\n{{content}}<|end|>\n<|assistant|>\n"), END
};
static const struct tl_lf_slot phi_assistant[] = { S("{{content}}<|end|>\n"),
	END };
static const struct tl_lf_slot phi_system[] = {
	S("<|system|>\n{{content}}<|end|>\n"), END
};
static const char *const phi_stops[] = { "<|end|>", NULL };
static const struct tl_lf_slot phi4_user[] = {
	S("<|im_start|>user<|im_sep|>{{content}}<|im_end|><|im_start|>"
	  "assistant<|im_sep|>"),
	END
};
static const struct tl_lf_slot phi4_system[] = {
	S("<|im_start|>system<|im_sep|>{{content}}<|im_end|>"), END
};
static const struct tl_lf_slot phi4_mini_user[] = {
	S("<|user|>{{content}}<|end|><|assistant|>"), END
};
static const struct tl_lf_slot phi4_mini_assistant[] = {
	S("{{content}}<|end|>"), END
};
static const struct tl_lf_slot phi4_mini_system[] = {
	S("<|system|>{{content}}<|end|>"), END
};
static const struct tl_lf_slot sailor_user[] = {
	S("<|im_start|>question\n{{content}}<|im_end|>\n<|im_start|>answer\n"),
	END
};
static const struct tl_lf_slot seed_coder_user[] = { BOS,
	S("user\n{{content}}"), EOS, BOS, S("assistant\n"), END };
static const struct tl_lf_slot seed_coder_system[] = { BOS,
	S("system\n{{content}}"), EOS, END };
static const struct tl_lf_slot seed_oss_function[] = { BOS, S("\n{{content}}"),
	EOS, END };
static const struct tl_lf_slot solar_user[] = {
	S("### User:\n{{content}}\n\n### Assistant:\n"), END
};
static const struct tl_lf_slot solar_system[] = {
	S("### System:\n{{content}}\n\n"), END
};
static const struct tl_lf_slot starchat_user[] = {
	S("<|user|>\n{{content}}<|end|>\n<|assistant|>"), END
};
static const struct tl_lf_slot telechat2_user[] = {
	S("<_user>{{content}}<_bot>"), END
};
static const struct tl_lf_slot telechat2_system[] = { S("<_system>{{content}}"),
	END };
static const struct tl_lf_slot xuanyuan_user[] = {
	S("Human: {{content}} Assistant:"), END
};
static const struct tl_lf_slot yi_vl_user[] = {
	S("### Human: {{content}}\n### Assistant:"), END
};
static const char *const yi_vl_stops[] = { "###", NULL };
static const struct tl_lf_slot youtu_user[] = {
	S("<|User|>{{content}}<|Assistant|>"), END
};
static const struct tl_lf_slot youtu_assistant[] = {
	S("{{content}}<|end_of_text|>"), END
};
static const struct tl_lf_slot youtu_observation[] = {
	S("<tool_response>\n{{content}}\n</tool_response><|Assistant|>"), END
};
static const struct tl_lf_slot youtu_vl_user[] = {
	S("<|begin_of_text|>user\n{{content}}<|end_of_text|>\n<|begin_of_text|>"
	  "assistant\n"),
	END
};
static const struct tl_lf_slot youtu_vl_system[] = {
	S("<|begin_of_text|>system\n{{content}}<|end_of_text|>\n"), END
};
static const struct tl_lf_slot yuan_user[] = { S("{{content}}"), T("<sep>"),
	END };
static const struct tl_lf_slot yuan_assistant[] = { S("{{content}}<eod>\n"),
	END };
static const char *const yuan_stops[] = { "<eod>", NULL };
static const struct tl_lf_slot zephyr_user[] = { S("<|user|>\n{{content}}"),
	EOS, S("<|assistant|>\n"), END };
static const struct tl_lf_slot zephyr_system[] = { S("<|system|>\n{{content}}"),
	EOS, END };

static const struct tl_lf_template templates[] = {
	{
	    .name = "aeva",
	    .user = aeva_user,
	    .assistant = aeva_assistant,
	    .system = aeva_system,
	    .function = aeva_function,
	    .observation = aeva_observation,
	    .prefix = aeva_prefix,
	    .default_system = "You are an AI assistant named Aeva created by "
			      "Zongzhi Lou. Your answer should be friendly, "
			      "unbiased, faithful, informative and detailed.",
	    .stop_words = aeva_stops,
	    .thought_words = { "<think>", "</think>" },
	    .tools = TL_LF_TOOLS_GLM4_MOE,
	    .calls = TL_LF_TOOLS_GLM4_MOE,
	    .traits =
		TL_LF_REASONING | TL_LF_HALF_THOUGHT | TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "alpaca",
	    .user = alpaca_user,
	    .assistant = alpaca_assistant,
	    .system = aeva_function,
	    .function = alpaca_assistant,
	    .observation = alpaca_user,
	    .default_system =
		"Below is an instruction that describes a task. Write a "
		"response that appropriately completes the request.\n\n",
	},
	/* Until January 2026. */
	{
	    .name = "baichuan",
	    .user = baichuan_user,
	    .assistant = aeva_function,
	    .system = aeva_function,
	    .function = aeva_function,
	    .observation = baichuan_user,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "baichuan2",
	    .user = baichuan2_user,
	    .assistant = aeva_function,
	    .system = aeva_function,
	    .function = aeva_function,
	    .observation = baichuan2_user,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "bailing",
	    .user = bailing_user,
	    .assistant = aeva_function,
	    .system = bailing_system,
	    .function = aeva_function,
	    .observation = bailing_observation,
	    .stop_words = bailing_stops,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "bailing_v2",
	    .user = bailing_v2_user,
	    .assistant = bailing_v2_assistant,
	    .system = bailing_v2_system,
	    .function = bailing_v2_assistant,
	    .observation = bailing_v2_observation,
	    .stop_words = bailing_stops,
	    .tools = TL_LF_TOOLS_LING,
	    .calls = TL_LF_TOOLS_LING,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "breeze",
	    .user = breeze_user,
	    .assistant = aeva_function,
	    .system = aeva_function,
	    .function = aeva_function,
	    .observation = breeze_user,
	    .prefix = breeze_prefix,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "chatglm3",
	    .user = chatglm3_user,
	    .assistant = chatglm3_assistant,
	    .system = chatglm3_system,
	    .function = aeva_function,
	    .observation = chatglm3_observation,
	    .prefix = chatglm3_prefix,
	    .stop_words = aeva_stops,
	    .tools = TL_LF_TOOLS_GLM4,
	    .calls = TL_LF_TOOLS_GLM4,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "chatml",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_observation,
	    .stop_words = chatml_stops,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "chatml_de",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_observation,
	    .default_system =
		"Du bist ein freundlicher und hilfsbereiter KI-Assistent.",
	    .stop_words = chatml_stops,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "cohere",
	    .user = cohere_user,
	    .assistant = cohere_assistant,
	    .system = cohere_system,
	    .function = cohere_assistant,
	    .observation = cohere_user,
	    .prefix = breeze_prefix,
	},
	{
	    .name = "cpm4",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_observation,
	    .prefix = breeze_prefix,
	    .stop_words = cpm4_stops,
	},
	{
	    .name = "dbrx",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_observation,
	    .ndefault = 1040,
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "deepseek",
	    .user = deepseek_user,
	    .assistant = cohere_assistant,
	    .system = deepseek_system,
	    .function = cohere_assistant,
	    .observation = deepseek_user,
	    .prefix = breeze_prefix,
	},
	{
	    .name = "deepseek3",
	    .user = deepseek3_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = deepseek3_user,
	    .prefix = breeze_prefix,
	},
	{
	    .name = "deepseekcoder",
	    .user = deepseekcoder_user,
	    .assistant = deepseekcoder_assistant,
	    .system = aeva_function,
	    .function = deepseekcoder_assistant,
	    .observation = deepseekcoder_user,
	    .prefix = breeze_prefix,
	    .ndefault = 298,
	},
	{
	    .name = "deepseekr1",
	    .user = deepseek3_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = deepseek3_user,
	    .prefix = breeze_prefix,
	    .traits = TL_LF_REASONING,
	},
	{
	    .name = "default",
	    .user = default_user,
	    .assistant = default_assistant,
	    .system = default_system,
	    .function = default_assistant,
	    .observation = default_user,
	},
	{
	    .name = "dots_ocr",
	    .user = dots_ocr_user,
	    .assistant = dots_ocr_assistant,
	    .system = dots_ocr_system,
	    .function = dots_ocr_assistant,
	    .observation = dots_ocr_user,
	    .stop_words = dots_ocr_stops,
	    .traits = TL_LF_EFFICIENT_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "empty",
	    .user = aeva_function,
	    .assistant = aeva_function,
	    .system = aeva_function,
	    .function = aeva_function,
	    .observation = aeva_function,
	},
	{
	    .name = "ernie",
	    .user = ernie_user,
	    .assistant = ernie_assistant,
	    .system = ernie_system,
	    .function = ernie_assistant,
	    .observation = ernie_observation,
	    .default_system =
		"<global_setting>\nthink_mode=True\n</global_setting>",
	    .stop_words = cpm4_stops,
	},
	{
	    .name = "ernie_nothink",
	    .user = ernie_nothink_user,
	    .assistant = ernie_nothink_assistant,
	    .system = ernie_nothink_system,
	    .function = ernie_nothink_assistant,
	    .observation = ernie_nothink_user,
	    .prefix = ernie_nothink_prefix,
	    .stop_words = ernie_nothink_stops,
	},
	{
	    .name = "ernie_vl",
	    .user = ernie_vl_user,
	    .assistant = ernie_vl_assistant,
	    .system = ernie_nothink_system,
	    .function = ernie_vl_assistant,
	    .observation = ernie_vl_user,
	    .stop_words = ernie_nothink_stops,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "exaone",
	    .user = exaone_user,
	    .assistant = default_assistant,
	    .system = exaone_system,
	    .function = default_assistant,
	    .observation = exaone_user,
	},
	{
	    .name = "falcon",
	    .user = falcon_user,
	    .assistant = ernie_nothink_system,
	    .system = aeva_function,
	    .function = ernie_nothink_system,
	    .observation = falcon_user,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "falcon_h1",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_observation,
	    .prefix = breeze_prefix,
	    .stop_words = falcon_h1_stops,
	},
	{
	    .name = "fewshot",
	    .user = aeva_function,
	    .assistant = deepseek_system,
	    .system = aeva_function,
	    .function = deepseek_system,
	    .observation = aeva_function,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "gemma",
	    .user = gemma_user,
	    .assistant = gemma_assistant,
	    .system = deepseek_system,
	    .function = gemma_assistant,
	    .observation = gemma_observation,
	    .prefix = breeze_prefix,
	    .stop_words = gemma_stops,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_REPLACE_EOS,
	},
	{
	    .name = "gemma2",
	    .user = gemma_user,
	    .assistant = gemma_assistant,
	    .system = deepseek_system,
	    .function = gemma_assistant,
	    .observation = gemma_observation,
	    .prefix = breeze_prefix,
	    .stop_words = gemma2_stops,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "gemma3",
	    .user = gemma_user,
	    .assistant = gemma_assistant,
	    .system = deepseek_system,
	    .function = gemma_assistant,
	    .observation = gemma_observation,
	    .prefix = breeze_prefix,
	    .stop_words = gemma_stops,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "gemma3n",
	    .user = gemma_user,
	    .assistant = gemma_assistant,
	    .system = deepseek_system,
	    .function = gemma_assistant,
	    .observation = gemma_observation,
	    .prefix = breeze_prefix,
	    .stop_words = gemma_stops,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "gemma4",
	    .user = gemma4_user,
	    .assistant = gemma4_assistant,
	    .system = gemma4_system,
	    .function = gemma4_function,
	    .observation = gemma4_observation,
	    .prefix = breeze_prefix,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = gemma4_stops,
	    .thought_words = { "<|channel>thought\n", "<channel|>" },
	    .tools = TL_LF_TOOLS_GEMMA4,
	    .calls = TL_LF_TOOLS_GEMMA4,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "gemma4n",
	    .user = gemma4_user,
	    .assistant = gemma4_assistant,
	    .system = gemma4_system,
	    .function = gemma4_function,
	    .observation = gemma4_observation,
	    .prefix = breeze_prefix,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = gemma4_stops,
	    .thought_words = { "<|channel>thought\n", "<channel|>" },
	    .tools = TL_LF_TOOLS_GEMMA4,
	    .calls = TL_LF_TOOLS_GEMMA4,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "glm4",
	    .user = aeva_user,
	    .assistant = aeva_assistant,
	    .system = aeva_system,
	    .function = aeva_function,
	    .observation = aeva_observation,
	    .prefix = aeva_prefix,
	    .stop_words = aeva_stops,
	    .tools = TL_LF_TOOLS_GLM4,
	    .calls = TL_LF_TOOLS_GLM4,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "glm4_5v",
	    .user = aeva_user,
	    .assistant = aeva_assistant,
	    .system = aeva_system,
	    .function = aeva_function,
	    .observation = aeva_observation,
	    .prefix = aeva_prefix,
	    .stop_words = glm4_5v_stops,
	    .tools = TL_LF_TOOLS_GLM4_MOE,
	    .calls = TL_LF_TOOLS_GLM4_MOE,
	    .traits = TL_LF_REASONING | TL_LF_EFFICIENT_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "glm4_7",
	    .user = aeva_user,
	    .assistant = aeva_assistant,
	    .system = aeva_system,
	    .function = aeva_function,
	    .observation = aeva_observation,
	    .prefix = aeva_prefix,
	    .stop_words = aeva_stops,
	    .thought_words = { "<think>", "</think>" },
	    .tools = TL_LF_TOOLS_GLM4_MOE,
	    .calls = TL_LF_TOOLS_GLM4_MOE,
	    .traits =
		TL_LF_REASONING | TL_LF_HALF_THOUGHT | TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "glm4_moe",
	    .user = aeva_user,
	    .assistant = aeva_assistant,
	    .system = aeva_system,
	    .function = aeva_function,
	    .observation = aeva_observation,
	    .prefix = aeva_prefix,
	    .stop_words = aeva_stops,
	    .tools = TL_LF_TOOLS_GLM4_MOE,
	    .calls = TL_LF_TOOLS_GLM4_MOE,
	    .traits = TL_LF_REASONING | TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "glm4v",
	    .user = aeva_user,
	    .assistant = aeva_assistant,
	    .system = aeva_system,
	    .function = aeva_function,
	    .observation = aeva_observation,
	    .prefix = aeva_prefix,
	    .stop_words = glm4_5v_stops,
	    .tools = TL_LF_TOOLS_GLM4,
	    .calls = TL_LF_TOOLS_GLM4,
	    .traits = TL_LF_REASONING | TL_LF_EFFICIENT_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "glm_ocr",
	    .user = aeva_user,
	    .assistant = aeva_assistant,
	    .system = aeva_system,
	    .function = aeva_function,
	    .observation = aeva_observation,
	    .prefix = aeva_prefix,
	    .stop_words = aeva_stops,
	    .tools = TL_LF_TOOLS_GLM4,
	    .calls = TL_LF_TOOLS_GLM4,
	    .traits = TL_LF_EFFICIENT_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "glmz1",
	    .user = aeva_user,
	    .assistant = aeva_assistant,
	    .system = aeva_system,
	    .function = aeva_function,
	    .observation = aeva_observation,
	    .prefix = aeva_prefix,
	    .stop_words = aeva_stops,
	    .tools = TL_LF_TOOLS_GLM4,
	    .calls = TL_LF_TOOLS_GLM4,
	    .traits = TL_LF_REASONING | TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "gpt_oss",
	    .user = gpt_oss_user,
	    .assistant = aeva_function,
	    .system = gpt_oss_system,
	    .function = aeva_function,
	    .observation = gpt_oss_user,
	    .default_system =
		"You are ChatGPT, a large language model trained by OpenAI.",
	    .thought_words = { "<|channel|>analysis<|message|>",
		"<|end|><|start|>assistant<|channel|>final<|message|>" },
	    .traits = TL_LF_REASONING | TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "granite3",
	    .user = granite3_user,
	    .assistant = granite3_assistant,
	    .system = granite3_system,
	    .function = granite3_assistant,
	    .observation = granite3_user,
	},
	{
	    .name = "granite3_vision",
	    .user = granite3_vision_user,
	    .assistant = cohere_assistant,
	    .system = granite3_vision_system,
	    .function = cohere_assistant,
	    .observation = granite3_vision_user,
	    .default_system =
		"A chat between a curious user and an artificial intelligence "
		"assistant. The assistant gives helpful, detailed, and polite "
		"answers to the user's questions.",
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "granite4",
	    .user = granite3_user,
	    .assistant = granite3_assistant,
	    .system = granite3_system,
	    .function = granite3_assistant,
	    .observation = granite4_observation,
	    .default_system = "You are Granite, developed by IBM. You are a "
			      "helpful AI assistant.",
	    .stop_words = granite4_stops,
	},
	{
	    .name = "hunyuan",
	    .user = hunyuan_user,
	    .assistant = hunyuan_assistant,
	    .system = hunyuan_system,
	    .function = hunyuan_assistant,
	    .observation = hunyuan_user,
	    .prefix = hunyuan_prefix,
	    .stop_words = hunyuan_stops,
	},
	{
	    .name = "hunyuan_small",
	    .user = hunyuan_small_user,
	    .assistant = hunyuan_small_assistant,
	    .system = hunyuan_small_system,
	    .function = hunyuan_small_assistant,
	    .observation = hunyuan_small_user,
	    .prefix = hunyuan_small_prefix,
	    .stop_words = hunyuan_small_stops,
	},
	{
	    .name = "hy3",
	    .user = hy3_user,
	    .assistant = hy3_assistant,
	    .system = aeva_function,
	    .function = hy3_assistant,
	    .observation = hy3_user,
	    .prefix = breeze_prefix,
	    .stop_words = hy3_stops,
	    .thought_words = { "<think>", "</think>" },
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS,
	},
	{
	    .name = "hy_dense_1_8b",
	    .user = hy_dense_1_8b_user,
	    .assistant = hy_dense_1_8b_assistant,
	    .system = hunyuan_small_system,
	    .function = hy_dense_1_8b_assistant,
	    .observation = hy_dense_1_8b_user,
	    .prefix = breeze_prefix,
	    .stop_words = hunyuan_small_stops,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "hy_dense_7b",
	    .user = hunyuan_user,
	    .assistant = aeva_function,
	    .system = hunyuan_system,
	    .function = aeva_function,
	    .observation = hunyuan_user,
	    .prefix = breeze_prefix,
	    .stop_words = hunyuan_stops,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "index",
	    .user = index_user,
	    .assistant = aeva_function,
	    .system = index_system,
	    .function = aeva_function,
	    .observation = index_user,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "intern2",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .prefix = breeze_prefix,
	    .ndefault = 336,
	    .stop_words = cpm4_stops,
	},
	{
	    .name = "intern_s1",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .prefix = breeze_prefix,
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "intern_vl",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .prefix = breeze_prefix,
	    .default_system =
		"你是书生·万象，英文名是InternVL，是由上海人工智能实验室、清华"
		"大学及多家合作单位联合开发的多模态大语言模型。",
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "keye_vl",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "kimi_vl",
	    .user = kimi_vl_user,
	    .assistant = kimi_vl_assistant,
	    .system = kimi_vl_system,
	    .function = kimi_vl_assistant,
	    .observation = kimi_vl_user,
	    .default_system = "You are a helpful assistant",
	    .stop_words = cpm4_stops,
	    .thought_words = { "◁think▷", "◁/think▷" },
	    .traits = TL_LF_REASONING | TL_LF_MEDIA,
	},
	{
	    .name = "lfm2",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = lfm2_observation,
	    .default_system = "You are a helpful AI assistant.",
	    .stop_words = cpm4_stops,
	    .call_words = { "<|tool_call_start|>", "<|tool_call_end|>" },
	    .tools = TL_LF_TOOLS_LFM2,
	    .calls = TL_LF_TOOLS_LFM2,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "lfm2_vl",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = lfm2_observation,
	    .default_system =
		"You are a helpful multimodal assistant by Liquid AI.",
	    .stop_words = cpm4_stops,
	    .call_words = { "<|tool_call_start|>", "<|tool_call_end|>" },
	    .tools = TL_LF_TOOLS_LFM2,
	    .calls = TL_LF_TOOLS_LFM2,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "llama2",
	    .user = llama2_user,
	    .assistant = cohere_assistant,
	    .system = llama2_system,
	    .function = cohere_assistant,
	    .observation = llama2_user,
	    .traits = TL_LF_SYSTEM_IN_USER,
	},
	{
	    .name = "llama2_zh",
	    .user = llama2_user,
	    .assistant = cohere_assistant,
	    .system = llama2_system,
	    .function = cohere_assistant,
	    .observation = llama2_user,
	    .default_system =
		"You are a helpful assistant. 你是一个乐于助人的助手。",
	    .traits = TL_LF_SYSTEM_IN_USER,
	},
	{
	    .name = "llama3",
	    .user = llama3_user,
	    .assistant = llama3_assistant,
	    .system = llama3_system,
	    .function = llama3_assistant,
	    .observation = llama3_observation,
	    .prefix = breeze_prefix,
	    .stop_words = llama3_stops,
	    .tools = TL_LF_TOOLS_LLAMA3,
	    .calls = TL_LF_TOOLS_LLAMA3,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "llama4",
	    .user = llama4_user,
	    .assistant = llama4_assistant,
	    .system = llama4_system,
	    .function = llama4_assistant,
	    .observation = llama4_observation,
	    .prefix = breeze_prefix,
	    .stop_words = llama4_stops,
	    .tools = TL_LF_TOOLS_LLAMA3,
	    .calls = TL_LF_TOOLS_LLAMA3,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "llava",
	    .user = llava_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = llava_user,
	    .default_system =
		"A chat between a curious user and an artificial intelligence "
		"assistant. The assistant gives helpful, detailed, and polite "
		"answers to the user's questions.",
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "llava_next",
	    .user = llava_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = llava_user,
	    .default_system =
		"A chat between a curious user and an artificial intelligence "
		"assistant. The assistant gives helpful, detailed, and polite "
		"answers to the user's questions.",
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "llava_next_llama3",
	    .user = llama3_user,
	    .assistant = llama3_assistant,
	    .system = llama3_system,
	    .function = llama3_assistant,
	    .observation = llama3_observation,
	    .prefix = breeze_prefix,
	    .stop_words = llama3_stops,
	    .tools = TL_LF_TOOLS_LLAMA3,
	    .calls = TL_LF_TOOLS_LLAMA3,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "llava_next_mistral",
	    .user = llava_next_mistral_user,
	    .assistant = llava_next_mistral_assistant,
	    .system = deepseek_system,
	    .function = llava_next_mistral_function,
	    .observation = llava_next_mistral_observation,
	    .prefix = breeze_prefix,
	    .tools = TL_LF_TOOLS_MISTRAL,
	    .calls = TL_LF_TOOLS_MISTRAL,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_MEDIA,
	},
	{
	    .name = "llava_next_qwen",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "llava_next_video",
	    .user = llava_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = llava_user,
	    .default_system =
		"A chat between a curious user and an artificial intelligence "
		"assistant. The assistant gives helpful, detailed, and polite "
		"answers to the user's questions.",
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "llava_next_video_mistral",
	    .user = llava_next_mistral_user,
	    .assistant = llava_next_mistral_assistant,
	    .system = deepseek_system,
	    .function = llava_next_mistral_function,
	    .observation = llava_next_mistral_observation,
	    .prefix = breeze_prefix,
	    .tools = TL_LF_TOOLS_MISTRAL,
	    .calls = TL_LF_TOOLS_MISTRAL,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_MEDIA,
	},
	{
	    .name = "llava_next_video_yi",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "llava_next_yi",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "mimo",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS,
	},
	{
	    .name = "mimo_v2",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .default_system =
		"You are MiMo, a helpful AI assistant engineered by Xiaomi.",
	    .stop_words = cpm4_stops,
	    .thought_words = { "<think>", "</think>" },
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS,
	},
	{
	    .name = "mimo_vl",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .default_system =
		"You are MiMo, an AI assistant developed by Xiaomi.",
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "minicpm_o",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .default_system = "You are a helpful assistant. You can accept "
			      "audio and text input and output voice and text.",
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "minicpm_v",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "minicpm_v_4_6",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "minimax1",
	    .user = minimax1_user,
	    .assistant = minimax1_assistant,
	    .system = minimax1_system,
	    .function = minimax1_assistant,
	    .observation = minimax1_observation,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = minimax1_stops,
	    .tools = TL_LF_TOOLS_MINIMAX1,
	    .calls = TL_LF_TOOLS_MINIMAX1,
	},
	{
	    .name = "minimax2",
	    .user = minimax2_user,
	    .assistant = minimax2_assistant,
	    .system = minimax2_system,
	    .function = minimax2_assistant,
	    .observation = minimax2_observation,
	    .default_system = "You are a helpful assistant. Your name is "
			      "MiniMax-M2.1 and is built by MiniMax.",
	    .stop_words = minimax2_stops,
	    .tools = TL_LF_TOOLS_MINIMAX2,
	    .calls = TL_LF_TOOLS_MINIMAX2,
	    .traits = TL_LF_REASONING,
	},
	{
	    .name = "ministral",
	    .user = ministral_user,
	    .assistant = cohere_assistant,
	    .system = deepseek_system,
	    .function = ministral_function,
	    .observation = ministral_observation,
	    .prefix = breeze_prefix,
	    .tools = TL_LF_TOOLS_MISTRAL,
	    .calls = TL_LF_TOOLS_MISTRAL,
	    .traits = TL_LF_SYSTEM_IN_USER,
	},
	{
	    .name = "ministral3",
	    .user = ministral_user,
	    .assistant = cohere_assistant,
	    .system = deepseek_system,
	    .function = ministral_function,
	    .observation = ministral_observation,
	    .prefix = breeze_prefix,
	    .tools = TL_LF_TOOLS_MISTRAL,
	    .calls = TL_LF_TOOLS_MISTRAL,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_MEDIA,
	},
	{
	    .name = "mistral",
	    .user = llava_next_mistral_user,
	    .assistant = llava_next_mistral_assistant,
	    .system = deepseek_system,
	    .function = llava_next_mistral_function,
	    .observation = llava_next_mistral_observation,
	    .prefix = breeze_prefix,
	    .tools = TL_LF_TOOLS_MISTRAL,
	    .calls = TL_LF_TOOLS_MISTRAL,
	    .traits = TL_LF_SYSTEM_IN_USER,
	},
	{
	    .name = "mistral_small",
	    .user = ministral_user,
	    .assistant = cohere_assistant,
	    .system = mistral_small_system,
	    .function = ministral_function,
	    .observation = ministral_observation,
	    .prefix = breeze_prefix,
	    .tools = TL_LF_TOOLS_MISTRAL,
	    .calls = TL_LF_TOOLS_MISTRAL,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "mllama",
	    .user = llama3_user,
	    .assistant = llama3_assistant,
	    .system = llama3_system,
	    .function = llama3_assistant,
	    .observation = llama3_observation,
	    .prefix = breeze_prefix,
	    .stop_words = llama3_stops,
	    .tools = TL_LF_TOOLS_LLAMA3,
	    .calls = TL_LF_TOOLS_LLAMA3,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "moonlight",
	    .user = kimi_vl_user,
	    .assistant = kimi_vl_assistant,
	    .system = kimi_vl_system,
	    .function = kimi_vl_assistant,
	    .observation = kimi_vl_user,
	    .default_system =
		"You are a helpful assistant provided by Moonshot-AI.",
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "moss_vl",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_TRIM_TOOLS | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "olmo",
	    .user = olmo_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = olmo_user,
	    .prefix = olmo_prefix,
	},
	{
	    .name = "openchat",
	    .user = openchat_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = openchat_user,
	    .prefix = breeze_prefix,
	},
	{
	    .name = "openchat-3.6",
	    .user = openchat_3_6_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = openchat_3_6_user,
	    .prefix = breeze_prefix,
	    .stop_words = openchat_3_6_stops,
	},
	{
	    .name = "opencoder",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_observation,
	    .default_system = "You are OpenCoder, created by OpenCoder Team.",
	    .stop_words = cpm4_stops,
	},
	{
	    .name = "paligemma",
	    .user = ernie_nothink_system,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = ernie_nothink_system,
	    .prefix = breeze_prefix,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_MEDIA,
	},
	{
	    .name = "paligemma_chat",
	    .user = gemma_user,
	    .assistant = gemma_assistant,
	    .system = aeva_function,
	    .function = gemma_assistant,
	    .observation = gemma_observation,
	    .prefix = breeze_prefix,
	    .stop_words = gemma_stops,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "phi",
	    .user = phi_user,
	    .assistant = phi_assistant,
	    .system = phi_system,
	    .function = phi_assistant,
	    .observation = phi_user,
	    .stop_words = phi_stops,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "phi4",
	    .user = phi4_user,
	    .assistant = kimi_vl_assistant,
	    .system = phi4_system,
	    .function = kimi_vl_assistant,
	    .observation = phi4_user,
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "phi4_mini",
	    .user = phi4_mini_user,
	    .assistant = phi4_mini_assistant,
	    .system = phi4_mini_system,
	    .function = phi4_mini_assistant,
	    .observation = phi4_mini_user,
	    .stop_words = phi_stops,
	    .traits = TL_LF_REPLACE_EOS,
	    .tools = TL_LF_TOOLS_PHI4,
	},
	{
	    .name = "phi_small",
	    .user = phi_user,
	    .assistant = phi_assistant,
	    .system = phi_system,
	    .function = phi_assistant,
	    .observation = phi_user,
	    .stop_words = phi_stops,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "pixtral",
	    .user = ministral_user,
	    .assistant = cohere_assistant,
	    .system = deepseek_system,
	    .function = ministral_function,
	    .observation = ministral_observation,
	    .prefix = breeze_prefix,
	    .tools = TL_LF_TOOLS_MISTRAL,
	    .calls = TL_LF_TOOLS_MISTRAL,
	    .traits = TL_LF_SYSTEM_IN_USER | TL_LF_MEDIA,
	},
	{
	    .name = "qwen",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .default_system = "You are Qwen, created by Alibaba Cloud. You are "
			      "a helpful assistant.",
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "qwen2_audio",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = cpm4_stops,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen2_omni",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen2_vl",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen3",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS,
	},
	{
	    .name = "qwen3_5",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN3_5,
	    .calls = TL_LF_TOOLS_QWEN3_5,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen3_5_nothink",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN3_5,
	    .calls = TL_LF_TOOLS_QWEN3_5,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen3_6",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN3_5,
	    .calls = TL_LF_TOOLS_QWEN3_5,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen3_nothink",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REPLACE_EOS,
	},
	{
	    .name = "qwen3_omni",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen3_omni_nothink",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen3_vl",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "qwen3_vl_nothink",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = keye_vl_observation,
	    .stop_words = cpm4_stops,
	    .tools = TL_LF_TOOLS_QWEN,
	    .calls = TL_LF_TOOLS_QWEN,
	    .traits = TL_LF_REPLACE_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "sailor",
	    .user = sailor_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = sailor_user,
	    .default_system = "You are an AI assistant named Sailor created by "
			      "Sea AI Lab. Your answer should be friendly, "
			      "unbiased, faithful, informative and detailed.",
	    .stop_words = cpm4_stops,
	},
	{
	    .name = "seed_coder",
	    .user = seed_coder_user,
	    .assistant = cohere_assistant,
	    .system = seed_coder_system,
	    .function = cohere_assistant,
	    .observation = seed_coder_user,
	    .ndefault = 293,
	},
	{
	    .name = "seed_oss",
	    .user = seed_coder_user,
	    .assistant = cohere_assistant,
	    .system = seed_coder_system,
	    .function = seed_oss_function,
	    .observation = seed_coder_user,
	    .thought_words = { "<seed:think>", "</seed:think>" },
	    .tools = TL_LF_TOOLS_SEED_OSS,
	    .calls = TL_LF_TOOLS_SEED_OSS,
	    .traits = TL_LF_REASONING,
	},
	{
	    .name = "smollm",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .stop_words = cpm4_stops,
	},
	{
	    .name = "smollm2",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .default_system = "You are a helpful AI assistant named SmolLM, "
			      "trained by Hugging Face.",
	    .stop_words = cpm4_stops,
	},
	{
	    .name = "solar",
	    .user = solar_user,
	    .assistant = aeva_function,
	    .system = solar_system,
	    .function = aeva_function,
	    .observation = solar_user,
	    .traits = TL_LF_EFFICIENT_EOS,
	},
	{
	    .name = "starchat",
	    .user = starchat_user,
	    .assistant = phi_assistant,
	    .system = phi_system,
	    .function = phi_assistant,
	    .observation = starchat_user,
	    .stop_words = phi_stops,
	},
	{
	    .name = "telechat2",
	    .user = telechat2_user,
	    .assistant = cohere_assistant,
	    .system = telechat2_system,
	    .function = cohere_assistant,
	    .observation = telechat2_user,
	    .default_system = "你是中国电信星辰语义大模型，英文名是TeleChat，你"
			      "是由中电信人工智能科技有限公司和中国电信人工智能"
			      "研究院（TeleAI）研发的人工智能助手。",
	},
	{
	    .name = "vicuna",
	    .user = llava_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = llava_user,
	    .default_system =
		"A chat between a curious user and an artificial intelligence "
		"assistant. The assistant gives helpful, detailed, and polite "
		"answers to the user's questions.",
	},
	{
	    .name = "video_llava",
	    .user = llava_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = llava_user,
	    .default_system =
		"A chat between a curious user and an artificial intelligence "
		"assistant. The assistant gives helpful, detailed, and polite "
		"answers to the user's questions.",
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "xuanyuan",
	    .user = xuanyuan_user,
	    .assistant = cohere_assistant,
	    .system = aeva_function,
	    .function = cohere_assistant,
	    .observation = xuanyuan_user,
	    .default_system =
		"以下是用户和人工智能助手之间的对话。用户以Human开头，人工智能"
		"助手以Assistant开头，会对人类提出的问题给出有帮助、高质量、详"
		"细和礼貌的回答，并且总是拒绝参与与不道德、不安全、有争议、政治"
		"敏感等相关的话题、问题和指示。\n",
	},
	{
	    .name = "yi",
	    .user = chatml_user,
	    .assistant = chatml_assistant,
	    .system = chatml_system,
	    .function = chatml_assistant,
	    .observation = chatml_user,
	    .stop_words = cpm4_stops,
	},
	{
	    .name = "yi_vl",
	    .user = yi_vl_user,
	    .assistant = ernie_nothink_system,
	    .system = aeva_function,
	    .function = ernie_nothink_system,
	    .observation = yi_vl_user,
	    .ndefault = 305,
	    .stop_words = yi_vl_stops,
	    .traits = TL_LF_EFFICIENT_EOS | TL_LF_MEDIA,
	},
	{
	    .name = "youtu",
	    .user = youtu_user,
	    .assistant = youtu_assistant,
	    .system = aeva_function,
	    .function = aeva_function,
	    .observation = youtu_observation,
	    .prefix = breeze_prefix,
	    .stop_words = granite4_stops,
	    .traits = TL_LF_REASONING | TL_LF_REPLACE_EOS,
	},
	{
	    .name = "youtu_vl",
	    .user = youtu_vl_user,
	    .assistant = granite3_assistant,
	    .system = youtu_vl_system,
	    .function = granite3_assistant,
	    .observation = youtu_vl_user,
	    .default_system = "You are a helpful assistant.",
	    .stop_words = granite4_stops,
	    .traits = TL_LF_MEDIA,
	},
	{
	    .name = "yuan",
	    .user = yuan_user,
	    .assistant = yuan_assistant,
	    .system = aeva_function,
	    .function = yuan_assistant,
	    .observation = yuan_user,
	    .stop_words = yuan_stops,
	},
	{
	    .name = "zephyr",
	    .user = zephyr_user,
	    .assistant = cohere_assistant,
	    .system = zephyr_system,
	    .function = cohere_assistant,
	    .observation = zephyr_user,
	    .default_system = "You are Zephyr, a helpful assistant.",
	},
};

const struct tl_lf_template *
tl_lf_templates(size_t *n)
{
	*n = TL_COUNT(templates);
	return templates;
}
