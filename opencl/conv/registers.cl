// Convolutions and matrix products without local memory and barriers, for GPUs whose local memory is no faster than their caches, and for thin groups: a work-
// item keeps four pixels by eight filters in registers. The chain of each output is the reference's.
//
// Packed weights as in gemm/tiles.local.cl, in panels of any width that is a multiple of eight.

// The channels that an item loads at once: 4 where pixels start at multiples of 16 bytes and have a multiple of four channels.
#ifndef LOAD
#define LOAD 4
#endif

// 0: padding counts as zeros, which is right for finite weights. 1: padding is left out.
#ifndef SKIP
#define SKIP 0
#endif

#if SKIP
#define ADD(inside, x, w, acc) if (inside) acc = fma((float4)(x), w, acc)
#else
#define ADD(inside, x, w, acc) acc = fma((float4)(x), w, acc)
#endif

#if LOAD == 4
typedef float4 channels_t;
#define CHANNEL_0 .s0
#else
typedef float channels_t;
#define CHANNEL_0
#endif

// The products of one channel of four pixels with eight filters.
#define ADD_CHANNEL(channel, weights) \
    { \
        const float4 w0 = (weights)[0], w1 = (weights)[1]; \
        ADD(inside.s0, x0 channel, w0, acc00); ADD(inside.s0, x0 channel, w1, acc01); \
        ADD(inside.s1, x1 channel, w0, acc10); ADD(inside.s1, x1 channel, w1, acc11); \
        ADD(inside.s2, x2 channel, w0, acc20); ADD(inside.s2, x2 channel, w1, acc21); \
        ADD(inside.s3, x3 channel, w0, acc30); ADD(inside.s3, x3 channel, w1, acc31); \
    }

static inline void finish_pixel(
    const int pixel, const int pixels, const float4 y0, const float4 y1, __global const float* residual, __global float* output,
    STRIDES(residual), STRIDES(output),
    const int depth_output, const int height_output, const int width_output, const int count, const int whole, const float a, const float b)
{
    if (pixel >= pixels)
        return;
    __global const float* add = residual ? residual + OFFSET_OF_PIXEL(pixel, residual) : 0;
    __global float* to = output + OFFSET_OF_PIXEL(pixel, output);
    finish_quad(y0, add, to, count, whole, a, b);
    if (count > 4)
        finish_quad(y1, add ? add + 4 : 0, to + 4, count - 4, whole, a, b);
}

// Item 0: blocks of filters, then of pixels. Item 1: groups of channels.
kernel void conv_registers(
    IN(float, image), IN(float, packed), IN(float, residual), OUT(float, output),
    STRIDES(image), STRIDES(residual), STRIDES(output), WINDOW(depth), WINDOW(height), WINDOW(width),
    // Output pixels of all images; channels and filters of a group; filters of a panel; floats from one panel, and one group's panels, to the next.
    const int pixels, const int channels, const int filters, const int panel, const int panel_floats, const long group_floats,
    // Elements from a group's first channel to the next one's.
    const int image_group, const int residual_group, const int output_group,
    // Whether the results are all of four channels at multiples of 16 bytes.
    const int whole, const float a, const float b)
{
    const int blocks = (filters + 7) / 8, block = get_global_id(0), block_pixels = block / blocks;
    const int first_pixel = block_pixels * 4, filter = (block - block_pixels * blocks) * 8, group = get_global_id(1);
    if (first_pixel >= pixels)
        return;
    const int4 pixel = min(first_pixel + (int4)(0, 1, 2, 3), (int4)(pixels - 1));
    const int4 line = pixel / width_output, plane = line / height_output, n = plane / depth_output;
    const int4 first_d = START(depth, plane - n * depth_output), first_h = START(height, line - plane * height_output);
    const int4 first_w = START(width, pixel - line * width_output);

    __global const float* from = FIRST(image) + (long)group * image_group;
    const int first_panel = filter / panel, row = panel / 4;
    __global const float4* weights =
        (__global const float4*)(FIRST(packed) + group * group_floats + (long)first_panel * panel_floats + (filter - first_panel * panel));
    float4 acc00 = weights[0], acc01 = weights[1], acc10 = acc00, acc11 = acc01, acc20 = acc00, acc21 = acc01, acc30 = acc00, acc31 = acc01;
    weights += row;
    for (int d = 0; d < depth_kernel; d++)
        for (int h = 0; h < height_kernel; h++)
            for (int w = 0; w < width_kernel; w++)
            {
                const int4 at_d = first_d + d * depth_dilation, at_h = first_h + h * height_dilation, at_w = first_w + w * width_dilation;
                const int4 inside = at_d >= 0 && at_d < depth_input && at_h >= 0 && at_h < height_input && at_w >= 0 && at_w < width_input;
                const int4 offset = n * image_n + at_d * image_d + at_h * image_h + at_w * image_w;
                for (int c = 0; c < channels; c += LOAD)
                {
                    const channels_t x0 = inside.s0 ? *(__global const channels_t*)(from + (offset.s0 + c)) : (channels_t)(0.0f);
                    const channels_t x1 = inside.s1 ? *(__global const channels_t*)(from + (offset.s1 + c)) : (channels_t)(0.0f);
                    const channels_t x2 = inside.s2 ? *(__global const channels_t*)(from + (offset.s2 + c)) : (channels_t)(0.0f);
                    const channels_t x3 = inside.s3 ? *(__global const channels_t*)(from + (offset.s3 + c)) : (channels_t)(0.0f);
                    ADD_CHANNEL(CHANNEL_0, weights)
#if LOAD == 4
                    ADD_CHANNEL(.s1, weights + row)
                    ADD_CHANNEL(.s2, weights + 2 * row)
                    ADD_CHANNEL(.s3, weights + 3 * row)
#endif
                    weights += LOAD * row;
                }
            }

    __global const float* added = residual_base ? FIRST(residual) + (long)group * residual_group + filter : 0;
    __global float* results = FIRST(output) + (long)group * output_group + filter;
#define FINISH(i, y0, y1) \
    finish_pixel(first_pixel + i, pixels, y0, y1, added, results, residual_n, residual_c, residual_d, residual_h, residual_w, \
        output_n, output_c, output_d, output_h, output_w, depth_output, height_output, width_output, filters - filter, whole, a, b)
    FINISH(0, acc00, acc01);
    FINISH(1, acc10, acc11);
    FINISH(2, acc20, acc21);
    FINISH(3, acc30, acc31);
}
