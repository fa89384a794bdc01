// What happens to an image before it is convolved: y = activation(x * scale + shift), the product and sum rounded once; without shift, the rounded product.
// The image is pixels by channels; lines of one image each, or one line of all images, whose pixels are evenly spaced. y is dense.

kernel void scale_pixels(
    IN(float, x), IN(float, scale), IN(float, shift), OUT(float, y),
    STRIDES(x), const int scale_n, const int scale_c, const int shift_n, const int shift_c,
    const int batch, const int channels, const int depth, const int height, const int width, const int image_pixels, const int run, const float a, const float b)
{
    // One work-item scales `run` neighbouring elements of y at most; channels are innermost.
    const long elements = (long)batch * depth * height * width * channels;
    const long start = get_global_id(0) * (long)run, end = min(elements, start + run);
    for (long item = start; item < end; item++)
    {
        const int c = item % channels, pixel = item / channels;
        const int w = pixel % width, h = pixel / width % height, d = pixel / width / height % depth, n = pixel / width / height / depth;
        const int image = n + w / image_pixels;
        const float element = FIRST(x)[n * x_n + c * x_c + d * x_d + h * x_h + w * x_w], factor = FIRST(scale)[image * scale_n + c * scale_c];
        const float scaled = shift_base ? fma(element, factor, FIRST(shift)[image * shift_n + c * shift_c]) : element * factor;
        FIRST(y)[item] = activate(scaled, a, b);
    }
}
