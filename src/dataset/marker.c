/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/marker.h>

#define CHATML "ChatML"
#define LLAMA_2 "Llama 2"
#define LLAMA_3 "Llama 3"
#define LLAMA_4 "Llama 4"
#define GEMMA "Gemma"
#define PHI "Zephyr, Phi"
#define MISTRAL "Mistral"
#define COHERE "Cohere"
#define DEEPSEEK "DeepSeek"
#define HARMONY "gpt-oss"
#define ALPACA "Alpaca"

static const struct tl_marker markers[] = {
	{ TL_LIT("<|im_start|>"), CHATML, TL_MARKER_ROLE },
	{ TL_LIT("<|im_end|>"), CHATML, TL_MARKER_FRAME },
	{ TL_LIT("<|im_sep|>"), CHATML, TL_MARKER_FRAME },
	{ TL_LIT("[INST]"), LLAMA_2, TL_MARKER_ROLE },
	{ TL_LIT("[/INST]"), LLAMA_2, TL_MARKER_FRAME },
	{ TL_LIT("<<SYS>>"), LLAMA_2, TL_MARKER_FRAME },
	{ TL_LIT("<</SYS>>"), LLAMA_2, TL_MARKER_FRAME },
	{ TL_LIT("<|start_header_id|>"), LLAMA_3, TL_MARKER_ROLE },
	{ TL_LIT("<|end_header_id|>"), LLAMA_3, TL_MARKER_FRAME },
	{ TL_LIT("<|eot_id|>"), LLAMA_3, TL_MARKER_FRAME },
	{ TL_LIT("<|eom_id|>"), LLAMA_3, TL_MARKER_FRAME },
	{ TL_LIT("<|begin_of_text|>"), LLAMA_3, TL_MARKER_BEGIN },
	{ TL_LIT("<|end_of_text|>"), LLAMA_3, TL_MARKER_END },
	{ TL_LIT("<|header_start|>"), LLAMA_4, TL_MARKER_ROLE },
	{ TL_LIT("<|header_end|>"), LLAMA_4, TL_MARKER_FRAME },
	{ TL_LIT("<start_of_turn>"), GEMMA, TL_MARKER_ROLE },
	{ TL_LIT("<end_of_turn>"), GEMMA, TL_MARKER_FRAME },
	{ TL_LIT("<|system|>"), PHI, TL_MARKER_ROLE },
	{ TL_LIT("<|user|>"), PHI, TL_MARKER_ROLE },
	{ TL_LIT("<|assistant|>"), PHI, TL_MARKER_ROLE },
	{ TL_LIT("<|end|>"), PHI, TL_MARKER_FRAME },
	{ TL_LIT("[AVAILABLE_TOOLS]"), MISTRAL, TL_MARKER_ROLE },
	{ TL_LIT("[/AVAILABLE_TOOLS]"), MISTRAL, TL_MARKER_FRAME },
	{ TL_LIT("[TOOL_CALLS]"), MISTRAL, TL_MARKER_FRAME },
	{ TL_LIT("[TOOL_RESULTS]"), MISTRAL, TL_MARKER_FRAME },
	{ TL_LIT("[/TOOL_RESULTS]"), MISTRAL, TL_MARKER_FRAME },
	{ TL_LIT("[SYSTEM_PROMPT]"), MISTRAL, TL_MARKER_ROLE },
	{ TL_LIT("[/SYSTEM_PROMPT]"), MISTRAL, TL_MARKER_FRAME },
	{ TL_LIT("<|START_OF_TURN_TOKEN|>"), COHERE, TL_MARKER_ROLE },
	{ TL_LIT("<|END_OF_TURN_TOKEN|>"), COHERE, TL_MARKER_FRAME },
	{ TL_LIT("<|USER_TOKEN|>"), COHERE, TL_MARKER_FRAME },
	{ TL_LIT("<|CHATBOT_TOKEN|>"), COHERE, TL_MARKER_FRAME },
	{ TL_LIT("<|SYSTEM_TOKEN|>"), COHERE, TL_MARKER_FRAME },
	{ TL_LIT("<｜begin▁of▁sentence｜>"), DEEPSEEK, TL_MARKER_BEGIN },
	{ TL_LIT("<｜end▁of▁sentence｜>"), DEEPSEEK, TL_MARKER_END },
	{ TL_LIT("<｜User｜>"), DEEPSEEK, TL_MARKER_ROLE },
	{ TL_LIT("<｜Assistant｜>"), DEEPSEEK, TL_MARKER_ROLE },
	{ TL_LIT("<|start|>"), HARMONY, TL_MARKER_ROLE },
	{ TL_LIT("<|message|>"), HARMONY, TL_MARKER_FRAME },
	{ TL_LIT("<|return|>"), HARMONY, TL_MARKER_FRAME },
	{ TL_LIT("<|endoftext|>"), "GPT-2", TL_MARKER_END },
	{ TL_LIT("### Instruction:"), ALPACA, TL_MARKER_ROLE },
	{ TL_LIT("### Response:"), ALPACA, TL_MARKER_FRAME },
	{ TL_LIT("### Human:"), "FastChat", TL_MARKER_ROLE },
	{ TL_LIT("### Assistant:"), "FastChat", TL_MARKER_FRAME },
};

/* HTML strikes out with <s>, so these count at the ends of a text alone. */
static const struct tl_marker edge_markers[] = {
	{ TL_LIT("<s>"), LLAMA_2, TL_MARKER_BEGIN },
	{ TL_LIT("<bos>"), GEMMA, TL_MARKER_BEGIN },
	{ TL_LIT("</s>"), LLAMA_2, TL_MARKER_END },
	{ TL_LIT("<eos>"), GEMMA, TL_MARKER_END },
};

/* Nearly all texts are told apart from markers by two characters. */
static bool
may_begin(tl_str s, size_t at)
{
	char next;

	if (s.len - at < 2)
		return false;
	next = s.ptr[at + 1];
	switch (s.ptr[at]) {
	case '<':
		return next == '|' || next == '<' || next == 's' ||
		    next == 'b' || next == 'e' || next == '\xef';
	case '[':
		return (next >= 'A' && next <= 'Z') || next == '/';
	case '#':
		return next == '#';
	}
	return false;
}

static const struct tl_marker *
marker_at(tl_str s, size_t at)
{
	tl_str rest = tl_str_slice(s, at, s.len);

	for (size_t i = 0; i < TL_COUNT(markers); i++)
		if (tl_str_starts(rest, markers[i].text))
			return &markers[i];
	return NULL;
}

/* What markers begin with, as in struct tl_marker_scan. */
static const char firsts[] = { '<', '[', '#' };

void
tl_marker_scan(struct tl_marker_scan *scan, tl_str s)
{
	_Static_assert(
	    TL_COUNT(scan->next) == TL_COUNT(firsts), "one search a character");
	scan->text = s;
	for (size_t k = 0; k < TL_COUNT(firsts); k++)
		scan->next[k] = tl_str_find_char(s, firsts[k], 0);
}

const struct tl_marker *
tl_marker_next(struct tl_marker_scan *scan, size_t *at)
{
	const struct tl_marker *m = NULL;

	while (m == NULL) {
		size_t least = 0;

		for (size_t k = 1; k < TL_COUNT(firsts); k++)
			if (scan->next[k] < scan->next[least])
				least = k;
		*at = scan->next[least];
		if (*at == TL_NPOS)
			break;
		if (may_begin(scan->text, *at))
			m = marker_at(scan->text, *at);
		scan->next[least] =
		    tl_str_find_char(scan->text, firsts[least], *at + 1);
	}
	return m;
}

static size_t
bos_length(tl_str s)
{
	for (size_t i = 0; i < TL_COUNT(edge_markers); i++)
		if (edge_markers[i].kind == TL_MARKER_BEGIN &&
		    tl_str_starts(s, edge_markers[i].text))
			return edge_markers[i].text.len;
	for (size_t i = 0; i < TL_COUNT(markers); i++)
		if (markers[i].kind == TL_MARKER_BEGIN &&
		    tl_str_starts(s, markers[i].text))
			return markers[i].text.len;
	return 0;
}

const struct tl_marker *
tl_marker_opening(tl_str s)
{
	const struct tl_marker *m;
	size_t bos;

	s = tl_str_trim(s);
	if (s.len == 0 || !may_begin(s, 0))
		return NULL;
	bos = bos_length(s);
	s = tl_str_trim(tl_str_slice(s, bos, s.len));
	m = marker_at(s, 0);
	return m != NULL && m->kind == TL_MARKER_ROLE ? m : NULL;
}

static bool
ends_so(tl_str s, const struct tl_marker *m, tl_str *out)
{
	if (m->kind != TL_MARKER_END || !tl_str_ends(s, m->text))
		return false;
	*out = tl_str_slice(s, s.len - m->text.len, s.len);
	return true;
}

tl_str
tl_marker_eos(tl_str s, tl_str eos)
{
	tl_str found = { NULL, 0 };

	s = tl_str_trim(s);
	if (eos.len > 0) {
		if (tl_str_ends(s, eos))
			found = tl_str_slice(s, s.len - eos.len, s.len);
		return found;
	}
	/* All of them end so; nearly no text does. */
	if (!tl_str_ends(s, TL_STR(">")))
		return found;
	for (size_t i = 0; i < TL_COUNT(edge_markers); i++)
		if (ends_so(s, &edge_markers[i], &found))
			return found;
	for (size_t i = 0; i < TL_COUNT(markers); i++)
		if (ends_so(s, &markers[i], &found))
			return found;
	return found;
}
