/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as the configuration of every trainer that has one; the first byte
 * says which.  What must hold: notes have a message that is safe to print and
 * a place in the text, in order; data sets name a trainer; the same text gives
 * the same again.
 */
#include <turnlint/setup.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_safe(tl_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			return false;
	return tl_utf8_check(s) == s.len;
}

static void
check_notes(const struct tl_setup *s)
{
	size_t nlines = 1;

	for (size_t i = 0; i < s->text.len; i++)
		nlines += s->text.ptr[i] == '\n' || s->text.ptr[i] == '\r' ||
		    (unsigned char)s->text.ptr[i] >= 0x80;
	for (size_t i = 0; i < s->nnotes; i++) {
		const struct tl_setup_note *n = &s->notes[i];

		assert(n->message.len > 0 && is_safe(n->message));
		assert(n->line <= nlines);
		assert((n->line == 0) == (n->column == 0));
		assert(i == 0 || n->line >= s->notes[i - 1].line);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tl_arena *a;
	struct tl_setup s[2];
	struct tl_error err = { .message = "" };
	enum tl_status st = TL_OK;
	size_t n;
	const struct tl_setup_kind *const *kinds = tl_setup_kinds(&n);

	if (size == 0)
		return 0;
	a = tl_arena_new(NULL, NULL);
	for (size_t i = 0; i < 2; i++) {
		s[i] = (struct tl_setup){
			.path = TL_STR((data[0] & 0x80) != 0
				? "/nowhere/dataset_info.json"
				: "/nowhere/config.yml"),
			.text = { (const char *)data + 1, size - 1 },
		};
		st = kinds[data[0] % n]->read(a, &s[i], &err);
		if (st != TL_OK) {
			assert(err.message[0] != '\0');
			continue;
		}
		check_notes(&s[i]);
		for (size_t k = 0; k < s[i].ndatasets; k++)
			assert(s[i].datasets[k].trainer != NULL);
	}
	if (st == TL_OK) {
		assert(s[0].nnotes == s[1].nnotes);
		assert(s[0].ndatasets == s[1].ndatasets);
	}
	tl_arena_free(a);
	return 0;
}
