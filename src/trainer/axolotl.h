/* SPDX-License-Identifier: Apache-2.0 */
/*
 * axolotl.h - what the files of the policy `axolotl` share.
 *
 * A record is read as axolotl reads it, by the keys of the policy's own options
 * and not through its format, so that what axolotl overlooks or stumbles over
 * is overlooked or stumbled over here.
 */
#ifndef TRAINER_AXOLOTL_H
#define TRAINER_AXOLOTL_H

#include "join.h"

/* Whose algorithm: today's, or that of the release. */
enum ax_profile { AX_HEAD, AX_SEED };

/* train_on_eos, train_on_eot */
enum ax_eos { AX_UNSET = -1, AX_ALL, AX_TURN, AX_LAST, AX_NONE };

/* excess_length_strategy */
enum ax_excess { AX_DROP, AX_TRUNCATE, AX_RAISE };

struct ax_names {
	const tl_str *list;
	size_t n;
};

struct ax_type;

struct ax_config {
	/* Options as given. */
	tl_str type_name;
	int profile;			/* enum ax_profile */
	tl_str field_messages;		/* chat_template, sharegpt */
	const struct tl_json *mappings; /* message_property_mappings */
	tl_str field_role, field_content;
	tl_str field_training, field_training_detail;
	const struct tl_json *roles_option, *roles_to_train_option;
	bool train_on_inputs;
	int train_on_eos, train_on_eot; /* enum ax_eos */
	const struct tl_json *eot_tokens;
	bool drop_system_message, split_thinking;
	tl_str thinking_key;
	const struct tl_json *kwargs; /* chat_template_kwargs */
	size_t sequence_len;	      /* 0: no limit */
	int excess;		      /* enum ax_excess */
	size_t min_sample_len;
	tl_str base_model;
	/* Options of older types. */
	tl_str conversation, field_human, field_model, field;
	tl_str chat_template; /* of type messages */
	tl_str default_system_message;
	bool is_strict;
	tl_str field_system, field_instruction, field_input, field_output;
	tl_str format, no_input_format, system_prompt, system_format;
	const struct tl_json *special_tokens, *tokens;
	tl_str unused; /* keys that axolotl takes and does not look at */

	/* Made of them. */
	const struct ax_type *type;
	size_t fastchat; /* of FastChat's conversations, an index */
	const struct tl_role_map *roles;
	size_t nroles;
	struct ax_names roles_to_train;
	const struct tl_role_map *keys; /* what the template calls a key
					 * (target), and the record (source) */
	size_t nkeys;

	const struct tl_template *json_writer; /* json.dumps(), or NULL */

	/* Made of the template and the tokenizer. */
	struct ax_names message_keys; /* what the template takes of a message */
	const uint32_t *eot_ids;
	size_t neot_ids;
	int64_t eos_id;
	size_t longest_added; /* bytes of the longest added token */
	bool is_mistral;      /* by its name alone */
};

/* datasets[].type */
struct ax_type {
	const char *name;
	void (*label)(const struct tl_trainer_cx *cx, const struct ax_config *c,
	    const struct tl_conv *conv, struct tl_sample *out);
	int variant; /* for label */
	bool wants_template;
};

/* What makes axolotl train the token that ends a turn (axolotl_advice.c). */
const char *ax_advise_stop(struct tl_arena *a, const struct tl_recipe *r,
    const struct tl_sample *s, size_t k);

/* --- helpers (axolotl_util.c) --------------------------------------------- */

/* Python's bool(v); NULL is None. */
bool ax_truth(const struct tl_json *v);
/* The member, unless it is null; NULL. */
const struct tl_json *ax_get(const struct tl_json *obj, tl_str key);
/* The target that the map has for a role, else the role. */
tl_str ax_map_role(const struct ax_config *c, tl_str role);
/* The id is one of eot_tokens. */
bool ax_is_eot(const struct ax_config *c, uint32_t id);
/* What the record calls the template's key. */
tl_str ax_key_of(const struct ax_config *c, tl_str target);
/* The record stops the run: "axolotl stops with an error: …". */
void ax_abort(const struct tl_trainer_cx *cx, struct tl_sample *out,
    const char *fmt, ...) TL_PRINTF(3, 4);
/* Bytes of a record in a message: escaped, at most 60 of them. */
const char *ax_shown(struct tl_arena *a, tl_str s);

/* --- from a row to turns (axolotl_turns.c) ---------------------------------
 */

/* An element of a detail list; the numbers are Python's. */
struct ax_range {
	const struct tl_json *node; /* NULL: of a content part */
	double beg, end;
	bool has_beg, has_end, has_train;
	bool is_number; /* both offsets are */
	bool is_trained;
};

struct ax_details {
	bool is_present; /* also when it is empty */
	bool is_parts;	 /* flags of content parts */
	bool is_bad;	 /* no list of objects */
	const struct ax_range *list;
	size_t n;
};

struct ax_turn {
	const struct tl_json *training; /* its flag, or NULL */
	struct ax_details details, reasoning_details;
	const struct tl_field *role, *content, *thinking; /* or NULL */
};

struct ax_row {
	struct tl_conv conv; /* what the template gets */
	const struct ax_turn *turns;
};

/* False: out says what stopped axolotl. */
bool ax_read_row(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct ax_row *row, struct tl_sample *out);
/* The elements of a message_field_training_detail. */
void ax_read_details(
    struct tl_arena *a, const struct tl_json *list, struct ax_details *d);

/* --- labels (axolotl_chat.c, axolotl_seed.c) -------------------------------
 */

struct ax_work {
	const struct tl_trainer_cx *cx;
	const struct ax_config *config;
	struct tl_arena *a;
	struct tl_sample *out;
	struct ax_row row;
	struct tl_render_options locating; /* when a turn is looked for */
	/* Where turns are looked for one by one: */
	struct tl_arena *turn_arena; /* for one turn at a time */
	struct tl_turn *scratch;     /* the turns, one of them with a dummy */
	size_t nrendered;	     /* bytes so far */
	/* What is rendered along with the whole conversation: of each turn that
	 * is looked for the conversation up to it, the same with a dummy, and
	 * with a dummy for its reasoning. */
	struct tl_prefix *prefixes;
	size_t nprefixes;
	size_t *first_prefix;	 /* of a turn */
	struct tl_render longer; /* along with this */
	size_t ncommon; /* bytes that it has in common with the whole text */
	uint32_t *speakers; /* a token's turn in row, or TL_NOBODY */
	uint8_t *reasons;   /* enum tl_reason of each token so far */
	bool has_failed;
};

/* Ids of another text: those of the whole conversation, then others. */
struct ax_ids {
	const uint32_t *shared, *tail;
	size_t nshared, n;
};
static inline uint32_t
ax_id_at(const struct ax_ids *s, size_t i)
{
	return i < s->nshared ? s->shared[i] : s->tail[i - s->nshared];
}

/* Where axolotl finds turn t.  False: out says what stopped it. */
enum ax_part { AX_WHOLE, AX_CONTENT_ONLY, AX_REASONING_ONLY };
struct ax_found {
	bool is_found;
	bool is_misplaced; /* the ids up to its end are not those of the whole
			    * conversation */
	size_t beg, end;
};
bool ax_find_turn(
    struct ax_work *w, size_t t, enum ax_part part, struct ax_found *found);
/* What the first search for a turn looks for. */
enum ax_part ax_part_of(const struct ax_turn *t);
/* The whole conversation as text and tokens; `wanted`, one for each turn, says
 * which ones will be looked for.  False: out says what stopped axolotl. */
bool ax_render_all(struct ax_work *w, const bool *wanted);

/* What becomes of a token of the text alone by its details; torn: masked though
 * a range to be trained covers some of it. */
enum ax_fate { AX_MASKED, AX_TORN, AX_TRAINED };
/* Of each token one; false: out says what stopped axolotl. */
bool ax_train_details(struct ax_work *w, tl_str text,
    const struct ax_details *d, uint8_t **fates, size_t *n);

void ax_render(struct ax_work *w, const struct tl_conv *conv, bool adds_prompt,
    struct tl_render *r);
/* Its tokens.  False: out says what stopped axolotl. */
bool ax_take_render(
    struct ax_work *w, const struct tl_render *r, struct tl_tokens *t);
void ax_find_speakers(struct ax_work *w);

void ax_label_chat(const struct tl_trainer_cx *cx, const struct ax_config *c,
    const struct tl_conv *conv, struct tl_sample *out);

typedef void ax_label_fn(const struct tl_trainer_cx *cx,
    const struct ax_config *c, const struct tl_conv *conv,
    struct tl_sample *out);
ax_label_fn ax_label_llama2, ax_label_instruct, ax_label_user_defined,
    ax_label_completion, ax_label_segments, ax_label_pygmalion,
    ax_label_reflection;
ax_label_fn ax_label_sharegpt, ax_label_messages;
/* The FastChat conversation that `conversation` names. */
enum tl_status ax_find_conversation(
    struct tl_arena *a, struct ax_config *c, struct tl_error *err) TL_MUST_USE;
/* As axolotl's strategies tokenize: with special tokens, cut to max (0: not at
 * all); neos end markers behind it, one less when it ends in one, and only as
 * far as they fit. */
void ax_put_string(struct tl_join *j, const struct tl_chunks *c, size_t max,
    size_t neos, bool strips_bos);
/* The types that ax_label_instruct() makes, by their variant; NULL behind the
 * last. */
const char *ax_instruct_name(size_t i);
/* A type that axolotl keeps in a table and that takes a style behind a colon;
 * the others are modules. */
bool ax_is_handler(tl_str type);

/* The same as v0.5.0 does it. */
void ax_label_seed(struct ax_work *w, const struct tl_conv *conv);

/* Reasons are there: labels, length, verdict. */
void ax_finish(const struct tl_trainer_cx *cx, const struct ax_config *c,
    struct tl_sample *out);

#endif
