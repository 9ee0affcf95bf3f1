/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gguf_pre.c - how a GGUF vocabulary of bytes splits text: the name it gives
 * stands for the steps of the tokenizer.json it was made from.
 */
#include "gguf_pre.h"

#define BYTES(regex)                                          \
	"{\"type\":\"ByteLevel\",\"add_prefix_space\":false," \
	"\"trim_offsets\":false,\"use_regex\":" regex "}"
#define SPLIT(regex)                                          \
	"{\"type\":\"Split\",\"pattern\":{\"Regex\":\"" regex \
	"\"},\"behavior\":\"Isolated\",\"invert\":false}"
#define CHAIN(steps) "{\"type\":\"Sequence\",\"pretokenizers\":[" steps "]}"
#define NFC "{\"type\":\"NFC\"}"
#define DIGITS "{\"type\":\"Digits\",\"individual_digits\":true}"
#define CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define SPACES "\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"
#define CL100K(digits)                                                  \
	CONTRACTIONS "|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|" digits \
		     "| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|" SPACES
#define UPPER "[\\\\p{Lu}\\\\p{Lt}\\\\p{Lm}\\\\p{Lo}\\\\p{M}]"
#define LOWER "[\\\\p{Ll}\\\\p{Lm}\\\\p{Lo}\\\\p{M}]"
#define TEKKEN                                             \
	"[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?" UPPER "*" LOWER   \
	"+|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?" UPPER "+" LOWER \
	"*|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n/]*|" SPACES

#define DEEPSEEK3_CJK "[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+"
#define DEEPSEEK3_SIGN \
	"[!\\\"#$%&'()*+,\\\\-./:;<=>?@\\\\[\\\\\\\\\\\\]^_`{|}~]"
#define DEEPSEEK3_WORD \
	"[^\\\\r\\\\n\\\\p{L}\\\\p{P}\\\\p{S}]?[\\\\p{L}\\\\p{M}]+"
#define DEEPSEEK3_LAST                             \
	DEEPSEEK3_SIGN "[A-Za-z]+|" DEEPSEEK3_WORD \
		       "| ?[\\\\p{P}\\\\p{S}]+[\\\\r\\\\n]*|" SPACES
#define DEEPSEEK3              \
	SPLIT("\\\\p{N}{1,3}") \
	"," SPLIT(DEEPSEEK3_CJK) "," SPLIT(DEEPSEEK3_LAST)
/* The second range is nearly all of the Basic Multilingual Plane. */
#define DEEPSEEK_CODER                                                       \
	SPLIT("[\\\\r\\\\n]")                                                \
	"," SPLIT("\\\\s?\\\\p{L}+") "," SPLIT("\\\\s?\\\\p{P}+") "," SPLIT( \
	    "[\\u4e00-\\u9fa5\\u0800-\\u4e00\\uac00-\\ud7ff]+") "," DIGITS
#define BLOOM                                               \
	SPLIT(" ?[^(\\\\s|.,!?\\u2026\\u3002\\uff0c\\u3001" \
	      "\\u0964\\u06d4\\u060c)]+")

#define CASED_LETTERS                                                       \
	"[A-Za-z\\u00b5\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u01ba"       \
	"\\u01bc-\\u01bf\\u01c4-\\u0293\\u0295-\\u02af\\u0370-\\u0373"      \
	"\\u0376\\u0377\\u037b-\\u037d\\u037f\\u0386\\u0388-\\u038a"        \
	"\\u038c\\u038e-\\u03a1\\u03a3-\\u03f5\\u03f7-\\u0481\\u048a-"      \
	"\\u052f\\u0531-\\u0556\\u10a0-\\u10c5\\u13a0-\\u13f5\\u13f8-"      \
	"\\u13fd\\u1c90-\\u1cba\\u1cbd-\\u1cbf\\u1d00-\\u1d2b\\u1d6b-"      \
	"\\u1d77\\u1d79-\\u1d9a\\u1e00-\\u1f15\\u1f18-\\u1f1d\\u1f20-"      \
	"\\u1f45\\u1f48-\\u1f4d\\u1f50-\\u1f57\\u1f59\\u1f5b\\u1f5d"        \
	"\\u1f5f-\\u1f7d\\u1f80-\\u1fb4\\u1fb6-\\u1fbc\\u1fbe\\u1fc2-"      \
	"\\u1fc4\\u1fc6-\\u1fcc\\u1fd0-\\u1fd3\\u1fd6-\\u1fdb\\u1fe0-"      \
	"\\u1fec\\u1ff2-\\u1ff4\\u1ff6-\\u1ffc\\u2102\\u2107\\u210a-"       \
	"\\u2113\\u2115\\u2119-\\u211d\\u2124\\u2126\\u2128\\u212a-\\u212d" \
	"\\u212f-\\u2134\\u2139\\u213c-\\u213f\\u2145-\\u2149\\u214e"       \
	"\\u2183\\u2184\\u2c00-\\u2c7b\\u2c7e-\\u2ce4\\u2ceb-\\u2cee"       \
	"\\u2cf2\\u2cf3\\ua640-\\ua66d\\ua680-\\ua69b\\ua722-\\ua76f"       \
	"\\ua771-\\ua787\\ua78b-\\ua78e\\uab70-\\uabbf\\ufb00-\\ufb06"      \
	"\\ufb13-\\ufb17\\uff21-\\uff3a\\uff41-\\uff5a\\ud801\\udc00-"      \
	"\\ud801\\udc4f\\ud801\\udcb0-\\ud801\\udcd3\\ud801\\udcd8-"        \
	"\\ud801\\udcfb\\ud803\\udc80-\\ud803\\udcb2\\ud803\\udcc0-"        \
	"\\ud803\\udcf2\\ud806\\udca0-\\ud806\\udcdf\\ud83a\\udd00-"        \
	"\\ud83a\\udd43]+"
#define DEEPSEEK_LLM                                                       \
	SPLIT("[\\\\r\\\\n]")                                              \
	"," SPLIT("\\\\s?" CASED_LETTERS) "," SPLIT(                       \
	    "\\\\s?[!-/"                                                   \
	    ":-~\\uff01-"                                                  \
	    "\\uff0f\\uff1a-"                                              \
	    "\\uff5e\\u2018-"                                              \
	    "\\u201f\\u3000-\\u3002]"                                      \
	    "+") "," SPLIT("\\\\s+$") "," SPLIT("[\\u4e00-\\u9fa5\\u0800-" \
						"\\u4e00\\uac00-"          \
						"\\ud7ff]+") "," DIGITS
#define O200K                                                               \
	"[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?" UPPER "*" LOWER "+" CONTRACTIONS   \
	"?|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?" UPPER "+" LOWER "*" CONTRACTIONS \
	"?|\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n/]*|" SPACES
/* Letters take their marks along. */
#define QWEN35                                                        \
	CONTRACTIONS                                                  \
	"|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?[\\\\p{L}\\\\p{M}]+|\\\\p{N}" \
	"| ?[^\\\\s\\\\p{L}\\\\p{M}\\\\p{N}]+[\\\\r\\\\n]*|" SPACES
#define BAILING                                                           \
	"'(?i:[sdmt]|ll|ve|re)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?+\\\\p{L}+|" \
	"\\\\p{N}|"                                                       \
	" ?[^\\\\s\\\\p{L}\\\\p{N}]++[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]|"   \
	"\\\\s+(?!\\\\S)|\\\\s+"
#define SEED_CODER                                                           \
	CONTRACTIONS "|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1}|" \
		     " ?[^\\\\s\\\\p{L}\\\\p{N}\\\\r\\\\n]+|" SPACES
#define NO_CONTRACTIONS                                     \
	"[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}|" \
	" ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|" SPACES
/* Words of a letter each stay together. */
#define EXAONE_MOE                                                   \
	CONTRACTIONS                                                 \
	"|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?(?:\\\\p{L}\\\\p{M}*(?: "    \
	"\\\\p{L}\\\\p{M}*)*)+|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+" \
	"[\\\\r\\\\n/]?|\\\\s*[\\\\r\\\\n]|\\\\s+(?!\\\\S)|\\\\s+"
/* Long runs of white space are cut at powers of two. */
#define JAIS2                                                            \
	CONTRACTIONS                                                     \
	"|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}"         \
	"| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|" \
	"\\\\s{512}(?!\\\\S)|\\\\s{256}(?!\\\\S)|"                       \
	"\\\\s{128}(?!\\\\S)|\\\\s{64}(?!\\\\S)|\\\\s{32}(?!\\\\S)|"     \
	"\\\\s{16}(?!\\\\S)|\\\\s{8}(?!\\\\S)|\\\\s{4}(?!\\\\S)|"        \
	"\\\\s{1,2}(?!\\\\S)|\\\\s{1}"
#define CHAMELEON                                                   \
	SPLIT("<sentinel:[0-9]+>")                                  \
	"," SPLIT("(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z") "," SPLIT( \
	    "([\\\\t\\\\n]|    |  )") "," DIGITS                    \
				      "," SPLIT("[\\\\p{P}!-/:-@\\\\[-`{-~]")
/* Digits in threes from the right. */
#define AFMOE_DIGITS "\\\\p{N}{1,3}(?=(?:\\\\p{N}{3})*(?!\\\\p{N}))"
#define AFMOE_ASIAN                                             \
	"[\u4e00-\u9fff\u3400-\u4dbf\u8c48-\ufaff\u3040-\u309f" \
	"\u30a0-\u30ff\uff65-\uff9f\u2f00-\u2fdf\u0e40-\u0e7f"  \
	"\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f"  \
	"\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+"
#define YOUTU_ASIAN                                             \
	"[\uac00-\ud7a3\u3131-\u318e]+|[\uff01\u2026\u201c"     \
	"\u201d\u2018\u2019\u2014\uff1a\uff1b\uff0c\u3001-"     \
	"\u303f\ufe30-\ufe4f]+|[\u3105-\u312f]+|[\u4e00-\u9fa5" \
	"\u3040-\u309f\u30a0-\u30ff]+"
#define YOUTU                                                               \
	"[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?" UPPER "*" LOWER "+" CONTRACTIONS   \
	"?|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?" UPPER "+" LOWER "*" CONTRACTIONS \
	"?|\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n/]*|" SPACES
/* What is taken where a file was made without knowing. */
#define DEFAULT                                                               \
	SPLIT("[\\\\p{P}\\\\$\\\\+<=>\\\\^~\\\\|]+")                          \
	"," SPLIT(                                                            \
	    "'s|'t|'re|'ve|'m|'ll|'d| ?\\\\p{L}+| ?\\\\p{N}+|"                \
	    " ?[^\\\\s\\\\p{L}\\\\p{N}]+|\\\\s+(?!\\\\S)") "," SPLIT("\\\\p{" \
								     "N}+") "," SPLIT("[0-9][0-9][0-9]")
#define LINES SPLIT("[^\\\\n]+|[\\\\n]+")

static const struct tl_gguf_pre pres[] = {
	{ "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 "
	  "jina-v5-nano",
	    CHAIN(SPLIT(CL100K("\\\\p{N}{1,3}")) "," BYTES("false")), NULL,
	    TL_PRE_IGNORE_MERGES | TL_PRE_ADD_BOS },
	{ "dbrx smaug-bpe chatglm-bpe glm4",
	    CHAIN(SPLIT(CL100K("\\\\p{N}{1,3}")) "," BYTES("false")), NULL, 0 },
	{ "qwen2 deepseek-r1-qwen megrez kormo f2llmv2",
	    CHAIN(SPLIT(CL100K("\\\\p{N}")) "," BYTES("false")), NFC, 0 },
	{ "qwen35", CHAIN(SPLIT(QWEN35) "," BYTES("false")), NFC, 0 },
	{ "stablelm2 hunyuan solar-open grok-2",
	    CHAIN(SPLIT(CL100K("\\\\p{N}")) "," BYTES("false")), NULL, 0 },
	{ "laguna",
	    CHAIN(LINES "," SPLIT(CL100K("\\\\p{N}")) "," BYTES("false")), NULL,
	    0 },
	{ "minicpm5",
	    CHAIN(SPLIT("\\\\p{N}{1,3}") "," SPLIT(
		CL100K("\\\\p{N}+")) "," BYTES("false")),
	    NULL, 0 },
	{ "tekken", CHAIN(SPLIT(TEKKEN) "," BYTES("false")), NULL,
	    TL_PRE_IGNORE_MERGES | TL_PRE_ADD_BOS },
	{ "gpt-4o llama4 kanana2 talkie minimax-m2",
	    CHAIN(SPLIT(O200K) "," BYTES("false")), NULL, 0 },
	{ "granite-embed-multi-97m", CHAIN(SPLIT(O200K) "," BYTES("false")),
	    NULL, TL_PRE_IGNORE_MERGES },
	{ "youtu",
	    CHAIN(SPLIT(YOUTU_ASIAN) "," SPLIT(YOUTU) "," BYTES("false")), NULL,
	    TL_PRE_IGNORE_MERGES },
	{ "afmoe",
	    CHAIN(SPLIT(AFMOE_DIGITS) "," SPLIT(AFMOE_ASIAN) "," SPLIT(
		DEEPSEEK3_LAST) "," BYTES("false")),
	    NULL, 0 },
	{ "default", CHAIN(DEFAULT "," BYTES("false")), NULL, 0 },
	{ "tiny_aya cohere2moe",
	    CHAIN(SPLIT("\\\\d{1,3}(?=(?:\\\\d{3})*\\\\b)") "," SPLIT(
		O200K) "," BYTES("false")),
	    NULL, 0 },
	{ "gpt-2 phi-2 olmo jais gigachat jina-es jina-de jina-v2-es "
	  "jina-v2-de a.x-4.0 mellum modern-bert exaone4 trillion "
	  "granite-docling",
	    BYTES("true"), NULL, 0 },
	{ "roberta-bpe jina-v1-en jina-v2-code", BYTES("true"), NULL,
	    TL_PRE_ADD_BOS | TL_PRE_ADD_SEP },
	{ "mpt", BYTES("true"), NFC, 0 },
	{ "starcoder refact command-r smollm codeshell exaone minerva-7b "
	  "mellum2",
	    CHAIN(DIGITS "," BYTES("true")), NULL, 0 },
	{ "falcon",
	    CHAIN("{\"type\":\"Punctuation\",\"behavior\":\"Contiguous\"}"
		  "," BYTES("true") ",{\"type\":\"Digits\","
				    "\"individual_digits\":false}," SPLIT(
					"[0-9][0-9][0-9]")),
	    NULL, 0 },
	{ "deepseek-v3 hunyuan-dense joyai-llm hy_v4",
	    CHAIN(DEEPSEEK3 "," BYTES("false")), NULL, 0 },
	{ "deepseek-coder", CHAIN(DEEPSEEK_CODER "," BYTES("false")), NULL, 0 },
	{ "deepseek-llm", CHAIN(DEEPSEEK_LLM "," BYTES("false")), NULL, 0 },
	{ "poro-chat bloom gpt3-finnish", CHAIN(BLOOM "," BYTES("false")), NULL,
	    0 },
	{ "viking", CHAIN(BLOOM "," DIGITS "," BYTES("false")), NULL, 0 },
	{ "chameleon", CHAIN(CHAMELEON "," BYTES("true")), NULL,
	    TL_PRE_ADD_BOS },
	{ "superbpe",
	    CHAIN(SPLIT("\\\\p{N}+") "," SPLIT(
		"(?=(\\\\d{3})+(?!\\\\d))") "," BYTES("false")),
	    NULL, 0 },
	{ "bailingmoe bailingmoe2 llada-moe",
	    CHAIN(SPLIT(BAILING) "," BYTES("false")), NULL, 0 },
	{ "seed-coder", CHAIN(SPLIT(SEED_CODER) "," BYTES("false")), NULL, 0 },
	{ "ufakzeka", CHAIN(SPLIT(NO_CONTRACTIONS) "," BYTES("false")), NULL,
	    0 },
	{ "exaone-moe", CHAIN(SPLIT(EXAONE_MOE) "," BYTES("false")), NULL, 0 },
	{ "jais-2", CHAIN(SPLIT(JAIS2) "," BYTES("false")), NULL, 0 },
};

static bool
has_word(const char *words, tl_str word)
{
	tl_str s = tl_str_from(words);
	size_t beg = 0;

	while (beg < s.len) {
		size_t end = tl_str_find_char(s, ' ', beg);

		if (end == TL_NPOS)
			end = s.len;
		if (tl_str_eq(tl_str_slice(s, beg, end), word))
			return true;
		beg = end + 1;
	}
	return false;
}

const struct tl_gguf_pre *
tl_gguf_pre_find(tl_str name)
{
	for (size_t i = 0; i < TL_COUNT(pres); i++)
		if (has_word(pres[i].names, name))
			return &pres[i];
	return NULL;
}
