/* SPDX-License-Identifier: Apache-2.0 */
/* Where a finding points: what rules say, before it is resolved. */
#include <turnlint/rule.h>

struct tl_place
tl_at_record(void)
{
	return (struct tl_place){ .kind = TL_AT_RECORD, .turn = TL_NO_TURN };
}

struct tl_place
tl_at_node(const struct tl_json *v)
{
	if (v == NULL)
		return tl_at_record();
	return (struct tl_place){
		.kind = TL_AT_NODE, .node = v, .turn = TL_NO_TURN
	};
}

struct tl_place
tl_at_key(const struct tl_json *v)
{
	struct tl_place p = tl_at_node(v);

	if (v != NULL && v->key.ptr != NULL)
		p.kind = TL_AT_KEY;
	return p;
}

struct tl_place
tl_at_text(const struct tl_json *v, size_t beg, size_t end)
{
	struct tl_place p = tl_at_node(v);

	if (!tl_json_is(v, TL_JSON_STRING))
		return p;
	p.kind = TL_AT_TEXT;
	p.beg = beg;
	p.end = end;
	return p;
}

struct tl_place
tl_at_bytes(size_t beg, size_t end)
{
	return (struct tl_place){
		.kind = TL_AT_BYTES, .beg = beg, .end = end, .turn = TL_NO_TURN
	};
}

struct tl_place
tl_at_file(struct tl_record_pos pos, size_t len)
{
	return (struct tl_place){
		.kind = TL_AT_FILE, .pos = pos, .end = len, .turn = TL_NO_TURN
	};
}

struct tl_place
tl_at_start(void)
{
	return tl_at_file((struct tl_record_pos){ .line = 1, .column = 1 }, 0);
}

struct tl_place
tl_at_line(size_t line, size_t column)
{
	return (struct tl_place){
		.kind = TL_AT_LINE,
		.pos = { .line = line, .column = column },
		.turn = TL_NO_TURN,
	};
}

struct tl_place
tl_at_turn(const struct tl_turn *t)
{
	struct tl_place p =
	    tl_at_node(t->content_node != NULL ? t->content_node : t->node);

	p.turn = t->index;
	return p;
}

struct tl_place
tl_in_turn(struct tl_place p, size_t i)
{
	p.turn = i;
	return p;
}

struct tl_place
tl_at_rendered(
    const struct tl_text *t, const struct tl_conv *conv, size_t beg, size_t end)
{
	const struct tl_run *at = tl_text_run_at(t, beg);
	const struct tl_run *r = at;

	(void)conv; /* the turn is read off the node when it is resolved */
	while (r != NULL && r < t->runs + t->nruns && r->beg < end &&
	    r->node == NULL)
		r++;
	if (r == NULL || r == t->runs + t->nruns || r->beg >= end) {
		/* No data in it: the data before it. */
		r = at != NULL ? at : t->runs + t->nruns;
		while (r > t->runs && (r - 1)->node == NULL)
			r--;
		if (t->nruns == 0 || r == t->runs)
			return tl_at_record();
		r--;
		if (r->kind != TL_RUN_CONTENT)
			return tl_at_node(r->node);
		return tl_at_text(r->node, r->src_end, r->src_end);
	}
	if (r->kind != TL_RUN_CONTENT)
		return tl_at_node(r->node);
	if (beg < r->beg)
		beg = r->beg;
	if (end > r->end)
		end = r->end;
	return tl_at_text(
	    r->node, r->src_beg + (beg - r->beg), r->src_beg + (end - r->beg));
}

struct tl_place
tl_at_issue(const struct tl_issue *issue)
{
	return tl_in_turn(
	    issue->at_key ? tl_at_key(issue->node) : tl_at_node(issue->node),
	    issue->turn);
}

struct tl_place
tl_at_said(const struct tl_turn *t, size_t beg, size_t end)
{
	if (t->text.nruns == 0)
		return tl_at_turn(t);
	return tl_in_turn(tl_at_rendered(&t->text, NULL, beg, end), t->index);
}

void
tl_report_edit_text(struct tl_report *r, const struct tl_rule_cx *cx,
    enum tl_applicability how, const struct tl_json *v, size_t beg, size_t end,
    tl_str text)
{
	tl_str doc = cx->facts->record->doc.text;
	struct tl_buf b;
	tl_str quoted;
	tl_span raw;

	if (v->span.beg >= doc.len || doc.ptr[v->span.beg] != '"')
		return;
	raw = tl_json_raw_span(doc, v, beg, end);
	tl_buf_init(&b, cx->arena, 0);
	tl_json_put_string(&b, text);
	quoted = tl_buf_str(&b);
	tl_report_edit(
	    r, how, raw.beg, raw.end, tl_str_slice(quoted, 1, quoted.len - 1));
}

const struct tl_unframed *
tl_unframed_text(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	struct tl_unframed *u = cx->unframed;

	if (u->how != TL_UNFRAME_UNTRIED)
		return u;
	u->how = TL_UNFRAME_NONE;
	if (conv->kind == TL_CONV_TEXT &&
	    tl_unframe_likely(cx->untemplater, conv->text.str))
		tl_untemplate(cx->untemplater, cx->arena, conv->text.str, u);
	return u;
}
