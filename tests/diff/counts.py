#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check the numbers of `turnlint diff --output-format jsonl` by counting.

    counts.py OLD NEW <diff.jsonl

With the tokenizer of tokenizer.py a text has as many tokens as bytes, and a
marker is one; trained are the replies, or the turns that say so, and the
marker that closes each.
"""
import json
import sys


def read(path):
    records = []
    for line in open(path, encoding="utf-8"):
        try:
            records.append(json.loads(line))
        except ValueError:
            records.append(None)
    return records


def count(record):
    if record is None:
        return None, None
    tokens = trained = 0
    for m in record["messages"]:
        size = len(m["content"].encode())
        tokens += 1 + len(m["role"]) + 1 + size + 1 + 1
        if m.get("train", m["role"] == "assistant"):
            trained += size + 1
    return tokens, trained


old, new = read(sys.argv[1]), read(sys.argv[2])
sides = {"old": old, "new": new}
seen = {"old": [], "new": []}
sums = {"tokens": [0, 0], "trained": [0, 0]}
kinds = {}
summary = None
for line in sys.stdin:
    d = json.loads(line)
    if "summary" in d:
        summary = d["summary"]
        continue
    kinds[d["kind"]] = kinds.get(d["kind"], 0) + 1
    for i, side in enumerate(("old", "new")):
        if d[side] is None:
            want = (0, 0)
        else:
            number = d[side]["record"]
            record = sides[side][number]
            seen[side].append(number)
            want = count(record)
            assert d[side]["line"] == number + 1, d
            assert d[side]["id"] == (record or {}).get("id"), d
        got = (d["tokens"][i], d["trained"][i])
        assert got == want, (d, side, got, want)
        for key, n in zip(("tokens", "trained"), want):
            sums[key][i] += n or 0
    if d["kind"] in ("unchanged", "moved"):
        assert old[d["old"]["record"]] == new[d["new"]["record"]], d
        assert d["changes"] == [], d
    if d["kind"] in ("edited", "metadata"):
        assert old[d["old"]["record"]] is None or \
            old[d["old"]["record"]] != new[d["new"]["record"]], d
for side in sides:
    assert sorted(seen[side]) == list(range(len(sides[side]))), side
assert summary["records"] == [len(old), len(new)], summary
assert [summary["tokens"], summary["trained"]] == \
    [sums["tokens"], sums["trained"]], (summary, sums)
for kind, n in kinds.items():
    assert kind == "moved" or summary[kind] == n, (kind, n, summary)
print("ok", kinds)
