// Few pixels by many filters, for discrete GPUs: fully connected layers at small batches, which are bound by reading weights. A work-group reads one panel of
// weights once, for ROWS pixels: its items stand 8 across the panel's rows and SLICES deep, each slice four positions of the reduction at a time. The
// slices' sums are added as a tree, so these are not the reference's chains.
//
// Packed weights as in gemm/tiles.local.cl.

#ifndef ROWS
#define ROWS 4
#endif
#ifndef LOAD
#define LOAD 4
#endif
#define PANEL 32
#define QUADS (PANEL / 4)
#define SLICES 32

// Blocks of four positions that an item has under way.
#define TURNS (ROWS == 1 ? 4 : 2)

#if LOAD == 4
#define READ_IMAGE(from, count) (*(__global const float4*)(from))
#else
#define READ_IMAGE(from, count) load_4(from, 1, count)
#endif

// Group 0: panels. Group 1: groups of channels. Group 2: blocks of ROWS pixels.
kernel __attribute__((reqd_work_group_size(QUADS * SLICES, 1, 1)))
void conv_vector(
    IN(float, image), IN(float, packed), IN(float, residual), OUT(float, output), STRIDES(image), STRIDES(residual), STRIDES(output),
    WINDOW(depth), WINDOW(height), WINDOW(width),
    const int pixels, const int channels, const int filters, const int panel_floats, const long group_floats,
    const int image_group, const int residual_group, const int output_group, const int whole, const float a, const float b)
{
    __local float4 sums[SLICES][ROWS][QUADS];
    const int quad = get_local_id(0) % QUADS, slice = get_local_id(0) / QUADS;
    const int panel = get_group_id(0), group = get_group_id(1), first_pixel = get_group_id(2) * ROWS;
    __global const float* from = FIRST(image) + (long)group * image_group;
    __global const float4* bias = (__global const float4*)(FIRST(packed) + group * group_floats + (long)panel * panel_floats) + quad;
    __global const float4* weights = bias + QUADS;

    int offsets[ROWS];
    float4 acc[ROWS];
#pragma unroll
    for (int i = 0; i < ROWS; i++)
    {
        const int pixel = min(first_pixel + i, pixels - 1), line = pixel / width_output, plane = line / height_output, n = plane / depth_output;
        offsets[i] = n * image_n + (plane - n * depth_output) * depth_stride * image_d + (line - plane * height_output) * height_stride * image_h
            + (pixel - line * width_output) * width_stride * image_w;
        acc[i] = slice == 0 ? *bias : (float4)(0.0f);
    }
    for (int first = 4 * slice; first < channels; first += 4 * SLICES * TURNS)
    {
        // All turns' loads are on their way before the first is needed. Rows of panels go on to whole stages, four and more.
        float4 w[TURNS][4], x[TURNS][ROWS];
#pragma unroll
        for (int turn = 0; turn < TURNS; turn++)
        {
            const int c = first + turn * 4 * SLICES;
#pragma unroll
            for (int k = 0; k < 4; k++)
                w[turn][k] = c < channels ? weights[(c + k) * QUADS] : (float4)(0.0f);
#pragma unroll
            for (int i = 0; i < ROWS; i++)
                x[turn][i] = c < channels ? READ_IMAGE(from + (offsets[i] + c), channels - c) : (float4)(0.0f);
        }
#pragma unroll
        for (int turn = 0; turn < TURNS; turn++)
#pragma unroll
            for (int i = 0; i < ROWS; i++)
            {
                acc[i] = fma((float4)(x[turn][i].s0), w[turn][0], acc[i]);
                acc[i] = fma((float4)(x[turn][i].s1), w[turn][1], acc[i]);
                acc[i] = fma((float4)(x[turn][i].s2), w[turn][2], acc[i]);
                acc[i] = fma((float4)(x[turn][i].s3), w[turn][3], acc[i]);
            }
    }
#pragma unroll
    for (int i = 0; i < ROWS; i++)
        sums[slice][i][quad] = acc[i];
    for (int half_slices = SLICES / 2; half_slices > 0; half_slices /= 2)
    {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (slice < half_slices)
        {
#pragma unroll
            for (int i = 0; i < ROWS; i++)
                sums[slice][i][quad] += sums[slice + half_slices][i][quad];
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    const int filter = panel * PANEL + 4 * quad, pixel = first_pixel + slice;
    if (slice < ROWS && pixel < pixels && filter < filters)
        finish_quad(sums[0][slice][quad], residual_base ? FIRST(residual) + (long)group * residual_group + OFFSET_OF_PIXEL(pixel, residual) + filter : 0,
            FIRST(output) + (long)group * output_group + OFFSET_OF_PIXEL(pixel, output) + filter, filters - filter, whole, a, b);
}
