/* SPDX-License-Identifier: Apache-2.0 */
/* The writers: one file report_<name>.c each, listed by the build. */
#include <turnlint/report.h>

#define REPORT(id) extern const struct tl_writer tl_writer_##id;
#include "reports.inc"
#undef REPORT

static const struct tl_writer *const writers[] = {
#define REPORT(id) &tl_writer_##id,
#include "reports.inc"
#undef REPORT
};

const struct tl_writer *const *
tl_writers(size_t *n)
{
	*n = TL_COUNT(writers);
	return writers;
}

const struct tl_writer *
tl_writer_find(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(writers); i++)
		if (tl_str_eq(name, tl_str_from(writers[i]->name)))
			return writers[i];
	return NULL;
}
