/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule.h - how a rule is written.
 *
 * One rule is one file rules/<family>/<name>.c that defines
 *
 *	const struct tl_rule tl_rule_<name> = { … };
 *
 * and includes nothing but this header.  The file's name, the symbol and .name
 * say the same thing (with - for _).  The callbacks it sets tell the runner
 * which stages the run needs; a callback is called only for records that
 * reached its stage.
 */
#ifndef TURNLINT_RULE_H
#define TURNLINT_RULE_H

#include <turnlint/buf.h>
#include <turnlint/detail.h>
#include <turnlint/finding.h>
#include <turnlint/profile.h>
#include <turnlint/recipe.h>
#include <turnlint/setup.h>
#include <turnlint/trainer.h>
#include <turnlint/untemplate.h>

/* A comment that silences rules: one for each selector in it. */
struct tl_ignore {
	tl_str selector;	       /* "TPL014", as written */
	tl_str reason;		       /* or empty */
	const char *fault;	       /* of an unknown selector: a sentence */
	size_t line, column, end_line; /* where it stands */
	size_t last_line; /* up to which it silences; SIZE_MAX: everything */
	bool is_known;	  /* some rule is called so */
	bool is_judged;	  /* a rule that it is about did run */
	bool is_used;	  /* … and would have been reported */
};

/* Where a finding points. */
struct tl_place {
	enum {
		TL_AT_RECORD,
		TL_AT_NODE,
		TL_AT_KEY,
		TL_AT_TEXT,
		TL_AT_BYTES,
		TL_AT_LINE,
		TL_AT_FILE
	} kind;
	const struct tl_json *node;
	size_t beg, end; /* TEXT: bytes of node->text; BYTES: of the record;
			  * FILE: of the file, with pos */
	size_t turn;	 /* message index or TL_NO_TURN */
	struct tl_record_pos pos; /* FILE; of LINE line and column alone */
};

struct tl_place tl_at_record(void);
struct tl_place tl_at_node(const struct tl_json *v);
struct tl_place tl_at_key(const struct tl_json *v);
/* Decoded bytes [beg, end) of string v. */
struct tl_place tl_at_text(const struct tl_json *v, size_t beg, size_t end);
/* Bytes [beg, end) of the record's own text. */
struct tl_place tl_at_bytes(size_t beg, size_t end);
/* A place in the file, len bytes long. */
struct tl_place tl_at_file(struct tl_record_pos pos, size_t len);
/* The beginning of the file: what is true of all of it. */
struct tl_place tl_at_start(void);
/* A line and column of a template, to the end of what stands there; line 0 is
 * the template's beginning. */
struct tl_place tl_at_line(size_t line, size_t column);
/* The bytes of a template that this stands for: from there to the end of the
 * tag, or of the line. */
tl_span tl_line_span(tl_str source, size_t line, size_t column);
/* The turn's content, else its message, else the record; sets the turn. */
struct tl_place tl_at_turn(const struct tl_turn *t);
/* Where an issue of the format is. */
struct tl_place tl_at_issue(const struct tl_issue *issue);
/* Bytes [beg, end) of a turn's text: the first source among them. */
struct tl_place tl_at_said(const struct tl_turn *t, size_t beg, size_t end);
/* The same place, said to belong to turn i. */
struct tl_place tl_in_turn(struct tl_place p, size_t i);
/* The data behind bytes [beg, end) of a rendered text: the first content run
 * in it, else the nearest one before, else the record. */
struct tl_place tl_at_rendered(const struct tl_text *t,
    const struct tl_conv *conv, size_t beg, size_t end);

/* One of the places where a tokenizer's templates stand. */
struct tl_template_source {
	tl_str file; /* "chat_template.jinja" */
	tl_str name; /* "default", "rag" */
	tl_str text;
};

/* What stands around a template that is checked. */
struct tl_template_site {
	/* In the order in which transformers looks: of one name the first is
	 * taken.  That of a processor and those in GGUF files come last. */
	const struct tl_template_source *sources;
	size_t nsources;
	const struct tl_tokenizer *tokenizer; /* or NULL */
	struct tl_special_tokens tokens;
	bool has_config; /* a tokenizer_config.json */
};

struct tl_rule_cx {
	const struct tl_rule *rule;
	const struct tl_facts *facts; /* of the current record; in
				       * check_tokenizer the recipe alone; NULL
				       * in check_file and check_template */
	const struct tl_file *file;
	struct tl_arena *arena;		 /* lives as long as the record */
	struct tl_encoder *encoder;	 /* NULL without a tokenizer */
	struct tl_recipe_thread *thread; /* or NULL without a recipe */
	struct tl_untemplater *untemplater;
	struct tl_unframed *unframed; /* tl_unframed_text()'s */
	void *state; /* rule->state_size bytes, one a batch of records, zeroed;
		      * in check_file the whole file's */
	struct tl_sink *sink;
	const struct tl_profile *profile; /* of the recipe's template, for a
					   * rule that wants it; or NULL */
	/* In check_template: */
	const struct tl_error *fault; /* why it does not compile, or NULL */
	const struct tl_template_site *site;  /* or NULL: it stands alone */
	const struct tl_tokenizer *tokenizer; /* that it goes with, or NULL */
};

/* Report.  The message is one sentence in lower case without a full stop: what
 * is wrong, with the offending value quoted by tl_quote().  Returns a handle
 * for notes and edits; never NULL; ignoring it is fine. */
struct tl_report;
struct tl_report *tl_report(const struct tl_rule_cx *cx, struct tl_place at,
    const char *fmt, ...) TL_PRINTF(3, 4) __attribute__((returns_nonnull));
/* A further line under the message: consequence in numbers, what is trained
 * now, what was meant. */
void tl_report_note(struct tl_report *r, const char *fmt, ...) TL_PRINTF(2, 3);
/* A note with the conversation that shows it: "seen with {…}". */
void tl_report_probe(
    struct tl_report *r, const char *what, const struct tl_probe *p);
/* Propose to replace bytes [beg, end) of the record. */
void tl_report_edit(struct tl_report *r, enum tl_applicability how, size_t beg,
    size_t end, tl_str text);
/* Propose to replace the decoded bytes [beg, end) of string v; nothing for a
 * value out of JSON in a string. */
void tl_report_edit_text(struct tl_report *r, const struct tl_rule_cx *cx,
    enum tl_applicability how, const struct tl_json *v, size_t beg, size_t end,
    tl_str text);

/* Report the notes of one kind, each in its place. */
void tl_report_setup(const struct tl_rule_cx *cx, const struct tl_setup *s,
    enum tl_setup_note_kind kind);

/* s in double quotes, escaped for a terminal, cut to about max bytes with an
 * ellipsis (0: 40).  In the record's arena. */
const char *tl_quote(const struct tl_rule_cx *cx, tl_str s, size_t max);
/* ids as "[518, 29961]" with at most max of them (0: 12). */
const char *tl_quote_ids(
    const struct tl_rule_cx *cx, const uint32_t *ids, size_t n, size_t max);

/* The recipe an example of a rule needs; NULL members mean none. */
struct tl_rule_recipe {
	const char *format;
	const char *template_;
	const char *tokenizer;	    /* path from the top of the source tree, or
				     * "default" */
	const char *good_tokenizer; /* of the good example; NULL: the same */
	const char *trainer;
	const char *trainer_option; /* "key=value" or NULL */
	size_t sequence_len;
};

/* What the recipe's template makes of conv's first n turns.  False when that
 * fails, or there is no template. */
bool tl_render_instead(const struct tl_rule_cx *cx, const struct tl_conv *conv,
    size_t n, struct tl_render *out);

/* Which template made the text of a TL_CONV_TEXT record, and of what; worked
 * out once a record, for all rules. */
const struct tl_unframed *tl_unframed_text(
    const struct tl_rule_cx *cx, const struct tl_conv *conv);

/* What a rule counts that speaks once for a file: the first member of its
 * state, whose rest tells of the first record with the fault. */
struct tl_hits {
	size_t nall;		  /* records looked at */
	size_t nrecords;	  /* those with the fault */
	size_t nfaults;		  /* in them: tokens, turns, markers … */
	struct tl_record_pos pos; /* the first of them */
};

/* merge() of such a rule; size is that of its state. */
void tl_hits_merge(void *into, const void *from, size_t size);

/* What a record may have that rules live on.  It is found once a record, so
 * that of a hundred rules those few are called that may find something. */
enum tl_trait {
	TL_TRAIT_REJECTED = 1u << 0, /* no value was parsed: a fault, or cut */
	TL_TRAIT_NOTES = 1u << 1,    /* doc.notes */
	TL_TRAIT_ISSUES = 1u << 2,   /* conv->issues */
	TL_TRAIT_TOOLS = 1u << 3,    /* conv->tools */
	TL_TRAIT_CALLS = 1u << 4,    /* a turn with ntool_calls */
	TL_TRAIT_RESULTS = 1u << 5,  /* a tool's turn, or one of unknown role */
	TL_TRAIT_SYSTEM = 1u << 6,   /* a system or developer turn, or one of
				      * unknown role */
	TL_TRAIT_UNKNOWN = 1u << 7,  /* a turn of unknown role */
	/* The roles are not [system] user assistant user … assistant, with
	 * tools' results in between. */
	TL_TRAIT_ODD_ROLES = 1u << 8,
	/* What says what is trained: keys of a turn, parts that may have such
	 * keys, segments. */
	TL_TRAIT_FLAGS = 1u << 9,
	/* A message with more than role and content, or without one. */
	TL_TRAIT_MEMBERS = 1u << 10,
	TL_TRAIT_BLANK = 1u << 11, /* a text that is empty or white space */
};
/* A turn's text has one of these bytes: TL_TRAIT_TEXT(TL_HAS_ANGLE). */
#define TL_TRAIT_TEXT(has) ((unsigned)(has) << 16)

struct tl_rule {
	const char *code; /* "CNT001"; from the catalogue, never renumbered */
	const char *name; /* "empty-content" */
	const char *since;
	enum tl_level level;
	bool is_preview;     /* off unless --preview or selected by full code */
	const char *summary; /* one line: what it detects */
	const char *why;     /* what it costs the training */
	const char *fix;     /* the next action, one sentence */
	/* Executable examples: whole files.  `bad` reports exactly this code
	 * (and those named in also), `good` reports nothing. */
	tl_str bad, good;
	const char *also; /* further codes bad may report: "JSN001 JSN006" */
	const char *filename; /* of the examples; NULL: "example.jsonl" */
	struct tl_rule_recipe recipe;

	/* What the rule remembers within a file.  Records run in batches on
	 * any thread, each batch with a zeroed block of its own; the blocks
	 * are merged in the order of the file for check_file.  A block holds
	 * no pointers into a record. */
	size_t state_size;
	void (*merge)(void *into, const void *from);

	/* check_record and check_conv are called only for a record that has
	 * one of these (enum tl_trait); 0: for every record.  Whatever the
	 * rule reports or remembers must depend on one of them. */
	unsigned needs;

	void (*check_record)(const struct tl_rule_cx *cx,
	    const struct tl_record *rec); /* also when rec->doc has no root */
	void (*check_conv)(const struct tl_rule_cx *cx,
	    const struct tl_conv *conv); /* not called when conv->is_broken,
					  * unless wants_broken */
	bool wants_broken;
	bool wants_profile; /* cx->profile, where there is a template to probe
			     */
	void (*check_render)(const struct tl_rule_cx *cx,
	    const struct tl_conv *conv, const struct tl_render *render);
	void (*check_sample)(const struct tl_rule_cx *cx,
	    const struct tl_conv *conv, const struct tl_sample *sample);
	/* A template as the file that is checked; the record's bytes are its
	 * text.  Not called for one that does not compile or is not there,
	 * where t and p are NULL, unless wants_broken. */
	void (*check_template)(const struct tl_rule_cx *cx,
	    const struct tl_template *t, const struct tl_profile *p);
	/* A tokenizer and what lies beside it: once a run that uses it, or
	 * as what is checked.  Places are in its file, which has no text. */
	void (*check_tokenizer)(
	    const struct tl_rule_cx *cx, const struct tl_tokenizer *t);
	/* The comments of a template, after all other rules. */
	void (*check_ignores)(const struct tl_rule_cx *cx,
	    const struct tl_ignore *list, size_t n);
	/* The trainer's own configuration, once a run that was given one;
	 * cx->facts is NULL. */
	void (*check_setup)(
	    const struct tl_rule_cx *cx, const struct tl_setup *s);
	/* After the last record of a file; cx->facts is NULL. */
	void (*check_file)(
	    const struct tl_rule_cx *cx, const struct tl_file *file);
	/* What that tells once is true of each record it was found in: where a
	 * single record is shown, it is told of that. */
	bool tells_of_record;
};

const struct tl_rule *const *tl_rules(size_t *n); /* sorted by code */
const struct tl_rule *tl_rule_find(tl_str code_or_name);

#endif
