#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write about N megabytes of texts, a JSON string a line: make_text.py FILE MB.

Dialogues of $TURNLINT_DATA/datasets, each once; translations in many languages
(the message catalogues of this system); code (Python's library); prose (this
repository's documents).  What is missing is left out; the line on standard
error says what there was.  Deterministic on one machine.
"""
import gettext
import json
import os
import pathlib
import random
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]


def dialogues():
    data = os.environ.get("TURNLINT_DATA")
    for path in sorted(pathlib.Path(data or "/nonexistent", "datasets").glob("*.json")):
        for record in json.loads(path.read_text(encoding="utf-8")):
            turns = record.get("conversations") or record.get("messages")
            if turns:
                yield "\n\n".join(str(t.get("value") or t.get("content") or "") for t in turns)
            else:
                yield "\n\n".join(str(record.get(k) or "") for k in ("instruction", "input", "output"))


def translations():
    for path in sorted(pathlib.Path("/usr/share/locale").glob("*/LC_MESSAGES/*.mo")):
        try:
            with open(path, "rb") as handle:
                catalogue = gettext.GNUTranslations(handle)._catalog
        except Exception:  # a catalogue Python cannot read
            continue
        lines = [v for k, v in catalogue.items() if k and isinstance(v, str)]
        for i in range(0, len(lines), 25):
            yield "\n".join(lines[i:i + 25])


def code():
    folder = pathlib.Path(os.__file__).parent
    for path in sorted(folder.glob("*.py")) + sorted(TOP.rglob("src/*/*.c")):
        text = path.read_text(encoding="utf-8", errors="replace")
        for i in range(0, len(text), 3000):
            yield text[i:i + 3000]


def prose():
    for path in sorted(TOP.glob("**/*.md")):
        yield path.read_text(encoding="utf-8", errors="replace")


def main():
    target, rng = int(float(sys.argv[2]) * 1e6), random.Random(7)
    shares = {"dialogues": 0.3, "translations": 0.4, "code": 0.25, "prose": 0.05}
    texts, note = [], []
    for kind, make in (("dialogues", dialogues), ("translations", translations),
                       ("code", code), ("prose", prose)):
        found = [t for t in dict.fromkeys(make()) if t.strip()]
        rng.shuffle(found)
        size = 0
        for text in found:
            if size >= target * shares[kind]:
                break
            size += len(text.encode("utf-8", "replace"))
            texts.append(text.encode("utf-8", "replace").decode("utf-8"))
        note.append("%s %.1f" % (kind, size / 1e6))
    rng.shuffle(texts)
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        for text in texts:
            out.write(json.dumps(text, ensure_ascii=False) + "\n")
    print("text in MB: " + ", ".join(note), file=sys.stderr)


main()
