/* SPDX-License-Identifier: Apache-2.0 */
#include "diff/side.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* A reply shorter than this is said in too many records to tell one. */
#define MIN_TELLING_REPLY 64

/* False for pipes and "-". */
static bool
is_regular(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && S_ISREG(sb.st_mode);
}

/* Input that cannot seek is kept in a file, not in memory. */
static enum tl_status
make_spool(struct tl_side *s, struct tl_error *err)
{
	s->spool = tmpfile();
	if (s->spool == NULL)
		return tl_fail(err, TL_EIO, "cannot make a temporary file: %s",
		    strerror(errno));
	return TL_OK;
}

static void
close_spool(void *arg)
{
	struct tl_side *s = arg;

	if (s->spool != NULL)
		fclose(s->spool);
}

enum tl_status
tl_side_open(struct tl_side *s, struct tl_arena *a,
    const struct tl_diff_source *from, struct tl_error *err)
{
	const char *path = from->disk_path;
	enum tl_status st;

	*s = (struct tl_side){ .arena = a };
	if (from->is_absent)
		return TL_OK;
	if (path != NULL)
		st = tl_reader_open(a, tl_str_from(path), &s->reader, err);
	else
		st = tl_reader_open_mem(
		    a, tl_str_from(from->name), from->bytes, &s->reader, err);
	if (st != TL_OK)
		return st;
	s->info.file = tl_reader_file(s->reader);
	tl_arena_defer(a, close_spool, s);
	if (s->info.file->compression != NULL ||
	    (path != NULL && !is_regular(path)))
		return make_spool(s, err);
	return TL_OK;
}

static void
grow(struct tl_side *s)
{
	size_t cap = s->cap > 0 ? s->cap * 2 : 1024;

	s->keys = tl_arena_grow(s->arena, s->keys, s->cap * sizeof(*s->keys),
	    cap * sizeof(*s->keys), _Alignof(struct tl_match_key));
	s->places =
	    tl_arena_grow(s->arena, s->places, s->cap * sizeof(*s->places),
		cap * sizeof(*s->places), _Alignof(struct tl_record_pos));
	if (s->spool != NULL)
		s->spool_at = tl_arena_grow(s->arena, s->spool_at,
		    s->cap * sizeof(*s->spool_at), cap * sizeof(*s->spool_at),
		    _Alignof(size_t));
	s->cap = cap;
}

/* --- hashes of a record ----------------------------------------------------
 */

struct hasher {
	const struct tl_hash_key *key;
	struct tl_buf buf; /* of the record's arena */
};

/* Hash what is in the buffer; never 0. */
static uint64_t
take_hash(struct hasher *h)
{
	uint64_t x = tl_hash_keyed(h->key, tl_buf_str(&h->buf));

	tl_buf_clear(&h->buf);
	return x != 0 ? x : 1;
}

/* Parts are led by their length: two lists of parts give one text only when
 * they are equal. */
static void
put_part(struct tl_buf *b, tl_str s)
{
	tl_buf_printf(b, "%zu:", s.len);
	tl_buf_put(b, s);
}

static void
put_value(struct tl_buf *b, const char *name, const struct tl_json *v)
{
	if (v == NULL)
		return;
	tl_buf_puts(b, name);
	tl_json_put_canonical(b, v);
}

/* A turn with all that it carries: its message, or, where the format spreads
 * it over the record, its role, text and flags. */
static void
put_turn(struct tl_buf *b, const struct tl_turn *t)
{
	if (t->node != NULL && t->node->kind == TL_JSON_OBJECT &&
	    t->node->parent != NULL) {
		put_value(b, "message", t->node);
		return;
	}
	put_part(b, t->role_text);
	put_part(b, t->text.str);
	put_value(b, "train", t->train_node);
	put_value(b, "weight", t->weight_node);
	put_value(b, "detail", t->detail_node);
}

static void
put_surroundings(struct tl_buf *b, const struct tl_conv *conv)
{
	put_value(b, "tools", conv->tools);
	put_value(b, "documents", conv->documents);
	put_value(b, "context", conv->context);
}

static uint64_t
hash_content(struct hasher *h, const struct tl_conv *conv)
{
	tl_buf_puts(&h->buf, conv->format->name);
	put_surroundings(&h->buf, conv);
	for (size_t i = 0; i < conv->nturns; i++)
		put_turn(&h->buf, &conv->turns[i]);
	if (conv->kind == TL_CONV_TEXT)
		put_part(&h->buf, conv->text.str);
	for (size_t i = 0; i < conv->nsegments; i++)
		put_value(&h->buf, "segment", conv->segments[i].node);
	return take_hash(h);
}

static void
hash_prompt_and_reply(
    struct hasher *h, const struct tl_conv *conv, struct tl_match_key *k)
{
	const struct tl_turn *last;

	if (conv->nturns < 2)
		return;
	last = &conv->turns[conv->nturns - 1];
	if (last->role != TL_ROLE_ASSISTANT)
		return;
	put_surroundings(&h->buf, conv);
	for (size_t i = 0; i + 1 < conv->nturns; i++)
		put_turn(&h->buf, &conv->turns[i]);
	k->prompt = take_hash(h);
	if (last->text.str.len < MIN_TELLING_REPLY)
		return;
	put_part(&h->buf, last->text.str);
	k->reply = take_hash(h);
}

static void
hash_id(struct hasher *h, const struct tl_record *rec, const char *pointer,
    struct tl_match_key *k)
{
	const struct tl_json *v;

	if (pointer == NULL) {
		tl_str id = tl_record_id(rec);

		if (id.len == 0)
			return;
		tl_buf_put(&h->buf, id);
		k->id = take_hash(h);
		return;
	}
	v = tl_json_resolve(rec->doc.root, tl_str_from(pointer));
	if (v == NULL || v->kind == TL_JSON_ARRAY ||
	    v->kind == TL_JSON_OBJECT || v->kind == TL_JSON_NULL)
		return;
	tl_json_put_canonical(&h->buf, v);
	k->id = take_hash(h);
}

static struct tl_match_key
hash_record(const struct tl_hash_key *key, struct tl_arena *a,
    const struct tl_facts *facts, const char *id_pointer)
{
	const struct tl_record *rec = facts->record;
	const struct tl_conv *conv = facts->conv;
	struct tl_match_key k = { 0 };
	struct hasher h = { .key = key };

	tl_buf_init(&h.buf, a, 0);
	if (rec->doc.root == NULL) {
		tl_buf_puts(&h.buf, "broken");
		tl_buf_put(&h.buf, rec->bytes);
		k.exact = take_hash(&h);
		return k;
	}
	tl_json_put_canonical(&h.buf, rec->doc.root);
	k.exact = take_hash(&h);
	hash_id(&h, rec, id_pointer, &k);
	if (conv != NULL && conv->format != NULL && !conv->is_broken) {
		k.content = hash_content(&h, conv);
		hash_prompt_and_reply(&h, conv, &k);
	}
	return k;
}

/* --- reading ---------------------------------------------------------------
 */

static enum tl_status
spool_record(
    struct tl_side *s, const struct tl_record *rec, struct tl_error *err)
{
	size_t len = rec->bytes.len;

	s->spool_at[s->info.nrecords] = s->spool_len;
	s->spool_len += len;
	if (fwrite(rec->bytes.ptr, 1, len, s->spool) != len)
		return tl_fail(err, TL_EIO, "cannot write a temporary file: %s",
		    strerror(errno));
	return TL_OK;
}

enum tl_status
tl_side_index(struct tl_side *s, struct tl_recipe_thread *t,
    const struct tl_hash_key *key, const struct tl_diff_options *opt,
    struct tl_error *err)
{
	struct tl_arena *a = tl_arena_new_like(s->arena);
	enum tl_status st = s->reader != NULL ? TL_OK : TL_EEND;

	while (st == TL_OK) {
		struct tl_record rec = { 0 };
		struct tl_facts facts = { 0 };

		tl_arena_reset(a);
		st = opt->is_stopped()
		    ? TL_EINTR
		    : tl_reader_next(s->reader, a, &rec, err);
		if (st != TL_OK)
			break;
		if (s->info.nrecords == s->cap)
			grow(s);
		tl_recipe_run(t, a, &rec, TL_STAGE_CONV, &facts);
		s->places[s->info.nrecords] = rec.pos;
		s->keys[s->info.nrecords] =
		    hash_record(key, a, &facts, opt->id_pointer);
		s->info.nbroken += rec.doc.root == NULL;
		if (s->spool != NULL)
			st = spool_record(s, &rec, err);
		s->info.nrecords++;
	}
	s->next = s->info.nrecords;
	tl_arena_free(a);
	return st == TL_EEND ? TL_OK : st;
}

static enum tl_status
read_spooled(struct tl_side *s, struct tl_arena *a, size_t i,
    struct tl_record *rec, struct tl_error *err)
{
	size_t end =
	    i + 1 < s->info.nrecords ? s->spool_at[i + 1] : s->spool_len;
	size_t len = end - s->spool_at[i];
	char *bytes = tl_arena_bytes(a, len);

	if (fseeko(s->spool, (off_t)s->spool_at[i], SEEK_SET) != 0 ||
	    fread(bytes, 1, len, s->spool) != len)
		return tl_fail(err, TL_EIO, "cannot read a temporary file: %s",
		    strerror(errno));
	*rec = (struct tl_record){ .file = s->info.file,
		.pos = s->places[i],
		.bytes = { bytes, len },
		.is_last = i + 1 == s->info.nrecords };
	return TL_OK;
}

enum tl_status
tl_side_read(struct tl_side *s, struct tl_arena *a, size_t i,
    struct tl_record *rec, struct tl_error *err)
{
	enum tl_status st;

	if (s->spool != NULL)
		return read_spooled(s, a, i, rec, err);
	if (i != s->next) {
		st = tl_reader_seek(s->reader, &s->places[i], err);
		if (st != TL_OK)
			return st;
	}
	st = tl_reader_next(s->reader, a, rec, err);
	s->next = i + 1;
	if (st == TL_EEND)
		return tl_fail(
		    err, TL_EIO, "the file changed while it was compared");
	return st;
}
