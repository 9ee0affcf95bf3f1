/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/text.h>

#include <string.h>

const char *
tl_run_kind_name(enum tl_run_kind kind)
{
	switch (kind) {
	case TL_RUN_TEMPLATE:
		return "template";
	case TL_RUN_CONTENT:
		return "content";
	case TL_RUN_DERIVED:
		return "derived";
	case TL_RUN_ADDED:
		return "added";
	}
	return "unknown";
}

static struct tl_text
one_run(struct tl_arena *a, tl_str s, struct tl_run run)
{
	struct tl_run *r;

	if (s.len == 0)
		return (struct tl_text){ .str = s };
	run.beg = 0;
	run.end = s.len;
	r = tl_arena_grow(a, NULL, 0, sizeof(*r), _Alignof(struct tl_run));
	*r = run;
	return (struct tl_text){ .str = s, .runs = r, .nruns = 1 };
}

struct tl_text
tl_text_from_json(struct tl_arena *a, const struct tl_json *v)
{
	return one_run(a, v->text,
	    (struct tl_run){
		.kind = TL_RUN_CONTENT, .node = v, .src_end = v->text.len });
}

struct tl_text
tl_text_added(struct tl_arena *a, tl_str s)
{
	return one_run(a, s, (struct tl_run){ .kind = TL_RUN_ADDED });
}

/* Two pieces of one string that follow each other there and here. */
static bool
continues(const struct tl_run *last, const struct tl_run *next)
{
	return last->kind == TL_RUN_CONTENT && next->kind == TL_RUN_CONTENT &&
	    last->node == next->node && last->src_end == next->src_beg &&
	    last->line == next->line && last->column == next->column;
}

struct tl_text
tl_text_concat(struct tl_arena *a, const struct tl_text *parts, size_t n)
{
	size_t len = 0, nruns = 0;
	char *bytes;
	struct tl_run *runs;

	for (size_t i = 0; i < n; i++) {
		len += parts[i].str.len;
		nruns += parts[i].nruns;
	}
	if (len == 0)
		return (struct tl_text){ .str = TL_STR("") };
	bytes = tl_arena_bytes(a, len);
	runs = TL_NEW(a, struct tl_run, nruns);
	len = nruns = 0;
	for (size_t i = 0; i < n; i++) {
		const struct tl_text *t = &parts[i];

		for (size_t j = 0; j < t->nruns; j++) {
			struct tl_run run = t->runs[j];

			run.beg += len;
			run.end += len;
			if (nruns > 0 && continues(&runs[nruns - 1], &run)) {
				runs[nruns - 1].end = run.end;
				runs[nruns - 1].src_end = run.src_end;
			} else {
				runs[nruns++] = run;
			}
		}
		if (t->str.len > 0)
			memcpy(bytes + len, t->str.ptr, t->str.len);
		len += t->str.len;
	}
	return (struct tl_text){ { bytes, len }, runs, nruns };
}

/* Index of the first run that ends behind `at`; nruns if none. */
static size_t
run_index(const struct tl_text *t, size_t at)
{
	size_t low = 0, high = t->nruns;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->runs[mid].end <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct tl_text
tl_text_slice(struct tl_arena *a, struct tl_text t, size_t beg, size_t end)
{
	size_t first, last;
	struct tl_run *runs;

	if (end > t.str.len)
		end = t.str.len;
	if (beg >= end)
		return (struct tl_text){ .str = TL_STR("") };
	if (beg == 0 && end == t.str.len)
		return t;
	first = run_index(&t, beg);
	last = run_index(&t, end - 1);
	runs = TL_NEW(a, struct tl_run, last - first + 1);
	for (size_t i = first; i <= last; i++) {
		struct tl_run r = t.runs[i];
		size_t cut_beg = r.beg < beg ? beg - r.beg : 0;
		size_t cut_end = r.end > end ? r.end - end : 0;

		if (r.kind == TL_RUN_CONTENT) {
			r.src_beg += cut_beg;
			r.src_end -= cut_end;
		}
		r.beg = r.beg + cut_beg - beg;
		r.end = r.end - cut_end - beg;
		runs[i - first] = r;
	}
	return (struct tl_text){ tl_str_slice(t.str, beg, end), runs,
		last - first + 1 };
}

const struct tl_run *
tl_text_run_at(const struct tl_text *t, size_t at)
{
	size_t i = run_index(t, at);

	return i < t->nruns ? &t->runs[i] : NULL;
}

static bool
touches(const struct tl_run *r, const struct tl_json *node, size_t src_beg,
    size_t src_end)
{
	if (r->node != node)
		return false;
	if (r->kind == TL_RUN_DERIVED)
		return true;
	if (r->kind != TL_RUN_CONTENT)
		return false;
	if (src_beg == src_end)
		return r->src_beg <= src_beg && src_beg <= r->src_end;
	return r->src_beg < src_end && src_beg < r->src_end;
}

const struct tl_run *
tl_text_find_source(const struct tl_text *t, const struct tl_json *node,
    size_t src_beg, size_t src_end, size_t from)
{
	for (size_t i = from; i < t->nruns; i++)
		if (touches(&t->runs[i], node, src_beg, src_end))
			return &t->runs[i];
	return NULL;
}
