/* Adds up what it is sent, a number a line:
 *   cc -o sum examples/sum/sum.c && awp --mode lines -- ./sum */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char line[256];
    long total = 0;
    /* The C library gathers what it writes to a pipe, unless it is told not to. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    while (fgets(line, sizeof line, stdin)) {
        char *end;
        long number = strtol(line, &end, 10);
        if (end == line || *end != '\n') {
            fprintf(stderr, "not a number: %s", line);
            continue;
        }
        printf("%ld\n", total += number);
    }
    return 0;
}
