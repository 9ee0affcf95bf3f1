#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""YAML as PyYAML's safe_load() reads it: check_yaml.py BUILD

Scalars made from the characters that the resolver looks at, and small
documents put together at random; 4,000 of each, 100,000 with FULL=1.
Prints TAP.
"""
import json
import os
import random
import subprocess
import sys

BUILD = sys.argv[1]
COUNT = 100000 if os.environ.get("FULL") == "1" else 4000
PROGRAM = os.path.join(BUILD, "tests", "yaml-lines")

try:
    import yaml
except ImportError:
    print("ok - YAML against PyYAML # SKIP no PyYAML")
    sys.exit(0)

WORDS = ["~", "null", "Null", "yes", "No", "ON", "off", "true", "False", "y",
         ".inf", "-.INF", "+.inf", ".NaN", ".nan", "0b101", "0x1F", "010",
         "0o17", "1_000", "1e3", "1.5e+3", "1.5e3", "-1.5E-2", "1:30", "1:2:3",
         "1:30.5", "2024-01-02", "=", "<<", "'yes'", '"1"', "a b", "-x", "1.",
         ".5", "+.5", "0", "-0", "+1", "08", "0_", "_1", "1__0", "0x_", "é"]
LETTERS = "0123456789_.:+-eExobnaify~"


class Loader(yaml.SafeLoader):
    """A date stays what was written; names are their text."""

    def construct_mapping(self, node, deep=False):
        if isinstance(node, yaml.MappingNode):
            self.flatten_mapping(node)
        out = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "no name", key.start_mark)
            out[key.value] = self.construct_object(value, deep=True)
        return out


Loader.add_constructor("tag:yaml.org,2002:timestamp",
                       lambda loader, node: node.value)
Loader.add_constructor("tag:yaml.org,2002:map",
                       lambda loader, node: loader.construct_mapping(node))


def scalar(rng):
    if rng.random() < 0.5:
        return rng.choice(WORDS)
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 8)))


def flow(rng, depth, names):
    kind = rng.random()
    if names and kind < 0.15:
        return "*" + rng.choice(names)
    anchor = ""
    if kind < 0.3:
        name = "a%d" % rng.randint(0, 9999)
        if name not in names:
            anchor = "&" + name + " "
    if depth == 0 or kind < 0.5:
        # libyaml takes a colon at either end for an indicator
        text = scalar(rng).strip(":") or "x"
    elif kind < 0.75:
        text = "[" + ", ".join(flow(rng, depth - 1, names)
                               for _ in range(rng.randint(0, 4))) + "]"
    else:
        members = []
        for _ in range(rng.randint(0, 4)):
            key = rng.choice(["k", "l", "m", "yes", "1", "<<"])
            members.append(key + ": " + flow(rng, depth - 1, names))
        text = "{" + ", ".join(members) + "}"
    if anchor:
        names.append(anchor[1:-1])
    return anchor + text


def document(rng):
    names = []
    lines = []
    for i in range(rng.randint(1, 5)):
        lines.append("k%d: %s" % (rng.randint(0, 5), flow(rng, 2, names)))
    return "\n".join(lines) + "\n"


def expected(text):
    try:
        return {"value": yaml.load(text, Loader)}
    except (yaml.YAMLError, ValueError):
        return {"error": True}


def same(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (a != a and b != b)
    return type(a) is type(b) and a == b


def check(name, texts):
    lines = "".join(json.dumps(t) + "\n" for t in texts)
    run = subprocess.run([PROGRAM], input=lines, capture_output=True,
                         text=True, check=True)
    bad = 0
    accepted = 0
    for text, line in zip(texts, run.stdout.splitlines()):
        want = expected(text)
        got = json.loads(line)
        accepted += "value" in want
        if "error" in got and "error" in want:
            continue
        if "value" in got and "value" in want and \
                same(got["value"], want["value"]):
            continue
        bad += 1
        if bad <= 5:
            print("# %r: want %r, got %s" % (text, want, line))
    good = bad == 0 and accepted > len(texts) // 4
    print("%sok - %s: %d texts, %d accepted" %
          ("" if good else "not ", name, len(texts), accepted))
    return good


rng = random.Random(5)
fine = check("YAML scalars against PyYAML",
             ["- " + scalar(rng) for _ in range(COUNT)])
fine &= check("YAML documents against PyYAML",
              [document(rng) for _ in range(COUNT)])
sys.exit(0 if fine else 1)
