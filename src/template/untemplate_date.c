/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which templates write the day. */
#include "template/untemplate.h"

static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };

/* As strftime() has them: b, B, d, m, Y. */
static const char *const formats[] = { "d b Y", "B d, Y", "Y-m-d", "d B Y",
	"b d, Y", "d/m/Y", "m/d/Y" };
const unsigned ut_ndates = TL_COUNT(formats);

static size_t
read_number(tl_str s, size_t at, size_t width, int *out)
{
	int n = 0;

	for (size_t i = at; i < at + width; i++) {
		if (i >= s.len || s.ptr[i] < '0' || s.ptr[i] > '9')
			return 0;
		n = 10 * n + (s.ptr[i] - '0');
	}
	*out = n;
	return width;
}

static size_t
read_month(tl_str s, size_t at, bool is_short, int *out)
{
	for (size_t i = 0; i < TL_COUNT(months); i++) {
		tl_str name = tl_str_from(months[i]);

		if (is_short)
			name.len = 3;
		if (!tl_str_starts(tl_str_slice(s, at, s.len), name))
			continue;
		*out = (int)i + 1;
		return name.len;
	}
	return 0;
}

size_t
ut_date_read(unsigned format, tl_str s, size_t at, struct ut_date *out)
{
	size_t from = at;

	*out = (struct ut_date){ 0 };
	for (const char *f = formats[format]; *f != '\0'; f++) {
		size_t len;

		switch (*f) {
		case 'Y':
			len = read_number(s, at, 4, &out->year);
			break;
		case 'm':
			len = read_number(s, at, 2, &out->month);
			break;
		case 'd':
			len = read_number(s, at, 2, &out->day);
			break;
		case 'b':
		case 'B':
			len = read_month(s, at, *f == 'b', &out->month);
			break;
		default:
			len = at < s.len && s.ptr[at] == *f;
		}
		if (len == 0)
			return 0;
		at += len;
	}
	if (out->month < 1 || out->month > 12 || out->day < 1 ||
	    out->day > 31 || out->year < 1900)
		return 0;
	return at - from;
}
