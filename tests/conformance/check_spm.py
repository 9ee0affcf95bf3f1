#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ids and spans against SentencePiece: check_spm.py BUILD

Models of every kind are trained on the repository's own documents, with
several settings of the normalizer; $TURNLINT_SPM may name further .model files
(separated by ":").  Each is compared on the texts of $TURNLINT_DATA/datasets
and on random strings: 300, or 20,000 with FULL=1.  Prints TAP.
"""
import glob
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

BUILD = sys.argv[1]
DATA = os.environ.get("TURNLINT_DATA", "")
COUNT = int(os.environ.get("COUNT", "20000" if os.environ.get("FULL") == "1" else "300"))
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.join(BUILD, "tests", "tokenize-lines")

try:
    import sentencepiece
except ImportError:
    # The distribution's module belongs to the distribution's Python.
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    print("1..1\nok - spm # SKIP python3-sentencepiece is not installed")
    sys.exit(0)

# --- texts --------------------------------------------------------------------

PARTS = ["the", "The model", "token", "tokenizer ", " ", "  ", "     ", "\n",
         "\n\n", "\t", "\r\n", "\u2581", "\u2581\u2581", "é", "e\u0301", "ﬁ",
         "ﬁ\u0301", "½", "①", "Ⅷ", "ｆｕｌｌ", "한국어", "각", "東京", "しない",
         "がｶﾞ", "العربية", "हिन्दी", "ไทย", "👍🏽", "👨‍👩‍👧", "\u200b", "\u00ad",
         "\ufeff", "\u00a0", "\u3000", "\u0000", "\u0001", "\u007f", "\ufffd",
         "\U0010ffff", "ß", "İ", "ΑΣ", "<s>", "</s>", "<unk>", "<pad>",
         "<0x0A>", "<tool>", "<tool> ", " <tool>", "<ctrl>", "[INST]", "zz top",
         "12345", "don't", "x" * 40, "ab" * 30, "if (a) {\n\t\treturn;\n}",
         "\ufdfa", "㌀", "ǆ", "…", "--", "==", "``", "https://x.org/?a=b"]


def random_texts(seed, count):
    rnd = random.Random(seed)
    for _ in range(count):
        out = []
        for _ in range(rnd.randrange(1, 14)):
            kind = rnd.random()
            if kind < 0.6:
                out.append(rnd.choice(PARTS))
            elif kind < 0.8:
                out.append("".join(chr(rnd.randrange(32, 127))
                                   for _ in range(rnd.randrange(1, 8))))
            else:
                high = rnd.choice([0x250, 0x600, 0x3100, 0xFFFE, 0x110000])
                out.append("".join(chr(c) for c in (
                    rnd.randrange(0, high) for _ in range(rnd.randrange(1, 5)))
                    if not 0xD800 <= c < 0xE000))
        yield "".join(out)


def strings_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from strings_of(part)


def dataset_texts():
    out = []
    for path in sorted(glob.glob(os.path.join(DATA, "datasets", "*.json*"))):
        with open(path, encoding="utf-8") as handle:
            body = handle.read()
        try:
            values = [json.loads(body)]
        except ValueError:
            values = []
            for line in body.splitlines():
                try:
                    values.append(json.loads(line))
                except ValueError:
                    pass
        texts = [t for t in strings_of(values)]
        out += texts[:400]
    return out


def is_text(text):
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


# --- models -------------------------------------------------------------------

COMMON = {"vocab_size": 1200, "character_coverage": 0.98,
          "hard_vocab_limit": False, "num_threads": 1,
          "minloglevel": 2, "input_sentence_size": 0}
SETTINGS = [
    ("bpe", {"model_type": "bpe"}),
    ("bpe-llama", {"model_type": "bpe", "byte_fallback": True,
                   "normalization_rule_name": "identity",
                   "remove_extra_whitespaces": False,
                   "split_digits": True}),
    ("bpe-gemma", {"model_type": "bpe", "byte_fallback": True,
                   "normalization_rule_name": "identity",
                   "remove_extra_whitespaces": False,
                   "add_dummy_prefix": False,
                   "user_defined_symbols": ["<tool>", "\n", "\n\n", "▁▁"],
                   "control_symbols": ["<ctrl>"]}),
    ("bpe-byte", {"model_type": "bpe", "byte_fallback": True,
                  "user_defined_symbols": ["<tool>", "\u2581\u2581", "x"]}),
    ("bpe-user", {"model_type": "bpe", "normalization_rule_name": "nfkc_cf",
                  "user_defined_symbols": ["<tool>", "<tool", "the", "東", "a b"],
                  "control_symbols": ["<ctrl>"], "pad_id": 3}),
    ("unigram", {"model_type": "unigram"}),
    ("unigram-t5", {"model_type": "unigram", "byte_fallback": True,
                    "vocab_size": 1300, "pad_id": 0, "eos_id": 1, "unk_id": 2,
                    "bos_id": -1, "user_defined_symbols": ["<tool>", "zz"]}),
    ("unigram-suffix", {"model_type": "unigram",
                        "treat_whitespace_as_suffix": True}),
    ("unigram-plain", {"model_type": "unigram", "add_dummy_prefix": False,
                       "normalization_rule_name": "nmt_nfkc_cf",
                       "remove_extra_whitespaces": False,
                       "user_defined_symbols": ["the", "xx", "\t"]}),
    ("word", {"model_type": "word", "vocab_size": 1200}),
    ("char", {"model_type": "char", "vocab_size": 1200,
              "user_defined_symbols": ["<tool>"]}),
]


def corpus(folder):
    path = os.path.join(folder, "corpus.txt")
    with open(path, "w", encoding="utf-8") as out:
        for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md",
                     "man/turnlint.1", "src/tokenizer/unicode.py"):
            with open(os.path.join(ROOT, name), encoding="utf-8") as handle:
                out.write(handle.read())
        for text in random_texts(7, 300):
            out.write(text.replace("\n", " ").replace("\0", " ") + "\n")
    return path


def rewrite(path, out, change):
    """A copy in which change(number, body) made something of each piece."""
    with open(path, "rb") as handle:
        blob = handle.read()
    done, at, count = bytearray(), 0, 0
    while at < len(blob):
        start, key = at, blob[at]
        at += 1
        size = shift = 0
        while True:
            byte = blob[at]
            at += 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        body = blob[at:at + size]
        at += size
        if key == 0x0A and size < 120:
            count += 1
            body = change(count, body)
            done += bytes([key, len(body)]) + body
        else:
            done += blob[start:at]
    with open(out, "wb") as handle:
        handle.write(done)


def unused(count, body):
    """Every seventh normal piece becomes unused."""
    if b"\x18" not in body[-2:] and count % 7 == 0:
        body += b"\x18\x05"
    return body


def tied(count, body):
    """Of thirty normal pieces two have the score of another one."""
    score = 2 + body[1] + 1
    if len(body) != score + 4 or count % 30 not in (7, 11, 19):
        return body
    return body[:score] + struct.pack("<f", -100.0 * (count // 30) - 50)


def models(folder):
    text = corpus(folder)
    for name, options in SETTINGS:
        prefix = os.path.join(folder, name)
        sentencepiece.SentencePieceTrainer.Train(
            input=text, model_prefix=prefix, **dict(COMMON, **options))
        yield name, prefix + ".model"
    for name in ("bpe", "unigram"):
        out = os.path.join(folder, name + "-unused.model")
        rewrite(os.path.join(folder, name + ".model"), out, unused)
        yield name + "-unused", out
    for name in ("bpe-llama", "unigram"):
        out = os.path.join(folder, name + "-tied.model")
        rewrite(os.path.join(folder, name + ".model"), out, tied)
        yield name + "-tied", out
    for path in filter(None, os.environ.get("TURNLINT_SPM", "").split(":")):
        yield os.path.basename(os.path.dirname(path)), path


# --- the comparison -----------------------------------------------------------

def ours(path, texts):
    lines = "".join(json.dumps(t) + "\n" for t in texts)
    run = subprocess.run([PROGRAM, "--raw", path], input=lines.encode(),
                         capture_output=True, check=False)
    if run.returncode != 0:
        return run.stderr.decode()
    return [json.loads(line) for line in run.stdout.decode().splitlines()]


def compare(path, texts):
    """The number of texts that differ, and the first of them."""
    proc = sentencepiece.SentencePieceProcessor()
    got = ours(path, texts)
    try:
        proc.Load(path)
    except RuntimeError as error:
        return (0, None) if isinstance(got, str) else (len(texts), str(error))
    if isinstance(got, str):
        return len(texts), got
    bad, first = 0, None
    for text, answer in zip(texts, got):
        want = proc.Encode(text, out_type="immutable_proto").pieces
        ids = [p.id for p in want]
        spans = [[p.begin, p.end] for p in want]
        if answer.get("ids") == ids and answer.get("offsets") == spans:
            continue
        bad += 1
        first = first or "%r: want %s %s got %s" % (text, ids, spans, answer)
    return bad + abs(len(texts) - len(got)), first


def main():
    texts = [t for t in dataset_texts() if is_text(t)]
    failed = total = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, path in models(folder):
            total += 1
            some = texts + list(random_texts(name, COUNT))
            bad, first = compare(path, some)
            print("%s - spm %s (%d texts, %d differ)" % (
                "not ok" if bad else "ok", name, len(some), bad))
            if bad:
                failed += 1
                print("# " + first[:600])
            sys.stdout.flush()
    print("1..%d" % total)
    return failed > 0


sys.exit(main())
