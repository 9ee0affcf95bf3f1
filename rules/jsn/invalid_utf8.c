/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

static bool
is_continuation(tl_str s, size_t at)
{
	return at < s.len && ((unsigned char)s.ptr[at] & 0xc0) == 0x80;
}

/* What the bytes most likely are, told from the first malformed one. */
static const char *
guess(tl_str s, size_t at)
{
	unsigned char c = (unsigned char)s.ptr[at];
	unsigned char next = at + 1 < s.len ? (unsigned char)s.ptr[at + 1] : 0;

	if (c == 0xed && next >= 0xa0 && next <= 0xbf)
		return "half of a surrogate pair, written as if it were a "
		       "character (CESU-8)";
	if (c == 0xc0 && next == 0x80)
		return "NUL in Java's modified UTF-8";
	if (c == 0xff || c == 0xfe)
		return "UTF-16 or binary data";
	if (c >= 0xe0 && c <= 0xf4 && is_continuation(s, at + 1))
		return "a UTF-8 character that was cut in the middle";
	if (next >= 0x80)
		return "a double-byte encoding such as GBK, Big5 or Shift JIS";
	if (c >= 0x80 && c <= 0x9f)
		return "Windows-1252";
	return "Latin-1 or Windows-1252";
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json_doc *doc = &rec->doc;
	tl_span span = tl_json_fault_span(doc);
	struct tl_report *r;

	if (doc->fault != TL_JSON_BAD_UTF8)
		return;
	r = tl_report(cx, tl_at_bytes(span.beg, span.end),
	    "not UTF-8: found %s", doc->found);
	tl_report_note(r, "likely %s", guess(doc->text, doc->fault_at));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while ((f = tl_file_next_fault(file, TL_JSON_BAD_UTF8, f)) != NULL)
		tl_report(cx, tl_at_file(f->pos, 1), "not UTF-8: found %s%s",
		    f->found,
		    file->nrecords == 0 ? "; no record of the file was read"
					: "");
}

const struct tl_rule tl_rule_invalid_utf8 = {
	.code = "JSN003",
	.name = "invalid-utf8",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "bytes that are not UTF-8",
	.why = "The loader fails on the file, or puts U+FFFD in place of the "
	       "text, and the model learns to write replacement characters.",
	.fix = "Convert the source to UTF-8 from the encoding it really has "
	       "(iconv -f WINDOWS-1252 -t UTF-8), then export again.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"caf\xe9"
		      "\"},{\"role\":\"assistant\",\"content\":"
		      "\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
		       "\"caf\xc3\xa9\"},{\"role\":\"assistant\",\"content\":"
		       "\"hello\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
	.check_file = check_file,
};
