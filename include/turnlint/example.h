/* SPDX-License-Identifier: Apache-2.0 */
/*
 * example.h - a template that no rule has anything to say about: the good
 * example of the rules about templates.
 */
#ifndef TURNLINT_EXAMPLE_H
#define TURNLINT_EXAMPLE_H

#define TL_EXAMPLE_TEMPLATE                                                   \
	"{%- if tools -%}\n"                                                  \
	"{{- '<|im_start|>tools\\n' + tools | tojson + '<|im_end|>\\n' -}}\n" \
	"{%- endif -%}\n"                                                     \
	"{%- for m in messages -%}\n"                                         \
	"{{- '<|im_start|>' + m.role + '\\n' -}}\n"                           \
	"{%- if m.role == 'assistant' -%}\n"                                  \
	"{%- generation -%}\n"                                                \
	"{{- m.content or '' -}}\n"                                           \
	"{%- if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif -%}\n"     \
	"{{- '<|im_end|>\\n' -}}\n"                                           \
	"{%- endgeneration -%}\n"                                             \
	"{%- else -%}\n"                                                      \
	"{{- m.content + '<|im_end|>\\n' -}}\n"                               \
	"{%- endif -%}\n"                                                     \
	"{%- endfor -%}\n"                                                    \
	"{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% "  \
	"endif -%}\n"

#endif
