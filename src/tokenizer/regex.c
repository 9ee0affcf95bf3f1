/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.c - expressions of tokenizer files, in the dialect of the reference:
 * Oniguruma with Ruby's syntax.
 *
 * The classes whose members depend on the version of Unicode are spelled out
 * from our own table before the engine sees them, so that its version does not
 * matter.
 */
#include <oniguruma.h>

#include "tok.h"
#include "unicode.h"

#define MAX_REGEX_BYTES 65536u

/* --- spelling out classes ----------------------------------------------------
 */

static void
put_class(struct tl_buf *b, uint32_t bit, bool is_negated)
{
	tl_buf_puts(b, is_negated ? "[^" : "[");
	for (uint32_t cp = 0, beg; cp <= 0x10FFFF; cp++) {
		if (!(tl_uni_mask(cp) & bit) || (cp >= 0xD800 && cp < 0xE000))
			continue;
		beg = cp;
		while (cp < 0x10FFFF && (tl_uni_mask(cp + 1) & bit) &&
		    cp + 1 != 0xD800)
			cp++;
		tl_buf_printf(b, "\\x{%X}-\\x{%X}", beg, cp);
	}
	tl_buf_puts(b, "]");
}

/* \p{NAME} or \P{NAME} at s[at]; the length of the whole, 0 on failure. */
static size_t
put_property(struct tl_buf *b, tl_str s, size_t at, struct tl_error *err)
{
	bool is_negated = s.ptr[at + 1] == 'P';
	size_t end = tl_str_find_char(s, '}', at);
	tl_str name;
	uint32_t bit;

	if (end == TL_NPOS || at + 2 >= s.len || s.ptr[at + 2] != '{') {
		(void)tl_fail(err, TL_EPARSE,
		    "a regular expression has a \\p without {NAME}");
		return 0;
	}
	name = tl_str_slice(s, at + 3, end);
	if (name.len > 0 && name.ptr[0] == '^') {
		is_negated = !is_negated;
		name = tl_str_slice(name, 1, name.len);
	}
	bit = tl_uni_property(name);
	if (bit == 0) {
		struct tl_buf n;

		tl_buf_init(&n, b->arena, 64);
		tl_buf_put_escaped(&n, name);
		tl_buf_putc(&n, 0);
		(void)tl_fail(err, TL_EUNSUPPORTED,
		    "a regular expression uses the character property "
		    "\\p{%s}, which is not supported",
		    n.ptr);
		return 0;
	}
	put_class(b, bit, is_negated);
	return end + 1 - at;
}

static bool
spell_out(struct tl_buf *b, tl_str s, struct tl_error *err)
{
	static const char letters[] = "swd";
	static const uint32_t bits[] = { TL_UNI_SPACE, TL_UNI_WORD,
		TL_UNI_DIGIT };
	size_t len;

	for (size_t at = 0; at < s.len; at += len) {
		const char *shorthand;
		char c;

		len = 1;
		if (s.ptr[at] != '\\' || at + 1 >= s.len) {
			tl_buf_putc(b, s.ptr[at]);
			continue;
		}
		c = s.ptr[at + 1];
		if (c == 'p' || c == 'P') {
			len = put_property(b, s, at, err);
			if (len == 0)
				return false;
			continue;
		}
		len = 2;
		shorthand = strchr(letters, c | 0x20);
		if (c != 0 && shorthand != NULL)
			put_class(
			    b, bits[shorthand - letters], (c & 0x20) == 0);
		else
			tl_buf_put(b, tl_str_slice(s, at, at + 2));
	}
	return true;
}

/* --- compiling
 * ------------------------------------------------------------------ */

static void
free_regex(void *regex)
{
	onig_free(regex);
}

enum tl_status
tl_pattern_compile(struct tl_arena *a, tl_str source, struct tl_pattern *out,
    struct tl_error *err)
{
	OnigEncoding utf8 = ONIG_ENCODING_UTF8;
	OnigErrorInfo info;
	regex_t *regex = NULL;
	struct tl_buf b;
	int rc;

	*out = (struct tl_pattern){ 0 };
	if (source.len > MAX_REGEX_BYTES)
		return tl_fail(err, TL_ELIMIT,
		    "a regular expression has %zu bytes, more than %u",
		    source.len, MAX_REGEX_BYTES);
	tl_buf_init(&b, a, (size_t)MAX_REGEX_BYTES * 256);
	if (!spell_out(&b, source, err))
		return err == NULL ? TL_EPARSE : err->status;
	if (b.is_cut)
		return tl_fail(err, TL_ELIMIT,
		    "a regular expression has too many character classes");
	(void)onig_initialize(&utf8, 1);
	rc = onig_new(&regex, (const OnigUChar *)b.ptr,
	    (const OnigUChar *)b.ptr + b.len, ONIG_OPTION_NONE,
	    ONIG_ENCODING_UTF8, ONIG_SYNTAX_RUBY, &info);
	if (rc != ONIG_NORMAL) {
		OnigUChar text[ONIG_MAX_ERROR_MESSAGE_LEN];

		(void)onig_error_code_to_str(text, rc, &info);
		return tl_fail(err, TL_EPARSE,
		    "a regular expression does not compile: %s",
		    (const char *)text);
	}
	tl_arena_defer(a, free_regex, regex);
	out->regex = regex;
	return TL_OK;
}

enum tl_status
tl_pattern_regex(struct tl_arena *a, tl_str source, struct tl_pattern *out,
    struct tl_error *err)
{
	tl_scan_fn *scan = tl_scan_known(source);

	enum tl_status st = TL_OK;

	*out = (struct tl_pattern){ .scan = scan };
	if (scan == NULL)
		st = tl_pattern_compile(a, source, out, err);
	out->source = tl_arena_str(a, source);
	return st;
}

enum tl_status
tl_pattern_parse(struct tl_arena *a, const struct tl_json *json,
    struct tl_pattern *out, struct tl_error *err)
{
	const struct tl_json *v = tl_json_get(json, "String");

	if (tl_json_is(v, TL_JSON_STRING)) {
		*out =
		    (struct tl_pattern){ .literal = tl_arena_str(a, v->text) };
		return TL_OK;
	}
	v = tl_json_get(json, "Regex");
	if (tl_json_is(v, TL_JSON_STRING))
		return tl_pattern_regex(a, v->text, out, err);
	return tl_fail(err, TL_EPARSE,
	    "a pattern must be {\"String\": …} or {\"Regex\": …}");
}

/* --- matching
 * ------------------------------------------------------------------- */

void
tl_matcher_init(struct tl_matcher *m, const struct tl_pattern *p, tl_str text)
{
	*m = (struct tl_matcher){
		.pattern = p, .text = text, .last_end = TL_NPOS
	};
	if (p->regex != NULL)
		m->region = onig_region_new();
}

void
tl_matcher_clear(struct tl_matcher *m)
{
	if (m->region != NULL)
		onig_region_free(m->region, 1);
	m->region = NULL;
}

static bool
search_regex(struct tl_matcher *m, size_t *beg, size_t *end)
{
	const OnigUChar *s = (const OnigUChar *)m->text.ptr;
	const OnigUChar *stop = s + m->text.len;
	OnigRegion *region = m->region;
	int rc;

	if (m->text.len > INT32_MAX) {
		m->has_failed = true;
		return false;
	}
	rc = onig_search(m->pattern->regex, s, stop, s + m->at, stop, region,
	    ONIG_OPTION_NONE);
	if (rc < 0) {
		m->has_failed = rc != ONIG_MISMATCH;
		return false;
	}
	*beg = (size_t)region->beg[0];
	*end = (size_t)region->end[0];
	return true;
}

bool
tl_matcher_next(struct tl_matcher *m, size_t *beg, size_t *end)
{
	const struct tl_pattern *p = m->pattern;

	while (m->at <= m->text.len) {
		if (p->scan != NULL) {
			if (m->at == m->text.len)
				return false;
			*beg = m->at;
			*end = p->scan(m->text, m->at);
		} else if (p->regex != NULL) {
			if (!search_regex(m, beg, end))
				return false;
		} else {
			*beg = tl_str_find(m->text, p->literal, m->at);
			if (*beg == TL_NPOS)
				return false;
			*end = *beg + p->literal.len;
		}
		/* An empty match right behind the last one does not count. */
		if (*beg == *end && m->last_end == *end) {
			m->at += m->at < m->text.len
			    ? tl_utf8_len(m->text, m->at)
			    : 1;
			continue;
		}
		m->at = m->last_end = *end;
		return true;
	}
	return false;
}
