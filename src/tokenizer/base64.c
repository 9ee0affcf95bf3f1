/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

int
tl_base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
tl_base64_put(struct tl_buf *out, tl_str s)
{
	size_t pad = 0;

	if (s.len == 0 || s.len % 4 != 0)
		return false;
	while (pad < 2 && s.ptr[s.len - 1 - pad] == '=')
		pad++;
	for (size_t at = 0; at < s.len; at += 4) {
		size_t n = at + 4 == s.len ? 4 - pad : 4;
		uint32_t word = 0;

		for (size_t i = 0; i < 4; i++) {
			int d = i < n ? tl_base64_digit(s.ptr[at + i]) : 0;

			if (d < 0)
				return false;
			word = word << 6 | (uint32_t)d;
		}
		for (size_t i = 0; i + 1 < n; i++)
			tl_buf_putc(out, (char)(word >> (16 - 8 * i)));
	}
	return true;
}
