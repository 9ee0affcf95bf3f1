/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

/* into tells of records in front of those of from. */
void
tl_hits_merge(void *into, const void *from, size_t size)
{
	struct tl_hits *a = into;
	const struct tl_hits *b = from;
	struct tl_hits sum = {
		.nall = a->nall + b->nall,
		.nrecords = a->nrecords + b->nrecords,
		.nfaults = a->nfaults + b->nfaults,
		.pos = a->nrecords > 0 ? a->pos : b->pos,
	};

	if (a->nrecords == 0)
		memcpy(into, from, size);
	*a = sum;
}
