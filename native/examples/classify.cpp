// Classifies a picture: classify-cpp MODEL.onnx PICTURE
// Prints the five classes with the largest scores, an index and a score each.
#include <hybridconv.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <numeric>
#include <vector>

int main(int argc, char **argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: %s MODEL.onnx PICTURE\n", argv[0]);
        return 2;
    }
    try {
        const hybridconv::model model(argv[1]);
        const hybridconv::session session = model.compile();
        hybridconv::run run = session.create_run();
        run.set_picture(0, hybridconv::picture(argv[2]), HC_PICTURE_OPTIONS_IMAGENET);
        run.execute();

        const hybridconv::span<const float> scores = run.output<float>(0);
        std::vector<std::size_t> order(scores.size());
        std::iota(order.begin(), order.end(), std::size_t{ 0 });
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
        for (std::size_t rank = 0; rank < std::min<std::size_t>(5, order.size()); rank++)
            std::printf("%zu %.9g\n", order[rank], static_cast<double>(scores[order[rank]]));
    } catch (const std::exception &e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
