# SPDX-License-Identifier: Apache-2.0
"""Random templates: the language crossed with itself.

Programs are small and mostly well-formed; many fail while rendering, and then
they have to fail in both engines.
"""
import conversations

NAMES = ["messages", "x", "y", "s", "l", "d", "n", "u", "ns", "tools", "loop",
         "f", "bos_token", "m"]
FILTERS = ["trim", "upper", "lower", "title", "capitalize", "string", "list",
           "length", "first", "last", "join", "join(', ')", "tojson", "safe",
           "tojson(indent=2)", "int", "float", "abs", "sort", "unique",
           "reverse", "items", "default('D')", "default(x, true)", "e",
           "replace('a', 'bc')", "indent", "indent(2, true)", "sum", "min",
           "max", "dictsort", "map('upper')", "map(attribute='role')",
           "select('string')", "reject('none')", "selectattr('role')",
           "selectattr('role', 'equalto', 'user')", "batch(2)", "round",
           "slice(2)", "wordcount", "center(9)", "truncate(5)", "count",
           "map('string')", "select", "groupby('role')", "trim('a')",
           "split", "striptags", "urlencode", "format(1)", "forceescape",
           "rejectattr('content', 'none')", "join('-', 'role')", "xmlattr",
           "wordwrap(4)", "attr('upper')", "filesizeformat"]
TESTS = ["defined", "undefined", "none", "string", "mapping", "sequence",
         "iterable", "number", "true", "false", "boolean", "integer", "float",
         "odd", "even", "callable", "lower", "upper", "escaped", "eq 1",
         "in [1, 'a']", "sameas none", "divisibleby 2", "ne 'a'", "lt 3",
         "in 'abc'", "equalto(x)", "filter", "test"]
METHODS = ["strip()", "split()", "upper()", "lower()", "title()", "lstrip()",
           "rstrip('a\\n')", "split('a')", "split(' ', 1)", "rsplit('a', 1)",
           "startswith('a')", "endswith(('a', 'b'))", "replace('a', '<&>')",
           "find('a')", "count('a')", "join(l)", "join(['a', s])", "items()",
           "keys()", "values()", "get('role')", "get('q', 'z')", "copy()",
           "splitlines()", "partition('a')", "rpartition('b')", "zfill(5)",
           "isdigit()", "isalpha()", "isupper()", "capitalize()", "format(1)",
           "swapcase()", "center(7, '*')", "index('a')", "append(1)", "pop()",
           "removeprefix('a')", "expandtabs()", "casefold()", "istitle()",
           "isspace()", "ljust(4)", "rindex('b')"]
LITERALS = ["1", "0", "-3", "2.5", "1e3", "'a'", "'abc'", "''", "' a b\\n'",
            "'é😀'", "true", "false", "none", "[]", "[1, 2, 3]", "(1, 'b')",
            "{'role': 'user', 'a': 1}", "{}", "['a', 'B', none]", "()",
            "10 ** 20", "'%s|%5d'", "'{} {0}'", "'ßİ'", "'<a> & b'", "1.0",
            "[[1, 2], [3, 4]]", "range(3)", "namespace(a=1)", "dict(a=2)"]
BINARY = ["+", "-", "*", "/", "//", "%", "~", "**", "==", "!=", "<", "<=", ">",
          ">=", "in", "not in", "and", "or", "+", "~", "+", "=="]


def expression(r, depth=0):
    k = r.randrange(16 if depth < 4 else 4)
    sub = lambda: expression(r, depth + 1)
    if k < 2:
        return r.choice(LITERALS)
    if k < 4:
        return r.choice(NAMES)
    if k < 6:
        return f"{sub()} {r.choice(BINARY)} {sub()}"
    if k == 6:
        return f"({sub()})"
    if k == 7:
        return f"({sub()})|{r.choice(FILTERS)}"
    if k == 8:
        return f"{r.choice(NAMES)}|{r.choice(FILTERS)}|{r.choice(FILTERS)}"
    if k == 9:
        return f"({sub()}) is {r.choice(['', 'not '])}{r.choice(TESTS)}"
    if k == 10:
        return f"({sub()}).{r.choice(METHODS)}"
    if k == 11:
        return f"{r.choice(NAMES)}[{sub()}]"
    if k == 12:
        part = lambda: r.choice(["", "", "1", "-1", "2", "0", "none"])
        step = r.choice(["", ":-1", ":2", ":", ":" + part()])
        # Of names: a slice of a constant that cannot be sliced is undefined
        # to jinja2, because it is computed while compiling.
        return f"{r.choice(NAMES)}[{part()}:{part()}{step}]"
    if k == 13:
        return f"({sub()} if {sub()}" + \
            (f" else {sub()})" if r.randrange(4) else ")")
    if k == 14:
        return r.choice([f"not {sub()}", f"-{r.choice(NAMES + LITERALS)}",
                         f"[{sub()}, {sub()}]", f"{{'a': {sub()}}}",
                         f"f({sub()})", f"f(a={sub()}, b=1)",
                         f"({sub()}, )", f"range({sub()})|list"])
    return r.choice(["m.role", "m['content']", "messages[0]['role']",
                     "messages[-1].content", "loop.index", "loop.first",
                     "loop.last", "loop.length", "loop.previtem", "ns.a",
                     "loop.nextitem.role", "d.role", "d.items", "l.0", "x.y",
                     "loop.cycle('a', 'b')", "loop.changed(x)",
                     "loop.revindex", "loop.depth0", "f.name"])


def body(r, depth, in_loop):
    return "".join(statement(r, depth + 1, in_loop)
                   for _ in range(r.randint(0, 3)))


def tag(r, text):
    return "{%" + r.choice(["", "", "-", "+"]) + f" {text} " + \
        r.choice(["", "", "-"]) + "%}"


def statement(r, depth=0, in_loop=False):
    k = r.randrange(17 if depth < 4 else 6)
    e = lambda: expression(r, 1)
    if k < 2:
        return r.choice(["text", " \n", "a\n  ", "\n\n", "  ", "é ", "{", "x"])
    if k < 5:
        return "{{" + r.choice(["", "-"]) + f" {e()} " + \
            r.choice(["", "-"]) + "}}"
    if k == 5:
        return tag(r, f"set {r.choice(['x', 'y', 's', 'l', 'd', 'ns.a', 'a, b'])}"
                      f" = {e()}")
    if k == 6:
        return "{# " + r.choice(["c", "{{ x }}"]) + " #}"
    if k in (7, 8):
        out = tag(r, f"if {e()}") + body(r, depth, in_loop)
        if r.randrange(3) == 0:
            out += tag(r, f"elif {e()}") + body(r, depth, in_loop)
        if r.randrange(2):
            out += tag(r, "else") + body(r, depth, in_loop)
        return out + tag(r, "endif")
    if k in (9, 10, 11):
        target = r.choice(["m", "x", "m", "x, y", "a, (b, c)", "x, y"])
        source = r.choice(["messages", "l", "d.items()", "s", "range(3)", "d",
                           "[[1, 2], [3, 4]]", "messages[1:]", e()])
        extra = r.choice(["", "", "", f" if {e()}", " recursive"])
        out = tag(r, f"for {target} in {source}{extra}") + \
            body(r, depth, True)
        if r.randrange(4) == 0:
            out += tag(r, "else") + body(r, depth, in_loop)
        return out + tag(r, "endfor")
    if k == 12:
        name = r.choice(["f", "g"])
        return tag(r, f"macro {name}({r.choice(['', 'a', 'a, b=2', 'x=y'])})") \
            + body(r, depth, False) + tag(r, "endmacro") + \
            r.choice(["", "{{ " + name + "(1) }}"])
    if k == 13:
        return tag(r, r.choice(["set x", "set s", "set s | upper", "set ns.a"])
                   ) + body(r, depth, in_loop) + tag(r, "endset")
    if k == 14:
        return tag(r, "generation") + body(r, depth, False) + \
            tag(r, "endgeneration")
    if k == 15:
        return r.choice([
            tag(r, f"with x = {e()}, z = x") + body(r, depth, in_loop) +
            tag(r, "endwith"),
            tag(r, f"filter {r.choice(['upper', 'trim', 'title', 'e'])}") +
            body(r, depth, in_loop) + tag(r, "endfilter"),
            tag(r, "call(x) f(1)") + body(r, depth, False) +
            tag(r, "endcall")])
    if in_loop:
        return tag(r, r.choice(["break", "continue"]))
    return tag(r, "set ns = namespace(a=0, b='x')")


def template(r):
    return "".join(statement(r) for _ in range(r.randint(1, 6)))


def records(r, count):
    out = []
    for i in range(count):
        record = conversations.conversation(r)
        record["id"] = i
        record["template"] = template(r)
        record["vars"] = {
            "s": conversations.text(r), "l": [conversations.value(r, 2)
                                              for _ in range(r.randint(0, 3))],
            "d": {"role": "user", "a": conversations.value(r, 1)},
            "n": None, "x": conversations.value(r), "y": r.randint(-3, 9)}
        out.append(record)
    return out
