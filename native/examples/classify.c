/*
 * Classifies a picture: classify MODEL.onnx PICTURE
 * Prints the five classes with the largest scores, an index and a score each.
 *     cc classify.c -o classify $(pkg-config --cflags --libs hybridconv)
 */
#include <hybridconv.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOP = 5 };

static void check(hc_status status) {
    if (status == HC_OK)
        return;
    fprintf(stderr, "%s: %s\n", hc_status_name(status), hc_last_error());
    exit(1);
}

int main(int argc, char **argv) {
    hc_model *model;
    hc_session *session;
    hc_run *run;
    hc_picture picture = HC_PICTURE_INIT;
    hc_tensor scores = HC_TENSOR_INIT;
    const hc_picture_options imagenet = HC_PICTURE_OPTIONS_IMAGENET;
    if (argc != 3) {
        fprintf(stderr, "usage: %s MODEL.onnx PICTURE\n", argv[0]);
        return 2;
    }
    check(hc_model_load(argv[1], NULL, &model));
    check(hc_compile(model, NULL, &session));
    check(hc_run_create(session, NULL, 0, &run));

    check(hc_picture_read(argv[2], 3, &picture));
    check(hc_run_set_picture(run, 0, &picture, &imagenet));
    hc_free((void *)picture.pixels);

    check(hc_run_execute(run));
    check(hc_run_output(run, 0, &scores));
    if (scores.type != HC_FLOAT32) {
        fprintf(stderr, "'%s' holds no float32 scores\n", scores.name);
        return 1;
    }
    const float *score = scores.data;
    const size_t count = scores.bytes / sizeof *score;
    size_t shown[TOP];
    for (size_t rank = 0; rank < TOP && rank < count; rank++) {
        size_t best = count;
        for (size_t i = 0; i < count; i++) {
            int seen = 0;
            for (size_t r = 0; r < rank; r++)
                seen |= shown[r] == i;
            if (!seen && (best == count || score[i] > score[best]))
                best = i;
        }
        shown[rank] = best;
        printf("%zu %.9g\n", best, score[best]);
    }

    check(hc_run_close(run));
    check(hc_session_close(session));
    check(hc_model_close(model));
    return 0;
}
