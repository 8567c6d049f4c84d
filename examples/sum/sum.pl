#!/usr/bin/env perl
# Adds up what it is sent, a number a line: awp --mode lines -- examples/sum/sum.pl
use strict;
use warnings;

$| = 1;    # Perl gathers what it writes to a pipe, unless it is told not to.
my $total = 0;
while (my $line = <STDIN>) {
    chomp $line;
    if ($line =~ /^-?[0-9]+$/) {
        $total += $line;
        print "$total\n";
    } else {
        print STDERR "not a number: $line\n";
    }
}
