#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make unicode_tables.inc from unicode.txt:  ./unicode.py >unicode_tables.inc

Both stand in this folder and both are committed, so that a build needs no
Python; tests/conformance/check_unicode.sh says when they disagree.
"""
import os
import sys

CLASSES = ["onig:L", "onig:Lu", "onig:Ll", "onig:Lt", "onig:Lm", "onig:Lo",
           "onig:M", "onig:Mn", "onig:N", "onig:Nd", "onig:P", "onig:S",
           "onig:Z", "onig:C", "onig:Cn", "onig:s", "onig:w", "onig:d",
           "onig:Han", "onig:Hiragana", "onig:Katakana", "onig:Hangul",
           "std:is_whitespace", "std:is_numeric", "punctuation", "regex:w",
           "stripaccents", "bertaccent", "nmt removed", "bertclean removed"]
NFC_CHECK = len(CLASSES)  # the bits behind the classes
NFKC_CHECK = NFC_CHECK + 1
# The bits of enum tl_uni_kind; \r and \n are told apart elsewhere.
KINDS = {"L": 1, "N": 2, "s": 4, "upper": 16, "lower": 32, "other": 64}
CLUSTERS = ["control", "prepend", "extend", "spacing", "pictographic",
            "linker", "consonant"]
BLOCK = 128
LAST = 0x110000


def ranges(text):
    for part in text.split():
        lo, _, hi = part.partition("-")
        yield int(lo, 16), int(hi or lo, 16)


def read(path):
    data = {"class": {}, "ccc": {}, "compose": {}, "nfd": {}, "nfkd": {},
            "lower": {}, "nmt": {}, "bertclean": {}, "gcb": {}, "script": {}}
    for line in open(path, encoding="ascii"):
        if line.startswith("#"):
            continue
        kind, *cols = line.rstrip("\n").split("\t")
        if kind == "class":
            data["class"][cols[0]] = cols[1]
        elif kind in ("stripaccents", "bertaccent"):
            data["class"][kind] = cols[0]
        elif kind == "gcb":
            for lo, hi in ranges(cols[1]):
                for cp in range(lo, hi + 1):
                    bit = 1 << CLUSTERS.index(cols[0])
                    data["gcb"][cp] = data["gcb"].get(cp, 0) | bit
        elif kind == "script":
            number = len(set(data["script"].values())) + 1
            for lo, hi in ranges(cols[1]):
                for cp in range(lo, hi + 1):
                    data["script"][cp] = number
        elif kind == "ccc":
            for lo, hi in ranges(cols[1]):
                for cp in range(lo, hi + 1):
                    data["ccc"][cp] = int(cols[0])
        elif kind == "compose":
            a, b = (int(x, 16) for x in cols[0].split())
            data["compose"][a, b] = int(cols[1], 16)
        elif cols[0] == "removed":
            data["class"][kind + " removed"] = cols[1]
        elif kind in data:
            data[kind][int(cols[0], 16)] = [int(x, 16) for x in cols[1].split()]
    return data


def composes_back(data, cp):
    parts = data["nfd"][cp]
    head = parts[0]
    for part in parts[1:]:
        head = data["compose"].get((head, part))
        if head is None:
            return False
    return head == cp


def masks(data):
    out = [0] * LAST
    for bit, name in enumerate(CLASSES):
        for lo, hi in ranges(data["class"][name]):
            for cp in range(lo, hi + 1):
                out[cp] |= 1 << bit
    # The probe starts at U+0001.  NUL is a control like it, but Nmt keeps it.
    out[0] = out[1] & ~(1 << CLASSES.index("nmt removed"))
    unsafe = set(data["ccc"])
    unsafe.update(b for _, b in data["compose"])
    unsafe.update(range(0x1161, 0x1176), range(0x11A8, 0x11C3))
    unsafe.update(cp for cp in data["nfd"] if not composes_back(data, cp))
    for cp in unsafe:
        out[cp] |= 1 << NFC_CHECK
    for cp in unsafe | set(data["nfkd"]):
        out[cp] |= 1 << NFKC_CHECK
    return out


def kind(mask):
    """What the expressions of pre-tokenizers tell apart, in one byte."""
    def has(*names):
        return any(mask >> CLASSES.index("onig:" + n) & 1 for n in names)

    return (KINDS["L"] * has("L") | KINDS["N"] * has("N") |
            KINDS["s"] * has("s") |
            KINDS["upper"] * has("Lu", "Lt", "Lm", "Lo", "M") |
            KINDS["lower"] * has("Ll", "Lm", "Lo", "M") |
            KINDS["other"] * (not has("s", "L", "N")))


def numbers(values, width):
    text, line = [], "\t"
    for v in values:
        item = "%d," % v if width < 3 else "0x%X," % v
        if len(line) + len(item) > 76:
            text.append(line)
            line = "\t"
        line += item
    return "\n".join(text + [line])


def array(ctype, name, values, width=1, linkage="static "):
    print("%sconst %s %s[] = {\n%s\n};\n" % (linkage, ctype, name,
                                             numbers(values, width)))


def two_stage(name, values, linkage="static "):
    """values: a list of LAST small numbers."""
    blocks, first, second = {}, [], []
    for at in range(0, LAST, BLOCK):
        block = tuple(values[at:at + BLOCK])
        if block not in blocks:
            blocks[block] = len(blocks)
            second.extend(block)
        first.append(blocks[block])
    array("uint16_t", name + "_first", first, 1, linkage)
    array("uint8_t", name + "_second", second, 1, linkage)


def mapping(name, table):
    """cp -> list of cps, as sorted rows into one pool."""
    pool = []
    print("static const struct mapping %s_rows[] = {" % name)
    for cp in sorted(table):
        print("\t{ 0x%X, %d, %d }," % (cp, len(pool), len(table[cp])))
        pool.extend(table[cp])
    print("};\n")
    array("uint32_t", name + "_pool", pool or [0], 4)


def main():
    folder = os.path.dirname(os.path.abspath(sys.argv[0]))
    data = read(os.path.join(folder, "unicode.txt"))
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made by unicode.py from unicode.txt.  Do not edit. */\n")
    all_masks = masks(data)
    distinct = sorted(set(all_masks))
    index = {m: i for i, m in enumerate(distinct)}
    assert len(distinct) < 256
    array("uint32_t", "tl_uni_masks", distinct, 4, "")
    array("uint8_t", "tl_uni_kinds", [kind(m) for m in distinct], 1, "")
    two_stage("tl_uni_class", [index[m] for m in all_masks], "")
    for name, bit in (("nfc", NFC_CHECK), ("nfkc", NFKC_CHECK)):
        unsafe = [any(m >> bit & 1 for m in all_masks[at:at + 64])
                  for at in range(0, LAST, 64)]
        array("uint64_t", "tl_uni_%s_blocks" % name,
              [sum(b << i for i, b in enumerate(unsafe[at:at + 64]))
               for at in range(0, len(unsafe), 64)], 8, "")
    two_stage("ccc", [data["ccc"].get(cp, 0) for cp in range(LAST)])
    two_stage("gcb", [data["gcb"].get(cp, 0) for cp in range(LAST)])
    two_stage("script", [data["script"].get(cp, 0) for cp in range(LAST)])
    print("static const struct composition compositions[] = {")
    for (a, b), c in sorted(data["compose"].items()):
        print("\t{ 0x%X, 0x%X, 0x%X }," % (a, b, c))
    print("};\n")
    for name in ("nfd", "nfkd", "lower", "nmt", "bertclean"):
        mapping(name, data[name])


main()
