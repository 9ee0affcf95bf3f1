/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cut.c - where the tokens of a text do not depend on what follows.
 *
 * Two kinds of places are looked at.  At both of them every scanner ends a
 * word, whatever stands around them:
 *
 *	a| b	a letter, then a space: no expression joins the two, and none
 *		looks beyond a space that follows a letter;
 *	\n|<	a line's end, then what is no white space: newlines only end
 *		words, and only o200k takes "/" along with them.
 *
 * Composition cannot cross them either, as neither a space nor an ASCII sign
 * composes with what is in front of it.  A SentencePiece-like model must have
 * no merge over the two chars besides.
 *
 * An added token that begins in front of the place is the same in all texts
 * that agree for the length of the longest one.  White space that added tokens
 * strip off is on one side of the place only; where a token takes the line's
 * end in front of the place, the caller sees it in the tokens.
 */
#include "tok.h"

#define MARGIN 4u /* bytes of the char behind an added token */

static bool
is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
ends_word(unsigned char prev, unsigned char next)
{
	if (next == ' ')
		return is_letter(prev);
	return prev == '\n' && next > ' ' && next < 0x7F && next != '/';
}

static bool
is_cut(const struct tl_tokenizer *t, tl_str text, size_t at)
{
	unsigned char prev = (unsigned char)text.ptr[at - 1];
	unsigned char next = (unsigned char)text.ptr[at];

	return ends_word(prev, next) &&
	    (t->plan == TL_PLAN_BYTES ||
		tl_bpe_is_cut(&t->model.bpe, prev, next));
}

size_t
tl_tokenizer_cut(const struct tl_tokenizer *t, tl_str text, size_t limit)
{
	size_t margin = t->longest_added + MARGIN;

	bool can_cut = t->spm != NULL ? tl_spm_is_verbatim(t->spm)
				      : t->plan != TL_PLAN_STEPS;

	if (!can_cut || t->has_single_word || t->stored.is_obeyed ||
	    (t->norm.n > 0 && t->folded_set.patterns.n > 0))
		return 0;
	if (limit > text.len)
		limit = text.len;
	for (size_t at = limit > margin ? limit - margin : 0; at > 0; at--)
		if (is_cut(t, text, at))
			return at;
	return 0;
}
