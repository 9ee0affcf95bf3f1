/* SPDX-License-Identifier: Apache-2.0 */
/* torchtune_messages.h - from a record to torchtune's messages. */
#ifndef TRAINER_TORCHTUNE_MESSAGES_H
#define TRAINER_TORCHTUNE_MESSAGES_H

#include "join.h"

enum tl_torchtune_builder {
	TL_TORCHTUNE_ANY, /* whichever the record looks like */
	TL_TORCHTUNE_CHAT,
	TL_TORCHTUNE_INSTRUCT,
	TL_TORCHTUNE_ALPACA,
	TL_TORCHTUNE_TEXT,
};

enum tl_torchtune_style {
	TL_TORCHTUNE_STYLE_ANY,
	TL_TORCHTUNE_SHAREGPT,
	TL_TORCHTUNE_OPENAI,
};

enum tl_torchtune_masking {
	TL_TORCHTUNE_MASKING_ANY, /* the builder's default */
	TL_TORCHTUNE_TRAIN_ON_ALL,
	TL_TORCHTUNE_TRAIN_ON_ASSISTANT,
	TL_TORCHTUNE_TRAIN_ON_LAST,
};

enum tl_torchtune_template {
	TL_TORCHTUNE_TEMPLATE_ANY, /* the tokenizer's default */
	TL_TORCHTUNE_NO_TEMPLATE,
	TL_TORCHTUNE_CHATML,
	TL_TORCHTUNE_LLAMA2,
	TL_TORCHTUNE_MISTRAL,
	TL_TORCHTUNE_GRAMMAR,
	TL_TORCHTUNE_SUMMARIZE,
	TL_TORCHTUNE_QUESTION,
};

struct tl_torchtune_config {
	int builder, style, masking, template_;
	tl_str column; /* conversation_column, or text_completion's column */
	const struct tl_json *column_map;    /* object or NULL */
	tl_str new_system_prompt;	     /* ptr NULL: none */
	const struct tl_template *formatter; /* Python's str.format() */
};

enum tl_torchtune_kind {
	TL_TORCHTUNE_STRING,
	TL_TORCHTUNE_IMAGE,
	TL_TORCHTUNE_NO_STRING, /* null, a number: stops who tokenizes it */
};

/* One text of a message: tokenized by itself. */
struct tl_torchtune_item {
	struct tl_text text;
	bool is_said;
	enum tl_torchtune_kind kind;
};

struct tl_torchtune_message {
	tl_str role;
	const struct tl_torchtune_item *items;
	size_t nitems;
	size_t turn; /* position in conv->turns or TL_NO_TURN */
	bool is_masked, is_eot;
};

struct tl_torchtune_messages {
	struct tl_torchtune_message *list;
	size_t n;
	size_t nbuilt; /* before the template, which may leave out the system */
	struct tl_text text; /* of the text builder, which has no messages */
	bool is_text;
};

/* The messages of a record, masked, checked and put into the template; false
 * when torchtune stops, which j tells. */
bool tl_torchtune_messages(struct tl_join *j, const struct tl_conv *conv,
    const struct tl_torchtune_config *c, struct tl_torchtune_messages *out);

#endif
