# SPDX-License-Identifier: Apache-2.0
"""Random conversations, good and odd, for the template engine."""

WORDS = ["hi", "Hello there", "2 + 2 = 4?", "naïve café", "日本語のテスト",
         "안녕하세요", "Привет, мир", "مرحبا", "😀👨‍👩‍👧‍👦🏳️‍🌈", "e\u0301\u0323",
         "<|im_end|>", "[INST]", "</s>", "{{ bos_token }}", "{% if x %}",
         "a\tb", "line\nbreak", "\r\n", "\"quoted\" 'twice'", "back\\slash",
         "<b>&amp;</b>", "\u00a0\u3000\u2028\u200b\ufeff", "ǅ ß İ ŉ ﬁ ΑΣ",
         "<think>hm</think>", "</think>", "<tool_call>", "0", "None", "\u0000",
         "\x1f\x7f", "_under_", "%s {0} {}", "$x_{i}$", "```py\nx = 1\n```"]
ROLES = ["system", "user", "assistant", "tool", "developer", "ipython", "USER",
         "function", "model", ""]
KEYS = ["name", "weight", "train", "tool_call_id", "items", "keys", "get",
        "pop", "x y", "é", "__class__", "_p", "0", "content2", "metadata"]


def text(r):
    body = "".join(r.choice(WORDS) + r.choice(["", " ", "\n", "\n\n"])
                   for _ in range(r.choice([0, 1, 1, 2, 3, 6])))
    k = r.randrange(8)
    if k == 0:
        return ""
    if k == 1:
        return r.choice(["  ", "\n", "\u00a0", "\x1f ", "\t\n"]) + body + \
            r.choice([" ", "\n\n", "\u3000", "  "])
    if k == 2:
        return "<think>" + body + "</think>" + r.choice(["\n\n", ""]) + \
            r.choice(WORDS)
    return body


def number(r):
    return r.choice([0, 1, -1, 7, 2 ** 31, 2 ** 53 + 1, 10 ** 25, -3, 0.0, -0.0,
                     1.0, 1.1, 0.1, 1e16, 1e-5, 1e22, 123456.789, 5e-324,
                     -2.5, 1 / 3, r.random() * 10 ** r.randint(-20, 20)])


def value(r, depth=0):
    k = r.randrange(9 if depth < 3 else 6)
    if k < 2:
        return text(r)
    if k < 4:
        return number(r)
    if k == 4:
        return r.choice([True, False])
    if k == 5:
        return None
    if k == 6:
        return [value(r, depth + 1) for _ in range(r.randint(0, 3))]
    return {r.choice(KEYS + WORDS[:8]): value(r, depth + 1)
            for _ in range(r.randint(0, 4))}


def parts(r):
    out = []
    for _ in range(r.randint(0, 3)):
        k = r.randrange(5)
        if k < 3:
            out.append({"type": "text", "text": text(r)})
        elif k == 3:
            out.append({"type": "image_url",
                        "image_url": {"url": "https://example.org/a.png"}})
        else:
            out.append(r.choice([text(r), None, {"type": "image"}, {}]))
    return out


def call(r):
    arguments = {r.choice(["city", "unit", "n", "é", "items"]): value(r, 1)
                 for _ in range(r.randint(0, 3))}
    c = {"id": r.choice(["call_1", "abcdefghi", "123456789", ""]),
         "type": "function",
         "function": {"name": r.choice(["get_weather", "f", "search"]),
                      "arguments": r.choice([arguments, str(arguments)])}}
    if r.randrange(6) == 0:
        del c[r.choice(["id", "type", "function"])]
    return c


def message(r, role):
    m = {"role": role, "content": text(r)}
    k = r.randrange(24)
    if k == 0:
        m["content"] = None
    elif k == 1:
        del m["content"]
    elif k in (2, 3):
        m["content"] = parts(r)
    elif k == 4:
        m["content"] = r.choice([5, 1.5, True, {}, {"a": 1}, []])
    if role == "assistant" and r.randrange(4) == 0:
        m["tool_calls"] = [call(r) for _ in range(r.randint(0, 2))]
        if r.randrange(2):
            m["content"] = r.choice([None, ""])
    if role == "assistant" and r.randrange(8) == 0:
        m["reasoning_content"] = r.choice([text(r), None, ""])
    if role == "tool":
        m["tool_call_id"] = r.choice(["call_1", "abcdefghi"])
        if r.randrange(3) == 0:
            m["name"] = "get_weather"
    while r.randrange(6) == 0:
        m[r.choice(KEYS)] = value(r)
    if r.randrange(3) == 0:
        items = list(m.items())
        r.shuffle(items)
        m = dict(items)
    return m


def tool(r):
    return {"type": "function", "function": {
        "name": r.choice(["get_weather", "f"]), "description": text(r),
        "parameters": {"type": "object", "properties": {
            r.choice(["city", "items", "n"]): {
                "type": r.choice(["string", "number", ["string", "null"]]),
                "description": text(r)} for _ in range(r.randint(0, 2))},
            "required": r.sample(["city", "n"], r.randint(0, 2))}}}


def roles(r):
    n = r.randint(0, 4)
    out = ["system"] if r.randrange(2) else []
    if r.randrange(4):
        out += ["user", "assistant"] * n
        if r.randrange(3) == 0:
            out.append("user")
        if r.randrange(4) == 0 and len(out) > 2:
            at = r.randrange(1, len(out))
            out[at:at] = r.choice([["tool"], ["assistant", "tool"],
                                   ["tool", "tool"]])
    else:
        out += [r.choice(ROLES) for _ in range(r.randint(0, 6))]
    return out


def conversation(r):
    """A record for the engine, without its template."""
    record = {"messages": [message(r, role) for role in roles(r)],
              "now": "2024-07-06T09:08:07"}
    if r.randrange(3) == 0:
        record["tools"] = [tool(r) for _ in range(r.randint(0, 2))]
    if r.randrange(2):
        record["add_generation_prompt"] = r.choice([True, False])
    if r.randrange(6):
        record["bos_token"] = "<s>"
        record["eos_token"] = "</s>"
    if r.randrange(8) == 0:
        record["vars"] = {r.choice(["enable_thinking", "tools_in_user_message",
                                    "date_string", "custom_tools", "pad_token",
                                    "builtin_tools"]): value(r)}
    return record
