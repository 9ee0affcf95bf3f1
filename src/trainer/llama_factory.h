/* SPDX-License-Identifier: Apache-2.0 */
/*
 * llama_factory.h - the parts of LLaMA-Factory's policy: its templates, its
 * tool formats, its converters.
 */
#ifndef TRAINER_LLAMA_FACTORY_H
#define TRAINER_LLAMA_FACTORY_H

#include <turnlint/trainer.h>

/* --- templates (llama_factory_templates.c) -------------------------------- */

/* What a slot is made of: each string is tokenized on its own. */
enum tl_lf_kind {
	TL_LF_END,
	TL_LF_STRING, /* text, perhaps with {{content}} */
	TL_LF_TOKEN,  /* looked up in the vocabulary */
	TL_LF_BOS,    /* the tokenizer's; left out when it has none */
	TL_LF_EOS,
};

struct tl_lf_slot {
	enum tl_lf_kind kind;
	const char *text;
};

enum tl_lf_tools {
	TL_LF_TOOLS_DEFAULT,
	TL_LF_TOOLS_GEMMA4,
	TL_LF_TOOLS_GLM4,
	TL_LF_TOOLS_GLM4_MOE,
	TL_LF_TOOLS_LFM2,
	TL_LF_TOOLS_LING,
	TL_LF_TOOLS_LLAMA3,
	TL_LF_TOOLS_MINIMAX1,
	TL_LF_TOOLS_MINIMAX2,
	TL_LF_TOOLS_MISTRAL,
	TL_LF_TOOLS_QWEN,
	TL_LF_TOOLS_QWEN3_5,
	TL_LF_TOOLS_SEED_OSS,
	TL_LF_TOOLS_PHI4, /* the text as it is within a tag */
	TL_LF_NTOOLS,
};

enum tl_lf_trait {
	TL_LF_SYSTEM_IN_USER = 1u, /* system text goes into the first user's */
	TL_LF_REASONING = 2u,	   /* thoughts are added and removed */
	TL_LF_HALF_THOUGHT = 4u,   /* … an empty one is its end mark alone */
	TL_LF_TRIM_TOOLS = 8u,	   /* without system text the tools lose their
				    * newlines in front */
	TL_LF_EFFICIENT_EOS = 16u, /* eos is a label of what comes next */
	TL_LF_REPLACE_EOS = 32u,   /* eos becomes the first stop word */
	TL_LF_MEDIA = 64u, /* <image>, <video>, <audio> are looked for */
};

struct tl_lf_template {
	const char *name;
	/* Ended by TL_LF_END; NULL: nothing. */
	const struct tl_lf_slot *user, *assistant, *system;
	const struct tl_lf_slot *function, *observation, *prefix;
	const char *default_system; /* NULL: none */
	size_t ndefault; /* characters of one that is too long to stand here */
	const char *const *stop_words; /* ended by NULL; or NULL */
	const char *thought_words[2];  /* NULL: those of most */
	const char *call_words[2];     /* … */
	enum tl_lf_tools tools, calls; /* how they are written */
	unsigned traits;	       /* enum tl_lf_trait */
};

const struct tl_lf_template *tl_lf_templates(size_t *n); /* by name */

/* The template that LLaMA-Factory takes out of a tokenizer's chat template when
 * it is given no name. */
enum tl_status tl_lf_template_of(struct tl_arena *a, const struct tl_recipe *r,
    const struct tl_lf_template **out, struct tl_error *err) TL_MUST_USE;

/* --- tools and calls (llama_factory_tools.c) ------------------------------ */

/* How they are written, compiled. */
struct tl_lf_writer {
	struct tl_template *tools; /* NULL: as the text stands in the data */
	struct tl_template *calls;
	struct tl_template *dump;   /* json.dumps() */
	struct tl_template *openai; /* tool_calls, as its converter dumps */
};

/* "qwen" and so on; TL_LF_NTOOLS when there is no such format. */
enum tl_lf_tools tl_lf_tools_find(tl_str name);
const char *const *tl_lf_tools_names(size_t *n);

enum tl_status tl_lf_writer_open(struct tl_arena *a, enum tl_lf_tools tools,
    enum tl_lf_tools calls, struct tl_lf_writer *out, struct tl_error *err);

/* What t makes of v, which it knows as `v`; false and why when it raises. */
bool tl_lf_write(struct tl_arena *a, const struct tl_template *t,
    const struct tl_json *v, const char *now, tl_str *out, const char **why);

/* s as a text that was made of node. */
struct tl_text tl_lf_written(
    struct tl_arena *a, tl_str s, const struct tl_json *node);

/* --- from a record to messages (llama_factory_data.c) --------------------- */

enum tl_lf_formatting {
	TL_LF_ALPACA,
	TL_LF_SHAREGPT,
	TL_LF_OPENAI,
};

enum tl_lf_column {
	TL_LF_PROMPT,
	TL_LF_QUERY,
	TL_LF_RESPONSE,
	TL_LF_HISTORY,
	TL_LF_MESSAGES,
	TL_LF_SYSTEM,
	TL_LF_TOOLS,
	TL_LF_IMAGES,
	TL_LF_VIDEOS,
	TL_LF_AUDIOS,
	TL_LF_CHOSEN,
	TL_LF_REJECTED,
	TL_LF_KTO_TAG,
	TL_LF_NCOLUMNS,
};

enum tl_lf_tag {
	TL_LF_ROLE_TAG,
	TL_LF_CONTENT_TAG,
	TL_LF_USER_TAG,
	TL_LF_ASSISTANT_TAG,
	TL_LF_OBSERVATION_TAG,
	TL_LF_FUNCTION_TAG,
	TL_LF_SYSTEM_TAG,
	TL_LF_NTAGS,
};

/* An entry of dataset_info.json.  An empty name: the column or tag is none. */
struct tl_lf_entry {
	enum tl_lf_formatting formatting;
	bool ranking;
	tl_str columns[TL_LF_NCOLUMNS];
	tl_str tags[TL_LF_NTAGS];
	/* What was not said follows the data: */
	bool guesses_formatting, guesses_columns, guesses_tags, guesses_ranking;
};

/* The entry without any key: everything is guessed. */
struct tl_lf_entry tl_lf_entry_default(void);
/* "columns" or "tags" as LLaMA-Factory reads it: what is not named is none. */
void tl_lf_entry_columns(
    struct tl_arena *a, struct tl_lf_entry *e, const struct tl_json *columns);
void tl_lf_entry_tags(
    struct tl_arena *a, struct tl_lf_entry *e, const struct tl_json *tags);
/* A whole entry of dataset_info.json: nothing is guessed. */
enum tl_status tl_lf_entry_read(struct tl_arena *a, const struct tl_json *v,
    struct tl_lf_entry *out, struct tl_error *err) TL_MUST_USE;

enum tl_lf_role {
	TL_LF_USER,
	TL_LF_ASSISTANT,
	TL_LF_OBSERVATION,
	TL_LF_FUNCTION,
};

/* A text of the record that may not be one. */
struct tl_lf_value {
	const struct tl_json *node; /* NULL: no such column */
	struct tl_text text;
	size_t turn;  /* position in conv->turns or TL_NO_TURN */
	bool is_text; /* false: something else stands there, or null */
};

struct tl_lf_message {
	enum tl_lf_role role;
	struct tl_lf_value content;
};

/* What a converter makes of a record. */
struct tl_lf_example {
	struct tl_lf_message *prompt, response[2];
	size_t nprompt, nresponse;
	struct tl_lf_value system, tools;
	bool ranking;	     /* of a dataset of preferences */
	size_t nmedia[3];    /* images, videos, audios */
	const char *warning; /* why prompt and response are empty, or NULL */
	const char *error;   /* why the run stops here, or NULL */
};

void tl_lf_convert(const struct tl_trainer_cx *cx, const struct tl_conv *conv,
    const struct tl_lf_entry *entry, const struct tl_lf_writer *w,
    struct tl_lf_example *out);

#endif
