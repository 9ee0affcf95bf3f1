/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llamafactory_v1: what LLaMA-Factory's v1 engine reads.  A content is a list
 * of {"type", "value"} parts; loss_weight is the message's weight.
 *
 * The template sees what the engine makes of it for a tokenizer alone: the text
 * parts joined to one string, the reasoning parts joined as reasoning_content,
 * each tool_call part parsed and put into tool_calls; media parts are left out.
 */
#include "format.h"

static const char *const part_types[] = { "text", "reasoning", "tool_call",
	"image_url", "video_url", "audio_url" };

/* What the first part there is looks like: 1 for v1's, -1 for another's. */
static int
judge_parts(const struct tl_json *content)
{
	const struct tl_json *part = NULL;
	tl_str type;

	if (tl_format_list_shape(content, &part) != TL_LIST_OBJECTS)
		return 0;
	if (tl_json_get(part, "value") == NULL ||
	    tl_json_get(part, "text") != NULL)
		return -1;
	type = tl_json_text(tl_json_get(part, "type"), TL_STR(""));
	for (size_t i = 0; i < TL_COUNT(part_types); i++)
		if (tl_str_eq(type, tl_str_from(part_types[i])))
			return 1;
	return -1;
}

static const char *
list_key(const struct tl_json *root)
{
	return tl_json_get(root, "messages") == NULL &&
		tl_json_get(root, "chosen_messages") != NULL
	    ? "chosen_messages"
	    : "messages";
}

static struct tl_format_fit
detect(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_json *list = tl_json_get(root, list_key(root));

	if (opt->field_messages.len > 0 || opt->field_role.len > 0 ||
	    opt->field_content.len > 0 || !tl_json_is(list, TL_JSON_ARRAY))
		return tl_near(0, NULL);
	for (const struct tl_json *m = list->first; m != NULL; m = m->next) {
		int verdict = judge_parts(tl_json_get(m, "content"));

		if (verdict != 0)
			return verdict > 0 ? tl_fit(66) : tl_near(0, NULL);
	}
	return tl_near(0, NULL);
}

/* What is gathered of a message's parts. */
struct gathered {
	struct tl_part *parts;
	struct tl_text *texts;	  /* one a part, in text */
	struct tl_text *thoughts; /* one a part, in reasoning_content */
	size_t n, ncalls;
	struct tl_json *calls, *last_call;
};

static struct tl_json *
copy_of(struct tl_format_cx *cx, const struct tl_json *v, const char *key)
{
	struct tl_json *copy = TL_NEW(cx->arena, struct tl_json, 1);

	*copy = *v;
	copy->key = tl_str_from(key);
	copy->next = NULL;
	return copy;
}

/* An object where v stands. */
static struct tl_json *
object_at(struct tl_format_cx *cx, const struct tl_json *v, const char *key,
    const struct tl_json *first, unsigned nchildren)
{
	struct tl_json *object = copy_of(cx, v, key);

	object->kind = TL_JSON_OBJECT;
	object->text = (tl_str){ 0 };
	object->first = first;
	object->nchildren = nchildren;
	return object;
}

/* {"name", "arguments"} becomes {"type": "function", "function": {…}}.  The
 * copies keep their places in the record. */
static void
add_call(struct tl_format_cx *cx, struct gathered *g,
    const struct tl_json *value, const struct tl_json *name,
    const struct tl_json *arguments)
{
	struct tl_json *type = copy_of(cx, value, "type");
	struct tl_json *first = copy_of(cx, name, "name");
	struct tl_json *call;

	first->next = copy_of(cx, arguments, "arguments");
	type->kind = TL_JSON_STRING;
	type->text = TL_STR("function");
	type->next = object_at(cx, value, "function", first, 2);
	call = object_at(cx, value, "", type, 2);
	call->key = (tl_str){ 0 };
	call->index = (uint32_t)g->ncalls++;
	if (g->calls == NULL)
		g->calls = call;
	else
		g->last_call->next = call;
	g->last_call = call;
}

static void
read_call(struct tl_format_cx *cx, struct gathered *g,
    const struct tl_json *value, size_t index)
{
	const struct tl_json *call = tl_format_nested(cx, value);
	const struct tl_json *name = tl_json_get(call, "name");
	const struct tl_json *arguments = tl_json_get(call, "arguments");

	if (name != NULL && arguments != NULL)
		add_call(cx, g, value, name, arguments);
	else
		tl_format_issue(cx, TL_ISSUE_BAD_PART, value, index,
		    call == NULL
			? TL_STR("the value of a tool_call is not JSON")
			: TL_STR("the value of a tool_call must be an object "
				 "with \"name\" and \"arguments\""));
}

static bool
is_part_type(tl_str type)
{
	for (size_t i = 0; i < TL_COUNT(part_types); i++)
		if (tl_str_eq(type, tl_str_from(part_types[i])))
			return true;
	return false;
}

static void
read_part(struct tl_format_cx *cx, struct gathered *g, struct tl_turn *t,
    const struct tl_json *v)
{
	const struct tl_json *type = tl_json_get(v, "type");
	const struct tl_json *value = tl_json_get(v, "value");
	struct tl_part *p = &g->parts[g->n];
	const char *fault = NULL;

	p->node = v;
	p->type = tl_json_text(type, TL_STR(""));
	if (v->kind != TL_JSON_OBJECT)
		fault = "a content part must be an object";
	else if (type == NULL)
		fault = "\"type\" is missing";
	else if (type->kind != TL_JSON_STRING)
		fault = "\"type\" must be a string";
	else if (!is_part_type(type->text))
		fault = "the type is unknown";
	else if (value == NULL)
		fault = "\"value\" is missing";
	else if (value->kind != TL_JSON_STRING)
		fault = "\"value\" must be a string";
	if (fault != NULL) {
		bool is_type = tl_json_is(v, TL_JSON_OBJECT) && type != NULL &&
		    !is_part_type(p->type);

		tl_format_issue(cx, TL_ISSUE_BAD_PART, is_type ? type : v,
		    t->index, tl_str_from(fault));
	} else if (tl_str_eq(p->type, TL_STR("text"))) {
		p->text = tl_text_from_json(cx->arena, value);
		g->texts[g->n] = p->text;
	} else if (tl_str_eq(p->type, TL_STR("reasoning"))) {
		if (t->reasoning == NULL)
			t->reasoning = value;
		g->thoughts[g->n] = tl_text_from_json(cx->arena, value);
	} else if (tl_str_eq(p->type, TL_STR("tool_call"))) {
		read_call(cx, g, value, t->index);
	}
	g->n++;
}

static void
read_content(struct tl_format_cx *cx, struct tl_turn *t, struct tl_field *calls,
    struct tl_field *thought)
{
	const struct tl_json *list = t->content_node;
	struct gathered g = { 0 };
	struct tl_json *array;

	if (list->kind != TL_JSON_ARRAY) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, list, t->index,
		    TL_STR("a list of content parts"));
		return;
	}
	g.parts = TL_NEW(cx->arena, struct tl_part, list->nchildren);
	g.texts = TL_NEW(cx->arena, struct tl_text, list->nchildren);
	g.thoughts = TL_NEW(cx->arena, struct tl_text, list->nchildren);
	for (const struct tl_json *v = list->first; v != NULL; v = v->next)
		read_part(cx, &g, t, v);
	t->parts = g.parts;
	t->nparts = g.n;
	t->text = tl_text_concat(cx->arena, g.texts, g.n);
	thought->text = tl_text_concat(cx->arena, g.thoughts, g.n);
	if (g.ncalls == 0)
		return;
	array = object_at(cx, list, "tool_calls", g.calls, (unsigned)g.ncalls);
	array->kind = TL_JSON_ARRAY;
	t->tool_calls = array;
	t->ntool_calls = g.ncalls;
	calls->node = array;
}

/* The weight of an assistant message.  The engine never trains the others:
 * a weight of 0 there says what is so. */
static void
read_weight(struct tl_format_cx *cx, struct tl_turn *t, const struct tl_json *v)
{
	if (v == NULL || v->kind == TL_JSON_NULL)
		return;
	if (v->kind != TL_JSON_NUMBER || v->number < 0) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, t->index,
		    TL_STR("a number that is not negative"));
		return;
	}
	if (t->role != TL_ROLE_ASSISTANT && !(v->number > 0))
		return;
	t->weight_node = v;
	t->has_weight = true;
	t->weight = v->number;
}

static void
check_keys(struct tl_format_cx *cx, const struct tl_json *m, size_t index)
{
	static const tl_str keys[] = { TL_LIT("role"), TL_LIT("content"),
		TL_LIT("loss_weight") };

	for (const struct tl_json *v = m->first; v != NULL; v = v->next) {
		tl_str meant = TL_STR("");
		bool is_known = false;

		for (size_t i = 0; i < TL_COUNT(keys); i++) {
			is_known |= tl_str_eq(v->key, keys[i]);
			if (tl_str_distance(v->key, keys[i], 2) <= 2)
				meant = keys[i];
		}
		if (tl_str_eq(v->key, TL_STR("weight")))
			meant = keys[2];
		if (!is_known)
			tl_format_key_issue(
			    cx, TL_ISSUE_UNKNOWN_KEY, v, index, meant);
	}
}

static void
read_message(struct tl_format_cx *cx, const struct tl_json *m, size_t index)
{
	struct tl_turn *t = tl_format_turn(cx, index);
	struct tl_field calls = { .name = TL_STR("tool_calls") };
	struct tl_field thought = { .name = TL_STR("reasoning_content") };
	struct tl_field *fields = TL_NEW(cx->arena, struct tl_field, 4);

	check_keys(cx, m, index);
	t->node = m;
	t->role = TL_ROLE_UNKNOWN;
	t->role_node = tl_json_get(m, "role");
	t->content_node = tl_json_get(m, "content");
	if (tl_json_is(t->role_node, TL_JSON_STRING)) {
		t->role_text = t->role_node->text;
		t->role = tl_role_of(t->role_text);
	} else if (t->role_node != NULL) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, t->role_node, index,
		    TL_STR("a string"));
	} else {
		tl_format_issue(
		    cx, TL_ISSUE_MISSING_KEY, m, index, TL_STR("role"));
	}
	if (t->content_node != NULL)
		read_content(cx, t, &calls, &thought);
	else
		tl_format_issue(
		    cx, TL_ISSUE_MISSING_KEY, m, index, TL_STR("content"));
	read_weight(cx, t, tl_json_get(m, "loss_weight"));

	t->fields = fields;
	if (t->role_node != NULL)
		fields[t->nfields++] =
		    (struct tl_field){ .name = TL_STR("role"),
			    .node = t->role_node };
	fields[t->nfields++] =
	    (struct tl_field){ .name = TL_STR("content"), .text = t->text };
	if (t->tool_calls != NULL)
		fields[t->nfields++] = calls;
	if (thought.text.str.len > 0)
		fields[t->nfields++] = thought;
}

static void
build(struct tl_format_cx *cx, const struct tl_json *root, struct tl_conv *conv)
{
	const char *key = list_key(root);
	const struct tl_json *list = tl_json_get(root, key);
	size_t index = 0;

	conv->kind = TL_CONV_CHAT;
	conv->rejected = tl_json_get(root, "rejected_messages");
	tl_format_tools(cx, tl_json_get(root, "tools"));
	if (!tl_format_takes_list(cx, root, list, tl_str_from(key)))
		return;
	tl_format_reserve(cx, list->nchildren);
	for (const struct tl_json *m = list->first; m != NULL;
	     m = m->next, index++) {
		if (m->kind == TL_JSON_OBJECT)
			read_message(cx, m, index);
		else
			tl_format_issue(
			    cx, TL_ISSUE_NOT_AN_OBJECT, m, index, TL_STR(""));
	}
	conv->is_broken = conv->nturns == 0;
}

const struct tl_format tl_format_llamafactory_v1 = {
	.name = "llamafactory_v1",
	.summary = "messages of typed parts with loss_weight (LLaMA-Factory's "
		   "v1 engine)",
	.shape =
	    "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": "
	    "\"text\", \"value\": \"…\"}], \"loss_weight\": 0.0}], "
	    "\"tools\": \"[…]\"}",
	.family = "llamafactory_v1",
	.keys = { "messages", "chosen_messages" },
	.detect = detect,
	.build = build,
};
