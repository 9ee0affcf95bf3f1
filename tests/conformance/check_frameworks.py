#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Frameworks' templates against known renders: check_frameworks.py BUILD

The appendices of TURNLINT_SPEC/frameworks.md list what LLaMA-Factory, FastChat
and TRL make of one conversation, and what of it they train.  Every name there
has to be accepted with its framework's prefix and render the same text, or be
refused with a reason.  Prints TAP.
"""
import json
import os
import re
import subprocess
import sys

BUILD = sys.argv[1]
SPEC = os.path.join(os.environ.get("TURNLINT_SPEC", ""), "frameworks.md")
TALK = [("user", "Hello"), ("assistant", "Hi!"), ("user", "How are you?"),
        ("assistant", "I'm good, thanks!")]
MARK = "@system@"


def run(program, text, *args):
    return subprocess.run([os.path.join(BUILD, program), *args],
                          input=text.encode(), capture_output=True,
                          check=False)


def appendix(letter):
    """(names, what stands behind them, render) of each entry."""
    with open(SPEC, encoding="utf-8") as f:
        part = re.search(rf"^## Appendix {letter}\..*?```text\n(.*?)```",
                         f.read(), re.S | re.M).group(1)
    for head, body in re.findall(r"^(\S.*)\n    (.*)$", part, re.M):
        names = re.match(r"[^ ,]+(, [^ ,]+)*", head).group()
        yield names.split(", "), head[len(names):], \
            body.replace("\\n", "\n")


def render(name, system):
    """The text, with the trained parts in brackets; or why there is none."""
    shown = run("turnlint", "", "template", "show", name)
    if shown.returncode != 0:
        return None, shown.stderr.decode()
    messages = [{"role": "system", "content": system}] if system else []
    messages += [{"role": r, "content": c} for r, c in TALK]
    record = {"template": shown.stdout.decode(), "messages": messages,
              "bos_token": "<BOS>", "eos_token": "<EOS>"}
    done = run("tests/jinja-lines", json.dumps(record) + "\n")
    answer = json.loads(done.stdout)
    if "error" in answer:
        return None, answer["error"]
    return answer["text"], answer["generation_spans"]


def report(name, wanted, got, why):
    if got == wanted:
        print(f"ok - {name}")
        return True
    print(f"not ok - {name}")
    print(f"# wanted {wanted!r}")
    print(f"# got    {got!r} {why if got is None else ''}")
    return False


def plain(body):
    body = re.sub(r"TOK\((.*?)\)", r"\1", body)
    return body.replace("⟦", "").replace("⟧", "")


def llamafactory():
    good = True
    for names, _, body in appendix("A"):
        for name in names:
            name = "llamafactory:" + name
            good &= report(name, plain(body), *render(name, "sysinfo"))
    return good


def fastchat_default(name, head, body):
    """Without a system message, where its text is known by its length."""
    text, why = render(name, None)
    length = re.search(r"sys\((\d+)\)", head)
    if text is None:
        if "is not known here" in why:
            print(f"ok - {name} refuses to guess its system prompt")
            return True
    elif length:
        text = re.sub(r"\{SYS\}", lambda _: MARK, plain(body)) if re.fullmatch(
            re.escape(body).replace(r"\{SYS\}", r"[\s\S]{%s}" %
                                    length.group(1)), text) else text
        body = body.replace("{SYS}", MARK)
    return report(name + " on its own", body, text, why)


def fastchat():
    good = True
    for names, head, body in appendix("B"):
        for n, name in enumerate(names):
            name = "fastchat:" + name
            text, why = render(name, MARK)
            if text is None and "cannot be rendered" in why:
                print(f"ok - {name} is refused: {why.split(': ')[-1].strip()}")
                continue
            if "{SYS}" in body:
                good &= report(name, body.replace("{SYS}", MARK), text, why)
            if n == 0:
                good &= fastchat_default(name, head, body)
    return good


def trl():
    good = True
    for names, head, body in appendix("C"):
        name = "trl:" + names[0]
        if "error" in head or "{" in body or "<today>" in body:
            continue
        text, why = render(name, None if "no system" in head else "sysinfo")
        if text is None and "cannot be rendered" in why:
            print(f"ok - {name} is refused: {why.split(': ')[-1].strip()}")
            continue
        good &= report(name, plain(body), text, why)
    return good


def swapped():
    """TRL's training template in the place of one it knows by its text."""
    model = os.path.join(os.environ.get("TURNLINT_NPM", ""), "@lenml",
                         "tokenizer-qwen2_5", "models")
    name = "TRL trains by its own template for Qwen2.5"
    if not os.path.exists(model):
        print(f"ok - {name} # SKIP no tokenizer in TURNLINT_NPM")
        return True
    record = {"messages": [{"role": r, "content": c} for r, c in TALK]}
    done = run("turnlint", json.dumps(record) + "\n", "show", "-",
               "--tokenizer", model, "--template", model, "--trainer", "trl",
               "--trainer-option", "assistant_only_loss=true",
               "--output-format", "jsonl")
    shown = json.loads(done.stdout)
    text = shown["text"].encode()
    got = b"".join(text[beg:end] for (beg, end), label in
                   zip(shown["offsets"], shown["labels"]) if label >= 0)
    return report(name, "\nHi!<|im_end|>\n\nI'm good, thanks!<|im_end|>\n",
                  got.decode(), shown["reason"])


if not os.path.exists(SPEC):
    print("ok - frameworks # SKIP TURNLINT_SPEC is unset")
    sys.exit(0)
sys.exit(0 if llamafactory() & fastchat() & trl() & swapped()
         else 1)
