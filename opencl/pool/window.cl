// Pooling: the maximum or (with AVERAGE) the mean of the window around each pixel, channel by channel, for images of any layout and strides. Lanes are
// channels. A maximum starts at minus infinity and is NaN once there was one; a sum starts at +0, takes the taps d, h, w in order, and is divided once.
#ifndef LANES
#define LANES 16
#endif

typedef JOIN(float, LANES) F;
#define LOAD JOIN(load_, LANES)

#ifdef AVERAGE
#define START_VALUE 0.0f
#define FOLD(sum, x) ((sum) + (x))
#define FINISH(sum) ((sum) / (float)max(1, COUNTED(depth, d) * COUNTED(height, h) * COUNTED(width, w)))
#else
#define START_VALUE (-INFINITY)
#define FOLD(sum, x) larger(x, sum)
#define FINISH(sum) (sum)
#endif

// The positions of a window that an average counts: those in the image or, with padding counted, those before the end of the padded image.
#define COUNTED(axis, o) \
    (padding_counts ? end_tap(START(axis, o), axis##_input + axis##_end_pad, axis##_kernel, axis##_dilation) : max(0, END_TAP(axis, o) - FIRST_TAP(axis, o)))

// A work-item takes consecutive units: runs of `run` pixels of a line, in blocks of `block` channels.
kernel void pool(
    IN(float, x), OUT(float, y), STRIDES(x), STRIDES(y), WINDOW(depth), WINDOW(height), WINDOW(width),
    const int channels, const int padding_counts, const int depth_end_pad, const int height_end_pad, const int width_end_pad,
    const int run, const int runs, const int block, const int blocks, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        int index = unit;
        const int first_c = take(&index, blocks) * block, first_w = take(&index, runs) * run;
        const int h = take(&index, height_output), d = take(&index, depth_output), n = index;
        const int first_tap_d = FIRST_TAP(depth, d), first_tap_h = FIRST_TAP(height, h), end_tap_d = END_TAP(depth, d), end_tap_h = END_TAP(height, h);
        for (int w = first_w; w < min(width_output, first_w + run); w++)
        {
            const int first_tap_w = FIRST_TAP(width, w), end_tap_w = END_TAP(width, w);
            for (int c = first_c; c < min(channels, first_c + block); c += LANES)
            {
                __global const float* image = FIRST(x) + n * x_n + c * x_c + START(depth, d) * x_d + START(height, h) * x_h + START(width, w) * x_w;
                F sum = (F)(START_VALUE);
                for (int i = first_tap_d; i < end_tap_d; i++)
                    for (int j = first_tap_h; j < end_tap_h; j++)
                    {
                        __global const float* line = image + i * depth_dilation * x_d + j * height_dilation * x_h;
                        for (int k = first_tap_w; k < end_tap_w; k++)
                            sum = FOLD(sum, LOAD(line + k * width_dilation * x_w, x_c, channels - c));
                    }
                store(FINISH(sum), FIRST(y) + n * y_n + c * y_c + d * y_d + h * y_h + w * y_w, y_c, channels - c);
            }
        }
    }
}

// The maximum and where it lies in the dense channels-first input, the first of equals; with column_major, counted with the first spatial axis fastest.
// Element by element.
kernel void positions(
    IN(float, x), OUT(float, y), OUT(long, position), STRIDES(x), STRIDES(y), WINDOW(depth), WINDOW(height), WINDOW(width),
    const int channels, const int column_major, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        int index = unit;
        const int w = take(&index, width_output), h = take(&index, height_output), d = take(&index, depth_output), plane = index;
        const int c = plane % channels, n = plane / channels;
        __global const float* image = FIRST(x) + n * x_n + c * x_c;
        float largest = -INFINITY;
        int at = -1;
        for (int i = FIRST_TAP(depth, d); i < END_TAP(depth, d); i++)
            for (int j = FIRST_TAP(height, h); j < END_TAP(height, h); j++)
                for (int k = FIRST_TAP(width, w); k < END_TAP(width, w); k++)
                {
                    const int id = START(depth, d) + i * depth_dilation, ih = START(height, h) + j * height_dilation, iw = START(width, w) + k * width_dilation;
                    const float value = image[id * x_d + ih * x_h + iw * x_w];
                    if (value > largest || (value != value && largest == largest) || at < 0)
                    {
                        largest = value;
                        at = column_major ? id + depth_input * (ih + height_input * iw) : iw + width_input * (ih + height_input * id);
                    }
                }
        FIRST(y)[n * y_n + c * y_c + d * y_d + h * y_h + w * y_w] = largest;
        FIRST(position)[unit] = (long)plane * (depth_input * height_input * width_input) + max(0, at);
    }
}
