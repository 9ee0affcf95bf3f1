/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* How JSON writes a control character. */
static const char *
escape(struct tl_arena *a, unsigned char c)
{
	switch (c) {
	case '\b':
		return "\\b";
	case '\f':
		return "\\f";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	}
	return tl_arena_printf(a, "\\u%04x", c);
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json_doc *doc = &rec->doc;
	size_t at = doc->fault_at;
	const char *written;
	struct tl_report *r;

	if (doc->fault != TL_JSON_RAW_CONTROL)
		return;
	written = escape(cx->arena, (unsigned char)doc->text.ptr[at]);
	r = tl_report(cx, tl_at_bytes(at, at + 1),
	    "%s stands raw in a string; expected %s", doc->found, written);
	if (doc->text.ptr[at] == '\n')
		tl_report_note(r, "or the string's closing quote is missing");
	else
		tl_report_edit(
		    r, TL_FIX_SAFE, at, at + 1, tl_str_from(written));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while ((f = tl_file_next_fault(file, TL_JSON_RAW_CONTROL, f)) != NULL)
		tl_report(cx, tl_at_file(f->pos, 1),
		    "%s stands raw in a string; expected %s", f->found,
		    f->expected);
}

const struct tl_rule tl_rule_raw_control_character = {
	.code = "JSN009",
	.name = "raw-control-character",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a control character stands unescaped in a string",
	.why = "RFC 8259 wants it escaped: strict parsers refuse the record "
	       "and it is not trained on. An escape character can also drive "
	       "the terminal of whoever looks at the file.",
	.fix = "Escape the character, or strip it when it is left over from a "
	       "terminal log.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"hello\tthere\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":"
		       "\"hello\\tthere\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
	.check_file = check_file,
};
