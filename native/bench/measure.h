/* What both programs measure, in the same way: MODEL THREADS RUNS -> one line of JSON. */
#ifndef HC_BENCH_MEASURE_H
#define HC_BENCH_MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Numbers in [-1, 1), the same for both. */
static void fill(float *values, size_t count) {
    unsigned state = 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (float)(state >> 8) / (1 << 23) - 1;
    }
}

/* Executes and prints. `load` is from the file to a first execution that could begin. */
static void measure(double load, void (*execute)(void), int runs) {
    double *times = malloc(sizeof *times * (size_t)runs), start = now_ms();
    if (!times)
        exit(1);
    execute();
    double first = now_ms() - start;
    for (int i = 0; i < runs; i++) {
        start = now_ms();
        execute();
        times[i] = now_ms() - start;
    }
    qsort(times, (size_t)runs, sizeof *times, ascending);
    printf("{\"loadMs\":%.3f,\"firstMs\":%.3f,\"minMs\":%.4f,\"medianMs\":%.4f}\n", load, first, times[0], times[runs / 2]);
    free(times);
}

#endif
