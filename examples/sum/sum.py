#!/usr/bin/env python3
"""Adds up what it is sent, a number a line: awp --mode lines -- examples/sum/sum.py"""
import sys

total = 0
for line in sys.stdin:
    try:
        total += int(line)
    except ValueError:
        print("not a number:", line.rstrip("\n"), file=sys.stderr)
        continue
    # Python gathers what it writes to a pipe, unless it is told not to.
    print(total, flush=True)
