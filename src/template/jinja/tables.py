#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/template/jinja/unicode_tables.h.

What Python's str knows about code points and libutf8proc does not say: full
case mappings, the classes behind islower(), isdigit(), …, and the names that
\\N{…} accepts.  Everything else the program takes from libutf8proc.

usage: src/template/jinja/tables.py > src/template/jinja/unicode_tables.h
"""
import ctypes
import ctypes.util
import sys
import unicodedata

lib = ctypes.CDLL(ctypes.util.find_library("utf8proc"))
for name in ("toupper", "tolower", "totitle"):
    getattr(lib, "utf8proc_" + name).restype = ctypes.c_int32
lib.utf8proc_category_string.restype = ctypes.c_char_p

ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORY = {c: lib.utf8proc_category_string(c).decode() for c in ALL}


def ranges(codes):
    out = []
    for c in codes:
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def put_ranges(name, codes):
    print(f"static const struct range32 {name}[] = {{")
    for lo, hi in ranges(codes):
        print(f"\t{{ 0x{lo:x}, 0x{hi:x} }},")
    print("\t{ 0x7fffffff, 0x7fffffff },\n};\n")


def put_mapping(name, full, simple):
    print(f"static const struct mapping {name}[] = {{")
    for c in ALL:
        want = [ord(x) for x in full(chr(c))]
        got = [simple(c)] if simple else [c]
        if want == got:
            continue
        cells = ", ".join(f"0x{x:x}" for x in want + [0] * (3 - len(want)))
        print(f"\t{{ 0x{c:x}, {{ {cells} }} }},")
    print("};\n")


def is_ignorable(c):
    def final(text):
        return text.lower().endswith("\u03c2")
    return (final("A" + chr(c) + "\u03a3") and
            not final("1" + chr(c) + "\u03a3"))


def is_cased(c):
    return ("1" + chr(c) + "\u03a3").lower().endswith("\u03c2")


# Latin, Greek, Cyrillic, Hebrew, Kana, punctuation, symbols, arrows, emoji.
# Ideographs and Hangul syllables have names that are computed.
NAMED = ((0x20, 0x24F), (0x250, 0x52F), (0x5B0, 0x5F4), (0x1E00, 0x1EFF),
         (0x2000, 0x2BFF), (0x3000, 0x30FF), (0xFB00, 0xFB06),
         (0xFE00, 0xFE1F), (0xFEFF, 0xFEFF), (0xFF00, 0xFFEF),
         (0xFFF9, 0xFFFD), (0x1F000, 0x1F02B), (0x1F100, 0x1FAFF))
# Control characters have aliases alone.
ALIASES = ("NULL", "BELL", "BACKSPACE", "CHARACTER TABULATION",
           "HORIZONTAL TABULATION", "TAB", "LINE FEED", "NEW LINE",
           "END OF LINE", "LF", "NL", "EOL", "LINE TABULATION", "VERTICAL TABULATION",
           "FORM FEED", "FF", "CARRIAGE RETURN", "CR", "ESCAPE", "ESC",
           "DELETE", "DEL", "NEXT LINE", "NEL", "SPACE", "SP", "NUL", "BS",
           "HT", "VT", "NO-BREAK SPACE", "NBSP", "SOFT HYPHEN", "SHY",
           "ZERO WIDTH SPACE", "ZWSP", "ZERO WIDTH JOINER", "ZWJ",
           "ZERO WIDTH NON-JOINER", "ZWNJ", "BYTE ORDER MARK", "BOM", "ZWNBSP",
           "FILE SEPARATOR", "GROUP SEPARATOR", "RECORD SEPARATOR",
           "UNIT SEPARATOR", "START OF HEADING", "START OF TEXT",
           "END OF TEXT", "END OF TRANSMISSION", "SUBSTITUTE", "CANCEL")

print("/* SPDX-License-Identifier: Apache-2.0 */")
print("/* Made by src/template/jinja/tables.py from Python "
      f"{sys.version.split()[0]} (Unicode {unicodedata.unidata_version}). */")
print("/* clang-format off */\n")
put_mapping("upper_map", str.upper, lib.utf8proc_toupper)
put_mapping("lower_map", str.lower, lib.utf8proc_tolower)
put_mapping("title_map", str.title, lib.utf8proc_totitle)
put_mapping("fold_map", str.casefold, lib.utf8proc_tolower)
put_ranges("not_ll_lower", [c for c in ALL if chr(c).islower() and CATEGORY[c] != "Ll"])
put_ranges("ll_not_lower", [c for c in ALL if not chr(c).islower() and CATEGORY[c] == "Ll"])
put_ranges("not_lu_upper", [c for c in ALL if chr(c).isupper() and CATEGORY[c] != "Lu"])
put_ranges("not_nd_digit", [c for c in ALL if chr(c).isdigit() and CATEGORY[c] != "Nd"])
put_ranges("not_nd_numeric", [c for c in ALL if chr(c).isnumeric() and CATEGORY[c] != "Nd"])
put_ranges("case_ignorable", [c for c in ALL if is_ignorable(c)])
put_ranges("later_than_python", [c for c in ALL if (unicodedata.category(chr(c)) == "Cn") != (CATEGORY[c] == "Cn")])
print("static const struct { uint32_t cp; const char *name; } char_names[] = {")
pairs = []
for lo, hi in NAMED:
    for c in range(lo, hi + 1):
        name = unicodedata.name(chr(c), "")
        if name:
            pairs.append((name, c))
for name in ALIASES:
    try:
        pairs.append((name, ord(unicodedata.lookup(name))))
    except KeyError:
        sys.exit(f"no character is called {name}")
for name, c in sorted(set(pairs)):
    print(f'\t{{ 0x{c:x}, "{name}" }},')
print("};")
bad = [c for c in ALL if chr(c).isalpha() != (CATEGORY[c][0] == "L") and unicodedata.category(chr(c)) != "Cn"]
assert not bad, bad
