/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSONTestSuite (Nicolas Seriot): every y_ accepted, every n_ rejected with a
 * place and words for what was found and expected, and our choice for every
 * i_.  The files stand in $TURNLINT_DATA/jsontestsuite.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <turnlint/json.h>
#include <turnlint/record.h>

/* RFC 8259 leaves these open.  What is no UTF-8 is rejected (section 8.1 asks
 * for UTF-8, and a tokenizer could not take the text).  What is grammatical is
 * accepted: a number out of a double's range and a lone surrogate escape become
 * notes, which rules report. */
static const struct {
	const char *name;
	bool is_accepted;
} choices[] = {
	{ "i_number_double_huge_neg_exp.json", true },
	{ "i_number_huge_exp.json", true },
	{ "i_number_neg_int_huge_exp.json", true },
	{ "i_number_pos_double_huge_exp.json", true },
	{ "i_number_real_neg_overflow.json", true },
	{ "i_number_real_pos_overflow.json", true },
	{ "i_number_real_underflow.json", true },
	{ "i_number_too_big_neg_int.json", true },
	{ "i_number_too_big_pos_int.json", true },
	{ "i_number_very_big_negative_int.json", true },
	{ "i_object_key_lone_2nd_surrogate.json", true },
	{ "i_string_1st_surrogate_but_2nd_missing.json", true },
	{ "i_string_1st_valid_surrogate_2nd_invalid.json", true },
	{ "i_string_UTF-16LE_with_BOM.json", false },
	{ "i_string_UTF-8_invalid_sequence.json", false },
	{ "i_string_UTF8_surrogate_U+D800.json", false },
	{ "i_string_incomplete_surrogate_and_escape_valid.json", true },
	{ "i_string_incomplete_surrogate_pair.json", true },
	{ "i_string_incomplete_surrogates_escape_valid.json", true },
	{ "i_string_invalid_lonely_surrogate.json", true },
	{ "i_string_invalid_surrogate.json", true },
	{ "i_string_invalid_utf-8.json", false },
	{ "i_string_inverted_surrogates_U+1D11E.json", true },
	{ "i_string_iso_latin_1.json", false },
	{ "i_string_lone_second_surrogate.json", true },
	{ "i_string_lone_utf8_continuation_byte.json", false },
	{ "i_string_not_in_unicode_range.json", false },
	{ "i_string_overlong_sequence_2_bytes.json", false },
	{ "i_string_overlong_sequence_6_bytes.json", false },
	{ "i_string_overlong_sequence_6_bytes_null.json", false },
	{ "i_string_truncated-utf-8.json", false },
	{ "i_string_utf16BE_no_BOM.json", false },
	{ "i_string_utf16LE_no_BOM.json", false },
	/* TL_MAX_JSON_DEPTH is 512. */
	{ "i_structure_500_nested_arrays.json", true },
	/* tl_json_parse() takes no byte order mark; the reader strips it. */
	{ "i_structure_UTF-8_BOM_empty_object.json", false },
};

static bool
is_wanted(const char *name)
{
	if (name[0] != 'i')
		return name[0] == 'y';
	for (size_t i = 0; i < TL_COUNT(choices); i++)
		if (strcmp(choices[i].name, name) == 0)
			return choices[i].is_accepted;
	fail_msg("no choice is made for %s", name);
	return false;
}

static void
check_case(const char *folder, const char *name)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_json_doc doc;
	tl_str text;
	bool is_accepted;
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(tl_file_read(a, path, 1 << 20, &text, NULL), TL_OK);
	is_accepted = tl_json_parse(a, text, &doc) == TL_OK;
	if (is_accepted != is_wanted(name))
		fail_msg(
		    "%s is %s", name, is_accepted ? "accepted" : "rejected");
	if (!is_accepted) {
		assert_null(doc.root);
		assert_int_not_equal(doc.fault, TL_JSON_OK);
		assert_true(doc.fault_at <= text.len);
		assert_non_null(doc.found);
		assert_non_null(doc.expected);
		assert_true(strlen(doc.found) > 0);
		assert_true(strlen(doc.expected) > 0);
	}
	tl_arena_free(a);
}

static void
suite_is_judged_right(void **state)
{
	const char *data = getenv("TURNLINT_DATA");
	char folder[512];
	DIR *dir;
	struct dirent *entry;
	size_t n = 0;

	(void)state;
	if (data == NULL)
		skip();
	snprintf(folder, sizeof(folder), "%s/jsontestsuite", data);
	dir = opendir(folder);
	if (dir == NULL)
		skip();
	while ((entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;

		if (name[0] != '\0' && strchr("yni", name[0]) != NULL &&
		    name[1] == '_') {
			check_case(folder, name);
			n++;
		}
	}
	closedir(dir);
	assert_int_equal(n, 318);
}

/* Both must end at once, by the limit and not by the stack. */
static void
endless_nesting_is_rejected_quickly(void **state)
{
	const size_t n = 5000000;
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	char *text = tl_arena_bytes(a, 6 * n);
	struct tl_json_doc doc;
	clock_t start = clock();

	(void)state;
	memset(text, '[', n);
	assert_int_equal(
	    tl_json_parse(a, (tl_str){ text, n }, &doc), TL_EPARSE);
	assert_int_equal(doc.fault, TL_JSON_TOO_DEEP);
	for (size_t i = 0; i < n; i++)
		memcpy(text + 6 * i, "[{\"\":[", 6);
	assert_int_equal(
	    tl_json_parse(a, (tl_str){ text, 6 * n }, &doc), TL_EPARSE);
	assert_int_equal(doc.fault, TL_JSON_TOO_DEEP);
	assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
	tl_arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suite_is_judged_right),
		cmocka_unit_test(endless_nesting_is_rejected_quickly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
