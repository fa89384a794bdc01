/* The C++ header: owners, views, exceptions. */
#include "hybridconv.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

extern "C" {
#include "tiny_model.h"
}

namespace {

constexpr std::size_t side = 6, pixels = side * side;

void expect(bool condition, const char *what) {
    if (!condition) {
        std::fprintf(stderr, "%s does not hold\n", what);
        std::exit(1);
    }
}

template <typename F> hc_status status_of(F call) {
    try {
        call();
        return HC_OK;
    } catch (const hybridconv::error &e) {
        expect(std::strlen(e.what()) > 0, "an error has a sentence");
        return e.status();
    }
}

} // namespace

int main() {
    const bytes tiny = tiny_model(0, side);
    hybridconv::model model(tiny.data, tiny.size);
    hc_session_options options = HC_SESSION_OPTIONS_INIT;
    options.target = "cpu";
    hybridconv::session session = model.compile(options);
    expect(session.describe().input_count == 1 && std::string(session.input(0).name) == "x" && session.output(0).type == HC_FLOAT32, "the session describes itself");

    hybridconv::run first = session.create_run({ { "x", { 2, TINY_IN, side, side } } });
    hybridconv::run run = std::move(first);
    expect(first.get() == nullptr, "a moved run owns nothing");
    hybridconv::span<float> input = run.input<float>(0);
    expect(input.size() == 2 * TINY_IN * pixels, "the input has its size");
    for (std::size_t i = 0; i < input.size(); i++)
        input[i] = tiny_input(i);
    run.execute();
    std::size_t count = 0;
    for (float value : run.output<float>(0))
        expect(value == tiny_output(count++, pixels), "the output is exact");
    expect(count == 2 * TINY_OUT * pixels, "the output has its size");

    expect(status_of([&] { run.output<double>(0); }) == HC_ERROR_OPERAND, "a wrong type is refused");
    expect(status_of([&] { run.input(3); }) == HC_ERROR_OPERAND, "a wrong index is refused");
    expect(status_of([&] { session.create_run(); }) == HC_ERROR_OPEN_DIMENSION, "an open dimension is refused");
    expect(status_of([&] { hybridconv::model nothing(tiny.data, 3); }) == HC_ERROR_MODEL_FORMAT, "a damaged model is refused");
    expect(status_of([&] { hybridconv::picture nothing("there is no such file"); }) == HC_ERROR_FILE, "a missing picture is refused");

    hc_dimension batch = { "N", 1 };
    options.dimensions = &batch;
    options.dimension_count = 1;
    std::string json;
    expect(model.verify("cpu", "reference", options, &json) && json.find("cpu:reference") != std::string::npos, "targets agree");
    expect(run.explain().find("\"kernel\"") != std::string::npos, "the run explains itself");
    expect(hybridconv::devices().find("\"cpu\"") != std::string::npos, "the processor is a device");
    std::printf("smoke of C++: ok, %s on %s\n", hybridconv::info().isa, hybridconv::info().processor);
}
