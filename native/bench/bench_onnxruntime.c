#include <onnxruntime_c_api.h>

#include "measure.h"

static const OrtApi *ort;
static OrtSession *session;
static OrtValue *input, *output;
static char *input_name, *output_name;

static void check(OrtStatus *status) {
    if (status) {
        fprintf(stderr, "%s\n", ort->GetErrorMessage(status));
        exit(1);
    }
}

static void execute(void) {
    check(ort->Run(session, NULL, (const char *const *)&input_name, (const OrtValue *const *)&input, 1, (const char *const *)&output_name, 1, &output));
}

int main(int argc, char **argv) {
    OrtEnv *env;
    OrtSessionOptions *options;
    OrtAllocator *allocator;
    OrtTypeInfo *type;
    const OrtTensorTypeAndShapeInfo *info;
    size_t rank, count = 1;
    int64_t dims[8];
    float *values;
    if (argc != 4)
        return 2;
    ort = OrtGetApiBase()->GetApi(ORT_API_VERSION);
    double start = now_ms();
    check(ort->CreateEnv(ORT_LOGGING_LEVEL_WARNING, "bench", &env));
    check(ort->CreateSessionOptions(&options));
    check(ort->SetIntraOpNumThreads(options, atoi(argv[2])));
    check(ort->SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
    check(ort->CreateSession(env, argv[1], options, &session));
    double load = now_ms() - start;
    check(ort->GetAllocatorWithDefaultOptions(&allocator));
    check(ort->SessionGetInputName(session, 0, allocator, &input_name));
    check(ort->SessionGetOutputName(session, 0, allocator, &output_name));
    check(ort->SessionGetInputTypeInfo(session, 0, &type));
    check(ort->CastTypeInfoToTensorInfo(type, &info));
    check(ort->GetDimensionsCount(info, &rank));
    if (rank > 8)
        return 1;
    check(ort->GetDimensions(info, dims, rank));
    for (size_t i = 0; i < rank; i++)
        count *= (size_t)(dims[i] > 0 ? dims[i] : 1);
    check(ort->CreateTensorAsOrtValue(allocator, dims, rank, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &input));
    check(ort->GetTensorMutableData(input, (void **)&values));
    fill(values, count);
    measure(load, execute, atoi(argv[3]));
    return 0;
}
