/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile.h - probing from inside: profile_probe.c makes and renders the
 * conversations, profile.c draws the conclusions, profile_faults.c the bad
 * ones.
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
	struct probe_node *made;
};

/* A letter is a turn:
 *	S D U A X	system, developer, user, assistant, a made-up role
 *	s u a		the same with white space around the content
 *	y v w		system, user, assistant with characters that are
 *			escaped or folded by careless templates
 *	C c		assistant calling a tool: arguments an object, a string
 *	N O M		as C, c with content null; as C without content
 *	T t		a tool's result; without id and name
 *	n e		assistant with content null, ""
 *	l m		user, assistant with a list content
 *	R		assistant with reasoning_content
 *	K		user with a name
 *	!		(in front) a list of tools is given
 *	+		(at the end) add_generation_prompt
 * Each probe is made once. */
const struct tl_probe *probe(struct prober *pr, const char *letters);
/* The same with the lead in front. */
const struct tl_probe *probe_led(struct prober *pr, const char *letters);
/* The same again at another time; never the one of the list. */
const struct tl_probe *probe_at(struct prober *pr, const struct tl_template *t,
    const char *letters, const char *now);

/* The bytes of the text that come out of v or what is in it. */
bool probe_reach(
    const struct tl_probe *p, const struct tl_json *v, tl_span *out);
/* The text of a turn's content. */
const struct tl_json *probe_content(const struct tl_probe *p, size_t turn);
size_t probe_turn(const struct tl_probe *p, char letter, size_t nth);
enum tl_fate probe_fate(const struct tl_probe *p, const struct tl_json *v);

uint64_t probe_steps(struct prober *pr, const struct tl_probe *p);

void profile_faults(struct prober *pr);
/* Of a template that renders not even a user and an assistant turn. */
void profile_useless(struct prober *pr);

#endif
