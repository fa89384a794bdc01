// Convolution, one output per work-item: the definition. For images of any layout and strides, any groups, strides, dilations and padding.
// acc = bias; for filter positions r, s and channels c ascending: acc = fma(x, w, acc), padding left out; then the residual; then the activation.
// One launch computes the filters [first, first + filters), which are all channels of the output y.

// Weights are as the model has them: K x C/G x taps.
kernel void conv_reference(
    IN(float, x), IN(float, w), IN(float, bias), IN(float, residual), OUT(float, y),
    STRIDES(x), STRIDES(residual), STRIDES(y), WINDOW(depth), WINDOW(height), WINDOW(width),
    const int batch, const int first, const int filters, const int group_channels, const int group_filters, const float a, const float b)
{
    const long item = get_global_id(0);
    const long pixels = (long)batch * depth_output * height_output * width_output;
    if (item >= pixels * filters)
        return;
    const int k = item % filters, pixel = item / filters;
    const int ow = pixel % width_output, oh = pixel / width_output % height_output;
    const int od = pixel / width_output / height_output % depth_output, n = pixel / width_output / height_output / depth_output;

    const int filter = first + k, taps = depth_kernel * height_kernel * width_kernel;
    __global const float* image = FIRST(x) + n * x_n + filter / group_filters * group_channels * x_c;
    __global const float* weights = FIRST(w) + filter * group_channels * taps;
    float acc = bias_base ? FIRST(bias)[filter] : 0.0f;
    for (int d = FIRST_TAP(depth, od); d < END_TAP(depth, od); d++)
        for (int r = FIRST_TAP(height, oh); r < END_TAP(height, oh); r++)
            for (int s = FIRST_TAP(width, ow); s < END_TAP(width, ow); s++)
            {
                __global const float* from = image + (START(depth, od) + d * depth_dilation) * x_d
                    + (START(height, oh) + r * height_dilation) * x_h + (START(width, ow) + s * width_dilation) * x_w;
                __global const float* weight = weights + (d * height_kernel + r) * width_kernel + s;
                for (int c = 0; c < group_channels; c++)
                    acc = fma(from[c * x_c], weight[c * taps], acc);
            }
    if (residual_base)
        acc += FIRST(residual)[n * residual_n + k * residual_c + od * residual_d + oh * residual_h + ow * residual_w];
    FIRST(y)[n * y_n + k * y_c + od * y_d + oh * y_h + ow * y_w] = activate(acc, a, b);
}
