/* SPDX-License-Identifier: Apache-2.0 */
/* Conversations for a template to render, and where their parts went. */
#include "template/profile.h"

#include <turnlint/buf.h>

#define MAX_PROBE_STEPS 400000u
#define MAX_PROBE_BYTES ((size_t)256 << 10)
#define NOW "2024-01-15T12:00:00"

struct probe_node {
	struct probe_node *next;
	struct tl_probe probe;
};

#define FUNCTION(id, name, args)                                  \
	"{\"id\":\"" id                                           \
	"\",\"type\":\"function\",\"function\":{\"name\":\"" name \
	"\",\"arguments\":" args "}}"
#define CALL(args) \
	"\"tool_calls\":[" FUNCTION("call00001", "find_zebra", args) "]"
#define CALLS(args, more)                                      \
	"\"tool_calls\":[" FUNCTION("call00001", "find_zebra", \
	    args) "," FUNCTION("call00002", "count_yaks", more) "]"
#define OBJECT "{\"city\":\"Zurich\"}"
#define STRING "\"{\\\"city\\\": \\\"Zurich\\\"}\""
#define CALL_OBJECT CALL(OBJECT)
#define CALL_STRING CALL(STRING)
#define CALLS_OBJECT CALLS(OBJECT, "{\"town\":\"Ankara\"}")
#define CALLS_STRING CALLS(STRING, "\"{\\\"town\\\": \\\"Ankara\\\"}\"")
#define ASSISTANT(content, calls) \
	"{\"role\":\"assistant\",\"content\":" content "," calls "}"
#define ODD "Mixed CASE <b>&amp; \\\"it's\\\"</b> é 漢字 a\\n\\n  b\\tc."

/* %s is one, two, …: contents differ from one turn to the next. */
static const struct {
	char letter;
	const char *json;
} turns[] = {
	{ 'S', "{\"role\":\"system\",\"content\":\"Rule %s.\"}" },
	{ 'D', "{\"role\":\"developer\",\"content\":\"Advice %s.\"}" },
	{ 'U', "{\"role\":\"user\",\"content\":\"Question %s?\"}" },
	{ 'A', "{\"role\":\"assistant\",\"content\":\"Answer %s.\"}" },
	{ 'X', "{\"role\":\"narrator\",\"content\":\"Remark %s.\"}" },
	{ 's', "{\"role\":\"system\",\"content\":\"  Rule %s. \\n\"}" },
	{ 'u', "{\"role\":\"user\",\"content\":\"  Question %s? \\n\"}" },
	{ 'a', "{\"role\":\"assistant\",\"content\":\"  Answer %s. \\n\"}" },
	{ 'y', "{\"role\":\"system\",\"content\":\"Rule %s. " ODD "\"}" },
	{ 'v', "{\"role\":\"user\",\"content\":\"Question %s? " ODD "\"}" },
	{ 'w', "{\"role\":\"assistant\",\"content\":\"Answer %s. " ODD "\"}" },
	{ 'C', ASSISTANT("\"\"", CALL_OBJECT) },
	{ 'c', ASSISTANT("\"\"", CALL_STRING) },
	{ 'N', ASSISTANT("null", CALL_OBJECT) },
	{ 'O', ASSISTANT("null", CALL_STRING) },
	{ 'M', "{\"role\":\"assistant\"," CALL_OBJECT "}" },
	{ 'L', "{\"role\":\"assistant\"," CALL_STRING "}" },
	{ 'P', ASSISTANT("\"\"", CALLS_OBJECT) },
	{ 'p', ASSISTANT("\"\"", CALLS_STRING) },
	{ 'Q', ASSISTANT("null", CALLS_OBJECT) },
	{ 'q', ASSISTANT("null", CALLS_STRING) },
	{ 'B', ASSISTANT("\"Answer %s.\"", CALL_OBJECT) },
	{ 'b', ASSISTANT("\"Answer %s.\"", CALL_STRING) },
	{ 'T',
	    "{\"role\":\"tool\",\"tool_call_id\":\"call00001\","
	    "\"name\":\"find_zebra\",\"content\":\"Result %s.\"}" },
	{ 't', "{\"role\":\"tool\",\"content\":\"Result %s.\"}" },
	{ 'n', "{\"role\":\"assistant\",\"content\":null}" },
	{ 'e', "{\"role\":\"assistant\",\"content\":\"\"}" },
	{ 'o', "{\"role\":\"assistant\"}" },
	{ 'r',
	    "{\"role\":\"tool\",\"tool_call_id\":\"call00002\","
	    "\"name\":\"count_yaks\",\"content\":\"Result %s.\"}" },
	{ 'i',
	    "{\"role\":\"tool\",\"tool_call_id\":\"call00001\","
	    "\"name\":\"find_zebra\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"Result %s.\"}]}" },
	{ 'j',
	    "{\"role\":\"system\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"Rule %s.\"}]}" },
	{ 'l',
	    "{\"role\":\"user\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"Question %s?\"}]}" },
	{ 'm',
	    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\","
	    "\"text\":\"Answer %s.\"}]}" },
	{ 'R',
	    "{\"role\":\"assistant\",\"reasoning_content\":"
	    "\"Thought %s.\",\"content\":\"Answer %s.\"}" },
	{ 'H',
	    "{\"role\":\"assistant\",\"thinking\":\"Thought %s.\","
	    "\"content\":\"Answer %s.\"}" },
	{ 'W',
	    "{\"role\":\"assistant\",\"content\":\"<think>\\nThought "
	    "%s.\\n</think>\\n\\nAnswer %s.\"}" },
	{ 'K',
	    "{\"role\":\"user\",\"name\":\"Zoe\","
	    "\"content\":\"Question %s?\"}" },
};

static const char tools[] =
    "[{\"type\":\"function\",\"function\":{\"name\":\"find_zebra\","
    "\"description\":\"Finds a zebra.\",\"parameters\":{\"type\":\"object\","
    "\"properties\":{\"city\":{\"type\":\"string\",\"description\":"
    "\"The city.\"}},\"required\":[\"city\"]}}}]";

static const char documents[] =
    "[{\"title\":\"Zoology\",\"text\":\"Zebras have stripes.\",\"content\":"
    "\"Zebras have stripes.\",\"doc_id\":\"1\"}]";

static const char *const ordinals[] = { "one", "two", "three", "four", "five",
	"six", "seven", "eight" };

static const char *
turn_json(char letter)
{
	for (size_t i = 0; i < TL_COUNT(turns); i++)
		if (turns[i].letter == letter)
			return turns[i].json;
	return NULL;
}

/* With as_list a content that is a string becomes a list with that text. */
static void
put_turn(struct tl_buf *b, const char *json, const char *ordinal, bool as_list)
{
	static const char key[] = "\"content\":\"";
	const char *open = as_list ? strstr(json, key) : NULL;

	for (const char *s = json; *s != '\0'; s++) {
		if (open != NULL && s == open) {
			tl_buf_puts(
			    b, "\"content\":[{\"type\":\"text\",\"text\":\"");
			s += sizeof(key) - 2;
		} else if (open != NULL && s >= open + sizeof(key) - 1 &&
		    s[0] == '"' && s[-1] != '\\') {
			tl_buf_puts(b, "\"}]");
			open = NULL;
		} else if (s[0] == '%' && s[1] == 's') {
			tl_buf_puts(b, ordinal);
			s++;
		} else {
			tl_buf_putc(b, *s);
		}
	}
}

static const char *
compose(struct prober *pr, const char *letters)
{
	struct tl_buf b;
	size_t n = 0, count[128] = { 0 };

	tl_buf_init(&b, pr->arena, 0);
	tl_buf_puts(&b, "{\"messages\":[");
	for (const char *l = letters; *l != '\0'; l++) {
		const char *json = turn_json(*l);
		/* Users count with users, whatever their letter. */
		char like = json != NULL ? json[9] : 0;

		if (json == NULL)
			continue;
		if (n++ > 0)
			tl_buf_putc(&b, ',');
		put_turn(&b, json,
		    ordinals[count[like & 127]++ % TL_COUNT(ordinals)],
		    pr->wants_lists);
	}
	tl_buf_putc(&b, ']');
	if (letters[0] == '!' || pr->wants_tools)
		tl_buf_printf(&b, ",\"tools\":%s", tools);
	if (letters[0] == '#')
		tl_buf_printf(&b, ",\"documents\":%s", documents);
	tl_buf_puts(&b, "}");
	tl_buf_putc(&b, '\0');
	return b.ptr;
}

/* What apply_chat_template() hands to the template: the messages as they are.
 */
static void
fill_turn(struct tl_arena *a, const struct tl_json *v, struct tl_turn *t)
{
	struct tl_field *f = TL_NEW(a, struct tl_field, v->nchildren);

	t->index = v->index;
	t->node = v;
	t->role_node = tl_json_get(v, "role");
	t->role_text = tl_json_text(t->role_node, TL_STR(""));
	t->content_node = tl_json_get(v, "content");
	t->fields = f;
	for (const struct tl_json *m = v->first; m != NULL; m = m->next) {
		f[t->nfields].name = m->key;
		f[t->nfields++].node = m;
	}
}

static void
fill_conv(struct tl_arena *a, struct tl_probe *p)
{
	struct tl_json_doc doc;
	struct tl_turn *t;

	if (tl_json_parse(a, tl_str_from(p->json), &doc) != TL_OK)
		return;
	p->conv.messages = tl_json_get(doc.root, "messages");
	p->conv.tools = tl_json_get(doc.root, "tools");
	p->conv.documents = tl_json_get(doc.root, "documents");
	p->conv.nturns = p->conv.messages->nchildren;
	p->conv.turns = t = TL_NEW(a, struct tl_turn, p->conv.nturns);
	for (size_t i = 0; i < p->conv.nturns; i++)
		fill_turn(a, tl_json_at(p->conv.messages, i), &t[i]);
}

/* What a render leaves behind in `a`; what it needed on the way is gone with
 * the scratch arena. */
static void
keep_render(
    struct tl_arena *a, const struct tl_render *from, struct tl_render *to)
{
	struct tl_run *runs = TL_NEW(a, struct tl_run, from->text.nruns);
	tl_span *spans = TL_NEW(a, tl_span, from->ngeneration);

	*to = *from;
	to->text.str = tl_arena_str(a, from->text.str);
	for (size_t i = 0; i < from->text.nruns; i++)
		runs[i] = from->text.runs[i];
	for (size_t i = 0; i < from->ngeneration; i++)
		spans[i] = from->generation[i];
	to->text.runs = runs;
	to->generation = spans;
	to->message = tl_arena_str(a, from->message);
}

/* The conversation of p->json through t. */
static void
render_probe(struct tl_arena *a, struct tl_arena *scratch,
    const struct tl_template *t, const struct tl_special_tokens *tokens,
    const char *now, const struct tl_json *vars, struct tl_probe *p)
{
	struct tl_render render;
	struct tl_render_options opt = {
		.tokens = *tokens,
		.now = now,
		.vars = vars,
		.max_steps = MAX_PROBE_STEPS,
		.max_bytes = MAX_PROBE_BYTES,
		.add_generation_prompt = p->adds_prompt,
	};

	fill_conv(a, p);
	tl_arena_reset(scratch);
	tl_template_render(t, scratch, &p->conv, p->conv.nturns, &opt, &render);
	keep_render(a, &render, &p->render);
}

static void
make(struct prober *pr, const struct tl_template *t, const char *letters,
    const char *now, const struct tl_json *vars, struct tl_probe *p)
{
	size_t len = strlen(letters);

	p->letters = tl_arena_printf(pr->arena, "%s", letters);
	p->json = compose(pr, letters);
	p->adds_prompt = len > 0 && letters[len - 1] == '+';
	render_probe(pr->arena, pr->scratch, t, &pr->p->tokens, now, vars, p);
}

const struct tl_probe *
tl_probe_make(struct tl_arena *a, const struct tl_template *t,
    const struct tl_profile *profile, const char *json, bool adds_prompt)
{
	struct tl_probe *p = TL_NEW(a, struct tl_probe, 1);
	struct tl_arena *scratch = tl_arena_new_like(a);

	p->letters = "";
	p->json = json;
	p->adds_prompt = adds_prompt;
	render_probe(a, scratch, t, &profile->tokens, NOW, NULL, p);
	tl_arena_free(scratch);
	return p;
}

const struct tl_probe *
tl_probe_again(struct tl_arena *a, const struct tl_template *t,
    const struct tl_profile *profile, const struct tl_probe *p)
{
	return tl_probe_make(a, t, profile, p->json, p->adds_prompt);
}

const struct tl_probe *
probe(struct prober *pr, const char *letters)
{
	struct probe_node *n;

	for (n = pr->made; n != NULL; n = n->next)
		if (strcmp(n->probe.letters, letters) == 0)
			return &n->probe;
	n = TL_NEW(pr->arena, struct probe_node, 1);
	make(pr, pr->t, letters, NOW, NULL, &n->probe);
	n->next = pr->made;
	pr->made = n;
	return &n->probe;
}

const struct tl_probe *
probe_led(struct prober *pr, const char *letters)
{
	bool has_mark = letters[0] == '!' || letters[0] == '#';

	if (pr->lead[0] == '\0')
		return probe(pr, letters);
	return probe(pr,
	    tl_arena_printf(pr->arena, "%s%s%s",
		tl_arena_cstr(pr->arena, (tl_str){ letters, has_mark }),
		pr->lead, letters + has_mark));
}

const struct tl_probe *
probe_at(struct prober *pr, const struct tl_template *t, const char *letters,
    const char *now)
{
	struct tl_probe *p = TL_NEW(pr->arena, struct tl_probe, 1);

	make(pr, t, letters, now != NULL ? now : NOW, NULL, p);
	return p;
}

const struct tl_probe *
probe_with(struct prober *pr, const char *letters, const char *vars)
{
	struct tl_probe *p = TL_NEW(pr->arena, struct tl_probe, 1);
	struct tl_json_doc doc;

	if (tl_json_parse(pr->arena, tl_str_from(vars), &doc) != TL_OK)
		doc.root = NULL;
	make(pr, pr->t, letters, NOW, doc.root, p);
	return p;
}

bool
probe_fails_so(struct prober *pr, const struct tl_probe *p,
    const struct tl_probe *smaller, void *ctx)
{
	(void)pr;
	(void)ctx;
	return p->render.fault == smaller->render.fault &&
	    p->render.line == smaller->render.line &&
	    tl_str_eq(p->render.message, smaller->render.message);
}

/* Without the tools, then without the last turns; two stay. */
const struct tl_probe *
probe_shrunk(struct prober *pr, const struct tl_probe *p,
    probe_same_fn *is_same, void *ctx)
{
	const struct tl_probe *smaller;

	if (p->letters[0] == '!') {
		smaller = probe(pr, p->letters + 1);
		if (is_same(pr, p, smaller, ctx))
			p = smaller;
	}
	while (p->conv.nturns > 2) {
		smaller = probe(pr,
		    tl_arena_cstr(pr->arena,
			(tl_str){ p->letters, strlen(p->letters) - 1 }));
		if (!is_same(pr, p, smaller, ctx))
			break;
		p = smaller;
	}
	return p;
}

size_t
probe_turn(const struct tl_probe *p, char letter, size_t nth)
{
	size_t turn = 0;

	for (const char *l = p->letters; *l != '\0'; l++) {
		if (turn_json(*l) == NULL)
			continue;
		if (*l == letter && nth-- == 0)
			return turn;
		turn++;
	}
	return TL_NO_TURN;
}

const struct tl_json *
probe_content(const struct tl_probe *p, size_t turn)
{
	const struct tl_json *v =
	    turn < p->conv.nturns ? p->conv.turns[turn].content_node : NULL;

	return tl_json_is(v, TL_JSON_ARRAY)
	    ? tl_json_resolve(v, TL_STR("/0/text"))
	    : v;
}

/* The least budget with which it renders. */
uint64_t
probe_steps(struct prober *pr, const struct tl_probe *p)
{
	uint64_t lo = 1, hi = MAX_PROBE_STEPS;
	struct tl_render_options opt = {
		.tokens = pr->p->tokens,
		.now = NOW,
		.max_bytes = MAX_PROBE_BYTES,
	};

	while (lo < hi) {
		struct tl_render render;

		opt.max_steps = lo + (hi - lo) / 2;
		tl_arena_reset(pr->scratch);
		tl_template_render(pr->t, pr->scratch, &p->conv, p->conv.nturns,
		    &opt, &render);
		if (render.fault == TL_RENDER_OK)
			hi = opt.max_steps;
		else
			lo = opt.max_steps + 1;
	}
	return lo;
}

/* --- where it went -------------------------------------------------------- */

static bool
is_within(const struct tl_json *v, const struct tl_json *top)
{
	while (v != NULL && v != top)
		v = v->parent;
	return v != NULL;
}

bool
probe_reach(const struct tl_probe *p, const struct tl_json *v, tl_span *out)
{
	const struct tl_text *t = &p->render.text;
	bool is_reached = false;

	for (size_t i = 0; v != NULL && i < t->nruns; i++) {
		const struct tl_run *r = &t->runs[i];

		if (r->node == NULL || !is_within(r->node, v))
			continue;
		if (!is_reached)
			out->beg = r->beg;
		out->end = r->end;
		is_reached = true;
	}
	return is_reached;
}

/* A string that was copied: in one piece, once? */
static enum tl_fate
string_fate(const struct tl_text *t, const struct tl_json *v)
{
	size_t beg = v->text.len, end = 0;
	tl_span out = { 0 };
	bool is_reached = false, is_exact = true;

	for (size_t i = 0; i < t->nruns; i++) {
		const struct tl_run *r = &t->runs[i];

		if (r->node != v)
			continue;
		if (r->kind != TL_RUN_CONTENT ||
		    (is_reached && r->src_beg != end &&
			r->src_beg != beg)) /* neither on nor once more */
			is_exact = false;
		if (!is_reached || r->src_beg < beg)
			beg = r->src_beg;
		if (r->kind == TL_RUN_CONTENT)
			end = r->src_end;
		if (!is_reached)
			out.beg = r->beg;
		out.end = r->end;
		is_reached = true;
	}
	if (!is_reached)
		return TL_FATE_DROPPED;
	/* Taken apart and put together again is the same. */
	if (tl_str_eq(tl_str_slice(t->str, out.beg, out.end), v->text))
		return TL_FATE_KEPT;
	if (!is_exact)
		return TL_FATE_ALTERED;
	if (beg == 0 && end == v->text.len)
		return TL_FATE_KEPT;
	if (tl_is_space(tl_str_slice(v->text, 0, beg)) &&
	    tl_is_space(tl_str_slice(v->text, end, v->text.len)))
		return TL_FATE_STRIPPED;
	return TL_FATE_ALTERED;
}

enum tl_fate
probe_fate(const struct tl_probe *p, const struct tl_json *v)
{
	tl_span sp;

	if (p->render.fault == TL_RENDER_RAISED)
		return TL_FATE_RAISED;
	if (p->render.fault != TL_RENDER_OK)
		return TL_FATE_FAILED;
	if (v == NULL)
		return TL_FATE_UNTRIED;
	if (v->kind == TL_JSON_STRING)
		return string_fate(&p->render.text, v);
	return probe_reach(p, v, &sp) ? TL_FATE_KEPT : TL_FATE_DROPPED;
}

enum tl_fate
probe_part_fate(
    const struct tl_probe *p, const struct tl_json *v, size_t beg, size_t end)
{
	const struct tl_text *t = &p->render.text;
	enum tl_fate whole = probe_fate(p, v);
	size_t at = beg;

	if (whole == TL_FATE_RAISED || whole == TL_FATE_FAILED)
		return whole;
	for (size_t i = 0; i < t->nruns && at < end; i++) {
		const struct tl_run *r = &t->runs[i];

		if (r->node == v && r->kind == TL_RUN_CONTENT &&
		    r->src_beg <= at && r->src_end > at)
			at = r->src_end;
	}
	if (at >= end)
		return TL_FATE_KEPT;
	return tl_text_find_source(t, v, beg, end, 0) != NULL ? TL_FATE_ALTERED
							      : TL_FATE_DROPPED;
}
