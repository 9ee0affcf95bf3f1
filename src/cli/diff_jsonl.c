/* SPDX-License-Identifier: Apache-2.0 */
/* diff --output-format jsonl: one pair of records a line, a summary last. */
#include "cli/diff.h"

#include <turnlint/json.h>

enum { OLD, NEW };

static void
put_name(struct tl_buf *b, const char *key, const char *name)
{
	tl_buf_printf(b, "\"%s\": ", key);
	if (name != NULL)
		tl_json_put_string(b, tl_str_from(name));
	else
		tl_buf_puts(b, "null");
}

static void
put_paths(struct diff_printer *p)
{
	struct tl_buf *b = &p->cli->out;

	put_name(b, "old_path", p->file->names[OLD]);
	tl_buf_puts(b, ", ");
	put_name(b, "path", p->file->names[NEW]);
}

static void
put_version(struct tl_buf *b, const char *key, const struct tl_diff_record *r)
{
	tl_str id;

	tl_buf_printf(b, ", \"%s\": ", key);
	if (r->rec == NULL) {
		tl_buf_puts(b, "null");
		return;
	}
	id = tl_record_id(r->rec);
	tl_buf_printf(b,
	    "{\"record\": %zu, \"line\": %zu, \"id\": ", r->rec->pos.index,
	    r->rec->pos.line);
	if (id.len > 0)
		tl_json_put_string(b, id);
	else
		tl_buf_puts(b, "null");
	tl_buf_putc(b, '}');
}

/* A version that is not there has 0; one that has no tokens has null. */
static void
put_number(struct tl_buf *b, const struct tl_diff_record *r, size_t n)
{
	if (r->rec != NULL && !r->has_tokens)
		tl_buf_puts(b, "null");
	else
		tl_buf_printf(b, "%zu", n);
}

static void
put_tokens(struct tl_buf *b, const struct tl_diff_pair *pair)
{
	const struct tl_diff_record *o = &pair->side[OLD];
	const struct tl_diff_record *n = &pair->side[NEW];

	tl_buf_puts(b, ", \"tokens\": [");
	put_number(b, o, o->ntokens);
	tl_buf_puts(b, ", ");
	put_number(b, n, n->ntokens);
	tl_buf_puts(b, "], \"trained\": [");
	put_number(b, o, o->ntrained);
	tl_buf_puts(b, ", ");
	put_number(b, n, n->ntrained);
	tl_buf_putc(b, ']');
}

static void
put_pointer(struct tl_buf *b, const char *key, const struct tl_json *v,
    struct tl_arena *a)
{
	tl_buf_printf(b, "\"%s\": ", key);
	if (v != NULL)
		tl_json_put_string(b, tl_json_pointer(a, v));
	else
		tl_buf_puts(b, "null");
}

static void
put_value(struct tl_buf *b, const char *key, const struct tl_json *v)
{
	if (v == NULL)
		return;
	tl_buf_printf(b, ", \"%s\": ", key);
	tl_json_put(b, v);
}

/* "pointer" is that of the new version unless the value was removed; a missing
 * "old" or "new" means there was, is no such value. */
static void
put_change(struct tl_buf *b, const struct tl_diff_pair *pair,
    const struct tl_value_change *c, struct tl_arena *a)
{
	int side = c->new_ != NULL ? NEW : OLD;
	const struct tl_conv *conv = pair->side[side].conv;
	size_t at = side == NEW ? c->new_turn : c->old_turn;

	tl_buf_putc(b, '{');
	put_pointer(b, "pointer", side == NEW ? c->new_ : c->old, a);
	tl_buf_puts(b, ", ");
	put_pointer(b, "old_pointer", c->old, a);
	if (at != TL_NO_TURN) {
		const struct tl_turn *t = &conv->turns[at];

		if (t->index != TL_NO_TURN)
			tl_buf_printf(b, ", \"turn\": %zu", t->index);
		else
			tl_buf_puts(b, ", \"turn\": null");
		tl_buf_puts(b, ", \"role\": ");
		tl_json_put_string(b, t->role_text);
	} else {
		tl_buf_puts(b, ", \"turn\": null, \"role\": null");
	}
	put_value(b, "old", c->old);
	put_value(b, "new", c->new_);
	tl_buf_putc(b, '}');
}

static void
put_changes(struct tl_buf *b, const struct tl_diff_pair *pair)
{
	struct tl_arena *a = tl_arena_new_like(b->arena);

	tl_buf_puts(b, ", \"changes\": [");
	for (size_t i = 0; i < pair->changes.n; i++) {
		if (i > 0)
			tl_buf_puts(b, ", ");
		put_change(b, pair, &pair->changes.list[i], a);
		tl_arena_reset(a);
	}
	tl_buf_putc(b, ']');
	if (pair->changes.nall > pair->changes.n)
		tl_buf_printf(b, ", \"changes_left_out\": %zu",
		    pair->changes.nall - pair->changes.n);
	tl_arena_free(a);
}

static void
jsonl_pair(struct diff_printer *p, const struct tl_diff_pair *pair)
{
	const struct tl_match *m = pair->match;
	struct tl_buf *b = &p->cli->out;

	tl_buf_puts(b, "{\"kind\": ");
	tl_json_put_string(b, tl_str_from(tl_match_kind_name(m->kind)));
	tl_buf_puts(b, ", ");
	put_paths(p);
	put_version(b, "old", &pair->side[OLD]);
	put_version(b, "new", &pair->side[NEW]);
	tl_buf_printf(b, ", \"moved\": %s", m->is_moved ? "true" : "false");
	if (m->by != TL_BY_NOTHING)
		tl_buf_printf(
		    b, ", \"matched_by\": \"%s\"", tl_match_by_name(m->by));
	if (m->by == TL_BY_SIMILARITY)
		tl_buf_printf(b, ", \"similarity\": %.3f", m->similarity);
	if (pair->is_bytes)
		tl_buf_puts(b, ", \"compared_as_bytes\": true");
	put_tokens(b, pair);
	put_changes(b, pair);
	tl_buf_puts(b, "}\n");
}

static void
jsonl_end(struct diff_printer *p)
{
	struct tl_buf *b = &p->cli->out;

	if (p->file->note == NULL)
		return;
	tl_buf_puts(b, "{\"kind\": \"file\", ");
	put_paths(p);
	tl_buf_puts(b, ", ");
	put_name(b, "note", p->file->note);
	tl_buf_puts(b, "}\n");
}

static void
put_two(struct tl_buf *b, const char *key, const size_t n[2])
{
	tl_buf_printf(b, ", \"%s\": [%zu, %zu]", key, n[OLD], n[NEW]);
}

static void
jsonl_total(struct diff_printer *p, const struct diff_sums *s, size_t nfiles)
{
	struct tl_buf *b = &p->cli->out;

	tl_buf_printf(b, "{\"summary\": {\"files\": %zu", nfiles);
	for (enum tl_match_kind k = 0; k < TL_MATCH_KINDS; k++)
		tl_buf_printf(b, ", \"%s\": %zu", tl_match_kind_name(k),
		    k == TL_MATCH_MOVED ? s->nmoved : s->counts[k]);
	put_two(b, "records", s->nrecords);
	put_two(b, "broken", s->nbroken);
	put_two(b, "tokens", s->ntokens);
	put_two(b, "trained", s->ntrained);
	put_two(b, "nothing_trained", s->nuntrained);
	tl_buf_printf(b, ", \"without_tokens\": %zu}}\n", s->nunknown);
}

const struct diff_style diff_style_jsonl = {
	.wants_all = true,
	.wants_tokens = true,
	.pair = jsonl_pair,
	.end = jsonl_end,
	.total = jsonl_total,
};
