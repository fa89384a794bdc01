/* Prints the best level of this machine: what a build for this machine alone compiles for. */
#include <stdio.h>

#include "level.c"

int main(void) {
    const char *level = hc_levels[hc_best_level()];
    if (level)
        puts(level);
    return level ? 0 : 1;
}
