/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

#define MIN_WORDS 4u
#define MAX_SHOWN 120u

struct state {
	size_t nwith, nrecords;
	struct tl_record_pos pos; /* first one with */
	size_t len;
	size_t line, column; /* in the template */
	char text[MAX_SHOWN];
	size_t ntext;
};

static void
merge(void *into, const void *from)
{
	struct state *s = into;
	const struct state *other = from;
	size_t nwith = s->nwith + other->nwith;
	size_t nrecords = s->nrecords + other->nrecords;

	if (other->nwith > 0 &&
	    (s->nwith == 0 || other->pos.index < s->pos.index))
		*s = *other;
	s->nwith = nwith;
	s->nrecords = nrecords;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (unsigned char)c >= 0x80;
}

/* The first sentence of s, markers and headers passed over; empty: none. */
static tl_str
find_sentence(tl_str s)
{
	size_t beg = 0, nwords = 0;
	bool is_marker = false;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c == '<' || c == '[') {
			is_marker = true;
			if (nwords >= MIN_WORDS)
				return tl_str_slice(s, beg, i);
		}
		if (is_marker) {
			if (c == '>' || c == ']') {
				is_marker = false;
				beg = i + 1;
				nwords = 0;
			}
			continue;
		}
		if (c == '\n' && nwords < MIN_WORDS) {
			beg = i + 1;
			nwords = 0;
		}
		if (is_letter(c) && (i == beg || !is_letter(s.ptr[i - 1])))
			nwords++;
	}
	return nwords >= MIN_WORDS ? tl_str_slice(s, beg, s.len)
				   : (tl_str){ 0 };
}

/* Text of the template, over runs that follow on each other. */
static tl_str
find_added(const struct tl_text *t, const struct tl_run **run)
{
	for (size_t i = 0; i < t->nruns; i++) {
		size_t last = i;
		tl_str found;

		if (t->runs[i].kind != TL_RUN_TEMPLATE)
			continue;
		while (last + 1 < t->nruns &&
		    t->runs[last + 1].kind == TL_RUN_TEMPLATE)
			last++;
		found = find_sentence(
		    tl_str_slice(t->str, t->runs[i].beg, t->runs[last].end));
		if (found.len > 0) {
			*run =
			    tl_text_run_at(t, (size_t)(found.ptr - t->str.ptr));
			return found;
		}
		i = last;
	}
	return (tl_str){ 0 };
}

static void
check_render(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    const struct tl_render *render)
{
	const struct tl_record *rec = cx->facts->record;
	const struct tl_run *run = NULL;
	struct state here = { .nrecords = 1 };
	tl_str added;

	if (render->fault != TL_RENDER_OK || conv->kind != TL_CONV_CHAT)
		return;
	added = tl_str_trim(find_added(&render->text, &run));
	if (added.len > 0) {
		here.nwith = 1;
		here.pos = rec->pos;
		here.len = rec->bytes.len;
		here.line = run->line;
		here.column = run->column;
		while (here.ntext < added.len && here.ntext < MAX_SHOWN) {
			here.text[here.ntext] = added.ptr[here.ntext];
			here.ntext++;
		}
		/* Whole characters. */
		while (here.ntext > 0 && here.ntext < added.len &&
		    ((unsigned char)added.ptr[here.ntext] & 0xc0) == 0x80)
			here.ntext--;
	}
	merge(cx->state, &here);
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *s = cx->state;
	struct tl_report *r;

	(void)file;
	if (s->nwith == 0)
		return;
	r = tl_report(cx, tl_at_file(s->pos, s->len),
	    "the template adds text that is not in the data, in %zu of %zu "
	    "conversations: %s",
	    s->nwith, s->nrecords,
	    tl_quote(cx, (tl_str){ s->text, s->ntext }, MAX_SHOWN));
	if (s->line > 0)
		tl_report_note(r,
		    "it stands in line %zu, column %zu of the "
		    "template; the first conversation stands "
		    "here",
		    s->line, s->column);
}

const struct tl_rule tl_rule_system_injected = {
	.code = "SYS005",
	.name = "system-injected",
	.since = "0.1",
	.level = TL_LEVEL_INFO,
	.summary = "the template adds sentences that are not in the data",
	.why = "The model is trained with a prompt, a date or instructions "
	       "that nobody sees in the data, and that another engine or "
	       "another day does not print.",
	.fix = "Confirm that it is meant; else give each record a system turn, "
	       "or train with a template that adds nothing.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"system\",\"content\":"
		       "\"Be brief.\"},{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"),
	.recipe = { .template_ = "qwen-2.5" },
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_render = check_render,
	.check_file = check_file,
};
