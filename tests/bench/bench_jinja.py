#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Conversations rendered per second, ours against jinja2: bench_jinja.py BUILD

Our ChatML, and the Llama-3.1 and Qwen2.5 templates when TURNLINT_NPM has
them, with 4 and 8 messages.  Ours includes provenance.  One thread each.
"""
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "conformance"))
try:
    import jinja_reference
except ImportError:
    print("skipped: python3-jinja2 is missing")
    sys.exit(0)

QUESTION = "What is the tallest mountain of each continent, and who climbed " \
    "it first? Please answer in a short table."
ANSWER = "Asia: Mount Everest, 8,849 m, climbed in 1953 by Edmund Hillary and " \
    "Tenzing Norgay.\nSouth America: Aconcagua, 6,961 m, climbed in 1897 by " \
    "Matthias Zurbriggen.\nNorth America: Denali, 6,190 m, climbed in 1913."


def templates():
    with open(os.path.join(HERE, "..", "..", "src", "template", "builtin",
                           "chatml.jinja"), encoding="utf-8") as f:
        yield "chatml", f.read()
    for name, package in (("llama-3.1", "llama3_1"), ("qwen2.5", "qwen2_5")):
        path = os.path.join(os.environ.get("TURNLINT_NPM", ""), "@lenml",
                            f"tokenizer-{package}", "models",
                            "tokenizer_config.json")
        if not os.path.exists(path):
            print(f"skipped: {name} (TURNLINT_NPM has no {package})")
            continue
        with open(path, encoding="utf-8") as f:
            yield name, json.load(f)["chat_template"]


def records():
    for name, source in templates():
        for count in (4, 8):
            messages = [{"role": "system", "content": "You are helpful."}]
            while len(messages) < count:
                user = len(messages) % 2 == 1
                messages.append({"role": "user" if user else "assistant",
                                 "content": QUESTION if user else ANSWER})
            yield name, {"template": source, "messages": messages,
                         "bos_token": "<s>", "eos_token": "</s>"}


def theirs(record):
    template = jinja_reference.Template(record["template"]).template
    given = {"tools": None, "documents": None, "add_generation_prompt": False,
             "bos_token": "<s>", "eos_token": "</s>",
             "messages": record["messages"]}
    best = 0.0
    for _ in range(3):
        n, begin = 0, time.process_time()
        while time.process_time() - begin < 0.4:
            for _ in range(50):
                template.render(**given)
            n += 50
        best = max(best, n / (time.process_time() - begin))
    return best


def main():
    rows = list(records())
    given = "".join(json.dumps(r) + "\n" for _, r in rows)
    program = os.path.join(sys.argv[1], "tests", "bench", "bench_jinja")
    done = subprocess.run([program], input=given.encode(), check=True,
                          stdout=subprocess.PIPE)
    print(f"{'template':<12}{'messages':>9}{'ours/s':>12}{'jinja2/s':>12}"
          f"{'ratio':>8}")
    for (name, record), ours in zip(rows, done.stdout.split()):
        other = theirs(record)
        print(f"{name:<12}{len(record['messages']):>9}{float(ours):>12,.0f}"
              f"{other:>12,.0f}{float(ours) / other:>8.1f}")


main()
