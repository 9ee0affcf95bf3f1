/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* What JSON writes for a word of another language; an empty slice when nothing
 * does. */
static tl_str
json_word(tl_str word)
{
	static const struct {
		tl_str foreign, json;
	} words[] = {
		{ TL_LIT("None"), TL_LIT("null") },
		{ TL_LIT("nil"), TL_LIT("null") },
		{ TL_LIT("NULL"), TL_LIT("null") },
		{ TL_LIT("Null"), TL_LIT("null") },
		{ TL_LIT("undefined"), TL_LIT("null") },
		{ TL_LIT("NaN"), TL_LIT("null") },
		{ TL_LIT("nan"), TL_LIT("null") },
		{ TL_LIT("True"), TL_LIT("true") },
		{ TL_LIT("TRUE"), TL_LIT("true") },
		{ TL_LIT("False"), TL_LIT("false") },
		{ TL_LIT("FALSE"), TL_LIT("false") },
	};

	for (size_t i = 0; i < TL_COUNT(words); i++)
		if (tl_str_eq(word, words[i].foreign))
			return words[i].json;
	return (tl_str){ NULL, 0 };
}

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	const struct tl_json_doc *doc = &rec->doc;
	tl_span span = tl_json_fault_span(doc);
	tl_str word = tl_str_slice(doc->text, span.beg, span.end);
	struct tl_report *r;

	if (doc->fault != TL_JSON_LITERAL)
		return;
	r = tl_report(cx, tl_at_bytes(span.beg, span.end),
	    "%s is not JSON; expected %s", doc->found, doc->expected);
	if (tl_str_eq(word, TL_STR("'")))
		tl_report_note(r,
		    "this looks like a Python dict that was "
		    "printed with str() or repr()");
	word = json_word(word);
	if (word.len > 0)
		tl_report_edit(r, TL_FIX_UNSAFE, span.beg, span.end, word);
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while ((f = tl_file_next_fault(file, TL_JSON_LITERAL, f)) != NULL)
		tl_report(cx, tl_at_file(f->pos, 1),
		    "%s between records is not JSON; expected %s", f->found,
		    f->expected);
}

const struct tl_rule tl_rule_non_json_literal = {
	.code = "JSN007",
	.name = "non-json-literal",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "single quotes, None, True, NaN, Infinity or a comment",
	.why = "The record was written by another language's printer. Strict "
	       "loaders refuse it; Python's json takes NaN and Infinity and "
	       "hands them on to a tokenizer that wants text.",
	.fix = "Write the record with json.dumps(record, allow_nan=False).",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":None}]}\n"),
	.good =
	    TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		   "{\"role\":\"assistant\",\"content\":\"It is None.\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
	.check_file = check_file,
};
