/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of message lists, shared by all formats that have one.
 */
#include "format.h"

#include <turnlint/limits.h>
#include <turnlint/map.h>

#include <string.h>

/* The longer forms are what OpenAI, transformers and axolotl pass on or read;
 * role and content are the layout's. */
const char *const tl_message_keys[] = { "name", "weight", "train", "training",
	"train_detail", "training_detail", "refusal", "audio", "annotations",
	"tool_call_id", "tool_calls", "function_call", "reasoning_content",
	"reasoning", "thinking", NULL };

const struct tl_role_map tl_sharegpt_roles[] = {
	{ TL_LIT("user"), TL_LIT("human") },
	{ TL_LIT("assistant"), TL_LIT("gpt") },
	{ TL_LIT("assistant"), TL_LIT("function_call") },
	{ TL_LIT("tool"), TL_LIT("observation") },
};
const size_t tl_nsharegpt_roles = TL_COUNT(tl_sharegpt_roles);

/* Names of the same thing in different frameworks: beside each other in one
 * message, one of them is ignored. */
static const char *const role_aliases[] = { "role", "from" };
static const char *const content_aliases[] = { "content", "value", "text" };

static bool
key_is(tl_str key, const char *name)
{
	/* Most names differ in their first byte. */
	return key.len > 0 && key.ptr[0] == name[0] &&
	    tl_str_eq(key, tl_str_from(name));
}

static bool
is_one_of(tl_str key, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (key_is(key, names[i]))
			return true;
	return false;
}

static bool
is_known_key(const struct tl_format_cx *cx,
    const struct tl_message_layout *layout, tl_str key)
{
	/* The layout's own two first: most messages have no other. */
	if (tl_str_eq(key, layout->role_key) ||
	    tl_str_eq(key, layout->content_key))
		return true;
	for (const char *const *k = tl_message_keys; *k != NULL; k++)
		if (key_is(key, *k))
			return true;
	return tl_str_eq(key, cx->opt->field_train) ||
	    tl_str_eq(key, cx->opt->field_train_detail);
}

/* The known key that was probably meant, or an empty slice. */
static tl_str
suggestion(const struct tl_message_layout *layout, tl_str key)
{
	const char *best = NULL;
	size_t limit = key.len < 5 ? 1 : 2; /* "date" is not "name" */
	size_t least = limit + 1;

	/* The layout's own two first: they are what is most often mistyped. */
	if (tl_str_distance(key, layout->role_key, limit) <= limit)
		return layout->role_key;
	if (tl_str_distance(key, layout->content_key, limit) <= limit)
		return layout->content_key;
	for (const char *const *k = tl_message_keys; *k != NULL; k++) {
		size_t d = tl_str_distance(key, tl_str_from(*k), limit);

		if (d < least) {
			least = d;
			best = *k;
		}
	}
	return tl_str_from(best);
}

static void
check_key(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    const struct tl_turn *t, const struct tl_json *m)
{
	if (is_known_key(cx, layout, m->key))
		return;
	if (m->kind != TL_JSON_NULL &&
	    is_one_of(m->key, role_aliases, TL_COUNT(role_aliases)) &&
	    t->role_node != NULL) {
		tl_format_key_issue(
		    cx, TL_ISSUE_AMBIGUOUS_KEYS, m, t->index, layout->role_key);
		return;
	}
	if (m->kind != TL_JSON_NULL &&
	    is_one_of(m->key, content_aliases, TL_COUNT(content_aliases)) &&
	    t->content_node != NULL) {
		tl_format_key_issue(cx, TL_ISSUE_AMBIGUOUS_KEYS, m, t->index,
		    layout->content_key);
		return;
	}
	tl_format_key_issue(
	    cx, TL_ISSUE_UNKNOWN_KEY, m, t->index, suggestion(layout, m->key));
}

/* --- flags --- */

static enum tl_flag
flag_of(const struct tl_json *v)
{
	switch (v->kind) {
	case TL_JSON_NULL:
		return TL_FLAG_UNSET;
	case TL_JSON_TRUE:
		return TL_FLAG_TRUE;
	case TL_JSON_FALSE:
		return TL_FLAG_FALSE;
	case TL_JSON_NUMBER:
	case TL_JSON_STRING:
	case TL_JSON_ARRAY:
	case TL_JSON_OBJECT:
		break;
	}
	return TL_FLAG_INVALID;
}

static void
read_details(
    struct tl_format_cx *cx, struct tl_turn *t, const struct tl_json *list)
{
	struct tl_detail *d;

	t->detail_node = list;
	if (list->kind != TL_JSON_ARRAY)
		return;
	d = TL_NEW(cx->arena, struct tl_detail, list->nchildren);
	t->details = d;
	t->ndetails = list->nchildren;
	for (const struct tl_json *v = list->first; v != NULL;
	     v = v->next, d++) {
		const struct tl_json *train = tl_json_get(v, "train");
		bool has_beg, has_end;

		d->node = v;
		has_beg = tl_json_int(tl_json_get(v, "begin_offset"), &d->beg);
		has_end = tl_json_int(tl_json_get(v, "end_offset"), &d->end);
		d->has_range = has_beg && has_end;
		if (train != NULL)
			d->train = flag_of(train);
	}
}

/* --- content --- */

static const char *const part_types[] = { "text", "image_url", "image", "video",
	"video_url", "audio", "audio_url", "input_audio", "file", "refusal",
	"input_text", "output_text", "input_image", "input_file", "thinking",
	"reasoning", "tool_use", "tool_result", "tool_call", "tool_response",
	"document" };

static bool
is_text_type(tl_str type)
{
	return tl_str_eq(type, TL_STR("text")) ||
	    tl_str_eq(type, TL_STR("input_text")) ||
	    tl_str_eq(type, TL_STR("output_text"));
}

/* The string that holds the text of a part, or NULL. */
static const struct tl_json *
part_text(const struct tl_json *part, const struct tl_message_layout *layout)
{
	static const char *const names[] = { "text", "content", "value" };
	size_t n = layout->as_axolotl ? TL_COUNT(names) : 1;

	for (size_t i = 0; i < n; i++) {
		const struct tl_json *v = tl_json_get(part, names[i]);

		/* axolotl takes the first that is not empty */
		if (tl_json_is(v, TL_JSON_STRING) &&
		    (v->text.len > 0 || n == 1))
			return v;
	}
	return NULL;
}

static void
check_part(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    const struct tl_json *v, const struct tl_json *text, size_t index)
{
	const struct tl_json *type = tl_json_get(v, "type");

	if (v->kind != TL_JSON_OBJECT) {
		tl_format_issue(cx, TL_ISSUE_BAD_PART, v, index,
		    TL_STR("a content part must be an object"));
	} else if (type == NULL) {
		/* axolotl reads the text whatever the type */
		if (!layout->as_axolotl || text == NULL)
			tl_format_issue(cx, TL_ISSUE_BAD_PART, v, index,
			    TL_STR("\"type\" is missing"));
	} else if (type->kind != TL_JSON_STRING) {
		tl_format_issue(cx, TL_ISSUE_BAD_PART, type, index,
		    TL_STR("\"type\" must be a string"));
	} else if (!is_one_of(type->text, part_types, TL_COUNT(part_types))) {
		tl_format_issue(cx, TL_ISSUE_BAD_PART, type, index,
		    TL_STR("the type is unknown"));
	} else if (is_text_type(type->text) && text == NULL) {
		const struct tl_json *t = tl_json_get(v, "text");

		if (t == NULL)
			tl_format_issue(cx, TL_ISSUE_BAD_PART, v, index,
			    TL_STR("\"text\" is missing"));
		else if (t->kind != TL_JSON_STRING)
			tl_format_issue(cx, TL_ISSUE_BAD_PART, t, index,
			    TL_STR("\"text\" must be a string"));
	}
}

static enum tl_flag
part_flag(const struct tl_json *v)
{
	const struct tl_json *train = tl_json_get(v, "train");
	const struct tl_json *weight;

	if (train != NULL && train->kind != TL_JSON_NULL)
		return flag_of(train);
	weight = tl_json_get(v, "weight");
	if (weight == NULL || weight->kind == TL_JSON_NULL)
		return TL_FLAG_UNSET;
	if (weight->kind != TL_JSON_NUMBER)
		return flag_of(weight);
	return weight->number != 0 ? TL_FLAG_TRUE : TL_FLAG_FALSE;
}

static void
read_parts(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    struct tl_turn *t, const struct tl_json *list)
{
	struct tl_part *parts =
	    TL_NEW(cx->arena, struct tl_part, list->nchildren);
	struct tl_text *texts =
	    TL_NEW(cx->arena, struct tl_text, list->nchildren);
	size_t n = 0;

	for (const struct tl_json *v = list->first; v != NULL;
	     v = v->next, n++) {
		struct tl_part *p = &parts[n];
		const struct tl_json *text = NULL;

		p->node = v;
		p->type = tl_json_text(tl_json_get(v, "type"), TL_STR(""));
		p->train = part_flag(v);
		if (v->kind == TL_JSON_STRING && !layout->as_axolotl)
			text = v;
		else if (layout->as_axolotl || p->type.len == 0 ||
		    is_text_type(p->type))
			text = part_text(v, layout);
		if (text != NULL)
			p->text = tl_text_from_json(cx->arena, text);
		texts[n] = p->text;
		check_part(cx, layout, v, text, t->index);
	}
	t->parts = parts;
	t->nparts = n;
	t->text = tl_text_concat(cx->arena, texts, n);
}

static void
read_content(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    struct tl_turn *t)
{
	const struct tl_json *v = t->content_node;

	switch (v->kind) {
	case TL_JSON_STRING:
		t->text = tl_text_from_json(cx->arena, v);
		return;
	case TL_JSON_ARRAY:
		read_parts(cx, layout, t, v);
		return;
	case TL_JSON_NULL:
		return; /* CNT001 says what that means */
	case TL_JSON_FALSE:
	case TL_JSON_TRUE:
	case TL_JSON_NUMBER:
	case TL_JSON_OBJECT:
		break;
	}
	tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, t->index,
	    TL_STR("a string or a list of content parts"));
}

static void
read_tool_calls(
    struct tl_format_cx *cx, struct tl_turn *t, const struct tl_json *v)
{
	if (v->kind == TL_JSON_NULL)
		return;
	if (v->kind != TL_JSON_ARRAY) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, v, t->index,
		    TL_STR("a list of tool calls"));
		return;
	}
	t->tool_calls = v;
	t->ntool_calls = v->nchildren;
	for (const struct tl_json *c = v->first; c != NULL; c = c->next)
		if (c->kind != TL_JSON_OBJECT)
			tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, c, t->index,
			    TL_STR("an object, a tool call"));
}

/* --- one message --- */

static void
read_role(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    struct tl_turn *t)
{
	t->role = TL_ROLE_UNKNOWN;
	if (t->role_node == NULL) {
		tl_format_issue(cx, TL_ISSUE_MISSING_KEY, t->node, t->index,
		    layout->role_key);
		return;
	}
	if (t->role_node->kind != TL_JSON_STRING) {
		tl_format_issue(cx, TL_ISSUE_WRONG_TYPE, t->role_node, t->index,
		    TL_STR("a string"));
		return;
	}
	t->role_text = t->role_node->text;
	/* A literal one is not mapped; a source listed twice takes the last
	 * target (axolotl). */
	for (size_t i = tl_str_eq(t->role_node->key, layout->role_key)
		 ? layout->nroles
		 : 0;
	     i-- > 0;) {
		if (!tl_str_eq(layout->roles[i].source, t->role_node->text))
			continue;
		t->role_text = layout->roles[i].target;
		break;
	}
	t->role = tl_role_of(t->role_text);
}

static void
take_other_member(
    struct tl_format_cx *cx, struct tl_turn *t, const struct tl_json *m)
{
	const struct tl_format_options *opt = cx->opt;
	tl_str key = m->key;

	if (opt->field_train.len > 0
		? tl_str_eq(key, opt->field_train)
		: key_is(key, "train") || key_is(key, "training"))
		t->train_node = m;
	else if (opt->field_train_detail.len > 0
		? tl_str_eq(key, opt->field_train_detail)
		: key_is(key, "train_detail") || key_is(key, "training_detail"))
		t->detail_node = m;
	else if (key_is(key, "weight"))
		t->weight_node = m;
	else if (key_is(key, "tool_calls"))
		t->tool_calls = m;
	else if (key_is(key, "tool_call_id"))
		t->tool_call_id = m;
	else if (key_is(key, "name"))
		t->name = m;
	else if (key_is(key, "reasoning_content") || key_is(key, "reasoning") ||
	    key_is(key, "thinking"))
		t->reasoning = m;
}

/* The last one of several members of the same name stays, as in Python.
 * Returns how many are neither role nor content: most messages have none. */
static size_t
take_members(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    struct tl_turn *t)
{
	size_t nothers = 0;

	for (const struct tl_json *m = t->node->first; m != NULL; m = m->next) {
		if (tl_str_eq(m->key, layout->role_key)) {
			t->role_node = m;
		} else if (tl_str_eq(m->key, layout->content_key)) {
			t->content_node = m;
		} else {
			take_other_member(cx, t, m);
			nothers++;
		}
	}
	return nothers;
}

static bool
has_call_or_other(const struct tl_turn *t)
{
	return t->ntool_calls > 0 || tl_format_has(t->node, "refusal") ||
	    tl_format_has(t->node, "audio");
}

static bool
is_spelled_call(const struct tl_turn *t)
{
	return tl_json_is(t->role_node, TL_JSON_STRING) &&
	    tl_str_eq(t->role_node->text, TL_STR("function_call"));
}

const struct tl_json_doc *
tl_turn_spelled_call(struct tl_arena *a, const struct tl_turn *t)
{
	struct tl_json_doc *doc = t->spelled;

	if (!is_spelled_call(t))
		return NULL;
	if (doc == NULL)
		doc = TL_NEW(a, struct tl_json_doc, 1);
	/* Not parsed yet: both are set by the parser, one or the other. */
	if (doc->root == NULL && doc->fault == TL_JSON_OK)
		(void)!tl_json_parse(
		    a, tl_json_text(t->content_node, t->text.str), doc);
	return doc;
}

/* An assistant turn may say what it calls elsewhere than in tool_calls. */
static void
read_other_calls(struct tl_format_cx *cx, struct tl_turn *t, size_t nothers)
{
	const struct tl_json *call =
	    nothers > 0 ? tl_json_get(t->node, "function_call") : NULL;

	if (tl_json_is(call, TL_JSON_OBJECT))
		t->ntool_calls = 1;
	if (!is_spelled_call(t))
		return;
	t->ntool_calls = 1;
	t->spelled = TL_NEW(cx->arena, struct tl_json_doc, 1);
}

/* --- what the template sees --- */

/* The value of m, as the template sees it. */
static void
set_field(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    const struct tl_turn *t, const struct tl_json *m, struct tl_field *f)
{
	f->node = m;
	if (m == t->role_node) {
		if (m->kind == TL_JSON_STRING &&
		    t->role_text.ptr != m->text.ptr &&
		    !tl_str_eq(t->role_text, m->text)) {
			f->node = NULL;
			f->text = tl_format_derived(cx->arena, t->role_text, m);
		}
	} else if (m == t->content_node) {
		if (layout->as_axolotl && m->kind == TL_JSON_ARRAY) {
			f->node = NULL;
			f->text = t->text;
		}
	}
	if (f->node != NULL && layout->as_axolotl)
		f->node = tl_format_as_axolotl(cx, f->node);
}

/* What the template calls the member m. */
static tl_str
field_name(const struct tl_turn *t, const struct tl_json *m)
{
	if (m == t->role_node)
		return TL_STR("role");
	return m == t->content_node ? TL_STR("content") : m->key;
}

/* A message's fields while they are collected. */
struct field_list {
	struct tl_field *fields;
	size_t n;
	struct tl_map *seen; /* name -> index; NULL for short messages */
};

/* The field of that name: a name given twice keeps its first place and its
 * last value. */
static struct tl_field *
field_for(struct field_list *list, tl_str name)
{
	size_t at = list->n;

	if (list->seen != NULL) {
		bool is_new;
		struct tl_map_entry *e = tl_map_put(list->seen, name, &is_new);

		if (is_new)
			e->num = list->n;
		at = e->num;
	} else {
		for (size_t i = 0; i < list->n && at == list->n; i++)
			if (tl_str_eq(list->fields[i].name, name))
				at = i;
	}
	list->n += at == list->n;
	list->fields[at] = (struct tl_field){ .name = name };
	return &list->fields[at];
}

static void
put_field(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    const struct tl_turn *t, const struct tl_json *m, struct field_list *list)
{
	set_field(cx, layout, t, m, field_for(list, field_name(t, m)));
}

static void
read_fields(struct tl_format_cx *cx, const struct tl_message_layout *layout,
    struct tl_turn *t)
{
	struct tl_map seen;
	struct field_list list = {
		.fields = tl_arena_grow(cx->arena, NULL, 0,
		    t->node->nchildren * sizeof(struct tl_field),
		    _Alignof(struct tl_field)),
	};

	if (t->node->nchildren > 16) {
		tl_map_init(&seen, cx->arena);
		list.seen = &seen;
	}
	if (layout->as_axolotl) {
		/* what is mapped comes first */
		if (t->role_node != NULL)
			put_field(cx, layout, t, t->role_node, &list);
		if (t->content_node != NULL &&
		    t->content_node->kind != TL_JSON_NULL)
			put_field(cx, layout, t, t->content_node, &list);
	}
	for (const struct tl_json *m = t->node->first; m != NULL; m = m->next) {
		if (layout->as_axolotl &&
		    (m->kind == TL_JSON_NULL ||
			tl_str_eq(m->key, layout->role_key) ||
			tl_str_eq(m->key, layout->content_key)))
			continue;
		put_field(cx, layout, t, m, &list);
	}
	t->fields = list.fields;
	t->nfields = list.n;
}

/* axolotl copies what the mapping names, then every other key over it. */
static void
take_literals(const struct tl_message_layout *layout, struct tl_turn *t)
{
	const struct tl_json *v = tl_json_get(t->node, "role");

	if (v != NULL && v->kind != TL_JSON_NULL &&
	    !tl_str_eq(layout->role_key, TL_STR("role")))
		t->role_node = v;
	v = tl_json_get(t->node, "content");
	if (v != NULL && v->kind != TL_JSON_NULL &&
	    !tl_str_eq(layout->content_key, TL_STR("content")))
		t->content_node = v;
}

void
tl_format_message(struct tl_format_cx *cx,
    const struct tl_message_layout *layout, const struct tl_json *node,
    size_t index)
{
	struct tl_turn *t = tl_format_turn(cx, index);
	const struct tl_json *calls;
	size_t nothers;

	t->node = node;
	t->in_completion = layout->in_completion;
	nothers = take_members(cx, layout, t);
	for (const struct tl_json *m = node->first; m != NULL && nothers > 0;
	     m = m->next)
		check_key(cx, layout, t, m);
	if (layout->as_axolotl)
		take_literals(layout, t);
	read_role(cx, layout, t);
	calls = t->tool_calls;
	t->tool_calls = NULL;
	if (calls != NULL)
		read_tool_calls(cx, t, calls);
	if (t->ntool_calls == 0)
		read_other_calls(cx, t, nothers);
	if (t->content_node != NULL)
		read_content(cx, layout, t);
	else if (!has_call_or_other(t))
		tl_format_issue(
		    cx, TL_ISSUE_MISSING_KEY, node, index, layout->content_key);
	if (t->train_node != NULL)
		t->train = flag_of(t->train_node);
	if (tl_json_is(t->weight_node, TL_JSON_NUMBER)) {
		t->has_weight = true;
		t->weight = t->weight_node->number;
	}
	if (t->detail_node != NULL)
		read_details(cx, t, t->detail_node);
	read_fields(cx, layout, t);
}

/* --- the list --- */

static const char *
sharegpt_role_key(const struct tl_json *m)
{
	return tl_json_get(m, "role") != NULL && tl_json_get(m, "from") == NULL
	    ? "role"
	    : "from";
}

/* value wins where from/value stand beside other names: SCH012 tells that
 * trainers differ there. */
static const char *
sharegpt_content_key(const struct tl_json *m)
{
	if (tl_format_has(m, "value"))
		return "value";
	if (tl_format_has(m, "text"))
		return "text";
	if (tl_format_has(m, "content"))
		return "content";
	return tl_json_get(m, "value") == NULL &&
		tl_json_get(m, "content") != NULL
	    ? "content"
	    : "value";
}

struct tl_message_layout
tl_format_sharegpt_layout(
    const struct tl_format_options *opt, const struct tl_json *first)
{
	struct tl_message_layout layout = {
		.role_key =
		    tl_format_key(opt->field_role, sharegpt_role_key(first)),
		.content_key = tl_format_key(
		    opt->field_content, sharegpt_content_key(first)),
		.roles = tl_sharegpt_roles,
		.nroles = tl_nsharegpt_roles,
	};

	if (opt->nroles > 0) {
		layout.roles = opt->roles;
		layout.nroles = opt->nroles;
	}
	return layout;
}

static bool
refuse(struct tl_format_cx *cx, enum tl_issue_kind kind,
    const struct tl_json *node, tl_str detail)
{
	tl_format_issue(cx, kind, node, TL_NO_TURN, detail);
	cx->conv->is_broken = true;
	return false;
}

bool
tl_format_takes_list(struct tl_format_cx *cx, const struct tl_json *root,
    const struct tl_json *list, tl_str key)
{
	if (list == NULL || list->kind == TL_JSON_NULL)
		return refuse(cx, TL_ISSUE_MISSING_MESSAGES,
		    list != NULL ? list : root, key);
	if (list->kind != TL_JSON_ARRAY)
		return refuse(cx, TL_ISSUE_WRONG_TYPE, list,
		    TL_STR("a list of messages"));
	cx->conv->messages = list;
	if (list->nchildren == 0)
		return refuse(cx, TL_ISSUE_EMPTY_MESSAGES, list, key);
	if (list->nchildren > TL_MAX_TURNS)
		return refuse(cx, TL_ISSUE_WRONG_TYPE, list,
		    TL_STR("at most 1000000 messages"));
	return true;
}

bool
tl_format_messages(struct tl_format_cx *cx, const struct tl_json *root,
    const struct tl_json *list, tl_str key,
    const struct tl_message_layout *layout)
{
	size_t index = cx->conv->nturns;

	if (!tl_format_takes_list(cx, root, list, key))
		return false;
	/* one more for a system column */
	tl_format_reserve(cx, (size_t)list->nchildren + 1);
	for (const struct tl_json *m = list->first; m != NULL;
	     m = m->next, index++) {
		if (m->kind == TL_JSON_OBJECT)
			tl_format_message(cx, layout, m, index);
		else
			tl_format_issue(
			    cx, TL_ISSUE_NOT_AN_OBJECT, m, index, TL_STR(""));
	}
	if (cx->conv->nturns == 0)
		cx->conv->is_broken = true;
	return !cx->conv->is_broken;
}
