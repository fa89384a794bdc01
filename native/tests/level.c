/* The part that is loaded is the best for this machine, by what the system says of its processor, and uses its vectors; and every part that can run here is what its name says. */
#include <dlfcn.h>
#include <string.h>

#include "expect.h"

static char flags[1 << 16];

/* Whether the system lists a feature of the processor. */
static int has(const char *feature) {
    char word[64];
    snprintf(word, sizeof word, " %s ", feature);
    return strstr(flags, word) != NULL;
}

static int all(const char *const *features) {
    for (; *features; features++)
        if (!has(*features))
            return 0;
    return 1;
}

static void read_flags(void) {
    char line[1 << 15];
    FILE *file = fopen("/proc/cpuinfo", "r");
    EXPECT(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "flags", 5) == 0 || strncmp(line, "Features", 8) == 0) {
            line[strcspn(line, "\n")] = 0;
            snprintf(flags, sizeof flags, " %s ", strchr(line, ':') + 1);
            break;
        }
    fclose(file);
    EXPECT(flags[0]);
}

static const struct {
    const char *name, *isa, *features[24];
} known[] = {
    { "x86-64-v4", "v512", { "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx2", "fma", NULL } },
    { "x86-64-v3", "v256", { "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", NULL } },
    { "x86-64-v2", "v128", { "cx16", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3", NULL } },
    { "arm64", "v128", { "asimd", NULL } },
};

int main(int argc, char **argv) {
    hc_library_info info = HC_LIBRARY_INFO_INIT;
    EXPECT(argc == 4);
    const char *folder = argv[1], *suffix = argv[2], *built = argv[3], *expected = NULL;
    read_flags();
    OK(hc_info(&info));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!strstr(built, known[i].name) || !all(known[i].features))
            continue;
        if (!expected) {
            expected = known[i].name;
            EXPECT(strcmp(info.level, known[i].name) == 0);
            EXPECT(strcmp(info.isa, known[i].isa) == 0);
        }
        char file[4096];
        snprintf(file, sizeof file, "%s/libhybridconv-%s%s", folder, known[i].name, suffix);
        void *part = dlopen(file, RTLD_NOW | RTLD_LOCAL);
        EXPECT(part);
        hc_status (*part_info)(hc_library_info *);
        void *symbol = dlsym(part, "hc_info");
        EXPECT(symbol);
        memcpy(&part_info, &symbol, sizeof symbol);
        hc_library_info of_part = HC_LIBRARY_INFO_INIT;
        OK(part_info(&of_part));
        EXPECT(strcmp(of_part.level, known[i].name) == 0);
        EXPECT(strcmp(of_part.isa, known[i].isa) == 0);
        printf("level: %s has %s kernels\n", of_part.level, of_part.isa);
    }
    EXPECT(expected);
    return 0;
}
