/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

#include <string.h>

#define MAX_FAMILIES 24

/* One family of formats seen in the file. */
struct family {
	const struct tl_format *format; /* of its first record */
	struct tl_record_pos pos;	/* … which stands here */
	size_t len;
	size_t nrecords;
};

struct state {
	struct family families[MAX_FAMILIES];
	size_t n;
};

static void
add(struct state *s, const struct family *seen)
{
	for (size_t i = 0; i < s->n; i++) {
		struct family *f = &s->families[i];
		size_t nrecords = f->nrecords + seen->nrecords;

		if (f->format != seen->format &&
		    strcmp(f->format->family, seen->format->family) != 0)
			continue;
		if (seen->pos.index < f->pos.index)
			*f = *seen;
		f->nrecords = nrecords;
		return;
	}
	if (s->n < MAX_FAMILIES)
		s->families[s->n++] = *seen;
}

static void
merge(void *into, const void *from)
{
	const struct state *s = from;

	for (size_t i = 0; i < s->n; i++)
		add(into, &s->families[i]);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_record *rec = cx->facts->record;

	if (conv->format != NULL)
		add(cx->state,
		    &(struct family){ .format = conv->format,
			.pos = rec->pos,
			.len = rec->bytes.len,
			.nrecords = 1 });
}

/* The family most records belong to, the earlier one of two equals. */
static const struct family *
majority(const struct state *s)
{
	const struct family *most = &s->families[0];

	for (size_t i = 1; i < s->n; i++) {
		const struct family *f = &s->families[i];

		if (f->nrecords > most->nrecords ||
		    (f->nrecords == most->nrecords &&
			f->pos.index < most->pos.index))
			most = f;
	}
	return most;
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *s = cx->state;
	const struct family *most;

	(void)file;
	if (s->n < 2)
		return;
	most = majority(s);
	for (size_t i = 0; i < s->n; i++) {
		const struct family *f = &s->families[i];

		if (f == most)
			continue;
		tl_report(cx, tl_at_file(f->pos, f->len),
		    "%zu record%s of format %s among %zu of format %s; the "
		    "first stands here",
		    f->nrecords, f->nrecords == 1 ? "" : "s", f->format->name,
		    most->nrecords, most->format->name);
	}
}

const struct tl_rule tl_rule_mixed_formats = {
	.code = "SCH002",
	.name = "mixed-formats",
	.since = "0.1",
	.level = TL_LEVEL_ERROR,
	.summary = "records of different formats in one file",
	.why = "A loader reads a file through one format: the records of the "
	       "other one are left out, or stop it.",
	.fix = "Convert the minority, or keep the formats in files of their "
	       "own.",
	.bad =
	    TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		   "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		   "{\"conversations\":[{\"from\":\"human\",\"value\":\"hi\"},"
		   "{\"from\":\"gpt\",\"value\":\"hello\"}]}\n"),
	.good =
	    TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		   "{\"role\":\"assistant\",\"content\":\"hello\"}]}\n"
		   "{\"system\":\"Be kind.\",\"messages\":[{\"role\":\"user\","
		   "\"content\":\"bye\"},{\"role\":\"assistant\",\"content\":"
		   "\"see you\"}]}\n"),
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_conv = check_conv,
	.wants_broken = true,
	.check_file = check_file,
};
