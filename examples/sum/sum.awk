#!/usr/bin/awk -f
# Adds up what it is sent, a number a line: awp --mode lines -- awk -f examples/sum/sum.awk
# An awk that reads ahead (mawk) needs the option -W interactive.
/^-?[0-9]+$/ {
    total += $0
    print total
    # awk gathers what it writes to a pipe, unless it is told not to.
    fflush()
    next
}
{ print "not a number: " $0 > "/dev/stderr" }
