// Winograd's convolution with 3x3 filters of stride 1 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016), for tiles of TILE x TILE
// outputs that see (TILE + 2) x (TILE + 2) pixels d:
//
//     y = A' [ sum over channels (G g G') * (B' d B) ] A
//
// transform_image writes B' d B as (TILE + 2)^2 matrices of tiles by channels; gemm/tiles.local.cl multiplies each by its matrix of weights, which are packed
// as G g G'; transform_back applies A', the bias, the residual and the activation. The points of interpolation are 0, 1, -1 and infinity for TILE 2, and 0,
// 1/2, -1/2, 3/2, -3/2 and infinity for TILE 4: B and A are then exact in float, and errors smaller than with the usual 0, 1, -1, 2, -2. An infinity or NaN in
// the image spreads over its tile.
//
// Errors stay below gamma(C + 16) * kappa * sum over channels of max|w| * max|x of the tile|, with kappa = 64 for TILE 2 and 761 for TILE 4: the largest sum
// over positions k of |A'| (sum of |G| in row k) (sum of |B'| in row k), squared for both axes.

#ifndef TILE
#define TILE 4
#endif
#define SEEN (TILE + 2)

#if TILE == 2

// x = B' x, for numbers that lie `step` apart.
static inline void see(float* x, const int step)
{
    const float x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step];
    x[0] = x0 - x2;
    x[step] = x1 + x2;
    x[2 * step] = x2 - x1;
    x[3 * step] = x1 - x3;
}

// y = A' x, likewise; y takes the first TILE places.
static inline void gather(float* x, const int step)
{
    const float x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step];
    x[0] = (x0 + x1) + x2;
    x[step] = (x1 - x2) - x3;
}

#else

static inline void see(float* x, const int step)
{
    const float x0 = x[0], x1 = x[step], x2 = x[2 * step], x3 = x[3 * step], x4 = x[4 * step], x5 = x[5 * step];
    const float even1 = fma(-2.25f, x2, x4), odd1 = fma(0.5f, x3, -1.125f * x1), even2 = fma(-0.25f, x2, x4), odd2 = fma(1.5f, x3, -0.375f * x1);
    x[0] = fma(0.5625f, x0, fma(-2.5f, x2, x4));
    x[step] = even1 + odd1;
    x[2 * step] = even1 - odd1;
    x[3 * step] = even2 + odd2;
    x[4 * step] = even2 - odd2;
    x[5 * step] = fma(0.5625f, x1, fma(-2.5f, x3, x5));
}

static inline void gather(float* x, const int step)
{
    const float x0 = x[0], x5 = x[5 * step];
    const float sum1 = x[step] + x[2 * step], difference1 = x[step] - x[2 * step], sum2 = x[3 * step] + x[4 * step], difference2 = x[3 * step] - x[4 * step];
    x[0] = x0 + (sum1 + sum2);
    x[step] = fma(1.5f, difference2, 0.5f * difference1);
    x[2 * step] = fma(2.25f, sum2, 0.25f * sum1);
    x[3 * step] = fma(3.375f, difference2, fma(0.125f, difference1, x5));
}

#endif

// One item for each channel of a tile. `seen` is SEEN x SEEN matrices of tiles x channels.
kernel void transform_image(
    IN(float, image), OUT(float, seen), STRIDES(image), const int height, const int width, const int pad_h, const int pad_w,
    const int tiles_h, const int tiles_w, const int tiles, const int channels)
{
    const int item = get_global_id(0), tile = item / channels, c = item - tile * channels;
    if (tile >= tiles)
        return;
    const int line = tile / tiles_w, n = line / tiles_h, first_h = (line - n * tiles_h) * TILE - pad_h, first_w = (tile - line * tiles_w) * TILE - pad_w;
    __global const float* from = FIRST(image) + n * image_n + c;
    float x[SEEN * SEEN];
#pragma unroll
    for (int i = 0; i < SEEN; i++)
#pragma unroll
        for (int j = 0; j < SEEN; j++)
        {
            const int h = first_h + i, w = first_w + j;
            x[i * SEEN + j] = (uint)h < (uint)height && (uint)w < (uint)width ? from[h * image_h + w * image_w] : 0.0f;
        }
#pragma unroll
    for (int j = 0; j < SEEN; j++)
        see(x + j, SEEN);
#pragma unroll
    for (int i = 0; i < SEEN; i++)
        see(x + i * SEEN, 1);
    __global float* to = FIRST(seen) + (long)tile * channels + c;
#pragma unroll
    for (int i = 0; i < SEEN * SEEN; i++)
        to[(long)i * tiles * channels] = x[i];
}

// One item for each filter of a tile. `products` is SEEN x SEEN matrices of tiles x filters.
kernel void transform_back(
    IN(float, products), IN(float, bias), IN(float, residual), OUT(float, output), STRIDES(residual), STRIDES(output), const int height, const int width,
    const int tiles_h, const int tiles_w, const int tiles, const int filters, const float a, const float b)
{
    const int item = get_global_id(0), tile = item / filters, k = item - tile * filters;
    if (tile >= tiles)
        return;
    const int line = tile / tiles_w, n = line / tiles_h, first_h = (line - n * tiles_h) * TILE, first_w = (tile - line * tiles_w) * TILE;
    __global const float* from = FIRST(products) + (long)tile * filters + k;
    float x[SEEN * SEEN];
#pragma unroll
    for (int i = 0; i < SEEN * SEEN; i++)
        x[i] = from[(long)i * tiles * filters];
#pragma unroll
    for (int j = 0; j < SEEN; j++)
        gather(x + j, SEEN);
#pragma unroll
    for (int i = 0; i < TILE; i++)
        gather(x + i * SEEN, 1);
    const float start = FIRST(bias)[k];
#pragma unroll
    for (int i = 0; i < TILE; i++)
#pragma unroll
        for (int j = 0; j < TILE; j++)
            if (first_h + i < height && first_w + j < width)
            {
                float y = start + x[i * SEEN + j];
                if (residual_base)
                    y += FIRST(residual)[n * residual_n + (first_h + i) * residual_h + (first_w + j) * residual_w + k];
                FIRST(output)[n * output_n + (first_h + i) * output_h + (first_w + j) * output_w + k] = activate(y, a, b);
            }
}
