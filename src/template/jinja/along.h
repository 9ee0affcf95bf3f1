/* SPDX-License-Identifier: Apache-2.0 */
/* along.h - between along.c and rehearse.c. */
#ifndef JINJA_ALONG_H
#define JINJA_ALONG_H

#include "template/jinja/rt.h"

/* What is put aside of a render at a loop. */
struct saved {
	struct rt rt;
	struct loop loop;
	struct seg last; /* of the text */
	val *slots;
	struct dict *spaces;
	struct tl_turn turn;
};

void jinja_save(
    struct rt *rt, const struct loop_state *s, size_t last, struct saved *o);
void jinja_put_back(
    struct rt *rt, const struct loop_state *s, size_t last, struct saved *o);
/* The messages are the first n of all. */
void jinja_set_count(struct rt *rt, size_t n);

/* Could a template that has seen so much have gone another way with the shorter
 * conversation? */
bool jinja_was_blind(
    const struct rt *rt, const struct seen *s, const struct tl_prefix *p);

/* The same of what stands in place of its last message alone. */
bool jinja_was_blind_to_dummy(
    const struct rt *rt, const struct seen *s, const struct tl_prefix *p);

/* The first loop that others branch off is there: rehearse what has led to it
 * where that makes a difference. */
void jinja_enter_main(struct rt *rt, const struct loop_state *s, size_t base);
/* A rehearsal has come to a loop. */
_Noreturn void jinja_end_rehearsal(
    struct rt *rt, const struct loop_state *s, size_t base);
/* Does prefix n get to the loop as the longer conversation does, and through
 * its rounds so far? */
bool jinja_gets_here(struct rt *rt, size_t n);
/* Its own values where they differ. */
void jinja_set_unsettled(struct rt *rt, size_t n);

#endif
