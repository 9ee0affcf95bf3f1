/* SPDX-License-Identifier: Apache-2.0 */
/* axolotl's chat_template: from a row to the turns that the template gets. */
#include "axolotl.h"

#include "dataset/format.h"

struct reading {
	const struct tl_trainer_cx *cx;
	const struct ax_config *config;
	struct tl_arena *a;
	struct tl_sample *out;
	struct tl_format_cx format; /* for JSON inside strings */
	bool keeps_nulls;	    /* the list was a string */
	struct tl_turn *turns;
	struct ax_turn *info;
	size_t n;
};

/* A message while its fields are put together. */
struct message {
	const struct tl_json *node;
	struct tl_field *fields;
	size_t n;
};

static struct tl_field *
find(const struct message *m, tl_str name)
{
	for (size_t i = 0; i < m->n; i++)
		if (tl_str_eq(m->fields[i].name, name))
			return &m->fields[i];
	return NULL;
}

static struct tl_field *
put(struct message *m, tl_str name)
{
	struct tl_field *f = find(m, name);

	if (f == NULL)
		f = &m->fields[m->n++];
	*f = (struct tl_field){ .name = name };
	return f;
}

static bool
is_string(const struct tl_field *f)
{
	return f != NULL &&
	    (f->node == NULL || f->node->kind == TL_JSON_STRING);
}

static struct tl_text
text_of(struct reading *r, const struct tl_field *f)
{
	return f->node != NULL ? tl_text_from_json(r->a, f->node) : f->text;
}

/* --- values ----------------------------------------------------------------
 */

/* tool_calls[i].function.arguments as a string: axolotl parses it. */
static bool
is_arguments(const struct tl_json *v, const struct tl_json *calls)
{
	return calls != NULL && v->kind == TL_JSON_STRING &&
	    tl_str_eq(v->key, TL_STR("arguments")) && v->parent != NULL &&
	    tl_str_eq(v->parent->key, TL_STR("function")) &&
	    v->parent->parent != NULL && v->parent->parent->parent == calls;
}

static bool
is_dropped(const struct reading *r, const struct tl_json *v)
{
	return !r->keeps_nulls && v->kind == TL_JSON_NULL &&
	    v->parent != NULL && v->parent->kind == TL_JSON_OBJECT;
}

static bool
needs_copy(const struct reading *r, const struct tl_json *v,
    const struct tl_json *calls)
{
	for (const struct tl_json *c = v->first; c != NULL; c = c->next)
		if (is_dropped(r, c) || is_arguments(c, calls) ||
		    needs_copy(r, c, calls))
			return true;
	return false;
}

static const struct tl_json *
copy(struct reading *r, const struct tl_json *v, const struct tl_json *parent,
    const struct tl_json *calls)
{
	const struct tl_json **link;
	struct tl_json *out;

	out = TL_NEW(r->a, struct tl_json, 1);
	*out = *v;
	if (is_arguments(v, calls)) {
		const struct tl_json *inner = tl_format_nested(&r->format, v);

		if (inner != NULL)
			*out = *inner;
		out->parent = parent;
		out->next = NULL;
		return out;
	}
	out->parent = parent;
	out->first = out->next = NULL;
	out->nchildren = 0;
	link = &out->first;
	for (const struct tl_json *c = v->first; c != NULL; c = c->next) {
		struct tl_json *child;

		if (is_dropped(r, c))
			continue;
		child = (struct tl_json *)(uintptr_t)copy(r, c, out, calls);
		child->index = out->nchildren++;
		*link = child;
		link = &child->next;
	}
	return out;
}

/* The value without its null members; calls: the list of tool calls, whose
 * arguments are parsed. */
static const struct tl_json *
cleaned(struct reading *r, const struct tl_json *v, const struct tl_json *calls)
{
	return needs_copy(r, v, calls) ? copy(r, v, v->parent, calls) : v;
}

static bool
check_arguments(struct reading *r, const struct tl_json *calls)
{
	for (const struct tl_json *c = calls->first; c != NULL; c = c->next) {
		const struct tl_json *v =
		    tl_json_get(tl_json_get(c, "function"), "arguments");

		if (!tl_json_is(v, TL_JSON_STRING) ||
		    tl_format_nested(&r->format, v) != NULL)
			continue;
		ax_abort(r->cx, r->out,
		    "the arguments of a tool call are no JSON: \"%s\"",
		    ax_shown(r->a, v->text));
		return false;
	}
	return true;
}

static void
put_value(
    struct reading *r, struct message *m, tl_str name, const struct tl_json *v)
{
	put(m, name)->node = cleaned(r, v, NULL);
}

/* --- split_thinking --------------------------------------------------------
 */

/* Between the first `open` and the first `close`; false when one is missing. */
static bool
between(tl_str s, const char *open, const char *close, size_t *beg, size_t *end,
    size_t *rest)
{
	size_t o = tl_str_find(s, tl_str_from(open), 0);
	size_t c = tl_str_find(s, tl_str_from(close), 0);

	if (o == TL_NPOS || c == TL_NPOS)
		return false;
	*beg = o + strlen(open);
	*end = c > *beg ? c : *beg;
	*rest = c + strlen(close);
	return true;
}

static struct tl_text
stripped(struct reading *r, struct tl_text t)
{
	size_t before = tl_space_before(t.str), behind;

	t = tl_text_slice(r->a, t, before, t.str.len);
	behind = tl_space_behind(t.str);
	return tl_text_slice(r->a, t, 0, t.str.len - behind);
}

static bool
split_thinking(struct reading *r, struct message *m)
{
	static const char *const pairs[][2] = {
		{ "<think>", "</think>" },
		{ "<reasoning>", "</reasoning>" },
		{ "<|begin_of_thought|>", "<|end_of_thought|>" },
	};
	const struct tl_field *f = find(m, TL_STR("content"));
	size_t beg = 0, end = 0, rest = 0, i = 0;
	struct tl_text t;

	if (f == NULL) {
		ax_abort(r->cx, r->out,
		    "KeyError: 'content' (split_thinking looks into it)");
		return false;
	}
	if (!is_string(f)) {
		bool is_searched = f->node->kind == TL_JSON_ARRAY ||
		    f->node->kind == TL_JSON_OBJECT;

		if (!is_searched)
			ax_abort(r->cx, r->out,
			    "TypeError: the content of an assistant turn is "
			    "%s (split_thinking looks into it)",
			    tl_json_kind_name(f->node->kind));
		return is_searched;
	}
	t = text_of(r, f);
	while (i < TL_COUNT(pairs) &&
	    !between(t.str, pairs[i][0], pairs[i][1], &beg, &end, &rest))
		i++;
	if (i == TL_COUNT(pairs))
		return true;
	put(m, r->config->thinking_key)->text =
	    stripped(r, tl_text_slice(r->a, t, beg, end));
	t = tl_text_slice(r->a, t, rest, t.str.len);
	t = tl_text_slice(r->a, t, tl_space_before(t.str), t.str.len);
	if (between(t.str, "<|begin_of_solution|>", "<|end_of_solution|>", &beg,
		&end, &rest))
		t = stripped(r, tl_text_slice(r->a, t, beg, end));
	put(m, TL_STR("content"))->text = t;
	return true;
}

/* --- one message ------------------------------------------------------------
 */

static bool
is_mapped(const struct ax_config *c, tl_str key)
{
	for (size_t i = 0; i < c->nkeys; i++)
		if (tl_str_eq(c->keys[i].source, key))
			return true;
	return false;
}

static bool
map_role(struct reading *r, struct message *m)
{
	struct tl_field *f = find(m, TL_STR("role"));
	tl_str mapped;

	if (f == NULL)
		return true;
	if (f->node->kind == TL_JSON_ARRAY || f->node->kind == TL_JSON_OBJECT) {
		ax_abort(r->cx, r->out,
		    "TypeError: the role of a message is %s",
		    tl_json_kind_name(f->node->kind));
		return false;
	}
	if (f->node->kind != TL_JSON_STRING)
		return true;
	mapped = ax_map_role(r->config, f->node->text);
	if (!tl_str_eq(mapped, f->node->text)) {
		f->text = tl_format_derived(r->a, mapped, f->node);
		f->node = NULL;
	}
	return true;
}

static tl_str
role_of(const struct message *m)
{
	const struct tl_field *f = find(m, TL_STR("role"));

	if (!is_string(f))
		return (tl_str){ NULL, 0 };
	return f->node != NULL ? f->node->text : f->text.str;
}

static bool
transform(struct reading *r, const struct tl_json *node, struct message *m)
{
	const struct ax_config *c = r->config;
	struct tl_field *calls;

	*m = (struct message){ .node = node };
	m->fields =
	    TL_NEW(r->a, struct tl_field, c->nkeys + c->message_keys.n + 1);
	for (size_t i = 0; i < c->nkeys; i++) {
		const struct tl_json *v = ax_get(node, c->keys[i].source);

		if (v != NULL)
			put_value(r, m, c->keys[i].target, v);
	}
	if (!map_role(r, m))
		return false;
	if (c->split_thinking && find(m, TL_STR("role")) == NULL) {
		ax_abort(r->cx, r->out, "KeyError: 'role'");
		return false;
	}
	if (c->split_thinking && tl_str_eq(role_of(m), TL_STR("assistant")) &&
	    !split_thinking(r, m))
		return false;
	for (size_t i = 0; i < c->message_keys.n; i++) {
		tl_str key = c->message_keys.list[i];
		const struct tl_json *v = ax_get(node, key);

		if (v != NULL && !is_mapped(c, key))
			put_value(r, m, key, v);
	}
	calls = find(m, TL_STR("tool_calls"));
	if (calls == NULL || calls->node == NULL ||
	    calls->node->kind != TL_JSON_ARRAY)
		return true;
	if (!check_arguments(r, calls->node))
		return false;
	calls->node = cleaned(r, calls->node, calls->node);
	return true;
}

/* --- content parts ----------------------------------------------------------
 */

static const struct tl_json *
part_text(const struct tl_json *part)
{
	static const char *const names[] = { "text", "content", "value" };

	for (size_t i = 0; i < TL_COUNT(names); i++) {
		const struct tl_json *v = tl_json_get(part, names[i]);

		if (ax_truth(v))
			return v;
	}
	return NULL;
}

/* weight not in (0, 0.0) */
static bool
is_weight_on(const struct tl_json *w)
{
	if (w->kind == TL_JSON_FALSE)
		return false;
	return w->kind != TL_JSON_NUMBER || w->number < 0 || w->number > 0;
}

/* A list becomes one string, and its flags details. */
static bool
join_parts(struct reading *r, struct tl_field *f, struct ax_details *d)
{
	const struct tl_json *list = f->node;
	struct tl_text *texts;
	struct ax_range *ranges;
	bool is_flagged = false;
	size_t ntexts = 0, n = 0, at = 0;

	if (!tl_json_is(list, TL_JSON_ARRAY))
		return true;
	texts = TL_NEW(r->a, struct tl_text, list->nchildren);
	ranges = TL_NEW(r->a, struct ax_range, list->nchildren);
	for (const struct tl_json *p = list->first; p != NULL; p = p->next) {
		const struct tl_json *text, *train, *weight;
		size_t len;

		if (p->kind != TL_JSON_OBJECT)
			continue;
		text = part_text(p);
		if (text != NULL && text->kind != TL_JSON_STRING) {
			ax_abort(r->cx, r->out,
			    "TypeError: the text of a content part is %s",
			    tl_json_kind_name(text->kind));
			return false;
		}
		train = ax_get(p, TL_STR("train"));
		weight = ax_get(p, TL_STR("weight"));
		is_flagged |= train != NULL || weight != NULL;
		if (text == NULL)
			continue;
		texts[ntexts++] = tl_text_from_json(r->a, text);
		len = tl_utf8_count(text->text);
		ranges[n++] = (struct ax_range){
			.beg = (double)at,
			.end = (double)(at + len - 1),
			.has_beg = true,
			.has_end = true,
			.has_train = true,
			.is_number = true,
			.is_trained = train != NULL ? ax_truth(train)
			    : weight != NULL	    ? is_weight_on(weight)
						    : true,
		};
		at += len;
	}
	f->text = tl_text_concat(r->a, texts, ntexts);
	f->node = NULL;
	if (is_flagged)
		*d = (struct ax_details){ true, true, false, ranges, n };
	return true;
}

/* Python compares with a boolean as with a number. */
static bool
to_number(const struct tl_json *v, double *out)
{
	if (v == NULL)
		return false;
	*out = v->kind == TL_JSON_TRUE ? 1 : v->number;
	return v->kind == TL_JSON_NUMBER || v->kind == TL_JSON_TRUE ||
	    v->kind == TL_JSON_FALSE;
}

void
ax_read_details(
    struct tl_arena *a, const struct tl_json *list, struct ax_details *d)
{
	struct ax_range *ranges;

	*d = (struct ax_details){ .is_present = true };
	d->is_bad = list->kind != TL_JSON_ARRAY;
	if (d->is_bad) {
		d->n = ax_truth(list); /* something to stumble over */
		return;
	}
	ranges = TL_NEW(a, struct ax_range, list->nchildren);
	for (const struct tl_json *v = list->first; v != NULL; v = v->next) {
		struct ax_range *g = &ranges[d->n++];
		const struct tl_json *beg = ax_get(v, TL_STR("begin_offset"));
		const struct tl_json *end = ax_get(v, TL_STR("end_offset"));
		const struct tl_json *train = ax_get(v, TL_STR("train"));

		d->is_bad |= v->kind != TL_JSON_OBJECT;
		g->node = v;
		g->has_beg = beg != NULL;
		g->has_end = end != NULL;
		g->is_number =
		    to_number(beg, &g->beg) && to_number(end, &g->end);
		g->has_train = train != NULL;
		g->is_trained = ax_truth(train);
	}
	d->list = ranges;
}

static bool
finish_message(struct reading *r, struct message *m)
{
	const struct ax_config *c = r->config;
	struct ax_turn *t = &r->info[r->n];
	struct tl_turn *turn = &r->turns[r->n];
	struct tl_field *content = find(m, TL_STR("content"));
	struct tl_field *thinking = find(m, c->thinking_key);
	const struct tl_json *v;

	*t = (struct ax_turn){ .training = NULL };
	turn->node = m->node;
	turn->content_node = content != NULL ? content->node : NULL;
	v = c->field_training.len > 0 ? ax_get(m->node, c->field_training)
				      : NULL;
	t->training = v;
	turn->train_node = v;
	v = c->field_training_detail.len > 0
	    ? ax_get(m->node, c->field_training_detail)
	    : NULL;
	turn->detail_node = v;
	if (v != NULL)
		ax_read_details(r->a, v, &t->details);
	if (content != NULL && !join_parts(r, content, &t->details))
		return false;
	if (thinking != NULL && thinking != content &&
	    !join_parts(r, thinking, &t->reasoning_details))
		return false;
	t->role = find(m, TL_STR("role"));
	t->content = content;
	t->thinking = thinking;
	if (t->role != NULL)
		turn->role_node = t->role->node != NULL ? t->role->node
		    : t->role->text.nruns > 0 ? t->role->text.runs[0].node
					      : NULL;
	if (is_string(content))
		turn->text = text_of(r, content);
	turn->fields = m->fields;
	turn->nfields = m->n;
	r->n++;
	return true;
}

/* --- the row ----------------------------------------------------------------
 */

/* What field_messages should have been. */
static const char *
other_list(struct reading *r, const struct tl_json *root)
{
	for (const struct tl_json *v = root->first; v != NULL; v = v->next)
		if (v->kind == TL_JSON_ARRAY &&
		    tl_json_is(v->first, TL_JSON_OBJECT))
			return tl_arena_printf(r->a,
			    "field_messages: %s takes the list that is there",
			    ax_shown(r->a, v->key));
	return "field_messages names the key";
}

static const struct tl_json *
take_list(
    struct reading *r, const struct tl_json *root, const struct tl_conv *conv)
{
	tl_str key = r->config->field_messages;
	const struct tl_json *list = ax_get(root, key);

	if (list == NULL) {
		ax_abort(r->cx, r->out,
		    "Messages is null: the row has no \"%s\" (%s)",
		    ax_shown(r->a, key), other_list(r, root));
		return NULL;
	}
	if (list->kind == TL_JSON_STRING) {
		r->keeps_nulls = true;
		/* The format may have parsed it; then findings know its
		 * values. */
		if (conv->messages != NULL &&
		    conv->messages->parent == list->parent &&
		    conv->messages->index == list->index)
			list = conv->messages;
		else
			list = tl_format_nested(&r->format, list);
		for (const struct tl_json *v = list != NULL ? list->first
							    : NULL;
		     v != NULL; v = v->next)
			if (v->kind != TL_JSON_OBJECT) {
				ax_abort(r->cx, r->out,
				    "a turn in the string \"%s\" is %s, not an "
				    "object",
				    ax_shown(r->a, key),
				    tl_json_kind_name(v->kind));
				return NULL;
			}
	}
	if (list == NULL || list->kind != TL_JSON_ARRAY) {
		ax_abort(r->cx, r->out, "\"%s\" is %s, not a list of messages",
		    ax_shown(r->a, key),
		    list == NULL ? "a string that is no JSON"
				 : tl_json_kind_name(list->kind));
		return NULL;
	}
	for (const struct tl_json *v = list->first; v != NULL; v = v->next)
		if (v->kind != TL_JSON_OBJECT) {
			ax_abort(r->cx, r->out,
			    "AttributeError: a message is %s, not an object",
			    tl_json_kind_name(v->kind));
			return NULL;
		}
	if (list->nchildren > 0)
		return list;
	ax_abort(r->cx, r->out,
	    "IndexError: list index out of range (there are no messages)");
	return NULL;
}

/* A column `system` becomes a turn whatever it holds, null included. */
static void
add_system(struct reading *r, const struct tl_json *column)
{
	struct tl_field *fields = TL_NEW(r->a, struct tl_field, 2);
	struct message m = { NULL, fields, 2 };

	fields[0].name = TL_STR("role");
	fields[0].text = tl_text_added(r->a, TL_STR("system"));
	fields[1].name = TL_STR("content");
	fields[1].node = cleaned(r, column, NULL);
	(void)finish_message(r, &m);
}

static bool
check_parameters(struct reading *r, const struct tl_json *tools)
{
	for (const struct tl_json *t = tools->first; t != NULL; t = t->next) {
		const struct tl_json *v =
		    tl_json_get(tl_json_get(t, "function"), "parameters");

		if (!tl_json_is(v, TL_JSON_STRING) ||
		    tl_format_nested(&r->format, v) != NULL)
			continue;
		ax_abort(r->cx, r->out,
		    "the parameters of a tool are no JSON: \"%s\"",
		    ax_shown(r->a, v->text));
		return false;
	}
	return true;
}

struct parsing {
	struct reading *r;
	const struct tl_json *tools;
};

static const struct tl_json *
swap_parameters(void *ctx, const struct tl_json *v)
{
	struct parsing *p = ctx;

	if (v->kind == TL_JSON_STRING &&
	    tl_str_eq(v->key, TL_STR("parameters")) && v->parent != NULL &&
	    tl_str_eq(v->parent->key, TL_STR("function")) &&
	    v->parent->parent != NULL && v->parent->parent->parent == p->tools)
		return tl_format_nested(&p->r->format, v);
	return v;
}

static bool
read_tools(struct reading *r, const struct tl_json *root, struct tl_conv *conv)
{
	const struct tl_json *tools = ax_get(root, TL_STR("tools"));
	bool was_string = tl_json_is(tools, TL_JSON_STRING);
	struct parsing p;

	if (tools == NULL)
		return true;
	if (was_string)
		tools = tl_format_nested(&r->format, tools);
	if (tools == NULL || tools->kind != TL_JSON_ARRAY) {
		ax_abort(r->cx, r->out, "\"tools\" is %s, not a list",
		    tools == NULL ? "a string that is no JSON"
				  : tl_json_kind_name(tools->kind));
		return false;
	}
	if (!check_parameters(r, tools))
		return false;
	if (tools->nchildren == 0)
		return true;
	r->keeps_nulls = was_string;
	tools = cleaned(r, tools, NULL);
	p = (struct parsing){ r, tools };
	conv->tools = tl_json_swapped(r->a, tools, swap_parameters, &p);
	return true;
}

static bool
read_messages(
    struct reading *r, const struct tl_json *root, const struct tl_json *list)
{
	const struct tl_json *system = tl_json_get(root, "system");
	struct message m;

	if (!transform(r, list->first, &m))
		return false;
	if (find(&m, TL_STR("role")) == NULL) {
		ax_abort(r->cx, r->out,
		    "KeyError: 'role' (the first message has none)");
		return false;
	}
	if (system != NULL && !tl_str_eq(role_of(&m), TL_STR("system")))
		add_system(r, system);
	for (const struct tl_json *v = list->first; v != NULL; v = v->next)
		if (!transform(r, v, &m) || !finish_message(r, &m))
			return false;
	return true;
}

bool
ax_read_row(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct ax_row *row, struct tl_sample *out)
{
	const struct tl_json *root = cx->record->doc.root, *list;
	struct tl_format_options no_options = { .nroles = 0 };
	struct tl_conv scratch = { .nturns = 0 };
	struct reading r = {
		.cx = cx, .config = c, .a = cx->arena, .out = out
	};
	size_t first = 0;

	r.format = (struct tl_format_cx){ .arena = cx->arena,
		.doc_text = cx->record->bytes,
		.opt = &no_options,
		.conv = &scratch };
	list = take_list(&r, root, conv);
	if (list == NULL)
		return false;
	r.turns = TL_NEW(r.a, struct tl_turn, list->nchildren + 1);
	r.info = TL_NEW(r.a, struct ax_turn, list->nchildren + 1);
	if (!read_messages(&r, root, list))
		return false;
	if (c->drop_system_message && r.info[0].role != NULL &&
	    is_string(r.info[0].role) &&
	    tl_str_eq(text_of(&r, r.info[0].role).str, TL_STR("system")))
		first = 1;
	row->conv = (struct tl_conv){ .kind = TL_CONV_CHAT,
		.turns = r.turns + first,
		.nturns = r.n - first,
		.messages = list };
	row->turns = r.info + first;
	return read_tools(&r, root, &row->conv);
}
