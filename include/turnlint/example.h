/* SPDX-License-Identifier: Apache-2.0 */
/*
 * example.h - a template that no rule has anything to say about: the good
 * example of the rules about templates, in pieces for the bad ones.
 */
#ifndef TURNLINT_EXAMPLE_H
#define TURNLINT_EXAMPLE_H

#define TL_EXAMPLE_TOOLS                                                  \
	"{%- if tools -%}\n"                                              \
	"{{- '<|im_start|>tools\\n' -}}\n"                                \
	"{%- for tool in tools -%}\n"                                     \
	"{{- tool.function.name + ': ' + tool.function.description -}}\n" \
	"{%- endfor -%}\n"                                                \
	"{{- '<|im_end|>\\n' -}}\n"                                       \
	"{%- endif -%}\n"

#define TL_EXAMPLE_TURNS                                            \
	"{%- for m in messages -%}\n"                               \
	"{{- '<|im_start|>' + m.role + '\\n' -}}\n"                 \
	"{%- if m.role == 'assistant' -%}\n"                        \
	"{%- generation -%}\n"                                      \
	"{{- m.content or '' -}}\n"                                 \
	"{%- for c in m.tool_calls or [] -%}\n"                     \
	"{{- '[' + c.function.name + ']' -}}\n"                     \
	"{%- for name, value in c.function.arguments.items() -%}\n" \
	"{{- ' ' + name + '=' + value | string -}}\n"               \
	"{%- endfor -%}\n"                                          \
	"{%- endfor -%}\n"                                          \
	"{{- '<|im_end|>\\n' -}}\n"                                 \
	"{%- endgeneration -%}\n"                                   \
	"{%- else -%}\n"                                            \
	"{{- m.content + '<|im_end|>\\n' -}}\n"                     \
	"{%- endif -%}\n"                                           \
	"{%- endfor -%}\n"                                          \
	"{%- if add_generation_prompt -%}\n"                        \
	"{{- '<|im_start|>assistant\\n' -}}\n"                      \
	"{%- endif -%}\n"

#define TL_EXAMPLE_TEMPLATE TL_EXAMPLE_TOOLS TL_EXAMPLE_TURNS

/* One with faults, and a comment that says why they are none. */
#define TL_EXAMPLE_SILENCED                                    \
	"{#- turnlint: file-ignore[TPL002, TPL006] it is for " \
	"inference, without tools -#}\n"                       \
	"{%- for m in messages -%}\n"                          \
	"{{- '<|im_start|>' + m.role + '\\n' + m.content + "   \
	"'<|im_end|>\\n' -}}\n"                                \
	"{%- endfor -%}\n"                                     \
	"{%- if add_generation_prompt %}{{ "                   \
	"'<|im_start|>assistant\\n' }}{% endif -%}\n"

#endif
