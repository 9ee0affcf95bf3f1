#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What README.md shows is what the program prints: each ```console block begins
# with "$ turnlint …" and holds the output.  UPDATE=1 writes it anew.
set -u
cd "$(dirname "$0")/../.." || exit 2
exec python3 - "${1:-build/release}/turnlint" <<'PY'
import os, re, subprocess, sys

program = os.path.abspath(sys.argv[1])
update = bool(os.environ.get("UPDATE"))
environment = dict(os.environ, LC_ALL="C.UTF-8", COLUMNS="100", TERM="dumb")
text = open("README.md", encoding="utf-8").read()
failed = 0


def check(match):
    global failed
    command, shown = match.group(1), match.group(2)
    got = subprocess.run(
        ["sh", "-c", command.replace("turnlint", program, 1)], env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ).stdout.decode("utf-8").replace(program, "turnlint").rstrip("\n") + "\n"
    if shown != got and not update:
        failed += 1
        print("not ok - README: " + command)
        print("".join("# " + line for line in got.splitlines(True)))
    else:
        print("ok - README: " + command)
    return "```console\n$ " + command + "\n" + got + "```"


new = re.sub(r"```console\n\$ (.*)\n((?:(?!```).*\n)*)```", check, text)
if update:
    open("README.md", "w", encoding="utf-8").write(new)
sys.exit(failed > 0)
PY
