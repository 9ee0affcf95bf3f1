/* SPDX-License-Identifier: Apache-2.0 */
/* Which records there are, and what the list says about them. */
#include "view/model_parts.h"
#include "view/search.h"

#include <assert.h>
#include <string.h>

#define SLICE_RECORDS 256
#define SLICE_BYTES ((size_t)1 << 20)

static void
note_position(struct tl_model *m, const struct tl_record_pos *pos)
{
	if (pos->index != m->nsteps * TL_INDEX_STEP)
		return;
	if (m->nsteps == m->cap_steps) {
		size_t cap = m->cap_steps > 0 ? m->cap_steps * 2 : 64;

		m->steps = tl_arena_grow(m->arena, m->steps,
		    m->nsteps * sizeof(*m->steps), cap * sizeof(*m->steps),
		    _Alignof(struct tl_record_pos));
		m->cap_steps = cap;
	}
	m->steps[m->nsteps++] = *pos;
}

/* The next record of the reader; false at the end or on a fault. */
static bool
read_next(struct tl_model *m, struct tl_arena *a, struct tl_record *rec)
{
	struct tl_error err;
	enum tl_status st = tl_reader_next(m->reader, a, rec, &err);

	if (st != TL_OK) {
		m->is_complete = true;
		if (st != TL_EEND)
			m->read_error = err;
		return false;
	}
	note_position(m, &rec->pos);
	m->reader_at = rec->pos.index + 1;
	if (m->reader_at > m->nindexed)
		m->nindexed = m->reader_at;
	return true;
}

/* Stand before record i or a little earlier. */
static bool
seek_near(struct tl_model *m, size_t i)
{
	size_t step = i / TL_INDEX_STEP;
	struct tl_error err;

	if (m->nsteps == 0)
		return true; /* nothing was read yet */
	if (step >= m->nsteps)
		step = m->nsteps - 1;
	if (m->reader_at <= i && m->reader_at >= step * TL_INDEX_STEP)
		return true;
	if (tl_reader_seek(m->reader, &m->steps[step], &err) != TL_OK) {
		m->read_error = err;
		m->is_complete = true;
		return false;
	}
	m->reader_at = step * TL_INDEX_STEP;
	return true;
}

bool
tl_index_fetch(
    struct tl_model *m, struct tl_arena *a, size_t i, struct tl_record *rec)
{
	bool was_complete = m->is_complete;

	if (!seek_near(m, i))
		return false;
	while (m->reader_at < i) {
		struct tl_record skipped;

		tl_arena_reset(m->scratch);
		if (!read_next(m, m->scratch, &skipped))
			return false;
	}
	if (!read_next(m, a, rec))
		return false;
	/* Reading again what is known says nothing about the end. */
	m->is_complete = was_complete;
	return true;
}

void
tl_index_extend(struct tl_model *m)
{
	size_t bytes = 0;

	if (m->is_complete || !seek_near(m, m->nindexed))
		return;
	for (size_t n = 0; n < SLICE_RECORDS && bytes < SLICE_BYTES;) {
		struct tl_record rec;
		bool is_new = m->reader_at >= m->nindexed;

		tl_arena_reset(m->scratch);
		if (!read_next(m, m->scratch, &rec))
			break;
		bytes += rec.bytes.len;
		n += is_new;
	}
}

/* --- rows --- */

/* How the record begins: its first words that are no system prompt. */
static tl_str
first_words(const struct tl_shown *shown)
{
	const struct tl_conv *conv = shown->facts.conv;

	if (conv == NULL)
		return shown->facts.record->bytes;
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].role != TL_ROLE_SYSTEM &&
		    conv->turns[i].text.str.len > 0)
			return conv->turns[i].text.str;
	if (conv->text.str.len > 0)
		return conv->text.str;
	return shown->facts.record->bytes;
}

/* Whole escaped characters only, as many as fit. */
static void
set_label(struct tl_model *m, struct tl_row *row, tl_str text)
{
	struct tl_buf b;
	tl_str s;
	size_t len = 0;

	tl_buf_init(&b, m->scratch, 0);
	tl_buf_put_escaped(&b, tl_str_slice(text, 0, sizeof(row->label)));
	s = tl_buf_str(&b);
	while (len < s.len) {
		size_t n = tl_utf8_len(s, len);

		if (n == 0 || len + n >= sizeof(row->label))
			break;
		len += n;
	}
	memcpy(row->label, s.ptr, len);
	row->label[len] = '\0';
}

static void
learn_row(struct tl_model *m, const struct tl_shown *shown)
{
	const struct tl_record *rec = shown->facts.record;
	struct tl_row *row = &m->cache[rec->pos.index % TL_ROW_CACHE];
	tl_str id = tl_record_id(rec);

	*row = (struct tl_row){ .record = rec->pos.index, .is_known = true };
	for (size_t i = 0; i < shown->nfindings; i++)
		row->counts[shown->findings[i].level]++;
	set_label(m, row, id.len > 0 ? id : first_words(shown));
}

void
tl_index_fill_row(struct tl_model *m, size_t record)
{
	struct tl_record rec;
	struct tl_shown shown;

	tl_arena_reset(m->scratch);
	if (!tl_index_fetch(m, m->scratch, record, &rec)) {
		m->cache[record % TL_ROW_CACHE] =
		    (struct tl_row){ .record = record, .is_known = true };
		return;
	}
	tl_loader_findings(m->loader, m->scratch, &rec, &shown);
	learn_row(m, &shown);
}

static void
add_match(struct tl_model *m, size_t record)
{
	if (m->nmatches == m->cap_matches) {
		size_t cap = m->cap_matches > 0 ? m->cap_matches * 2 : 64;

		m->matches = tl_arena_grow(m->arena, m->matches,
		    m->nmatches * sizeof(*m->matches),
		    cap * sizeof(*m->matches), _Alignof(size_t));
		m->cap_matches = cap;
	}
	m->matches[m->nmatches++] = record;
}

static void
filter_one(struct tl_model *m)
{
	size_t i = m->filter_next++;
	struct tl_record rec;
	struct tl_shown shown;

	tl_arena_reset(m->scratch);
	if (!tl_index_fetch(m, m->scratch, i, &rec))
		return;
	tl_loader_findings(m->loader, m->scratch, &rec, &shown);
	learn_row(m, &shown);
	if (tl_filter_passes(tl_str_from(m->filter),
		shown.facts.record->doc.root, shown.findings, shown.nfindings))
		add_match(m, i);
}

void
tl_index_extend_rows(struct tl_model *m)
{
	if (m->filter[0] != '\0' && m->filter_next < m->nindexed)
		filter_one(m);
	else
		tl_index_extend(m);
}

void
tl_index_set_filter(struct tl_model *m, tl_str filter)
{
	size_t record =
	    tl_model_nrows(m) > 0 ? tl_model_record_of(m, m->row) : 0;

	assert(filter.len < sizeof(m->filter));
	if (filter.len > 0)
		memcpy(m->filter, filter.ptr, filter.len);
	m->filter[filter.len] = '\0';
	m->nmatches = 0;
	m->filter_next = 0;
	m->top_row = 0;
	m->row = filter.len > 0 ? 0 : record;
	m->has_record = false;
}

size_t
tl_model_nrows(const struct tl_model *m)
{
	return m->filter[0] != '\0' ? m->nmatches : m->nindexed;
}

bool
tl_model_rows_complete(const struct tl_model *m)
{
	return m->is_complete &&
	    (m->filter[0] == '\0' || m->filter_next >= m->nindexed);
}

size_t
tl_model_record_of(const struct tl_model *m, size_t row)
{
	assert(row < tl_model_nrows(m));
	return m->filter[0] != '\0' ? m->matches[row] : row;
}

const struct tl_row *
tl_model_row(const struct tl_model *m, size_t row)
{
	size_t record = tl_model_record_of(m, row);
	const struct tl_row *r = &m->cache[record % TL_ROW_CACHE];

	return r->is_known && r->record == record ? r : NULL;
}
