#include <hybridconv.h>

#include "measure.h"

static hc_run *run;

static void check(hc_status status) {
    if (status != HC_OK) {
        fprintf(stderr, "%s\n", hc_last_error());
        exit(1);
    }
}

static void execute(void) { check(hc_run_execute(run)); }

int main(int argc, char **argv) {
    hc_model *model;
    hc_session *session;
    hc_session_options options = HC_SESSION_OPTIONS_INIT;
    hc_tensor input = HC_TENSOR_INIT;
    if (argc != 4)
        return 2;
    double start = now_ms();
    options.target = "cpu";
    options.threads = atoi(argv[2]);
    check(hc_model_load(argv[1], NULL, &model));
    check(hc_compile(model, &options, &session));
    check(hc_run_create(session, NULL, 0, &run));
    double load = now_ms() - start;
    check(hc_run_input(run, 0, &input));
    fill(input.data, input.bytes / sizeof(float));
    measure(load, execute, atoi(argv[3]));
    return 0;
}
