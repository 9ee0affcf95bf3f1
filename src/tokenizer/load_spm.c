/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_spm.c - SentencePiece's tokenizer.model, a message in the protobuf
 * format.
 *
 * The reader takes what it knows and skips the rest; a length beyond the end
 * of its message is a damaged file.
 */
#include "spm.h"

#include <assert.h>

#define MAX_PIECE_BYTES 4096u

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

struct message {
	tl_str s;
	size_t at;
	bool is_bad;
};

struct field {
	uint64_t number;
	unsigned wire;
	uint64_t value; /* varint, 32 and 64 bits */
	tl_str bytes;
};

static uint64_t
take_varint(struct message *m)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && m->at < m->s.len; shift += 7) {
		unsigned char c = (unsigned char)m->s.ptr[m->at++];

		v |= (uint64_t)(c & 127) << shift;
		if (c < 128)
			return v;
	}
	m->is_bad = true;
	return 0;
}

static uint64_t
take_fixed(struct message *m, size_t size)
{
	uint64_t v = 0;

	if (size > m->s.len - m->at) {
		m->is_bad = true;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		v |= (uint64_t)(unsigned char)m->s.ptr[m->at++] << (8 * i);
	return v;
}

/* The next field; false at the end and where the message is damaged. */
static bool
next_field(struct message *m, struct field *f)
{
	uint64_t key;

	if (m->is_bad || m->at == m->s.len)
		return false;
	key = take_varint(m);
	*f = (struct field){ .number = key >> 3, .wire = key & 7 };
	switch (f->wire) {
	case WIRE_VARINT:
		f->value = take_varint(m);
		break;
	case WIRE_64:
		f->value = take_fixed(m, 8);
		break;
	case WIRE_32:
		f->value = take_fixed(m, 4);
		break;
	case WIRE_BYTES:
		f->value = take_varint(m);
		if (f->value > m->s.len - m->at)
			m->is_bad = true;
		else
			f->bytes =
			    tl_str_slice(m->s, m->at, m->at + (size_t)f->value);
		m->at += f->bytes.len;
		break;
	default:
		m->is_bad = true;
	}
	m->is_bad |= f->number == 0;
	return !m->is_bad;
}

static bool
is_field(const struct field *f, uint64_t number, unsigned wire)
{
	return f->number == number && f->wire == wire;
}

/* --- the messages ----------------------------------------------------------
 */

struct parts {
	tl_str trainer, normalizer;
	size_t npieces;
};

/* What the file consists of; false when it is damaged. */
static bool
find_parts(tl_str bytes, struct parts *p)
{
	struct message m = { .s = bytes };
	struct field f;

	*p = (struct parts){ 0 };
	while (next_field(&m, &f)) {
		p->npieces += is_field(&f, 1, WIRE_BYTES);
		if (is_field(&f, 2, WIRE_BYTES))
			p->trainer = f.bytes;
		if (is_field(&f, 3, WIRE_BYTES))
			p->normalizer = f.bytes;
	}
	return !m.is_bad;
}

static enum tl_status
read_piece(
    struct tl_spm *s, struct tl_arena *a, tl_str bytes, struct tl_error *err)
{
	struct message m = { .s = bytes };
	struct field f;
	size_t id = s->n++;

	s->types[id] = TL_SPM_NORMAL;
	while (next_field(&m, &f)) {
		if (is_field(&f, 1, WIRE_BYTES)) {
			if (f.bytes.len > MAX_PIECE_BYTES)
				return tl_fail(err, TL_ELIMIT,
				    "piece %zu has more than %u bytes", id,
				    MAX_PIECE_BYTES);
			s->pieces[id] = tl_arena_str(a, f.bytes);
		} else if (is_field(&f, 2, WIRE_32)) {
			uint32_t bits = (uint32_t)f.value;

			memcpy(&s->scores[id], &bits, sizeof(bits));
		} else if (is_field(&f, 3, WIRE_VARINT)) {
			s->types[id] = f.value > 255 ? 255 : (uint8_t)f.value;
		}
	}
	if (m.is_bad)
		return tl_fail(err, TL_EPARSE, "piece %zu is damaged", id);
	return TL_OK;
}

static enum tl_status
read_pieces(
    struct tl_spm *s, struct tl_arena *a, tl_str bytes, struct tl_error *err)
{
	struct message m = { .s = bytes };
	struct field f;

	while (next_field(&m, &f)) {
		enum tl_status st;

		if (!is_field(&f, 1, WIRE_BYTES))
			continue;
		st = read_piece(s, a, f.bytes, err);
		if (st != TL_OK)
			return st;
	}
	return TL_OK;
}

static enum tl_status
read_trainer(
    struct tl_spm *s, tl_str bytes, int64_t ids[4], struct tl_error *err)
{
	struct message m = { .s = bytes };
	struct field f;

	while (next_field(&m, &f)) {
		if (f.wire != WIRE_VARINT)
			continue;
		if (f.number == 3) {
			if (f.value < TL_SPM_UNIGRAM || f.value > TL_SPM_CHAR)
				return tl_fail(err, TL_EUNSUPPORTED,
				    "SentencePiece models of type %u are not "
				    "supported",
				    (unsigned)f.value);
			s->kind = (enum tl_spm_kind)f.value;
		} else if (f.number == 24) {
			s->space_is_suffix = f.value != 0;
		} else if (f.number == 35) {
			s->byte_fallback = f.value != 0;
		} else if (f.number >= 40 && f.number <= 43) {
			/* A negative number is a very large one here. */
			ids[f.number - 40] =
			    f.value < s->n ? (int64_t)f.value : -1;
		}
	}
	if (m.is_bad)
		return tl_fail(
		    err, TL_EPARSE, "the settings of the trainer are damaged");
	return TL_OK;
}

static enum tl_status
read_normalizer(
    struct tl_spm *s, struct tl_arena *a, tl_str bytes, struct tl_error *err)
{
	struct message m = { .s = bytes };
	struct field f;
	tl_str map = { NULL, 0 };

	while (next_field(&m, &f)) {
		if (is_field(&f, 2, WIRE_BYTES))
			map = f.bytes;
		else if (is_field(&f, 3, WIRE_VARINT))
			s->adds_prefix = f.value != 0;
		else if (is_field(&f, 4, WIRE_VARINT))
			s->drops_extra_spaces = f.value != 0;
		else if (is_field(&f, 5, WIRE_VARINT))
			s->escapes_spaces = f.value != 0;
	}
	if (m.is_bad)
		return tl_fail(err, TL_EPARSE,
		    "the settings of the normalizer are damaged");
	return tl_charsmap_read(&s->map, tl_arena_str(a, map), err);
}

/* The pieces that stand for unk, bos, eos and pad: by the settings, where
 * they are control pieces at all. */
static void
name_special(
    struct tl_tokenizer *t, const struct tl_spm *s, const int64_t ids[4])
{
	tl_str *const to[4] = { &t->tokens.unk, &t->tokens.bos, &t->tokens.eos,
		&t->tokens.pad };

	*to[0] = s->pieces[s->unk_id];
	for (size_t i = 1; i < 4; i++)
		if (ids[i] >= 0 && (uint64_t)ids[i] < s->n &&
		    s->types[ids[i]] == TL_SPM_CONTROL)
			*to[i] = s->pieces[ids[i]];
}

/* The settings of the trainer and of the normalizer. */
static enum tl_status
read_settings(struct tl_spm *s, struct tl_arena *a, const struct parts *p,
    int64_t ids[4], struct tl_error *err)
{
	enum tl_status st = read_trainer(s, p->trainer, ids, err);

	return st == TL_OK ? read_normalizer(s, a, p->normalizer, err) : st;
}

static struct tl_spm *
new_model(struct tl_arena *a)
{
	struct tl_spm *s = TL_NEW(a, struct tl_spm, 1);

	*s = (struct tl_spm){ .kind = TL_SPM_UNIGRAM,
		.adds_prefix = true,
		.drops_extra_spaces = true,
		.escapes_spaces = true };
	return s;
}

static void
end_loading(struct tl_tokenizer *t, struct tl_spm *s, enum tl_spm_prefix prefix,
    const int64_t ids[4])
{
	t->is_older = true;
	tl_spm_set_prefix(s, prefix);
	name_special(t, s, ids);
}

enum tl_status
tl_load_spm(tl_str bytes, enum tl_spm_prefix prefix, struct tl_tokenizer *t,
    struct tl_error *err)
{
	struct tl_arena *a = t->arena;
	struct tl_spm *s = new_model(a);
	struct parts parts;
	int64_t ids[4] = { 0, 1, 2, -1 };
	enum tl_status st;

	if (!find_parts(bytes, &parts))
		return tl_fail(err, TL_EPARSE,
		    "the SentencePiece model is cut off or damaged");
	if (parts.npieces > TL_MAX_TOKEN_ID)
		return tl_fail(err, TL_ELIMIT,
		    "the vocabulary has more than %u pieces", TL_MAX_TOKEN_ID);
	s->pieces = TL_NEW(a, tl_str, parts.npieces);
	s->scores = TL_NEW(a, float, parts.npieces);
	s->types = TL_NEW(a, uint8_t, parts.npieces);
	st = read_pieces(s, a, bytes, err);
	if (st == TL_OK)
		st = read_settings(s, a, &parts, ids, err);
	if (st == TL_OK)
		st = tl_spm_finish(t, s, err);
	if (st == TL_OK)
		end_loading(t, s, prefix, ids);
	return st;
}

static void
put_field(struct tl_buf *out, unsigned number, tl_str bytes)
{
	size_t len = bytes.len;

	tl_buf_putc(out, (char)(number << 3 | WIRE_BYTES));
	for (; len >= 128; len >>= 7)
		tl_buf_putc(out, (char)(len | 128));
	tl_buf_putc(out, (char)len);
	tl_buf_put(out, bytes);
}

tl_str
tl_spm_rest(struct tl_arena *a, tl_str bytes)
{
	struct parts parts;
	struct tl_buf out;
	bool is_fine = find_parts(bytes, &parts);

	assert(is_fine);
	tl_buf_init(&out, a, 0);
	put_field(&out, 2, parts.trainer);
	put_field(&out, 3, parts.normalizer);
	return tl_buf_str(&out);
}

enum tl_status
tl_load_spm_image(const struct tl_image *img, enum tl_spm_prefix prefix,
    struct tl_tokenizer *t, struct tl_error *err)
{
	struct tl_spm *s = new_model(t->arena);
	struct parts parts;
	int64_t ids[4] = { 0, 1, 2, -1 };
	enum tl_status st;

	if (!find_parts(img->part[TL_IMAGE_REST], &parts))
		return tl_fail(err, TL_EPARSE, "the image is damaged");
	tl_image_spm(img, t->arena, s);
	st = read_settings(s, t->arena, &parts, ids, err);
	if (st == TL_OK && (s->kind != TL_SPM_BPE || !s->byte_fallback))
		st = tl_fail(err, TL_EPARSE, "the image is damaged");
	if (st == TL_OK)
		st = tl_spm_finish_image(t, s, img, err);
	if (st == TL_OK)
		end_loading(t, s, prefix, ids);
	return st;
}

/* A model begins with its first piece, and that with its text. */
bool
tl_is_spm(tl_str bytes)
{
	struct message m = { .s = bytes };
	struct field f, piece;

	if (!next_field(&m, &f) || !is_field(&f, 1, WIRE_BYTES))
		return false;
	m = (struct message){ .s = f.bytes };
	return next_field(&m, &piece) && is_field(&piece, 1, WIRE_BYTES);
}
