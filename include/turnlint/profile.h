/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h - what a template does, found by rendering probes with it.
 *
 * A probe is a small conversation made in memory.  What became of its parts is
 * read off the runs of the rendered text.  Each fact keeps the probe that
 * shows it, so that a report can print the conversation.
 */
#ifndef TURNLINT_PROFILE_H
#define TURNLINT_PROFILE_H

#include <turnlint/survey.h>

struct tl_probe {
	const char *letters; /* the turns: S system, U user, A assistant, … */
	const char *json;    /* {"messages": […]}, safe to print */
	bool adds_prompt;    /* rendered with add_generation_prompt */
	struct tl_conv conv;
	struct tl_render render;
};

/* What becomes of a value. */
enum tl_fate {
	TL_FATE_UNTRIED,  /* nothing that could show it renders */
	TL_FATE_KEPT,	  /* stands in the text, byte for byte */
	TL_FATE_STRIPPED, /* … but for white space on its ends */
	TL_FATE_ALTERED,
	TL_FATE_DROPPED,
	TL_FATE_EMPTY,	/* no text: the turn is printed as with "" */
	TL_FATE_RAISED, /* the template calls raise_exception */
	TL_FATE_FAILED, /* rendering ends with an error or at a limit */
};
const char *tl_fate_name(enum tl_fate fate);

struct tl_fact {
	enum tl_fate fate;
	const struct tl_probe *probe; /* NULL: untried */
	/* In the template: where it prints the value, fails over it, or would
	 * have to print it: the test of its role, the loop over messages.  0:
	 * the whole. */
	size_t line, column;
};

/* A fault of the template and what proves it; probe NULL: there is none. */
struct tl_proof {
	const struct tl_probe *probe, *other;
	size_t at; /* byte of probe's text, where one is meant */
	tl_str what;
	size_t line, column; /* in the template; 0: the whole */
};

enum tl_profile_fact {
	TL_PF_SYSTEM,
	TL_PF_SYSTEM_LATER,  /* behind a round */
	TL_PF_SYSTEM_SECOND, /* right behind the first */
	TL_PF_DEVELOPER,
	TL_PF_USER,
	TL_PF_USER_TWICE, /* the second of two in a row */
	TL_PF_ASSISTANT,
	TL_PF_ASSISTANT_TWICE,
	TL_PF_UNKNOWN_ROLE,
	TL_PF_TOOLS,
	TL_PF_DOCUMENTS,
	TL_PF_CALL_OBJECT,   /* a call whose arguments are an object */
	TL_PF_CALL_STRING,   /* … a string of JSON */
	TL_PF_CALL_PARALLEL, /* the second call of a turn */
	TL_PF_CALL_ID,
	TL_PF_CALL_CONTENT, /* what is said beside a call */
	TL_PF_CALL_NULL,    /* the call beside a content that is null */
	TL_PF_CALL_ABSENT,  /* … that is missing */
	TL_PF_RESULT,
	TL_PF_RESULT_ID,	 /* its tool_call_id */
	TL_PF_RESULT_NAME,	 /* its name */
	TL_PF_RESULT_BARE,	 /* its content, when it has neither */
	TL_PF_REASONING,	 /* reasoning_content of the last turn */
	TL_PF_REASONING_HISTORY, /* of an earlier one */
	TL_PF_THINKING,		 /* the same in a field called thinking */
	TL_PF_THINKING_HISTORY,
	TL_PF_THINK, /* the same as <think>…</think> in the content */
	TL_PF_THINK_HISTORY,
	TL_PF_NAME,
	TL_PF_CONTENT_EMPTY, /* of an assistant: "", null, none at all */
	TL_PF_CONTENT_NULL,
	TL_PF_CONTENT_ABSENT,
	TL_PF_LIST_SYSTEM,
	TL_PF_LIST_USER,
	TL_PF_LIST_ASSISTANT,
	TL_PF_LIST_RESULT,
	TL_PF_COUNT
};
const char *tl_profile_fact_name(enum tl_profile_fact f); /* for people */
const char *tl_profile_fact_key(enum tl_profile_fact f);  /* "call_object" */

/* A way in which the template says no. */
struct tl_refusal {
	tl_str message; /* raise_exception's, or that of an error */
	bool is_raised;
	size_t line, column;
	/* The orders of roles refused so of which no shorter beginning is. */
	const struct tl_probe *const *orders;
	size_t norders;
};

/* A variable that the template reads from outside and that is not one of
 * those transformers always passes. */
struct tl_profile_variable {
	const struct tl_mention *first; /* where it is read */
	bool is_needed;			/* nothing renders without it */
	/* The value with which the text of a probe differs from the text
	 * without it: "true", "false", "\"low\"" or NULL. */
	const char *differs_with;
	const struct tl_probe *without, *with;
};

enum tl_growth { TL_GROWTH_UNKNOWN, TL_GROWTH_LINEAR, TL_GROWTH_QUADRATIC };
const char *tl_growth_name(enum tl_growth g);

enum tl_stop_place {
	TL_STOP_UNKNOWN,
	TL_STOP_NONE,
	TL_STOP_WITH_TURN,
	TL_STOP_IN_NEXT, /* printed by the message that follows */
};

struct tl_profile {
	struct tl_special_tokens tokens; /* those that the probes had */
	const struct tl_survey *survey;	 /* of the source; never NULL */
	bool is_usable;		     /* a user and an assistant turn render */
	const struct tl_probe *base; /* user, assistant (system before them when
				      * the template insists on one) */
	struct tl_fact facts[TL_PF_COUNT];
	bool needs_tools;      /* all probes have a list of tools */
	bool takes_lists_only; /* a content that is a string does not arrive */
	bool is_system_merged; /* into the user's turn */
	bool is_system_last_only; /* dropped, unless a user has the last word */
	tl_str default_system;	  /* printed when the data has none */
	bool adds_default_system; /* … and in front of the data's own */
	bool merges_users;	  /* two in a row become one turn */
	bool merges_assistants;
	bool hides_history_thoughts; /* a reasoning that is printed in the last
				      * turn is not in an earlier one */

	const struct tl_probe *const *orders; /* of roles, as probed */
	size_t norders;
	/* The orders of S(ystem), U(ser) and A(ssistant) that render, as in
	 * "S? (U A)* U?"; it agrees with all of up to four turns and with some
	 * longer ones.  Empty: none that we know agrees. */
	tl_str grammar;
	bool has_system_anywhere; /* the grammar is about the other turns */
	const struct tl_refusal *refusals;
	size_t nrefusals;

	const struct tl_profile_variable *variables;
	size_t nvariables;

	enum tl_stop_place stop_place;
	tl_str stop;
	size_t nbos, neos; /* tokens in the base */
	size_t nbos_later; /* … that the second round adds */
	bool begins_with_bos;

	tl_str prompt;		    /* what add_generation_prompt adds … */
	tl_str prompt_after_answer; /* … when an assistant has just spoken */
	/* continue_final_message: the last answer's words are found at the end
	 * of the text, and what follows them can be cut off. */
	bool can_continue;
	bool has_generation_spans; /* in the base */

	/* The steps that conversations of 4, 8 and 16 rounds take; 0 when they
	 * do not render. */
	uint64_t steps[3];
	enum tl_growth growth;

	/* Faults. */
	struct tl_proof not_prefix, prompt_not_prefix, prompt_ignored;
	struct tl_proof no_stop, late_stop;
	struct tl_proof bad_generation;
	struct tl_proof backslash_n, control;
	struct tl_proof stripped[3], altered[3]; /* system, user, assistant */
	struct tl_proof clock, random;
	struct tl_proof none_as_text;
	struct tl_proof crash[4]; /* edge inputs; in the order of probing */
	size_t ncrash;
	struct tl_proof unbalanced;
	struct tl_proof final_newline;
};

/* Probe t.  tokens may have NULL members: the family's own or placeholders
 * stand for them.  Everything lives in `a`; the number of renders is fixed and
 * each has a budget.  Only Jinja templates have a profile: NULL for others. */
const struct tl_profile *tl_profile_make(struct tl_arena *a,
    const struct tl_template *t, const struct tl_special_tokens *tokens);

/* A conversation of one's own, {"messages": [...]} and perhaps tools, through
 * t with the special tokens and the clock of its profile. */
const struct tl_probe *tl_probe_make(struct tl_arena *a,
    const struct tl_template *t, const struct tl_profile *profile,
    const char *json, bool adds_prompt);
/* The conversation of a probe through t, which may be another template. */
const struct tl_probe *tl_probe_again(struct tl_arena *a,
    const struct tl_template *t, const struct tl_profile *profile,
    const struct tl_probe *p);

/* Whether it rendered. */
static inline bool
tl_probe_ok(const struct tl_probe *p)
{
	return p != NULL && p->render.fault == TL_RENDER_OK;
}

#endif
