/* The levels of instruction sets that a part of the library can be compiled for, best first. */
#ifndef HC_SELECTOR_LEVEL_H
#define HC_SELECTOR_LEVEL_H

#include <stddef.h>

/* Levels of this kind of processor, best first; NULL ends them. */
extern const char *const hc_levels[];

/* The position in hc_levels of the best level that this processor and system support; that of the NULL where they support none. */
size_t hc_best_level(void);

#endif
