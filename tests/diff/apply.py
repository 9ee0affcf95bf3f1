#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turn the old file into the new one with nothing but the changes that
`turnlint diff --output-format jsonl` lists: what it leaves out is missed here.

    apply.py OLD NEW <diff.jsonl

Needs records that are JSON objects.
"""
import copy
import json
import sys


def parts(pointer):
    return [p.replace("~1", "/").replace("~0", "~")
            for p in pointer.split("/")[1:]]


def holder(value, pointer):
    *path, last = parts(pointer)
    for p in path:
        value = value[int(p)] if isinstance(value, list) else value[p]
    return value, int(last) if isinstance(value, list) else last


def apply(record, changes):
    """Whole values went or came, in the order of the document; leaves were
    replaced where they stood in the old record."""
    record = copy.deepcopy(record)
    for c in changes:
        if "old" in c:
            where, key = holder(record, c["old_pointer"])
            assert where[key] == c["old"], c
            if "new" in c:
                where[key] = c["new"]
    for c in reversed(changes):
        if "new" not in c:
            where, key = holder(record, c["old_pointer"])
            del where[key]
    for c in changes:
        if "old" not in c:
            where, key = holder(record, c["pointer"])
            if isinstance(where, list):
                where.insert(key, c["new"])
            else:
                where[key] = c["new"]
    return record


old, new = ([json.loads(line) for line in open(path, encoding="utf-8")]
            for path in sys.argv[1:3])
n = 0
for line in sys.stdin:
    d = json.loads(line)
    if d.get("kind") not in ("edited", "metadata"):
        continue
    got = apply(old[d["old"]["record"]], d["changes"])
    assert got == new[d["new"]["record"]], (d, got)
    n += 1
print("ok", n)
