/*
 * libhybridconv: finds out what the processor can do, loads the part of the library that was compiled for it, from its own folder, and hands every call on. Parts are never
 * unloaded: the runtime inside them cannot be.
 */
#define _GNU_SOURCE
#include "hybridconv.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "functions.h"
#include "level.h"

#if defined(__APPLE__)
#define EXTENSION "dylib"
#else
#define EXTENSION "so"
#endif

/* The functions of the loaded part. */
static struct {
#define FIELD(name, parameters, arguments) hc_status(*name) parameters;
    HC_EACH_CALL(FIELD)
#undef FIELD
    const char *(*hc_last_error)(void);
    const char *(*hc_status_name)(hc_status status);
    void (*hc_free)(void *memory);
} part;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_loaded;
static char why_not[2400];

/* The folder of this library, with the slash; 0 where it does not fit. */
static int own_folder(char *folder, size_t size) {
    Dl_info self;
    if (!dladdr((void *)&part, &self) || !self.dli_fname)
        return 0;
    const char *slash = strrchr(self.dli_fname, '/');
    size_t length = slash ? (size_t)(slash - self.dli_fname) + 1 : 0;
    if (length >= size)
        return 0;
    memcpy(folder, self.dli_fname, length);
    folder[length] = 0;
    return 1;
}

/* A function of a part; where there is none, why_not says so. POSIX lets a pointer to data hold one to a function, and C does not convert them: it is copied. */
static int resolve(void *handle, const char *file, const char *name, void *function) {
    void *symbol = dlsym(handle, name);
    memcpy(function, &symbol, sizeof symbol);
    if (!symbol)
        snprintf(why_not, sizeof why_not, "%s does not export %s", file, name);
    return symbol != NULL;
}

static int resolve_all(void *handle, const char *file) {
#define RESOLVE(name, parameters, arguments) resolve(handle, file, #name, &part.name) &&
    return HC_EACH_CALL(RESOLVE) resolve(handle, file, "hc_last_error", &part.hc_last_error) &&
           resolve(handle, file, "hc_status_name", &part.hc_status_name) && resolve(handle, file, "hc_free", &part.hc_free);
#undef RESOLVE
}

static void load(void) {
    char folder[2048], file[2200];
    size_t best = hc_best_level();
    if (!hc_levels[best]) {
        snprintf(why_not, sizeof why_not, "this processor lacks instructions of level x86-64-v2, which is the least that the library needs");
        return;
    }
    if (!own_folder(folder, sizeof folder)) {
        snprintf(why_not, sizeof why_not, "the library does not find the folder that it lies in");
        return;
    }
    for (size_t level = best; hc_levels[level]; level++) {
        snprintf(file, sizeof file, "%slibhybridconv-%s." EXTENSION, folder, hc_levels[level]);
        void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
        if (handle && resolve_all(handle, file)) {
            is_loaded = 1;
            return;
        }
        /* What is said of the best level is what matters: further ones are only tried. */
        if (!handle && level == best)
            snprintf(why_not, sizeof why_not, "%s", dlerror());
    }
}

static int ready(void) {
    pthread_once(&once, load);
    return is_loaded;
}

#define FORWARD(name, parameters, arguments) \
    hc_status name parameters { return ready() ? part.name arguments : HC_ERROR_LIBRARY; }
HC_EACH_CALL(FORWARD)

const char *hc_last_error(void) { return ready() ? part.hc_last_error() : why_not; }

const char *hc_status_name(hc_status status) {
    if (ready())
        return part.hc_status_name(status);
    return status == HC_OK ? "HC_OK" : "HC_ERROR_LIBRARY";
}

void hc_free(void *memory) {
    if (ready())
        part.hc_free(memory);
}
