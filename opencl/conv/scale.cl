// What happens to an image before it is convolved: y = activation(x * scale + shift), the product and sum rounded once; without shift, the rounded product.
// Scale and shift have one number per channel, for all images or, where a line holds several images, for each image_pixels pixels of it. y is dense and
// channels-last.

// Global sizes: runs of `channel_run` channels; runs of `pixel_run` pixels.
kernel void scale_pixels(
    IN(float, x), IN(float, scale), IN(float, shift), OUT(float, y),
    STRIDES(x), const int scale_n, const int scale_c, const int shift_n, const int shift_c,
    const int batch, const int channels, const int depth, const int height, const int width, const int image_pixels,
    const int channel_run, const int pixel_run, const float a, const float b)
{
    const int first_channel = get_global_id(0) * channel_run, end_channel = min(channels, first_channel + channel_run);
    const int first_pixel = get_global_id(1) * pixel_run, end_pixel = min(batch * depth * height * width, first_pixel + pixel_run);
    for (int pixel = first_pixel; pixel < end_pixel; pixel++)
    {
        const int w = pixel % width, h = pixel / width % height, d = pixel / width / height % depth, n = pixel / width / height / depth;
        const int image = n + w / image_pixels;
        __global const float* from = FIRST(x) + (n * x_n + d * x_d + h * x_h + w * x_w);
        __global const float* factors = FIRST(scale) + image * scale_n;
        __global const float* terms = FIRST(shift) + image * shift_n;
        __global float* to = FIRST(y) + pixel * channels;
        for (int c = first_channel; c < end_channel; c++)
        {
            const float element = from[c * x_c], factor = factors[c * scale_c];
            to[c] = activate(shift_base ? fma(element, factor, terms[c * shift_c]) : element * factor, a, b);
        }
    }
}
