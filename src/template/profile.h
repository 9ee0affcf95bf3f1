/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h - probing from inside: profile_probe.c makes and renders the
 * conversations, the others draw the conclusions: profile_facts.c about the
 * parts of a conversation, profile_orders.c about the orders of roles,
 * profile_variables.c about what comes from outside, profile_faults.c about
 * what is wrong, profile.c about the rest.
 */
#ifndef TEMPLATE_PROFILE_H
#define TEMPLATE_PROFILE_H

#include <turnlint/profile.h>

struct prober {
	struct tl_arena *arena;
	struct tl_arena *scratch; /* of the render at work */
	const struct tl_template *t;
	struct tl_profile *p;
	const char *lead; /* "" or "S": what the template insists on */
	bool wants_lists; /* contents are lists with one text part */
	bool wants_tools; /* it fails without any */
	struct probe_node *made;
	const struct tl_json *values[TL_PF_COUNT]; /* that facts are about */
};

/* A letter is a turn:
 *	S D U A X	system, developer, user, assistant, a made-up role
 *	s u a		the same with white space around the content
 *	y v w		system, user, assistant with characters that are
 *			escaped or folded by careless templates
 *	C c		assistant calling a tool: arguments an object, a string
 *	N O M L		as C, c with content null, without content
 *	P p Q q B b	two calls; with content null; one with an answer
 *	T t r		a tool's result; without id and name; of the second call
 *	n e o		assistant with content null, "", without content
 *	l m j i		user, assistant, system, tool with a list content
 *	R H W		assistant with reasoning_content, with thinking, with
 *			<think> in the content
 *	K		user with a name
 *	! #		(in front) a list of tools, of documents is given
 *	+		(at the end) add_generation_prompt
 * Each probe is made once. */
const struct tl_probe *probe(struct prober *pr, const char *letters);
/* The same with the lead in front. */
const struct tl_probe *probe_led(struct prober *pr, const char *letters);
/* The same in fewer words, if `is_same` says so of it. */
typedef bool probe_same_fn(struct prober *pr, const struct tl_probe *p,
    const struct tl_probe *smaller, void *ctx);
const struct tl_probe *probe_shrunk(struct prober *pr, const struct tl_probe *p,
    probe_same_fn *is_same, void *ctx);
/* It fails over the same. */
bool probe_fails_so(struct prober *pr, const struct tl_probe *p,
    const struct tl_probe *smaller, void *ctx);
/* The same again at another time; never the one of the list. */
const struct tl_probe *probe_at(struct prober *pr, const struct tl_template *t,
    const char *letters, const char *now);
/* … and again with further variables, an object of JSON. */
const struct tl_probe *probe_with(
    struct prober *pr, const char *letters, const char *vars);

/* The bytes of the text that come out of v or what is in it. */
bool probe_reach(
    const struct tl_probe *p, const struct tl_json *v, tl_span *out);
/* The text of a turn's content. */
const struct tl_json *probe_content(const struct tl_probe *p, size_t turn);
size_t probe_turn(const struct tl_probe *p, char letter, size_t nth);
enum tl_fate probe_fate(const struct tl_probe *p, const struct tl_json *v);

/* What becomes of bytes [beg, end) of a string. */
enum tl_fate probe_part_fate(
    const struct tl_probe *p, const struct tl_json *v, size_t beg, size_t end);

uint64_t probe_steps(struct prober *pr, const struct tl_probe *p);

/* The length of the marker that s begins with, <…>, […] or the EOS token, or
 * 0. */
size_t profile_marker_len(const struct tl_profile *p, tl_str s);
/* The word, None or null, that stands in a where b has nothing, when that is
 * all the difference. */
tl_str profile_inserted_word(tl_str a, tl_str b, size_t *at);

void profile_facts(struct prober *pr);
void profile_orders(struct prober *pr);
void profile_variables(struct prober *pr);
void profile_faults(struct prober *pr);
/* Of a template that renders not even a user and an assistant turn. */
void profile_useless(struct prober *pr);

#endif
