#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write samples/tokenizers/broken: tokenizers of bytes, each with one defect.

They are what the rules about tokenizers show their bad examples with.
"""
import json
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
META = "\u2581"
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] +"
    " '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def byte_alphabet():
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [b for b in range(256) if b not in plain]
    return {**{b: chr(b) for b in plain},
            **{b: chr(0x100 + i) for i, b in enumerate(others)}}


def token(number, content, **flags):
    return {"id": number, "content": content, "single_word": False,
            "lstrip": False, "rstrip": False, "normalized": False,
            "special": True, **flags}


def tokenizer(extra=(), normalizer=None, **flags):
    """256 bytes and the markers of ChatML."""
    alphabet = byte_alphabet()
    names = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *extra]
    tokens = [token(256 + i, name, **(flags if name == "<|im_end|>" else {}))
              for i, name in enumerate(names)]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": tokens, "normalizer": normalizer,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False,
                          "trim_offsets": False, "use_regex": True},
        "post_processor": None, "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "vocab": {alphabet[b]: b for b in range(256)},
                  "merges": []}}


def config(**more):
    return {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": None,
            "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
            "chat_template": CHATML, **more}


# --- a tokenizer.model and what was made of it -----------------------------------

def pieces(words):
    """Unknown, BOS, EOS, the bytes, then words: (text, score, type)."""
    return [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3),
            *(("<0x%02X>" % b, 0.0, 6) for b in range(256)),
            *((word, -float(i), 1) for i, word in enumerate(words))]


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def spm_model(words):
    out = b""
    for text, score, kind in pieces(words):
        out += field(1, field(1, text.encode()) + field(2, score) +
                     field(3, kind))
    trainer = field(3, 2) + field(35, 1)
    normalizer = field(1, b"identity") + field(3, 1) + field(4, 0) + field(5, 1)
    return out + field(2, trainer) + field(3, normalizer)


def spm_json(words):
    names = [p[0] for p in pieces(words)]
    merges = []
    for word in words:
        merges += [[word[:i], word[i:]] for i in range(1, len(word))
                   if word[:i] in names and word[i:] in names]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [token(i, names[i]) for i in range(3)],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": META},
            {"type": "Replace", "pattern": {"String": " "}, "content": META}]},
        "pre_tokenizer": None, "post_processor": None, "decoder": None,
        "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": True,
                  "byte_fallback": True,
                  "vocab": {name: i for i, name in enumerate(names)},
                  "merges": merges}}


WORDS = [META, *"abcdefghijklmnopqrstuvwxyzHI[]/0123456789.+", "he", "ll", "hell",
         "hello", META + "w", "or", "ld", META + "wor", META + "world"]
LATER = [w for w in WORDS if w != "hell"] + ["hell"]  # a piece came last

FOLDERS = {
    "pad-is-eos": {"tokenizer.json": tokenizer(),
                   "tokenizer_config.json": config(pad_token="<|im_end|>")},
    "eos-differs": {"tokenizer.json": tokenizer(),
                    "tokenizer_config.json": config(),
                    "generation_config.json": {"eos_token_id": [256]}},
    "too-few-rows": {"tokenizer.json": tokenizer(),
                     "tokenizer_config.json": config(),
                     "config.json": {"vocab_size": 257, "eos_token_id": 258}},
    "strips": {"tokenizer.json": tokenizer(rstrip=True),
               "tokenizer_config.json": config()},
    "folds": {"tokenizer.json": tokenizer(normalizer={"type": "NFKC"}),
              "tokenizer_config.json": config()},
    "reserved": {"tokenizer.json": tokenizer(["<|reserved_special_token_0|>"]),
                 "tokenizer_config.json": config()},
    "slow-differs": {"tokenizer.json": spm_json(WORDS),
                     "tokenizer_config.json": config(
                         tokenizer_class="LlamaTokenizer", bos_token="<s>",
                         eos_token="</s>", pad_token="<unk>",
                         chat_template=None),
                     "tokenizer.model": spm_model(LATER)},
}


def main():
    for folder, files in FOLDERS.items():
        path = os.path.join(HERE, "broken", folder)
        os.makedirs(path, exist_ok=True)
        for name, data in files.items():
            with open(os.path.join(path, name), "wb") as handle:
                handle.write(data if isinstance(data, bytes) else (json.dumps(
                    data, ensure_ascii=False, separators=(",", ":")) +
                    "\n").encode())


main()
