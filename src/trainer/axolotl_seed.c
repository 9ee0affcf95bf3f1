/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl v0.5.0: type chat_template.
 *
 * Without roles_to_train, train_on_eos and flags only the last turn is trained,
 * with all that stands behind the generation prompt.  Otherwise a turn is found
 * by looking for the ids of its content, tokenized alone, behind the EOS that
 * has its number.
 */
#include "axolotl.h"

struct turn {
	const struct tl_json *node, *training;
	struct ax_details details;
	bool should_train, is_found;
	size_t beg, end;
};

struct seed {
	struct ax_work *w;
	struct turn *turns;
	size_t n;
};

/* --- the row ----------------------------------------------------------------
 */

static bool
read_role(struct seed *s, const struct tl_json *node, struct tl_field *f)
{
	const struct ax_config *c = s->w->config;
	const struct tl_json *v =
	    tl_json_get_str(node, ax_key_of(c, TL_STR("role")));
	tl_str role, mapped = { NULL, 0 };

	if (!tl_json_is(v, TL_JSON_STRING)) {
		ax_abort(s->w->cx, s->w->out, "KeyError: %s",
		    v == NULL ? ax_shown(s->w->a, ax_key_of(c, TL_STR("role")))
			      : "a role that is no string");
		return false;
	}
	role = v->text;
	for (size_t i = c->nroles; i-- > 0 && mapped.ptr == NULL;)
		if (tl_str_eq(c->roles[i].source, role))
			mapped = c->roles[i].target;
	if (mapped.ptr == NULL) {
		ax_abort(s->w->cx, s->w->out,
		    "KeyError: '%s' (roles maps no such role)",
		    ax_shown(s->w->a, role));
		return false;
	}
	*f = (struct tl_field){ .name = TL_STR("role") };
	if (tl_str_eq(role, mapped))
		f->node = v;
	else
		f->text = tl_text_added(s->w->a, mapped);
	return true;
}

static const struct tl_json null_value = { .kind = TL_JSON_NULL };

static bool
read_turn(struct seed *s, const struct tl_json *node, struct tl_turn *out)
{
	const struct ax_config *c = s->w->config;
	struct tl_field *f = TL_NEW(s->w->a, struct tl_field, 3);
	struct turn *t = &s->turns[s->n++];
	const struct tl_json *content =
	    tl_json_get_str(node, ax_key_of(c, TL_STR("content")));

	if (node->kind != TL_JSON_OBJECT) {
		ax_abort(s->w->cx, s->w->out, "TypeError: a message is %s",
		    tl_json_kind_name(node->kind));
		return false;
	}
	if (!read_role(s, node, &f[0]))
		return false;
	if (content == NULL) {
		ax_abort(s->w->cx, s->w->out, "KeyError: '%s'",
		    ax_shown(s->w->a, ax_key_of(c, TL_STR("content"))));
		return false;
	}
	t->node = node;
	if (c->field_training.len > 0)
		t->training = ax_get(node, c->field_training);
	if (c->field_training_detail.len > 0 &&
	    ax_get(node, c->field_training_detail) != NULL)
		ax_read_details(s->w->a, ax_get(node, c->field_training_detail),
		    &t->details);
	f[1] = (struct tl_field){ .name = TL_STR("content"), .node = content };
	f[2] = (struct tl_field){ .name = TL_STR("training"),
		.node = t->training != NULL ? t->training : &null_value };
	*out = (struct tl_turn){ .node = node,
		.role_node =
		    tl_json_get_str(node, ax_key_of(c, TL_STR("role"))),
		.content_node = content,
		.train_node = t->training,
		.fields = f,
		.nfields = 3 };
	return true;
}

static bool
read_row(struct seed *s)
{
	struct ax_work *w = s->w;
	tl_str key = w->config->field_messages;
	const struct tl_json *list =
	    tl_json_get_str(w->cx->record->doc.root, key);
	struct tl_turn *turns;

	if (!tl_json_is(list, TL_JSON_ARRAY)) {
		ax_abort(w->cx, w->out,
		    "%s: '%s' (field_messages names the list)",
		    list == NULL ? "KeyError" : "TypeError",
		    ax_shown(w->a, key));
		return false;
	}
	turns = TL_NEW(w->a, struct tl_turn, list->nchildren);
	s->turns = TL_NEW(w->a, struct turn, list->nchildren);
	for (const struct tl_json *v = list->first; v != NULL; v = v->next)
		if (!read_turn(s, v, &turns[s->n]))
			return false;
	w->row.conv = (struct tl_conv){ .kind = TL_CONV_CHAT,
		.turns = turns,
		.nturns = s->n,
		.messages = list };
	return true;
}

static tl_str
role_of(const struct tl_turn *t)
{
	const struct tl_field *f = &t->fields[0];

	return f->node != NULL ? f->node->text : f->text.str;
}

/* The first n turns rendered and cut as the tokenizer is told to. */
static bool
render(struct seed *s, size_t n, bool adds_prompt, struct tl_render *r,
    struct tl_tokens *t)
{
	struct ax_work *w = s->w;
	struct tl_conv conv = w->row.conv;
	size_t max = w->config->sequence_len;

	conv.nturns = n;
	if (w->config->drop_system_message) {
		if (n == 0) {
			ax_abort(w->cx, w->out,
			    "IndexError: list index out of range");
			return false;
		}
		if (tl_str_eq(role_of(conv.turns), TL_STR("system"))) {
			conv.turns++;
			conv.nturns--;
		}
	}
	ax_render(w, &conv, adds_prompt, r);
	if (!ax_take_render(w, r, t))
		return false;
	if (max > 0 && t->n > max + 1)
		t->n = max + 1;
	return true;
}

/* --- only the last turn -----------------------------------------------------
 */

static void
label_last(struct seed *s)
{
	struct ax_work *w = s->w;
	struct tl_sample *out = w->out;
	struct tl_render r;
	struct tl_tokens prompt;
	struct tl_offset *offsets;
	uint32_t *ids;
	size_t n;

	if (!render(s, s->n > 0 ? s->n - 1 : 0, true, &r, &prompt) ||
	    !render(s, s->n, false, &out->render, &out->tokens))
		return;
	n = out->tokens.n > prompt.n ? out->tokens.n : prompt.n;
	ids = TL_NEW(w->a, uint32_t, n);
	offsets = TL_NEW(w->a, struct tl_offset, n);
	w->reasons = TL_NEW(w->a, uint8_t, n);
	for (size_t i = 0; i < n; i++) {
		uint32_t end = (uint32_t)out->render.text.str.len;

		/* The ids of the prompt stand whatever the whole has there. */
		ids[i] = i < prompt.n ? prompt.ids[i] : out->tokens.ids[i];
		offsets[i] = i < out->tokens.n ? out->tokens.offsets[i]
					       : (struct tl_offset){ end, end };
		w->reasons[i] = w->config->train_on_inputs ? TL_REASON_ALL
		    : i < prompt.n			   ? TL_REASON_PROMPT
				   : TL_REASON_COMPLETION;
	}
	out->tokens = (struct tl_tokens){ n, ids, offsets };
	out->reasons = w->reasons;
	ax_finish(w->cx, w->config, out);
}

/* --- turn by turn ------------------------------------------------------------
 */

static bool
is_eos(const struct seed *s, size_t i)
{
	return (int64_t)s->w->out->tokens.ids[i] == s->w->config->eos_id;
}

/* Behind the EOS that has the turn's number. */
static size_t
search_from(const struct seed *s, size_t turn)
{
	size_t n = 0;

	for (size_t i = 0; turn > 0 && i < s->w->out->tokens.n; i++)
		if (is_eos(s, i) && ++n == turn)
			return i + 1;
	return 0;
}

static bool
find_turn(struct seed *s, size_t index)
{
	struct ax_work *w = s->w;
	const struct tl_json *v = w->row.conv.turns[index].content_node;
	const struct tl_tokens *whole = &w->out->tokens;
	struct turn *t = &s->turns[index];
	struct tl_tokens own;
	struct tl_error err;

	if (v->kind != TL_JSON_STRING) {
		ax_abort(w->cx, w->out,
		    "TypeError: the content of a message is %s",
		    tl_json_kind_name(v->kind));
		return false;
	}
	if (tl_encode(w->cx->encoder, w->a, v->text, 0, &own, &err) != TL_OK) {
		ax_abort(w->cx, w->out, "%s", err.message);
		return false;
	}
	for (size_t i = search_from(s, index);
	     i + own.n <= whole->n && !t->is_found; i++)
		if (own.n == 0 ||
		    memcmp(whole->ids + i, own.ids, own.n * sizeof(*own.ids)) ==
			0) {
			t->is_found = true;
			t->beg = i;
			t->end = i + own.n;
		}
	return true;
}

static void
train(struct seed *s, size_t index, size_t i, enum tl_reason reason)
{
	struct ax_work *w = s->w;

	if (w->speakers[i] != TL_NOBODY && w->speakers[i] != index)
		reason = TL_REASON_MISPLACED;
	w->reasons[i] = (uint8_t)reason;
}

static bool
train_turn(struct seed *s, size_t index)
{
	const struct turn *t = &s->turns[index];
	enum tl_reason reason = t->training != NULL ? TL_REASON_TRAIN_FLAG
	    : tl_str_eq(
		  role_of(&s->w->row.conv.turns[index]), TL_STR("assistant"))
	    ? TL_REASON_CONTENT
	    : TL_REASON_ROLE_TRAINED;
	uint8_t *fates = NULL;
	size_t n = t->end - t->beg;

	if (t->details.n > 0 &&
	    !ax_train_details(s->w,
		s->w->row.conv.turns[index].content_node->text, &t->details,
		&fates, &n))
		return false;
	for (size_t i = 0; i < n && t->beg + i < s->w->out->tokens.n; i++)
		if (fates == NULL)
			train(s, index, t->beg + i, reason);
		else if (fates[i] == AX_TRAINED)
			train(s, index, t->beg + i, TL_REASON_DETAIL);
	return true;
}

/* The end marker counts when it follows at once.  axolotl says -1 for a turn
 * that was not found and for a marker that is not there, and compares the two:
 * then it is the last token of the row that counts. */
static size_t
find_marker(const struct seed *s, const struct turn *t)
{
	size_t n = s->w->out->tokens.n;

	if (t->is_found)
		return t->end < n && is_eos(s, t->end) ? t->end : TL_NPOS;
	if (is_eos(s, n - 1))
		return n - 1;
	for (size_t i = 0; i < n; i++)
		if (is_eos(s, i))
			return TL_NPOS;
	return n - 1;
}

static bool
wants(const struct seed *s, size_t index)
{
	const struct ax_config *c = s->w->config;
	const struct turn *t = &s->turns[index];
	const struct tl_json *role =
	    tl_json_get_str(t->node, ax_key_of(c, TL_STR("role")));

	if (t->training != NULL)
		return ax_truth(t->training);
	if (t->details.is_present || c->train_on_inputs)
		return true;
	/* The role as the row has it. */
	for (size_t i = 0; i < c->roles_to_train.n; i++)
		if (tl_str_eq(role->text, c->roles_to_train.list[i]))
			return true;
	return false;
}

static bool
process(struct seed *s, size_t index, size_t *last)
{
	struct ax_work *w = s->w;
	struct turn *t = &s->turns[index];
	size_t marker;

	t->should_train = wants(s, index);
	if (!find_turn(s, index))
		return false;
	if (t->should_train && t->is_found && !train_turn(s, index))
		return false;
	marker = find_marker(s, t);
	if (marker == TL_NPOS)
		return true;
	if (t->is_found)
		*last = marker;
	else
		*last = TL_NPOS;
	if (w->config->train_on_eos == AX_ALL ||
	    (w->config->train_on_eos == AX_TURN && t->should_train))
		train(s, index, marker, TL_REASON_EOS);
	else if (w->reasons[marker] == TL_REASON_TEMPLATE && t->should_train)
		w->reasons[marker] = TL_REASON_EOS_MASKED;
	return true;
}

static void
give_masked_reasons(struct seed *s)
{
	struct ax_work *w = s->w;

	for (size_t i = 0; i < w->out->tokens.n; i++) {
		const struct turn *t;

		if (w->speakers[i] == TL_NOBODY ||
		    w->reasons[i] != TL_REASON_TEMPLATE)
			continue;
		t = &s->turns[w->speakers[i]];
		w->reasons[i] = !t->should_train
		    ? (t->training != NULL ? TL_REASON_TRAIN_FALSE
					   : TL_REASON_ROLE)
		    : !t->is_found     ? TL_REASON_NOT_FOUND
		    : t->details.n > 0 ? TL_REASON_DETAIL_MASKED
				       : TL_REASON_SPAN_MISSED;
	}
}

static void
label_turns(struct seed *s)
{
	struct ax_work *w = s->w;
	size_t last = TL_NPOS, n;

	if (!render(s, s->n, false, &w->out->render, &w->out->tokens))
		return;
	n = w->out->tokens.n;
	if (n == 0 && s->n > 0) {
		ax_abort(w->cx, w->out, "IndexError: list index out of range");
		return;
	}
	ax_find_speakers(w);
	w->reasons = TL_NEW(w->a, uint8_t, n);
	memset(w->reasons, TL_REASON_TEMPLATE, n);
	for (size_t i = 0; i < s->n; i++)
		if (!process(s, i, &last))
			return;
	if (w->config->train_on_eos == AX_LAST && last != TL_NPOS)
		w->reasons[last] = TL_REASON_EOS;
	give_masked_reasons(s);
	w->out->reasons = w->reasons;
	ax_finish(w->cx, w->config, w->out);
}

void
ax_label_seed(struct ax_work *w, const struct tl_conv *conv)
{
	const struct ax_config *c = w->config;
	struct seed s = { .w = w };

	(void)conv;
	if (!read_row(&s))
		return;
	if (c->roles_to_train.n == 0 && c->train_on_eos == AX_UNSET &&
	    c->field_training.len == 0 && c->field_training_detail.len == 0)
		label_last(&s);
	else
		label_turns(&s);
}
