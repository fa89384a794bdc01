/* Ten thousand times load, compile, run, close, with failures between: the resident memory of the last half must be flat. */
#include <unistd.h>

#include "expect.h"
#include "tiny_model.h"

enum { CYCLES = 10000, WARM = CYCLES / 2, MOST_GROWTH_KIB = 4096 };

static long resident_kib(void) {
    long size, resident;
    FILE *file = fopen("/proc/self/statm", "r");
    EXPECT(file && fscanf(file, "%ld %ld", &size, &resident) == 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(void) {
    hc_session_options options = HC_SESSION_OPTIONS_INIT;
    const bytes tiny = tiny_model(1, 8);
    long before = 0, after;
    options.target = "cpu";
    options.threads = 1;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
        hc_model *model, *none;
        hc_session *session;
        hc_run *run;
        hc_tensor tensor = HC_TENSOR_INIT;
        char *json;
        if (cycle == WARM)
            before = resident_kib();
        OK(hc_model_load_memory(tiny.data, tiny.size, NULL, &model));
        OK(hc_compile(model, &options, &session));
        OK(hc_run_create(session, NULL, 0, &run));
        OK(hc_run_input(run, 0, &tensor));
        OK(hc_run_execute(run));
        OK(hc_run_output(run, 0, &tensor));
        OK(hc_run_explain(run, 0, &json));
        hc_free(json);
        EXPECT(hc_model_load_memory(tiny.data, 7, NULL, &none) != HC_OK);
        OK(hc_run_close(run));
        OK(hc_session_close(session));
        OK(hc_model_close(model));
    }
    after = resident_kib();
    printf("leak: %ld KiB after %d cycles, %ld KiB after %d\n", before, WARM, after, CYCLES);
    EXPECT(after - before <= MOST_GROWTH_KIB);
    return 0;
}
