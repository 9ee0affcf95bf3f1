/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How LLaMA-Factory writes tools and calls.
 *
 * Each format is a template over `v`, the list of tools, or the list of calls
 * with their name and arguments: the template engine prints values as Python
 * does.
 */
#include "llama_factory.h"

#include <turnlint/buf.h>

#include <turnlint/str.h>

/* A member that has to be there. */
#define NEED                                                 \
	"{%- macro need(o, k) %}{% if k not in o %}"         \
	"{{ raise_exception(\"KeyError: '\" ~ k ~ \"'\") }}" \
	"{% endif %}{{ o[k] }}{% endmacro -%}"

/* The function of a tool that is wrapped in {"type": "function"}. */
#define BARE(fallback)                                   \
	"{% set tool = t.get('function', " fallback ") " \
	"if t.get('type') == 'function' else t %}"
/* … and a tool that is always wrapped. */
#define WRAPPED                                           \
	"{% set tool = t if t.get('type') == 'function' " \
	"else {'type': 'function', 'function': t} %}"

#define EACH "{% for t in v %}"
#define END "{% endfor %}"

#define CALLS                                                        \
	"{% for c in v %}"                                           \
	"{% if 'name' not in c or 'arguments' not in c %}"           \
	"{{ raise_exception(\"KeyError: 'name' or 'arguments'\") }}" \
	"{% endif %}{% set name, arguments = c['name'], c['arguments'] %}"
#define BETWEEN(text) "{{ '" text "' if not loop.last }}"
#define VALUE "{{ value if value is string else value | tojson }}"
#define ARGUMENTS "{% for key, value in arguments.items() %}"

static const char tools_default[] = NEED
    "{%- set ns = namespace(names='') -%}"
    "You have access to the following tools:\n" EACH BARE(
	"''") "> Tool Name: {{ need(tool, 'name') }}\n"
	      "Tool Description: {{ tool.get('description', '') }}\nTool "
	      "Args:\n"
	      "{% for name, param in tool['parameters']['properties'].items() "
	      "%}"
	      "{{ '  - ' }}{{ name }} ({{ param.get('type', '') }}"
	      "{{ ', required' if name in tool['parameters'].get('required', "
	      "[]) }}): "
	      "{{ param.get('description', '') }}"
	      "{% if param.get('enum') %}, should be one of "
	      "[{{ param['enum'] | join(', ') }}]{% endif %}"
	      "{% if param.get('items') %}, where each item should be "
	      "{{ param['items'].get('type', '') }}{% endif %}{{ '\\n' }}" END
	      "{{ '\\n' }}{% set ns.names = ns.names ~ (', ' if ns.names) ~ "
	      "tool['name'] %}" END
	      "Use the following format if using a tool:\n```\n"
	      "Action: tool name (one of [{{ ns.names }}])\n"
	      "Action Input: the input to the tool, in a JSON format "
	      "representing the "
	      "kwargs (e.g. ```{\"input\": \"hello world\", \"num_beams\": "
	      "5}```)\n"
	      "```\n{{ '' }}";

static const char calls_default[] = CALLS
    "Action: {{ name }}\nAction Input: {{ arguments | tojson }}" BETWEEN("\\n")
	END;

static const char tools_gemma4[] = NEED EACH BARE(
    "t") "declaration:{{ need(tool, 'name') }}{description:<|\"|>"
	 "{{ tool.get('description', '') }}<|\"|>"
	 "{% set params = tool.get('parameters') %}{% if params %}"
	 ",parameters:{{ '{' }}"
	 "{% set ns = namespace(sep='') %}"
	 "{% if params.get('properties') %}properties:{{ '{' }}"
	 "{% for name, schema in params['properties'].items() %}{{ name }}:{{ "
	 "'{' }}"
	 "{% if schema.get('description') %}description:<|\"|>"
	 "{{ schema['description'] }}<|\"|>{% endif %}"
	 "{{ ',' if schema.get('description') and schema.get('type') }}"
	 "{% if schema.get('type') %}type:<|\"|>"
	 "{{ (schema['type'] | string).upper() }}<|\"|>{% endif %}}"
	 "{{ ',' if not loop.last }}" END "}{% set ns.sep = ',' %}{% endif %}"
	 "{% if params.get('required') %}{{ ns.sep }}required:["
	 "{% for item in params['required'] %}<|\"|>{{ item }}<|\"|>"
	 "{{ ',' if not loop.last }}" END "]{% set ns.sep = ',' %}{% endif %}"
	 "{% if params.get('type') %}{{ ns.sep }}type:<|\"|>"
	 "{{ (params['type'] | string).upper() }}<|\"|>{% endif %}}{% endif %}"
	 "{% set r = tool.get('response') %}{% if r %},response:{{ '{' }}"
	 "{% set is_object = (r.get('type', '') | string).upper() == 'OBJECT' "
	 "%}"
	 "{% if r.get('description') %}description:<|\"|>{{ r['description'] }}"
	 "<|\"|>{{ ',' if is_object }}{% endif %}"
	 "{% if is_object %}type:<|\"|>OBJECT<|\"|>{% endif %}}{% endif %}}"
	 "{{ '\\n' if not loop.last }}" END;

static const char calls_gemma4[] =
    "{%- macro put(v, quotes) %}"
    "{% if v is string %}<|\"|>{{ v }}<|\"|>"
    "{% elif v is boolean %}{{ 'true' if v else 'false' }}"
    "{% elif v is mapping %}{{ '{' }}"
    "{% for key, value in v | dictsort(true) %}"
    "{% if quotes %}<|\"|>{{ key }}<|\"|>{% else %}{{ key }}{% endif %}"
    ":{{ put(value, quotes) }}{{ ',' if not loop.last }}" END "}"
    "{% elif v is none %}null"
    "{% elif v is sequence %}["
    "{% for value in v %}{{ put(value, quotes) }}"
    "{{ ',' if not loop.last }}" END "]"
    "{% else %}{{ v }}{% endif %}{% endmacro -%}" CALLS
    "<|tool_call>call:{{ name }}{{ '{' }}"
    "{% if arguments is mapping %}"
    "{% for key, value in arguments | dictsort(true) %}"
    "{{ key }}:{{ put(value, false) }}{{ ',' if not loop.last }}" END
    "{% elif arguments is string %}{{ arguments }}"
    "{% else %}{{ put(arguments, false) }}{% endif %}}<tool_call|>" END;

static const char tools_glm4[] = NEED
    "你是一个名为 ChatGLM 的人工智能助手。你是基于智谱 AI 公司训练的语言模型 "
    "GLM-4 模型开发的，你的任务是针对用户的问题和要求提供适当的答复和支持。"
    "\n\n# 可用工具" EACH BARE(
	"''") "{{ '\\n\\n## ' }}{{ need(tool, 'name') }}\n\n"
	      "{{ tool | tojson(indent=4) }}\n"
	      "在调用上述函数时，请使用 Json 格式表示调用的参数。" END;

static const char calls_glm4[] =
    "{% if v | length > 1 %}"
    "{{ raise_exception('GLM-4 does not support parallel functions.') }}"
    "{% endif %}" CALLS "{{ name }}\n{{ arguments | tojson }}" END;

/* The example of a call with which two of the prompts end. */
#define QWEN_TOOLS                                                          \
	"# Tools\n\nYou may call one or more functions to assist with the " \
	"user query.\n\nYou are provided with function signatures within "  \
	"<tools></tools> XML tags:\n<tools>" EACH WRAPPED                   \
	"{{ '\\n' }}{{ tool | tojson }}" END "{{ '\\n' }}</tools>\n\n"
#define QWEN_EXAMPLE                                                       \
	"For each function call, return a json object with function name " \
	"and arguments within <tool_call></tool_call> XML tags:\n"         \
	"<tool_call>\n{\"name\": <function-name>, "                        \
	"\"arguments\": <args-json-object>}\n</tool_call>"

static const char tools_glm4_moe[] =
    "{{ '\\n\\n' }}" QWEN_TOOLS
    "For each function call, output the function name and arguments within "
    "the following XML format:\n<tool_call>{function-name}\n"
    "<arg_key>{arg-key-1}</arg_key>\n<arg_value>{arg-value-1}</arg_value>\n"
    "<arg_key>{arg-key-2}</arg_key>\n<arg_value>{arg-value-2}</arg_value>\n"
    "...\n</tool_call>\n{{ '' }}";

static const char calls_glm4_moe[] =
    CALLS "{{ '\\n<tool_call>' }}{{ name }}" ARGUMENTS
	  "{{ '\\n<arg_key>' }}{{ key }}</arg_key>\n<arg_value>" VALUE
	  "</arg_value>" END BETWEEN("\\n") END;

static const char tools_lfm2[] =
    "List of tools: <|tool_list_start|>[" EACH BARE(
	"t") "{{ tool | tojson }}" BETWEEN(", ") END "]<|tool_list_end|>";

static const char calls_lfm2[] =
    "<|tool_call_start|>[" CALLS "{{ name }}(" ARGUMENTS
    "{{ key }}={% if value is string %}\"{{ value }}\"{% else %}"
    "{{ value | tojson }}{% endif %}" BETWEEN(", ") END ")" BETWEEN(", ") END
    "]<|tool_call_end|>";

static const char tools_ling[] =
    QWEN_TOOLS QWEN_EXAMPLE "\ndetailed thinking off";

static const char calls_qwen[] =
    CALLS "<tool_call>\n{{ {'name': name, 'arguments': arguments} | tojson }}\n"
	  "</tool_call>" BETWEEN("\\n") END;

static const char tools_llama3[] =
    "Cutting Knowledge Date: December 2023\n"
    "Today Date: {{ strftime_now('%d %b %Y') }}\n\n"
    "You have access to the following functions. To call a function, please "
    "respond with JSON for a function call. Respond in the format "
    "{\"name\": function name, \"parameters\": dictionary of argument name "
    "and its value}. Do not use variables.\n\n" EACH WRAPPED
    "{{ tool | tojson(indent=4) }}\n\n{{ '' }}" END;

static const char calls_llama3[] =
    "{{ '[' if v | length != 1 }}" CALLS
    "{{ {'name': name, 'parameters': arguments} | tojson }}" BETWEEN(", ") END
    "{{ ']' if v | length != 1 }}";

static const char tools_minimax1[] =
    "You are provided with these tools:\n<tools>\n" EACH BARE(
	"''") "{{ tool | tojson }}\n{{ '' }}" END
	      "</tools>\n\nIf you need to call tools, please respond with "
	      "<tool_calls></tool_calls> XML tags, and provide tool-name and "
	      "json-object of arguments, following the format "
	      "below:\n<tool_calls>\n"
	      "{\"name\": <tool-name-1>, \"arguments\": "
	      "<args-json-object-1>}\n...\n"
	      "</tool_calls>";

static const char calls_minimax1[] =
    "<tool_calls>\n" CALLS
    "{{ {'name': name, 'arguments': arguments} | tojson }}" BETWEEN("\\n") END
    "{{ '\\n' }}</tool_calls>";

static const char tools_minimax2[] =
    "{{ '\\n\\n' }}# Tools\n\nYou may call one or more tools to assist with "
    "the user query.\nHere are the tools available in JSONSchema format:\n\n"
    "<tools>\n" EACH BARE(
	"''") "<tool>{{ tool | tojson }}</tool>\n{{ '' }}" END
	      "</tools>\n\nWhen making tool calls, use XML format to invoke "
	      "tools and "
	      "pass parameters:\n\n<minimax:tool_call>\n<invoke "
	      "name=\"tool-name-1\">\n"
	      "<parameter name=\"param-key-1\">param-value-1</parameter>\n"
	      "<parameter name=\"param-key-2\">param-value-2</parameter>\n...\n"
	      "</invoke>\n</minimax:tool_call>";

static const char calls_minimax2[] =
    CALLS "<invoke name=\"{{ name }}\">" ARGUMENTS
	  "{{ '\\n' }}<parameter name=\"{{ key }}\">" VALUE "</parameter>" END
	  "{{ '\\n' }}</invoke>" BETWEEN("\\n") END;

static const char tools_mistral[] =
    "[AVAILABLE_TOOLS] [" EACH WRAPPED "{{ tool | tojson }}" BETWEEN(", ") END
    "][/AVAILABLE_TOOLS]";

static const char calls_mistral[] =
    "[" CALLS
    "{{ {'name': name, 'arguments': arguments} | tojson }}" BETWEEN(", ") END
    "]";

static const char tools_qwen[] = "{{ '\\n\\n' }}" QWEN_TOOLS QWEN_EXAMPLE;

static const char tools_qwen3_5[] =
    "{{ '\\n\\n' }}# Tools\n\nYou have access to the following functions:\n\n"
    "<tools>" EACH BARE(
	"t") "{{ '\\n' }}{{ tool | tojson }}" END
	     "{{ '\\n' }}</tools>\n\nIf you choose to call a function ONLY "
	     "reply in the "
	     "following format with NO suffix:\n\n<tool_call>\n"
	     "<function=example_function_name>\n<parameter=example_parameter_1>"
	     "\n"
	     "value_1\n</parameter>\n<parameter=example_parameter_2>\n"
	     "This is the value for the second parameter\nthat can span\n"
	     "multiple "
	     "lines\n</parameter>\n</function>\n</tool_call>\n\n<IMPORTANT>\n"
	     "Reminder:\n- Function calls MUST follow the specified format: an "
	     "inner "
	     "<function=...></function> block must be nested within "
	     "<tool_call></tool_call> XML tags\n- Required parameters MUST be "
	     "specified\n- You may provide optional reasoning for your "
	     "function call "
	     "in natural language BEFORE the function call, but NOT after\n"
	     "- If there is no function call available, answer the question "
	     "like "
	     "normal with your current knowledge and do not tell the user "
	     "about "
	     "function calls\n</IMPORTANT>";

static const char calls_qwen3_5[] =
    CALLS "<tool_call>\n<function={{ name }}>" ARGUMENTS
	  "{{ '\\n' }}<parameter={{ key }}>\n" VALUE "\n</parameter>" END
	  "{{ '\\n' }}</function>\n</tool_call>" BETWEEN("\\n") END;

static const char tools_seed_oss[] =
    "system\nYou are Doubao, a helpful AI assistant. You may call one or more "
    "functions to assist with the user query.Tool List:\nYou are authorized "
    "to use the following tools (described in JSON Schema format). Before "
    "performing any task, you must decide how to call them based on the "
    "descriptions and parameters of these tools.\n{{ v | tojson }}\n"
    "工具调用请遵循如下格式:\n<seed:tool_call>\n"
    "<function=example_function_name>\n"
    "<parameter=example_parameter_1>value_1</parameter>\n"
    "<parameter=example_parameter_2>This is the value for the second "
    "parameter\nthat can span\nmultiple lines</parameter>\n</function>\n"
    "</seed:tool_call>\n{{ '' }}";

static const char calls_seed_oss[] =
    CALLS "{{ '\\n<seed:tool_call>\\n' }}<function={{ name }}" ARGUMENTS
	  "{{ '\\n' }}<parameter={{ key }}>" VALUE "</parameter>" END
	  "{{ '\\n' }}</function>\n</seed:tool_call>" BETWEEN("\\n") END;

static const struct {
	const char *name, *tools, *calls;
} formats[TL_LF_NTOOLS] = {
	[TL_LF_TOOLS_DEFAULT] = { "default", tools_default, calls_default },
	[TL_LF_TOOLS_GEMMA4] = { "gemma4", tools_gemma4, calls_gemma4 },
	[TL_LF_TOOLS_GLM4] = { "glm4", tools_glm4, calls_glm4 },
	[TL_LF_TOOLS_GLM4_MOE] = { "glm4_moe", tools_glm4_moe, calls_glm4_moe },
	[TL_LF_TOOLS_LFM2] = { "lfm2", tools_lfm2, calls_lfm2 },
	[TL_LF_TOOLS_LING] = { "ling", tools_ling, calls_qwen },
	[TL_LF_TOOLS_LLAMA3] = { "llama3", tools_llama3, calls_llama3 },
	[TL_LF_TOOLS_MINIMAX1] = { "minimax1", tools_minimax1, calls_minimax1 },
	[TL_LF_TOOLS_MINIMAX2] = { "minimax2", tools_minimax2, calls_minimax2 },
	[TL_LF_TOOLS_MISTRAL] = { "mistral", tools_mistral, calls_mistral },
	[TL_LF_TOOLS_QWEN] = { "qwen", tools_qwen, calls_qwen },
	[TL_LF_TOOLS_QWEN3_5] = { "qwen3_5", tools_qwen3_5, calls_qwen3_5 },
	[TL_LF_TOOLS_SEED_OSS] = { "seed_oss", tools_seed_oss, calls_seed_oss },
	[TL_LF_TOOLS_PHI4] = { NULL, NULL, NULL },
};

enum tl_lf_tools
tl_lf_tools_find(tl_str name)
{
	size_t i = 0;

	while (i < TL_LF_NTOOLS &&
	    (formats[i].name == NULL ||
		!tl_str_eq(name, tl_str_from(formats[i].name))))
		i++;
	return (enum tl_lf_tools)i;
}

const char *const *
tl_lf_tools_names(size_t *n)
{
	/* What tool_format takes. */
	static const char *const names[] = { "default", "gemma4", "glm4",
		"glm4_moe", "lfm2", "ling", "llama3", "minimax1", "minimax2",
		"mistral", "qwen", "qwen3_5", "seed_oss" };

	*n = TL_COUNT(names);
	return names;
}

static enum tl_status
compile(struct tl_arena *a, const char *source, struct tl_template **out,
    struct tl_error *err)
{
	*out = NULL;
	return source == NULL ? TL_OK
			      : tl_template_compile(a, TL_STR("tool_format"),
				    tl_str_from(source), out, err);
}

enum tl_status
tl_lf_writer_open(struct tl_arena *a, enum tl_lf_tools tools,
    enum tl_lf_tools calls, struct tl_lf_writer *out, struct tl_error *err)
{
	enum tl_status st = compile(a, formats[tools].tools, &out->tools, err);

	if (st == TL_OK)
		st = compile(a, formats[calls].calls, &out->calls, err);
	if (st == TL_OK)
		st = compile(a, "{{ v | tojson }}", &out->dump, err);
	if (st == TL_OK)
		st = compile(a,
		    "[" EACH "{% if 'function' not in t %}"
		    "{{ raise_exception(\"KeyError: 'function'\") }}{% endif %}"
		    "{{ t['function'] | tojson }}" BETWEEN(", ") END "]",
		    &out->openai, err);
	return st;
}

bool
tl_lf_write(struct tl_arena *a, const struct tl_template *t,
    const struct tl_json *v, const char *now, tl_str *out, const char **why)
{
	struct tl_json *value = TL_NEW(a, struct tl_json, 1);
	struct tl_json *vars = TL_NEW(a, struct tl_json, 1);
	struct tl_conv *nobody = TL_NEW(a, struct tl_conv, 1);
	struct tl_render_options opt = { .vars = vars, .now = now };
	struct tl_render r;
	struct tl_buf b;

	*value = *v;
	value->key = TL_STR("v");
	value->next = NULL;
	*vars = (struct tl_json){
		.kind = TL_JSON_OBJECT, .nchildren = 1, .first = value
	};
	tl_template_render(t, a, nobody, 0, &opt, &r);
	if (r.fault == TL_RENDER_OK) {
		*out = r.text.str;
		return true;
	}
	tl_buf_init(&b, a, 0);
	tl_buf_put_escaped(&b, r.message);
	tl_buf_putc(&b, '\0');
	*why = tl_buf_str(&b).ptr;
	return false;
}

struct tl_text
tl_lf_written(struct tl_arena *a, tl_str s, const struct tl_json *node)
{
	struct tl_run *run = TL_NEW(a, struct tl_run, 1);

	*run = (struct tl_run){
		.end = s.len, .kind = TL_RUN_DERIVED, .node = node
	};
	return (struct tl_text){ s, run, s.len > 0 };
}
