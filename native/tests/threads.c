/* One session, eight threads with a run each: results, errors and messages stay apart; a run in use refuses a second caller; cancelling ends an execution. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "expect.h"
#include "tiny_model.h"

enum { THREADS = 8, ROUNDS = 200, SIDE = 24, PIXELS = SIDE * SIDE };

static hc_session *session;
static atomic_int busy_seen;

static void *work(void *argument) {
    const size_t number = (size_t)(intptr_t)argument;
    hc_run *run;
    hc_tensor in = HC_TENSOR_INIT, out = HC_TENSOR_INIT;
    char expected[64];
    OK(hc_run_create(session, NULL, 0, &run));
    OK(hc_run_input(run, 0, &in));
    for (int round = 0; round < ROUNDS; round++) {
        const float scale = (float)(number + 1);
        for (size_t i = 0; i < TINY_IN * PIXELS; i++)
            ((float *)in.data)[i] = scale * tiny_input(i);
        OK(hc_run_execute(run));
        OK(hc_run_output(run, 0, &out));
        for (size_t i = 0; i < TINY_OUT * PIXELS; i++) {
            float bias = tiny_bias[i / PIXELS];
            EXPECT(((const float *)out.data)[i] == scale * (tiny_output(i, PIXELS) - bias) + bias);
        }
        EXPECT_STATUS(HC_ERROR_OPERAND, hc_run_input(run, 100 + number, &in));
        snprintf(expected, sizeof expected, "no input %zu", 100 + number);
        EXPECT(strstr(hc_last_error(), expected));
    }
    OK(hc_run_close(run));
    return NULL;
}

static void *share(void *argument) {
    hc_run *run = argument;
    for (int round = 0; round < ROUNDS; round++) {
        hc_status status = hc_run_execute(run);
        EXPECT(status == HC_OK || status == HC_ERROR_BUSY || status == HC_ERROR_CANCELLED);
        if (status == HC_ERROR_BUSY)
            atomic_fetch_add(&busy_seen, 1);
        OK(hc_run_cancel(run));
    }
    return NULL;
}

static void together(void *(*body)(void *), void *argument) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, body, argument ? argument : (void *)(intptr_t)i) == 0);
    for (size_t i = 0; i < THREADS; i++)
        EXPECT(pthread_join(threads[i], NULL) == 0);
}

int main(void) {
    bytes tiny = tiny_model(1, SIDE);
    hc_model *model;
    hc_run *run;
    hc_session_options options = HC_SESSION_OPTIONS_INIT;
    options.target = "cpu";
    options.threads = 2;
    OK(hc_model_load_memory(tiny.data, tiny.size, NULL, &model));
    OK(hc_compile(model, &options, &session));
    OK(hc_model_close(model));
    together(work, NULL);
    OK(hc_run_create(session, NULL, 0, &run));
    together(share, run);
    OK(hc_run_execute(run));
    OK(hc_run_close(run));
    OK(hc_session_close(session));
    printf("threads: ok, %d calls found the run in use\n", atomic_load(&busy_seen));
    return 0;
}
