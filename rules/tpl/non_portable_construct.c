/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of jinja2 other engines have, from their sources: minja (September
 * 2025), llama.cpp's common/jinja (June 2026), minijinja with pycompat (August
 * 2026), @huggingface/jinja (August 2026), swift-jinja (July 2026).
 *
 * Lists are of words between blanks; NULL: all that jinja2 has.  That
 * minijinja has no generation tag is left out: a template with it is for
 * training.
 */
#include <turnlint/example.h>
#include <turnlint/map.h>
#include <turnlint/rule.h>

#include <stddef.h>
#include <string.h>

static const struct engine {
	const char *name;
	const char *filters, *tests, *methods, *functions, *tags, *loop;
	const char *tojson; /* its named arguments */
	const char *syntax; /* lacks these */
} engines[] = {
	{ "minja",
	    " tojson items last trim lower upper default e escape count "
	    "dictsort join length safe string int list unique select reject "
	    "map indent selectattr rejectattr ",
	    " none boolean integer float number string mapping iterable "
	    "sequence defined true false ",
	    " strip lstrip rstrip split capitalize upper lower endswith "
	    "startswith title replace items keys get ",
	    " namespace range joiner raise_exception strftime_now ",
	    " for if set macro call filter generation break continue ",
	    " index index0 revindex revindex0 length first last previtem "
	    "nextitem cycle ",
	    " indent ", "" },
	{ "llama.cpp",
	    " upper lower trim title capitalize length count replace int float "
	    "string default d slice safe tojson indent join abs list first "
	    "last selectattr select rejectattr reject map sort reverse items "
	    "dictsort ",
	    " boolean callable odd even false true divisibleby string integer "
	    "float number iterable sequence mapping lower upper none defined "
	    "undefined eq equalto ge gt greaterthan lt lessthan ne in test ",
	    " upper lower strip rstrip lstrip title capitalize startswith "
	    "endswith split rsplit replace get keys values items ",
	    " namespace range raise_exception strftime_now ",
	    " for if set macro call filter generation break continue ",
	    " index index0 revindex revindex0 length first last previtem "
	    "nextitem ",
	    " ensure_ascii indent separators ",
	    " power  floor division  recursive loop " },
	{ "minijinja",
	    " safe escape e lower upper title capitalize replace length count "
	    "dictsort items reverse trim join default d round abs int float "
	    "attr first last min max sort list string batch slice sum indent "
	    "select reject selectattr rejectattr map groupby unique pprint "
	    "format tojson urlencode ",
	    " undefined defined none escaped boolean odd even divisibleby "
	    "number integer float string sequence iterable mapping lower upper "
	    "sameas eq equalto ne lt lessthan le gt greaterthan ge in true "
	    "false filter test ",
	    " upper lower islower isupper isspace isdigit isnumeric isalnum "
	    "isalpha isascii strip lstrip rstrip replace title split "
	    "splitlines capitalize count find format rfind startswith endswith "
	    "join keys values items get ",
	    " namespace range dict raise_exception strftime_now ", NULL, NULL,
	    " indent ", "" },
	{ "@huggingface/jinja",
	    " safe tojson list first last length reverse sort join string "
	    "unique upper lower title capitalize trim indent int float abs "
	    "items default selectattr rejectattr map replace dictsort ",
	    " boolean callable odd even false true none string number integer "
	    "iterable mapping sequence lower upper defined undefined equalto "
	    "eq ",
	    " upper lower strip title capitalize rstrip lstrip startswith "
	    "endswith split replace get items keys values ",
	    " namespace range raise_exception strftime_now ",
	    " for if set macro call filter generation break continue ",
	    " index index0 revindex revindex0 length first last previtem "
	    "nextitem ",
	    NULL, " power  recursive loop " },
	{ "swift-jinja", NULL, NULL,
	    " upper lower title strip lstrip rstrip split replace startswith "
	    "endswith items get keys values ",
	    NULL, " for if set macro call filter generation break continue ",
	    " index index0 revindex revindex0 length first last previtem "
	    "nextitem cycle ",
	    " indent ensure_ascii ", " recursive loop " },
};

/* Methods of Python's str, dict and list that do not change their object. */
static const char python_methods[] =
    " capitalize casefold center count encode endswith expandtabs find format "
    "format_map index isalnum isalpha isascii isdecimal isdigit isidentifier "
    "islower isnumeric isprintable isspace istitle isupper join ljust lower "
    "lstrip partition removeprefix removesuffix replace rfind rindex rjust "
    "rpartition rsplit rstrip split splitlines startswith strip swapcase title "
    "translate upper zfill copy get items keys values ";

static const char loop_attributes[] =
    " index index0 revindex revindex0 length first last previtem nextitem "
    "cycle depth depth0 changed ";

static const char global_functions[] =
    " range dict lipsum cycler joiner namespace ";

static const char jinja2_filters[] =
    " abs attr batch capitalize center count d default dictsort e escape "
    "filesizeformat first float forceescape format groupby indent int items "
    "join last length list lower map max min pprint random reject rejectattr "
    "replace reverse round safe select selectattr slice sort string striptags "
    "sum title tojson trim truncate unique upper urlencode urlize wordcount "
    "wordwrap xmlattr ";

static bool
has_word(const char *list, tl_str word)
{
	tl_str s = tl_str_from(list);
	size_t at = 0;

	while ((at = tl_str_find(s, word, at)) != TL_NPOS) {
		if (at > 0 && s.ptr[at - 1] == ' ' && at + word.len < s.len &&
		    s.ptr[at + word.len] == ' ')
			return true;
		at++;
	}
	return false;
}

/* A thing of jinja2 that engines may lack: what it is called in a message, and
 * which list of an engine it should stand in. */
struct thing {
	const char *kind;
	tl_str name;
	size_t list;  /* offset in struct engine */
	bool is_lack; /* … or should not */
};

#define LIST(member) offsetof(struct engine, member)

static bool
thing_of(const struct tl_mention *m, struct thing *out)
{
	bool is_loop = tl_str_eq(m->of, TL_STR("loop"));

	*out = (struct thing){ .name = m->name };
	switch (m->kind) {
	case TL_MENTION_FILTER:
		out->kind = "the filter";
		out->list = LIST(filters);
		return true;
	case TL_MENTION_TEST:
		out->kind = "the test";
		out->list = LIST(tests);
		return true;
	case TL_MENTION_METHOD:
		out->kind = is_loop ? "loop's" : "the method";
		out->list = is_loop ? LIST(loop) : LIST(methods);
		return has_word(
		    is_loop ? loop_attributes : python_methods, m->name);
	case TL_MENTION_ATTRIBUTE:
		out->kind = "loop's";
		out->list = LIST(loop);
		return is_loop && has_word(loop_attributes, m->name);
	case TL_MENTION_FUNCTION:
		out->kind = "the function";
		out->list = LIST(functions);
		return !m->is_set && has_word(global_functions, m->name);
	case TL_MENTION_TAG:
		out->kind = "the tag";
		out->list = LIST(tags);
		return true;
	case TL_MENTION_SYNTAX:
		out->kind = "the form";
		out->list = LIST(syntax);
		out->is_lack = true;
		return true;
	case TL_MENTION_VARIABLE:
	case TL_MENTION_STRING:
	case TL_MENTION_DATA:
		break;
	}
	return false;
}

static bool
lacks(const struct engine *e, const struct thing *thing)
{
	const char *list;

	memcpy(&list, (const char *)e + thing->list, sizeof(list));
	if (thing->is_lack)
		return has_word(list, thing->name);
	return list != NULL && !has_word(list, thing->name);
}

/* Every thing once, with the engines that lack it. */
static void
check_thing(const struct tl_rule_cx *cx, const struct tl_mention *m,
    const struct thing *thing, struct tl_map *seen)
{
	const char *key = tl_arena_printf(cx->arena, "%s %s", thing->kind,
	    tl_arena_cstr(cx->arena, thing->name));
	const char *names = NULL;
	bool is_new;

	tl_map_put(seen, tl_str_from(key), &is_new);
	if (!is_new)
		return;
	if (m->kind == TL_MENTION_FILTER &&
	    !has_word(jinja2_filters, m->name)) {
		tl_report(cx, tl_at_line(m->line, m->column),
		    "the filter %s is none of jinja2's: transformers stops "
		    "where it is reached",
		    tl_quote(cx, m->name, 40));
		return;
	}
	for (size_t i = 0; i < TL_COUNT(engines); i++)
		if (lacks(&engines[i], thing))
			names = names == NULL
			    ? engines[i].name
			    : tl_arena_printf(
				  cx->arena, "%s, %s", names, engines[i].name);
	if (names != NULL)
		tl_report(cx, tl_at_line(m->line, m->column),
		    "%s %s is missing in %s", thing->kind,
		    tl_quote(cx, thing->name, 40), names);
}

/* tojson(ensure_ascii=…): an error where the name is not known. */
static void
check_keywords(const struct tl_rule_cx *cx, const struct tl_mention *m,
    struct tl_map *seen)
{
	for (size_t i = 0; i < m->nkeywords; i++)
		check_thing(cx, m,
		    &(struct thing){
			.kind = "tojson's argument",
			.name = m->keywords[i],
			.list = LIST(tojson),
		    },
		    seen);
}

static void
check_template(const struct tl_rule_cx *cx, const struct tl_template *t,
    const struct tl_profile *p)
{
	struct tl_map seen;

	(void)t;
	tl_map_init(&seen, cx->arena);
	for (size_t i = 0; i < p->survey->nmentions; i++) {
		const struct tl_mention *m = &p->survey->mentions[i];
		struct thing thing;

		if (thing_of(m, &thing))
			check_thing(cx, m, &thing, &seen);
		if (m->kind == TL_MENTION_FILTER &&
		    tl_str_eq(m->name, TL_STR("tojson")))
			check_keywords(cx, m, &seen);
	}
}

const struct tl_rule tl_rule_non_portable_construct = {
	.code = "TPL023",
	.name = "non-portable-construct",
	.since = "0.1",
	.level = TL_LEVEL_WARNING,
	.summary = "the template uses what some engines do not have",
	.why = "The model is trained with a template that the server cannot "
	       "render, or renders in another way.",
	.fix = "Write it with what all engines have: for and if, set, "
	       "namespace, macro; the filters tojson, trim, length, default; "
	       "the methods split, strip, startswith.",
	.bad = TL_LIT("{%- set first = messages[0].role | title -%}\n"
		      "{%- if first.find('x') > 0 -%}{%- endif "
		      "-%}\n" TL_EXAMPLE_TEMPLATE),
	.good = TL_LIT(TL_EXAMPLE_TEMPLATE),
	.filename = "example.jinja",
	.check_template = check_template,
};
