/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "view/tokens.h"

#define MAX_TOKENS 64

/* A record that was rendered, tokenized and labelled by hand. */
struct fixture {
	struct tl_arena *a;
	struct tl_record rec;
	struct tl_conv conv;
	struct tl_sample sample;
	struct tl_recipe recipe;
	struct tl_facts facts;
	uint32_t ids[MAX_TOKENS];
	struct tl_offset offsets[MAX_TOKENS];
	int32_t labels[MAX_TOKENS];
	uint8_t reasons[MAX_TOKENS];
	struct tl_token_list list;
};

static void
begin(struct fixture *f, const char *text)
{
	memset(f, 0, sizeof(*f));
	f->a = tl_arena_new(NULL, NULL);
	f->sample.is_built = true;
	f->sample.render.text = tl_text_added(f->a, tl_str_from(text));
	f->sample.tokens.ids = f->ids;
	f->sample.tokens.offsets = f->offsets;
	f->sample.labels = f->labels;
	f->sample.reasons = f->reasons;
	f->facts.sample = &f->sample;
	f->facts.recipe = &f->recipe;
}

/* The next token, up to byte `end` of the text. */
static void
token(struct fixture *f, size_t end, enum tl_reason reason, bool is_trained)
{
	size_t i = f->sample.tokens.n++;
	size_t beg = i > 0 ? f->offsets[i - 1].end : 0;

	assert_true(i < MAX_TOKENS);
	f->ids[i] = (uint32_t)(100 + i);
	f->offsets[i] = (struct tl_offset){ (uint32_t)beg, (uint32_t)end };
	f->labels[i] = is_trained ? (int32_t)f->ids[i] : TL_IGNORE;
	f->reasons[i] = (uint8_t)reason;
	f->sample.nkept = f->sample.tokens.n;
	f->sample.ntrained += is_trained;
}

static void
masked(struct fixture *f, size_t end)
{
	token(f, end, TL_REASON_ROLE, false);
}

static void
trained(struct fixture *f, size_t end)
{
	token(f, end, TL_REASON_CONTENT, true);
}

static void
list(struct fixture *f, unsigned marks)
{
	struct tl_token_options opt = { .marks = marks };

	tl_token_list_init(&f->list, &f->facts, &opt);
}

/* All glyphs of all tokens; "|" stands where a line ends. */
static const char *
picture(struct fixture *f)
{
	struct tl_buf b;

	tl_buf_init(&b, f->a, 0);
	for (size_t i = 0; i < f->list.n; i++) {
		const struct tl_glyph *g;
		size_t n = tl_token_glyphs(&f->list, f->a, i, &g);

		assert_true(n > 0);
		for (size_t k = 0; k < n; k++) {
			tl_buf_put(&b, g[k].text);
			if (g[k].ends_line)
				tl_buf_putc(&b, '|');
		}
	}
	return tl_arena_cstr(f->a, tl_buf_str(&b));
}

static const char *
lines(struct fixture *f, size_t width)
{
	struct tl_token_pos at = { 0, 0 };
	struct tl_buf b;

	tl_buf_init(&b, f->a, 0);
	while (at.token < f->list.n) {
		struct tl_token_line line;

		tl_token_line(&f->list, f->a, at, width, &line);
		assert_true(line.n > 0);
		for (size_t i = 0; i < line.n; i++)
			tl_buf_put(&b, line.glyphs[i].glyph.text);
		tl_buf_puts(&b, line.ends_hard ? "$" : "/");
		at = line.next;
	}
	return tl_arena_cstr(f->a, tl_buf_str(&b));
}

static void
end(struct fixture *f)
{
	tl_arena_free(f->a);
}

/* The picture of a text that is one masked token. */
static void
assert_picture(const char *text, unsigned marks, const char *expected)
{
	struct fixture f;

	begin(&f, text);
	masked(&f, strlen(text));
	list(&f, marks);
	assert_string_equal(picture(&f), expected);
	end(&f);
}

static void
white_space_is_visible(void **state)
{
	(void)state;
	assert_picture("a b\n\tc", 0, "a·b⏎|⇥c");
	assert_picture("\n\n", 0, "⏎|⏎|");
	assert_picture("a\r\n", 0, "a‹U+000D›⏎|");
	assert_picture("a\xc2\xa0"
		       "b\xe3\x80\x80",
	    0, "a‹U+00A0›b‹U+3000›");
}

static void
what_cannot_be_seen_is_spelled_out(void **state)
{
	(void)state;
	assert_picture("\x1b[31m\x07", 0, "‹U+001B›[31m‹U+0007›");
	assert_picture("\xc2\x9b", 0, "‹U+009B›");
	assert_picture("a\xe2\x80\xae"
		       "b",
	    0, "a‹U+202E›b");
	assert_picture("a\xe2\x80\x8b"
		       "b",
	    0, "a‹U+200B›b");
	assert_picture("\xef\xbb\xbf", 0, "‹U+FEFF›");
	/* A family: terminals do not agree on what it takes. */
	assert_picture(
	    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", 0, "👨‹U+200D›👩");
	assert_picture("\xe2\x9d\xa4\xef\xb8\x8f", 0, "❤‹U+FE0F›");
}

static void
data_like_our_signs_is_spelled_out(void **state)
{
	(void)state;
	assert_picture("·", 0, "‹U+00B7›");
	assert_picture("‹U+0041›", 0, "‹U+2039›U+0041›");
	assert_picture("⟦x⟧", 0, "⟦x⟧");
	assert_picture("⟦x⟧", TL_MARK_TRAINED, "‹U+27E6›x‹U+27E7›");
	assert_picture(
	    "[x] | {y}", TL_MARK_TRAINED | TL_MARK_SPECIAL, "[x]·|·{y}");
}

static void
marks_join_their_base(void **state)
{
	struct fixture f;
	const struct tl_glyph *g;

	(void)state;
	begin(&f, "e\xcc\x81x\xcc\x81\xe4\xb8\xad");
	masked(&f, 3); /* e, acute */
	masked(&f, 4); /* x */
	masked(&f, 6); /* an acute alone */
	masked(&f, 9); /* a wide character */
	list(&f, 0);
	assert_int_equal(tl_token_glyphs(&f.list, f.a, 0, &g), 1);
	assert_int_equal(g[0].width, 1);
	assert_int_equal(g[0].text.len, 3);
	assert_int_equal(tl_token_glyphs(&f.list, f.a, 2, &g), 1);
	assert_int_equal(g[0].width, 1);
	assert_true(tl_str_starts(g[0].text, TL_STR("◌")));
	assert_int_equal(tl_token_glyphs(&f.list, f.a, 3, &g), 1);
	assert_int_equal(g[0].width, 2);
	end(&f);
}

static void
a_pile_of_marks_stays_small(void **state)
{
	struct tl_buf b;
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct fixture f;
	const struct tl_glyph *g;

	(void)state;
	tl_buf_init(&b, a, 0);
	tl_buf_putc(&b, 'e');
	for (int i = 0; i < 20; i++)
		tl_buf_puts(&b, "\xcc\x81");
	begin(&f, tl_arena_cstr(a, tl_buf_str(&b)));
	masked(&f, b.len);
	list(&f, 0);
	assert_int_equal(tl_token_glyphs(&f.list, f.a, 0, &g), 17);
	assert_int_equal(g[0].text.len, 9);
	assert_true(tl_str_eq(g[1].text, TL_STR("‹U+0301›")));
	end(&f);
	tl_arena_free(a);
}

static void
parts_of_a_character_are_joined(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "a😀b");
	masked(&f, 3);
	masked(&f, 4);
	masked(&f, 6);
	list(&f, 0);
	assert_string_equal(picture(&f), "a‹F0 9F+98+80=😀›b");
	end(&f);

	/* The character may be one of our signs. */
	begin(&f, "⟦›");
	masked(&f, 1);
	masked(&f, 3);
	masked(&f, 5);
	masked(&f, 6);
	list(&f, TL_MARK_TRAINED);
	assert_string_equal(picture(&f), "‹E2+9F A6=U+27E6›‹E2 80+BA=U+203A›");
	end(&f);

	begin(&f, "中");
	masked(&f, 2);
	masked(&f, 3);
	list(&f, TL_MARK_TOKENS);
	assert_string_equal(picture(&f), "‹E4 B8╎+AD=中›");
	end(&f);
}

static void
a_torn_character_is_closed(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "\xe4\xb8z\xad");
	masked(&f, 2);
	masked(&f, 3);
	masked(&f, 4);
	list(&f, 0);
	assert_string_equal(picture(&f), "‹E4 B8›z‹AD›");
	end(&f);
}

static void
trained_runs_are_marked(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "Q: hi\nA: yo\n.");
	masked(&f, 6);
	masked(&f, 9);
	trained(&f, 11);
	trained(&f, 12);
	masked(&f, 13);
	list(&f, TL_MARK_TRAINED);
	/* The closing mark stands on the line it closes. */
	assert_string_equal(picture(&f), "Q:·hi⏎|A:·⟦yo⏎⟧|.");
	list(&f, 0);
	assert_string_equal(picture(&f), "Q:·hi⏎|A:·yo⏎|.");
	list(&f, TL_MARK_TRAINED | TL_MARK_TOKENS);
	assert_string_equal(picture(&f), "Q:·hi⏎|╎A:·╎⟦yo╎⏎⟧|╎.");
	end(&f);
}

static void
the_cut_is_marked(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "abcd");
	trained(&f, 1);
	trained(&f, 2);
	token(&f, 3, TL_REASON_TRUNCATED, false);
	token(&f, 4, TL_REASON_TRUNCATED, false);
	f.sample.nkept = 2;
	list(&f, TL_MARK_TRAINED);
	assert_string_equal(picture(&f), "⟦ab⟧‹cut›cd");
	assert_int_equal(tl_token_state(&f.list, 1), TL_TOKEN_TRAINED);
	assert_int_equal(tl_token_state(&f.list, 2), TL_TOKEN_CUT);
	assert_int_equal(tl_token_style(&f.list, 3), TL_STYLE_CUT);
	end(&f);
}

static void
lines_break_before_tokens(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "one two three\nfour");
	masked(&f, 3);
	masked(&f, 7);
	masked(&f, 13);
	masked(&f, 14);
	masked(&f, 18);
	list(&f, 0);
	assert_string_equal(lines(&f, 80), "one·two·three⏎$four$");
	assert_string_equal(lines(&f, 9), "one·two/·three⏎$four$");
	/* A token longer than the line is broken. */
	assert_string_equal(lines(&f, 4), "one/·two/·thr/ee⏎$four$");
	assert_string_equal(
	    lines(&f, 1), "o/n/e/·/t/w/o/·/t/h/r/e/e/⏎$f/o/u/r$");
	end(&f);
}

static void
lines_do_not_break_inside_a_character(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "ab😀c");
	masked(&f, 2);
	masked(&f, 4);
	masked(&f, 5);
	masked(&f, 6);
	masked(&f, 7);
	list(&f, 0);
	assert_string_equal(lines(&f, 40), "ab‹F0 9F+98+80=😀›c$");
	assert_string_equal(lines(&f, 17), "ab/‹F0 9F+98+80=😀›c$");
	assert_string_equal(lines(&f, 16), "ab/‹F0 9F+98+80=😀›/c$");
	/* Unless it has to. */
	assert_string_equal(lines(&f, 10), "ab‹F0 9F/+98+80=😀›/c$");
	end(&f);
}

static void
a_glyph_wider_than_the_line_stands_alone(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f,
	    "a\x01"
	    "b");
	masked(&f, 3);
	list(&f, 0);
	assert_string_equal(lines(&f, 3), "a/‹U+0001›/b$");
	end(&f);
}

static void
ascii_terminals_get_ascii(void **state)
{
	struct fixture f;
	struct tl_token_options opt = { .is_ascii = true,
		.marks = TL_MARK_TRAINED };
	const char *p;

	(void)state;
	begin(&f, "é 😀\n\t中x");
	masked(&f, 3);
	trained(&f, 5);
	trained(&f, 7);
	masked(&f, 13);
	tl_token_list_init(&f.list, &f.facts, &opt);
	p = picture(&f);
	assert_string_equal(
	    p, "\\u{00E9} [[<F0 9F+98 80=U+1F600>]]\\n|\\t\\u{4E2D}x");
	end(&f);
}

/* --- sources --- */

static const char record[] =
    "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
    "{\"role\":\"assistant\",\"content\":\"yo!\"}]}";

/* "U:hi\nA:yo!<eos>", with runs as a template would leave them. */
static void
begin_conversation(struct fixture *f)
{
	struct tl_run *runs;
	const struct tl_json *hi, *yo;

	begin(f, "U:hi\nA:yo!<eos>");
	f->rec.bytes = TL_STR(record);
	assert_int_equal(tl_record_parse(f->a, &f->rec), TL_OK);
	tl_conv_build(f->a, &f->rec, NULL, NULL, &f->conv);
	f->facts.record = &f->rec;
	f->facts.conv = &f->conv;
	hi = tl_json_resolve(f->rec.doc.root, TL_STR("/messages/0/content"));
	yo = tl_json_resolve(f->rec.doc.root, TL_STR("/messages/1/content"));
	runs = TL_NEW(f->a, struct tl_run, 5);
	runs[0] = (struct tl_run){ .beg = 0,
		.end = 2,
		.kind = TL_RUN_TEMPLATE,
		.line = 1,
		.column = 5 };
	runs[1] = (struct tl_run){ .beg = 2,
		.end = 4,
		.kind = TL_RUN_CONTENT,
		.line = 1,
		.column = 9,
		.node = hi,
		.src_end = 2 };
	runs[2] = (struct tl_run){ .beg = 4,
		.end = 7,
		.kind = TL_RUN_TEMPLATE,
		.line = 2,
		.column = 1 };
	runs[3] = (struct tl_run){ .beg = 7,
		.end = 10,
		.kind = TL_RUN_CONTENT,
		.line = 2,
		.column = 7,
		.node = yo,
		.src_end = 3 };
	runs[4] = (struct tl_run){ .beg = 10,
		.end = 15,
		.kind = TL_RUN_TEMPLATE,
		.line = 2,
		.column = 20 };
	f->sample.render.text.runs = runs;
	f->sample.render.text.nruns = 5;
	token(f, 2, TL_REASON_TEMPLATE, false);
	token(f, 4, TL_REASON_ROLE, false);
	token(f, 7, TL_REASON_TEMPLATE, false);
	trained(f, 8);
	trained(f, 10);
	token(f, 15, TL_REASON_EOS, true);
	list(f, 0);
}

static void
a_token_knows_where_it_came_from(void **state)
{
	struct fixture f;
	struct tl_token_info info;

	(void)state;
	begin_conversation(&f);
	tl_token_info(&f.list, f.a, 4, &info);
	assert_int_equal(info.nsources, 1);
	assert_int_equal(info.sources[0].kind, TL_RUN_CONTENT);
	assert_true(
	    tl_str_eq(info.sources[0].pointer, TL_STR("/messages/1/content")));
	assert_int_equal(info.sources[0].beg, 1);
	assert_int_equal(info.sources[0].end, 3);
	assert_int_equal(info.sources[0].turn, 1);
	assert_true(tl_str_eq(info.sources[0].role, TL_STR("assistant")));
	tl_token_info(&f.list, f.a, 0, &info);
	assert_int_equal(info.sources[0].kind, TL_RUN_TEMPLATE);
	assert_int_equal(info.sources[0].turn, TL_NO_TURN);
	assert_int_equal(info.sources[0].line, 1);
	assert_int_equal(info.sources[0].column, 5);
	end(&f);
}

static void
a_token_over_a_boundary_has_two_sources(void **state)
{
	struct fixture f;
	struct tl_token_info info;

	(void)state;
	begin_conversation(&f);
	f.offsets[3].beg = 6; /* ":y" */
	tl_token_info(&f.list, f.a, 3, &info);
	assert_int_equal(info.nsources, 2);
	assert_int_equal(info.sources[0].kind, TL_RUN_TEMPLATE);
	assert_int_equal(info.sources[1].kind, TL_RUN_CONTENT);
	assert_int_equal(info.sources[1].beg, 0);
	assert_int_equal(info.sources[1].end, 1);
	assert_true(tl_str_eq(tl_token_source_words(&f.list, f.a, 3),
	    TL_STR("template 2:1 + /messages/1/content[0..1) turn 1 assistant "
		   "by template 2:7")));
	end(&f);
}

static void
runs_group_by_reason_and_source(void **state)
{
	static const struct tl_token_run expected[] = {
		{ 0, 1, TL_TOKEN_MASKED, TL_REASON_TEMPLATE },
		{ 1, 2, TL_TOKEN_MASKED, TL_REASON_ROLE },
		{ 2, 3, TL_TOKEN_MASKED, TL_REASON_TEMPLATE },
		{ 3, 5, TL_TOKEN_TRAINED, TL_REASON_CONTENT },
		{ 5, 6, TL_TOKEN_TRAINED, TL_REASON_EOS },
	};
	struct fixture f;
	size_t at = 0;

	(void)state;
	begin_conversation(&f);
	for (size_t i = 0; i < TL_COUNT(expected); i++) {
		struct tl_token_run run = tl_token_run_at(&f.list, at);

		assert_int_equal(run.beg, expected[i].beg);
		assert_int_equal(run.end, expected[i].end);
		assert_int_equal(run.state, expected[i].state);
		assert_int_equal(run.reason, expected[i].reason);
		at = run.end;
	}
	assert_int_equal(at, f.list.n);
	end(&f);
}

static void
trained_runs_are_found(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "abcdef");
	trained(&f, 1);
	masked(&f, 2);
	trained(&f, 3);
	trained(&f, 4);
	masked(&f, 5);
	masked(&f, 6);
	list(&f, 0);
	assert_int_equal(tl_token_next_trained(&f.list, 0), 2);
	assert_int_equal(tl_token_next_trained(&f.list, 2), TL_NPOS);
	assert_int_equal(tl_token_prev_trained(&f.list, 5), 2);
	assert_int_equal(tl_token_prev_trained(&f.list, 3), 2);
	assert_int_equal(tl_token_prev_trained(&f.list, 2), 0);
	assert_int_equal(tl_token_prev_trained(&f.list, 0), TL_NPOS);
	end(&f);
}

static void
a_byte_finds_its_token(void **state)
{
	struct fixture f;

	(void)state;
	begin_conversation(&f);
	assert_int_equal(tl_token_at_byte(&f.list, 0), 0);
	assert_int_equal(tl_token_at_byte(&f.list, 3), 1);
	assert_int_equal(tl_token_at_byte(&f.list, 9), 4);
	assert_int_equal(tl_token_at_byte(&f.list, 99), 5);
	end(&f);
}

/* --- records without tokens --- */

static void
a_record_without_tokens_says_why(void **state)
{
	struct fixture f;
	struct tl_render render = { .fault = TL_RENDER_RAISED,
		.message = TL_STR("roles must \x1b[31malternate"),
		.line = 3,
		.column = 7 };

	(void)state;
	begin_conversation(&f);
	f.sample.is_built = false;
	f.facts.render = &render;
	list(&f, 0);
	assert_int_equal(f.list.n, 0);
	assert_true(tl_str_eq(tl_token_list_why(&f.list, f.a),
	    TL_STR("the template cannot render it (line 3, column 7): roles "
		   "must \\x1b[31malternate")));
	end(&f);
}

static void
broken_json_is_located(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "");
	f.rec.bytes = TL_STR("{\"a\":}");
	f.rec.pos.line = 12;
	f.rec.pos.column = 1;
	assert_int_equal(tl_record_parse(f.a, &f.rec), TL_EPARSE);
	f.facts.record = &f.rec;
	f.facts.sample = NULL;
	list(&f, 0);
	assert_true(tl_str_starts(tl_token_list_why(&f.list, f.a),
	    TL_STR("no valid JSON at line 12, column 6: found '}'")));
	end(&f);
}

/* --- whatever the data is --- */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Random bytes cut into random tokens: every glyph is printable, and no byte
 * is lost silently. */
static void
no_control_character_gets_out(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct fixture f;
		char text[41] = { 0 };
		size_t len = 1 + next_random(&seed) % 40, at = 0;
		const char *p;

		for (size_t i = 0; i < len; i++)
			do
				text[i] = (char)next_random(&seed);
			while (text[i] == '\0');
		begin(&f, text);
		while (at < len) {
			at += 1 + next_random(&seed) % 4;
			token(&f, at < len ? at : len, TL_REASON_ROLE,
			    next_random(&seed) % 2);
		}
		list(&f, next_random(&seed) % 8);
		p = picture(&f);
		for (size_t i = 0; p[i] != '\0'; i++)
			assert_true(
			    (unsigned char)p[i] >= 0x20 && p[i] != 0x7f);
		assert_int_equal(tl_utf8_check(tl_str_from(p)), strlen(p));
		assert_non_null(lines(&f, 1 + next_random(&seed) % 30));
		end(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space_is_visible),
		cmocka_unit_test(what_cannot_be_seen_is_spelled_out),
		cmocka_unit_test(data_like_our_signs_is_spelled_out),
		cmocka_unit_test(marks_join_their_base),
		cmocka_unit_test(a_pile_of_marks_stays_small),
		cmocka_unit_test(parts_of_a_character_are_joined),
		cmocka_unit_test(a_torn_character_is_closed),
		cmocka_unit_test(trained_runs_are_marked),
		cmocka_unit_test(the_cut_is_marked),
		cmocka_unit_test(lines_break_before_tokens),
		cmocka_unit_test(lines_do_not_break_inside_a_character),
		cmocka_unit_test(a_glyph_wider_than_the_line_stands_alone),
		cmocka_unit_test(ascii_terminals_get_ascii),
		cmocka_unit_test(a_token_knows_where_it_came_from),
		cmocka_unit_test(a_token_over_a_boundary_has_two_sources),
		cmocka_unit_test(runs_group_by_reason_and_source),
		cmocka_unit_test(trained_runs_are_found),
		cmocka_unit_test(a_byte_finds_its_token),
		cmocka_unit_test(a_record_without_tokens_says_why),
		cmocka_unit_test(broken_json_is_located),
		cmocka_unit_test(no_control_character_gets_out),
	};

	return cmocka_run_group_tests_name("tokens_view", tests, NULL, NULL);
}
