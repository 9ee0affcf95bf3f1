#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write OLD and NEW: random chats, and the same after random edits.

    edits.py SEED OLD NEW
"""
import json
import random
import sys

rnd = random.Random(int(sys.argv[1]))
WORDS = ["fox", "dog", "moon", "the", "and", "ünï", "火", "x" * 40, "a b",
         "\n", "1", "true", "\u001b[2J", "🙂", "né"]


def text():
    return " ".join(rnd.choice(WORDS) for _ in range(rnd.randint(1, 30)))


def message(role):
    m = {"role": role, "content": text()}
    if rnd.random() < 0.2:
        m["train"] = rnd.random() < 0.5
    return m


def record(number):
    roles = ["system"] * rnd.randint(0, 1) + \
        ["user", "assistant"] * rnd.randint(1, 3)
    r = {"messages": [message(role) for role in roles]}
    if rnd.random() < 0.5:
        r["id"] = "r%d" % number
    if rnd.random() < 0.3:
        r["meta"] = {"n": number, "tags": [text()] * rnd.randint(0, 3)}
    return r


def edit(r):
    r = json.loads(json.dumps(r))
    for _ in range(rnd.randint(1, 3)):
        what = rnd.randrange(7)
        m = rnd.choice(r["messages"])
        if what == 0:
            m["content"] += " " + text()
        elif what == 1:
            m["train"] = not m.get("train", True)
        elif what == 2:
            m.pop("train", None)
        elif what == 3:
            r["meta"] = {"n": -1, "tags": [text(), text()]}
        elif what == 4:
            r.setdefault("meta", {"tags": []})["tags"].insert(0, "new")
        elif what == 5:
            r["messages"].insert(rnd.randint(0, len(r["messages"])),
                                 message(rnd.choice(["user", "assistant"])))
        elif len(r["messages"]) > 1:
            r["messages"].remove(m)
    return r


old = [record(i) for i in range(rnd.randint(0, 60))]
new = [edit(r) if rnd.random() < 0.3 else r for r in old
       if rnd.random() < 0.9]
for i in range(rnd.randint(0, 8)):
    new.insert(rnd.randint(0, len(new)), record(1000 + i))
for _ in range(rnd.randint(0, 3)):
    if new:
        new.insert(rnd.randint(0, len(new)), new.pop(rnd.randrange(len(new))))
for path, records in zip(sys.argv[2:], (old, new)):
    with open(path, "w", encoding="utf-8") as f:
        for r in records:
            if rnd.random() < 0.3:  # spelling is no change
                r = dict(reversed(r.items()))
            f.write(json.dumps(r, ensure_ascii=rnd.random() < 0.5) + "\n")
