/* SPDX-License-Identifier: Apache-2.0 */
/*
 * post.c - post-processors: ids around the text, and trimmed spans.
 */
#include "tok.h"
#include "unicode.h"

#define MAX_PARTS 1024u	       /* of a template */
#define MAX_STORED (16u << 20) /* tokens a text is padded to */

static enum tl_status
put_part(struct tl_arena *a, struct tl_post_step *s, uint32_t id,
    struct tl_error *err)
{
	if (s->nparts >= MAX_PARTS)
		return tl_fail(err, TL_ELIMIT,
		    "a post-processor adds more than %u tokens", MAX_PARTS);
	s->parts = tl_arena_grow(a, s->parts, s->nparts * sizeof(id),
	    (s->nparts + 1) * sizeof(id), _Alignof(uint32_t));
	s->parts[s->nparts++] = id;
	return TL_OK;
}

static bool
to_id(const struct tl_json *v, uint32_t *id)
{
	int64_t n;

	if (!tl_json_int(v, &n) || n < 0 || n > TL_MAX_TOKEN_ID)
		return false;
	*id = (uint32_t)n;
	return true;
}

/* --- TemplateProcessing
 * --------------------------------------------------------- */

static enum tl_status
parse_template(struct tl_arena *a, const struct tl_json *json,
    struct tl_post_step *s, struct tl_error *err)
{
	const struct tl_json *single = tl_json_get(json, "single");
	const struct tl_json *known = tl_json_get(json, "special_tokens");
	enum tl_status st = TL_OK;

	s->kind = TL_POST_TEMPLATE;
	if (!tl_json_is(single, TL_JSON_ARRAY))
		return tl_fail(err, TL_EPARSE,
		    "the post-processor TemplateProcessing has no list "
		    "\"single\"");
	for (const struct tl_json *v = single->first; v != NULL; v = v->next) {
		const struct tl_json *sp = tl_json_get(v, "SpecialToken");
		tl_str name = tl_json_text(tl_json_get(sp, "id"), TL_STR(""));
		const struct tl_json *ids =
		    tl_json_get(tl_json_get_str(known, name), "ids");

		if (tl_json_get(v, "Sequence") != NULL) {
			st = put_part(a, s, TL_POST_TEXT, err);
			if (st != TL_OK)
				return st;
			continue;
		}
		if (!tl_json_is(ids, TL_JSON_ARRAY))
			return tl_fail(err, TL_EPARSE,
			    "TemplateProcessing uses a special token without "
			    "ids");
		for (const struct tl_json *i = ids->first; i != NULL;
		     i = i->next) {
			uint32_t id;

			if (!to_id(i, &id))
				return tl_fail(err, TL_EPARSE,
				    "TemplateProcessing has a wrong id");
			st = put_part(a, s, id, err);
			if (st != TL_OK)
				return st;
		}
	}
	return TL_OK;
}

void
tl_post_surround(
    struct tl_arena *a, struct tl_post_step *s, int64_t before, int64_t after)
{
	*s = (struct tl_post_step){ .kind = TL_POST_TEMPLATE };
	if (before >= 0)
		(void)put_part(a, s, (uint32_t)before, NULL);
	(void)put_part(a, s, TL_POST_TEXT, NULL);
	if (after >= 0)
		(void)put_part(a, s, (uint32_t)after, NULL);
}

/* --- BertProcessing, RobertaProcessing
 * -------------------------------------------- */

static enum tl_status
parse_bert(struct tl_arena *a, const struct tl_json *json,
    struct tl_post_step *s, struct tl_error *err)
{
	uint32_t cls, sep;

	s->kind = TL_POST_TEMPLATE;
	if (!to_id(tl_json_at(tl_json_get(json, "cls"), 1), &cls) ||
	    !to_id(tl_json_at(tl_json_get(json, "sep"), 1), &sep))
		return tl_fail(err, TL_EPARSE,
		    "the post-processor needs cls and sep as [token, id]");
	tl_post_surround(a, s, cls, sep);
	return TL_OK;
}

static void
parse_trim(const struct tl_json *json, struct tl_post_step *s)
{
	s->kind = TL_POST_TRIM;
	s->add_prefix_space =
	    tl_json_bool(tl_json_get(json, "add_prefix_space"), true);
}

static void
put_step(struct tl_arena *a, struct tl_post *out, const struct tl_post_step *s)
{
	out->steps = tl_arena_grow(a, out->steps, out->n * sizeof(*s),
	    (out->n + 1) * sizeof(*s), _Alignof(struct tl_post_step));
	out->steps[out->n++] = *s;
}

static enum tl_status
parse_one(struct tl_arena *a, const struct tl_json *json, struct tl_post *out,
    size_t depth, struct tl_error *err)
{
	tl_str type = tl_json_text(tl_json_get(json, "type"), TL_STR(""));
	struct tl_post_step step = { 0 };
	bool trims = tl_json_bool(tl_json_get(json, "trim_offsets"), true);
	enum tl_status st = TL_OK;

	if (depth > TL_MAX_STEPS_DEPTH || out->n > TL_MAX_STEPS)
		return tl_fail(err, TL_ELIMIT, "too many post-processors");
	if (tl_str_eq(type, TL_STR("Sequence"))) {
		const struct tl_json *list = tl_json_get(json, "processors");

		if (!tl_json_is(list, TL_JSON_ARRAY))
			return tl_fail(err, TL_EPARSE,
			    "the post-processor Sequence has no processors");
		for (const struct tl_json *v = list->first;
		     v != NULL && st == TL_OK; v = v->next)
			st = parse_one(a, v, out, depth + 1, err);
		return st;
	}
	if (tl_str_eq(type, TL_STR("ByteLevel")) ||
	    tl_str_eq(type, TL_STR("RobertaProcessing"))) {
		if (trims) {
			parse_trim(json, &step);
			put_step(a, out, &step);
		}
		if (tl_str_eq(type, TL_STR("ByteLevel")))
			return TL_OK;
	}
	step = (struct tl_post_step){ 0 };
	if (tl_str_eq(type, TL_STR("TemplateProcessing")))
		st = parse_template(a, json, &step, err);
	else if (tl_str_eq(type, TL_STR("BertProcessing")) ||
	    tl_str_eq(type, TL_STR("RobertaProcessing")))
		st = parse_bert(a, json, &step, err);
	else
		return tl_unsupported(err, "post-processor", type);
	if (st == TL_OK)
		put_step(a, out, &step);
	return st;
}

enum tl_status
tl_post_parse(struct tl_arena *a, const struct tl_json *json,
    struct tl_post *out, struct tl_error *err)
{
	*out = (struct tl_post){ 0 };
	if (json == NULL || json->kind == TL_JSON_NULL)
		return TL_OK;
	return parse_one(a, json, out, 0, err);
}

bool
tl_post_adds(const struct tl_tokenizer *t, tl_str token)
{
	int64_t id = token.ptr == NULL ? -1 : tl_tokenizer_id(t, token);

	for (size_t i = 0; i < t->post.n; i++)
		for (size_t k = 0; k < t->post.steps[i].nparts; k++)
			if (t->post.steps[i].parts[k] != TL_POST_TEXT &&
			    (int64_t)t->post.steps[i].parts[k] == id)
				return true;
	return false;
}

/* --- truncation and padding ------------------------------------------------
 */

static bool
read_size(const struct tl_json *v, size_t *out)
{
	int64_t n;

	if (!tl_json_int(v, &n) || n < 0 || n > (int64_t)MAX_STORED)
		return false;
	*out = (size_t)n;
	return true;
}

static bool
is_left(const struct tl_json *json)
{
	return tl_str_eq(
	    tl_json_text(tl_json_get(json, "direction"), TL_STR("Right")),
	    TL_STR("Left"));
}

enum tl_status
tl_stored_parse(const struct tl_json *truncation, const struct tl_json *padding,
    struct tl_stored *out, struct tl_error *err)
{
	const struct tl_json *strategy = tl_json_get(padding, "strategy");
	const struct tl_json *multiple =
	    tl_json_get(padding, "pad_to_multiple_of");
	size_t id = 0;

	*out = (struct tl_stored){
		.truncates = tl_json_is(truncation, TL_JSON_OBJECT),
		.cuts_left = is_left(truncation),
		.pads = tl_json_is(padding, TL_JSON_OBJECT),
		.pads_left = is_left(padding),
	};
	if (out->truncates &&
	    !tl_json_is(tl_json_get(truncation, "max_length"), TL_JSON_NUMBER))
		return tl_fail(
		    err, TL_EPARSE, "the truncation has no max_length");
	/* One that is out of range cuts nothing. */
	out->truncates &=
	    read_size(tl_json_get(truncation, "max_length"), &out->max);
	if (!out->pads)
		return TL_OK;
	if ((tl_json_is(strategy, TL_JSON_OBJECT) &&
		!read_size(tl_json_get(strategy, "Fixed"), &out->length)) ||
	    (tl_json_is(multiple, TL_JSON_NUMBER) &&
		!read_size(multiple, &out->multiple)) ||
	    !read_size(tl_json_get(padding, "pad_id"), &id) ||
	    id > TL_MAX_TOKEN_ID)
		return tl_fail(err, TL_EPARSE,
		    "the padding has a number that is missing or out of range");
	out->pad_id = (uint32_t)id;
	return TL_OK;
}

/* Leave room for what the post-processor adds. */
static void
shorten(struct tl_encoder *e, const struct tl_stored *s, size_t nadded)
{
	size_t max = s->max > nadded ? s->max - nadded : 0;
	size_t from;

	if (!s->truncates || e->n <= max)
		return;
	from = s->cuts_left ? e->n - max : 0;
	if (max > 0) {
		memmove(e->ids, e->ids + from, max * sizeof(*e->ids));
		memmove(
		    e->offsets, e->offsets + from, max * sizeof(*e->offsets));
	}
	e->n = max;
}

static void
fill_up(struct tl_encoder *e, const struct tl_stored *s)
{
	size_t want = s->length == 0 ? e->n : s->length, at, n;

	if (s->multiple > 0 && want % s->multiple > 0)
		want += s->multiple - want % s->multiple;
	if (!s->pads || e->n >= want)
		return;
	n = want - e->n;
	at = s->pads_left ? 0 : e->n;
	tl_encoder_room(e, want);
	if (at == 0 && e->n > 0) {
		memmove(e->ids + n, e->ids, e->n * sizeof(*e->ids));
		memmove(e->offsets + n, e->offsets, e->n * sizeof(*e->offsets));
	}
	for (size_t i = 0; i < n; i++) {
		e->ids[at + i] = s->pad_id;
		e->offsets[at + i] = (struct tl_offset){ 0, 0 };
	}
	e->n = want;
}

/* --- running
 * ------------------------------------------------------------------------ */

/* Chars at the ends of the token's string that are white space; " " is "Ġ"
 * in a byte-level token, where tab and newline have chars of their own. */
static void
count_blanks(tl_str s, size_t *leading, size_t *trailing)
{
	bool in_front = true;

	*leading = *trailing = 0;
	for (size_t at = 0; at < s.len;) {
		uint32_t cp;
		bool is_blank;

		at += tl_utf8_next(s, at, &cp, NULL);
		is_blank = cp == 0x120 || (tl_uni_mask(cp) & TL_UNI_WHITE) != 0;
		if (in_front && is_blank)
			++*leading;
		else
			in_front = false;
		*trailing = is_blank ? *trailing + 1 : 0;
	}
}

static uint32_t
chars_right(tl_str text, uint32_t at, size_t n, uint32_t end)
{
	for (; n > 0 && at < end; n--)
		at += (uint32_t)tl_utf8_len(text, at);
	return at < end ? at : end;
}

static uint32_t
chars_left(tl_str text, uint32_t at, size_t n, uint32_t beg)
{
	for (; n > 0 && at > beg; n--) {
		at--;
		while (at > beg && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
			at--;
	}
	return at > beg ? at : beg;
}

static void
trim(struct tl_encoder *e, const struct tl_post_step *s)
{
	for (size_t i = 0; i < e->n; i++) {
		struct tl_offset *at = &e->offsets[i];
		size_t leading, trailing;

		count_blanks(tl_encoder_string(e, i), &leading, &trailing);
		/* More than one were in the text and not put in front. */
		if (leading == 1 && s->add_prefix_space &&
		    (i == 0 || at->beg == 0))
			leading = 0;
		at->beg = chars_right(e->text, at->beg, leading, at->end);
		at->end = chars_left(e->text, at->end, trailing, at->beg);
	}
}

static void
fill_template(struct tl_encoder *e, const struct tl_post_step *s)
{
	size_t n = e->n, total = 0, at = 0;
	uint32_t *ids = TL_NEW(e->scratch, uint32_t, n);
	struct tl_offset *offsets = TL_NEW(e->scratch, struct tl_offset, n);

	if (n > 0) {
		memcpy(ids, e->ids, n * sizeof(*ids));
		memcpy(offsets, e->offsets, n * sizeof(*offsets));
	}
	for (size_t i = 0; i < s->nparts; i++)
		total += s->parts[i] == TL_POST_TEXT ? n : 1;
	tl_encoder_room(e, total);
	for (size_t i = 0; i < s->nparts; i++) {
		if (s->parts[i] != TL_POST_TEXT) {
			e->ids[at] = s->parts[i];
			e->offsets[at++] = (struct tl_offset){ 0, 0 };
		} else if (n > 0) {
			memcpy(e->ids + at, ids, n * sizeof(*ids));
			memcpy(e->offsets + at, offsets, n * sizeof(*offsets));
			at += n;
		}
	}
	e->n = total;
}

static size_t
count_added(const struct tl_post *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->steps[i].nparts; k++)
			n += p->steps[i].parts[k] != TL_POST_TEXT;
	return n;
}

void
tl_post_run(struct tl_encoder *e, const struct tl_post *p, bool adds_special)
{
	const struct tl_stored *s = &e->t->stored;

	if (s->is_obeyed)
		shorten(e, s, adds_special ? count_added(p) : 0);
	for (size_t i = 0; i < p->n; i++) {
		if (p->steps[i].kind == TL_POST_TRIM)
			trim(e, &p->steps[i]);
		else if (adds_special)
			fill_template(e, &p->steps[i]);
	}
	if (s->is_obeyed)
		fill_up(e, s);
}
