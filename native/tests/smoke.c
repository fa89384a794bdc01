/* The way of a program that uses the library as it is meant: loads from memory and from a file, describes, runs, verifies, explains. */
#include <string.h>

#include "expect.h"
#include "tiny_model.h"

enum { SIDE = 5, PIXELS = SIDE * SIDE };

static hc_tensor tensor_of(hc_status (*get)(hc_run *, size_t, hc_tensor *), hc_run *run) {
    hc_tensor tensor = HC_TENSOR_INIT;
    OK(get(run, 0, &tensor));
    return tensor;
}

static void fill(hc_run *run, size_t batch) {
    hc_tensor input = tensor_of(hc_run_input, run);
    EXPECT(input.bytes == batch * TINY_IN * PIXELS * sizeof(float));
    for (size_t i = 0; i < input.bytes / sizeof(float); i++)
        ((float *)input.data)[i] = tiny_input(i);
}

static void check(hc_run *run, size_t batch) {
    hc_tensor output = tensor_of(hc_run_output, run);
    EXPECT(output.type == HC_FLOAT32 && output.rank == 4 && output.shape[0] == (int64_t)batch && output.shape[1] == TINY_OUT && output.shape[3] == SIDE);
    EXPECT(output.bytes == batch * TINY_OUT * PIXELS * sizeof(float) && strcmp(output.name, "y") == 0);
    for (size_t i = 0; i < batch * TINY_OUT * PIXELS; i++)
        EXPECT(((const float *)output.data)[i] == tiny_output(i, PIXELS));
}

static void run_it(hc_model *model, const char *target, size_t batch) {
    hc_session_options options = HC_SESSION_OPTIONS_INIT;
    hc_session *session;
    hc_run *run;
    hc_tensor x = HC_TENSOR_INIT;
    hc_session_info info = HC_SESSION_INFO_INIT;
    const int64_t dims[] = { (int64_t)batch, TINY_IN, SIDE, SIDE };
    const hc_shape shape = { "x", dims, 4 };
    options.target = target;
    OK(hc_compile(model, &options, &session));
    OK(hc_session_describe(session, &info));
    EXPECT(info.input_count == 1 && info.output_count == 1 && info.threads >= 1 && strcmp(info.target, target) == 0);
    OK(hc_session_input(session, 0, &x));
    EXPECT(strcmp(x.name, "x") == 0 && x.type == HC_FLOAT32 && x.rank == 4 && x.shape[0] == -1 && x.shape[1] == TINY_IN && x.data == NULL);

    OK(hc_run_create(session, &shape, 1, &run));
    fill(run, batch);
    OK(hc_run_execute(run));
    check(run, batch);

    /* Inputs keep their contents, and the caller's memory serves as well. */
    float in[2 * TINY_IN * PIXELS], out[2 * TINY_OUT * PIXELS];
    for (size_t i = 0; i < batch * TINY_IN * PIXELS; i++)
        in[i] = tiny_input(i);
    OK(hc_run_execute(run));
    check(run, batch);
    memset(tensor_of(hc_run_input, run).data, 0xff, batch * TINY_IN * PIXELS * sizeof(float));
    OK(hc_run_set_input(run, 0, HC_FLOAT32, in, batch * TINY_IN * PIXELS * sizeof(float)));
    OK(hc_run_execute(run));
    OK(hc_run_get_output(run, 0, HC_FLOAT32, out, batch * TINY_OUT * PIXELS * sizeof(float)));
    for (size_t i = 0; i < batch * TINY_OUT * PIXELS; i++)
        EXPECT(out[i] == tiny_output(i, PIXELS));

    char *json;
    OK(hc_run_explain(run, 1, &json));
    EXPECT(strstr(json, "\"steps\"") && strstr(json, target) && (strcmp(target, "cpu:reference") == 0 || strstr(json, "\"kernel\"")));
    hc_free(json);
    check(run, batch);

    OK(hc_session_close(session));
    check(run, batch);
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_execute(run));
    OK(hc_run_close(run));
}

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : ".";
    bytes tiny = tiny_model(0, SIDE);
    hc_model *model, *from_file;
    char path[4096];
    OK(hc_model_load_memory(tiny.data, tiny.size, NULL, &model));
    memset(tiny.data, 0xff, sizeof tiny.data);
    run_it(model, "cpu", 1);
    run_it(model, "cpu", 2);
    run_it(model, "cpu:reference", 2);

    snprintf(path, sizeof path, "%s/tiny \xc3\xa9.onnx", folder);
    OK(hc_model_save(model, path));
    OK(hc_model_close(model));
    OK(hc_model_load(path, NULL, &from_file));
    run_it(from_file, "cpu", 1);

    hc_session_options options = HC_SESSION_OPTIONS_INIT;
    const hc_dimension batch = { "N", 2 };
    options.dimensions = &batch;
    options.dimension_count = 1;
    int32_t agrees;
    char *json;
    OK(hc_verify(from_file, &options, "cpu", NULL, &agrees, &json));
    EXPECT(agrees == 1 && strstr(json, "cpu:reference"));
    hc_free(json);
    OK(hc_model_close(from_file));
    remove(path);

    OK(hc_devices(&json));
    EXPECT(strstr(json, "\"cpu\""));
    int has_opencl = strstr(json, "\"opencl:0\"") != NULL;
    hc_free(json);
    if (has_opencl) {
        tiny = tiny_model(0, SIDE);
        OK(hc_model_load_memory(tiny.data, tiny.size, NULL, &model));
        run_it(model, "opencl:0", 2);
        OK(hc_model_close(model));
    }
    printf("smoke: ok%s\n", has_opencl ? ", OpenCL too" : "; there is no OpenCL device here");
    return 0;
}
