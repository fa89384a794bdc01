// Local response normalization over channels: y = x / (bias + weight * s)^beta, s being the sum of the squares of x over the channels from `before` to
// `after` its own, as far as there are any: fma(x, x, s) over ascending channels from +0; the base one more fma. A power of 3/4 is sqrt(b) * sqrt(sqrt(b)).
// Element (o, c, i) of a dense tensor [outer, channels, inner].
#ifndef LANES
#define LANES 16
#endif

typedef JOIN(float, LANES) F;
typedef JOIN(int, LANES) I;
#define LOAD JOIN(load_, LANES)

FUNCTION F divisor(const F squares, const float bias, const float weight, const float beta)
{
    const F base = fma((F)(weight), squares, (F)(bias));
    if (beta != 0.75f)
        return power(base, (F)(beta));
    const F root = sqrt(base);
    return root * sqrt(root);
}

// The lanes of a vector that starts at channel c, and are channels; others are 0, which adds nothing to a sum of squares.
FUNCTION F channels_at(__global const float* pixel, const int c, const int channels)
{
    if (c >= 0)
        return c < channels ? LOAD(pixel + c, 1, channels - c) : (F)(0.0f);
    float lanes[LANES];
    for (int lane = 0; lane < LANES; lane++)
        lanes[lane] = c + lane >= 0 && c + lane < channels ? pixel[c + lane] : 0.0f;
    return JOIN(vload, LANES)(0, lanes);
}

// Channels follow each other: lanes are channels.
kernel void channels_last(
    IN(float, x), OUT(float, y), const int channels, const int before, const int after, const float bias, const float weight, const float beta,
    const int vectors, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        const int pixel = unit / vectors, c = unit % vectors * LANES;
        __global const float* from = FIRST(x) + pixel * channels;
        F squares = (F)(0.0f);
        for (int k = -before; k <= after; k++)
        {
            const F near = channels_at(from, c + k, channels);
            squares = fma(near, near, squares);
        }
        store(LOAD(from + c, 1, channels - c) / divisor(squares, bias, weight, beta), FIRST(y) + pixel * channels + c, 1, channels - c);
    }
}

// Channels lie `inner` apart: lanes are neighbours of one channel.
kernel void channels_first(
    IN(float, x), OUT(float, y), const int channels, const int inner, const int before, const int after, const float bias, const float weight, const float beta,
    const int vectors, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        const int first = unit % vectors * LANES, plane = unit / vectors, c = plane % channels;
        __global const float* from = FIRST(x) + plane * inner + first;
        F squares = (F)(0.0f);
        for (int k = max(-before, -c); k <= min(after, channels - 1 - c); k++)
        {
            const F near = LOAD(from + k * inner, 1, inner - first);
            squares = fma(near, near, squares);
        }
        store(LOAD(from, 1, inner - first) / divisor(squares, bias, weight, beta), FIRST(y) + plane * inner + first, 1, inner - first);
    }
}
