/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "view/model.h"
#include "view/script.h"
#include "view/search.h"

/* --- keys and scripts --- */

static void
keys_ask_for_what_the_list_says(void **state)
{
	(void)state;
	assert_int_equal(tl_request_of_key('j'), TL_REQUEST_DOWN);
	assert_int_equal(tl_request_of_key(TL_KEY_DOWN), TL_REQUEST_DOWN);
	assert_int_equal(tl_request_of_key(4), TL_REQUEST_HALF_DOWN);
	assert_int_equal(tl_request_of_key(' '), TL_REQUEST_PAGE_DOWN);
	assert_int_equal(tl_request_of_key('N'), TL_REQUEST_SEARCH_PREV);
	assert_int_equal(tl_request_of_key('\\'), TL_REQUEST_UNFILTER);
	assert_int_equal(tl_request_of_key('x'), TL_REQUEST_NONE);
	assert_int_equal(tl_request_of_key(TL_KEY_NONE), TL_REQUEST_NONE);
}

/* Each key of the list parses and asks for nothing else. */
static void
no_key_is_bound_twice(void **state)
{
	(void)state;
	for (int r = TL_REQUEST_NONE + 1; r < TL_REQUEST_COUNT; r++) {
		tl_str keys =
		    tl_str_from(tl_request_info((enum tl_request)r).keys);

		for (size_t at = 0; at < keys.len;) {
			size_t end = tl_str_find_char(keys, ' ', at);
			int key;

			if (end == TL_NPOS)
				end = keys.len;
			key = tl_key_parse(tl_str_slice(keys, at, end));
			assert_int_not_equal(key, TL_KEY_NONE);
			assert_int_equal(tl_request_of_key(key), r);
			at = end + 1;
		}
	}
}

/* The manual has the same keys and the same words, in the same order. */
static void
the_manual_lists_the_keys(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	size_t at = 0;
	struct tl_error err;
	tl_str manual;

	(void)state;
	assert_int_equal(
	    tl_file_read(a, "man/turnlint-view.1", 1 << 20, &manual, &err),
	    TL_OK);
	for (int r = TL_REQUEST_NONE + 1; r < TL_REQUEST_COUNT; r++) {
		struct tl_request_info info =
		    tl_request_info((enum tl_request)r);
		struct tl_buf b;

		tl_buf_init(&b, a, 0);
		tl_buf_puts(&b, "\n.It Ic ");
		for (const char *p = info.keys; *p != '\0'; p++) {
			bool is_alone = p[1] == ' ' || p[1] == '\0';
			bool begins = p == info.keys || p[-1] == ' ';

			/* What mdoc would take for itself. */
			if (*p == '\\')
				tl_buf_puts(&b, "\\e");
			else if (begins && is_alone &&
			    strchr("()[]|.,:;!?", *p) != NULL)
				tl_buf_printf(&b, "\\&%c", *p);
			else
				tl_buf_putc(&b, *p);
		}
		tl_buf_printf(&b, "\n%s\n", info.help);
		at = tl_str_find(manual, tl_buf_str(&b), at);
		if (at == TL_NPOS)
			fail_msg("not in the manual: %s", info.keys);
	}
	tl_arena_free(a);
}

static void
scripts_name_keys_and_commands(void **state)
{
	struct tl_script s = {
		.text = TL_STR(
		    "j Down # a comment q\n C-d\n/ \"a b\" Enter resize:60x15 "
		    "dump bogus")
	};
	static const int keys[] = { 'j', TL_KEY_DOWN, 4, '/', 'a', ' ', 'b',
		TL_KEY_ENTER };
	struct tl_script_step step;

	(void)state;
	for (size_t i = 0; i < TL_COUNT(keys); i++) {
		assert_true(tl_script_next(&s, &step));
		assert_int_equal(step.kind, TL_SCRIPT_KEY);
		assert_int_equal(step.key, keys[i]);
	}
	assert_true(tl_script_next(&s, &step));
	assert_int_equal(step.kind, TL_SCRIPT_RESIZE);
	assert_int_equal(step.cols, 60);
	assert_int_equal(step.rows, 15);
	assert_true(tl_script_next(&s, &step));
	assert_int_equal(step.kind, TL_SCRIPT_DUMP);
	assert_true(tl_script_next(&s, &step));
	assert_int_equal(step.kind, TL_SCRIPT_BAD);
	assert_false(tl_script_next(&s, &step));
}

/* --- searching --- */

static void
search_has_smart_case(void **state)
{
	tl_str text = TL_STR("An apple, AN APPLE, an Apple");

	(void)state;
	assert_int_equal(tl_search_next(text, TL_STR("apple"), 0), 3);
	assert_int_equal(tl_search_next(text, TL_STR("apple"), 4), 13);
	assert_int_equal(tl_search_next(text, TL_STR("Apple"), 0), 23);
	assert_int_equal(tl_search_next(text, TL_STR("apple"), 24), TL_NPOS);
	assert_int_equal(tl_search_prev(text, TL_STR("apple"), TL_NPOS), 23);
	assert_int_equal(tl_search_prev(text, TL_STR("apple"), 23), 13);
	assert_int_equal(tl_search_prev(text, TL_STR("apple"), 3), TL_NPOS);
	assert_int_equal(tl_search_next(text, TL_STR(""), 0), TL_NPOS);
}

/* --- the canvas --- */

static void
text_is_cut_to_its_cells(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_canvas c = { 0 };

	(void)state;
	tl_canvas_init(&c, a, 2, 6);
	assert_int_equal(
	    tl_canvas_put(&c, 0, 0, 6, TL_STR("abcdefgh"), TL_STYLE_PLAIN, 0),
	    6);
	assert_memory_equal(c.cells[5].text, "…", 3);
	/* A wide character does not hang over the edge. */
	assert_int_equal(
	    tl_canvas_clip(&c, 1, 3, 3, TL_STR("中中"), TL_STYLE_PLAIN, 0), 2);
	assert_int_equal(c.cells[6 + 3].width, 2);
	assert_int_equal(c.cells[6 + 4].width, 0);
	assert_int_equal(c.cells[6 + 5].width, 1);
	/* Outside of the canvas nothing happens. */
	assert_int_equal(
	    tl_canvas_put(&c, 9, 0, 6, TL_STR("x"), TL_STYLE_PLAIN, 0), 0);
	assert_int_equal(
	    tl_canvas_put(&c, 0, 9, 6, TL_STR("x"), TL_STYLE_PLAIN, 0), 0);
	tl_arena_free(a);
}

static void
the_canvas_lets_no_control_character_in(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_canvas c = { 0 };

	(void)state;
	tl_canvas_init(&c, a, 1, 4);
	tl_canvas_put(&c, 0, 0, 4, TL_STR("\x1b[\x07\x7f"), TL_STYLE_PLAIN, 0);
	assert_int_equal(c.cells[0].text[0], '?');
	assert_int_equal(c.cells[1].text[0], '[');
	assert_int_equal(c.cells[2].text[0], '?');
	assert_int_equal(c.cells[3].text[0], '?');
	tl_arena_free(a);
}

static void
text_wraps_at_spaces(void **state)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct tl_canvas c = { 0 };
	struct tl_rect r = { 0, 0, 8, 3 };

	(void)state;
	tl_canvas_init(&c, a, 3, 8);
	assert_int_equal(
	    tl_canvas_wrap(&c, r, TL_STR("one two three four five six"),
		TL_STYLE_PLAIN, 0),
	    3);
	assert_int_equal(c.cells[0].text[0], 'o');
	assert_int_equal(c.cells[8].text[0], 't');
	assert_int_equal(c.cells[9].text[0], 'h');
	/* What is left over is cut with an ellipsis. */
	assert_memory_equal(c.cells[16 + 7].text, "…", 3);
	tl_arena_free(a);
}

/* --- the model --- */

struct fixture {
	struct tl_arena *a;
	struct tl_recipe *recipe;
	struct tl_loader loader;
	struct tl_model *m;
};

/* n records; every third has an empty reply, which is a finding.  Record i
 * says "word<i>". */
static tl_str
dataset(struct tl_arena *a, size_t n)
{
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	for (size_t i = 0; i < n; i++)
		tl_buf_printf(&b,
		    "{\"messages\":[{\"role\":\"user\",\"content\":\"Say "
		    "word%zu\\nnow\"},{\"role\":\"assistant\",\"content\":"
		    "\"%s\"},{\"role\":\"user\",\"content\":\"And?\"},"
		    "{\"role\":\"assistant\",\"content\":\"The end.\"}]}\n",
		    i, i % 3 == 2 ? "" : "Fine word");
	return tl_buf_str(&b);
}

static void
begin_with(struct fixture *f, tl_str bytes)
{
	struct tl_recipe_spec spec = { .template_ = "chatml",
		.use_defaults = true };
	struct tl_loader_setup lint = { 0 };
	struct tl_model_setup setup = { 0 };
	struct tl_error err;

	f->a = tl_arena_new(NULL, NULL);
	assert_int_equal(tl_recipe_open(f->a, &spec, &f->recipe, &err), TL_OK);
	lint.recipe = f->recipe;
	assert_int_equal(tl_loader_init(&f->loader, f->a, &lint, &err), TL_OK);
	assert_int_equal(tl_reader_open_mem(f->a, TL_STR("d.jsonl"), bytes,
			     &setup.reader, &err),
	    TL_OK);
	setup.loader = &f->loader;
	f->m = tl_model_new(f->a, &setup);
	tl_model_resize(f->m, 24, 80);
}

static void
begin(struct fixture *f, size_t nrecords)
{
	struct tl_arena *data = tl_arena_new(NULL, NULL);
	tl_str bytes = dataset(data, nrecords);

	begin_with(f, bytes);
	/* The bytes are borrowed: they go with the fixture. */
	tl_arena_defer(f->a, (void (*)(void *))tl_arena_free, data);
}

static void
settle(struct fixture *f)
{
	while (tl_model_work(f->m))
		;
}

/* Keys as in a script, each one worked off. */
static void
type(struct fixture *f, const char *keys)
{
	struct tl_script s = { .text = tl_str_from(keys) };
	struct tl_script_step step;

	settle(f);
	while (tl_script_next(&s, &step)) {
		assert_int_equal(step.kind, TL_SCRIPT_KEY);
		tl_model_key(f->m, step.key);
		settle(f);
	}
}

/* The bytes of the rendered text under the cursor. */
static void
assert_under_cursor(const struct fixture *f, const char *expected)
{
	const struct tl_sample *s = f->m->tokens.sample;
	tl_str rest;

	assert_non_null(s);
	rest = tl_str_slice(
	    s->render.text.str, s->tokens.offsets[f->m->cursor].beg, TL_NPOS);
	assert_memory_equal(rest.ptr, expected, strlen(expected));
}

static void
end(struct fixture *f)
{
	tl_arena_free(f->a);
}

static void
records_are_indexed_and_walked(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 300);
	settle(&f);
	assert_int_equal(tl_model_nrows(f.m), 300);
	assert_true(tl_model_rows_complete(f.m));
	assert_true(f.m->has_record);
	assert_int_equal(f.m->row, 0);
	type(&f, "] ]");
	assert_int_equal(f.m->record.pos.index, 2);
	type(&f, "[");
	assert_int_equal(f.m->record.pos.index, 1);
	type(&f, "1 0 0 ]");
	assert_int_equal(f.m->record.pos.index, 101);
	type(&f, "9 9 [");
	assert_int_equal(f.m->record.pos.index, 2);
	type(&f, "2 5 0 G");
	assert_int_equal(f.m->record.pos.index, 249);
	type(&f, "9 9 9 9 G");
	assert_int_equal(f.m->record.pos.index, 299);
	assert_string_not_equal(f.m->notice, "");
	end(&f);
}

static void
a_jump_reads_only_as_far_as_needed(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 5000);
	tl_model_key(f.m, '3');
	tl_model_key(f.m, 'G');
	while (f.m->job != TL_JOB_NONE)
		tl_model_work(f.m);
	assert_int_equal(f.m->row, 2);
	assert_true(f.m->nindexed < 1000);
	assert_false(f.m->is_complete);
	end(&f);
}

static void
a_key_stops_a_job(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 5000);
	tl_model_work(f.m);
	tl_model_key(f.m, 'G');
	assert_int_equal(f.m->job, TL_JOB_GOTO);
	tl_model_work(f.m);
	tl_model_key(f.m, TL_KEY_ESCAPE);
	assert_int_equal(f.m->job, TL_JOB_NONE);
	assert_int_equal(f.m->row, 0);
	end(&f);
}

static void
the_cursor_walks_tokens_and_lines(void **state)
{
	struct fixture f;
	size_t n;

	(void)state;
	begin(&f, 2);
	type(&f, "Enter");
	assert_int_equal(f.m->focus, TL_PANE_TOKENS);
	assert_int_equal(f.m->cursor, 0);
	n = f.m->tokens.n;
	type(&f, "l l");
	assert_int_equal(f.m->cursor, 2);
	type(&f, "h h h");
	assert_int_equal(f.m->cursor, 0);
	type(&f, "G");
	assert_int_equal(f.m->cursor, n - 1);
	type(&f, "l");
	assert_int_equal(f.m->cursor, n - 1);
	type(&f, "g j");
	assert_under_cursor(&f, "Say");
	type(&f, "j");
	assert_under_cursor(&f, "now");
	type(&f, "k k");
	assert_int_equal(f.m->cursor, 0);
	type(&f, "PgDn PgDn PgUp PgUp");
	assert_int_equal(f.m->cursor, 0);
	end(&f);
}

static void
the_cursor_stays_on_the_screen(void **state)
{
	struct fixture f;
	struct tl_buf b;
	struct tl_arena *data = tl_arena_new(NULL, NULL);
	size_t h;

	(void)state;
	tl_buf_init(&b, data, 0);
	tl_buf_puts(&b, "{\"messages\":[{\"role\":\"user\",\"content\":\"");
	for (int i = 0; i < 200; i++)
		tl_buf_printf(&b, "line %d\\n", i);
	tl_buf_puts(&b, "\"},{\"role\":\"assistant\",\"content\":\"yes\"}]}\n");
	begin_with(&f, tl_buf_str(&b));
	type(&f, "Enter");
	h = tl_model_inside(f.m, TL_PANE_TOKENS).h;
	assert_int_equal(f.m->top_line, 0);
	/* A page scrolls by a page. */
	type(&f, "PgDn");
	assert_int_equal(f.m->top_line, h);
	type(&f, "PgUp");
	assert_int_equal(f.m->top_line, 0);
	/* Line by line it scrolls only at the edge, by one. */
	for (size_t i = 0; i < h; i++)
		type(&f, "j");
	assert_int_equal(f.m->top_line, 1);
	/* A jump leaves lines before it in sight. */
	type(&f, "t");
	assert_under_cursor(&f, "yes");
	assert_true(f.m->top_line > 150 && f.m->top_line < 203);
	type(&f, "g");
	assert_int_equal(f.m->top_line, 0);
	end(&f);
	tl_arena_free(data);
}

static void
trained_runs_are_visited(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 2);
	type(&f, "t");
	assert_under_cursor(&f, "Fine");
	type(&f, "t");
	assert_under_cursor(&f, "The end.");
	type(&f, "t");
	assert_under_cursor(&f, "The end.");
	assert_string_not_equal(f.m->notice, "");
	type(&f, "T");
	assert_under_cursor(&f, "Fine");
	end(&f);
}

static void
findings_lead_from_record_to_record(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 9);
	type(&f, "e");
	assert_int_equal(f.m->record.pos.index, 2);
	assert_int_equal(f.m->finding, 0);
	type(&f, "e");
	while (f.m->record.pos.index == 2)
		type(&f, "e");
	assert_int_equal(f.m->record.pos.index, 5);
	type(&f, "E");
	assert_int_equal(f.m->record.pos.index, 2);
	end(&f);
}

static void
search_goes_from_hit_to_hit(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 40);
	type(&f, "/ \"word\" Enter");
	assert_int_equal(f.m->record.pos.index, 0);
	assert_int_equal(f.m->hit.end - f.m->hit.beg, 4);
	type(&f, "n");
	assert_int_equal(f.m->record.pos.index, 0);
	type(&f, "n");
	assert_int_equal(f.m->record.pos.index, 1);
	type(&f, "N");
	assert_int_equal(f.m->record.pos.index, 0);
	type(&f, "/ \"word33\" Enter");
	assert_int_equal(f.m->record.pos.index, 33);
	/* Round the end. */
	type(&f, "/ \"word3\" Enter");
	assert_int_equal(f.m->record.pos.index, 33);
	type(&f, "n n n n n n n");
	assert_int_equal(f.m->record.pos.index, 3);
	assert_string_not_equal(f.m->notice, "");
	type(&f, "/ \"no such word\" Enter");
	assert_int_equal(f.m->record.pos.index, 3);
	assert_string_equal(f.m->notice, "\"no such word\" was not found");
	end(&f);
}

static void
a_prompt_takes_text_and_lets_go(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 3);
	type(&f, "/ \"wö\" Backspace Backspace Backspace");
	assert_int_equal(f.m->prompt, TL_PROMPT_NONE);
	type(&f, "/ \"q\" Esc");
	assert_int_equal(f.m->prompt, TL_PROMPT_NONE);
	assert_false(f.m->wants_quit);
	type(&f, "q");
	assert_true(f.m->wants_quit);
	end(&f);
}

static void
a_filter_narrows_the_list(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 90);
	type(&f, "& \"CNT001\" Enter");
	assert_int_equal(f.m->record.pos.index, 2);
	type(&f, "G");
	if (f.m->focus != TL_PANE_LIST)
		type(&f, "Backspace G");
	assert_int_equal(f.m->record.pos.index, 89);
	assert_int_equal(tl_model_nrows(f.m), 30);
	type(&f, "\\");
	assert_int_equal(f.m->record.pos.index, 89);
	assert_int_equal(tl_model_nrows(f.m), 90);
	type(&f, "& \"word17 CNT001\" Enter");
	assert_int_equal(tl_model_nrows(f.m), 1);
	assert_int_equal(f.m->record.pos.index, 17);
	type(&f, "& \"nothing like it\" Enter");
	assert_int_equal(tl_model_nrows(f.m), 0);
	type(&f, "j k G g ] [ t e n Enter l");
	assert_int_equal(tl_model_nrows(f.m), 0);
	end(&f);
}

static void
a_broken_record_can_be_looked_at(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, TL_STR("{\"messages\":[}\n"));
	settle(&f);
	assert_true(f.m->has_record);
	assert_int_equal(f.m->tokens.n, 0);
	assert_true(f.m->shown.nfindings > 0);
	type(&f, "Enter j k h l g G t T n e E / \"x\" Enter m Tab Tab Enter");
	end(&f);
}

static void
an_empty_file_is_no_trouble(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, TL_STR(""));
	settle(&f);
	assert_int_equal(tl_model_nrows(f.m), 0);
	type(&f,
	    "j k h l g G t T n e E [ ] Enter Tab / \"x\" Enter & \"y\" "
	    "Enter \\ m ? q");
	assert_false(f.m->wants_quit);
	end(&f);
}

/* Keys at random, sizes at random: nothing may fail. */
static void
any_key_at_any_size_is_fine(void **state)
{
	static const char keys[] = "hjklgG[]eEtTnNm\\/&?1234567890\t\x1b\x04"
				   "\x15 b\x7f<ABC";
	struct fixture f;
	uint32_t seed = 3;

	(void)state;
	begin(&f, 50);
	for (int i = 0; i < 3000; i++) {
		seed = seed * 1664525u + 1013904223u;
		if ((seed >> 8) % 50 == 0)
			tl_model_resize(
			    f.m, 1 + (seed >> 12) % 40, 1 + (seed >> 20) % 130);
		else if ((seed >> 8) % 11 == 0)
			tl_model_key(f.m, TL_KEY_ENTER);
		else if ((seed >> 8) % 3 == 0)
			tl_model_work(f.m);
		else
			tl_model_key(
			    f.m, keys[(seed >> 8) % (sizeof(keys) - 1)]);
		assert_true(tl_model_nrows(f.m) == 0 ||
		    f.m->row < tl_model_nrows(f.m) || f.m->job != TL_JOB_NONE ||
		    !f.m->is_complete);
		assert_true(f.m->tokens.n == 0 || f.m->cursor < f.m->tokens.n);
	}
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_ask_for_what_the_list_says),
		cmocka_unit_test(no_key_is_bound_twice),
		cmocka_unit_test(the_manual_lists_the_keys),
		cmocka_unit_test(scripts_name_keys_and_commands),
		cmocka_unit_test(search_has_smart_case),
		cmocka_unit_test(text_is_cut_to_its_cells),
		cmocka_unit_test(the_canvas_lets_no_control_character_in),
		cmocka_unit_test(text_wraps_at_spaces),
		cmocka_unit_test(records_are_indexed_and_walked),
		cmocka_unit_test(a_jump_reads_only_as_far_as_needed),
		cmocka_unit_test(a_key_stops_a_job),
		cmocka_unit_test(the_cursor_walks_tokens_and_lines),
		cmocka_unit_test(the_cursor_stays_on_the_screen),
		cmocka_unit_test(trained_runs_are_visited),
		cmocka_unit_test(findings_lead_from_record_to_record),
		cmocka_unit_test(search_goes_from_hit_to_hit),
		cmocka_unit_test(a_prompt_takes_text_and_lets_go),
		cmocka_unit_test(a_filter_narrows_the_list),
		cmocka_unit_test(a_broken_record_can_be_looked_at),
		cmocka_unit_test(an_empty_file_is_no_trouble),
		cmocka_unit_test(any_key_at_any_size_is_fine),
	};

	return cmocka_run_group_tests_name("view_model", tests, NULL, NULL);
}
