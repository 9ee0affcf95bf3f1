#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a chat dataset (JSON lines) of about N megabytes: make_data.py FILE MB.

The text is that of the datasets in $TURNLINT_DATA/datasets when the variable is
set, else of this repository's own documents and sources.  Deterministic.
"""
import json
import os
import pathlib
import random
import sys


def paragraphs():
    data = os.environ.get("TURNLINT_DATA")
    if data:
        for path in sorted(pathlib.Path(data, "datasets").glob("*.json")):
            for record in json.loads(path.read_text(encoding="utf-8")):
                turns = record.get("conversations") or record.get("messages")
                if turns:
                    yield from (str(t.get("value") or t.get("content") or "") for t in turns)
                else:
                    yield from (str(record.get(k) or "") for k in ("instruction", "input", "output"))
        return
    top = pathlib.Path(__file__).resolve().parents[2]
    for path in sorted(top.rglob("*")):
        if path.suffix in (".md", ".c", ".h", ".py") and "build" not in path.parts:
            yield from path.read_text(encoding="utf-8", errors="replace").split("\n\n")


def main():
    target = int(float(sys.argv[2]) * 1e6)
    rng = random.Random(7)
    texts = [t for t in paragraphs() if t.strip()]
    size, number = 0, 0
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        while size < target:
            turns = []
            for _ in range(rng.choice((1, 1, 2, 3, 5))):
                turns.append({"role": "user", "content": rng.choice(texts)})
                turns.append({"role": "assistant", "content": rng.choice(texts)})
            line = json.dumps({"id": f"r{number}", "messages": turns}, ensure_ascii=False)
            out.write(line + "\n")
            size += len(line.encode("utf-8")) + 1
            number += 1


main()
