#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
echo "== Trainers: records per second, and the cost as a multiple of reference =="
exec python3 "$(dirname "$0")/bench_trainers.py" "$1" "$2"
