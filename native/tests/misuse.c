/* Calls that cannot be carried out: each comes to a status and a sentence, and none harms. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "expect.h"
#include "tiny_model.h"

enum { SIDE = 4, PIXELS = SIDE * SIDE };

static hc_model *load_tiny(int64_t batch) {
    hc_model *model;
    bytes tiny = tiny_model(batch, SIDE);
    OK(hc_model_load_memory(tiny.data, tiny.size, NULL, &model));
    return model;
}

/* Every function with handles that stand for nothing. */
static void bad_handle(void *handle) {
    hc_session *session = (hc_session *)1;
    hc_run *run = (hc_run *)1;
    hc_tensor tensor = HC_TENSOR_INIT;
    hc_session_info info = HC_SESSION_INFO_INIT;
    hc_picture picture = HC_PICTURE_INIT;
    int32_t agrees;
    char *json = NULL;
    float number = 1;
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_model_save(handle, "nowhere.onnx"));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_verify(handle, NULL, NULL, NULL, &agrees, &json));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_model_close(handle));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_compile(handle, NULL, &session));
    EXPECT(session == NULL);
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_session_describe(handle, &info));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_session_input(handle, 0, &tensor));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_session_output(handle, 0, &tensor));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_session_close(handle));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_create(handle, NULL, 0, &run));
    EXPECT(run == NULL);
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_input(handle, 0, &tensor));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_output(handle, 0, &tensor));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_set_input(handle, 0, HC_FLOAT32, &number, sizeof number));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_get_output(handle, 0, HC_FLOAT32, &number, sizeof number));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_set_picture(handle, 0, &picture, NULL));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_execute(handle));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_cancel(handle));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_explain(handle, 0, &json));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_close(handle));
    EXPECT(json == NULL);
}

static void handles(void) {
    hc_model *model = load_tiny(1);
    hc_session *session;
    hc_run *run;
    int local;
    OK(hc_compile(model, NULL, &session));
    OK(hc_run_create(session, NULL, 0, &run));
    bad_handle(NULL);
    bad_handle(&local);
    bad_handle((void *)(intptr_t)-1);
    /* A handle of another kind. */
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_run_execute((hc_run *)session));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_model_close((hc_model *)run));
    EXPECT_STATUS(HC_ERROR_HANDLE, hc_session_close((hc_session *)model));
    OK(hc_run_execute(run));
    OK(hc_run_close(run));
    bad_handle(run);
    OK(hc_session_close(session));
    bad_handle(session);
    OK(hc_model_close(model));
    bad_handle(model);
    /* Handles are not given out twice. */
    hc_model *another = load_tiny(1);
    EXPECT(another != model);
    OK(hc_model_close(another));
}

static void null_pointers(void) {
    hc_model *model = load_tiny(1);
    hc_session *session;
    hc_run *run;
    hc_tensor tensor = HC_TENSOR_INIT;
    bytes tiny = tiny_model(1, SIDE);
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_info(NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_devices(NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_picture_read("x.png", 3, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_model_load(NULL, NULL, &model));
    EXPECT(model == NULL);
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_model_load("x.onnx", NULL, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_model_load_memory(NULL, 4, NULL, &model));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_model_load_memory(tiny.data, tiny.size, NULL, NULL));
    model = load_tiny(1);
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_model_save(model, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_verify(model, NULL, NULL, NULL, NULL, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, NULL, NULL));
    OK(hc_compile(model, NULL, &session));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_session_describe(session, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_session_input(session, 0, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_session_output(session, 0, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_create(session, NULL, 0, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_create(session, NULL, 1, &run));
    OK(hc_run_create(session, NULL, 0, &run));
    EXPECT_STATUS(HC_ERROR_STATE, hc_run_output(run, 0, &tensor));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_input(run, 0, NULL));
    OK(hc_run_execute(run));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_output(run, 0, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_set_input(run, 0, HC_FLOAT32, NULL, TINY_IN * PIXELS * sizeof(float)));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_get_output(run, 0, HC_FLOAT32, NULL, TINY_OUT * PIXELS * sizeof(float)));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_set_picture(run, 0, NULL, NULL));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_explain(run, 0, NULL));
    hc_free(NULL);
    OK(hc_run_close(run));
    OK(hc_session_close(session));
    OK(hc_model_close(model));
}

static void wrong_values(void) {
    float in[TINY_IN * PIXELS], out[TINY_OUT * PIXELS];
    hc_model *model = load_tiny(0), *other;
    hc_session *session;
    hc_run *run;
    hc_tensor tensor = HC_TENSOR_INIT;
    hc_session_options options = HC_SESSION_OPTIONS_INIT;
    for (size_t i = 0; i < TINY_IN * PIXELS; i++)
        in[i] = tiny_input(i);

    options.target = "abacus";
    EXPECT_STATUS(HC_ERROR_NO_SUCH_TARGET, hc_compile(model, &options, &session));
    options.target = "\xff\xfe";
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, &options, &session));
    options.target = "cpu";
    options.threads = -1;
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, &options, &session));
    options.threads = 0;
    options.precision = (hc_precision)7;
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, &options, &session));
    options.precision = HC_FAST;
    options.max_total_bytes = 16;
    EXPECT_STATUS(HC_ERROR_OPEN_DIMENSION, hc_verify(model, &options, NULL, NULL, &(int32_t){ 0 }, NULL));
    const int64_t dims[] = { 1, TINY_IN, SIDE, SIDE };
    const hc_shape shape = { "x", dims, 4 }, no_input = { "z", dims, 4 }, short_shape = { "x", dims, 3 };
    options.input_shapes = &shape;
    options.input_shape_count = 1;
    EXPECT_STATUS(HC_ERROR_RESOURCE_LIMIT, hc_compile(model, &options, &session));
    options.max_total_bytes = 0;
    options.input_shape_count = (size_t)-1;
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, &options, &session));
    options.input_shape_count = 0;
    options.size = 3;
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, &options, &session));
    options.size = sizeof options;
    const char *const keep[] = { "nothing of that name" };
    options.keep = keep;
    options.keep_count = 1;
    EXPECT(hc_compile(model, &options, &session) != HC_OK && session == NULL);
    options.keep_count = 0;

    OK(hc_compile(model, &options, &session));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_session_input(session, 1, &tensor));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_session_output(session, (size_t)-1, &tensor));
    EXPECT_STATUS(HC_ERROR_OPEN_DIMENSION, hc_run_create(session, NULL, 0, &run));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_run_create(session, &no_input, 1, &run));
    EXPECT_STATUS(HC_ERROR_SHAPE, hc_run_create(session, &short_shape, 1, &run));
    OK(hc_run_create(session, &shape, 1, &run));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_run_input(run, 1, &tensor));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_run_input(run, (size_t)-1, &tensor));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_run_set_input(run, 0, HC_INT64, in, sizeof in));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_run_set_input(run, 0, (hc_type)99, in, sizeof in));
    EXPECT_STATUS(HC_ERROR_SHAPE, hc_run_set_input(run, 0, HC_FLOAT32, in, sizeof in - 4));
    EXPECT_STATUS(HC_ERROR_SHAPE, hc_run_set_input(run, 0, HC_FLOAT32, in, (size_t)-1));
    OK(hc_run_set_input(run, 0, HC_FLOAT32, in, sizeof in));
    OK(hc_run_cancel(run));
    OK(hc_run_execute(run));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_run_output(run, 9, &tensor));
    EXPECT_STATUS(HC_ERROR_OPERAND, hc_run_get_output(run, 0, HC_FLOAT64, out, sizeof out));
    EXPECT_STATUS(HC_ERROR_SHAPE, hc_run_get_output(run, 0, HC_FLOAT32, out, sizeof out + 4));
    uint8_t pixels[12] = { 0 };
    hc_picture picture = HC_PICTURE_INIT;
    picture.pixels = pixels;
    picture.width = picture.height = 2;
    picture.channels = 3;
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_set_picture(run, 0, &picture, NULL));
    picture.width = 1 << 30;
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_run_set_picture(run, 0, &picture, NULL));
    OK(hc_run_execute(run));
    OK(hc_run_get_output(run, 0, HC_FLOAT32, out, sizeof out));
    for (size_t i = 0; i < TINY_OUT * PIXELS; i++)
        EXPECT(out[i] == tiny_output(i, PIXELS));
    OK(hc_run_close(run));
    OK(hc_session_close(session));
    OK(hc_model_close(model));

    EXPECT_STATUS(HC_ERROR_FILE, hc_model_load("there is no such file.onnx", NULL, &other));
    EXPECT_STATUS(HC_ERROR_FILE, hc_model_load("/", NULL, &other));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_model_load("", NULL, &other));
    EXPECT_STATUS(HC_ERROR_FILE, hc_picture_read("there is no such file.png", 3, &picture));
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_picture_read("there is no such file.png", 2, &picture));
}

/* Structs of a newer program are longer, which does no harm while it asks for nothing new; none is shorter than this header's. */
static void other_versions(void) {
    hc_model *model = load_tiny(0);
    hc_session *session;
    struct {
        hc_session_options known;
        uint64_t unknown;
    } newer = { HC_SESSION_OPTIONS_INIT, 0 };
    struct {
        hc_tensor known;
        uint64_t unknown;
    } tensor = { HC_TENSOR_INIT, 77 };
    newer.known.size = sizeof newer;
    newer.known.target = "cpu";
    OK(hc_compile(model, &newer.known, &session));
    tensor.known.size = sizeof tensor;
    OK(hc_session_input(session, 0, &tensor.known));
    EXPECT(tensor.unknown == 0 && tensor.known.size == sizeof tensor && strcmp(tensor.known.name, "x") == 0);
    for (size_t size = 0; size < sizeof(hc_tensor); size++) {
        tensor.known.size = size;
        EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_session_input(session, 0, &tensor.known));
    }
    OK(hc_session_close(session));
    newer.unknown = 1;
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, &newer.known, &session));
    for (size_t size = 0; size < sizeof(hc_session_options); size++) {
        newer.known.size = size;
        EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, &newer.known, &session));
    }
    const hc_dimension negative = { "N", -4 };
    newer.known.size = sizeof newer.known;
    newer.known.dimensions = &negative;
    newer.known.dimension_count = 1;
    EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_compile(model, &newer.known, &session));
    OK(hc_model_close(model));
}

/* Picture files that end too early, or declare what they do not hold, are refused and do not keep the decoder. */
static void hostile_pictures(const char *folder) {
    static const uint8_t jpeg[] = { 0xff, 0xd8, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0 };
    static const uint8_t tga[18] = { 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x1f, 0x40, 0x1f, 24, 0 };
    const struct {
        const uint8_t *data;
        size_t size;
    } files[] = { { jpeg, sizeof jpeg }, { tga, sizeof tga }, { jpeg, 0 } };
    char path[4096];
    snprintf(path, sizeof path, "%s/hostile.picture", folder);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        hc_picture picture = HC_PICTURE_INIT;
        FILE *file = fopen(path, "wb");
        EXPECT(file && fwrite(files[i].data, 1, files[i].size, file) == files[i].size);
        fclose(file);
        EXPECT_STATUS(HC_ERROR_ARGUMENT, hc_picture_read(path, 3, &picture));
        EXPECT(picture.pixels == NULL);
    }
    remove(path);
}

/* Every truncation and every byte changed, of a model that is small enough for all. */
static void hostile_models(void) {
    bytes whole = tiny_model(1, SIDE);
    hc_model *model;
    int refused = 0;
    for (size_t size = 0; size < whole.size; size++)
        if (hc_model_load_memory(whole.data, size, NULL, &model) == HC_OK)
            OK(hc_model_close(model));
        else
            refused++;
    for (size_t i = 0; i < whole.size; i++)
        for (int flip = 1; flip < 256; flip += 51) {
            bytes hostile = whole;
            hostile.data[i] ^= (uint8_t)flip;
            hc_session_options options = HC_SESSION_OPTIONS_INIT;
            hc_session *session;
            hc_run *run;
            options.target = "cpu";
            options.threads = 1;
            options.max_total_bytes = 1 << 24;
            if (hc_model_load_memory(hostile.data, hostile.size, NULL, &model) != HC_OK) {
                refused++;
                EXPECT(hc_last_error()[0] != 0);
                continue;
            }
            if (hc_compile(model, &options, &session) == HC_OK) {
                if (hc_run_create(session, NULL, 0, &run) == HC_OK) {
                    hc_run_execute(run);
                    OK(hc_run_close(run));
                }
                OK(hc_session_close(session));
            }
            OK(hc_model_close(model));
        }
    EXPECT(refused > (int)whole.size / 2);
}

/* A disk that takes no more: the file that was there stays, and nothing half-written is left. */
static void full_disk(const char *folder) {
    hc_model *model = load_tiny(1), *again;
    char path[4096], cache[4096];
    snprintf(path, sizeof path, "%s/full.onnx", folder);
    snprintf(cache, sizeof cache, "%s/full-cache", folder);
    OK(hc_model_save(model, path));
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before, none;
    EXPECT(getrlimit(RLIMIT_FSIZE, &before) == 0);
    none = before;
    none.rlim_cur = 0;
    EXPECT(setrlimit(RLIMIT_FSIZE, &none) == 0);
    EXPECT_STATUS(HC_ERROR_FILE, hc_model_save(model, path));
    /* A cache that cannot be written costs time and nothing else. */
    hc_session_options options = HC_SESSION_OPTIONS_INIT;
    hc_session *session;
    options.cache_folder = cache;
    OK(hc_compile(model, &options, &session));
    OK(hc_session_close(session));
    EXPECT(setrlimit(RLIMIT_FSIZE, &before) == 0);
    OK(hc_model_close(model));
    OK(hc_model_load(path, NULL, &again));
    OK(hc_model_close(again));
    remove(path);
}

int main(int argc, char **argv) {
    EXPECT(hc_last_error()[0] == 0);
    EXPECT(strcmp(hc_status_name(HC_ERROR_SHAPE), "HC_ERROR_SHAPE") == 0);
    handles();
    null_pointers();
    wrong_values();
    other_versions();
    hostile_models();
    hostile_pictures(argc > 1 ? argv[1] : ".");
    full_disk(argc > 1 ? argv[1] : ".");
    puts("misuse: ok");
    return 0;
}
