// Transposed convolution by gathering, one output per work-item: the definition, for any layout and strides.
// acc = bias; for filter positions r, s and channels c ascending: acc = fma(x, w, acc) over the positions that reach the output; then the residual; then the
// activation.
// Filter position t of output position o reads the input position i with i*stride + t*dilation = o + pad, if there is one.

// The first tap from t on that reads an input position, and the end of taps when there is none.
static inline int next_tap(int t, const int scaled, const int input, const int taps, const int stride, const int dilation)
{
    for (; t < taps; t++)
    {
        const int rest = scaled - t * dilation;
        if (rest < 0)
            return taps;
        if (rest % stride == 0 && rest / stride < input)
            return t;
    }
    return t;
}

#define NEXT(axis, t, o) next_tap(t, (o) + axis##_pad, axis##_input, axis##_kernel, axis##_stride, axis##_dilation)
#define SOURCE(axis, t, o) (((o) + axis##_pad - (t) * axis##_dilation) / axis##_stride)

// Weights are as the model has them: C x K/G x taps.
kernel void convtranspose_reference(
    IN(float, x), IN(float, w), IN(float, bias), IN(float, residual), OUT(float, y),
    STRIDES(x), STRIDES(residual), STRIDES(y), WINDOW(depth), WINDOW(height), WINDOW(width),
    const int batch, const int filters, const int group_channels, const int group_filters, const float a, const float b)
{
    const long item = get_global_id(0);
    const long pixels = (long)batch * depth_output * height_output * width_output;
    if (item >= pixels * filters)
        return;
    const int k = item % filters, pixel = item / filters;
    const int ow = pixel % width_output, oh = pixel / width_output % height_output;
    const int od = pixel / width_output / height_output % depth_output, n = pixel / width_output / height_output / depth_output;

    const int taps = depth_kernel * height_kernel * width_kernel, channel = k / group_filters * group_channels;
    __global const float* image = FIRST(x) + n * x_n + channel * x_c;
    __global const float* weights = FIRST(w) + (channel * group_filters + k % group_filters) * taps;
    float acc = bias_base ? FIRST(bias)[k] : 0.0f;
    for (int d = NEXT(depth, 0, od); d < depth_kernel; d = NEXT(depth, d + 1, od))
        for (int r = NEXT(height, 0, oh); r < height_kernel; r = NEXT(height, r + 1, oh))
            for (int s = NEXT(width, 0, ow); s < width_kernel; s = NEXT(width, s + 1, ow))
            {
                __global const float* from = image + SOURCE(depth, d, od) * x_d + SOURCE(height, r, oh) * x_h + SOURCE(width, s, ow) * x_w;
                __global const float* weight = weights + (d * height_kernel + r) * width_kernel + s;
                for (int c = 0; c < group_channels; c++)
                    acc = fma(from[c * x_c], weight[c * group_filters * taps], acc);
            }
    if (residual_base)
        acc += FIRST(residual)[n * residual_n + k * residual_c + od * residual_d + oh * residual_h + ow * residual_w];
    FIRST(y)[n * y_n + k * y_c + od * y_d + oh * y_h + ow * y_w] = activate(acc, a, b);
}
