// Slices of x along one axis, at known places: dense data [outer, axis, inner] becomes [outer, count, inner]. Elements are whatever they are.
// A work-item takes consecutive units, each at most `block` neighbouring elements of a slice.
#ifndef LANES
#define LANES 16
#endif
#ifndef T
#define T uint
#endif
#define DEFINE_ACCESS_OF(T) DEFINE_ACCESS(T)
DEFINE_ACCESS_OF(T)
#define LOAD JOIN(load_, LANES)

// The places lie on the axis: they were checked when they were packed.
kernel void gather(
    IN(T, x), IN(int, places), OUT(T, y), const int axis, const int inner, const int count,
    const int block, const int blocks, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        int index = unit;
        const int first = take(&index, blocks) * block, i = take(&index, count), outer = index, n = min(block, inner - first);
        __global const T* from = FIRST(x) + (outer * axis + FIRST(places)[i]) * inner + first;
        __global T* to = FIRST(y) + (outer * count + i) * inner + first;
        for (int k = 0; k < n; k += LANES)
            store(LOAD(from + k, 1, n - k), to + k, 1, n - k);
    }
}
