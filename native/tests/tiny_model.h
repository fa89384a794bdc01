/* A network of one 1x1 convolution, as ONNX bytes: x[N, 2, H, W] -> y[N, 3, H, W], y = w x + b with small integers, so that results are exact. */
#ifndef HC_TINY_MODEL_H
#define HC_TINY_MODEL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { TINY_IN = 2, TINY_OUT = 3 };

static const float tiny_weights[TINY_OUT][TINY_IN] = { { 1, 2 }, { -3, 4 }, { 5, -6 } };
static const float tiny_bias[TINY_OUT] = { 7, -8, 9 };

typedef struct bytes {
    uint8_t data[1024];
    size_t size;
} bytes;

static void put_varint(bytes *b, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        b->data[b->size++] = (uint8_t)(value | 0x80);
    b->data[b->size++] = (uint8_t)value;
}

static void put_number(bytes *b, int field, uint64_t value) {
    put_varint(b, (uint64_t)field << 3);
    put_varint(b, value);
}

static void put_block(bytes *b, int field, const void *data, size_t size) {
    put_varint(b, (uint64_t)field << 3 | 2);
    put_varint(b, size);
    if (size > 0)
        memcpy(b->data + b->size, data, size);
    b->size += size;
}

static void put_text(bytes *b, int field, const char *text) { put_block(b, field, text, strlen(text)); }

static void put_message(bytes *b, int field, const bytes *message) { put_block(b, field, message->data, message->size); }

/* A TensorProto of float32. */
static bytes tensor(const char *name, const int64_t *dims, size_t rank, const float *values, size_t count) {
    bytes t = { { 0 }, 0 };
    for (size_t i = 0; i < rank; i++)
        put_number(&t, 1, (uint64_t)dims[i]);
    put_number(&t, 2, 1);
    put_text(&t, 8, name);
    put_block(&t, 9, values, count * sizeof *values);
    return t;
}

/* A ValueInfoProto of float32[N, channels, side, side]; N is a symbol, or a number above 0. */
static bytes value(const char *name, int64_t batch, int64_t channels, int64_t side) {
    bytes shape = { { 0 }, 0 }, tensor_type = { { 0 }, 0 }, type = { { 0 }, 0 }, info = { { 0 }, 0 };
    const int64_t sizes[] = { batch, channels, side, side };
    for (int i = 0; i < 4; i++) {
        bytes dim = { { 0 }, 0 };
        if (sizes[i] > 0)
            put_number(&dim, 1, (uint64_t)sizes[i]);
        else
            put_text(&dim, 2, "N");
        put_message(&shape, 1, &dim);
    }
    put_number(&tensor_type, 1, 1);
    put_message(&tensor_type, 2, &shape);
    put_message(&type, 1, &tensor_type);
    put_text(&info, 1, name);
    put_message(&info, 2, &type);
    return info;
}

/* The whole model; a batch of 0 leaves it open. */
static bytes tiny_model(int64_t batch, int64_t side) {
    const int64_t weight_dims[] = { TINY_OUT, TINY_IN, 1, 1 }, bias_dims[] = { TINY_OUT };
    bytes node = { { 0 }, 0 }, graph = { { 0 }, 0 }, opset = { { 0 }, 0 }, model = { { 0 }, 0 };
    bytes w = tensor("w", weight_dims, 4, &tiny_weights[0][0], TINY_OUT * TINY_IN), b = tensor("b", bias_dims, 1, tiny_bias, TINY_OUT);
    bytes x = value("x", batch, TINY_IN, side), y = value("y", batch, TINY_OUT, side);
    put_text(&node, 1, "x");
    put_text(&node, 1, "w");
    put_text(&node, 1, "b");
    put_text(&node, 2, "y");
    put_text(&node, 3, "conv");
    put_text(&node, 4, "Conv");
    put_message(&graph, 1, &node);
    put_text(&graph, 2, "tiny");
    put_message(&graph, 5, &w);
    put_message(&graph, 5, &b);
    put_message(&graph, 11, &x);
    put_message(&graph, 12, &y);
    put_number(&opset, 2, 17);
    put_number(&model, 1, 8);
    put_message(&model, 7, &graph);
    put_message(&model, 8, &opset);
    return model;
}

/* What input element i of the tests is: small, and different from its neighbours. */
static inline float tiny_input(size_t i) { return (float)(int)(i * 7 % 23) - 11; }

/* Output element i for tiny_input, dense [N, 3, side, side]. */
static inline float tiny_output(size_t i, size_t pixels) {
    size_t pixel = i % pixels, o = i / pixels % TINY_OUT, n = i / pixels / TINY_OUT;
    float sum = tiny_bias[o];
    for (size_t c = 0; c < TINY_IN; c++)
        sum += tiny_weights[o][c] * tiny_input((n * TINY_IN + c) * pixels + pixel);
    return sum;
}

#endif
