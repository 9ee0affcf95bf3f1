/* SPDX-License-Identifier: Apache-2.0 */
#include <turnlint/rule.h>

/* A file with more system prompts than that has them for each conversation:
 * they are no variants. */
#define MAX_PROMPTS 48u
#define KEPT_BYTES 192u /* of each, to compare and to show */

/* A variant that is so much rarer than another, and that few letters away, is
 * a slip. */
#define RARE_FACTOR 10u
#define MAX_SLIPS 2u
#define MIN_LETTERS 24u

struct prompt {
	uint64_t exact, folded; /* hashes of the whole text */
	size_t n, nfolded;	/* conversations; letters and digits */
	struct tl_record_pos pos;
	size_t len;		  /* of the record */
	char text[KEPT_BYTES];	  /* its beginning */
	char letters[KEPT_BYTES]; /* folded, its beginning */
	size_t ntext;
};

struct state {
	struct prompt list[MAX_PROMPTS];
	size_t n;
	bool is_full;
};

static char
fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c + 32);
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    (unsigned char)c >= 0x80)
		return c;
	return '\0'; /* white space and punctuation */
}

static void
fill(struct prompt *p, tl_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = fold(s.ptr[i]);

		if (i < KEPT_BYTES)
			p->text[p->ntext++] = s.ptr[i];
		if (c == '\0')
			continue;
		p->folded = (p->folded ^ (unsigned char)c) * 0x100000001b3u;
		if (p->nfolded < KEPT_BYTES)
			p->letters[p->nfolded] = c;
		p->nfolded++;
	}
	while (p->ntext > 0 && p->ntext < s.len &&
	    ((unsigned char)s.ptr[p->ntext] & 0xc0) == 0x80)
		p->ntext--;
}

static struct prompt *
find(struct state *s, uint64_t exact)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].exact == exact)
			return &s->list[i];
	return NULL;
}

/* Batches are merged in the order of the file: the first place stays. */
static void
add(struct state *s, const struct prompt *p)
{
	struct prompt *known = find(s, p->exact);

	if (known != NULL)
		known->n += p->n;
	else if (s->n == MAX_PROMPTS)
		s->is_full = true;
	else
		s->list[s->n++] = *p;
}

static void
merge(void *into, const void *from)
{
	struct state *s = into;
	const struct state *other = from;

	s->is_full = s->is_full || other->is_full;
	for (size_t i = 0; i < other->n && !s->is_full; i++)
		add(s, &other->list[i]);
}

static void
check_conv(const struct tl_rule_cx *cx, const struct tl_conv *conv)
{
	const struct tl_record *rec = cx->facts->record;
	struct state *s = cx->state;

	for (size_t i = 0; i < conv->nturns && !s->is_full; i++) {
		const struct tl_turn *t = &conv->turns[i];
		struct prompt *known, p = { .n = 1, .pos = rec->pos };

		if (tl_turn_meant(t) != TL_ROLE_SYSTEM ||
		    tl_is_space(t->text.str))
			continue;
		p.exact = tl_hash_mix(0, t->text.str);
		known = find(s, p.exact);
		if (known != NULL) {
			known->n++;
			return;
		}
		p.len = rec->bytes.len;
		fill(&p, t->text.str);
		add(s, &p);
		return;
	}
}

/* Letters to insert, remove or replace; more than MAX_SLIPS is not counted. */
static size_t
distance(const struct prompt *a, const struct prompt *b)
{
	size_t row[KEPT_BYTES + 1];

	for (size_t k = 0; k <= b->nfolded; k++)
		row[k] = k;
	for (size_t i = 1; i <= a->nfolded; i++) {
		size_t corner = row[0], least = i;

		row[0] = i;
		for (size_t k = 1; k <= b->nfolded; k++) {
			size_t best =
			    corner + (a->letters[i - 1] != b->letters[k - 1]);

			corner = row[k];
			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			row[k] = best;
			if (best < least)
				least = best;
		}
		if (least > MAX_SLIPS)
			return least;
	}
	return row[b->nfolded];
}

static bool
has_same_digits(const struct prompt *a, const struct prompt *b)
{
	size_t i = 0, k = 0;

	for (;;) {
		while (i < a->nfolded &&
		    (a->letters[i] < '0' || a->letters[i] > '9'))
			i++;
		while (k < b->nfolded &&
		    (b->letters[k] < '0' || b->letters[k] > '9'))
			k++;
		if (i == a->nfolded || k == b->nfolded)
			return i == a->nfolded && k == b->nfolded;
		if (a->letters[i++] != b->letters[k++])
			return false;
	}
}

/* What rare is to usual: the same but for …; NULL: something else. */
static const char *
likeness(const struct prompt *rare, const struct prompt *usual)
{
	if (rare->folded == usual->folded && rare->nfolded == usual->nfolded &&
	    rare->nfolded > 0)
		return "case, white space and punctuation";
	if (rare->n * RARE_FACTOR > usual->n || rare->nfolded < MIN_LETTERS ||
	    rare->nfolded > KEPT_BYTES || usual->nfolded > KEPT_BYTES ||
	    !has_same_digits(rare, usual))
		return NULL;
	return distance(rare, usual) <= MAX_SLIPS ? "a letter or two" : NULL;
}

static void
report(const struct tl_rule_cx *cx, const struct prompt *rare,
    const struct prompt *usual, const char *how)
{
	struct tl_report *r = tl_report(cx, tl_at_file(rare->pos, rare->len),
	    "a system prompt differs from another by %s: %s", how,
	    tl_quote(cx, (tl_str){ rare->text, rare->ntext }, 100));

	tl_report_note(r,
	    "it stands in %zu conversation%s, this one in %zu: %s", rare->n,
	    rare->n == 1 ? "" : "s", usual->n,
	    tl_quote(cx, (tl_str){ usual->text, usual->ntext }, 100));
}

static void
check_file(const struct tl_rule_cx *cx, const struct tl_file *file)
{
	const struct state *s = cx->state;

	(void)file;
	for (size_t i = 0; i < s->n && !s->is_full; i++) {
		const struct prompt *p = &s->list[i], *usual = NULL;
		const char *how = NULL;

		/* The most usual of those that it may stand for; of equals
		 * the one that comes first. */
		for (size_t k = 0; k < s->n; k++) {
			const struct prompt *q = &s->list[k];
			const char *like;

			if (q->n < p->n ||
			    (q->n == p->n && q->pos.index >= p->pos.index) ||
			    (usual != NULL && q->n <= usual->n))
				continue;
			like = likeness(p, q);
			if (like != NULL) {
				usual = q;
				how = like;
			}
		}
		if (usual != NULL)
			report(cx, p, usual, how);
	}
}

#define CONV(system)                                                       \
	"{\"messages\":[{\"role\":\"system\",\"content\":\"" system "\"}," \
	"{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\","  \
	"\"content\":\"hello\"}]}\n"

const struct tl_rule tl_rule_near_identical_systems = {
	.code = "SYS008",
	.name = "near-identical-systems",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "system prompts of a file that are nearly the same",
	.why = "Variants by accident: the model is trained with prompts that "
	       "nobody will send, and the one that is sent gets fewer "
	       "examples.",
	.fix = "Write the prompt in one way, or confirm that both are meant.",
	.bad = TL_LIT(CONV("You are a kind assistant.")
		CONV("You are a kind  assistant")),
	.good = TL_LIT(CONV("You are a kind assistant.")
		CONV("You are a terse assistant.")),
	.needs = TL_TRAIT_SYSTEM,
	.state_size = sizeof(struct state),
	.merge = merge,
	.check_conv = check_conv,
	.check_file = check_file,
};
