/*
 * HybridConv for C++17: hybridconv.h with owners, views and exceptions.
 *
 *     hybridconv::model model("network.onnx");
 *     hybridconv::session session = model.compile();
 *     hybridconv::run run = session.create_run();
 *     fill(run.input<float>(0));
 *     run.execute();
 *     hybridconv::span<const float> scores = run.output<float>(0);
 *
 * Owners close what they own, in any order, and can be moved but not copied. A call that fails throws hybridconv::error. Lifetimes and threads are those of hybridconv.h.
 */
#ifndef HYBRIDCONV_HPP
#define HYBRIDCONV_HPP

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hybridconv.h"

namespace hybridconv {

/* A status other than HC_OK, with the library's sentence. */
class error : public std::runtime_error {
public:
    error(hc_status status, const std::string &sentence) : std::runtime_error(sentence), status_(status) {}
    hc_status status() const noexcept { return status_; }

private:
    hc_status status_;
};

inline void check(hc_status status) {
    if (status != HC_OK)
        throw error(status, hc_last_error());
}

/* Elements that belong to somebody else: std::span of C++20, as far as tensors need it. */
template <typename T> class span {
public:
    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    constexpr T &operator[](std::size_t i) const noexcept { return data_[i]; }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/* The hc_type of a C++ type. float16 and bool have none: read them with run::input(index), whose data is untyped. */
template <typename T> struct type_of;
template <> struct type_of<float> { static constexpr hc_type value = HC_FLOAT32; };
template <> struct type_of<double> { static constexpr hc_type value = HC_FLOAT64; };
template <> struct type_of<std::uint8_t> { static constexpr hc_type value = HC_UINT8; };
template <> struct type_of<std::int8_t> { static constexpr hc_type value = HC_INT8; };
template <> struct type_of<std::uint16_t> { static constexpr hc_type value = HC_UINT16; };
template <> struct type_of<std::int16_t> { static constexpr hc_type value = HC_INT16; };
template <> struct type_of<std::uint32_t> { static constexpr hc_type value = HC_UINT32; };
template <> struct type_of<std::int32_t> { static constexpr hc_type value = HC_INT32; };
template <> struct type_of<std::uint64_t> { static constexpr hc_type value = HC_UINT64; };
template <> struct type_of<std::int64_t> { static constexpr hc_type value = HC_INT64; };

/* The shape of an input, by its name. */
struct shape {
    std::string input;
    std::vector<std::int64_t> dims;
};

namespace detail {

/* A handle, closed with its owner. */
template <typename H, hc_status (*Close)(H *)> class owner {
public:
    explicit owner(H *handle = nullptr) noexcept : handle_(handle) {}
    owner(owner &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    owner &operator=(owner &&other) noexcept {
        if (this != &other) {
            close();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    owner(const owner &) = delete;
    owner &operator=(const owner &) = delete;
    ~owner() { close(); }
    H *get() const noexcept { return handle_; }

private:
    void close() noexcept {
        if (handle_)
            Close(handle_);
        handle_ = nullptr;
    }
    H *handle_;
};

/* A text of the library, taken over. */
inline std::string take(char *text) {
    std::string copy(text ? text : "");
    hc_free(text);
    return copy;
}

inline std::vector<hc_shape> lower(const std::vector<shape> &shapes) {
    std::vector<hc_shape> lowered;
    for (const shape &s : shapes)
        lowered.push_back({ s.input.c_str(), s.dims.data(), s.dims.size() });
    return lowered;
}

} // namespace detail

inline hc_library_info info() {
    hc_library_info info = HC_LIBRARY_INFO_INIT;
    check(hc_info(&info));
    return info;
}

/* Every target of this machine, as JSON. */
inline std::string devices() {
    char *json = nullptr;
    check(hc_devices(&json));
    return detail::take(json);
}

/* A decoded picture, freed with its owner. */
class picture {
public:
    explicit picture(const std::string &path, int channels = 3) { check(hc_picture_read(path.c_str(), channels, &picture_)); }
    picture(picture &&other) noexcept : picture_(std::exchange(other.picture_, hc_picture HC_PICTURE_INIT)) {}
    picture &operator=(picture &&other) noexcept {
        std::swap(picture_, other.picture_);
        return *this;
    }
    picture(const picture &) = delete;
    picture &operator=(const picture &) = delete;
    ~picture() { hc_free(const_cast<std::uint8_t *>(picture_.pixels)); }
    const hc_picture &get() const noexcept { return picture_; }

private:
    hc_picture picture_ = HC_PICTURE_INIT;
};

class run {
public:
    explicit run(hc_run *handle) noexcept : handle_(handle) {}

    hc_tensor input(std::size_t index) const {
        hc_tensor tensor = HC_TENSOR_INIT;
        check(hc_run_input(handle_.get(), index, &tensor));
        return tensor;
    }

    hc_tensor output(std::size_t index) const {
        hc_tensor tensor = HC_TENSOR_INIT;
        check(hc_run_output(handle_.get(), index, &tensor));
        return tensor;
    }

    /* The elements of an input, for the caller to fill. */
    template <typename T> span<T> input(std::size_t index) const { return elements<T>(input(index)); }

    /* The elements of an output, valid until the next execution. */
    template <typename T> span<const T> output(std::size_t index) const {
        span<T> all = elements<T>(output(index));
        return { all.data(), all.size() };
    }

    void set_picture(std::size_t index, const picture &picture, const hc_picture_options &options = HC_PICTURE_OPTIONS_INIT) {
        check(hc_run_set_picture(handle_.get(), index, &picture.get(), &options));
    }

    void execute() { check(hc_run_execute(handle_.get())); }

    /* From another thread. */
    void cancel() { check(hc_run_cancel(handle_.get())); }

    /* The plan, as JSON; with times of its steps where they are measured. */
    std::string explain(bool measure = false) const {
        char *json = nullptr;
        check(hc_run_explain(handle_.get(), measure, &json));
        return detail::take(json);
    }

    hc_run *get() const noexcept { return handle_.get(); }

private:
    template <typename T> static span<T> elements(const hc_tensor &tensor) {
        if (tensor.type != type_of<T>::value)
            throw error(HC_ERROR_OPERAND, std::string("'") + tensor.name + "' holds elements of another type");
        return { static_cast<T *>(tensor.data), tensor.bytes / sizeof(T) };
    }

    detail::owner<hc_run, hc_run_close> handle_;
};

class session {
public:
    explicit session(hc_session *handle) noexcept : handle_(handle) {}

    hc_session_info describe() const {
        hc_session_info info = HC_SESSION_INFO_INIT;
        check(hc_session_describe(handle_.get(), &info));
        return info;
    }

    hc_tensor input(std::size_t index) const {
        hc_tensor tensor = HC_TENSOR_INIT;
        check(hc_session_input(handle_.get(), index, &tensor));
        return tensor;
    }

    hc_tensor output(std::size_t index) const {
        hc_tensor tensor = HC_TENSOR_INIT;
        check(hc_session_output(handle_.get(), index, &tensor));
        return tensor;
    }

    run create_run(const std::vector<shape> &shapes = {}) const {
        std::vector<hc_shape> lowered = detail::lower(shapes);
        hc_run *handle = nullptr;
        check(hc_run_create(handle_.get(), lowered.data(), lowered.size(), &handle));
        return run(handle);
    }

    hc_session *get() const noexcept { return handle_.get(); }

private:
    detail::owner<hc_session, hc_session_close> handle_;
};

class model {
public:
    explicit model(const std::string &path, const hc_model_options &options = HC_MODEL_OPTIONS_INIT) {
        hc_model *handle = nullptr;
        check(hc_model_load(path.c_str(), &options, &handle));
        handle_ = owner(handle);
    }

    model(const void *bytes, std::size_t size, const hc_model_options &options = HC_MODEL_OPTIONS_INIT) {
        hc_model *handle = nullptr;
        check(hc_model_load_memory(bytes, size, &options, &handle));
        handle_ = owner(handle);
    }

    session compile(const hc_session_options &options = HC_SESSION_OPTIONS_INIT) const {
        hc_session *handle = nullptr;
        check(hc_compile(handle_.get(), &options, &handle));
        return session(handle);
    }

    void save(const std::string &path) const { check(hc_model_save(handle_.get(), path.c_str())); }

    /* Whether targets agree with `against`. */
    bool verify(const std::string &targets = "cpu", const std::string &against = "reference", const hc_session_options &options = HC_SESSION_OPTIONS_INIT, std::string *json = nullptr) const {
        std::int32_t agrees = 0;
        char *text = nullptr;
        check(hc_verify(handle_.get(), &options, targets.c_str(), against.c_str(), &agrees, json ? &text : nullptr));
        if (json)
            *json = detail::take(text);
        return agrees != 0;
    }

    hc_model *get() const noexcept { return handle_.get(); }

private:
    using owner = detail::owner<hc_model, hc_model_close>;
    owner handle_;
};

} // namespace hybridconv

#endif
