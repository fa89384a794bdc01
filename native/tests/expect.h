/* What the C and C++ tests state. A statement that does not hold prints itself and ends the test. */
#ifndef HC_EXPECT_H
#define HC_EXPECT_H

#include <stdio.h>
#include <stdlib.h>

#include "hybridconv.h"

#define EXPECT(condition)                                                                                                    \
    do {                                                                                                                     \
        if (!(condition)) {                                                                                                  \
            fprintf(stderr, "%s:%d: %s does not hold; the last error is: %s\n", __FILE__, __LINE__, #condition, hc_last_error()); \
            exit(1);                                                                                                         \
        }                                                                                                                    \
    } while (0)

/* The call comes to this status, and where it fails there is a sentence. */
#define EXPECT_STATUS(expected, call)                                                                                        \
    do {                                                                                                                     \
        hc_status got = (call);                                                                                              \
        if (got != (expected) || (got != HC_OK && hc_last_error()[0] == 0)) {                                                \
            fprintf(stderr, "%s:%d: %s came to %s and should to %s; the last error is: %s\n", __FILE__, __LINE__, #call, hc_status_name(got), \
                    hc_status_name(expected), hc_last_error());                                                              \
            exit(1);                                                                                                         \
        }                                                                                                                    \
    } while (0)

#define OK(call) EXPECT_STATUS(HC_OK, call)

#endif
