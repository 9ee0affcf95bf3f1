/* SPDX-License-Identifier: Apache-2.0 */
/* Which orders of roles a template takes, and how it says no to the others. */
#include "template/profile.h"

#include <turnlint/buf.h>

#define MAX_TURNS 4u /* of the orders that are all tried */
#define MAX_REFUSALS 16u

/* Beyond those: what goes round must go round again. */
static const char *const longer[] = { "UAUAU", "UAUAUA", "SUAUAUA", "UAUUA",
	"UAUAA", "UAUAUU", "SUAUAUS", "UAUSA", "SUAUUAA", "UAUASUA" };

/* --- a grammar against an order ------------------------------------------- */

/*
 * A grammar is letters, (…), | inside parentheses, and ? * + behind a letter
 * or a group; spaces are for the eye.  Orders are short and grammars are ours:
 * the matcher tries everything.
 */
struct piece {
	const char *beg, *end; /* a letter, or what the parentheses hold */
	char repeat;	       /* 0, ?, *, + */
};

static const char *
group_end(const char *open)
{
	size_t depth = 0;

	for (const char *s = open;; s++) {
		if (*s == '(')
			depth++;
		if (*s == ')' && --depth == 0)
			return s;
	}
}

static const char *
next_piece(const char *g, const char *end, struct piece *out)
{
	while (g < end && *g == ' ')
		g++;
	if (g == end)
		return NULL;
	out->beg = *g == '(' ? g + 1 : g;
	out->end = *g == '(' ? group_end(g) : g + 1;
	g = *g == '(' ? out->end + 1 : out->end;
	out->repeat = 0;
	if (g < end && strchr("?*+", *g) != NULL)
		out->repeat = *g++;
	return g;
}

/* The set of lengths of a prefix of s that can be matched, as bits; from is
 * such a set too. */
static unsigned match(
    const char *g, const char *end, const char *s, unsigned from);

static unsigned
match_alternatives(const struct piece *p, const char *s, unsigned from)
{
	unsigned to = 0;
	size_t depth = 0;
	const char *beg = p->beg;

	for (const char *g = p->beg; g < p->end; g++) {
		depth += *g == '(';
		depth -= *g == ')';
		if (*g == '|' && depth == 0) {
			to |= match(beg, g, s, from);
			beg = g + 1;
		}
	}
	return to | match(beg, p->end, s, from);
}

static unsigned
match_once(const struct piece *p, const char *s, unsigned from)
{
	unsigned to = 0;

	if (p->end - p->beg > 1)
		return match_alternatives(p, s, from);
	for (unsigned i = 0; s[i] != '\0'; i++)
		if ((from & 1u << i) != 0 && s[i] == *p->beg)
			to |= 1u << (i + 1);
	return to;
}

static unsigned
match(const char *g, const char *end, const char *s, unsigned from)
{
	struct piece p;

	while ((g = next_piece(g, end, &p)) != NULL) {
		unsigned skipped = from, all = 0, now = from;

		/* Until going round once more adds nothing. */
		do {
			now = match_once(&p, s, now);
			if ((now | all) == all)
				break;
			all |= now;
		} while (p.repeat == '*' || p.repeat == '+');
		from = p.repeat == '?' || p.repeat == '*' ? all | skipped : all;
	}
	return from;
}

static bool
generates(const char *grammar, const char *order)
{
	return (match(grammar, grammar + strlen(grammar), order, 1) &
		   1u << strlen(order)) != 0;
}

/* --- finding it ----------------------------------------------------------- */

static const char *const heads[] = { "", "S? ", "S ", "S* " };

/* What users and assistants do; the stricter ones first. */
static const char *const bodies[] = {
	"(U A)* U",
	"(U A)+",
	"U (A U)* A?",
	"(U A)* U?",
	"A? (U A)* U?",
	"U ((A | S) U)* (A | S)?",
	"(U (A | S))* U?",
	"(U+ A)* U+",
	"(U+ A)+",
	"U+ (A U+)* A?",
	"(U+ A)* U*",
	"U (A+ U)* A*",
	"(U A+)* U?",
	"U (U | A)*",
	"(U (U | A)*)?",
	"(U | A)* U",
	"(U | A)* A",
	"(U | A)* U (U | A)*",
	"(U | A)+",
	"(U | A)*",
};

static const char *const others[] = {
	"(S | U | A)* U (S | U | A)*",
	"(S | U) (S | U | A)*",
	"U (S | U | A)*",
	"S (S | U | A)*",
	"(S | U | A)* U",
	"(S | U | A)+",
};

struct order {
	char letters[16];
	char bare[16]; /* without S */
	bool is_taken;
};

struct orders {
	struct order *v;
	size_t n;
};

static bool
agrees(const struct orders *o, const char *grammar, bool ignores_system)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct order *p = &o->v[i];

		if (generates(grammar, ignores_system ? p->bare : p->letters) !=
		    p->is_taken)
			return false;
	}
	return true;
}

static void
find_grammar(struct prober *pr, const struct orders *o)
{
	struct tl_profile *p = pr->p;
	const char *grammar;

	for (size_t b = 0; b < TL_COUNT(bodies); b++)
		for (size_t h = 0; h < TL_COUNT(heads); h++) {
			grammar = tl_arena_printf(
			    pr->arena, "%s%s", heads[h], bodies[b]);
			if (!agrees(o, grammar, false))
				continue;
			p->grammar = tl_str_from(grammar);
			return;
		}
	for (size_t i = 0; i < TL_COUNT(others); i++)
		if (agrees(o, others[i], false)) {
			p->grammar = tl_str_from(others[i]);
			return;
		}
	for (size_t b = 0; b < TL_COUNT(bodies); b++)
		if (agrees(o, bodies[b], true)) {
			p->grammar = tl_str_from(bodies[b]);
			p->has_system_anywhere = true;
			return;
		}
}

/* --- refusals ------------------------------------------------------------- */

static struct tl_refusal *
refusal_of(struct prober *pr, struct tl_refusal *list, const struct tl_probe *p)
{
	struct tl_profile *f = pr->p;

	for (size_t i = 0; i < f->nrefusals; i++)
		if (tl_str_eq(list[i].message, p->render.message))
			return &list[i];
	if (f->nrefusals == MAX_REFUSALS)
		return NULL;
	list[f->nrefusals] = (struct tl_refusal){
		.message = p->render.message,
		.is_raised = p->render.fault == TL_RENDER_RAISED,
		.line = p->render.line,
		.column = p->render.column,
	};
	return &list[f->nrefusals++];
}

/* The probes come with the short ones first. */
static void
add_refusal(struct prober *pr, struct tl_refusal *r, const struct tl_probe *p,
    size_t cap)
{
	const struct tl_probe **orders;

	for (size_t i = 0; i < r->norders; i++)
		if (strncmp(p->letters, r->orders[i]->letters,
			strlen(r->orders[i]->letters)) == 0)
			return;
	if (r->orders == NULL)
		r->orders = TL_NEW(pr->arena, const struct tl_probe *, cap);
	/* Ours until the profile is given away. */
	orders = (const struct tl_probe **)(uintptr_t)r->orders;
	orders[r->norders++] = p;
}

/* --- all orders ----------------------------------------------------------- */

static void
try_order(struct prober *pr, struct orders *o, const char *letters,
    struct tl_refusal *refusals, size_t cap)
{
	const struct tl_probe *p = probe(pr, letters);
	struct order *order = &o->v[o->n++];
	struct tl_refusal *r;
	size_t n = 0;

	order->is_taken = tl_probe_ok(p);
	for (size_t i = 0; letters[i] != '\0'; i++) {
		order->letters[i] = letters[i];
		if (letters[i] != 'S')
			order->bare[n++] = letters[i];
	}
	if (order->is_taken)
		return;
	r = refusal_of(pr, refusals, p);
	if (r != NULL)
		add_refusal(pr, r, p, cap);
}

static void
try_all_orders(struct prober *pr)
{
	static const char roles[] = "SUA";
	struct orders o = { 0 };
	struct tl_refusal *refusals =
	    TL_NEW(pr->arena, struct tl_refusal, MAX_REFUSALS);
	size_t total = TL_COUNT(longer), power = 1;

	for (size_t len = 1; len <= MAX_TURNS; len++)
		total += power *= TL_COUNT(roles) - 1;
	o.v = TL_NEW(pr->arena, struct order, total);
	power = 1;
	for (size_t len = 1; len <= MAX_TURNS; len++) {
		power *= TL_COUNT(roles) - 1;
		for (size_t i = 0; i < power; i++) {
			char letters[MAX_TURNS + 1] = "";
			size_t rest = i;

			for (size_t k = len; k-- > 0; rest /= 3)
				letters[k] = roles[rest % 3];
			try_order(pr, &o, letters, refusals, total);
		}
	}
	for (size_t i = 0; i < TL_COUNT(longer); i++)
		try_order(pr, &o, longer[i], refusals, total);
	pr->p->refusals = refusals;
	find_grammar(pr, &o);
}

void
profile_orders(struct prober *pr)
{
	static const char *const letters[] = { "U", "UA", "UAU", "UAUA", "SU",
		"SUA", "SUAUA", "S", "A", "AUA", "SAUA", "UU", "UUA", "UAA",
		"UAAU", "SSUA", "USA", "UASUA", "!UCTA", "!UCTUA", "!UCTTA",
		"!UTA" };
	const struct tl_probe **list =
	    TL_NEW(pr->arena, const struct tl_probe *, TL_COUNT(letters));

	for (size_t i = 0; i < TL_COUNT(letters); i++)
		list[i] = probe(pr, letters[i]);
	pr->p->orders = list;
	pr->p->norders = TL_COUNT(letters);
	try_all_orders(pr);
}
