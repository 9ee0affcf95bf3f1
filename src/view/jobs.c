/* SPDX-License-Identifier: Apache-2.0 */
/* Findings, searches and jumps: what may lead to another record. */
#include "view/model_parts.h"

#include <string.h>

#include "view/search.h"

/* --- findings --- */

/* The byte of string v's text that stands at byte `at` of the document. */
static size_t
decoded_offset(tl_str doc, const struct tl_json *v, size_t at)
{
	size_t lo = 0, hi = v->text.len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (tl_json_raw_span(doc, v, mid, mid + 1).end <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The text in which bytes [at, end) of the record ended up; else, for a place
 * that is not rendered (a role, a flag), where the turn's own text begins. */
size_t
tl_model_finding_token(const struct tl_model *m, const struct tl_finding *f)
{
	const struct tl_record *rec = m->shown.facts.record;
	const struct tl_text *text;
	size_t at, end, best = TL_NPOS;

	if (m->tokens.n == 0 || f->byte_offset < rec->pos.offset)
		return TL_NPOS;
	text = &m->tokens.sample->render.text;
	at = f->byte_offset - rec->pos.offset;
	end = at + (f->byte_length > 0 ? f->byte_length : 1);
	for (size_t i = 0; i < text->nruns; i++) {
		const struct tl_run *run = &text->runs[i];
		const struct tl_json *v = run->node;
		size_t src;

		if (v == NULL || v->span.beg >= end || v->span.end <= at)
			continue;
		if (best == TL_NPOS)
			best = run->beg;
		if (run->kind != TL_RUN_CONTENT || v->span.beg > at)
			continue;
		src = decoded_offset(rec->doc.text, v, at);
		if (src >= run->src_beg && src < run->src_end)
			return tl_token_at_byte(
			    &m->tokens, run->beg + (src - run->src_beg));
	}
	for (size_t i = 0; i < text->nruns && best == TL_NPOS; i++)
		if (f->turn != TL_NO_TURN &&
		    tl_sample_turn_at(m->tokens.sample, m->shown.facts.conv,
			text->runs[i].beg) == f->turn)
			best = text->runs[i].beg;
	return best != TL_NPOS ? tl_token_at_byte(&m->tokens, best) : TL_NPOS;
}

void
tl_model_go_to_finding(struct tl_model *m, size_t i)
{
	m->finding = i;
	tl_model_set_cursor(
	    m, tl_model_finding_token(m, &m->shown.findings[i]));
}

/* --- jobs --- */

void
tl_model_start_job(struct tl_model *m, enum tl_job job, int step, size_t row)
{
	m->job = job;
	m->job_step = step;
	m->job_row = row;
	m->job_start = m->row;
	m->job_wrapped = false;
}

static void
go_to_hit(struct tl_model *m, size_t at)
{
	m->hit = (tl_span){ at, at + strlen(m->pattern) };
	tl_model_set_cursor(m, tl_token_at_byte(&m->tokens, at));
}

/* The hit behind (before) the cursor in the loaded record; false if none. */
bool
tl_model_search_here(struct tl_model *m, int step, size_t from)
{
	tl_str pattern = tl_str_from(m->pattern);
	size_t at;

	if (m->tokens.n == 0)
		return false;
	at = step > 0
	    ? tl_search_next(m->tokens.sample->render.text.str, pattern, from)
	    : tl_search_prev(m->tokens.sample->render.text.str, pattern, from);
	if (at == TL_NPOS)
		return false;
	go_to_hit(m, at);
	return true;
}

static bool
try_search(struct tl_model *m, size_t row)
{
	struct tl_record rec;
	struct tl_facts facts = { 0 };

	tl_arena_reset(m->scratch);
	if (!tl_index_fetch(m, m->scratch, tl_model_record_of(m, row), &rec))
		return false;
	tl_loader_render(m->loader, m->scratch, &rec, &facts);
	if (facts.render == NULL ||
	    tl_search_next(
		facts.render->text.str, tl_str_from(m->pattern), 0) == TL_NPOS)
		return false;
	tl_model_select(m, row);
	return tl_model_load(m) &&
	    tl_model_search_here(m, m->job_step, m->job_step > 0 ? 0 : TL_NPOS);
}

static bool
try_finding(struct tl_model *m, size_t row)
{
	const struct tl_row *r = tl_model_row(m, row);

	if (r == NULL) {
		tl_index_fill_row(m, tl_model_record_of(m, row));
		r = tl_model_row(m, row);
	}
	if (r->counts[TL_LEVEL_ERROR] + r->counts[TL_LEVEL_WARNING] +
		r->counts[TL_LEVEL_INFO] ==
	    0)
		return false;
	tl_model_select(m, row);
	if (!tl_model_load(m) || m->shown.nfindings == 0)
		return false;
	tl_model_go_to_finding(m, m->job_step > 0 ? 0 : m->shown.nfindings - 1);
	return true;
}

static void
end_job(struct tl_model *m, const char *found)
{
	if (found == NULL)
		tl_model_notice(m,
		    m->job == TL_JOB_SEARCH ? "\"%s\" was not found"
					    : "no%s further findings",
		    m->job == TL_JOB_SEARCH ? m->pattern : "");
	else
		tl_model_notice(m, "%s", found);
	m->job = TL_JOB_NONE;
}

/* One step of a walk over the list, round its end and back to the start. */
static void
walk(struct tl_model *m)
{
	bool is_out = m->job_step > 0 ? m->job_row >= tl_model_nrows(m)
				      : m->job_row == TL_NPOS;
	size_t row;

	if (is_out && !tl_model_rows_complete(m)) {
		tl_index_extend_rows(m);
		return;
	}
	if (is_out) {
		if (m->job_wrapped || tl_model_nrows(m) == 0) {
			end_job(m, NULL);
			return;
		}
		m->job_wrapped = true;
		m->job_row = m->job_step > 0 ? 0 : tl_model_nrows(m) - 1;
	}
	row = m->job_row;
	if (m->job_wrapped &&
	    (m->job_step > 0 ? row > m->job_start : row < m->job_start)) {
		end_job(m, NULL);
		return;
	}
	m->job_row = m->job_step > 0 ? row + 1 : row - 1;
	if (m->job == TL_JOB_SEARCH ? try_search(m, row) : try_finding(m, row))
		end_job(m,
		    !m->job_wrapped	  ? ""
			: m->job_step > 0 ? "went on at the first record"
					  : "went on at the last record");
	else
		tl_model_notice(m, "record %zu …  any key stops", row + 1);
}

static void
go_to_row(struct tl_model *m)
{
	size_t n = tl_model_nrows(m);

	if (m->job_row < n || (tl_model_rows_complete(m) && n > 0)) {
		if (m->job_row >= n && m->job_row != TL_NPOS)
			tl_model_notice(m, "there are only %zu records", n);
		else
			tl_model_notice(m, "%s", "");
		tl_model_select(m, m->job_row < n ? m->job_row : n - 1);
		m->job = TL_JOB_NONE;
	} else if (tl_model_rows_complete(m)) {
		m->job = TL_JOB_NONE;
	} else {
		tl_index_extend_rows(m);
		tl_model_notice(
		    m, "%zu records read …  any key stops", m->nindexed);
	}
}

/* A row on the screen about which nothing is known yet, or TL_NPOS. */
static size_t
unknown_row(const struct tl_model *m)
{
	size_t n = tl_model_nrows(m);
	size_t end = m->top_row + tl_model_inside(m, TL_PANE_LIST).h;

	for (size_t row = m->top_row; row < end && row < n; row++)
		if (tl_model_row(m, row) == NULL)
			return row;
	return TL_NPOS;
}

bool
tl_model_work(struct tl_model *m)
{
	size_t unknown;

	if (m->job != TL_JOB_NONE) {
		if (m->job == TL_JOB_GOTO)
			go_to_row(m);
		else
			walk(m);
		return true;
	}
	if (!m->has_record && m->row < tl_model_nrows(m) &&
	    m->read_error.status == TL_OK) {
		tl_model_load(m);
		return true;
	}
	unknown = unknown_row(m);
	if (unknown != TL_NPOS) {
		tl_index_fill_row(m, tl_model_record_of(m, unknown));
		return true;
	}
	if (m->filter[0] != '\0' && !tl_model_rows_complete(m) &&
	    m->nmatches <= m->top_row + tl_model_pane_height(m, TL_PANE_LIST)) {
		tl_index_extend_rows(m);
		return true;
	}
	if (!m->is_complete) {
		tl_index_extend(m);
		return true;
	}
	return false;
}
