#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
echo "== Chat templates: conversations per second, against jinja2 =="
exec python3 "$(dirname "$0")/bench_jinja.py" "$1"
