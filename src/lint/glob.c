/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/lint.h"

/* The set [...] at g against c: its length, or 0 when it is not closed. */
static size_t
match_set(tl_str g, char c, bool *matches)
{
	size_t i = 1;
	bool negated = i < g.len && (g.ptr[i] == '!' || g.ptr[i] == '^');

	i += negated;
	*matches = negated;
	for (size_t first = i; i < g.len; i++) {
		char lo = g.ptr[i], hi = lo;

		if (lo == ']' && i > first)
			return i + 1;
		if (i + 2 < g.len && g.ptr[i + 1] == '-' &&
		    g.ptr[i + 2] != ']') {
			hi = g.ptr[i + 2];
			i += 2;
		}
		if (c >= lo && c <= hi)
			*matches = !negated;
	}
	return 0;
}

/* One pattern element against one character: bytes of the pattern, 0 when it
 * does not match. */
static size_t
match_one(tl_str g, char c)
{
	bool matches;
	size_t len;

	if (g.len == 0)
		return 0;
	if (g.ptr[0] == '?')
		return c != '/';
	if (g.ptr[0] == '[' && (len = match_set(g, c, &matches)) > 0)
		return matches && c != '/' ? len : 0;
	return g.ptr[0] == c;
}

/* Whole of s.  Backtracks to the last '*' and to the last '**' only, which is
 * enough and keeps the time at most quadratic for each of them. */
static bool
match_whole(tl_str g, tl_str s)
{
	size_t gi = 0, si = 0;
	size_t star_g = TL_NPOS, star_s = 0;   /* behind the last '*' */
	size_t globe_g = TL_NPOS, globe_s = 0; /* behind the last '**' */
	bool by_folder = false; /* … which was a whole "**" + '/' */

	for (;;) {
		tl_str rest = tl_str_slice(g, gi, g.len);
		size_t len;

		if (tl_str_starts(rest, TL_STR("**"))) {
			/* Behind '/', "**" with its '/' stands for any number
			 * of folders, none included. */
			by_folder = tl_str_starts(rest, TL_STR("**/")) &&
			    (si == 0 || s.ptr[si - 1] == '/');
			gi += by_folder ? 3 : 2;
			globe_g = gi;
			globe_s = si;
			star_g = TL_NPOS;
			continue;
		}
		if (rest.len > 0 && rest.ptr[0] == '*') {
			star_g = ++gi;
			star_s = si;
			continue;
		}
		if (si == s.len && rest.len == 0)
			return true;
		len = si < s.len ? match_one(rest, s.ptr[si]) : 0;
		if (len > 0) {
			gi += len;
			si++;
		} else if (star_g != TL_NPOS && star_s < s.len &&
		    s.ptr[star_s] != '/') {
			gi = star_g;
			si = ++star_s;
		} else if (globe_g != TL_NPOS && globe_s < s.len) {
			do
				globe_s++;
			while (by_folder && globe_s < s.len &&
			    s.ptr[globe_s - 1] != '/');
			gi = globe_g;
			si = globe_s;
			star_g = TL_NPOS;
		} else {
			return false;
		}
	}
}

bool
tl_glob_match(tl_str glob, tl_str path)
{
	if (tl_str_starts(glob, TL_STR("./")))
		glob = tl_str_slice(glob, 2, glob.len);
	if (match_whole(glob, path))
		return true;
	if (tl_str_starts(glob, TL_STR("/")))
		return false;
	for (size_t i = 0; i < path.len; i++)
		if (path.ptr[i] == '/' &&
		    match_whole(glob, tl_str_slice(path, i + 1, path.len)))
			return true;
	return false;
}
