// Depthwise convolution for GPUs: filters that see one channel each. An item computes RUN neighbouring pixels of a line, of one channel or of four;
// neighbouring items take neighbouring channels, which lie side by side, and a work-group a few lines, whose input rows overlap in the cache. Bound by memory.
// The chain of each output is the reference's, with padding left out.
//
// Packed weights (LaneFormat): blocks of PANEL filters: [K / PANEL] [bias | position 0 | position 1 ...] [PANEL].

#ifndef RUN
#define RUN 4
#endif
#define PANEL 32

// Channels of an item: 4 where everything starts at multiples of 16 bytes and the channels are a multiple of four; 1 also where several filters share a
// channel.
#ifndef LOAD
#define LOAD 4
#endif

// The filter's width and stride along a line where the input pixels that an item sees are loaded once and kept in registers; 0 for any width, stride and
// dilation.
#ifndef SLIDE_KERNEL
#define SLIDE_KERNEL 3
#define SLIDE_STRIDE 1
#endif

#if LOAD == 4
typedef float4 channels_t;
#else
typedef float channels_t;
#endif

// A work-group: 32 / LOAD items along the channels, then runs, then lines.
#define CHANNEL_ITEMS (LOAD == 4 ? 8 : 32)
#define RUN_ITEMS 4
#define LINE_ITEMS 4
#define ITEMS (CHANNEL_ITEMS * RUN_ITEMS * LINE_ITEMS)

kernel __attribute__((reqd_work_group_size(ITEMS, 1, 1)))
void conv_depthwise(
    IN(float, image), IN(float, packed), IN(float, residual), OUT(float, output),
    STRIDES(image), STRIDES(residual), STRIDES(output), WINDOW(depth), WINDOW(height), WINDOW(width),
    // Filters that see the same channel; lines of all images.
    const int batch, const int filters, const int multiplier, const float a, const float b)
{
    const int blocks_k = (filters + CHANNEL_ITEMS * LOAD - 1) / (CHANNEL_ITEMS * LOAD);
    const int runs = (width_output + RUN - 1) / RUN, blocks_w = (runs + RUN_ITEMS - 1) / RUN_ITEMS;
    const uint item = get_local_id(0);
    const int block = get_group_id(0), block_w = block / blocks_k, block_line = block_w / blocks_w;
    const uint k = ((block - block_w * blocks_k) * CHANNEL_ITEMS + item % CHANNEL_ITEMS) * LOAD;
    const int first = ((block_w - block_line * blocks_w) * RUN_ITEMS + item / CHANNEL_ITEMS % RUN_ITEMS) * RUN;
    const int line = block_line * LINE_ITEMS + item / (CHANNEL_ITEMS * RUN_ITEMS);
    if (k >= (uint)filters || first >= width_output || line >= batch * depth_output * height_output)
        return;
    const int plane = line / height_output, oh = line - plane * height_output, n = plane / depth_output, od = plane - n * depth_output;
    const int taps = depth_kernel * height_kernel * width_kernel;
    __global const float* weights = FIRST(packed) + (long)(k / PANEL) * (1 + taps) * PANEL + k % PANEL;
    __global const float* from = FIRST(image) + n * image_n + k / multiplier;

    channels_t acc[RUN];
#pragma unroll
    for (int i = 0; i < RUN; i++)
        acc[i] = *(__global const channels_t*)weights;
    weights += PANEL;
    const int first_w = START(width, first);
    for (int d = FIRST_TAP(depth, od); d < END_TAP(depth, od); d++)
        for (int h = FIRST_TAP(height, oh); h < END_TAP(height, oh); h++)
        {
            __global const float* row = from + (START(depth, od) + d * depth_dilation) * image_d + (START(height, oh) + h * height_dilation) * image_h;
            __global const float* row_weights = weights + (d * height_kernel + h) * width_kernel * PANEL;
#if SLIDE_KERNEL
            channels_t x[(RUN - 1) * SLIDE_STRIDE + SLIDE_KERNEL];
#pragma unroll
            for (int i = 0; i < (RUN - 1) * SLIDE_STRIDE + SLIDE_KERNEL; i++)
                x[i] = (uint)(first_w + i) < (uint)width_input ? *(__global const channels_t*)(row + (first_w + i) * image_w) : (channels_t)(0.0f);
#pragma unroll
            for (int s = 0; s < SLIDE_KERNEL; s++)
            {
                const channels_t weight = *(__global const channels_t*)(row_weights + s * PANEL);
#pragma unroll
                for (int i = 0; i < RUN; i++)
                    if ((uint)(first_w + i * SLIDE_STRIDE + s) < (uint)width_input)
                        acc[i] = fma(x[i * SLIDE_STRIDE + s], weight, acc[i]);
            }
#else
            for (int s = 0; s < width_kernel; s++)
            {
                const channels_t weight = *(__global const channels_t*)(row_weights + s * PANEL);
#pragma unroll
                for (int i = 0; i < RUN; i++)
                {
                    const int w = first_w + i * width_stride + s * width_dilation;
                    if ((uint)w < (uint)width_input)
                        acc[i] = fma(*(__global const channels_t*)(row + w * image_w), weight, acc[i]);
                }
            }
#endif
        }

    __global const float* add = residual_base ? FIRST(residual) + n * residual_n + od * residual_d + oh * residual_h + first * residual_w + k : 0;
    __global float* to = FIRST(output) + n * output_n + od * output_d + oh * output_h + first * output_w + k;
#pragma unroll
    for (int i = 0; i < RUN; i++)
        if (first + i < width_output)
        {
            const channels_t y = add ? acc[i] + *(__global const channels_t*)(add + i * residual_w) : acc[i];
            *(__global channels_t*)(to + i * output_w) = activate(y, a, b);
        }
}
