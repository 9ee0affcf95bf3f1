#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train the two sample tokenizers on the text of this repository.

    samples/tokenizers/train.py            write both, from a clean checkout
    samples/tokenizers/train.py --check    what is there holds together

The corpus is what git knows of the documents, the comments of the sources and
the sample datasets, so
the result depends on the commit and on nothing else: the same checkout gives
the same bytes.  Other files of the repository quote ids of these tokenizers
(golden tests, examples of rules), so train anew only for a reason, and run
`make update-golden` afterwards.  Needs nothing but Python.
"""
import collections
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROSE = re.compile(r"(\.md|samples/(clean|broken)/.*\.jsonl?)$")
SOURCE = re.compile(r"\.[ch]$")
COMMENT = re.compile(r"/\*(.*?)\*/", re.S)
BPE_MERGES = 1280
SPM_MERGES = 1100
META = "\u2581"

CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] +"
    " '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
LLAMA2 = (
    "{% if messages[0]['role'] == 'system' %}"
    "{% set system = '<<SYS>>\\n' + messages[0]['content'] +"
    " '\\n<</SYS>>\\n\\n' %}{% set turns = messages[1:] %}"
    "{% else %}{% set system = '' %}{% set turns = messages %}{% endif %}"
    "{% for message in turns %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate user, assistant, user, …') }}"
    "{% endif %}"
    "{% if message['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + (system if loop.first else '') +"
    " message['content'] | trim + ' [/INST]' }}"
    "{% else %}{{ ' ' + message['content'] | trim + ' ' + eos_token }}"
    "{% endif %}{% endfor %}")
# WORDS is the same in the dialect of Python's re.
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
          r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
WORDS = re.compile(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|(?:[^\r\n\w]|_)?[^\W\d_]+|"
                   r"\d{1,3}| ?(?:[^\s\w]|_)+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SPM_WORDS = re.compile(r"%s*[^\W\d_]+|%s*\d|%s*[^\w\s%s]|%s+|_|\s" %
                       ((META,) * 5))


def corpus():
    names = subprocess.run(["git", "-C", ROOT, "ls-files"], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    for name in sorted(names):
        if not PROSE.search(name) and not SOURCE.search(name):
            continue
        with open(os.path.join(ROOT, name), "rb") as handle:
            text = handle.read().decode("utf-8", "ignore")
        if SOURCE.search(name):
            text = "\n".join(re.sub(r"\s*\n\s*\*?\s*", " ", c).strip()
                             for c in COMMENT.findall(text)
                             if "SPDX" not in c)
        yield re.sub(r"[-=]{4,}", "", text)


def byte_alphabet():
    keep = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    out, extra = {}, 0
    for b in range(256):
        if b in keep:
            out[b] = chr(b)
        else:
            out[b] = chr(0x100 + extra)
            extra += 1
    return out


def train(words, nmerges):
    """words: tuple of symbols -> count.  The most frequent pair first; of
    equals the one that sorts first."""
    words = [[list(w), n] for w, n in sorted(words.items())]
    counts = collections.Counter()
    where = collections.defaultdict(set)
    for i, (w, n) in enumerate(words):
        for pair in zip(w, w[1:]):
            counts[pair] += n
            where[pair].add(i)
    merges = []
    while len(merges) < nmerges:
        best = min(counts, key=lambda p: (-counts[p], p))
        if counts[best] < 2:
            break
        merges.append(best)
        for i in sorted(where.pop(best)):
            w, n = words[i]
            for pair in zip(w, w[1:]):
                counts[pair] -= n
            at, new = 0, []
            while at < len(w):
                if at + 1 < len(w) and (w[at], w[at + 1]) == best:
                    new.append(w[at] + w[at + 1])
                    at += 2
                else:
                    new.append(w[at])
                    at += 1
            words[i][0] = new
            for pair in zip(new, new[1:]):
                counts[pair] += n
                where[pair].add(i)
        del counts[best]
    return merges


def added(num, content):
    return {"id": num, "content": content, "single_word": False,
            "lstrip": False, "rstrip": False, "normalized": False,
            "special": True}


def document(model, tokens, **parts):
    out = {"version": "1.0", "truncation": None, "padding": None,
           "added_tokens": tokens, "normalizer": None, "pre_tokenizer": None,
           "post_processor": None, "decoder": None, "model": model}
    out.update(parts)
    return out


def model(vocab, merges, **more):
    out = {"type": "BPE", "dropout": None, "unk_token": None,
           "continuing_subword_prefix": None, "end_of_word_suffix": None,
           "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
           "vocab": vocab, "merges": [" ".join(m) for m in merges]}
    out.update(more)
    return out


def number(vocab, strings):
    for s in strings:
        vocab.setdefault(s, len(vocab))


def bpe_mini(texts):
    alphabet = byte_alphabet()
    words = collections.Counter()
    for text in texts:
        for w in WORDS.findall(text):
            words[tuple(alphabet[b] for b in w.encode())] += 1
    merges = train(words, BPE_MERGES)
    vocab = {}
    number(vocab, sorted(alphabet.values()))
    number(vocab, (a + b for a, b in merges))
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    level = {"type": "ByteLevel", "add_prefix_space": False,
             "trim_offsets": False, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": LLAMA3},
             "behavior": "Isolated", "invert": False}
    tokens = [added(len(vocab) + i, s) for i, s in enumerate(special)]
    config = {"tokenizer_class": "PreTrainedTokenizerFast",
              "bos_token": None, "eos_token": "<|im_end|>",
              "pad_token": "<|endoftext|>", "unk_token": None,
              "model_max_length": 4096,
              "chat_template": CHATML}
    return document(model(vocab, merges), tokens,
                    pre_tokenizer={"type": "Sequence",
                                   "pretokenizers": [split, level]},
                    post_processor=level, decoder=level), config


def spm_mini(texts):
    words, chars = collections.Counter(), collections.Counter()
    for text in texts:
        for line in text.splitlines(keepends=True):
            for w in SPM_WORDS.findall(META + line.replace(" ", META)):
                words[tuple(w)] += 1
                chars.update(w)
    known = {c for c, n in chars.items() if n > 2 and c.isprintable()}
    known |= {chr(c) for c in range(0x21, 0x7F)} | {META}
    words = {w: n for w, n in words.items() if set(w) <= known}
    merges = train(words, SPM_MERGES)
    for pair in ((META, "["), ("[", "/")):  # both forms must exist
        if pair not in merges:
            merges.append(pair)
    vocab = {}
    number(vocab, ["<unk>", "<s>", "</s>"])
    number(vocab, ("<0x%02X>" % b for b in range(256)))
    number(vocab, (a + b for a, b in merges))
    number(vocab, sorted(known, key=lambda c: (-chars[c], c)))
    tokens = [added(i, s) for i, s in enumerate(["<unk>", "<s>", "</s>"])]
    legacy = {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": META},
        {"type": "Replace", "pattern": {"String": " "}, "content": META}]}
    bos = {"SpecialToken": {"id": "<s>", "type_id": 0}}
    first = {"Sequence": {"id": "A", "type_id": 0}}
    second = {"Sequence": {"id": "B", "type_id": 0}}
    post = {"type": "TemplateProcessing", "single": [bos, first],
            "pair": [bos, first, second],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1],
                                       "tokens": ["<s>"]}}}
    config = {"tokenizer_class": "LlamaTokenizer", "legacy": True,
              "add_bos_token": True, "add_eos_token": False,
              "bos_token": "<s>", "eos_token": "</s>", "pad_token": None,
              "unk_token": "<unk>", "model_max_length": 4096,
              "chat_template": LLAMA2}
    return document(model(vocab, merges, unk_token="<unk>", fuse_unk=True,
                          byte_fallback=True), tokens, normalizer=legacy,
                    post_processor=post), config


def save(name, data, config):
    folder = os.path.join(HERE, name)
    os.makedirs(folder, exist_ok=True)
    for file, value in (("tokenizer.json", data),
                        ("tokenizer_config.json", config)):
        with open(os.path.join(folder, file), "w", encoding="utf-8") as out:
            json.dump(value, out, ensure_ascii=False, indent=1)
            out.write("\n")


def check():
    for name in ("bpe-mini", "spm-mini"):
        path = os.path.join(HERE, name, "tokenizer.json")
        with open(path, encoding="utf-8") as handle:
            data = json.load(handle)
        vocab = data["model"]["vocab"]
        assert sorted(vocab.values()) == list(range(len(vocab))), name
        for line in data["model"]["merges"]:
            a, b = line.split(" ")
            assert a in vocab and b in vocab and a + b in vocab, line
        assert os.path.getsize(path) < 150000, name
        if name == "spm-mini":
            assert vocab["["] != vocab[META + "["]
    print("both hold together")


def main():
    if "--check" in sys.argv:
        check()
        return
    texts = list(corpus())
    save("bpe-mini", *bpe_mini(texts))
    save("spm-mini", *spm_mini(texts))
    check()


main()
