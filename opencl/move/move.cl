// Moves elements, whatever they are: y = x, or y = one value, over a nest of up to six loops with any strides, those of x also 0 (repeat) or negative
// (reverse). The two innermost loops are cut into tiles of at most tile_1 by tile_0, so that both operands' cache lines are used while they are near; a
// work-item takes consecutive tiles, and runs through loop 0 in vectors of LANES.
#ifndef LANES
#define LANES 16
#endif
#ifndef T
#define T uint
#endif
#define DEFINE_ACCESS_OF(T) DEFINE_ACCESS(T)
DEFINE_ACCESS_OF(T)

typedef JOIN(T, LANES) V;
#define LOAD JOIN(load_, LANES)

// Where tile `unit` starts, and its size.
#define TILE \
    int index = unit; \
    const int start0 = take(&index, tiles_0) * tile_0, start1 = take(&index, tiles_1) * tile_1, i1 = start1; \
    const int i2 = take(&index, n2), i3 = take(&index, n3), i4 = take(&index, n4), i5 = index; \
    const int columns = min(tile_0, n0 - start0), rows = min(tile_1, n1 - start1)
#define TILES const int tile_1, const int tile_0, const int tiles_1, const int tiles_0, const int units, const int units_of_item

// A copy onto itself, of a part that was computed where it belongs, is left out: `same` says that the strides allow it.
kernel void move(OUT(T, y), NEST(y), IN_PLACE(T, x), NEST(x), LOOPS, TILES, const int same)
{
    if (same && FIRST(x) + x_at == FIRST(y) + y_at)
        return;
    for (int unit = get_global_id(0) * units_of_item, end = min(units, unit + units_of_item); unit < end; unit++)
    {
        TILE;
        for (int row = 0; row < rows; row++)
        {
            __global T* to = AT(y) + start0 * y_0 + row * y_1;
            __global const T* from = AT(x) + start0 * x_0 + row * x_1;
            for (int i = 0; i < columns; i += LANES)
                store(LOAD(from + i * x_0, x_0, columns - i), to + i * y_0, y_0, columns - i);
        }
    }
}

kernel void fill(OUT(T, y), NEST(y), LOOPS, TILES, const long value)
{
    for (int unit = get_global_id(0) * units_of_item, end = min(units, unit + units_of_item); unit < end; unit++)
    {
        TILE;
        for (int row = 0; row < rows; row++)
        {
            __global T* to = AT(y) + start0 * y_0 + row * y_1;
            for (int i = 0; i < columns; i += LANES)
                store((V)((T)value), to + i * y_0, y_0, columns - i);
        }
    }
}
