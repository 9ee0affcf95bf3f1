/* SPDX-License-Identifier: Apache-2.0 */
/* What a record has of the things that rules live on: enum tl_trait. */
#include "lint/linter.h"

/* No turn is odd when the conversation has at most one system turn, in front,
 * begins with the user, ends with the assistant, and neither of them speaks
 * twice in a row. */
static bool
is_odd(const struct tl_conv *conv, size_t i)
{
	const struct tl_turn *t = &conv->turns[i];
	bool is_first = i == 0 || conv->turns[i - 1].role <= TL_ROLE_DEVELOPER;
	bool is_last = i + 1 == conv->nturns;

	switch (t->role) {
	case TL_ROLE_SYSTEM:
	case TL_ROLE_DEVELOPER:
		return i > 0 || is_last;
	case TL_ROLE_USER:
		return is_last ||
		    (i > 0 && conv->turns[i - 1].role == TL_ROLE_USER);
	case TL_ROLE_ASSISTANT:
		return is_first || conv->turns[i - 1].role == TL_ROLE_ASSISTANT;
	case TL_ROLE_TOOL:
		return is_first || is_last;
	case TL_ROLE_UNKNOWN:
		break;
	}
	return true;
}

static unsigned
role_traits(enum tl_role role)
{
	switch (role) {
	case TL_ROLE_SYSTEM:
	case TL_ROLE_DEVELOPER:
		return TL_TRAIT_SYSTEM;
	case TL_ROLE_TOOL:
		return TL_TRAIT_RESULTS;
	case TL_ROLE_UNKNOWN:
		return TL_TRAIT_UNKNOWN | TL_TRAIT_SYSTEM | TL_TRAIT_RESULTS;
	case TL_ROLE_USER:
	case TL_ROLE_ASSISTANT:
		break;
	}
	return 0;
}

static bool
is_blank(tl_str s)
{
	/* Nearly every text begins with a letter. */
	return s.len == 0 ||
	    (!(s.ptr[0] > ' ' && s.ptr[0] <= '~') && tl_is_space(s));
}

static unsigned
turn_traits(const struct tl_turn *t)
{
	unsigned traits = TL_TRAIT_TEXT(t->text_has) | role_traits(t->role);

	if (t->train_node != NULL || t->detail_node != NULL ||
	    t->weight_node != NULL || t->nparts > 0)
		traits |= TL_TRAIT_FLAGS;
	if (t->ntool_calls > 0)
		traits |= TL_TRAIT_CALLS;
	if (t->node != NULL &&
	    (t->node->nchildren > 2 || t->role_node == NULL ||
		t->content_node == NULL))
		traits |= TL_TRAIT_MEMBERS;
	if (is_blank(t->text.str))
		traits |= TL_TRAIT_BLANK;
	return traits;
}

static unsigned
conv_traits(const struct tl_conv *conv)
{
	unsigned traits = 0;

	if (conv->nissues > 0)
		traits |= TL_TRAIT_ISSUES;
	if (conv->tools != NULL)
		traits |= TL_TRAIT_TOOLS;
	if (conv->nsegments > 0)
		traits |= TL_TRAIT_FLAGS;
	if (conv->kind == TL_CONV_TEXT && is_blank(conv->text.str))
		traits |= TL_TRAIT_BLANK;
	for (size_t i = 0; i < conv->nturns; i++) {
		traits |= turn_traits(&conv->turns[i]);
		if (is_odd(conv, i))
			traits |= TL_TRAIT_ODD_ROLES;
	}
	return traits;
}

unsigned
tl_facts_traits(const struct tl_facts *f)
{
	unsigned traits = 0;

	if (f->record->doc.root == NULL)
		traits |= TL_TRAIT_REJECTED;
	if (f->record->doc.nnotes > 0)
		traits |= TL_TRAIT_NOTES;
	if (f->conv != NULL)
		traits |= conv_traits(f->conv);
	return traits;
}
