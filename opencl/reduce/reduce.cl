// Reductions: each result is the sum, or with LARGEST the maximum (NaN once there was one), of `count` elements, divided once by `divisor`.
// Sums follow SumTree.cs: element i goes to lane i mod 16, blocks of 64 elements of a lane are added up from +0, a lane's blocks in turn; then lane l takes
// l + 8, l + 4, l + 2, l + 1. Results are a nest of loops in both operands; the elements of one are a nest of their own, in that order.
#ifndef LANES
#define LANES 16
#endif

typedef JOIN(float, LANES) F;
#define LOAD JOIN(load_, LANES)

#define TREE_LANES 16
#define BLOCK (64 * TREE_LANES)

#ifdef LARGEST
#define NOTHING (-INFINITY)
#define FOLD(sum, x) larger(x, sum)
#else
#define NOTHING 0.0f
#define FOLD(sum, x) ((sum) + (x))
#endif

// Sizes of the loops over the elements of a result, their strides, and the product of the sizes.
#define ELEMENTS \
    const int m5, const int m4, const int m3, const int m2, const int m1, const int m0, \
    const int e5, const int e4, const int e3, const int e2, const int e1, const int e0, const int count

// How far element i lies from the first one.
#define ELEMENT(i) (m0 == count ? (i) * e0 : element(i, m5, m4, m3, m2, m1, m0, e5, e4, e3, e2, e1, e0))

FUNCTION int element(
    int i, const int m5, const int m4, const int m3, const int m2, const int m1, const int m0,
    const int e5, const int e4, const int e3, const int e2, const int e1, const int e0)
{
    int offset = take(&i, m0) * e0;
    offset += take(&i, m1) * e1;
    offset += take(&i, m2) * e2;
    offset += take(&i, m3) * e3;
    offset += take(&i, m4) * e4;
    return offset + i * e5;
}

// Lanes are neighbouring results; a work-item takes consecutive vectors of them.
kernel void columns(
    IN(float, x), NEST(x), OUT(float, y), NEST(y), LOOPS, ELEMENTS, const float divisor, const int segments, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        int index = unit;
        const int i0 = take(&index, segments) * LANES, i1 = take(&index, n1), i2 = take(&index, n2), i3 = take(&index, n3), i4 = take(&index, n4), i5 = index;
        __global const float* from = AT(x) + i0 * x_0;
        F totals[TREE_LANES];
        for (int lane = 0; lane < TREE_LANES; lane++)
            totals[lane] = (F)(NOTHING);
        for (int start = 0; start < count; start += BLOCK)
            for (int lane = 0, end = min(count, start + BLOCK); lane < TREE_LANES; lane++)
            {
                F block = (F)(NOTHING);
                for (int i = start + lane; i < end; i += TREE_LANES)
                    block = FOLD(block, LOAD(from + ELEMENT(i), x_0, n0 - i0));
                totals[lane] = FOLD(totals[lane], block);
            }
        for (int apart = TREE_LANES / 2; apart > 0; apart /= 2)
            for (int lane = 0; lane < apart; lane++)
                totals[lane] = FOLD(totals[lane], totals[lane + apart]);
        store(totals[0] / divisor, AT(y) + i0 * y_0, y_0, n0 - i0);
    }
}

// The elements of a result follow each other: lanes are the tree's. A work-item takes consecutive results.
kernel void rows(IN(float, x), NEST(x), OUT(float, y), NEST(y), LOOPS, const int count, const float divisor, const int units, const int units_of_item)
{
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        int index = unit;
        const int i0 = take(&index, n0), i1 = take(&index, n1), i2 = take(&index, n2), i3 = take(&index, n3), i4 = take(&index, n4), i5 = index;
        __global const float* from = AT(x) + i0 * x_0;
        float16 total = (float16)(NOTHING);
        for (int start = 0; start < count; start += BLOCK)
        {
            float16 block = (float16)(NOTHING);
            int i = start;
            for (const int end = min(count, start + BLOCK); i + TREE_LANES <= end; i += TREE_LANES)
                block = FOLD(block, vload16(0, from + i));
            if (i < min(count, start + BLOCK))
            {
                const int16 lane = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
                const float16 rest = load_16(from + i, 1, count - i);
                block = FOLD(block, lane < count - i ? rest : (float16)(NOTHING));
            }
            total = FOLD(total, block);
        }
        const float8 eight = FOLD(total.lo, total.hi);
        const float4 four = FOLD(eight.lo, eight.hi);
        const float left = FOLD(four.x, four.z), right = FOLD(four.y, four.w);
        AT(y)[i0 * y_0] = FOLD(left, right) / divisor;
    }
}

// A work-group takes 16 results, each shared by the tree's 16 lanes. Neighbouring work-items take neighbouring elements with ALONG_ROWS, else neighbouring
// results.
kernel __attribute__((reqd_work_group_size(TREE_LANES * TREE_LANES, 1, 1)))
void shared(IN(float, x), NEST(x), OUT(float, y), NEST(y), LOOPS, ELEMENTS, const float divisor, const int units)
{
    __local float totals[TREE_LANES][TREE_LANES + 1];
    const int item = get_local_id(0);
#ifdef ALONG_ROWS
    const int lane = item % TREE_LANES, result = item / TREE_LANES;
#else
    const int lane = item / TREE_LANES, result = item % TREE_LANES;
#endif
    const int unit = get_group_id(0) * TREE_LANES + result;
    int index = min(unit, units - 1);
    const int i0 = take(&index, n0), i1 = take(&index, n1), i2 = take(&index, n2), i3 = take(&index, n3), i4 = take(&index, n4), i5 = index;
    __global const float* from = AT(x) + i0 * x_0;
    float total = NOTHING;
    for (int start = 0; start < count; start += BLOCK)
    {
        float block = NOTHING;
        for (int i = start + lane, end = min(count, start + BLOCK); i < end; i += TREE_LANES)
            block = FOLD(block, from[ELEMENT(i)]);
        total = FOLD(total, block);
    }
    totals[lane][result] = total;
    for (int apart = TREE_LANES / 2; apart > 0; apart /= 2)
    {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (lane < apart)
            totals[lane][result] = FOLD(totals[lane][result], totals[lane + apart][result]);
    }
    if (lane == 0 && unit < units)
        AT(y)[i0 * y_0] = totals[0][result] / divisor;
}
