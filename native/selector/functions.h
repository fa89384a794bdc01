/* Every function of hybridconv.h that returns a status: name, parameters, arguments. A test compares this with the header and with what the libraries export. */
#ifndef HC_SELECTOR_FUNCTIONS_H
#define HC_SELECTOR_FUNCTIONS_H

#define HC_EACH_CALL(X)                                                                                                            \
    X(hc_info, (hc_library_info *info), (info))                                                                                    \
    X(hc_devices, (char **json), (json))                                                                                           \
    X(hc_picture_read, (const char *path, int32_t channels, hc_picture *picture), (path, channels, picture))                       \
    X(hc_model_load, (const char *path, const hc_model_options *options, hc_model **model), (path, options, model))                \
    X(hc_model_load_memory, (const void *bytes, size_t size, const hc_model_options *options, hc_model **model),                   \
      (bytes, size, options, model))                                                                                               \
    X(hc_model_save, (hc_model *model, const char *path), (model, path))                                                           \
    X(hc_verify, (hc_model *model, const hc_session_options *options, const char *targets, const char *against, int32_t *agrees, char **json), \
      (model, options, targets, against, agrees, json))                                                                            \
    X(hc_model_close, (hc_model *model), (model))                                                                                  \
    X(hc_compile, (hc_model *model, const hc_session_options *options, hc_session **session), (model, options, session))           \
    X(hc_session_describe, (hc_session *session, hc_session_info *info), (session, info))                                          \
    X(hc_session_input, (hc_session *session, size_t index, hc_tensor *tensor), (session, index, tensor))                          \
    X(hc_session_output, (hc_session *session, size_t index, hc_tensor *tensor), (session, index, tensor))                         \
    X(hc_session_close, (hc_session *session), (session))                                                                          \
    X(hc_run_create, (hc_session *session, const hc_shape *shapes, size_t count, hc_run **run), (session, shapes, count, run))     \
    X(hc_run_input, (hc_run *run, size_t index, hc_tensor *tensor), (run, index, tensor))                                          \
    X(hc_run_output, (hc_run *run, size_t index, hc_tensor *tensor), (run, index, tensor))                                         \
    X(hc_run_set_input, (hc_run *run, size_t index, hc_type type, const void *data, size_t bytes), (run, index, type, data, bytes)) \
    X(hc_run_get_output, (hc_run *run, size_t index, hc_type type, void *data, size_t bytes), (run, index, type, data, bytes))     \
    X(hc_run_set_picture, (hc_run *run, size_t index, const hc_picture *picture, const hc_picture_options *options),               \
      (run, index, picture, options))                                                                                              \
    X(hc_run_execute, (hc_run *run), (run))                                                                                        \
    X(hc_run_cancel, (hc_run *run), (run))                                                                                         \
    X(hc_run_explain, (hc_run *run, int32_t measure, char **json), (run, measure, json))                                           \
    X(hc_run_close, (hc_run *run), (run))

#endif
