#!/bin/sh
# Adds up what it is sent, a number a line: awp --mode lines -- examples/sum/sum.sh
total=0
while read -r line; do
    case ${line#-} in
    '' | *[!0-9]*) echo "not a number: $line" >&2 ;;
    *) echo $((total += line)) ;;
    esac
done
