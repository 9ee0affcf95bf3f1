# SPDX-License-Identifier: Apache-2.0
"""Random templates of another kind: a feature at a time, with odd arguments.

expressions.py crosses the grammar with itself.  Here every piece knows what
type it works on, so that programs get far before they fail: macros with all
kinds of arguments, recursive loops, namespaces, slices, format strings,
numbers at the edges, whitespace control.
"""
import conversations

STRINGS = ["'abc'", "''", "'a b  c'", "' pad \\n'", "'é😀ß'", "\"it's\"",
           "'Title case here'", "'a,b,,c'", "'line1\\nline2\\r\\nline3'",
           "'12'", "'-7'", "' 3.5e2 '", "'0x1f'", "'<b>&\"q\"</b>'", "'aXbXc'",
           "'%s and %r'", "'{} {x}'", "'ǅıİ'", "'日本語'", "'a\\tb'", "'ab' * 3",
           "'nan'", "'1_000'", "'٣'", "'ﬁn'", "'e\\u0301'", "'A-B_c.d'",
           "'\\x00\\x1f\\x7f'", "'/'", "'\\\\'", "'Σας ΣΑΣ'", "s", "t", "w",
           "messages[0].content|string", "'x' ~ n", "'\\u2028\\u00a0'"]
INTS = ["0", "1", "-1", "2", "7", "-3", "10", "255", "1_000", "0x1F", "0b101",
        "10 ** 18", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "2 ** 64", "-(2 ** 65)", "10 ** 30", "n", "big",
        "true", "'abc'|length", "l|length"]
FLOATS = ["0.0", "1.5", "-2.5", "1e16", "1e15", "123456789.125", "1e-5",
          "0.1 + 0.2", "1 / 3", "5e-324", "1.7976931348623157e308", "2.675",
          "1e22", "1e21", "-0.0", "100.0", "0.5", "1.5", "2.5", "f", "1e100",
          "9007199254740993.0", "12345.678", "0.0001", "0.00001"]
LISTS = ["l", "[]", "[1, 2, 3]", "['b', 'a', 'C']", "[3, 1, 2, 1]",
         "(1, 2, 3, 4)", "[[1, 2], [3, 4]]", "['x', none, 1.5, true]",
         "range(5)", "range(10, 0, -3)", "messages", "'a,b,c'.split(',')",
         "[{'k': 2, 'v': 'b'}, {'k': 1, 'v': 'a'}, {'k': 2, 'v': 'c'}]",
         "d.keys()|list", "d.items()|list", "[0, '', none, [], 'z']",
         "range(3)|list + [9]", "['a', 'A', 'b', 'B']", "[1.0, 1, true, 2]",
         "tree", "dict(p=1, q=2)|list", "('only',)", "[u, 1]"]
DICTS = ["d", "{}", "{'a': 1, 'b': [1, {'c': none}]}", "dict(x=1, y='z')",
         "{'B': 2, 'a': 1, 'C': 0}", "messages[0]", "{1: 'i', 'k': 2.5}",
         "{'items': 5, 'get': 6}", "dict(d, q=1)", "dict([['m', 1]])",
         "{'é': '日', 'n': 1e16}", "{'z': 1, 'y': {'x': [], 'w': {}}}",
         "{none: 1, true: 2}", "{(1, 2): 3}", "tree[0]"]
ANY = ["none", "u", "true", "false", "u.v", "d.nope", "l[99]", "joiner('/')",
       "namespace(a=1)", "cycler(1, 2)", "m0"]
KINDS = {"s": STRINGS, "i": INTS, "f": FLOATS, "l": LISTS, "d": DICTS,
         "o": ANY}

# {s} {i} {f} {l} {d} {o} stand for a value, {any} for one of any type, {num}
# for a number.  The first is what the feature belongs to.
TO_STR = [
    "({s}).strip({s})", "({s}).lstrip()", "({s}).rstrip({s})",
    "({s}).replace({s}, {s})", "({s}).replace({s}, {s}, {i})",
    "({s}).upper()", "({s}).lower()", "({s}).title()", "({s}).capitalize()",
    "({s}).swapcase()", "({s}).casefold()", "({s}).center({i8})",
    "({s}).center({i8}, '*')", "({s}).ljust({i8}, '.')", "({s}).rjust({i8})",
    "({s}).zfill({i8})", "({s}).expandtabs({i8})", "({s}).removeprefix({s})",
    "({s}).removesuffix({s})", "({s}).join({l})", "({s}).format({any}, x={any})",
    "({s})|trim", "({s})|trim({s})", "({any})|string", "({any})|upper",
    "({any})|lower", "({any})|title", "({any})|capitalize",
    "({any})|replace({s}, {s})", "({any})|replace({s}, {s}, {i})",
    "({any})|indent", "({s})|indent({i8}, true)", "({s})|indent({s}, first=true)",
    "({s})|indent(width={i8}, blank=true)", "({l})|join", "({l})|join({s})",
    "({l})|join(', ', attribute='k')", "({l})|join('-', 0)", "({any})|tojson",
    "({any})|tojson(indent={i8})", "({any})|tojson(indent='\\t')",
    "({any})|tojson(separators=(',', ':'))", "({any})|tojson(ensure_ascii=true)",
    "({d})|tojson(sort_keys=true)", "({d})|tojson(sort_keys=true, indent=1)",
    "({d})|tojson(true, 2)", "({d})|tojson(false, none, (';', '='))",
    "({any})|e", "({any})|escape", "({s})|safe", "({any})|forceescape",
    "({s})|safe + ({s})", "({s})|e ~ ({s})", "({s})|center({i8})",
    "({s})|truncate({i8})", "({s})|truncate({i8}, true)",
    "({s})|truncate({i8}, false, '..', 0)", "({s})|truncate(length={i8}, leeway={i8})",
    "({s})|wordwrap({i8})", "({s})|wordwrap({i8}, false)",
    "({s})|wordwrap({i8}, wrapstring='|', break_on_hyphens=false)",
    "({s})|striptags", "({s})|urlencode", "({d})|urlencode",
    "({num})|filesizeformat", "({num})|filesizeformat(true)", "({d})|xmlattr",
    "({d})|xmlattr(false)", "({s})|reverse", "({s})|first", "({s})|last",
    "({s})[{i}]", "({s})[{sl}]", "({s})[{sl}:{sl}]", "({s})[{sl}:{sl}:{sl}]",
    "({s}) + ({s})", "({any}) ~ ({any})", "({s}) * ({i8})", "({s}) % ({any})",
    "'%s|%r|%5s|%-5s|' % ({any}, {any}, {any}, {any})",
    "'%d|%5d|%05d|%+d|%x|%X|%o|%#x' % ({i}, {i}, {i}, {i}, {i}, {i}, {i}, {i})",
    "'%f|%.2f|%8.3f|%e|%g|%G|%+.1e' % ({num}, {num}, {num}, {num}, {num}, {num}, {num})",
    "'%(a)s %(b)5s' % {'a': {any}, 'b': {any}}", "'%c%c' % ({i8}, 'x')",
    "'%*d' % ({i8}, {i})", "'%.3s' % ({any},)", "({s})|format({any}, {any})",
    "'{:>8}|{:<8}|{:^8}|'.format({s}, {s}, {s})",
    "'{:+d}|{:08d}|{:,}|{:_}|{:x}|{:#b}'.format({i}, {i}, {i}, {i}, {i}, {i})",
    "'{:.2f}|{:e}|{:g}|{:%}|{:10.3f}|{:,.2f}'.format({num}, {num}, {num}, {num}, {num}, {num})",
    "'{!r}|{!s}|{0}'.format({any}, {any})", "'{0}|{1!r}|{0!a}'.format({any}, {any})",
    "'{a[k]}|{a}'.format(a={d})", "'{:{w}}|'.format({s}, w={i8})",
    "'{:*^{}}'.format({s}, {i8})", "mac({any})", "mac({any}, {any})",
    "mac(b={any}, a={any})", "mac(*{l})", "mac(**{d})", "mac({any}, z={any})",
    "va({any}, {any}, k={any})", "va(*{l}, **{d})", "va()",
    "loop.cycle({any}, {any})", "lp.index ~ lp.last",
    "strftime_now('%Y-%m-%d %H:%M:%S %j %a %b %p %%')", "({s}).__class__",
]
TO_NUM = [
    "({num}) + ({num})", "({num}) - ({num})", "({num}) * ({num})",
    "({num}) / ({num})", "({num}) // ({num})", "({num}) % ({num})",
    "({i8}) ** ({i8})", "({f}) ** 2", "-({num})", "+({num})", "({num})|abs",
    "({num})|round", "({num})|round({i4})", "({num})|round({i4}, 'ceil')",
    "({num})|round(method='floor')", "({any})|int", "({any})|int({i})",
    "({s})|int(base=16)", "({s})|int(0, 2)", "({any})|float", "({any})|float({f})",
    "({any})|length", "({l})|count", "({s})|wordcount", "({l})|sum",
    "({l})|sum(start={i})", "({l})|sum(attribute='k')", "({l})|min", "({l})|max",
    "({l})|min(attribute='k')", "({l})|max(case_sensitive=true)",
    "({s}).find({s})", "({s}).find({s}, {i8})", "({s}).rfind({s}, {i}, {i})",
    "({s}).index({s})", "({s}).rindex({s})", "({s}).count({s})",
    "({s}).count({s}, {i8}, {i8})", "({l}).index({any})", "({l}).count({any})",
    "loop.index", "loop.index0", "loop.revindex", "loop.length", "loop.depth",
    "ns.i", "not ({any})", "({any}) and ({any})", "({any}) or ({any})",
]
TO_BOOL = [
    "({any}) == ({any})", "({any}) != ({any})", "({num}) < ({num})",
    "({s}) < ({s})", "({l}) <= ({l})", "({any}) > ({any})", "({any}) >= ({any})",
    "({num}) < ({num}) <= ({num})", "({any}) in ({l})", "({s}) in ({s})",
    "({any}) not in ({any})", "({any}) in ({d})", "({any}) is defined",
    "({any}) is undefined", "({any}) is none", "({any}) is string",
    "({any}) is number", "({any}) is integer", "({any}) is float",
    "({any}) is boolean", "({any}) is true", "({any}) is false",
    "({any}) is mapping", "({any}) is sequence", "({any}) is iterable",
    "({any}) is callable", "({any}) is sameas({any})", "({num}) is odd",
    "({num}) is even", "({num}) is divisibleby({num})", "({any}) is eq({any})",
    "({any}) is ne({any})", "({num}) is lt({num})", "({num}) is ge({num})",
    "({any}) is gt({any})", "({any}) is in({l})", "({any}) is not in ({l})",
    "({any}) is lower", "({any}) is upper", "({any}) is escaped",
    "({s}) is filter", "({s}) is test", "({s}).startswith({s})",
    "({s}).startswith(({s}, {s}))", "({s}).startswith({s}, {i8})",
    "({s}).endswith({s}, {i}, {i})", "({s}).isdigit()", "({s}).isalpha()",
    "({s}).isalnum()", "({s}).isspace()", "({s}).isupper()", "({s}).islower()",
    "({s}).istitle()", "({s}).isnumeric()", "({s}).isdecimal()",
    "({s}).isidentifier()", "({s}).isprintable()", "({s}).isascii()",
    "loop.first", "loop.last", "loop.changed({any})", "({num}) is greaterthan ({i})",
]
TO_LIST = [
    "({l})|list", "({any})|list", "({l})|sort", "({l})|sort(reverse=true)",
    "({l})|sort(attribute='k')", "({l})|sort(case_sensitive=true)",
    "({l})|sort(attribute='k,v')", "({l})|unique|list",
    "({l})|unique(case_sensitive=true)|list", "({l})|unique(attribute='k')|list",
    "({l})|reverse|list", "({l})|map('string')|list", "({l})|map('upper')|list",
    "({l})|map(attribute='k')|list", "({l})|map(attribute='k', default='D')|list",
    "({l})|map('default', 'D')|list", "({l})|map('replace', 'a', 'b')|list",
    "({l})|select('number')|list", "({l})|select|list", "({l})|reject|list",
    "({l})|select('gt', 1)|list", "({l})|reject('in', [1, 'a'])|list",
    "({l})|select('divisibleby', 2)|list", "({l})|selectattr('k')|list",
    "({l})|selectattr('k', 'eq', 2)|list", "({l})|selectattr('k', '>', 1)|list",
    "({l})|rejectattr('v', 'in', ['a'])|list", "({l})|selectattr('role', 'equalto', 'user')|map(attribute='content')|list",
    "({l})|batch({i4})|list", "({l})|batch(2, 'fill')|list",
    "({l})|slice({i4})|list", "({l})|slice(2, none)|list",
    "({l})|groupby('k')|list", "({l})|groupby('v', default='q')|map('list')|list",
    "({l})|groupby(attribute='k')|map(attribute='grouper')|list",
    "({d})|dictsort", "({d})|dictsort(true)", "({d})|dictsort(by='value')",
    "({d})|dictsort(false, 'key', true)", "({d})|items|list", "({d}).items()|list",
    "({d}).keys()|list", "({d}).values()|list", "({s}).split()",
    "({s}).split({s})", "({s}).split({s}, {i4})", "({s}).split(maxsplit={i4})",
    "({s}).rsplit({s}, {i4})", "({s}).rsplit(none, 1)", "({s}).splitlines()",
    "({s}).splitlines(true)", "({s}).partition({s})", "({s}).rpartition({s})",
    "({l})[{sl}:{sl}]", "({l})[{sl}:{sl}:{sl}]", "({l})[::-1]", "({l})[::{i4}]",
    "({l}) + ({l})", "({l}) * ({i4})", "({l}).copy()", "range({i8})|list",
    "range({i8}, {i8})|list", "range({i}, {i}, {i})|list",
    "range({i8}, {i8}, {i4})[{sl}:{sl}]", "[{any}, {any}]", "({any}, {any})",
    "({s})|list", "({l})|first", "({l})|last", "({l})[{i}]", "({l})[{sl}]",
    "({d}).get({s})", "({d}).get({any}, {any})",
    "({d})[{s}]", "({d}).k", "({d})['a']", "({d}).copy()", "({d}).items()",
    "({d}).keys()", "({d}).fromkeys([1, 2], {any})", "dict(({l}))", "({d})|length",
    "({any})|default({any})", "({any})|default({any}, true)", "({any}).x",
    "({any})['x']", "({any})[0]", "({any})()", "loop.previtem", "loop.nextitem",
    "ns.acc", "ns", "tree|map(attribute='c')|list", "[u]|first|default(3)",
    "({any}) if ({any}) else ({any})", "({any}) if ({any})",
]
FEATURES = [TO_STR, TO_STR, TO_NUM, TO_BOOL, TO_LIST]
SLICE = ["", "0", "1", "-1", "2", "-2", "3", "-3", "9", "-9", "none", "true",
         "'a'", "1.0", "u", "2 ** 70", "-(2 ** 70)"]
SMALL = ["0", "1", "2", "3", "5", "8", "12", "-1", "true", "n", "4.0", "'5'"]
FEW = ["0", "1", "2", "3", "-1", "-2", "none", "2.0"]
TEXTS = ["text", " ", "\n", "\n\n", "  \n  ", "a\n  ", "<|im_start|>", "{ ",
         "é😀", "\t", " x ", "\r\n", "\n \t", "}}", "%}", "#}", "a #} b", "'"]


class Maker:
    def __init__(self, r):
        self.r = r
        self.loops = 0

    def slot(self, what, depth):
        r = self.r
        if what == "any":
            what = r.choice("sssiifflllddo")
        if what == "num":
            what = r.choice("iif")
        if what == "sl":
            return r.choice(SLICE[:12] if r.randrange(6) else SLICE)
        if what == "i8":
            return r.choice(SMALL[:9] if r.randrange(6) else SMALL)
        if what == "i4":
            return r.choice(FEW[:6] if r.randrange(6) else FEW)
        if depth < 2 and r.randrange(4) == 0:
            return self.feature({"s": TO_STR, "i": TO_NUM, "f": TO_NUM,
                                 "l": TO_LIST, "d": TO_LIST,
                                 "o": TO_BOOL}[what], depth + 1)
        if r.randrange(25) == 0:
            what = r.choice("sifldo")
        return r.choice(KINDS[what])

    def feature(self, among, depth=0):
        """Fill in one of the features; braces of Jinja stay."""
        parts = self.r.choice(among)
        out = ""
        while parts:
            beg = parts.find("{")
            if beg < 0:
                return out + parts
            end = parts.find("}", beg)
            word = parts[beg + 1:end]
            out += parts[:beg]
            if word in ("any", "num", "sl", "i8", "i4") or word in KINDS:
                out += self.slot(word, depth)
                parts = parts[end + 1:]
            else:
                out += "{"
                parts = parts[beg + 1:]
        return out

    def expression(self):
        return self.feature(self.r.choice(FEATURES))

    def tag(self, text):
        r = self.r
        return "{%" + r.choice(["", "", "", "-", "+"]) + r.choice([" ", ""]) + \
            text + r.choice([" ", "\n"] if r.randrange(8) == 0 else [" "]) + \
            r.choice(["", "", "", "-", "+"]) + "%}"

    def show(self, text):
        r = self.r
        return "{{" + r.choice(["", "", "-"]) + " " + text + " " + \
            r.choice(["", "", "-"]) + "}}"

    def text(self):
        return self.r.choice(TEXTS)

    def body(self, depth):
        return "".join(self.statement(depth + 1)
                       for _ in range(self.r.randint(0, 3)))

    def loop(self, depth):
        r = self.r
        k = r.randrange(5)
        self.loops += 1
        if k == 0:
            inner = self.body(depth)
            out = self.tag("for n in tree recursive") + "[{{ n.v }}@{{ loop.depth" \
                " }}" + inner + "{{ loop(n.c) if n.c }}]" + self.tag("endfor")
        elif k == 1:
            out = self.tag("for k, v in (" + r.choice(DICTS) + ").items()") + \
                "{{ k }}={{ v }}" + self.body(depth) + self.tag("endfor")
        else:
            target = r.choice(["x", "m", "a, b", "n"])
            test = r.choice(["", "", f" if {self.feature(TO_BOOL)}"])
            out = self.tag(f"for {target} in {r.choice(LISTS)}{test}") + \
                self.body(depth)
            if r.randrange(3) == 0:
                out += self.tag("if " + self.feature(TO_BOOL)) + \
                    self.tag(r.choice(["break", "continue"])) + \
                    self.tag("endif") + self.body(depth)
            if r.randrange(3) == 0:
                out += self.tag("else") + self.body(depth)
            out += self.tag("endfor")
        self.loops -= 1
        return out

    def macro(self, depth):
        r = self.r
        name = r.choice(["mac", "va", "g"])
        args = r.choice(["", "a", "a, b", "a, b='B'", "a=1, b=a", "a, b=s",
                         "x, y=x ~ '!'", "caller=none"])
        extra = r.choice(["", "{{ varargs }}", "{{ kwargs }}", "{{ a }}{{ b }}",
                          "{{ varargs|length }}{{ kwargs|dictsort }}",
                          "{{ caller() }}", "{{ caller(1, z=2) if caller }}",
                          "{{ name }}", "{{ mac.name }}{{ mac.arguments }}"])
        out = self.tag(f"macro {name}({args})") + extra + self.body(depth) + \
            self.tag("endmacro")
        k = r.randrange(4)
        if k == 0:
            out += self.show(f"{name}({r.choice(['', '1', '1, 2', 'b=1', '*l', '**d'])})")
        elif k == 1:
            params = r.choice(["", "(q)", "(q, z=1)", "(q=2)"])
            out += self.tag(f"call{params} {name}({r.choice(['', '1', 'a=s'])})") + \
                "<{{ q }}{{ z }}>" + self.body(depth) + self.tag("endcall")
        return out

    def statement(self, depth=0):
        r = self.r
        k = r.randrange(22 if depth < 4 else 9)
        if k < 3:
            return self.text()
        if k < 6:
            return self.show(self.expression())
        if k == 6:
            target = r.choice(["x", "s", "l", "n", "ns.i", "ns.acc", "a, b", "q",
                               "loop2", "ns.q", "mac"])
            return self.tag(f"set {target} = {self.expression()}")
        if k == 7:
            return "{#" + r.choice(["", "-", "+"]) + r.choice([" c ", "{{ x }}",
                " {% if %}\n "]) + r.choice(["", "-", "+"]) + "#}"
        if k == 8:
            inner = r.choice(["{{ x }}", " {% if %}", "\n raw\n", "{# no #}"])
            return "{%" + r.choice(["", "-", "+"]) + " raw " + \
                r.choice(["", "-"]) + "%}" + inner + "{%" + \
                r.choice(["", "-"]) + " endraw " + r.choice(["", "-"]) + "%}"
        if k in (9, 10):
            out = self.tag("if " + self.expression()) + self.body(depth)
            while r.randrange(3) == 0:
                out += self.tag("elif " + self.expression()) + self.body(depth)
            if r.randrange(2):
                out += self.tag("else") + self.body(depth)
            return out + self.tag("endif")
        if k in (11, 12, 13):
            return self.loop(depth)
        if k in (14, 15):
            return self.macro(depth)
        if k == 16:
            filters = r.choice(["", "", " | upper", " | trim | title",
                                " | replace('a', 'b')", " | indent(2)",
                                " | tojson", " | list", " | length"])
            target = r.choice(["x", "s", "q", "ns.acc"])
            return self.tag(f"set {target}{filters}") + self.body(depth) + \
                self.tag("endset")
        if k == 17:
            return self.tag("filter " + r.choice(
                ["upper", "trim", "replace('a', '<')", "indent(2, true)",
                 "title|trim", "e", "center(20)", "wordwrap(5)", "tojson",
                 "truncate(9, true)"])) + self.body(depth) + self.tag("endfilter")
        if k == 18:
            return self.tag(f"with x = {self.expression()}, y = x") + \
                self.body(depth) + self.tag("endwith")
        if k in (19, 20):
            return self.tag("generation") + self.body(depth) + \
                self.tag("endgeneration")
        return r.choice([
            self.tag("set ns = namespace(i=0, acc=[])"),
            self.tag("set ns.i = ns.i + 1"),
            self.tag("set ns.acc = ns.acc + [x]"),
            self.show("raise_exception('stop ' ~ x)")
            if r.randrange(6) == 0 else self.text(),
            self.tag("for x in l") + self.show("loop.previtem") + "<" +
            self.show("x") + ">" + self.show("loop.nextitem|default('end')") +
            self.tag("endfor"),
            self.tag("set j = joiner(', ')") + "{{ j() }}{{ j() }}",
            self.tag("set c = cycler('a', 'b', 'c')") +
            "{{ c.next() }}{{ c.current }}{{ c.next() }}{{ c.reset() }}"])


def template(r):
    m = Maker(r)
    out = "".join(m.statement() for _ in range(r.randint(1, 5)))
    head = ""
    if r.randrange(3):
        head += "{% set ns = namespace(i=1, acc=[]) %}"
    if r.randrange(3):
        head += "{% macro mac(a, b='B') %}{{ a }}/{{ b }}{% endmacro %}"
    if r.randrange(3) == 0:
        head += "{% macro va(p) %}{{ p }}{{ varargs }}{{ kwargs }}{% endmacro %}"
    return head + out


def leaf(r, depth=0):
    node = {"v": r.choice([1, "two", None, 3.0]), "k": r.randint(0, 3)}
    if r.randrange(3):
        node["c"] = [leaf(r, depth + 1) for _ in range(r.randint(0, 2))] \
            if depth < 3 else []
    return node


def records(r, count):
    out = []
    for i in range(count):
        record = conversations.conversation(r)
        record["id"] = i
        record["template"] = template(r)
        record["vars"] = {
            "s": conversations.text(r), "t": r.choice(["", "a", "Word"]),
            "w": " ".join(r.choice(conversations.WORDS) for _ in range(6)),
            "l": [conversations.value(r, 2) for _ in range(r.randint(0, 4))],
            "d": {k: conversations.value(r, 2)
                  for k in r.sample(["a", "b", "k", "items", "x", "role"], 3)},
            "n": r.randint(-2, 9), "f": conversations.number(r),
            "big": r.choice([2 ** 63, -2 ** 63 - 1, 10 ** 40, 2 ** 61]),
            "tree": [leaf(r) for _ in range(r.randint(0, 3))]}
        out.append(record)
    return out
