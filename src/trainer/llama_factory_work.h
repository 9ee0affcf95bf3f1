/* SPDX-License-Identifier: Apache-2.0 */
/* llama_factory_work.h - what the files of the policy llama-factory share. */
#ifndef TRAINER_LLAMA_FACTORY_WORK_H
#define TRAINER_LLAMA_FACTORY_WORK_H

#include "join.h"
#include "llama_factory.h"

enum tl_lf_stage {
	TL_LF_STAGE_SFT,
	TL_LF_STAGE_PT,
	TL_LF_STAGE_RM,
	TL_LF_STAGE_DPO,
	TL_LF_STAGE_KTO,
};

enum tl_lf_thinking {
	TL_LF_THINKING_NULL,
	TL_LF_THINKING_OFF,
	TL_LF_THINKING_ON,
};

struct tl_lf_config {
	tl_str template_;
	size_t cutoff_len;
	bool train_on_prompt, mask_history, preserve_thinking;
	bool packing, neat_packing;
	bool enables_thinking;
	bool says_packing;
	tl_str tool_format, default_system;
	int stage, formatting;
	bool ranking;
	const struct tl_json *columns, *tags;

	/* What follows from them: */
	enum tl_lf_thinking thinking;
	struct tl_lf_entry entry;
	const struct tl_lf_template *t;
	const struct tl_lf_slot *function;
	struct tl_lf_writer writer;
	tl_str system;
	tl_str thought[2], call[2];
};

/* Its options, read and made to fit the tokenizer. */
enum tl_status tl_lf_configure(struct tl_arena *a, const struct tl_option *opts,
    size_t n, const void **out, struct tl_error *err);
enum tl_status tl_lf_prepare(
    struct tl_arena *a, struct tl_recipe *r, struct tl_error *err);

/* One record. */
struct tl_lf_work {
	struct tl_join join;
	const struct tl_lf_config *c;
	struct tl_arena *a;
	const struct tl_conv *conv;
	struct tl_lf_example example;
	const char *now;
	size_t *missing; /* tokens that the vocabulary does not have */
	size_t nmissing, cap_missing;
};

/* What becomes of the parts of a message. */
struct tl_lf_part {
	enum tl_reason before, said, after;
};
extern const struct tl_lf_part tl_lf_source, tl_lf_target;

/* Message i of the conversation as its template has it; the first one comes
 * with the prefix and the system text. */
void tl_lf_emit_message(struct tl_lf_work *w, const struct tl_lf_message *m,
    size_t i, const struct tl_lf_part *p);
/* Templates of reasoning models: */
bool tl_lf_has_no_thought(
    const struct tl_lf_work *w, const struct tl_lf_message *m);
void tl_lf_emit_empty_thought(struct tl_lf_work *w, enum tl_reason reason);
/* The answers lose their thoughts: those before the last one, and the last
 * one. */
void tl_lf_remove_thoughts(struct tl_lf_work *w, struct tl_lf_message *m,
    size_t n, bool in_history, bool in_last);
/* Tokens that the vocabulary does not have stop the run where they are kept. */
void tl_lf_check_missing(struct tl_lf_work *w, const bool *is_kept);

#endif
