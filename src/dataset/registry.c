/* SPDX-License-Identifier: Apache-2.0 */
#include "format.h"

#include <turnlint/buf.h>

#include <assert.h>

#define FORMAT(id) extern const struct tl_format tl_format_##id;
#include "formats.inc"
#undef FORMAT

static const struct tl_format *const formats[] = {
#define FORMAT(id) &tl_format_##id,
#include "formats.inc"
#undef FORMAT
};

/* What the frameworks call them. */
static const struct alias {
	tl_str alias;
	const char *name;
} aliases[] = {
	{ TL_LIT("messages"), "openai" },
	{ TL_LIT("chatml"), "openai" },
	{ TL_LIT("chat"), "openai" },
	{ TL_LIT("conversational"), "openai" },
	{ TL_LIT("mistral"), "openai" },
	{ TL_LIT("chat_template"), "axolotl" },
	{ TL_LIT("conversations"), "sharegpt" },
	{ TL_LIT("fastchat"), "sharegpt" },
	{ TL_LIT("vicuna"), "sharegpt" },
	{ TL_LIT("llamafactory"), "sharegpt" },
	{ TL_LIT("llama_factory"), "sharegpt" },
	{ TL_LIT("sharegpt.load"), "sharegpt" },
	{ TL_LIT("llama2_chat"), "sharegpt" },
	{ TL_LIT("sharegpt.load_role"), "sharegpt_role" },
	{ TL_LIT("load_role"), "sharegpt_role" },
	{ TL_LIT("sharegpt.load_guanaco"), "guanaco" },
	{ TL_LIT("load_guanaco"), "guanaco" },
	{ TL_LIT("sharegpt.load_ultrachat"), "ultrachat" },
	{ TL_LIT("load_ultrachat"), "ultrachat" },
	{ TL_LIT("sharegpt.load_glaive"), "glaive" },
	{ TL_LIT("load_glaive"), "glaive" },
	{ TL_LIT("sharegpt_jokes"), "jokes" },
	{ TL_LIT("conversation"), "lmflow" },
	{ TL_LIT("lmflow_conversation"), "lmflow" },
	{ TL_LIT("text2text"), "lmflow_text2text" },
	{ TL_LIT("text_only"), "lmflow_text" },
	{ TL_LIT("lmflow_text_only"), "lmflow_text" },
	{ TL_LIT("src_tgt"), "paddlenlp" },
	{ TL_LIT("paddle"), "paddlenlp" },
	{ TL_LIT("trl"), "prompt_completion" },
	{ TL_LIT("dpo"), "preference" },
	{ TL_LIT("ranking"), "preference" },
	{ TL_LIT("pairwise"), "preference" },
	{ TL_LIT("tokenized"), "pretokenized" },
	{ TL_LIT("llama_factory_v1"), "llamafactory_v1" },
	{ TL_LIT("completion"), "text" },
	{ TL_LIT("segments"), "input_output" },
};

const struct tl_format *const *
tl_formats(size_t *n)
{
	*n = TL_COUNT(formats);
	return formats;
}

/* As written, in lower case, with - for _. */
static bool
name_eq(tl_str given, tl_str name)
{
	if (given.len != name.len)
		return false;
	for (size_t i = 0; i < given.len; i++) {
		char c = given.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c == '-')
			c = '_';
		if (c != name.ptr[i])
			return false;
	}
	return true;
}

static const struct tl_format *
find_exact(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(formats); i++)
		if (name_eq(name, tl_str_from(formats[i]->name)))
			return formats[i];
	return NULL;
}

const struct tl_format *
tl_format_find(tl_str name)
{
	const struct tl_format *f = find_exact(name);

	for (size_t i = 0; f == NULL && i < TL_COUNT(aliases); i++)
		if (name_eq(name, aliases[i].alias))
			f = find_exact(tl_str_from(aliases[i].name));
	return f;
}

/* --- choosing a format --- */

/* LMFlow names the kind of all instances at the top of the file. */
static const struct lmflow_type {
	tl_str type;
	const char *format;  /* NULL: no data for supervised fine-tuning */
	const char *keys[2]; /* required of an instance */
} lmflow_types[] = {
	{ TL_LIT("conversation"), "lmflow", { "messages" } },
	{ TL_LIT("text2text"), "lmflow_text2text", { "input", "output" } },
	{ TL_LIT("text_only"), "lmflow_text", { "text" } },
	{ TL_LIT("paired_conversation"), "preference",
	    { "chosen", "rejected" } },
	{ TL_LIT("paired_text_to_text"), "preference",
	    { "chosen", "rejected" } },
	{ TL_LIT("text_to_textlist"), NULL, { "input", "output" } },
	{ TL_LIT("text_to_scored_textlist"), NULL, { "input", "output" } },
	{ TL_LIT("float_only"), NULL, { "value" } },
	{ TL_LIT("image_text"), NULL, { "images", "text" } },
};

static void
lmflow_issue(
    struct tl_format_cx *cx, const struct tl_json *root, const char *detail)
{
	tl_format_issue(
	    cx, TL_ISSUE_LMFLOW_TYPE, root, TL_NO_TURN, tl_str_from(detail));
	cx->conv->is_broken = true;
}

/* The format an LMFlow file's type asks for; NULL and an issue when the
 * instance is not what the type says. */
static const struct tl_format *
lmflow_format(struct tl_format_cx *cx, const struct tl_json *root, tl_str type)
{
	const struct lmflow_type *t = NULL;

	for (size_t i = 0; i < TL_COUNT(lmflow_types); i++)
		if (tl_str_eq(lmflow_types[i].type, type))
			t = &lmflow_types[i];
	if (t == NULL) {
		lmflow_issue(cx, root,
		    "the file's \"type\" is none that "
		    "LMFlow knows");
		return NULL;
	}
	for (size_t i = 0; i < 2 && t->keys[i] != NULL; i++) {
		if (tl_json_get(root, t->keys[i]) != NULL)
			continue;
		lmflow_issue(cx, root,
		    tl_arena_printf(cx->arena,
			"the file's \"type\" is %s, but this instance has no "
			"\"%s\"",
			t->type.ptr, t->keys[i]));
		return NULL;
	}
	if (t->format == NULL) {
		lmflow_issue(cx, root,
		    tl_arena_printf(cx->arena,
			"the file's \"type\" %s is not for supervised "
			"fine-tuning",
			t->type.ptr));
		return NULL;
	}
	return find_exact(tl_str_from(t->format));
}

/* A list of things that speak, under a name no format has, or NULL. */
static const struct tl_json *
messages_elsewhere(const struct tl_json *root)
{
	static const char *const keys[] = { "role", "from", "speaker", "user" };

	for (const struct tl_json *v = root->first; v != NULL; v = v->next) {
		const struct tl_json *m = NULL;

		if (tl_format_list_shape(v, &m) != TL_LIST_OBJECTS ||
		    tl_str_eq(v->key, TL_STR("messages")) ||
		    tl_str_eq(v->key, TL_STR("conversations")))
			continue;
		for (size_t i = 0; i < TL_COUNT(keys); i++)
			if (tl_json_get(m, keys[i]) != NULL)
				return v;
	}
	return NULL;
}

/* The names of the first few members, as in ("a", "b", … 17 in all). */
static void
put_keys(struct tl_buf *b, const struct tl_json *root)
{
	size_t n = 0;

	tl_buf_puts(b, " (");
	for (const struct tl_json *v = root->first; v != NULL && n < 4;
	     v = v->next, n++) {
		tl_buf_puts(b, n > 0 ? ", \"" : "\"");
		tl_buf_put_escaped(b, tl_str_slice(v->key, 0, 30));
		tl_buf_puts(b, v->key.len > 30 ? "…\"" : "\"");
	}
	if (n < root->nchildren)
		tl_buf_printf(b, ", … %u in all", (unsigned)root->nchildren);
	tl_buf_putc(b, ')');
}

/* Nearness 1 says no more than that a key is missing, which is true of
 * anything: it counts only when a list of messages has another name. */
static void
no_format(struct tl_format_cx *cx, const struct tl_json *root,
    const struct tl_format *nearest, int nearness, const char *missing)
{
	const struct tl_json *list = messages_elsewhere(root);
	struct tl_buf b;

	tl_buf_init(&b, cx->arena, 0);
	if (root->nchildren == 0) {
		tl_buf_puts(&b, "it is empty");
	} else if (nearest == NULL || (list == NULL && nearness < 2)) {
		tl_buf_puts(&b, "none of its keys holds a conversation");
		put_keys(&b, root);
	} else {
		tl_buf_printf(
		    &b, "nearest format: %s; %s", nearest->name, missing);
		if (list != NULL) {
			tl_buf_puts(&b, " (is it \"");
			tl_buf_put_escaped(&b, tl_str_slice(list->key, 0, 40));
			tl_buf_puts(&b, "\"?)");
		}
	}
	tl_format_issue(
	    cx, TL_ISSUE_NO_FORMAT, root, TL_NO_TURN, tl_buf_str(&b));
	cx->conv->is_broken = true;
}

/* A set of the first letters of names: most questions for a name end here. */
static uint32_t
letter(const char *name)
{
	return 1u << ((unsigned char)name[0] % 32);
}

/* One of the names that the format cannot do without is there. */
static bool
has_key(const struct tl_format *f, const struct tl_json *root, uint32_t letters)
{
	for (size_t i = 0; i < TL_COUNT(f->keys) && f->keys[i] != NULL; i++)
		if ((letter(f->keys[i]) & letters) != 0 &&
		    tl_json_get(root, f->keys[i]) != NULL)
			return true;
	return false;
}

static const struct tl_format *
fittest(const struct tl_json *root, const struct tl_format_options *opt)
{
	const struct tl_format *best = NULL;
	uint32_t letters = 0;
	int score = 0;

	for (const struct tl_json *v = root->first; v != NULL; v = v->next)
		if (v->key.len > 0)
			letters |= letter(v->key.ptr);
	for (size_t i = 0; i < TL_COUNT(formats); i++) {
		const struct tl_format *f = formats[i];
		struct tl_format_fit fit;

		/* A list of another name is the user's to give. */
		if (opt->field_messages.len == 0 && !has_key(f, root, letters))
			continue;
		fit = f->detect(root, opt);
		if (fit.score > score) {
			score = fit.score;
			best = f;
		}
	}
	return best;
}

static const struct tl_format *
detect(struct tl_format_cx *cx, const struct tl_json *root)
{
	const struct tl_format *best = fittest(root, cx->opt), *nearest = NULL;
	const char *missing = NULL;
	int nearness = 0;

	if (best != NULL)
		return best;
	for (size_t i = 0; i < TL_COUNT(formats); i++) {
		struct tl_format_fit fit = formats[i]->detect(root, cx->opt);

		assert(fit.score == 0);
		if (fit.missing != NULL && fit.nearness > nearness) {
			nearness = fit.nearness;
			nearest = formats[i];
			missing = fit.missing;
		}
	}
	no_format(cx, root, nearest, nearness, missing);
	return NULL;
}

/* LMFlow's wrapper where a record is expected: SCH021 looks for it. */
static bool
is_wrapper(const struct tl_json *root)
{
	return tl_json_is(tl_json_get(root, "instances"), TL_JSON_ARRAY) &&
	    tl_json_is(tl_json_get(root, "type"), TL_JSON_STRING);
}

static const struct tl_format *
choose(struct tl_format_cx *cx, const struct tl_record *rec,
    const struct tl_format *forced)
{
	const struct tl_json *root = rec->doc.root;

	if (forced != NULL)
		return forced;
	if (rec->file != NULL && rec->file->container == TL_CONTAINER_LMFLOW &&
	    rec->file->lmflow_type.ptr != NULL)
		return lmflow_format(cx, root, rec->file->lmflow_type);
	if (is_wrapper(root)) {
		cx->conv->is_broken = true;
		return NULL;
	}
	return detect(cx, root);
}

void
tl_conv_build(struct tl_arena *a, const struct tl_record *rec,
    const struct tl_format *forced, const struct tl_format_options *opt,
    struct tl_conv *conv)
{
	static const struct tl_format_options none = { 0 };
	const struct tl_json *root = rec->doc.root;
	struct tl_format_cx cx = { .arena = a,
		.doc_text = rec->doc.text,
		.opt = opt != NULL ? opt : &none,
		.conv = conv };

	*conv = (struct tl_conv){ 0 };
	if (root == NULL || root->kind != TL_JSON_OBJECT) {
		conv->is_broken = true; /* JSN016 says so */
		return;
	}
	conv->format = choose(&cx, rec, forced);
	if (conv->format == NULL)
		return;
	conv->format->build(&cx, root, conv);
	conv->documents = tl_json_get(root, "documents");
	for (size_t i = 0; i < conv->nturns; i++)
		cx.turns[i].text_has = tl_str_survey(conv->turns[i].text.str);
}
