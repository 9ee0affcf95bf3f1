#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write the simplest exact tokenizer: a token a byte, a token a marker.

    tokenizer.py FOLDER

With it anybody can count the tokens of a text by hand.
"""
import json
import sys


def byte_letters():
    """The letters that stand for bytes in byte-level vocabularies."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters, extra = {}, 0
    for byte in range(256):
        if byte in plain:
            letters[byte] = chr(byte)
        else:
            letters[byte] = chr(256 + extra)
            extra += 1
    return letters


markers = ["<|im_start|>", "<|im_end|>"]
vocab = {letter: byte for byte, letter in byte_letters().items()}
tokenizer = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [
        {"id": 256 + i, "content": m, "single_word": False, "lstrip": False,
         "rstrip": False, "normalized": False, "special": True}
        for i, m in enumerate(markers)
    ],
    "normalizer": None,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False,
                      "trim_offsets": True, "use_regex": True},
    "post_processor": None,
    "decoder": {"type": "ByteLevel", "add_prefix_space": True,
                "trim_offsets": True, "use_regex": True},
    "model": {"type": "BPE", "dropout": None, "unk_token": None,
              "continuing_subword_prefix": None, "end_of_word_suffix": None,
              "fuse_unk": False, "byte_fallback": False, "vocab": vocab,
              "merges": []},
}
with open(sys.argv[1] + "/tokenizer.json", "w", encoding="utf-8") as f:
    json.dump(tokenizer, f)
with open(sys.argv[1] + "/chat.jinja", "w", encoding="utf-8") as f:
    f.write("{% for m in messages %}<|im_start|>{{ m.role }}\n"
            "{{ m.content }}<|im_end|>\n{% endfor %}")
