/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A lone surrogate escape reads as U+FFFD too, but that is JSN004. */
static bool
is_lone_surrogate(
    const struct tl_rule_cx *cx, const struct tl_turn *t, size_t at)
{
	const struct tl_run *r = tl_text_run_at(&t->text, at);
	tl_str doc = cx->facts->record->doc.text;
	tl_span raw;

	if (r == NULL || r->kind != TL_RUN_CONTENT)
		return false;
	raw = tl_json_raw_span(doc, r->node, r->src_beg + (at - r->beg),
	    r->src_beg + (at - r->beg) + 3);
	return raw.end - raw.beg >= 6 && doc.ptr[raw.beg] == '\\' &&
	    (doc.ptr[raw.beg + 2] == 'd' || doc.ptr[raw.beg + 2] == 'D');
}

static void
check_turn(const struct tl_rule_cx *cx, const struct tl_turn *t)
{
	const tl_str lost = TL_STR("\xef\xbf\xbd");
	size_t first = 0, n = 0, at = 0;

	while ((at = tl_str_find(t->text.str, lost, at)) != TL_NPOS) {
		if (!is_lone_surrogate(cx, t, at) && n++ == 0)
			first = at;
		at += lost.len;
	}
	if (n > 0)
		tl_report(cx, tl_at_said(t, first, first + lost.len),
		    "%zu replacement character%s (U+FFFD) in this %s turn", n,
		    n == 1 ? "" : "s", tl_role_name(tl_turn_meant(t)));
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	for (size_t i = 0; i < conv->nturns; i++)
		if (conv->turns[i].text_has & TL_HAS_HIGH)
			check_turn(cx, &conv->turns[i]);
}

const struct tl_rule tl_rule_replacement_character = {
	.code = "CNT010",
	.name = "replacement-character",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "a text holds U+FFFD, the mark of a character that was lost",
	.why = "Some conversion could not read what stood there; the model "
	       "learns to write the mark instead.",
	.fix = "Restore the text from its source, read in its own encoding.",
	.bad = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		      "{\"role\":\"assistant\",\"content\":"
		      "\"caf\xef\xbf\xbd\"}]}\n"),
	.good = TL_LIT("{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},"
		       "{\"role\":\"assistant\",\"content\":"
		       "\"caf\xc3\xa9\"}]}\n"),
	.needs = TL_TRAIT_TEXT(TL_HAS_HIGH),
	.check_conv = check_conv,
};
