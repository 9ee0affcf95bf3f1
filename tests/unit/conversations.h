/* SPDX-License-Identifier: Apache-2.0 */
/* conversations.h - random records for tests that compare two ways. */
#ifndef TESTS_CONVERSATIONS_H
#define TESTS_CONVERSATIONS_H

#include <turnlint/buf.h>

#define MAX_TURNS 9

struct chance {
	uint64_t state;
};

static inline unsigned
pick(struct chance *s, unsigned n)
{
	s->state = s->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(s->state >> 33) % n;
}

static inline const char *
pick_of(struct chance *s, const char *const *list, unsigned n)
{
	return list[pick(s, n)];
}
#define PICK(s, list) pick_of((s), (list), TL_COUNT(list))

static inline void
put_message(struct chance *s, struct tl_buf *b, const char *role, bool is_plain)
{
	static const char *const contents[] = { "\"Hi.\"",
		"\"Tell me about é and 😀\"", "\" lead\"", "\"trail \\n\"",
		"\"\"", "\"<think>\\na\\n</think>\\n\\nyes\"",
		"\"[[dummy_message]]\"", "null",
		"[{\"type\":\"text\",\"text\":\"part\"}]",
		"\"<tool_response>x</tool_response>\"" };
	static const char *const extras[] = { ",\"reasoning_content\":\"why\"",
		",\"name\":\"f\"", ",\"tool_call_id\":\"call_1abc\"",
		",\"tool_calls\":[{\"id\":\"call_1abc\",\"type\":\"function\","
		"\"function\":{\"name\":\"f\",\"arguments\":{\"x\":1}}}]",
		",\"weight\":0" };

	tl_buf_printf(b, "{\"role\":\"%s\",\"content\":%s", role,
	    is_plain ? contents[pick(s, 4)] : PICK(s, contents));
	if (!is_plain && pick(s, 3) == 0)
		tl_buf_puts(b, PICK(s, extras));
	tl_buf_putc(b, '}');
}

/* Most of them in the order that all templates take. */
static inline tl_str
make_record(struct tl_arena *a, struct chance *s)
{
	static const char *const roles[] = { "user", "assistant", "system",
		"tool", "user", "assistant" };
	bool is_plain = pick(s, 3) > 0, is_ordered = pick(s, 4) > 0;
	unsigned n = 1 + pick(s, MAX_TURNS - 1);
	struct tl_buf b;

	tl_buf_init(&b, a, 0);
	tl_buf_puts(&b, "{\"messages\":[");
	if (is_ordered && pick(s, 2) == 0) {
		put_message(s, &b, "system", is_plain);
		tl_buf_putc(&b, ',');
	}
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			tl_buf_putc(&b, ',');
		put_message(s, &b, is_ordered ? roles[i % 2] : PICK(s, roles),
		    is_plain);
	}
	tl_buf_puts(&b, "]}");
	return tl_buf_str(&b);
}

#endif
