#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write N conversations of TURNS turns (JSON lines): make_turns.py FILE N TURNS
[WORDS].  A turn has less than WORDS words, 120 when not given.

The words are those of this repository's own documents.  Deterministic.
"""
import json
import pathlib
import random
import sys


def main():
    count, turns = int(sys.argv[2]), int(sys.argv[3])
    most = int(sys.argv[4]) if len(sys.argv) > 4 else 120
    rng = random.Random(turns)
    top = pathlib.Path(__file__).resolve().parents[2]
    words = " ".join(p.read_text(encoding="utf-8") for p in sorted(top.glob("*.md"))).split()
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for number in range(count):
            messages = []
            for turn in range(turns):
                at = rng.randrange(len(words) - 120)
                text = " ".join(words[at : at + rng.randrange(3 if most < 20 else 8, most)])
                messages.append({"role": ("user", "assistant")[turn % 2], "content": text})
            line = {"id": f"c{number}", "messages": messages}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


main()
