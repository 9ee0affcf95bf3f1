/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sample.h - what a trainer makes of a record: tokens, labels, reasons.
 */
#ifndef TURNLINT_SAMPLE_H
#define TURNLINT_SAMPLE_H

#include <turnlint/tokenizer.h>

/* Why a token is trained or masked; a closed list, used by every view.
 * X(id, machine name, sentence) */
#define TL_REASON_LIST(X)                                                      \
	X(CONTENT, "content", "trained: what the assistant says")              \
	X(EOS, "eos", "trained: the marker that ends the assistant's turn")    \
	X(TRAIN_FLAG, "turn-train-true", "trained: the turn says train: true") \
	X(DETAIL, "detail-range", "trained: a train_detail range says so")     \
	X(PART, "part-train-true", "trained: the content part says so")        \
	X(ALL, "all-trained", "trained: this trainer trains every token")      \
	X(COMPLETION, "completion", "trained: part of the completion")         \
	X(HEADER, "header-trained", "trained: the trainer counts the header "  \
	  "of the turn to the answer")                                         \
	X(GENERATION, "generation-tag", "trained: inside {% generation %}")    \
	X(SEGMENT, "segment", "trained: the segment's label is true")          \
	X(TEMPLATE, "template-literal", "masked: text of the template")        \
	X(ROLE, "role-not-trained", "masked: this role is not trained")        \
	X(TRAIN_FALSE, "turn-train-false", "masked: the turn says "            \
	  "train: false")                                                      \
	X(WEIGHT_ZERO, "weight-zero", "masked: the turn's weight is 0")        \
	X(DETAIL_MASKED, "detail-masked", "masked: a train_detail range "      \
	  "says so")                                                           \
	X(DETAIL_GAP, "detail-gap", "masked: no train_detail range covers "    \
	  "it")                                                                \
	X(DETAIL_PARTIAL, "detail-partial", "masked: only partly inside a "    \
	  "trained range")                                                     \
	X(PART_MASKED, "part-masked", "masked: the content part says so")      \
	X(BOUNDARY, "boundary-merge", "masked: the token also covers text "    \
	  "outside the reply")                                                 \
	X(EOS_MASKED, "eos-policy", "masked: the trainer does not train this " \
	  "marker")                                                            \
	X(OUTSIDE_GENERATION, "outside-generation-tag", "masked: outside "     \
	  "{% generation %}")                                                  \
	X(PROMPT, "prompt", "masked: part of the prompt")                      \
	X(SEGMENT_MASKED, "segment-masked", "masked: the segment's label is "  \
	  "false")                                                             \
	X(TRUNCATED, "truncated", "cut: beyond the sequence length")           \
	X(PADDING, "padding", "masked: padding")                               \
	X(SPECIAL, "special-token", "masked: added by the tokenizer")          \
	X(NOT_FOUND, "turn-boundary-not-found", "masked: the trainer could "   \
	  "not find the turn")                                                 \
	X(REJECTED, "record-rejected", "masked: the trainer rejects the "      \
	  "record")

enum tl_reason {
#define X(id, name, text) TL_REASON_##id,
	TL_REASON_LIST(X)
#undef X
	TL_REASON_COUNT
};

const char *tl_reason_name(enum tl_reason r); /* "role-not-trained" */
const char *tl_reason_text(enum tl_reason r); /* the sentence */

enum tl_verdict {
	TL_VERDICT_KEPT,
	TL_VERDICT_DROPPED,   /* the trainer leaves the record out */
	TL_VERDICT_BLANKED,   /* kept, but nothing of it is trained */
	TL_VERDICT_TRUNCATED, /* cut at the sequence length */
	TL_VERDICT_ABORTS,    /* the trainer stops with an error */
};
const char *tl_verdict_name(enum tl_verdict v);

#define TL_IGNORE (-100)

struct tl_sample {
	bool is_built; /* false: `why` says what stood in the way */
	struct tl_render render; /* text with runs; for a trainer that joins
				  * pieces, the pieces joined */
	struct tl_tokens tokens; /* before truncation */
	const int32_t *labels;	 /* tokens.n; id or TL_IGNORE.  Tokens beyond
				  * nkept are TL_IGNORE */
	const uint8_t *reasons;	 /* tokens.n of enum tl_reason */
	size_t nkept;		 /* tokens left after truncation */
	size_t ntrained;	 /* labels that are not TL_IGNORE */
	enum tl_verdict verdict;
	tl_str why; /* of a verdict other than kept, one sentence */
};

/* The turn a byte of the rendered text came from (by its run's node), or
 * TL_NO_TURN for template text. */
size_t tl_sample_turn_at(const struct tl_sample *s, const struct tl_conv *conv,
    size_t at);

#endif
