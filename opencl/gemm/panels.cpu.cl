// Products of pixels and packed panels of weights, for processors: convolutions of any filter, stride, dilation, padding and grouping, phases of transposed
// ones, fully connected layers and matrix products. Each output is the chain acc = bias; for taps and channels ascending: acc = fma(x, w, acc); then the
// residual is added; then the activation is applied.
//
// A work-item is a whole work-group: a block of output pixels by a range of panels of one group. A tile of ROWS pixels by one panel (two vectors of output
// channels) stays in registers from the bias to the store; one step of the innermost loop reads one row of the panel and one number of each pixel:
//
//                  panel: [bias][c=0][c=1][c=2]...      rows of two vectors; Cpu/Gemm/PanelFormat.cs has the layout
//                                 |
//  pixel 0   x0 x1 x2 ...         v
//  pixel 1   x0 x1 x2 ...   broadcast x[c] of each pixel * row c  ->  ROWS x 2 sums
//
// Pixels are counted through all images and lines, so that tiles do not end where lines do: each pixel of a tile has an address of its own. Where a tap lies in
// the padding, the address is that of zeros, which add nothing unless weights are infinite or NaN: then that pixel's sums are put back to what they were.
// What a filter row sees is one segment of the sum where channels and pixels are contiguous: that is the way of a network's first layer.

#ifndef LANES
#define LANES 16
#endif
#if LANES == 16
#define ROWS 14
#else
#define ROWS 6
#endif

// Floats in a row of a wide panel; in front of the first panel; and those that a work-item may put sums into.
#define WIDTH (2 * LANES)
#define HEADER 16
#define SAVED (ROWS * WIDTH)

// Tiles that are located together, and then computed panel after panel while their pixels and results are near.
#define TILES 8

// The most channels for which filter rows that reach into the padding are copied, so that they are one segment too.
#define MOST_COPIED 16

#define ALWAYS_INLINE static inline __attribute__((always_inline))

typedef JOIN(float, LANES) vec;
#define LOAD(p) JOIN(vload, LANES)(0, p)
#define STORE(v, p) JOIN(vstore, LANES)(v, 0, p)

// One axis. Output o sees through the window's tap t the position o*stride - pad + t*dilation, if that is in [0, input); its weights are those of the filter's
// tap first + t*step.
typedef struct { int input, output, taps, stride, dilation, pad, filter_taps, first, step; } axis;

#define AXIS(name) WINDOW(name), const int name##_filter_taps, const int name##_first, const int name##_step
#define AXIS_OF(name) { name##_input, name##_output, name##_kernel, name##_stride, name##_dilation, name##_pad, name##_filter_taps, name##_first, name##_step }

// Elements between neighbours; channels are contiguous.
typedef struct { int n, d, h, w; } strides;

#define STRIDES_OF(name) { name##_n, name##_d, name##_h, name##_w }

// Operands start at the first channel of the group, the output at that of the tensor that is written. Where pixels are scaled first, they are read from
// `scaled`.
typedef struct
{
    __global const float* x;
    __global const float* residual;
    __global float* y;
    __global float* zeros;
    __global float* saved;
    __global float* copies;
    __global float* scaled;
    strides in, added, out;
    axis depth, height, width;
    int channels, scaled_stride, scaled_first;
    bool finite;
    float a, b;
} problem;

// The window's first tap of each pixel, by its coordinates in the input, and where that is; where the pixels themselves are in y and in the residual; and
// whether all of them see nothing but image, and the same along the width alone.
typedef struct
{
    int d[ROWS], h[ROWS], w[ROWS], out[ROWS], added[ROWS];
    __global const float* at[ROWS];
    bool inside, inside_width;
} pixels;

ALWAYS_INLINE bool sees_all(const axis* axis, const int at)
{
    return at >= 0 && at < axis->input && at + (axis->taps - 1) * axis->dilation >= 0 && at + (axis->taps - 1) * axis->dilation < axis->input;
}

ALWAYS_INLINE bool sees(const axis* axis, const int at)
{
    return at >= 0 && at < axis->input;
}

// Whether the pixels under a filter row are contiguous.
ALWAYS_INLINE bool is_dense(const problem* t)
{
    return t->width.dilation == 1 && t->width.step == 1 && t->in.w == t->channels;
}

// Locates a tile's pixels from `pixel` on; after `count` of them, the last one is repeated.
ALWAYS_INLINE void locate(const problem* t, pixels* tile, const int pixel, const int count)
{
    int w = pixel % t->width.output, rest = pixel / t->width.output, h = rest % t->height.output;
    rest /= t->height.output;
    int d = rest % t->depth.output, n = rest / t->depth.output;
    tile->inside = tile->inside_width = true;
    for (int i = 0; i < ROWS; i++)
    {
        const int at_d = d * t->depth.stride - t->depth.pad, at_h = h * t->height.stride - t->height.pad, at_w = w * t->width.stride - t->width.pad;
        tile->d[i] = at_d;
        tile->h[i] = at_h;
        tile->w[i] = at_w;
        tile->at[i] = t->scaled ? t->scaled + (pixel - t->scaled_first + min(i, count - 1)) * t->scaled_stride
            : t->x + (n * t->in.n + at_d * t->in.d + at_h * t->in.h + at_w * t->in.w);
        tile->out[i] = n * t->out.n + d * t->out.d + h * t->out.h + w * t->out.w;
        tile->added[i] = n * t->added.n + d * t->added.d + h * t->added.h + w * t->added.w;
        tile->inside_width = tile->inside_width && sees_all(&t->width, at_w);
        tile->inside = tile->inside && tile->inside_width && sees_all(&t->depth, at_d) && sees_all(&t->height, at_h);
        if (i + 1 < count && ++w == t->width.output)
        {
            w = 0;
            if (++h == t->height.output)
            {
                h = 0;
                if (++d == t->depth.output)
                {
                    d = 0;
                    n++;
                }
            }
        }
    }
}

// The segment that a filter row sees from its first tap on, which lies at column `at` of the image: zeros where that is padding.
ALWAYS_INLINE void copy_segment(const problem* t, __global const float* from, const int at, __global float* to)
{
    for (int s = 0; s < t->width.taps; s++)
        for (int c = 0; c < t->channels; c++)
            to[s * t->channels + c] = sees(&t->width, at + s) ? from[s * t->channels + c] : 0.0f;
}

// The first n channels from p on; zeros in the lanes after them.
ALWAYS_INLINE vec load_part(__global const float* p, const int n)
{
    float lanes[LANES];
    for (int i = 0; i < LANES; i++)
        lanes[i] = i < n ? p[i] : 0.0f;
    return LOAD(lanes);
}

ALWAYS_INLINE void store_part(const vec v, __global float* p, const int n)
{
    float lanes[LANES];
    STORE(v, lanes);
    for (int i = 0; i < n; i++)
        p[i] = lanes[i];
}

// Computes the first `count` pixels of a tile of `rows` by one panel of `vectors`; both are constants where this is inlined. Of the panel's channels,
// [skipped, skipped + channels) are written, to y's from `to` on.
ALWAYS_INLINE void multiply(const problem* t, const pixels* tile, const int rows, const int vectors, const int count,
    __global const float* panel, const int skipped, const int channels, const int to)
{
    vec sums[ROWS][2];
    #pragma unroll
    for (int i = 0; i < ROWS; i++)
        if (i < rows)
        {
            sums[i][0] = LOAD(panel);
            if (vectors == 2)
                sums[i][1] = LOAD(panel + LANES);
        }

    const bool merged = is_dense(t) && (tile->inside_width || (t->finite && t->channels <= MOST_COPIED));
    const int columns = merged ? 1 : t->width.taps, length = merged ? t->width.taps * t->channels : t->channels;
    for (int d = 0; d < t->depth.taps; d++)
        for (int r = 0; r < t->height.taps; r++)
            for (int s = 0; s < columns; s++)
            {
                const int by_d = d * t->depth.dilation, by_h = r * t->height.dilation, by_w = s * t->width.dilation;
                __global const float* from[ROWS];
                bool some = tile->inside;
                for (int i = 0; i < rows; i++)
                {
                    from[i] = tile->at[i] + (by_d * t->in.d + by_h * t->in.h + by_w * t->in.w);
                    if (!tile->inside)
                    {
                        const bool seen = sees(&t->depth, tile->d[i] + by_d) && sees(&t->height, tile->h[i] + by_h)
                            && (merged || sees(&t->width, tile->w[i] + by_w));
                        if (!seen)
                            from[i] = t->zeros;
                        else if (merged && !sees_all(&t->width, tile->w[i]))
                        {
                            copy_segment(t, from[i], tile->w[i], t->copies + i * length);
                            from[i] = t->copies + i * length;
                        }
                        some |= seen;
                    }
                }
                if (!some)
                    continue;
                const bool puts_back = !tile->inside && !t->finite;
                if (puts_back)
                {
                    #pragma unroll
                    for (int i = 0; i < ROWS; i++)
                        if (i < rows)
                        {
                            STORE(sums[i][0], t->saved + i * WIDTH);
                            if (vectors == 2)
                                STORE(sums[i][1], t->saved + i * WIDTH + LANES);
                        }
                }
                const int tap = ((t->depth.first + d * t->depth.step) * t->height.filter_taps + t->height.first + r * t->height.step) * t->width.filter_taps
                    + t->width.first + s * t->width.step;
                __global const float* row = panel + (1 + (long)tap * t->channels) * (vectors * LANES);
                for (int c = 0; c < length; c++, row += vectors * LANES)
                {
                    const vec w0 = LOAD(row), w1 = vectors == 2 ? LOAD(row + LANES) : w0;
                    #pragma unroll
                    for (int i = 0; i < ROWS; i++)
                        if (i < rows)
                        {
                            const vec v = (vec)(from[i][c]);
                            sums[i][0] = fma(v, w0, sums[i][0]);
                            if (vectors == 2)
                                sums[i][1] = fma(v, w1, sums[i][1]);
                        }
                }
                if (puts_back)
                {
                    #pragma unroll
                    for (int i = 0; i < ROWS; i++)
                        if (i < rows && from[i] == t->zeros)
                        {
                            sums[i][0] = LOAD(t->saved + i * WIDTH);
                            if (vectors == 2)
                                sums[i][1] = LOAD(t->saved + i * WIDTH + LANES);
                        }
                }
            }

#if ACTIVATION <= 1
    if (channels == vectors * LANES)
    {
        #pragma unroll
        for (int i = 0; i < ROWS; i++)
            if (i < rows && i < count)
            {
                __global float* y = t->y + (tile->out[i] + to);
                if (t->residual)
                {
                    __global const float* added = t->residual + (tile->added[i] + to);
                    sums[i][0] += LOAD(added);
                    if (vectors == 2)
                        sums[i][1] += LOAD(added + LANES);
                }
                STORE(activate(sums[i][0], t->a, t->b), y);
                if (vectors == 2)
                    STORE(activate(sums[i][1], t->a, t->b), y + LANES);
            }
        return;
    }
#endif
    // The same in loops: for what does not fill vectors, and for functions that are too long to be written out for each vector of a tile->
    float finished[(ROWS + 1) * WIDTH];
    #pragma unroll
    for (int i = 0; i < ROWS; i++)
        if (i < rows)
        {
            STORE(sums[i][0], finished + i * vectors * LANES);
            if (vectors == 2)
                STORE(sums[i][1], finished + i * vectors * LANES + LANES);
        }
    for (int i = 0; i < count; i++)
        for (int c = 0; c < channels; c += LANES)
        {
            const int n = min(LANES, channels - c);
            __global float* y = t->y + (tile->out[i] + to + c);
            vec v = LOAD(finished + i * vectors * LANES + skipped + c);
            if (t->residual)
            {
                __global const float* added = t->residual + (tile->added[i] + to + c);
                v += n == LANES ? LOAD(added) : load_part(added, n);
            }
            v = activate(v, t->a, t->b);
            if (n == LANES)
                STORE(v, y);
            else
                store_part(v, y, n);
        }
}

// A block of pixels by a range of panels of one group.
ALWAYS_INLINE void multiply_block(const problem* t, __global const float* panels, const int first_pixel, const int end_pixel,
    const int group_filters, const int first, const int filters, const int range)
{
    const int first_panel = first / WIDTH + get_global_id(1) * range, end_panel = min((first + filters + WIDTH - 1) / WIDTH, first_panel + range);
    const long panel_floats = (1 + (long)t->depth.filter_taps * t->height.filter_taps * t->width.filter_taps * t->channels) * WIDTH;
    pixels tiles[TILES];
    for (int pixel = first_pixel; pixel < end_pixel; pixel += TILES * ROWS)
    {
        const int end = min(end_pixel, pixel + TILES * ROWS);
        for (int i = 0; pixel + i * ROWS < end; i++)
            locate(t, tiles + i, pixel + i * ROWS, min(ROWS, end - pixel - i * ROWS));
        for (int panel = first_panel; panel < end_panel; panel++)
        {
            __global const float* weights = panels + panel * panel_floats;
            const int start = max(first, panel * WIDTH), written = min(first + filters, (panel + 1) * WIDTH) - start, skipped = start - panel * WIDTH;
            const bool is_wide = group_filters - panel * WIDTH > LANES;
            for (int i = 0; pixel + i * ROWS < end; i++)
            {
                const int count = min(ROWS, end - pixel - i * ROWS);
                if (is_wide && count > ROWS / 2)
                    multiply(t, tiles + i, ROWS, 2, count, weights, skipped, written, start - first);
                else if (is_wide)
                    multiply(t, tiles + i, ROWS / 2, 2, count, weights, skipped, written, start - first);
                else
                    multiply(t, tiles + i, ROWS, 1, count, weights, skipped, written, start - first);
            }
        }
    }
}

// What every kernel function here takes. Global sizes: blocks of `block` pixels; ranges of `range` panels; groups. The filters [first, first + filters) of each
// group's group_filters are y's channels. The first pixel of y and of the residual is y_at and residual_at elements behind the tensor's. A work-item has
// item_floats of scratch.
#define OPERANDS IN(float, x), IN(float, panels), IN(float, residual), OUT(float, y), OUT(float, scratch)
#define GEOMETRY \
    STRIDES(x), STRIDES(residual), STRIDES(y), AXIS(depth), AXIS(height), AXIS(width), \
    const int batch, const int channels, const int group_filters, const int first, const int filters, \
    const int x_group, const int panels_group, const int residual_group, const int y_group, const int residual_at, const int y_at, \
    const int block, const int range, const int item_floats, const float a, const float b

#define BLOCK_OF_PROBLEM(t) \
    const int group = get_global_id(2), all_pixels = batch * depth_output * height_output * width_output; \
    const int first_pixel = get_global_id(0) * block, end_pixel = min(all_pixels, first_pixel + block); \
    __global const float* group_panels = FIRST(panels) + HEADER + group * (long)panels_group; \
    problem t = { \
        FIRST(x) + group * x_group, residual_base ? FIRST(residual) + (residual_at + group * residual_group) : 0, \
        FIRST(y) + (y_at + group * y_group), 0, 0, 0, 0, \
        STRIDES_OF(x), STRIDES_OF(residual), STRIDES_OF(y), AXIS_OF(depth), AXIS_OF(height), AXIS_OF(width), channels, 0, 0, true, a, b, \
    }

#define ITEM_SCRATCH (FIRST(scratch) + ((group * get_global_size(1) + get_global_id(1)) * get_global_size(0) + get_global_id(0)) * item_floats)

// Where windows see padding, scratch is a tile's sums (SAVED); then zeros for a segment; and then, where they may be copied, a tile's segments.
kernel void multiply_panels(OPERANDS, GEOMETRY)
{
    BLOCK_OF_PROBLEM(t);
    if (item_floats > 0)
    {
        t.saved = ITEM_SCRATCH;
        t.zeros = t.saved + SAVED;
        t.finite = as_int(FIRST(panels)[0]) != 0;
        const int segment = is_dense(&t) ? width_kernel * channels : channels;
        t.copies = t.zeros + segment;
        for (int c = 0; c < segment; c++)
            t.zeros[c] = 0.0f;
    }
    multiply_block(&t, group_panels, first_pixel, end_pixel, group_filters, first, filters, range);
}

// Of pixels that count as clamp(x * scale + shift), the product and sum rounded once; without shift, the rounded product. One group, and windows of one tap.
// Scale and shift have one number per channel, for all images or image_pixels pixels of a line; scratch are the block's pixels, scaled, scaled_stride apart.
kernel void multiply_scaled_panels(
    OPERANDS, GEOMETRY, IN(float, scale), IN(float, shift),
    const int scale_n, const int shift_n, const int image_pixels, const int scaled_stride, const float scaled_a, const float scaled_b)
{
    BLOCK_OF_PROBLEM(t);
    for (int pixel = first_pixel; pixel < end_pixel; pixel++)
    {
        const int w = pixel % width_output * width_stride, line = pixel / width_output, h = line % height_output * height_stride;
        const int d = line / height_output % depth_output * depth_stride, n = line / height_output / depth_output, image = n + w / image_pixels;
        __global const float* from = FIRST(x) + (n * x_n + d * x_d + h * x_h + w * x_w);
        __global const float* factors = FIRST(scale) + image * scale_n;
        __global const float* terms = FIRST(shift) + image * shift_n;
        __global float* to = ITEM_SCRATCH + (pixel - first_pixel) * scaled_stride;
        int c = 0;
        for (; c + LANES <= channels; c += LANES)
        {
            const vec v = shift_base ? fma(LOAD(from + c), LOAD(factors + c), LOAD(terms + c)) : LOAD(from + c) * LOAD(factors + c);
            STORE(clamp_to(v, (vec)(scaled_a), (vec)(scaled_b)), to + c);
        }
        for (; c < channels; c++)
            to[c] = clamp_to(shift_base ? fma(from[c], factors[c], terms[c]) : from[c] * factors[c], scaled_a, scaled_b);
    }
    t.scaled = ITEM_SCRATCH;
    t.scaled_stride = scaled_stride;
    t.scaled_first = first_pixel;
    multiply_block(&t, group_panels, first_pixel, end_pixel, group_filters, first, filters, range);
}
