// Convolution in thin groups for processors: lanes are channels of neighbouring groups, each of GROUP channels in and out; groups of 1 are depthwise
// convolution. Each output is the chain acc = bias; for taps and channels ascending: acc = fma(x, w, acc); then the residual is added; then the activation is
// applied.
//
// A work-item is a whole work-group: a block of output pixels by a range of channels. A tile of PIXELS pixels lists once what address each of them sees through
// each tap, and then runs through its channels, one vector at a time:
//
//             tap 0  tap 1  tap 2 ...
//  pixel 0    &x     &x     &x             sums of a vector of channels k: PIXELS vectors, in registers; tap by tap, and for each channel c of a group:
//  pixel 1    &x     &x     &x             sum[i] = fma(every lane its own group's channel c of address[tap][i][k ..], w[tap][c][k ..], sum[i])
//  ...
//
// Taps in the padding see zeros, which add nothing unless weights are infinite or NaN: then each such pixel is computed from the taps that it sees.
// Pixels are counted through all images and lines. Channels that do not fill the last vector are computed with some of those before them once more.

#ifndef LANES
#define LANES 16
#endif
#ifndef GROUP
#define GROUP 1
#endif
#define PIXELS 14
#define MAX_TAPS 49

// The packed weights are rows of all output channels: biases; for each tap, for each channel of a group, weights; zeros. In front, whether all are finite.
#define HEADER 16

typedef JOIN(float, LANES) vec;
#define LOAD(p) JOIN(vload, LANES)(0, p)
#define STORE(v, p) JOIN(vstore, LANES)(v, 0, p)

// OWN0(v), OWN1(v), ...: in every lane, its own group's channel 0, 1, ... of a vector of channels. FOR_CHANNELS(STEP) is a STEP for each of them.
#if LANES == 16
#define LANES_OF(v, a, b, c, d, e, f, g, h) (vec)( \
    (v).lo.s##a, (v).lo.s##b, (v).lo.s##c, (v).lo.s##d, (v).lo.s##e, (v).lo.s##f, (v).lo.s##g, (v).lo.s##h, \
    (v).hi.s##a, (v).hi.s##b, (v).hi.s##c, (v).hi.s##d, (v).hi.s##e, (v).hi.s##f, (v).hi.s##g, (v).hi.s##h)
#else
#define LANES_OF(v, a, b, c, d, e, f, g, h) (vec)((v).s##a, (v).s##b, (v).s##c, (v).s##d, (v).s##e, (v).s##f, (v).s##g, (v).s##h)
#endif
#if GROUP == 1
#define FOR_CHANNELS(STEP) STEP(0)
#define OWN0(v) (v)
#elif GROUP == 2
#define FOR_CHANNELS(STEP) STEP(0) STEP(1)
#define OWN0(v) LANES_OF(v, 0, 0, 2, 2, 4, 4, 6, 6)
#define OWN1(v) LANES_OF(v, 1, 1, 3, 3, 5, 5, 7, 7)
#elif GROUP == 4
#define FOR_CHANNELS(STEP) STEP(0) STEP(1) STEP(2) STEP(3)
#define OWN0(v) LANES_OF(v, 0, 0, 0, 0, 4, 4, 4, 4)
#define OWN1(v) LANES_OF(v, 1, 1, 1, 1, 5, 5, 5, 5)
#define OWN2(v) LANES_OF(v, 2, 2, 2, 2, 6, 6, 6, 6)
#define OWN3(v) LANES_OF(v, 3, 3, 3, 3, 7, 7, 7, 7)
#elif GROUP == 8
#define FOR_CHANNELS(STEP) STEP(0) STEP(1) STEP(2) STEP(3) STEP(4) STEP(5) STEP(6) STEP(7)
#define OWN0(v) LANES_OF(v, 0, 0, 0, 0, 0, 0, 0, 0)
#define OWN1(v) LANES_OF(v, 1, 1, 1, 1, 1, 1, 1, 1)
#define OWN2(v) LANES_OF(v, 2, 2, 2, 2, 2, 2, 2, 2)
#define OWN3(v) LANES_OF(v, 3, 3, 3, 3, 3, 3, 3, 3)
#define OWN4(v) LANES_OF(v, 4, 4, 4, 4, 4, 4, 4, 4)
#define OWN5(v) LANES_OF(v, 5, 5, 5, 5, 5, 5, 5, 5)
#define OWN6(v) LANES_OF(v, 6, 6, 6, 6, 6, 6, 6, 6)
#define OWN7(v) LANES_OF(v, 7, 7, 7, 7, 7, 7, 7, 7)
#endif

static inline vec load_part(__global const float* p, const int n)
{
    float lanes[LANES];
    for (int i = 0; i < LANES; i++)
        lanes[i] = i < n ? p[i] : 0.0f;
    return LOAD(lanes);
}

static inline void store_part(const vec v, __global float* p, const int n)
{
    float lanes[LANES];
    STORE(v, lanes);
    for (int i = 0; i < n; i++)
        p[i] = lanes[i];
}

static inline vec load(__global const float* p, const int n)
{
    return n == LANES ? LOAD(p) : load_part(p, n);
}

// The last step of one pixel's sums.
static inline void finish(vec sum, __global const float* residual, __global float* y, const int n, const float a, const float b)
{
    if (residual)
        sum += load(residual, n);
    sum = activate(sum, a, b);
    if (n == LANES)
        STORE(sum, y);
    else
        store_part(sum, y, n);
}

// What a tile's pixel sees through a tap; the row of weights for a tap and a channel of a group.
#define ADDRESS(tap, i) ((__global const float*)address[(tap) * 16 + (i)])
#define WEIGHTS(tap, c) (rows + (1 + (tap) * GROUP + (c)) * channels)

// Global sizes: blocks of `block` pixels; ranges of `range` channels.
kernel void convolve_thin_groups(
    IN(float, x), IN(float, weights), IN(float, residual), OUT(float, y),
    STRIDES(x), STRIDES(residual), STRIDES(y), WINDOW(depth), WINDOW(height), WINDOW(width),
    const int batch, const int channels, const int block, const int range, const float a, const float b)
{
    const int all_pixels = batch * depth_output * height_output * width_output, taps = depth_kernel * height_kernel * width_kernel;
    const int first_pixel = get_global_id(0) * block, end_pixel = min(all_pixels, first_pixel + block);
    const int first_channel = get_global_id(1) * range, end_channel = min(channels, first_channel + range);
    __global const float* rows = FIRST(weights) + HEADER;
    __global const float* zeros = rows + (1 + taps * GROUP) * channels;
    const bool finite = as_int(FIRST(weights)[0]) != 0;

    ulong address[MAX_TAPS * 16];
    for (int pixel = first_pixel; pixel < end_pixel; pixel += PIXELS)
    {
        // Where each pixel's tap 0 lies: its position and address. After the last pixel, that one is repeated.
        const int count = min(PIXELS, end_pixel - pixel);
        int at_d[16], at_h[16], at_w[16], out[PIXELS], added[PIXELS];
        ulong at[16];
        int w = pixel % width_output, rest = pixel / width_output, h = rest % height_output;
        rest /= height_output;
        int d = rest % depth_output, n = rest / depth_output;
        bool inside = true;
        for (int i = 0; i < 16; i++)
        {
            const int pd = START(depth, d), ph = START(height, h), pw = START(width, w);
            at_d[i] = pd;
            at_h[i] = ph;
            at_w[i] = pw;
            at[i] = (ulong)(FIRST(x) + (n * x_n + pd * x_d + ph * x_h + pw * x_w));
            if (i < PIXELS)
            {
                out[i] = n * y_n + d * y_d + h * y_h + w * y_w;
                added[i] = n * residual_n + d * residual_d + h * residual_h + w * residual_w;
            }
            inside = inside && pd >= 0 && pd + (depth_kernel - 1) * depth_dilation < depth_input
                && ph >= 0 && ph + (height_kernel - 1) * height_dilation < height_input && pw >= 0 && pw + (width_kernel - 1) * width_dilation < width_input;
            if (i + 1 < count && ++w == width_output)
            {
                w = 0;
                if (++h == height_output)
                {
                    h = 0;
                    if (++d == depth_output)
                    {
                        d = 0;
                        n++;
                    }
                }
            }
        }

        const ulong16 starts = vload16(0, at);
        const int16 start_d = vload16(0, at_d), start_h = vload16(0, at_h), start_w = vload16(0, at_w);
        for (int r = 0, tap = 0; r < depth_kernel; r++)
            for (int s = 0; s < height_kernel; s++)
                for (int t = 0; t < width_kernel; t++, tap++)
                {
                    const int by_d = r * depth_dilation, by_h = s * height_dilation, by_w = t * width_dilation;
                    ulong16 seen = starts + (ulong)((by_d * (long)x_d + by_h * x_h + by_w * x_w) * (long)sizeof(float));
                    if (!inside)
                    {
                        const int16 pd = start_d + by_d, ph = start_h + by_h, pw = start_w + by_w;
                        const int16 sees = (pd >= 0) & (pd < depth_input) & (ph >= 0) & (ph < height_input) & (pw >= 0) & (pw < width_input);
                        seen = select((ulong16)((ulong)zeros), seen, convert_ulong16(convert_long16(sees)));
                    }
                    vstore16(seen, tap, address);
                }

        for (int start = first_channel; start < end_channel; start += LANES)
        {
            // A vector that would reach over the end starts earlier; only where there is no full vector it is not full.
            const int k = max(first_channel, min(start, end_channel - LANES)), lanes = min(LANES, end_channel - k);
            const vec bias = load(rows + k, lanes);
            if (lanes < LANES || (!inside && !finite))
            {
                for (int i = 0; i < count; i++)
                {
                    vec sum = bias;
                    for (int tap = 0; tap < taps; tap++)
                        if (ADDRESS(tap, i) != zeros)
                        {
                            const vec seen = load(ADDRESS(tap, i) + k, lanes);
#define STEP(c) sum = fma(OWN##c(seen), load(WEIGHTS(tap, c) + k, lanes), sum);
                            FOR_CHANNELS(STEP)
#undef STEP
                        }
                    finish(sum, residual_base ? FIRST(residual) + (added[i] + k) : 0, FIRST(y) + (out[i] + k), lanes, a, b);
                }
                continue;
            }

            vec sums[PIXELS];
            #pragma unroll
            for (int i = 0; i < PIXELS; i++)
                sums[i] = bias;
            for (int tap = 0; tap < taps; tap++)
            {
                vec weights_of[GROUP];
#define STEP(c) weights_of[c] = LOAD(WEIGHTS(tap, c) + k);
                FOR_CHANNELS(STEP)
#undef STEP
                #pragma unroll
                for (int i = 0; i < PIXELS; i++)
                {
                    const vec seen = LOAD(ADDRESS(tap, i) + k);
#define STEP(c) sums[i] = fma(OWN##c(seen), weights_of[c], sums[i]);
                    FOR_CHANNELS(STEP)
#undef STEP
                }
            }
#if ACTIVATION <= 1
            #pragma unroll
            for (int i = 0; i < PIXELS; i++)
                if (i < count)
                    finish(sums[i], residual_base ? FIRST(residual) + (added[i] + k) : 0, FIRST(y) + (out[i] + k), LANES, a, b);
#else
            float finished[PIXELS * LANES];
            #pragma unroll
            for (int i = 0; i < PIXELS; i++)
                STORE(sums[i], finished + i * LANES);
            for (int i = 0; i < count; i++)
                finish(LOAD(finished + i * LANES), residual_base ? FIRST(residual) + (added[i] + k) : 0, FIRST(y) + (out[i] + k), LANES, a, b);
#endif
        }
    }
}
