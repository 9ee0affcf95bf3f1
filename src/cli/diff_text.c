/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The diff for people: near to a unified diff, so that habits and pagers
 * work.  Nothing of the data is printed but through tl_buf_put_escaped().
 */
#include "cli/diff.h"

#include <turnlint/json.h>
#include <turnlint/sample.h>

#define WHOLE_TEXT 160 /* bytes: a text up to this is never cut */
#define CONTEXT 40     /* bytes kept around a changed place */
#define PIECE 400      /* bytes shown of one changed place */
#define MAX_PLACES 10  /* shown of one text */
#define SHOWN_ID 80
#define MAX_SHOWN_CHANGES 50 /* of one record */

#define HEADER "\033[1m"
#define HUNK "\033[36m"
#define REMOVED "\033[31m"
#define ADDED "\033[32m"
#define EMPHASIS "\033[7m"
#define PLAIN "\033[27m"
#define RESET "\033[0m"

enum { OLD, NEW };

static void
colour(struct diff_printer *p, const char *code)
{
	if (p->cli->use_colour)
		tl_buf_puts(&p->cli->out, code);
}

/* --- cutting ---------------------------------------------------------------
 */

/* The start of the code point that holds byte `at`. */
static size_t
align_down(tl_str s, size_t at)
{
	size_t n = 0;

	while (at > 0 && at < s.len && n++ < 3 &&
	    ((unsigned char)s.ptr[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* Escaped, its middle left out when it is long. */
static void
put_piece(struct tl_buf *b, tl_str s)
{
	size_t head, tail;

	if (s.len <= PIECE) {
		tl_buf_put_escaped(b, s);
		return;
	}
	head = align_down(s, PIECE / 2);
	tail = align_down(s, s.len - PIECE / 2);
	tl_buf_put_escaped(b, tl_str_slice(s, 0, head));
	tl_buf_printf(b, " [… %zu bytes …] ", tail - head);
	tl_buf_put_escaped(b, tl_str_slice(s, tail, s.len));
}

/* --- lines ------------------------------------------------------------------
 */

static void
begin_line(struct diff_printer *p, int side)
{
	colour(p, side == OLD ? REMOVED : ADDED);
	tl_buf_putc(&p->cli->out, side == OLD ? '-' : '+');
}

static void
end_line(struct diff_printer *p)
{
	colour(p, RESET);
	tl_buf_putc(&p->cli->out, '\n');
}

static size_t
beg_of(const struct tl_hunk *h, int side)
{
	return side == OLD ? h->old_beg : h->new_beg;
}

static size_t
end_of(const struct tl_hunk *h, int side)
{
	return side == OLD ? h->old_end : h->new_end;
}

/* One line: the changed places h[0 .. n) of s with what stands around them. */
static void
put_places(struct diff_printer *p, int side, tl_str s, const struct tl_hunk *h,
    size_t n, bool is_whole)
{
	struct tl_buf *b = &p->cli->out;
	size_t beg = beg_of(&h[0], side), end = end_of(&h[n - 1], side);
	size_t from = beg > CONTEXT ? align_down(s, beg - CONTEXT) : 0;
	size_t to =
	    s.len - end > CONTEXT ? align_down(s, end + CONTEXT) : s.len;

	if (is_whole) {
		from = 0;
		to = s.len;
	}
	begin_line(p, side);
	if (from > 0)
		tl_buf_puts(b, "…");
	for (size_t i = 0; i < n; i++) {
		tl_buf_put_escaped(
		    b, tl_str_slice(s, from, beg_of(&h[i], side)));
		from = end_of(&h[i], side);
		colour(p, EMPHASIS);
		put_piece(b, tl_str_slice(s, beg_of(&h[i], side), from));
		colour(p, PLAIN);
	}
	tl_buf_put_escaped(b, tl_str_slice(s, from, to));
	if (to < s.len)
		tl_buf_puts(b, "…");
	end_line(p);
}

/* How many of the places from h on stand so near that one line holds them. */
static size_t
near_places(const struct tl_hunk *h, size_t n)
{
	size_t k = 1;

	while (k < n && h[k].old_beg - h[k - 1].old_end < 2 * CONTEXT)
		k++;
	return k;
}

static void
put_text_change(struct diff_printer *p, tl_str old, tl_str new_)
{
	struct tl_arena *a = tl_arena_new_like(p->cli->arena);
	bool is_whole = old.len <= WHOLE_TEXT && new_.len <= WHOLE_TEXT;
	size_t n, nshown = 0;
	const struct tl_hunk *h = tl_diff_words(a, old, new_, &n);

	for (size_t i = 0, k; i < n; i += k) {
		k = is_whole ? n : near_places(h + i, n - i);
		if (nshown++ == MAX_PLACES) {
			tl_buf_printf(&p->cli->out,
			    " … and %zu more changed words\n", n - i);
			break;
		}
		put_places(p, OLD, old, h + i, k, is_whole);
		put_places(p, NEW, new_, h + i, k, is_whole);
	}
	tl_arena_free(a);
}

static void
put_text_line(struct diff_printer *p, int side, const char *label, tl_str text)
{
	begin_line(p, side);
	if (label != NULL) {
		tl_buf_put_escaped(&p->cli->out, tl_str_from(label));
		tl_buf_puts(&p->cli->out, ": ");
	}
	put_piece(&p->cli->out, text);
	end_line(p);
}

/* A value that is no text of a turn: its pointer and its JSON. */
static void
put_value_line(struct diff_printer *p, int side, const struct tl_json *v)
{
	struct tl_arena *a = tl_arena_new_like(p->cli->arena);
	struct tl_buf json;

	tl_buf_init(&json, a, 0);
	tl_json_put(&json, v);
	put_text_line(p, side, tl_arena_cstr(a, tl_json_pointer(a, v)),
	    tl_buf_str(&json));
	tl_arena_free(a);
}

/* --- headers -----------------------------------------------------------------
 */

static void
put_file_name(struct diff_printer *p, int side)
{
	struct tl_buf *b = &p->cli->out;
	const char *name = p->file->names[side];

	colour(p, HEADER);
	tl_buf_puts(b, side == OLD ? "--- " : "+++ ");
	if (name != NULL) {
		tl_buf_puts(b, p->file->prefixes[side]);
		tl_buf_put_escaped(b, tl_str_from(name));
	} else {
		tl_buf_puts(b, "/dev/null");
	}
	colour(p, RESET);
	tl_buf_putc(b, '\n');
}

static void
put_header(struct diff_printer *p)
{
	if (p->has_header)
		return;
	p->has_header = true;
	put_file_name(p, OLD);
	put_file_name(p, NEW);
}

static void
put_delta(struct tl_buf *b, const char *what, size_t old, size_t new_)
{
	tl_buf_printf(b, "%s %zu → %zu", what, old, new_);
	if (new_ > old)
		tl_buf_printf(b, " (+%zu)", new_ - old);
	else if (new_ < old)
		tl_buf_printf(b, " (-%zu)", old - new_);
}

/* Behind the header of a record's first hunk. */
static void
put_tokens(struct diff_printer *p, const struct tl_diff_pair *pair)
{
	const struct tl_diff_record *o = &pair->side[OLD];
	const struct tl_diff_record *n = &pair->side[NEW];
	struct tl_buf *b = &p->cli->out;

	if ((o->rec != NULL && !o->has_tokens) ||
	    (n->rec != NULL && !n->has_tokens)) {
		const struct tl_diff_record *r =
		    n->rec != NULL && !n->has_tokens ? n : o;

		if (r->why == NULL)
			return;
		tl_buf_puts(b, " no tokens: ");
		tl_buf_put_escaped(b, tl_str_from(r->why));
		return;
	}
	tl_buf_putc(b, ' ');
	put_delta(b, "tokens", o->ntokens, n->ntokens);
	tl_buf_puts(b, ", ");
	put_delta(b, "trained", o->ntrained, n->ntrained);
}

/* "record 117 line 118 id=…", counted from 0 as everywhere; both numbers when
 * they differ. */
static void
put_record_name(struct diff_printer *p, const struct tl_diff_pair *pair)
{
	struct tl_buf *b = &p->cli->out;
	const struct tl_match *m = pair->match;
	const struct tl_record *rec = pair->side[NEW].rec != NULL
	    ? pair->side[NEW].rec
	    : pair->side[OLD].rec;
	tl_str id = tl_record_id(rec);

	tl_buf_puts(b, "record ");
	if (m->old != TL_NPOS && m->new_ != TL_NPOS && m->old != m->new_)
		tl_buf_printf(b, "%zu → ", m->old);
	tl_buf_printf(b, "%zu line %zu", rec->pos.index, rec->pos.line);
	if (id.len > 0) {
		tl_buf_puts(b, " id=");
		tl_buf_put_escaped(
		    b, tl_str_slice(id, 0, align_down(id, SHOWN_ID)));
	}
}

/* turn: a position in conv->turns, or TL_NO_TURN. */
static void
put_hunk_header(struct diff_printer *p, const struct tl_diff_pair *pair,
    const struct tl_conv *conv, size_t turn, const char *what, bool is_first)
{
	struct tl_buf *b = &p->cli->out;

	put_header(p);
	colour(p, HUNK);
	tl_buf_puts(b, "@@ ");
	put_record_name(p, pair);
	if (turn != TL_NO_TURN) {
		const struct tl_turn *t = &conv->turns[turn];

		if (t->index != TL_NO_TURN)
			tl_buf_printf(b, " turn %zu", t->index);
		tl_buf_putc(b, ' ');
		tl_buf_put_escaped(b,
		    tl_str_slice(
			t->role_text, 0, align_down(t->role_text, SHOWN_ID)));
	}
	if (what != NULL)
		tl_buf_printf(b, " %s", what);
	if (is_first && pair->match->is_moved)
		tl_buf_puts(b, " moved");
	tl_buf_puts(b, " @@");
	colour(p, RESET);
	if (is_first)
		put_tokens(p, pair);
	tl_buf_putc(b, '\n');
}

/* --- records
 * ------------------------------------------------------------------ */

/* The text of a change that is (part of) what a turn says; false otherwise. */
static bool
turn_text(const struct tl_conv *conv, size_t turn, const struct tl_json *v,
    tl_str *out)
{
	const struct tl_turn *t;

	*out = (tl_str){ "", 0 };
	if (v == NULL)
		return true;
	if (turn == TL_NO_TURN)
		return false;
	t = &conv->turns[turn];
	if (v == t->node) {
		*out = t->text.str;
		return t->nparts == 0 && t->ntool_calls == 0;
	}
	*out = v->text;
	return v->kind == TL_JSON_STRING && tl_turn_has_content(t, v);
}

static void
put_change(struct diff_printer *p, const struct tl_diff_pair *pair,
    const struct tl_value_change *c)
{
	tl_str old, new_;

	if (turn_text(pair->side[OLD].conv, c->old_turn, c->old, &old) &&
	    turn_text(pair->side[NEW].conv, c->new_turn, c->new_, &new_)) {
		if (c->old != NULL && c->new_ != NULL)
			put_text_change(p, old, new_);
		else
			put_text_line(p, c->old != NULL ? OLD : NEW, NULL,
			    c->old != NULL ? old : new_);
		return;
	}
	if (c->old != NULL)
		put_value_line(p, OLD, c->old);
	if (c->new_ != NULL)
		put_value_line(p, NEW, c->new_);
}

static bool
same_place(const struct tl_value_change *a, const struct tl_value_change *b)
{
	return a->old_turn == b->old_turn && a->new_turn == b->new_turn;
}

static void
put_edited(struct diff_printer *p, const struct tl_diff_pair *pair)
{
	const struct tl_value_changes *all = &pair->changes;
	size_t i;

	for (i = 0; i < all->n && i < MAX_SHOWN_CHANGES; i++) {
		const struct tl_value_change *c = &all->list[i];
		int side = c->new_turn != TL_NO_TURN ? NEW : OLD;

		if (i == 0 || !same_place(c, c - 1))
			put_hunk_header(p, pair, pair->side[side].conv,
			    side == NEW ? c->new_turn : c->old_turn, NULL,
			    i == 0);
		put_change(p, pair, c);
	}
	if (i < all->nall)
		tl_buf_printf(&p->cli->out, " … and %zu more changed values\n",
		    all->nall - i);
	if (all->nall == 0) /* equal to us, but not to the hash: never */
		put_hunk_header(p, pair, NULL, TL_NO_TURN, NULL, true);
}

static void
put_as_bytes(struct diff_printer *p, const struct tl_diff_pair *pair)
{
	put_hunk_header(
	    p, pair, NULL, TL_NO_TURN, "compared as bytes: not JSON", true);
	for (int side = OLD; side <= NEW; side++) {
		if (pair->side[side].rec != NULL)
			put_text_line(
			    p, side, NULL, pair->side[side].rec->bytes);
	}
}

/* All of a record that came or went. */
static void
put_record(struct diff_printer *p, const struct tl_diff_pair *pair, int side)
{
	const struct tl_diff_record *r = &pair->side[side];
	const struct tl_conv *conv = r->conv;

	put_hunk_header(
	    p, pair, NULL, TL_NO_TURN, side == NEW ? "added" : "removed", true);
	if (conv == NULL || conv->format == NULL || conv->is_broken ||
	    (conv->nturns == 0 && conv->kind != TL_CONV_TEXT)) {
		put_text_line(p, side, NULL, r->rec->bytes);
		return;
	}
	if (conv->kind == TL_CONV_TEXT)
		put_text_line(p, side, NULL, conv->text.str);
	for (size_t i = 0; i < conv->nturns; i++) {
		const struct tl_turn *t = &conv->turns[i];
		struct tl_arena *a = tl_arena_new_like(p->cli->arena);

		put_text_line(
		    p, side, tl_arena_cstr(a, t->role_text), t->text.str);
		for (const struct tl_json *v =
			 t->tool_calls != NULL ? t->tool_calls->first : NULL;
		     v != NULL; v = v->next)
			put_value_line(p, side, v);
		tl_arena_free(a);
	}
}

/* Records that moved together are one line. */
static void
put_moved_run(struct diff_printer *p)
{
	struct tl_buf *b = &p->cli->out;

	if (p->run_len == 0)
		return;
	put_header(p);
	colour(p, HUNK);
	if (p->run_len == 1)
		tl_buf_printf(
		    b, "@@ record %zu moved to %zu @@", p->run_old, p->run_new);
	else
		tl_buf_printf(b, "@@ records %zu-%zu moved to %zu-%zu @@",
		    p->run_old, p->run_old + p->run_len - 1, p->run_new,
		    p->run_new + p->run_len - 1);
	colour(p, RESET);
	tl_buf_putc(b, '\n');
	p->run_len = 0;
}

static void
put_moved(struct diff_printer *p, const struct tl_match *m)
{
	if (p->run_len > 0 &&
	    (m->old != p->run_old + p->run_len ||
		m->new_ != p->run_new + p->run_len))
		put_moved_run(p);
	if (p->run_len == 0) {
		p->run_old = m->old;
		p->run_new = m->new_;
	}
	p->run_len++;
}

static void
text_pair(struct diff_printer *p, const struct tl_diff_pair *pair)
{
	if (pair->match->kind != TL_MATCH_MOVED)
		put_moved_run(p);
	switch (pair->match->kind) {
	case TL_MATCH_MOVED:
		put_moved(p, pair->match);
		break;
	case TL_MATCH_ADDED:
	case TL_MATCH_REMOVED:
		if (pair->is_bytes)
			put_as_bytes(p, pair);
		else
			put_record(p, pair,
			    pair->match->kind == TL_MATCH_ADDED ? NEW : OLD);
		break;
	case TL_MATCH_METADATA:
	case TL_MATCH_EDITED:
		if (pair->is_bytes)
			put_as_bytes(p, pair);
		else
			put_edited(p, pair);
		break;
	case TL_MATCH_UNCHANGED:
	case TL_MATCH_KINDS:
		break;
	}
}

/* --- sums
 * ----------------------------------------------------------------------- */

static void
put_count(struct tl_buf *b, size_t n, const char *what, const char **sep)
{
	if (n == 0)
		return;
	tl_buf_printf(b, "%s%zu %s", *sep, n, what);
	*sep = ", ";
}

static void
put_change_of(struct tl_buf *b, const char *what, const size_t n[2])
{
	tl_buf_printf(b, ", %s %c%zu", what, n[1] < n[0] ? '-' : '+',
	    n[1] < n[0] ? n[0] - n[1] : n[1] - n[0]);
}

static void
put_sum_line(struct diff_printer *p, const struct diff_sums *s)
{
	struct tl_buf *b = &p->cli->out;
	const char *sep = "";

	put_count(b, s->counts[TL_MATCH_EDITED], "edited", &sep);
	put_count(b, s->counts[TL_MATCH_METADATA], "with other metadata", &sep);
	put_count(b, s->counts[TL_MATCH_ADDED], "added", &sep);
	put_count(b, s->counts[TL_MATCH_REMOVED], "removed", &sep);
	put_count(b, s->nmoved, "moved", &sep);
	put_change_of(b, "tokens", s->ntokens);
	put_change_of(b, "trained", s->ntrained);
	if (s->nunknown > 0)
		tl_buf_printf(b, " (records without tokens: %zu)", s->nunknown);
	tl_buf_putc(b, '\n');
}

static void
text_begin(struct diff_printer *p)
{
	p->has_header = false;
	p->run_len = 0;
}

static void
text_end(struct diff_printer *p)
{
	const struct diff_file *f = p->file;

	put_moved_run(p);
	if (f->note != NULL) {
		put_header(p);
		tl_buf_put_escaped(&p->cli->out, tl_str_from(f->note));
		tl_buf_putc(&p->cli->out, '\n');
	} else if (diff_sums_differ(&f->sums)) {
		put_header(p);
		tl_buf_puts(&p->cli->out, "# ");
		put_sum_line(p, &f->sums);
	} else if (f->says_unchanged) {
		put_header(p);
		tl_buf_puts(&p->cli->out, "# no record changed\n");
	}
}

static void
text_total(struct diff_printer *p, const struct diff_sums *s, size_t nfiles)
{
	if (nfiles < 2)
		return;
	tl_buf_printf(&p->cli->out, "# %zu files: ", nfiles);
	put_sum_line(p, s);
}

const struct diff_style diff_style_text = {
	.wants_tokens = true,
	.begin = text_begin,
	.pair = text_pair,
	.end = text_end,
	.total = text_total,
};
