/*
 * HybridConv: convolution inference. Reads an ONNX network, plans it for a processor or an OpenCL device, and runs it.
 *
 *     hc_model *model;  hc_session *session;  hc_run *run;  hc_tensor input = HC_TENSOR_INIT, output = HC_TENSOR_INIT;
 *     hc_model_load("network.onnx", NULL, &model);      the network and its weights
 *     hc_compile(model, NULL, &session);                planned for a target; threads may share it
 *     hc_run_create(session, NULL, 0, &run);            the buffers of one caller
 *     hc_run_input(run, 0, &input);                     where the input lies: fill it
 *     hc_run_execute(run);                              as often as you like
 *     hc_run_output(run, 0, &output);                   where the output lies: read it
 *     hc_run_close(run);  hc_session_close(session);  hc_model_close(model);
 *
 * Calls return a status; HC_OK is 0. What went wrong is a sentence in hc_last_error(), of the calling thread. No call prints, exits or throws. A failed call leaves what it was
 * to give at NULL or unchanged.
 *
 * Handles are opaque and are never reused: a NULL, closed or foreign handle, or one of another kind, is HC_ERROR_HANDLE in every call. Closing what another thread is using is HC_ERROR_BUSY,
 * and it stays open. A model may be closed before its sessions, which go on running what they have planned, and a session before its runs, which then can only be read and closed.
 *
 * Threads: all calls may be made from any thread. A model and a session serve any number of threads at once; a run serves one at a time, and HC_ERROR_BUSY tells the second.
 *
 * Structs that begin with `size` are set up with their INIT macro, so that programs built with an older or newer header go on working; in options, zero and NULL mean the default.
 * Text is UTF-8 and ends with a zero. Tensors are dense, in the model's order of axes (ONNX: N, C, H, W) unless the options say otherwise.
 *
 * What a process takes on: the runtime inside the library handles SIGSEGV, SIGFPE and SIGPIPE; asking for "auto", "opencl" or the devices loads the machine's OpenCL drivers, which may handle more
 * signals and need 128 KiB of stack in the calling thread. Results are those of the default floating-point environment: round to nearest, no exceptions unmasked. The library cannot be unloaded.
 *
 * The environment variables HYBRIDCONV_* act here as in the .NET library.
 */
#ifndef HYBRIDCONV_H
#define HYBRIDCONV_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HC_API __attribute__((visibility("default")))
#else
#define HC_API
#endif

/* Raised whenever this interface changes in a way that old programs would notice; hc_info tells that of the library. */
#define HC_ABI_VERSION 1

typedef struct hc_model hc_model;
typedef struct hc_session hc_session;
typedef struct hc_run hc_run;

/* What a call came to. The numbers never change meaning. */
typedef enum hc_status {
    HC_OK = 0,
    HC_ERROR_MODEL_FORMAT = 1000,      /* the bytes are no ONNX model, or are damaged */
    HC_ERROR_INVALID_GRAPH = 1001,     /* the graph is not well formed */
    HC_ERROR_EXTERNAL_DATA = 1002,     /* external data lies outside the model's folder, or does not match */
    HC_ERROR_UNSUPPORTED_MODEL = 2000, /* the model, or the target, does not go with some nodes: the sentence names all */
    HC_ERROR_SHAPE = 3000,             /* a shape, a rank or a number of bytes does not fit */
    HC_ERROR_OPEN_DIMENSION = 3001,    /* a dimension is open and nothing fixes it */
    HC_ERROR_OPERAND = 3002,           /* no input or output of that name, index or type */
    HC_ERROR_RESOURCE_LIMIT = 4000,    /* a limit of the options would be exceeded */
    HC_ERROR_DEVICE = 5000,            /* a device failed or refused */
    HC_ERROR_NO_SUCH_TARGET = 5001,    /* there is no target of that name here */
    HC_ERROR_CONFIGURATION = 6000,     /* an environment variable cannot be used */
    HC_ERROR_MISMATCH = 7000,          /* a run that checks itself (verify) gave a wrong result */
    HC_ERROR_HANDLE = 8000,            /* a handle is null, closed, of another kind, or never was one */
    HC_ERROR_ARGUMENT = 8001,          /* a null pointer, or a value that means nothing */
    HC_ERROR_STATE = 8002,             /* outputs are asked for before the run was executed */
    HC_ERROR_BUSY = 8003,              /* another thread is using it */
    HC_ERROR_FILE = 8004,              /* a file cannot be read or written: missing, forbidden, disk full */
    HC_ERROR_MEMORY = 8005,            /* there is not enough memory */
    HC_ERROR_CANCELLED = 8006,         /* hc_run_cancel ended the execution */
    HC_ERROR_LIBRARY = 8007,           /* the part of the library that fits this processor cannot be loaded */
    HC_ERROR_INTERNAL = 8099           /* a defect of this library */
} hc_status;

/* The type of a tensor's elements. The numbers are those of ONNX's TensorProto.DataType. */
typedef enum hc_type {
    HC_FLOAT32 = 1,
    HC_UINT8 = 2,
    HC_INT8 = 3,
    HC_UINT16 = 4,
    HC_INT16 = 5,
    HC_INT32 = 6,
    HC_INT64 = 7,
    HC_BOOL = 9, /* one byte, 0 or 1 */
    HC_FLOAT16 = 10,
    HC_FLOAT64 = 11,
    HC_UINT32 = 12,
    HC_UINT64 = 13
} hc_type;

typedef enum hc_precision {
    HC_FAST = 0,        /* the fastest kernels inside a proved error bound; the same bits in every run of a plan */
    HC_REPRODUCIBLE = 1 /* the same bits for every number of threads, batch position, instruction set and capable device */
} hc_precision;

typedef enum hc_layout {
    HC_AS_DECLARED = 0,  /* the model's order of axes; ONNX declares channels first */
    HC_CHANNELS_LAST = 1 /* N, H, W, C: pixels interleaved */
} hc_layout;

typedef enum hc_verify_mode {
    HC_VERIFY_OFF = 0,
    HC_VERIFY_SAMPLED = 1, /* each run computes some of its results again, in double precision */
    HC_VERIFY_FULL = 2     /* each run is repeated on another target */
} hc_verify_mode;

typedef enum hc_on_mismatch {
    HC_MISMATCH_FAIL = 0,     /* hc_run_execute returns HC_ERROR_MISMATCH */
    HC_MISMATCH_WARN = 1,     /* the outputs stand */
    HC_MISMATCH_FALL_BACK = 2 /* the session goes on on the target that it was compared with */
} hc_on_mismatch;

typedef enum hc_fit {
    HC_FIT_CENTRE = 0, /* the largest centred square, resized */
    HC_FIT_STRETCH = 1, /* all of it, resized without keeping proportions */
    HC_FIT_LETTERBOX = 2 /* all of it in its proportions, inside a grey border */
} hc_fit;

/* What the library is and what it runs on. The texts live as long as the process. */
typedef struct hc_library_info {
    size_t size;
    const char *version;   /* "0.1.0" */
    const char *isa;       /* the vectors that kernels use: "v512" (AVX-512), "v256" (AVX2 and FMA), "v128" or "scalar"; HYBRIDCONV_ISA can narrow it */
    const char *level;     /* what the loaded part was compiled for: "x86-64-v4", "x86-64-v3", "x86-64-v2" or "arm64" */
    const char *processor; /* its own name */
    int32_t abi_version;   /* HC_ABI_VERSION of the library */
    int32_t processors;    /* threads of a run for which the options name no number, unless HYBRIDCONV_THREADS does */
} hc_library_info;
#define HC_LIBRARY_INFO_INIT { sizeof(hc_library_info), NULL, NULL, NULL, NULL, 0, 0 }

/* What loading a model may take. */
typedef struct hc_model_options {
    size_t size;
    int64_t max_model_bytes;  /* the largest model file, external data not counted; default 2^31 - 1 */
    int64_t max_tensor_bytes; /* the largest single tensor; default just below 2^31 */
    int32_t max_nodes;        /* default 4,000,000 */
    int32_t borrow_memory;    /* hc_model_load_memory: 1 to use the caller's bytes in place. They must not change or go before the model and all its sessions are closed. Default: copy */
} hc_model_options;
#define HC_MODEL_OPTIONS_INIT { sizeof(hc_model_options), 0, 0, 0, 0 }

/* The size of a symbolic dimension. */
typedef struct hc_dimension {
    const char *symbol;
    int64_t size;
} hc_dimension;

/* The whole shape of an input, by its name. */
typedef struct hc_shape {
    const char *input;
    const int64_t *dims;
    size_t rank;
} hc_shape;

/* How a model is compiled. Nothing that this points to is used after the call. */
typedef struct hc_session_options {
    size_t size;
    const char *target;  /* "cpu", "opencl", "opencl:0", "opencl:PART OF A NAME", "cpu:reference" (slow, exact) or "auto", the default. A named target runs everything or refuses */
    int32_t threads;     /* of one run, the caller's included; default one per processor. With 1, all runs on the calling thread */
    hc_precision precision;
    hc_layout input_layout;
    hc_layout output_layout;
    const hc_dimension *dimensions; /* sizes of symbolic dimensions */
    size_t dimension_count;
    const hc_shape *input_shapes;   /* in the caller's layout. What stays open here is fixed by hc_run_create */
    size_t input_shape_count;
    const char *const *keep;        /* names of intermediate values to have as additional outputs */
    size_t keep_count;
    hc_verify_mode verify;          /* whether runs check their own results */
    hc_on_mismatch on_mismatch;
    const char *verify_against;     /* the target that full verification compares with; default "cpu", and for the processor "cpu:reference" */
    int64_t max_tensor_bytes;
    int64_t max_total_bytes;        /* buffers of one run plus packed weights; default 16 GiB */
    const char *cache_folder;       /* for compiled kernels; "off" keeps nothing; default the user's cache folder */
    const char *tune_file;          /* measurements of `hybridconv tune`; "cache" takes those of the cache folder */
    int32_t max_plans;              /* plans, one for each set of input shapes, that the session keeps; default 8 */
    int32_t reserved;
} hc_session_options;
#define HC_SESSION_OPTIONS_INIT \
    { sizeof(hc_session_options), NULL, 0, HC_FAST, HC_AS_DECLARED, HC_AS_DECLARED, NULL, 0, NULL, 0, NULL, 0, HC_VERIFY_OFF, HC_MISMATCH_FAIL, NULL, 0, 0, NULL, NULL, 0, 0 }

/* What a session is. The texts live as long as it and its runs. */
typedef struct hc_session_info {
    size_t size;
    const char *target;        /* where it runs: that which "auto" took, or which it fell back to */
    const char *target_reason; /* why "auto" took it; NULL where the target was named */
    size_t input_count;
    size_t output_count;       /* the model's, then those of `keep` */
    int32_t threads;
    int32_t reserved;
} hc_session_info;
#define HC_SESSION_INFO_INIT { sizeof(hc_session_info), NULL, NULL, 0, 0, 0, 0 }

/* An input or output. */
typedef struct hc_tensor {
    size_t size;
    const char *name;
    hc_type type;
    int32_t rank;         /* -1 where a session does not know it */
    const int64_t *shape; /* rank sizes, outermost first; -1 where a session does not know one */
    void *data;           /* the elements, dense; NULL in a session's description */
    size_t bytes;         /* of data */
} hc_tensor;
#define HC_TENSOR_INIT { sizeof(hc_tensor), NULL, HC_FLOAT32, 0, NULL, NULL, 0 }

/* Interleaved pixels, row after row from the top. */
typedef struct hc_picture {
    size_t size;
    const uint8_t *pixels; /* 0 to 255; RGB, or one byte of brightness */
    int32_t width;
    int32_t height;
    int32_t channels;  /* 3 or 1 */
    int32_t row_bytes; /* from one row to the next; 0 where rows are side by side */
} hc_picture;
#define HC_PICTURE_INIT { sizeof(hc_picture), NULL, 0, 0, 0, 0 }

/* How a picture becomes an input: resized (bilinear, antialiased) to the input's height and width, then (x * scale - mean) / std per channel. */
typedef struct hc_picture_options {
    size_t size;
    hc_fit fit;
    float scale;           /* 0 is 1 */
    float mean[3];
    float std[3];          /* 0 is 1 */
    int32_t swap_red_blue; /* 1 where the network takes BGR; mean and std are then B, G, R */
    int32_t reserved;
} hc_picture_options;
#define HC_PICTURE_OPTIONS_INIT { sizeof(hc_picture_options), HC_FIT_CENTRE, 0, { 0, 0, 0 }, { 0, 0, 0 }, 0, 0 }
/* As most networks for ImageNet were trained. */
#define HC_PICTURE_OPTIONS_IMAGENET \
    { sizeof(hc_picture_options), HC_FIT_CENTRE, 1.0f / 255, { 0.485f, 0.456f, 0.406f }, { 0.229f, 0.224f, 0.225f }, 0, 0 }

/* ---- the library ---- */

/* Version, instruction sets, processor. */
HC_API hc_status hc_info(hc_library_info *info);

/* The sentence of the calling thread's last failure, valid until its next one; "" before the first. Successful calls leave it. */
HC_API const char *hc_last_error(void);

/* "HC_ERROR_SHAPE" for HC_ERROR_SHAPE. */
HC_API const char *hc_status_name(hc_status status);

/* Frees a text or picture that a call below says is the caller's to free. NULL is nothing. */
HC_API void hc_free(void *memory);

/* Every target of this machine, as JSON, the caller's to free: {"devices":[{"target","available","description","facts"}]}. */
HC_API hc_status hc_devices(char **json);

/* Decodes a PNG, JPEG, BMP, GIF, TGA or PSD file, to RGB (channels 3) or brightness (1). `pixels` is the caller's to hc_free. */
HC_API hc_status hc_picture_read(const char *path, int32_t channels, hc_picture *picture);

/* ---- models ---- */

/* Reads an ONNX file, with its external data. The file stays open and mapped until the model is closed, and must not be shortened or rewritten in place meanwhile: where others may do so, read it and use
 * hc_model_load_memory. options may be NULL. */
HC_API hc_status hc_model_load(const char *path, const hc_model_options *options, hc_model **model);

/* Reads an ONNX model from memory; see hc_model_options.borrow_memory. It has no external data. */
HC_API hc_status hc_model_load_memory(const void *bytes, size_t size, const hc_model_options *options, hc_model **model);

/* Writes the model as one ONNX file, weights inside. The file appears complete or not at all. */
HC_API hc_status hc_model_save(hc_model *model, const char *path);

/* Runs the model on each of `targets` (separated by commas; NULL is "cpu") and on `against` (NULL is the double-precision reference) with the same made-up inputs, and compares outputs and
 * all values between nodes. Of the options, threads, precision, dimensions, input_shapes and limits count. *agrees is 1 where all is within the bound. json, the caller's to free, may be NULL:
 * {"model","pairs":[{"a","b","bitwiseEqual","maxAbsError","maxRelError","withinBound","worstNode","reason"}]}. */
HC_API hc_status hc_verify(hc_model *model, const hc_session_options *options, const char *targets, const char *against, int32_t *agrees, char **json);

HC_API hc_status hc_model_close(hc_model *model);

/* ---- sessions ---- */

/* Plans a model for a target: chooses kernels, packs weights, lays out memory. options may be NULL. Sessions of one model share packed weights. */
HC_API hc_status hc_compile(hc_model *model, const hc_session_options *options, hc_session **session);

/* Target, threads, and how many inputs and outputs there are. */
HC_API hc_status hc_session_describe(hc_session *session, hc_session_info *info);

/* The name, type and shape of an input or output. What it points to lives as long as the session and its runs. */
HC_API hc_status hc_session_input(hc_session *session, size_t index, hc_tensor *tensor);
HC_API hc_status hc_session_output(hc_session *session, size_t index, hc_tensor *tensor);

HC_API hc_status hc_session_close(hc_session *session);

/* ---- runs ---- */

/* Buffers for one caller at a time. shapes fixes what the session leaves open (NULL and 0 where nothing is); shapes seen before cost little. */
HC_API hc_status hc_run_create(hc_session *session, const hc_shape *shapes, size_t count, hc_run **run);

/* Where an input lies, for the caller to fill. It stays there, and keeps its contents from one execution to the next, until the run is closed. */
HC_API hc_status hc_run_input(hc_run *run, size_t index, hc_tensor *tensor);

/* Where an output lies, after an execution. Valid until the next one, or until the run is closed. */
HC_API hc_status hc_run_output(hc_run *run, size_t index, hc_tensor *tensor);

/* Copies an input from, or an output to, the caller's memory. type and bytes must be the tensor's. */
HC_API hc_status hc_run_set_input(hc_run *run, size_t index, hc_type type, const void *data, size_t bytes);
HC_API hc_status hc_run_get_output(hc_run *run, size_t index, hc_type type, void *data, size_t bytes);

/* Fills an input of four axes with a picture, repeated over the batch. options may be NULL: the values 0 to 255. The channels are where input_layout puts them; as declared they are
 * the second axis, unless only the last has 1 or 3. The picture must have as many. Inputs of float32, float16 and uint8 take pictures. */
HC_API hc_status hc_run_set_picture(hc_run *run, size_t index, const hc_picture *picture, const hc_picture_options *options);

/* Runs the network on the inputs as they are. Allocates nothing once it has been executed. */
HC_API hc_status hc_run_execute(hc_run *run);

/* From another thread: ends the execution in progress between two of its steps, with HC_ERROR_CANCELLED; does nothing where there is none. */
HC_API hc_status hc_run_cancel(hc_run *run);

/* The plan, as JSON, the caller's to free: {"target","arenaBytes","weightBytes","macs","parameters","steps":[{"node","op","kernel","macs","parameters","bytes","why","refused","time"}]}.
 * With measure 1 each step is timed on made-up inputs in other buffers; this run's are left alone. */
HC_API hc_status hc_run_explain(hc_run *run, int32_t measure, char **json);

HC_API hc_status hc_run_close(hc_run *run);

#ifdef __cplusplus
}
#endif

#endif
