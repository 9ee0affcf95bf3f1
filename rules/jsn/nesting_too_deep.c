/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <turnlint/limits.h>

static void
check_record(const struct tl_rule_cx *cx, const struct tl_record *rec)
{
	size_t at = rec->doc.fault_at;

	if (rec->doc.fault == TL_JSON_TOO_DEEP)
		tl_report(cx, tl_at_bytes(at, at + 1),
		    "nested deeper than %d levels", TL_MAX_JSON_DEPTH);
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct tl_file_fault *f = NULL;

	while ((f = tl_file_next_fault(file, TL_JSON_TOO_DEEP, f)) != NULL)
		tl_report(cx, tl_at_file(f->pos, 1),
		    "nested deeper than %d levels", TL_MAX_JSON_DEPTH);
}

#define TEN(x) x x x x x x x x x x
#define DEEP(x) \
	TEN(TEN(x)) TEN(TEN(x)) TEN(TEN(x)) TEN(TEN(x)) TEN(TEN(x)) TEN(TEN(x))

const struct tl_rule tl_rule_nesting_too_deep = {
	.code = "JSN018",
	.name = "nesting-too-deep",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "a record is nested deeper than parsers allow",
	.why = "Parsers that recurse refuse it (cJSON and Python's json stop "
	       "at about 1000 levels) or overflow their stack, and the record "
	       "is not trained on.",
	.fix = "Find what nests without end; it is nearly always a structure "
	       "that was encoded again and again.",
	.bad = TL_LIT("{\"meta\":" DEEP("[")
		DEEP("]") ",\"messages\":["
			  "{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
			  "\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"meta\":" TEN("[[[[[[") TEN(
	    "]]]]]]") ",\"messages\":["
		      "{\"role\":\"user\",\"content\":\"hi\"},{\"role\":"
		      "\"assistant\",\"content\":\"hello\"}]}\n"),
	.needs = TL_TRAIT_REJECTED,
	.check_record = check_record,
	.check_file = check_file,
};
