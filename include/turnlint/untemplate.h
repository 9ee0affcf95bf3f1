/* SPDX-License-Identifier: Apache-2.0 */
/*
 * untemplate.h - from rendered text back to the conversation.
 *
 * What a template prints between the contents is learned by rendering probes
 * with it.  A text is taken apart along that, and the conversation that comes
 * out is rendered again: only when the bytes are the same is a match called
 * exact.
 */
#ifndef TURNLINT_UNTEMPLATE_H
#define TURNLINT_UNTEMPLATE_H

#include <turnlint/template.h>

enum tl_unframe {
	TL_UNFRAME_UNTRIED,
	TL_UNFRAME_NONE,     /* no template's text, as far as is known */
	TL_UNFRAME_PARTIAL,  /* a template's up to some byte */
	TL_UNFRAME_UNCLOSED, /* exact, but what closes the last turn is cut */
	TL_UNFRAME_EXACT,    /* rendered again it is the same bytes */
};

/* Something that breaks the frame of the turns. */
enum tl_frame_fault_kind {
	TL_FRAME_WHOLE,	   /* nothing */
	TL_FRAME_UNCLOSED, /* the text ends within a turn */
	TL_FRAME_MARKER,   /* a marker stands inside a turn */
	TL_FRAME_BEHIND,   /* no turn follows where a turn has ended */
	TL_FRAME_ALTERED,  /* the template would print other bytes here */
};

struct tl_frame_fault {
	enum tl_frame_fault_kind kind;
	size_t beg, end;    /* bytes of the text */
	enum tl_role role;  /* of the turn it stands in */
	size_t turn;	    /* its number in the text, from 0; or TL_NO_TURN */
	tl_str what;	    /* the marker that is there, or missing */
	const char *family; /* of the marker; NULL: the template's own */
};

/* A stretch of the text that a conversation's value was taken from. */
struct tl_unframed_value {
	size_t beg, end; /* bytes of the text */
	enum tl_role role;
	size_t turn; /* number in the text, from 0 */
};

/* One conversation in the text. */
struct tl_unframed_conv {
	tl_str json; /* {"messages": […], "tools": […]} on one line */
	size_t nturns;
};

struct tl_unframed {
	enum tl_unframe how;
	const struct tl_template *template_; /* NULL for NONE */
	const char *name;		     /* of the template */
	bool is_own;	  /* the untemplater's own, no built-in */
	size_t explained; /* bytes, from the beginning */
	const struct tl_unframed_conv *convs; /* EXACT, UNCLOSED */
	size_t nconvs;
	const struct tl_unframed_value *values;
	size_t nvalues;
	size_t nturns;	 /* of all conversations */
	bool lacks_bos;	 /* the template prints one in front */
	bool ends_open;	 /* with the generation prompt */
	const char *now; /* the date it was rendered on, or NULL */
	tl_str tail;	 /* white space and EOS behind the last turn */
	/* EXACT all the same, but the text does not tell which turns there
	 * were: a value holds what parts turns … */
	bool is_doubtful;
	tl_span doubt; /* bytes of the text */
	/* … or begins with what may be a value of its own (a system prompt in
	 * front of the user's words, with a blank line in between). */
	bool has_rival;
	tl_span rival;
	struct tl_frame_fault fault; /* the first one */
};

/* What can be read back from a template's text, as a whole. */
enum tl_readback {
	TL_READ_NO,	/* does not arrive, or not in a form to be read */
	TL_READ_MERGED, /* arrives, but runs into the next turn's words */
	TL_READ_YES,
};

struct tl_readable {
	bool turns; /* user and assistant */
	bool end;   /* a marker says that the last answer is complete */
	enum tl_readback system, calls, results, tools, reasoning;
};

void tl_readable_of(struct tl_arena *a, const struct tl_template *t,
    const struct tl_special_tokens *tokens, struct tl_readable *out);

/* Knows the built-ins and perhaps one more template; learns each of them the
 * first time a text looks like its own.  Of one thread. */
struct tl_untemplater;

/* own may be NULL; tokens are those that it is rendered with. */
struct tl_untemplater *tl_untemplater_new(const struct tl_template *own,
    const struct tl_special_tokens *tokens, tl_oom_fn *oom, void *ctx);
void tl_untemplater_free(struct tl_untemplater *u); /* NULL is allowed */
/* The built-ins are left alone: the own template or none. */
void tl_untemplater_force(struct tl_untemplater *u);

/* Whether text has any marker that could make it worth tl_untemplate(). */
bool tl_unframe_likely(struct tl_untemplater *u, tl_str text);

/* Find the template that made text, and the conversation.  Work and memory are
 * linear in the text.  Results live in `a` and borrow text. */
void tl_untemplate(struct tl_untemplater *u, struct tl_arena *a, tl_str text,
    struct tl_unframed *out);

#endif
