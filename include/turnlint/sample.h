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
	X(HEADER, "header-trained",                                            \
	    "trained: the trainer counts the header "                          \
	    "of the turn to the answer")                                       \
	X(ROLE_TRAINED, "role-trained", "trained: this role is trained")       \
	X(MISPLACED, "span-misplaced",                                         \
	    "trained: the trainer's span of another turn reaches over it")     \
	X(GENERATION, "generation-tag", "trained: inside {% generation %}")    \
	X(SEGMENT, "segment", "trained: the segment's label is true")          \
	X(OTHER_LABEL, "other-label",                                          \
	    "trained: the label is another "                                   \
	    "token than the one that stands here")                             \
	X(TEMPLATE, "template-literal", "masked: text of the template")        \
	X(ROLE, "role-not-trained", "masked: this role is not trained")        \
	X(TRAIN_FALSE, "turn-train-false",                                     \
	    "masked: the turn says "                                           \
	    "train: false")                                                    \
	X(WEIGHT_ZERO, "weight-zero", "masked: the turn's weight is 0")        \
	X(DETAIL_MASKED, "detail-masked",                                      \
	    "masked: a train_detail range "                                    \
	    "says so")                                                         \
	X(DETAIL_GAP, "detail-gap",                                            \
	    "masked: no train_detail range covers "                            \
	    "it")                                                              \
	X(DETAIL_PARTIAL, "detail-partial",                                    \
	    "masked: only partly inside a "                                    \
	    "trained range")                                                   \
	X(PART_MASKED, "part-masked", "masked: the content part says so")      \
	X(BOUNDARY, "boundary-merge",                                          \
	    "masked: the token also covers text "                              \
	    "outside the reply")                                               \
	X(EOS_MASKED, "eos-policy",                                            \
	    "masked: the trainer does not train this "                         \
	    "marker")                                                          \
	X(OUTSIDE_GENERATION, "outside-generation-tag",                        \
	    "masked: outside "                                                 \
	    "{% generation %}")                                                \
	X(PROMPT, "prompt", "masked: part of the prompt")                      \
	X(SEGMENT_MASKED, "segment-masked",                                    \
	    "masked: the segment's label is "                                  \
	    "false")                                                           \
	X(TRUNCATED, "truncated", "cut: beyond the sequence length")           \
	X(PADDING, "padding", "masked: padding")                               \
	X(SPECIAL, "special-token", "masked: added by the tokenizer")          \
	X(NOT_FOUND, "turn-boundary-not-found",                                \
	    "masked: the trainer could "                                       \
	    "not find the turn")                                               \
	X(SPAN_MISSED, "span-missed",                                          \
	    "masked: the trainer's span of the turn does not reach it")        \
	X(DUMMY_OVERLAP, "dummy-overlap",                                      \
	    "masked: the dummy message the trainer finds the turn with has "   \
	    "the same token here")                                             \
	X(REJECTED, "record-rejected",                                         \
	    "masked: the trainer rejects the "                                 \
	    "record")

enum tl_reason {
#define X(id, name, text) TL_REASON_##id,
	TL_REASON_LIST(X)
#undef X
	    TL_REASON_COUNT
};

const char *tl_reason_name(enum tl_reason r); /* "role-not-trained" */
const char *tl_reason_text(enum tl_reason r); /* the sentence */
bool tl_reason_is_trained(enum tl_reason r);

enum tl_verdict {
	TL_VERDICT_KEPT,
	TL_VERDICT_DROPPED,   /* the trainer leaves the record out */
	TL_VERDICT_BLANKED,   /* kept, but nothing of it is trained */
	TL_VERDICT_TRUNCATED, /* cut at the sequence length */
	TL_VERDICT_ABORTS,    /* the trainer stops with an error */
};
const char *tl_verdict_name(enum tl_verdict v);

#define TL_IGNORE (-100)

/* What a turn's own words became. */
struct tl_turn_tokens {
	size_t beg, end;    /* bytes of the text from the first to the last it
			     * says; equal: it says nothing */
	size_t first, stop; /* tokens [first, stop) that hold them */
	size_t nsaid;	    /* of these, tokens of its own words */
	size_t ntrained;    /* … that are trained (before truncation) */
};

/* A piece of content whose ids differ when it is tokenized alone. */
struct tl_piece {
	size_t turn;	 /* position in conv->turns */
	size_t beg, end; /* bytes of the text */
	const uint32_t *alone, *whole;
	size_t nalone, nwhole;
	/* Where they part: the first difference that the tokenizer's dummy
	 * prefix does not explain, else the first one. */
	size_t at_alone, at_whole;
	bool is_by_prefix; /* the dummy prefix explains it all */
};

struct tl_pieces {
	bool is_done;
	const struct tl_piece *list;
	size_t n;
};

#define TL_NOBODY UINT32_MAX

struct tl_sample {
	bool is_built;		 /* false: `why` says what stood in the way */
	struct tl_render render; /* text with runs; for a trainer that joins
				  * pieces, the pieces joined */
	struct tl_tokens tokens; /* before truncation */
	const int32_t *labels;	 /* tokens.n; id or TL_IGNORE.  Tokens that were
				  * cut are TL_IGNORE */
	size_t label_shift; /* 1: the framework shifts labels itself: it stores
			     * labels[i + 1] beside token i, and TL_IGNORE
			     * beside the last; 0: the model does */
	const uint8_t *reasons; /* tokens.n of enum tl_reason */
	const uint8_t *wanted;	/* … before truncation: what a cut token would
				 * have been */
	size_t first_kept;	/* tokens [first_kept, first_kept + nkept) are
				 * left after truncation … */
	size_t nkept;
	bool has_gaps;	 /* … unless tokens were cut in between: those whose
			  * reason is TL_REASON_TRUNCATED; nkept are left */
	size_t pack_len; /* the trainer lays records end to end in sequences of
			  * so many tokens; 0: it does not */
	size_t ntrained; /* labels that are not TL_IGNORE */
	size_t nwanted;	 /* … before truncation */
	/* What the framework stores beside them up to its sequence length,
	 * never trained. */
	struct {
		size_t n;
		uint32_t id;
		bool is_left; /* in front of the tokens */
	} padding;
	const uint32_t *speakers; /* tokens.n; position in conv->turns of the
				   * turn that says (a part of) it, or
				   * TL_NOBODY */
	const struct tl_turn_tokens *turns; /* conv->nturns */
	struct tl_pieces *pieces;	    /* filled by tl_sample_pieces() */
	enum tl_verdict verdict;
	tl_str why; /* of a verdict other than kept, one sentence */
};

/* Fill speakers and turns, and the cell for pieces; for samples that were
 * built. */
void tl_sample_index(
    struct tl_arena *a, const struct tl_conv *conv, struct tl_sample *s);

/* The turn a byte of the rendered text came from (by its run's node), as a
 * position in conv->turns, or TL_NO_TURN for template text. */
size_t tl_sample_turn_at(
    const struct tl_sample *s, const struct tl_conv *conv, size_t at);

/* The turn a JSON value belongs to, as a position in conv->turns, or
 * TL_NO_TURN.  `hint` is a turn to try first: with it a walk over runs in
 * reading order costs next to nothing. */
size_t tl_turn_of(
    const struct tl_conv *conv, const struct tl_json *node, size_t hint);

/* The same for a run, which may hold but a part of a string. */
size_t tl_turn_of_run(
    const struct tl_conv *conv, const struct tl_run *r, size_t hint);

/* True when node, a value of turn t, is something the turn says: content,
 * tool calls, reasoning.  False for its role, name, ids and flags. */
bool tl_turn_says(const struct tl_turn *t, const struct tl_json *node);
/* True when node is (part of) the turn's content. */
bool tl_turn_has_content(const struct tl_turn *t, const struct tl_json *node);

#endif
