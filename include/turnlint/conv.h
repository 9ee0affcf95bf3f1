/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conv.h - the conversation: a record read through its format.
 *
 * A format (one file src/dataset/format_<name>.c) knows one JSON layout.  It
 * never fails on bad data: it builds what can be built and lists the rest as
 * issues, which the SCH rules report.
 */
#ifndef TURNLINT_CONV_H
#define TURNLINT_CONV_H

#include <turnlint/record.h>
#include <turnlint/text.h>

enum tl_role {
	TL_ROLE_SYSTEM,
	TL_ROLE_DEVELOPER,
	TL_ROLE_USER,
	TL_ROLE_ASSISTANT,
	TL_ROLE_TOOL,	 /* a tool's result */
	TL_ROLE_UNKNOWN, /* role_text says what was found */
};

const char *tl_role_name(enum tl_role role); /* "system", …, "unknown" */

/* How a role's text relates to the role it stands for. */
enum tl_role_likeness {
	TL_ROLE_EXACT,	  /* the word templates know */
	TL_ROLE_ALIAS,	  /* another framework's word: human, gpt, bot */
	TL_ROLE_SPELLING, /* case or blanks differ: "User", "assistant " */
	TL_ROLE_TYPO,	  /* a letter or two differ: "asistant" */
	TL_ROLE_STRANGE,  /* none of these; the role is TL_ROLE_UNKNOWN */
};

/* The role that was probably meant by text. */
enum tl_role tl_role_meant(tl_str text, enum tl_role_likeness *how);

#define TL_NO_TURN ((size_t)-1)

enum tl_flag { TL_FLAG_UNSET, TL_FLAG_FALSE, TL_FLAG_TRUE, TL_FLAG_INVALID };

/* One name and value the template sees on a message, in order.  Either the
 * JSON value itself or a text made by the adapter. */
struct tl_field {
	tl_str name;
	const struct tl_json *node; /* NULL: text holds the value */
	struct tl_text text;
};

/* One element of a list content.  text is what the template would print of
 * it; non-text parts have an empty text. */
struct tl_part {
	const struct tl_json *node;
	tl_str type; /* "text", "image_url", … */
	struct tl_text text;
	enum tl_flag train; /* its own train / weight key */
};

/* One element of train_detail: code points of the turn's text, inclusive at
 * both ends (spec: axolotl). */
struct tl_detail {
	const struct tl_json *node;
	int64_t beg, end; /* as written, may be nonsense */
	bool has_range;	  /* both offsets are integers */
	enum tl_flag train;
};

struct tl_turn {
	size_t index; /* 0-based position in the record's message list, not
		       * in conv->turns; TL_NO_TURN for a system column */
	enum tl_role role;
	tl_str role_text;	    /* after the format's role map: what the
				     * template sees */
	const struct tl_json *node; /* the message; NULL if synthetic */
	const struct tl_json *role_node;    /* NULL: none in the data */
	const struct tl_json *content_node; /* NULL: absent */
	struct tl_text text; /* the content as one text: a string's bytes, or
			      * the text parts joined */
	unsigned text_has;   /* enum tl_str_has of it */
	const struct tl_part *parts;
	size_t nparts;			  /* 0 unless the content is a list */
	const struct tl_json *tool_calls; /* array or NULL */
	size_t ntool_calls; /* of the array; 1 with tool_calls NULL for calls
			     * in another form (function_call) */
	const struct tl_json *tool_call_id;
	const struct tl_json *name;
	const struct tl_json *reasoning; /* reasoning_content, thinking, …; the
					  * first of several parts */

	struct tl_json_doc *spelled; /* tl_turn_spelled_call()'s, or NULL */

	const struct tl_field *fields; /* what the template sees */
	size_t nfields;

	enum tl_flag train;
	const struct tl_json *train_node;
	bool has_weight; /* a number was given */
	double weight;
	const struct tl_json *weight_node;
	const struct tl_json *detail_node; /* train_detail, or NULL */
	const struct tl_detail *details;
	size_t ndetails;
	bool in_completion; /* prompt/completion formats: this side */
};

enum tl_conv_kind {
	TL_CONV_CHAT,	  /* turns */
	TL_CONV_PAIR,	  /* prompt and completion strings; turns too: user,
			   * assistant */
	TL_CONV_TEXT,	  /* one text, pre-templated or plain */
	TL_CONV_SEGMENTS, /* axolotl input_output */
	TL_CONV_TOKENS,	  /* token ids made beforehand: nothing to render,
			   * is_broken without an issue */
};

struct tl_segment {
	const struct tl_json *node;
	struct tl_text text;
	bool is_trained;
};

enum tl_issue_kind {
	TL_ISSUE_NO_FORMAT,	   /* SCH001; detail: nearest and missing */
	TL_ISSUE_MISSING_MESSAGES, /* SCH003 */
	TL_ISSUE_EMPTY_MESSAGES,   /* SCH004 */
	TL_ISSUE_NOT_AN_OBJECT,	   /* SCH005 */
	TL_ISSUE_MISSING_KEY,	   /* SCH006; detail: the key */
	TL_ISSUE_UNKNOWN_KEY,	   /* SCH007; detail: suggestion or "" */
	TL_ISSUE_WRONG_TYPE,	   /* SCH008; detail: what was expected */
	TL_ISSUE_AMBIGUOUS_KEYS,   /* SCH012; detail: the other key */
	TL_ISSUE_BAD_PART,	   /* SCH016; detail: what is wrong */
	TL_ISSUE_MISSING_OUTPUT,   /* SCH018 */
	TL_ISSUE_LMFLOW_TYPE,	   /* SCH019; detail */
	TL_ISSUE_LENGTH_MISMATCH,  /* SCH020; detail */
};

struct tl_issue {
	enum tl_issue_kind kind;
	const struct tl_json *node; /* the place; never NULL (root if nothing
				     * better) */
	bool at_key;		    /* the place is the member's name */
	size_t turn;		    /* message index or TL_NO_TURN */
	tl_str detail;
};

struct tl_conv {
	const struct tl_format *format; /* NULL: none fits */
	enum tl_conv_kind kind;
	const struct tl_turn *turns;
	size_t nturns;
	const struct tl_json *messages;	   /* the list, or NULL */
	const struct tl_json *tools;	   /* or NULL */
	const struct tl_json *documents;   /* or NULL */
	const struct tl_json *context;	   /* PaddleNLP's per-record context */
	const struct tl_json *rejected;	   /* preference data: the answer that
					    * is not in the turns; or NULL */
	struct tl_text prompt, completion; /* TL_CONV_PAIR */
	struct tl_text text;		   /* TL_CONV_TEXT */
	const struct tl_segment *segments; /* TL_CONV_SEGMENTS */
	size_t nsegments;
	const struct tl_issue *issues;
	size_t nissues;
	bool is_broken; /* every later stage is pointless: an issue says why,
			 * or there are no words (TL_CONV_TOKENS) */
};

/* LLaMA-Factory's function_call turn spells its call out in its text, as JSON:
 * the text parsed, once for all who ask; root is NULL when it is no JSON.  NULL
 * for other turns.  `a` must live as long as the conversation. */
const struct tl_json_doc *tl_turn_spelled_call(
    struct tl_arena *a, const struct tl_turn *t);

/* How a format's keys are named; empty slices mean the format's own.
 * The names are axolotl's (type: chat_template). */
struct tl_role_map {
	tl_str target;
	tl_str source;
};

struct tl_format_options {
	tl_str field_messages;
	tl_str field_role;    /* message_property_mappings.role */
	tl_str field_content; /* message_property_mappings.content */
	tl_str field_system;
	tl_str field_tools;
	tl_str field_train;		 /* message_field_training */
	tl_str field_train_detail;	 /* message_field_training_detail */
	const struct tl_role_map *roles; /* replaces the format's own map */
	size_t nroles;
};

/* How well a record fits a format. */
struct tl_format_fit {
	int score;	     /* 0: not this format; higher is better */
	const char *missing; /* score 0: what would make it fit, as in
			      * "\"messages\" is missing"; static */
	int nearness;	     /* score 0: how much of it is there */
};

struct tl_format_cx; /* src/dataset/format.h */

struct tl_format {
	const char *name; /* as --format takes it */
	const char *summary;
	const char *shape;  /* one-line JSON sketch */
	const char *family; /* formats of one family are read by the same
			     * branch of a loader: they may share a file */
	/* Unless one of these stands at the top of a record, detect() gives
	 * score 0; none: it always does. */
	const char *keys[2];
	struct tl_format_fit (*detect)(
	    const struct tl_json *root, const struct tl_format_options *opt);
	void (*build)(struct tl_format_cx *cx, const struct tl_json *root,
	    struct tl_conv *conv);
};

/* All formats, sorted by name. */
const struct tl_format *const *tl_formats(size_t *n);
const struct tl_format *tl_format_find(tl_str name); /* NULL if unknown */

/* Read rec (whose doc has a root) through `forced`, or through the format that
 * fits best.  opt may be NULL.  Always fills conv. */
void tl_conv_build(struct tl_arena *a, const struct tl_record *rec,
    const struct tl_format *forced, const struct tl_format_options *opt,
    struct tl_conv *conv);

/* --- facts about a conversation that several rules read --- */

/* The turn's role, or the one that its text was probably meant to name. */
enum tl_role tl_turn_meant(const struct tl_turn *t);

/* Every turn says a role, as a string. */
bool tl_conv_has_roles(const struct tl_conv *conv);

/* Bytes of white space, as Python's strip() sees it, on either end. */
size_t tl_space_before(tl_str s);
size_t tl_space_behind(tl_str s);
bool tl_is_space(tl_str s); /* nothing else, or empty */

/* s[at] is a backtick: the end of the code that it opens, or of the backticks
 * alone when nothing closes them within 64 KiB.  What stands in code is talked
 * about, not used. */
size_t tl_code_end(tl_str s, size_t at);

/* Bytes of the turn's text between <think> and </think> at its beginning, edge
 * white space left out; empty when there is no thought. */
tl_span tl_turn_thought(const struct tl_turn *t);

/* --- a conversation that differs in one thing --- */

/* A copy; returns its turns, which may be changed. */
struct tl_turn *tl_conv_copy(
    struct tl_arena *a, const struct tl_conv *conv, struct tl_conv *copy);
/* What the template sees under that name, or NULL. */
const struct tl_field *tl_turn_field(const struct tl_turn *t, tl_str name);
/* Let it see this value there; NULL: nothing. */
void tl_turn_set_field(struct tl_arena *a, struct tl_turn *t, tl_str name,
    const struct tl_json *value);
/* A string value that stands where v does. */
const struct tl_json *tl_json_string_like(
    struct tl_arena *a, const struct tl_json *v, tl_str text);
/* v with the values that swap() gives for those in it; swap() returns its
 * argument to keep it.  Depth is that of v. */
typedef const struct tl_json *tl_json_swap_fn(
    void *ctx, const struct tl_json *v);
const struct tl_json *tl_json_swapped(struct tl_arena *a,
    const struct tl_json *v, tl_json_swap_fn *swap, void *ctx);

/* --- what was rendered --- */

/* The values of the record that a rendered text was made from. */
struct tl_reached;
const struct tl_reached *tl_text_reached(
    struct tl_arena *a, const struct tl_text *rendered);
/* v is among them, or something in it, or something that it is a part of. */
bool tl_reached_has(const struct tl_reached *r, const struct tl_json *v);

/* What of a turn's text stands in a rendered text. */
struct tl_trace {
	bool is_reached; /* something of it does */
	bool is_exact;	 /* as copied bytes alone, none of them rewritten */
	size_t beg, end; /* first and last byte of the turn's text that was
			  * copied; only when is_reached && is_exact */
	size_t ncopied;	 /* bytes copied; more than the text has bytes when it
			  * stands there twice */
};

/* Something of bytes [beg, end) of the turn's text may stand there. */
bool tl_trace_has(const struct tl_trace *t, tl_span s);

/* conv->nturns traces, in the arena. */
const struct tl_trace *tl_conv_trace(struct tl_arena *a,
    const struct tl_conv *conv, const struct tl_text *rendered);

#endif
