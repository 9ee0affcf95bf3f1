/* SPDX-License-Identifier: Apache-2.0 */
#include "view/keys.h"

static const struct tl_request_info requests[] = {
#define X(id, keys, help) [TL_REQUEST_##id] = { keys, help },
	TL_REQUEST_LIST(X)
#undef X
};

struct tl_request_info
tl_request_info(enum tl_request r)
{
	return requests[r];
}

int
tl_key_parse(tl_str name)
{
	static const struct {
		int key;
		const char *name;
	} names[] = {
#define X(id, name) { TL_KEY_##id, name },
		TL_KEY_LIST(X)
#undef X
	};
	uint32_t cp;

	for (size_t i = 0; i < TL_COUNT(names); i++)
		if (tl_str_eq(name, tl_str_from(names[i].name)))
			return names[i].key;
	if (name.len == 3 && tl_str_starts(name, TL_STR("C-")))
		return name.ptr[2] & 0x1f;
	if (name.len > 0 && tl_utf8_next(name, 0, &cp, NULL) == name.len)
		return (int)cp;
	return TL_KEY_NONE;
}

enum tl_request
tl_request_of_key(int key)
{
	if (key == ' ')
		key = TL_KEY_SPACE;
	for (int r = TL_REQUEST_NONE + 1; r < TL_REQUEST_COUNT; r++) {
		tl_str keys = tl_str_from(requests[r].keys);

		for (size_t at = 0; at < keys.len;) {
			size_t end = tl_str_find_char(keys, ' ', at);

			if (end == TL_NPOS)
				end = keys.len;
			if (tl_key_parse(tl_str_slice(keys, at, end)) == key)
				return (enum tl_request)r;
			at = end + 1;
		}
	}
	return TL_REQUEST_NONE;
}
