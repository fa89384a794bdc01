// Packs matrices B that are only known at run time as panels for panels.cpu.cl, with beta*c for biases and alpha*b for weights, each rounded once.
// Without C the biases are zeros, and so is what fills up the last panel.

#ifndef LANES
#define LANES 16
#endif
#define WIDTH (2 * LANES)
#define HEADER 16

// Global sizes: panels; blocks of `block` rows of B, and the first of them also writes the biases; positions of a batch.
kernel void pack_panels(
    IN(float, b), IN(float, c), OUT(float, panels),
    const int depth, const int columns, const int b_batch, const int b_row, const int b_column, const int c_column,
    const int panels_batch, const int block, const float alpha, const float beta)
{
    const int panel = get_global_id(0), first = panel * WIDTH, filled = min(WIDTH, columns - first), width = filled > LANES ? WIDTH : LANES;
    const int start = get_global_id(1) * block, end = min(depth, start + block);
    __global float* to = FIRST(panels) + HEADER + get_global_id(2) * (long)panels_batch + panel * (1 + (long)depth) * WIDTH;
    if (start == 0)
        for (int f = 0; f < width; f++)
            to[f] = c_base && f < filled ? beta * FIRST(c)[(first + f) * c_column] : 0.0f;

    __global const float* from = FIRST(b) + get_global_id(2) * (long)b_batch + first * b_column;
    for (int k = start; k < end; k++)
    {
        __global float* row = to + (1 + (long)k) * width;
        for (int f = 0; f < filled; f++)
            row[f] = alpha * from[k * b_row + f * b_column];
        for (int f = filled; f < width; f++)
            row[f] = 0.0f;
    }
}
