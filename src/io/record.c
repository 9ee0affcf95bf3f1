/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/record.h>

enum tl_status
tl_record_parse(struct tl_arena *a, struct tl_record *rec)
{
	if (rec->is_cut) {
		rec->doc = (struct tl_json_doc){ .text = rec->bytes };
		return TL_ESKIP;
	}
	return tl_json_parse(a, rec->bytes, &rec->doc);
}

tl_str
tl_record_id(const struct tl_record *rec)
{
	static const char *const names[] = { "id", "uuid", "conversation_id",
		"_id", "sample_id" };

	for (size_t i = 0; i < TL_COUNT(names); i++) {
		const struct tl_json *v = tl_json_get(rec->doc.root, names[i]);

		if (tl_json_is(v, TL_JSON_STRING) ||
		    tl_json_is(v, TL_JSON_NUMBER))
			return v->text;
	}
	return (tl_str){ "", 0 };
}

void
tl_record_locate(
    const struct tl_record *rec, size_t at, size_t *line, size_t *column)
{
	tl_str before = tl_str_slice(rec->bytes, 0, at);
	size_t beg = 0, lf;

	*line = rec->pos.line;
	*column = rec->pos.column;
	while ((lf = tl_str_find_char(before, '\n', beg)) != TL_NPOS) {
		++*line;
		*column = 1;
		beg = lf + 1;
	}
	*column += tl_utf8_count(tl_str_slice(before, beg, before.len));
}

const struct tl_file_fault *
tl_file_next_fault(const struct tl_file *f, enum tl_json_fault kind,
    const struct tl_file_fault *last)
{
	const struct tl_file_fault *end = f->faults + f->nfaults;

	for (last = last != NULL ? last + 1 : f->faults; last < end; last++)
		if (last->kind == kind)
			return last;
	return NULL;
}
