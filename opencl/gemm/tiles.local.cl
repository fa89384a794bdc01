// Convolutions and matrix products for discrete GPUs: a work-group computes a tile of TILE_M pixels by TILE_N filters from tiles in local memory, a work-item
// ITEM_M x ITEM_N of it in registers. The matrix of a convolution ("im2col") exists only in local memory, a stage of TILE_K positions of the reduction at a
// time: while one stage is multiplied, the next is on its way from global memory to registers, from where it goes to the other one of two buffers.
//
//                     TILE_N filters
//            TILE_K [ b b b b b b b b ]     weights: rows of panels, as they are packed
//           [ a . ]   +-----+-------+
//   TILE_M  [ a . ]   | 8x8 | ...   |       image: pixels by positions, turned while it is stored, so that an item reads rows and columns as float4
//   pixels  [ a . ]   +-----+-------+
//
// Each output is one chain, as the reference has it: acc = bias; for positions of the reduction (filter rows, filter columns, channels) ascending: acc = fma(x,
// w, acc); then the residual; then the activation. Padding counts as zeros: the host takes other kernels for it where weights are not finite. Where tiles are
// few, several groups may share the reduction of a tile: each writes its part, and sum_parts adds them up in order.
//
// Packed weights (TileFormat.cs), for each group: panels of 32 filters, each a row of biases, then a row for each position; rows are filled up with zeros to
// whole stages.

#ifndef TILE_M
#define TILE_M 64
#define TILE_N 64
#define ITEM_M 8
#define ITEM_N 4
#endif

// The channels that an item loads at once: 4 where pixels start at multiples of 16 bytes and have a multiple of four channels.
#ifndef LOAD
#define LOAD 4
#endif

// Whether filters have more than one position, or there is padding.
#ifndef SPATIAL
#define SPATIAL 1
#endif

// Parts of a work-group that take the stages in turn and add up at the end: for grids that are too small to fill a device with one part.
#ifndef SLICES
#define SLICES 1
#endif

#define TILE_K 16

// Positions whose instructions stand one after the other: as many as instruction caches hold.
#ifndef UNROLL
#define UNROLL 8
#endif
#define PANEL 32
#define ITEMS (TILE_M / ITEM_M * (TILE_N / ITEM_N))

// 32 neighbouring items, the least that runs in step, cover a block of 4 x 8 items: float4s of rows by float4s of columns, ITEM_M / 4 by ITEM_N / 4 times.
// Items 2 apart share their rows, and neighbours their columns: where local memory serves 16-byte reads by quarters of the 32, such quarters need one turn
// together.
#define ROWS4 (ITEM_M / 4)
#define COLUMNS4 (ITEM_N / 4)
#define BLOCKS_N (TILE_N / (8 * ITEM_N))

// A row of the image's tile is one position of all pixels. Four floats more put the four rows that an item stores into different banks.
#define IMAGE_ROW4 ((TILE_M + 4) / 4)
#define WEIGHTS_ROW4 (TILE_N / 4)

#if LOAD == 4
typedef float4 channels_t;
#else
typedef float channels_t;
#endif
#define IMAGE_FETCHES (TILE_M * TILE_K / LOAD / ITEMS)
#define FETCH_STEP (ITEMS * LOAD / TILE_K)
#define WEIGHTS_FETCHES (TILE_K * TILE_N / 4 / ITEMS)
#define PANEL_STAGE (TILE_K * PANEL / 4)

// Where a pixel starts in the image; for filters of several positions, what its first one sees: an offset and coordinates, which may lie in the padding.
#if SPATIAL
typedef int4 pixel_t;
#else
typedef int pixel_t;
#endif

// A position of the reduction.
typedef struct { int c, w, h, d; } Place;

// x / y; most lines are longer than a pixel's number, and a division takes as long as a hundred additions.
static inline int whole_times(const int x, const int y)
{
    return x < y ? 0 : x / y;
}

// acc += image * weights, for one stage.
static inline void multiply(__local const float4* image, __local const float4* weights, float4 acc[ITEM_M][COLUMNS4])
{
#pragma unroll UNROLL
    for (int k = 0; k < TILE_K; k++)
    {
        float4 x[ROWS4], w[COLUMNS4];
#pragma unroll
        for (int i = 0; i < ROWS4; i++)
            x[i] = image[k * IMAGE_ROW4 + 4 * i];
#pragma unroll
        for (int j = 0; j < COLUMNS4; j++)
            w[j] = weights[k * WEIGHTS_ROW4 + 8 * j];
#pragma unroll
        for (int i = 0; i < ROWS4; i++)
#pragma unroll
            for (int j = 0; j < COLUMNS4; j++)
            {
                acc[4 * i + 0][j] = fma((float4)(x[i].s0), w[j], acc[4 * i + 0][j]);
                acc[4 * i + 1][j] = fma((float4)(x[i].s1), w[j], acc[4 * i + 1][j]);
                acc[4 * i + 2][j] = fma((float4)(x[i].s2), w[j], acc[4 * i + 2][j]);
                acc[4 * i + 3][j] = fma((float4)(x[i].s3), w[j], acc[4 * i + 3][j]);
            }
    }
}

// Group 0: tiles, those of the same pixels next to each other, so that they meet in the cache. Group 1: groups of channels. Group 2: parts of the reduction.
kernel __attribute__((reqd_work_group_size(ITEMS * SLICES, 1, 1)))
void conv_tiles(
    IN(float, image), IN(float, packed), IN(float, residual), OUT(float, output), OUT(float, parts),
    STRIDES(image), STRIDES(residual), STRIDES(output), WINDOW(depth), WINDOW(height), WINDOW(width),
    // Output pixels of all images; channels and filters of a group; panels that hold them; floats from one panel, and one group's panels, to the next.
    const int pixels, const int channels, const int filters, const int panels, const int panel_floats, const long group_floats,
    // Elements from a group's first channel to the next one's.
    const int image_group, const int residual_group, const int output_group,
    // Stages of the reduction, and how many of them a work-group takes; SLICES stages' positions of the reduction as a Place.
    const int stages, const int part_stages, const int step_c, const int step_w, const int step_h, const int step_d,
    // Whether the results are all of four channels at multiples of 16 bytes.
    const int whole, const float a, const float b)
{
    __local float4 image_tiles[SLICES][2][TILE_K * IMAGE_ROW4];
    __local float4 weights_tiles[SLICES][2][TILE_K * WEIGHTS_ROW4];
#if SLICES > 1
    __local float4 sums[SLICES - 1][ITEM_M * COLUMNS4][ITEMS];
#endif
    __local pixel_t from[TILE_M];
    // -1 for pixels that do not exist.
    __local int to[TILE_M], added_to[TILE_M];

    const uint item = SLICES == 1 ? get_local_id(0) : get_local_id(0) % ITEMS, slice = SLICES == 1 ? 0 : get_local_id(0) / ITEMS;
    const int group = get_group_id(1), part = get_group_id(2);
    const int tiles_n = (filters + TILE_N - 1) / TILE_N, tile = get_group_id(0), tile_m = tile / tiles_n;
    const int first_filter = (tile - tile_m * tiles_n) * TILE_N;
    __global const float* image_first = FIRST(image) + (long)group * image_group;

    for (int i = get_local_id(0); i < TILE_M; i += ITEMS * SLICES)
    {
        const int pixel = min(tile_m * TILE_M + i, pixels - 1);
        const int line = whole_times(pixel, width_output), ow = pixel - line * width_output;
        const int plane = whole_times(line, height_output), oh = line - plane * height_output;
        const int n = whole_times(plane, depth_output), od = plane - n * depth_output;
        const int d = START(depth, od), h = START(height, oh), w = START(width, ow);
        const int offset = n * image_n + d * image_d + h * image_h + w * image_w;
#if SPATIAL
        from[i] = (int4)(offset, d, h, w);
#else
        from[i] = offset;
#endif
        to[i] = tile_m * TILE_M + i < pixels ? n * output_n + od * output_d + oh * output_h + ow * output_w : -1;
        added_to[i] = n * residual_n + od * residual_d + oh * residual_h + ow * residual_w;
    }

    // The positions and pixels that this item fetches: neighbours take neighbouring channels. For float4s only two of them, so that their stores use all banks.
#if LOAD == 4
    const int fetch_k = 4 * ((item & 1) + ((item >> 5) & 1) * 2), fetch_pixel = ((item >> 1) & 15) + (item >> 6) * 16;
#else
    const int fetch_k = item % TILE_K, fetch_pixel = item / TILE_K;
#endif
    const int first_stage = part * part_stages, end_stage = min(stages, first_stage + part_stages);
    Place at;
    {
        const int k = (first_stage + slice) * TILE_K + fetch_k;
#if SPATIAL
        const int tap = k / channels, line = tap / width_kernel, plane = line / height_kernel;
        at = (Place){ k - tap * channels, tap - line * width_kernel, line - plane * height_kernel, plane };
#else
        at = (Place){ k, 0, 0, 0 };
#endif
    }
    // Panels after the last one are read as the last one: nobody stores what comes of it.
    __global const float4* weights[WEIGHTS_FETCHES];
    int weights_to[WEIGHTS_FETCHES];
#pragma unroll
    for (int i = 0; i < WEIGHTS_FETCHES; i++)
    {
        const uint quad = item + i * ITEMS, panel = quad / PANEL_STAGE, rest = quad % PANEL_STAGE;
        const int seen = min(first_filter / PANEL + (int)panel, panels - 1);
        weights[i] = (__global const float4*)(FIRST(packed) + group * group_floats + (long)seen * panel_floats) + PANEL / 4
            + (first_stage + slice) * PANEL_STAGE + rest;
        weights_to[i] = rest / (PANEL / 4) * WEIGHTS_ROW4 + panel * (PANEL / 4) + rest % (PANEL / 4);
    }

    // This item's part of the tile, in float4s; its other float4s of rows and columns lie 4 and 8 further.
    const uint lane = item % 32, block = item / 32;
    const int row4 = block / BLOCKS_N * (4 * ROWS4) + lane / 16 * 2 + lane % 2, column4 = block % BLOCKS_N * (8 * COLUMNS4) + lane / 2 % 8;
    float4 acc[ITEM_M][COLUMNS4];
#pragma unroll
    for (int j = 0; j < COLUMNS4; j++)
    {
        const uint column = first_filter + 4 * (column4 + 8 * j);
        const int panel = min((int)(column / PANEL), panels - 1);
        __global const float4* bias = (__global const float4*)(FIRST(packed) + group * group_floats + (long)panel * panel_floats + column % PANEL);
        const float4 start = part + slice == 0 ? *bias : (float4)(0.0f);
#pragma unroll
        for (int i = 0; i < ITEM_M; i++)
            acc[i][j] = start;
    }
    barrier(CLK_LOCAL_MEM_FENCE);

    channels_t image_next[IMAGE_FETCHES];
    float4 weights_next[WEIGHTS_FETCHES];

    // In each turn, this item's share of one stage is loaded into registers while the stage before is multiplied, and then stored into the buffer that nobody
    // reads.
    const int turns = (end_stage - first_stage + SLICES - 1) / SLICES;
    for (int turn = 0, buffer = 0; turn <= turns; turn++, buffer ^= 1)
    {
        const int stage = first_stage + turn * SLICES + slice;
        if (stage < end_stage)
        {
#if SPATIAL
            const int d = at.d * depth_dilation, h = at.h * height_dilation, w = at.w * width_dilation;
            const int offset = d * image_d + h * image_h + w * image_w + at.c;
#endif
#pragma unroll
            for (int i = 0; i < IMAGE_FETCHES; i++)
            {
                const pixel_t pixel = from[fetch_pixel + i * FETCH_STEP];
#if SPATIAL
                const int inside = at.d < depth_kernel && (uint)(pixel.s1 + d) < (uint)depth_input && (uint)(pixel.s2 + h) < (uint)height_input
                    && (uint)(pixel.s3 + w) < (uint)width_input;
                image_next[i] = inside ? *(__global const channels_t*)(image_first + (pixel.s0 + offset)) : (channels_t)(0.0f);
#else
                image_next[i] = at.c < channels ? *(__global const channels_t*)(image_first + (pixel + at.c)) : (channels_t)(0.0f);
#endif
            }
#pragma unroll
            for (int i = 0; i < WEIGHTS_FETCHES; i++)
            {
                weights_next[i] = *weights[i];
                weights[i] += SLICES * PANEL_STAGE;
            }
#if SPATIAL
            at.c += step_c, at.w += step_w, at.h += step_h, at.d += step_d;
            if (at.c >= channels) at.c -= channels, at.w++;
            if (at.w >= width_kernel) at.w -= width_kernel, at.h++;
            if (at.h >= height_kernel) at.h -= height_kernel, at.d++;
#else
            at.c += SLICES * TILE_K;
#endif
        }
        if (turn > 0 && stage - SLICES < end_stage)
            multiply(image_tiles[slice][buffer ^ 1] + row4, weights_tiles[slice][buffer ^ 1] + column4, acc);
        if (stage < end_stage)
        {
#pragma unroll
            for (int i = 0; i < IMAGE_FETCHES; i++)
            {
                __local float* column = (__local float*)image_tiles[slice][buffer] + fetch_k * (4 * IMAGE_ROW4) + fetch_pixel + i * FETCH_STEP;
#if LOAD == 4
                column[0] = image_next[i].s0;
                column[4 * IMAGE_ROW4] = image_next[i].s1;
                column[8 * IMAGE_ROW4] = image_next[i].s2;
                column[12 * IMAGE_ROW4] = image_next[i].s3;
#else
                *column = image_next[i];
#endif
            }
#pragma unroll
            for (int i = 0; i < WEIGHTS_FETCHES; i++)
                weights_tiles[slice][buffer][weights_to[i]] = weights_next[i];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

#if SLICES > 1
    if (slice > 0)
#pragma unroll
        for (int i = 0; i < ITEM_M; i++)
#pragma unroll
            for (int j = 0; j < COLUMNS4; j++)
                sums[slice - 1][i * COLUMNS4 + j][item] = acc[i][j];
    barrier(CLK_LOCAL_MEM_FENCE);
    if (slice > 0)
        return;
#pragma unroll
    for (int other = 0; other < SLICES - 1; other++)
#pragma unroll
        for (int i = 0; i < ITEM_M; i++)
#pragma unroll
            for (int j = 0; j < COLUMNS4; j++)
                acc[i][j] += sums[other][i * COLUMNS4 + j][item];
#endif

    if (parts_base)
    {
        const int row_floats = (filters + 3) / 4 * 4;
        __global float* sums = FIRST(parts) + (long)(part * get_num_groups(1) + group) * pixels * row_floats;
#pragma unroll
        for (int i = 0; i < ITEM_M; i++)
#pragma unroll
            for (int j = 0; j < COLUMNS4; j++)
            {
                const int pixel = tile_m * TILE_M + 4 * (row4 + i / 4 * 4) + i % 4, column = first_filter + 4 * (column4 + 8 * j);
                if (pixel < pixels && column < filters)
                    *(__global float4*)(sums + (long)pixel * row_floats + column) = acc[i][j];
            }
        return;
    }

    __global const float* added = residual_base ? FIRST(residual) + (long)group * residual_group : 0;
    __global float* results = FIRST(output) + (long)group * output_group;
#pragma unroll
    for (int g = 0; g < ROWS4; g++)
    {
        const int row = 4 * (row4 + 4 * g);
        if (!whole)
        {
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int j = 0; j < COLUMNS4; j++)
                {
                    const int column = first_filter + 4 * (column4 + 8 * j);
                    if (to[row + i] >= 0 && column < filters)
                        finish_quad(
                            acc[4 * g + i][j], added ? added + (added_to[row + i] + column) : 0, results + (to[row + i] + column), filters - column, 0, a, b);
                }
            continue;
        }
        // All four rows are on their way before the first is needed; what does not exist is read as the last that does.
        if (added)
        {
            float4 add[4][COLUMNS4];
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int j = 0; j < COLUMNS4; j++)
                {
                    const int column = min(first_filter + 4 * (column4 + 8 * j), filters - 4);
                    add[i][j] = *(__global const float4*)(added + (added_to[row + i] + column));
                }
#pragma unroll
            for (int i = 0; i < 4; i++)
#pragma unroll
                for (int j = 0; j < COLUMNS4; j++)
                    acc[4 * g + i][j] += add[i][j];
        }
#pragma unroll
        for (int i = 0; i < 4; i++)
#pragma unroll
            for (int j = 0; j < COLUMNS4; j++)
            {
                const int column = first_filter + 4 * (column4 + 8 * j);
                if (to[row + i] >= 0 && column < filters)
                    *(__global float4*)(results + (to[row + i] + column)) = activate(acc[4 * g + i][j], a, b);
            }
    }
}

// Adds up the parts of each output in order, then the residual, then the activation. An item takes four filters of a pixel; group 1 counts groups of channels.
kernel void sum_parts(
    IN(float, parts), IN(float, residual), OUT(float, output), STRIDES(residual), STRIDES(output),
    const int depth_output, const int height_output, const int width_output,
    const int count, const int pixels, const int filters, const int residual_group, const int output_group, const int whole, const float a, const float b)
{
    const int quads = (filters + 3) / 4, item = get_global_id(0), group = get_global_id(1);
    if (item >= pixels * quads)
        return;
    const int pixel = item / quads, column = (item - pixel * quads) * 4;
    const long stride = (long)get_global_size(1) * pixels * quads;
    __global const float4* part = (__global const float4*)FIRST(parts) + (long)group * pixels * quads + item;
    float4 y = part[0];
    for (int i = 1; i < count; i++)
        y += part[i * stride];
    __global const float* add = residual_base ? FIRST(residual) + (long)group * residual_group + OFFSET_OF_PIXEL(pixel, residual) + column : 0;
    __global float* result = FIRST(output) + (long)group * output_group + OFFSET_OF_PIXEL(pixel, output) + column;
    finish_quad(y, add, result, filters - column, whole, a, b);
}
