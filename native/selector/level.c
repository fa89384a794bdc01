#include "level.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <stdint.h>

/* The levels of the x86-64 psABI, section 3.1.1. */
const char *const hc_levels[] = { "x86-64-v4", "x86-64-v3", "x86-64-v2", NULL };

enum {
    OSXSAVE = 1u << 27, /* leaf 1, ecx: XGETBV tells which registers the system saves */
    YMM_STATE = 0x06,
    ZMM_STATE = 0xe6
};

static int has(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

static uint64_t saved_state(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

size_t hc_best_level(void) {
    uint32_t a, b, c1, d, b7 = 0, c7, d7, c81 = 0;
    if (!__get_cpuid(1, &a, &b, &c1, &d))
        return 3;
    __get_cpuid_count(7, 0, &a, &b7, &c7, &d7);
    __get_cpuid(0x80000001, &a, &b, &c81, &d);
    const uint32_t v2 = bit_SSE3 | bit_SSSE3 | bit_CMPXCHG16B | bit_SSE4_1 | bit_SSE4_2 | bit_POPCNT;
    const uint32_t v3 = bit_FMA | bit_MOVBE | bit_AVX | bit_F16C, v3_leaf7 = bit_BMI | bit_AVX2 | bit_BMI2;
    const uint32_t v4_leaf7 = bit_AVX512F | bit_AVX512DQ | bit_AVX512CD | bit_AVX512BW | bit_AVX512VL;
    if (!has(c1, v2))
        return 3;
    uint64_t saved = c1 & OSXSAVE ? saved_state() : 0;
    if (!has(c1, v3) || !has(b7, v3_leaf7) || !has(c81, bit_LZCNT) || (saved & YMM_STATE) != YMM_STATE)
        return 2;
    return has(b7, v4_leaf7) && (saved & ZMM_STATE) == ZMM_STATE ? 0 : 1;
}

#elif defined(__aarch64__)

const char *const hc_levels[] = { "arm64", NULL };

size_t hc_best_level(void) { return 0; }

#else
#error "HybridConv's C interface is built for x86-64 and arm64"
#endif
