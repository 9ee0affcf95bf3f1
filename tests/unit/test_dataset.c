/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <turnlint/buf.h>
#include <turnlint/conv.h>
#include <turnlint/marker.h>

struct fixture {
	struct tl_arena *arena;
	struct tl_record rec;
	struct tl_file file;
	struct tl_format_options opt;
	struct tl_conv conv;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->arena = tl_arena_new(NULL, NULL);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tl_arena_free(f->arena);
	free(f);
	return 0;
}

static void
read_as(struct fixture *f, const char *format, const char *json)
{
	const struct tl_format *forced = NULL;

	if (format != NULL) {
		forced = tl_format_find(tl_str_from(format));
		assert_non_null(forced);
	}
	f->rec.bytes = tl_str_from(json);
	assert_int_equal(
	    tl_json_parse(f->arena, f->rec.bytes, &f->rec.doc), TL_OK);
	tl_conv_build(f->arena, &f->rec, forced, &f->opt, &f->conv);
}

/* The conversation in one line: role_text:text|… */
static const char *
spoken(struct fixture *f)
{
	struct tl_buf b;

	tl_buf_init(&b, f->arena, 0);
	for (size_t i = 0; i < f->conv.nturns; i++) {
		const struct tl_turn *t = &f->conv.turns[i];

		if (i > 0)
			tl_buf_putc(&b, '|');
		tl_buf_put(&b, t->role_text);
		tl_buf_putc(&b, ':');
		tl_buf_put(&b, t->text.str);
	}
	tl_buf_putc(&b, '\0');
	return tl_buf_str(&b).ptr;
}

static void
assert_reads(
    struct fixture *f, const char *json, const char *format, const char *turns)
{
	read_as(f, NULL, json);
	assert_non_null(f->conv.format);
	assert_string_equal(f->conv.format->name, format);
	assert_string_equal(spoken(f), turns);
	assert_int_equal(f->conv.nissues, 0);
	assert_false(f->conv.is_broken);
}

static void
assert_str(tl_str got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	if (got.len > 0)
		assert_memory_equal(got.ptr, want, got.len);
}

/* The only issue there is. */
static const struct tl_issue *
only_issue(const struct fixture *f, enum tl_issue_kind kind, const char *detail)
{
	assert_int_equal(f->conv.nissues, 1);
	assert_int_equal(f->conv.issues[0].kind, kind);
	assert_str(f->conv.issues[0].detail, detail);
	return &f->conv.issues[0];
}

static tl_str
pointer_of(struct fixture *f, const struct tl_json *v)
{
	return tl_json_pointer(f->arena, v);
}

/* --- one shape a format --- */

static void
every_format_is_read(void **state)
{
	struct fixture *f = *state;

	assert_reads(f,
	    "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
	    "{\"role\":\"user\",\"content\":\"q\"},"
	    "{\"role\":\"assistant\",\"content\":\"a\",\"weight\":0}]}",
	    "openai", "system:s|user:q|assistant:a");
	assert_reads(f,
	    "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},"
	    "{\"from\":\"gpt\",\"value\":\"a\"}],\"system\":\"s\"}",
	    "sharegpt", "system:s|user:q|assistant:a");
	assert_reads(f,
	    "{\"conversations\":[{\"role\":\"user\",\"content\":\"q\"},"
	    "{\"role\":\"assistant\",\"content\":\"a\"}]}",
	    "sharegpt", "user:q|assistant:a");
	assert_reads(f,
	    "{\"conversations\":[{\"role\":\"human\",\"value\":\"q\"},"
	    "{\"role\":\"gpt\",\"value\":\"a\"}]}",
	    "sharegpt_role", "user:q|assistant:a");
	assert_reads(f,
	    "{\"conversations\":[{\"role\":\"prompter\",\"text\":\"q\"},"
	    "{\"role\":\"assistant\",\"text\":\"a\"}]}",
	    "guanaco", "user:q|assistant:a");
	assert_reads(f,
	    "{\"conversations\":[{\"role\":\"human\",\"value\":\"q\"},"
	    "{\"role\":\"bot\",\"value\":\"a\"}]}",
	    "pygmalion", "user:q|assistant:a");
	assert_reads(f,
	    "{\"title\":\"T\",\"text\":\"j\",\"explanation\":\"e\"}", "jokes",
	    "user:Tell me a joke.|assistant:T j|"
	    "user:Why is that joke funny?|assistant:e");
	assert_reads(f,
	    "{\"system\":\"SYSTEM: s\",\"chat\":\"USER: q\\n\\nASSISTANT: "
	    "a\\n\\nFUNCTION RESPONSE: r ASSISTANT: b\"}",
	    "glaive", "system:s|user:q|assistant:a|tool:r|assistant:b");
	assert_reads(f,
	    "{\"instruction\":\"q\",\"input\":\"\",\"output\":\"a\"}", "alpaca",
	    "user:q|assistant:a");
	assert_reads(f,
	    "{\"instruction\":\"q\",\"input\":\"i\",\"output\":\"a\","
	    "\"system\":\"s\",\"history\":[[\"h\",\"g\"]]}",
	    "alpaca", "system:s|user:h|assistant:g|user:q\ni|assistant:a");
	assert_reads(f,
	    "{\"conversation_id\":7,\"system\":\"s\",\"tools\":[\"t\"],"
	    "\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
	    "{\"role\":\"assistant\",\"content\":\"a\"}]}",
	    "lmflow", "system:s|user:q|assistant:a");
	assert_reads(f, "{\"input\":\"q\",\"output\":\"a\"}",
	    "lmflow_text2text", "user:q|assistant:a");
	assert_reads(f, "{\"prompt\":\"q\",\"completion\":\"a\"}",
	    "prompt_completion", "user:q|assistant:a");
	assert_reads(f,
	    "{\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],"
	    "\"completion\":[{\"role\":\"assistant\",\"content\":\"a\"}]}",
	    "prompt_completion", "user:q|assistant:a");
	assert_reads(f, "{\"src\":[\"q\",\"r\"],\"tgt\":[\"a\",\"b\"]}",
	    "paddlenlp", "user:q|assistant:a|user:r|assistant:b");
	assert_reads(f, "{\"src\":\"q\",\"tgt\":[\"a\"]}", "paddlenlp",
	    "user:q|assistant:a");
	assert_reads(f,
	    "{\"messages\":[{\"role\":\"human\",\"content\":\"q\"},"
	    "{\"role\":\"gpt\",\"content\":\"a\"}],\"system\":\"\"}",
	    "axolotl", "system:|user:q|assistant:a");
	assert_reads(f, "{\"text\":\"t\"}", "text", "");
	assert_str(f->conv.text.str, "t");
	assert_reads(f,
	    "{\"segments\":[{\"label\":false,\"text\":\"q\"},"
	    "{\"label\":true,\"text\":\"a\"}]}",
	    "input_output", "");
	assert_int_equal(f->conv.nsegments, 2);
	assert_false(f->conv.segments[0].is_trained);
	assert_true(f->conv.segments[1].is_trained);
	assert_str(f->conv.segments[1].text.str, "a");
}

static void
formats_are_found_by_the_frameworks_names(void **state)
{
	(void)state;
	assert_string_equal(tl_format_find(TL_STR("sharegpt.load_role"))->name,
	    "sharegpt_role");
	assert_string_equal(tl_format_find(TL_STR("Prompt-Completion"))->name,
	    "prompt_completion");
	assert_string_equal(tl_format_find(TL_STR("chatml"))->name, "openai");
	assert_null(tl_format_find(TL_STR("opnai")));
	assert_null(tl_format_find(TL_STR("")));
}

static void
formats_are_sorted_and_described(void **state)
{
	size_t n;
	const struct tl_format *const *all = tl_formats(&n);

	(void)state;
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(
		    tl_format_find(tl_str_from(all[i]->name)), all[i]);
		assert_non_null(all[i]->summary);
		assert_non_null(all[i]->shape);
		assert_non_null(all[i]->family);
		if (i > 0)
			assert_true(strcmp(all[i - 1]->name, all[i]->name) < 0);
	}
}

/* --- where the text came from --- */

static void
alpaca_text_keeps_both_sources(void **state)
{
	struct fixture *f = *state;
	const struct tl_text *t;

	read_as(f, NULL,
	    "{\"instruction\":\"add\",\"input\":\"1, 2\",\"output\":\"3\"}");
	t = &f->conv.turns[0].text;
	assert_str(t->str, "add\n1, 2");
	assert_int_equal(t->nruns, 3);
	assert_int_equal(t->runs[0].kind, TL_RUN_CONTENT);
	assert_str(pointer_of(f, t->runs[0].node), "/instruction");
	assert_int_equal(t->runs[1].kind, TL_RUN_ADDED);
	assert_str(pointer_of(f, t->runs[2].node), "/input");
	assert_int_equal(t->runs[2].beg, 4);
	assert_int_equal(t->runs[2].src_end, 4);
}

static void
parts_are_joined_and_keep_their_flags(void **state)
{
	struct fixture *f = *state;
	const struct tl_turn *t;

	read_as(f, NULL,
	    "{\"messages\":[{\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"text\",\"text\":\"ab\",\"train\":false},"
	    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}},"
	    "{\"type\":\"text\",\"text\":\"cd\",\"weight\":1}]}]}");
	t = &f->conv.turns[0];
	assert_int_equal(f->conv.nissues, 0);
	assert_str(t->text.str, "abcd");
	assert_int_equal(t->nparts, 3);
	assert_int_equal(t->parts[0].train, TL_FLAG_FALSE);
	assert_int_equal(t->parts[1].train, TL_FLAG_UNSET);
	assert_int_equal(t->parts[2].train, TL_FLAG_TRUE);
	assert_str(
	    pointer_of(f, t->text.runs[1].node), "/messages/0/content/2/text");
	/* the template of an OpenAI record sees the list */
	assert_str(t->fields[1].name, "content");
	assert_int_equal(t->fields[1].node->kind, TL_JSON_ARRAY);
}

static void
axolotl_templates_see_parts_as_one_string(void **state)
{
	struct fixture *f = *state;
	const struct tl_turn *t;

	read_as(f, "axolotl",
	    "{\"messages\":[{\"role\":\"assistant\",\"content\":["
	    "{\"type\":\"text\",\"value\":\"ab\"},{\"text\":\"cd\"},\"x\"]}]}");
	t = &f->conv.turns[0];
	assert_null(t->fields[1].node);
	assert_str(t->fields[1].text.str, "abcd");
	only_issue(f, TL_ISSUE_BAD_PART, "a content part must be an object");
}

static void
bad_parts_are_named(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"messages\":[{\"role\":\"user\",\"content\":["
	    "{\"text\":\"a\"},{\"type\":\"txet\",\"text\":\"b\"},"
	    "{\"type\":\"text\"},{\"type\":\"text\",\"text\":1},"
	    "{\"type\":5},\"s\"]}]}");
	assert_int_equal(f->conv.nissues, 6);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(f->conv.issues[i].kind, TL_ISSUE_BAD_PART);
		assert_int_equal(f->conv.issues[i].turn, 0);
	}
	assert_str(f->conv.issues[0].detail, "\"type\" is missing");
	assert_str(f->conv.issues[1].detail, "the type is unknown");
	assert_str(f->conv.issues[2].detail, "\"text\" is missing");
	assert_str(f->conv.issues[3].detail, "\"text\" must be a string");
}

/* --- what the template sees --- */

static void
openai_fields_are_the_members_in_order(void **state)
{
	struct fixture *f = *state;
	const struct tl_turn *t;

	read_as(f, NULL,
	    "{\"messages\":[{\"content\":\"a\",\"role\":\"assistant\","
	    "\"name\":\"n\",\"content\":\"b\",\"tool_calls\":[]}]}");
	t = &f->conv.turns[0];
	assert_int_equal(t->nfields, 4);
	assert_str(t->fields[0].name, "content");
	assert_str(t->fields[0].node->text, "b"); /* as Python reads it */
	assert_str(t->fields[1].name, "role");
	assert_str(t->fields[2].name, "name");
	assert_str(t->text.str, "b");
	assert_int_equal(t->ntool_calls, 0);
}

static void
sharegpt_fields_are_renamed_and_roles_mapped(void **state)
{
	struct fixture *f = *state;
	const struct tl_turn *t;

	read_as(f, NULL,
	    "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},"
	    "{\"from\":\"robot\",\"value\":\"a\"}]}");
	t = &f->conv.turns[0];
	assert_str(t->fields[0].name, "role");
	assert_null(t->fields[0].node);
	assert_str(t->fields[0].text.str, "user");
	assert_int_equal(t->fields[0].text.runs[0].kind, TL_RUN_DERIVED);
	assert_ptr_equal(t->fields[0].text.runs[0].node, t->role_node);
	assert_str(t->fields[1].name, "content");
	assert_ptr_equal(t->fields[1].node, t->content_node);
	t = &f->conv.turns[1];
	assert_int_equal(t->role, TL_ROLE_UNKNOWN);
	assert_str(t->role_text, "robot");
	assert_ptr_equal(t->fields[0].node, t->role_node);
}

static void
a_system_column_is_no_message(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"system\":\"s\",\"conversations\":["
	    "{\"from\":\"human\",\"value\":\"q\"}]}");
	assert_int_equal(f->conv.nturns, 2);
	assert_int_equal(f->conv.turns[0].index, TL_NO_TURN);
	assert_null(f->conv.turns[0].node);
	assert_str(pointer_of(f, f->conv.turns[0].content_node), "/system");
	assert_int_equal(f->conv.turns[1].index, 0);
}

static void
a_system_message_beats_the_column(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"system\":\"s\",\"conversations\":["
	    "{\"from\":\"system\",\"value\":\"t\"},"
	    "{\"from\":\"human\",\"value\":\"q\"}]}");
	assert_string_equal(spoken(f), "system:t|user:q");
}

static void
function_calls_of_llama_factory_are_the_assistants(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},"
	    "{\"from\":\"function_call\",\"value\":\"{\\\"name\\\": 1}\"},"
	    "{\"from\":\"observation\",\"value\":\"{}\"},"
	    "{\"from\":\"gpt\",\"value\":\"a\"}],"
	    "\"tools\":\"[{\\\"name\\\": \\\"\\u00e9t\\\\u00e9\\\"}]\"}");
	assert_int_equal(f->conv.nissues, 0);
	assert_string_equal(
	    spoken(f), "user:q|assistant:{\"name\": 1}|tool:{}|assistant:a");
	assert_int_equal(f->conv.turns[1].ntool_calls, 1);
	assert_int_equal(f->conv.turns[3].ntool_calls, 0);
	assert_non_null(f->conv.tools);
	assert_int_equal(f->conv.tools->kind, TL_JSON_ARRAY);
}

static void
nested_json_knows_its_bytes_in_the_record(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *name;
	tl_str raw;

	read_as(f, NULL,
	    "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"}],"
	    "\"tools\":\"[{\\\"\\u006eame\\\":\\n \\\"\\u00e9t\\\\u00e9\\\"}]"
	    "\"}");
	name = tl_json_get(f->conv.tools->first, "name");
	assert_str(name->text, "\xc3\xa9t\xc3\xa9");
	raw = tl_str_slice(f->rec.bytes, name->span.beg, name->span.end);
	assert_str(raw, "\\\"\\u00e9t\\\\u00e9\\\"");
	assert_str(pointer_of(f, name), "/tools/0/name");
	/* the text of a value that is escaped twice has no finer place */
	assert_int_equal(
	    tl_json_raw_span(f->rec.bytes, name, 1, 2).beg, name->span.beg);
}

/* --- axolotl's options --- */

static void
axolotl_keys_and_roles_are_configurable(void **state)
{
	static const struct tl_role_map roles[] = {
		{ TL_LIT("user"), TL_LIT("klient") },
		{ TL_LIT("assistant"), TL_LIT("agent") },
	};
	struct fixture *f = *state;

	f->opt = (struct tl_format_options){
		.field_messages = TL_STR("dialog"),
		.field_role = TL_STR("who"),
		.field_content = TL_STR("what"),
		.field_train = TL_STR("learn"),
		.roles = roles,
		.nroles = 2,
	};
	read_as(f, "axolotl",
	    "{\"dialog\":[{\"who\":\"klient\",\"what\":\"q\"},"
	    "{\"who\":\"agent\",\"what\":\"a\",\"learn\":false},"
	    "{\"who\":\"human\",\"what\":\"r\"}]}");
	/* the map given replaces the default one */
	assert_string_equal(spoken(f), "user:q|assistant:a|human:r");
	assert_int_equal(f->conv.turns[1].train, TL_FLAG_FALSE);
	assert_int_equal(f->conv.nissues, 0);
	assert_str(f->conv.turns[0].fields[0].name, "role");
}

static void
axolotl_reads_messages_out_of_a_string(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"messages\":\"[{\\\"role\\\":\\\"human\\\","
	    "\\\"content\\\":\\\"q\\\"}]\"}");
	assert_string_equal(f->conv.format->name, "axolotl");
	assert_string_equal(spoken(f), "user:q");
	assert_str(pointer_of(f, f->conv.turns[0].content_node),
	    "/messages/0/content");
}

static void
axolotl_drops_nulls_and_lets_literals_win(void **state)
{
	struct fixture *f = *state;
	const struct tl_turn *t;

	f->opt.field_role = TL_STR("from");
	f->opt.field_content = TL_STR("value");
	read_as(f, "axolotl",
	    "{\"messages\":[{\"role\":\"human\",\"from\":\"gpt\","
	    "\"content\":\"c\",\"value\":\"v\",\"name\":null,"
	    "\"tool_calls\":[{\"a\":{\"x\":null,\"y\":[null]}}]}]}");
	t = &f->conv.turns[0];
	assert_str(t->role_text, "human");
	assert_str(t->text.str, "c");
	assert_int_equal(t->nfields, 3);
	assert_str(t->fields[2].name, "tool_calls");
	assert_int_equal(
	    tl_json_get(t->fields[2].node->first, "a")->nchildren, 1);
	assert_int_equal(
	    tl_json_get(tl_json_get(t->fields[2].node->first, "a"), "y")
		->nchildren,
	    1);
	assert_int_equal(f->conv.nissues, 2);
	assert_int_equal(f->conv.issues[0].kind, TL_ISSUE_AMBIGUOUS_KEYS);
	assert_true(f->conv.issues[0].at_key);
}

static void
axolotl_parses_the_arguments_of_calls(void **state)
{
	struct fixture *f = *state;
	const struct tl_json *args;

	read_as(f, "axolotl",
	    "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":["
	    "{\"function\":{\"name\":\"f\",\"arguments\":"
	    "\"{\\\"x\\\": null}\"}},"
	    "{\"function\":{\"name\":\"g\",\"arguments\":\"{\"}}]}]}");
	args = tl_json_resolve(
	    f->conv.turns[0].fields[1].node, TL_STR("/0/function/arguments"));
	assert_non_null(args);
	assert_int_equal(args->kind, TL_JSON_OBJECT);
	assert_int_equal(args->nchildren, 1); /* a string keeps its nulls */
	assert_str(pointer_of(f, args->first),
	    "/messages/0/tool_calls/0/function/arguments/x");
	assert_str(tl_str_slice(f->rec.bytes, args->span.beg, args->span.end),
	    "{\\\"x\\\": null}");
	args = tl_json_resolve(
	    f->conv.turns[0].fields[1].node, TL_STR("/1/function/arguments"));
	assert_int_equal(args->kind, TL_JSON_STRING); /* FNC001 */
}

static void
flags_are_kept_as_written(void **state)
{
	struct fixture *f = *state;
	const struct tl_turn *t;

	read_as(f, NULL,
	    "{\"messages\":[{\"role\":\"assistant\",\"content\":\"abc\","
	    "\"train\":\"yes\",\"weight\":0.5,\"train_detail\":["
	    "{\"begin_offset\":-4,\"end_offset\":2,\"train\":true},"
	    "{\"begin_offset\":1.5,\"end_offset\":9},7]},"
	    "{\"role\":\"assistant\",\"content\":\"\",\"train\":null,"
	    "\"weight\":\"1\",\"train_detail\":{}}]}");
	assert_int_equal(f->conv.nissues, 0);
	t = &f->conv.turns[0];
	assert_int_equal(t->train, TL_FLAG_INVALID);
	assert_true(t->has_weight);
	assert_true(t->weight > 0.4 && t->weight < 0.6);
	assert_int_equal(t->ndetails, 3);
	assert_true(t->details[0].has_range);
	assert_int_equal(t->details[0].beg, -4);
	assert_int_equal(t->details[0].end, 2);
	assert_int_equal(t->details[0].train, TL_FLAG_TRUE);
	assert_false(t->details[1].has_range);
	assert_int_equal(t->details[1].train, TL_FLAG_UNSET);
	assert_false(t->details[2].has_range);
	t = &f->conv.turns[1];
	assert_int_equal(t->train, TL_FLAG_UNSET);
	assert_non_null(t->train_node);
	assert_false(t->has_weight);
	assert_non_null(t->weight_node);
	assert_non_null(t->detail_node);
	assert_int_equal(t->ndetails, 0);
}

/* --- what can be wrong --- */

static void
no_format_names_the_nearest(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL, "{\"id\":1,\"src\":\"q\"}");
	assert_null(f->conv.format);
	assert_true(f->conv.is_broken);
	only_issue(f, TL_ISSUE_NO_FORMAT,
	    "nearest format: paddlenlp; \"tgt\" is missing");
	read_as(f, NULL,
	    "{\"conversations\":[{\"speaker\":\"a\",\"says\":\"b\"}]}");
	only_issue(f, TL_ISSUE_NO_FORMAT,
	    "nearest format: sharegpt; \"from\" and \"value\" are missing in "
	    "turn 0");
	read_as(f, NULL, "{\"conversations\":[{\"value\":\"b\"}]}");
	assert_int_equal(f->conv.issues[0].kind, TL_ISSUE_MISSING_KEY);
}

static void
missing_and_empty_lists_are_told_apart(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL, "{\"messages\":null}");
	only_issue(f, TL_ISSUE_MISSING_MESSAGES, "messages");
	assert_true(f->conv.is_broken);
	read_as(f, "sharegpt", "{\"id\":3}");
	only_issue(f, TL_ISSUE_MISSING_MESSAGES, "conversations");
	read_as(f, NULL, "{\"messages\":[]}");
	only_issue(f, TL_ISSUE_EMPTY_MESSAGES, "messages");
	read_as(f, NULL, "{\"messages\":{\"role\":\"user\"}}");
	only_issue(f, TL_ISSUE_WRONG_TYPE, "a list of messages");
	read_as(f, NULL, "{\"messages\":[1,\"a\"]}");
	assert_int_equal(f->conv.nissues, 2);
	assert_int_equal(f->conv.issues[1].kind, TL_ISSUE_NOT_AN_OBJECT);
	assert_int_equal(f->conv.issues[1].turn, 1);
	assert_true(f->conv.is_broken);
}

static void
messages_with_faults_are_still_turns(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"messages\":[{\"role\":5,\"content\":{\"a\":1}},"
	    "{\"role\":\"assistant\"},{\"content\":null,\"wieght\":1},"
	    "{\"role\":\"assistant\",\"tool_calls\":\"x\","
	    "\"content\":\"c\",\"text\":\"d\"}]}");
	assert_false(f->conv.is_broken);
	assert_int_equal(f->conv.nturns, 4);
	assert_int_equal(f->conv.nissues, 7);
	assert_int_equal(f->conv.issues[0].kind, TL_ISSUE_WRONG_TYPE);
	assert_int_equal(f->conv.issues[1].kind, TL_ISSUE_WRONG_TYPE);
	assert_int_equal(f->conv.issues[2].kind, TL_ISSUE_MISSING_KEY);
	assert_str(f->conv.issues[2].detail, "content");
	assert_int_equal(f->conv.issues[3].kind, TL_ISSUE_UNKNOWN_KEY);
	assert_str(f->conv.issues[3].detail, "weight");
	assert_int_equal(f->conv.issues[4].kind, TL_ISSUE_MISSING_KEY);
	assert_str(f->conv.issues[4].detail, "role");
	assert_int_equal(f->conv.issues[5].kind, TL_ISSUE_AMBIGUOUS_KEYS);
	assert_int_equal(f->conv.issues[6].kind, TL_ISSUE_WRONG_TYPE);
	assert_null(f->conv.turns[3].tool_calls);
}

static void
a_call_needs_no_content(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
	    "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"1\"}]},"
	    "{\"role\":\"assistant\",\"function_call\":{\"name\":\"f\"}},"
	    "{\"role\":\"assistant\",\"refusal\":\"no\"}]}");
	assert_int_equal(f->conv.nissues, 0);
	assert_int_equal(f->conv.turns[1].ntool_calls, 1);
	assert_non_null(f->conv.turns[1].tool_calls);
	assert_int_equal(f->conv.turns[2].ntool_calls, 1);
	assert_null(f->conv.turns[2].tool_calls);
}

static void
alpaca_without_output_is_said(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL, "{\"instruction\":\"q\",\"output\":null}");
	only_issue(f, TL_ISSUE_MISSING_OUTPUT, "");
	assert_string_equal(spoken(f), "user:q");
	read_as(f, NULL, "{\"instruction\":\"q\",\"response\":\"a\"}");
	only_issue(f, TL_ISSUE_MISSING_OUTPUT, "response");
	read_as(f, NULL, "{\"instruction\":\"q\",\"output\":\"\"}");
	assert_int_equal(f->conv.nissues, 0);
}

static void
sides_of_different_length_are_said(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL, "{\"src\":[\"a\",\"b\"],\"tgt\":[\"c\"]}");
	only_issue(f, TL_ISSUE_LENGTH_MISMATCH, "\"src\" has 2, \"tgt\" has 1");
	assert_string_equal(spoken(f), "user:a|assistant:c");
}

static void
preferences_are_the_prompt_and_what_was_chosen(void **state)
{
	struct fixture *f = *state;

	assert_reads(f,
	    "{\"conversations\":[{\"from\":\"human\",\"value\":\"q\"}],"
	    "\"chosen\":{\"from\":\"gpt\",\"value\":\"a\"},"
	    "\"rejected\":{\"from\":\"gpt\",\"value\":\"b\"},"
	    "\"system\":\"s\"}",
	    "preference", "system:s|user:q|assistant:a");
	assert_false(f->conv.turns[1].in_completion);
	assert_true(f->conv.turns[2].in_completion);
	assert_int_equal(f->conv.turns[2].index, 1);
	assert_str(pointer_of(f, f->conv.rejected), "/rejected");
	assert_str(pointer_of(f, f->conv.messages), "/conversations");
	assert_reads(f,
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],"
	    "\"chosen\":{\"role\":\"assistant\",\"content\":\"a\"},"
	    "\"rejected\":{\"role\":\"assistant\",\"content\":\"b\"}}",
	    "preference", "user:q|assistant:a");
	assert_reads(f,
	    "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}",
	    "preference", "user:q|assistant:a");
	assert_int_equal(f->conv.kind, TL_CONV_PAIR);
	assert_reads(f,
	    "{\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],"
	    "\"chosen\":[{\"role\":\"assistant\",\"content\":\"a\"}],"
	    "\"rejected\":[{\"role\":\"assistant\",\"content\":\"b\"}]}",
	    "preference", "user:q|assistant:a");
	assert_reads(f,
	    "{\"instruction\":\"q\",\"input\":\"i\",\"chosen\":\"a\","
	    "\"rejected\":\"b\"}",
	    "preference", "user:q\ni|assistant:a");
	assert_reads(f, "{\"chosen\":\"H: q A: a\",\"rejected\":\"b\"}",
	    "preference", "");
	assert_str(f->conv.text.str, "H: q A: a");
}

static void
two_conversations_share_their_prompt(void **state)
{
	struct fixture *f = *state;

	assert_reads(f,
	    "{\"prompt\":\"q\",\"chosen\":[{\"role\":\"user\","
	    "\"content\":\"q\"},{\"role\":\"assistant\",\"content\":"
	    "\"a\"}],\"rejected\":[{\"content\":\"q\",\"role\":"
	    "\"user\"},{\"role\":\"assistant\",\"content\":\"b\"}]}",
	    "preference", "user:q|assistant:a");
	assert_false(f->conv.turns[0].in_completion);
	assert_true(f->conv.turns[1].in_completion);
}

static void
faults_of_both_answers_are_said(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],"
	    "\"chosen\":[{\"role\":\"assistant\",\"content\":\"a\"}],"
	    "\"rejected\":[{\"role\":\"assistant\"}]}");
	assert_int_equal(
	    only_issue(f, TL_ISSUE_MISSING_KEY, "content")->turn, 1);
	assert_string_equal(spoken(f), "user:q|assistant:a");
	read_as(
	    f, NULL, "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":null}");
	only_issue(f, TL_ISSUE_WRONG_TYPE, "a string, a message or messages");
	read_as(f, NULL, "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":[]}");
	only_issue(f, TL_ISSUE_WRONG_TYPE, "the same as \"chosen\" is");
	read_as(f, NULL, "{\"prompt\":\"q\",\"chosen\":\"a\"}");
	only_issue(f, TL_ISSUE_NO_FORMAT,
	    "nearest format: preference; \"rejected\" is missing");
}

static void
llamafactory_v1_is_read_as_its_engine_does(void **state)
{
	struct fixture *f = *state;
	const struct tl_turn *t;
	const struct tl_json *call;

	assert_reads(f,
	    "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
	    "\"image_url\",\"value\":\"x.jpg\"},{\"type\":\"text\","
	    "\"value\":\"q\"}],\"loss_weight\":0.0},"
	    "{\"role\":\"assistant\",\"content\":[{\"type\":"
	    "\"reasoning\",\"value\":\"hm\"},{\"type\":\"text\","
	    "\"value\":\"a\"},{\"type\":\"tool_call\",\"value\":"
	    "\"{\\\"name\\\":\\\"f\\\",\\\"arguments\\\":"
	    "{\\\"x\\\":1}}\"}],\"loss_weight\":0.5}],"
	    "\"tools\":\"[{\\\"name\\\":\\\"f\\\"}]\"}",
	    "llamafactory_v1", "user:q|assistant:a");
	assert_false(f->conv.turns[0].has_weight);
	assert_non_null(f->conv.tools);
	t = &f->conv.turns[1];
	assert_true(t->has_weight);
	assert_true(t->weight > 0.4 && t->weight < 0.6);
	assert_int_equal(t->ntool_calls, 1);
	call = tl_json_get(tl_json_at(t->tool_calls, 0), "function");
	assert_str(tl_json_get(call, "name")->text, "f");
	assert_str(pointer_of(f, tl_json_get(call, "name")),
	    "/messages/1/content/2/value/name");
	assert_int_equal(t->nfields, 4);
	assert_str(t->fields[1].text.str, "a");
	assert_ptr_equal(t->fields[2].node, t->tool_calls);
	assert_str(t->fields[3].name, "reasoning_content");
	assert_str(t->fields[3].text.str, "hm");
}

static void
llamafactory_v1_parts_are_checked(void **state)
{
	static const struct {
		const char *part;
		enum tl_issue_kind kind;
		const char *detail;
	} cases[] = {
		{ "7", TL_ISSUE_BAD_PART, "a content part must be an object" },
		{ "{\"value\":\"x\"}", TL_ISSUE_BAD_PART,
		    "\"type\" is missing" },
		{ "{\"type\":\"texxt\",\"value\":\"x\"}", TL_ISSUE_BAD_PART,
		    "the type is unknown" },
		{ "{\"type\":\"text\",\"text\":\"x\"}", TL_ISSUE_BAD_PART,
		    "\"value\" is missing" },
		{ "{\"type\":\"text\",\"value\":7}", TL_ISSUE_BAD_PART,
		    "\"value\" must be a string" },
		{ "{\"type\":\"tool_call\",\"value\":\"f(x)\"}",
		    TL_ISSUE_BAD_PART, "the value of a tool_call is not JSON" },
		{ "{\"type\":\"tool_call\",\"value\":\"{}\"}",
		    TL_ISSUE_BAD_PART,
		    "the value of a tool_call must be an object with "
		    "\"name\" and \"arguments\"" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		read_as(f, NULL,
		    tl_arena_printf(f->arena,
			"{\"messages\":[{\"role\":\"user\",\"content\":"
			"[{\"type\":\"text\",\"value\":\"q\"},%s]}]}",
			cases[i].part));
		assert_string_equal(f->conv.format->name, "llamafactory_v1");
		only_issue(f, cases[i].kind, cases[i].detail);
	}
	read_as(f, "llamafactory_v1",
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}");
	only_issue(f, TL_ISSUE_WRONG_TYPE, "a list of content parts");
	read_as(f, "llamafactory_v1",
	    "{\"messages\":[{\"role\":\"user\",\"content\":[],"
	    "\"weight\":1}]}");
	only_issue(f, TL_ISSUE_UNKNOWN_KEY, "loss_weight");
}

static void
token_ids_are_left_alone(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL,
	    "{\"input_ids\":[1,2],\"labels\":[-100,2],"
	    "\"attention_mask\":[1,1]}");
	assert_string_equal(f->conv.format->name, "pretokenized");
	assert_int_equal(f->conv.kind, TL_CONV_TOKENS);
	assert_int_equal(f->conv.nissues, 0);
	assert_true(f->conv.is_broken);
	read_as(f, NULL, "{\"input_ids\":[1,2],\"labels\":[2]}");
	only_issue(f, TL_ISSUE_LENGTH_MISMATCH,
	    "\"input_ids\" has 2 elements, \"labels\" 1");
	read_as(f, NULL, "{\"input_ids\":[1,\"2\"]}");
	only_issue(f, TL_ISSUE_WRONG_TYPE, "an integer");
}

static void
what_is_no_dataset_has_no_nearest_format(void **state)
{
	struct fixture *f = *state;

	read_as(f, NULL, "{\"a\":{\"file_name\":\"a.json\"},\"b\":{}}");
	only_issue(f, TL_ISSUE_NO_FORMAT,
	    "none of its keys holds a conversation (\"a\", \"b\")");
	read_as(f, NULL, "{}");
	only_issue(f, TL_ISSUE_NO_FORMAT, "it is empty");
	read_as(f, NULL, "{\"question\":\"q\",\"answer\":\"a\"}");
	only_issue(f, TL_ISSUE_NO_FORMAT,
	    "nearest format: prompt_completion; \"prompt\" and "
	    "\"completion\" are missing");
}

static void
lmflow_types_decide_and_are_checked(void **state)
{
	struct fixture *f = *state;

	f->file.container = TL_CONTAINER_LMFLOW;
	f->file.lmflow_type = TL_STR("text_only");
	f->rec.file = &f->file;
	read_as(f, NULL, "{\"text\":\"t\"}");
	assert_string_equal(f->conv.format->name, "lmflow_text");
	read_as(f, NULL, "{\"input\":\"q\",\"output\":\"a\"}");
	assert_int_equal(f->conv.issues[0].kind, TL_ISSUE_LMFLOW_TYPE);
	assert_true(f->conv.is_broken);
	f->file.lmflow_type = TL_STR("conversations");
	read_as(f, NULL, "{\"messages\":[]}");
	assert_int_equal(f->conv.issues[0].kind, TL_ISSUE_LMFLOW_TYPE);
}

static void
rival_keys_are_said(void **state)
{
	struct fixture *f = *state;
	const struct tl_issue *issue;

	read_as(f, NULL,
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],"
	    "\"interactions\":[]}");
	issue = only_issue(f, TL_ISSUE_AMBIGUOUS_KEYS, "messages");
	assert_str(pointer_of(f, issue->node), "/interactions");
}

static void
meant_roles_are_guessed(void **state)
{
	static const struct {
		const char *text;
		enum tl_role role;
		enum tl_role_likeness how;
	} cases[] = {
		{ "user", TL_ROLE_USER, TL_ROLE_EXACT },
		{ "developer", TL_ROLE_DEVELOPER, TL_ROLE_EXACT },
		{ "function", TL_ROLE_TOOL, TL_ROLE_EXACT },
		{ "human", TL_ROLE_USER, TL_ROLE_ALIAS },
		{ "GPT", TL_ROLE_ASSISTANT, TL_ROLE_ALIAS },
		{ "User", TL_ROLE_USER, TL_ROLE_SPELLING },
		{ "assistant ", TL_ROLE_ASSISTANT, TL_ROLE_SPELLING },
		{ "asistant", TL_ROLE_ASSISTANT, TL_ROLE_TYPO },
		{ "usr", TL_ROLE_USER, TL_ROLE_TYPO },
		{ "critic", TL_ROLE_UNKNOWN, TL_ROLE_STRANGE },
		{ "", TL_ROLE_UNKNOWN, TL_ROLE_STRANGE },
	};
	enum tl_role_likeness how;

	(void)state;
	for (size_t i = 0; i < TL_COUNT(cases); i++) {
		assert_int_equal(
		    tl_role_meant(tl_str_from(cases[i].text), &how),
		    cases[i].role);
		assert_int_equal(how, cases[i].how);
	}
}

/* --- facts the rules read --- */

static void
a_trace_tells_what_reached_the_rendered_text(void **state)
{
	struct fixture *f = *state;
	const struct tl_trace *traces;
	struct tl_text parts[4], all;

	read_as(f, NULL,
	    "{\"messages\":[{\"role\":\"user\",\"content\":\" ab \"},"
	    "{\"role\":\"assistant\",\"content\":\"cd\"},"
	    "{\"role\":\"user\",\"content\":\"ef\"}]}");
	parts[0] = tl_text_added(f->arena, TL_STR("<u>"));
	parts[1] = tl_text_slice(f->arena, f->conv.turns[0].text, 1, 3);
	parts[2] = f->conv.turns[1].text;
	parts[3] = f->conv.turns[1].text;
	all = tl_text_concat(f->arena, parts, 4);
	traces = tl_conv_trace(f->arena, &f->conv, &all);
	assert_true(traces[0].is_reached && traces[0].is_exact);
	assert_int_equal(traces[0].beg, 1);
	assert_int_equal(traces[0].end, 3);
	assert_int_equal(traces[1].ncopied, 4);
	assert_false(traces[2].is_reached);
}

static void
turns_that_share_a_string_are_told_apart(void **state)
{
	struct fixture *f = *state;
	const struct tl_trace *traces;

	read_as(f, NULL, "{\"chat\":\"USER: q ASSISTANT: a USER: r\"}");
	assert_int_equal(f->conv.nturns, 3);
	traces = tl_conv_trace(f->arena, &f->conv, &f->conv.turns[1].text);
	assert_false(traces[0].is_reached);
	assert_true(traces[1].is_reached);
	assert_int_equal(traces[1].ncopied, 1);
	assert_false(traces[2].is_reached);
}

static void
white_space_is_pythons(void **state)
{
	(void)state;
	assert_int_equal(tl_space_before(TL_STR(" \n\xc2\xa0x ")), 4);
	assert_int_equal(tl_space_behind(TL_STR("x\xe3\x80\x80\t")), 4);
	assert_int_equal(tl_space_behind(TL_STR("x\xe2\x80\x8b")), 0);
	assert_true(tl_is_space(TL_STR("\x1c \xe2\x80\xa8")));
	assert_true(tl_is_space(TL_STR("")));
	assert_false(tl_is_space(TL_STR("\xff")));
}

static void
markers_are_found_in_order(void **state)
{
	struct tl_marker_scan scan;
	const struct tl_marker *m;
	size_t at;

	(void)state;
	tl_marker_scan(&scan,
	    TL_STR("a[0] <b> <s> [INST] # ### Response: <|im_end|><|im_"));
	m = tl_marker_next(&scan, &at);
	assert_str(m->text, "[INST]");
	assert_int_equal(at, 13);
	m = tl_marker_next(&scan, &at);
	assert_str(m->text, "### Response:");
	m = tl_marker_next(&scan, &at);
	assert_str(m->text, "<|im_end|>");
	assert_string_equal(m->family, "ChatML");
	assert_null(tl_marker_next(&scan, &at));
}

static void
rendered_texts_begin_and_end_with_markers(void **state)
{
	(void)state;
	assert_non_null(tl_marker_opening(TL_STR(" <s> [INST] hi")));
	assert_non_null(
	    tl_marker_opening(TL_STR("<bos><start_of_turn>user\nhi")));
	assert_null(tl_marker_opening(TL_STR("<s>struck out</s>")));
	assert_null(tl_marker_opening(TL_STR("see <|im_start|>")));
	assert_str(tl_marker_eos(TL_STR("x </s>\n"), TL_STR("")), "</s>");
	assert_str(tl_marker_eos(TL_STR("x</s>"), TL_STR("<|end|>")), "");
	assert_str(
	    tl_marker_eos(TL_STR("x<|end|>"), TL_STR("<|end|>")), "<|end|>");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_format_is_read),
		T(preferences_are_the_prompt_and_what_was_chosen),
		T(two_conversations_share_their_prompt),
		T(faults_of_both_answers_are_said),
		T(llamafactory_v1_is_read_as_its_engine_does),
		T(llamafactory_v1_parts_are_checked),
		T(token_ids_are_left_alone),
		T(what_is_no_dataset_has_no_nearest_format),
		T(formats_are_found_by_the_frameworks_names),
		T(formats_are_sorted_and_described),
		T(alpaca_text_keeps_both_sources),
		T(parts_are_joined_and_keep_their_flags),
		T(axolotl_templates_see_parts_as_one_string),
		T(bad_parts_are_named),
		T(openai_fields_are_the_members_in_order),
		T(sharegpt_fields_are_renamed_and_roles_mapped),
		T(a_system_column_is_no_message),
		T(a_system_message_beats_the_column),
		T(function_calls_of_llama_factory_are_the_assistants),
		T(nested_json_knows_its_bytes_in_the_record),
		T(axolotl_keys_and_roles_are_configurable),
		T(axolotl_reads_messages_out_of_a_string),
		T(axolotl_drops_nulls_and_lets_literals_win),
		T(axolotl_parses_the_arguments_of_calls),
		T(flags_are_kept_as_written),
		T(no_format_names_the_nearest),
		T(missing_and_empty_lists_are_told_apart),
		T(messages_with_faults_are_still_turns),
		T(a_call_needs_no_content),
		T(alpaca_without_output_is_said),
		T(sides_of_different_length_are_said),
		T(lmflow_types_decide_and_are_checked),
		T(rival_keys_are_said),
		T(meant_roles_are_guessed),
		T(a_trace_tells_what_reached_the_rendered_text),
		T(turns_that_share_a_string_are_told_apart),
		T(white_space_is_pythons),
		T(markers_are_found_in_order),
		T(rendered_texts_begin_and_end_with_markers),
	};

	return cmocka_run_group_tests_name("dataset", tests, NULL, NULL);
}
