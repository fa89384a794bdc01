// Resizing up to six axes: each output element is a sum of weighted input elements, nested axis by axis, the last axis innermost: w0 * x0, then fma(w, x, sum) for each further
// tap. Elements that some axis has no taps for lie outside the input. Without ALL_AXES the last axis keeps its size, and lanes are its elements.
#ifndef LANES
#define LANES 16
#endif

// An axis: its output's size and stride, where its table starts, and its taps. A table holds, for each output element and one more, the number of its first tap; then for each
// tap how far its element lies from the input's first one; then for each tap its weight's bits.
#define AXIS(a) const int n##a, const int y_##a, const int table##a, const int taps##a

#define FIRST_OF(a) table[table##a + i##a]
#define END_OF(a) table[table##a + i##a + 1]
#define OFFSET(a) table[table##a + n##a + 1 + k##a]
#define WEIGHT(a) as_float(table[table##a + n##a + 1 + taps##a + k##a])
#define IS_OUTSIDE(a) (FIRST_OF(a) == END_OF(a))

// The sum over the taps of axis a of what `inner` computes from offset##a on.
#define SUM(T, a, before, inner) \
    T sum##a = (T)(0.0f); \
    for (int k##a = FIRST_OF(a), end##a = END_OF(a), first##a = k##a; k##a < end##a; k##a++) \
    { \
        const int offset##a = before + OFFSET(a); \
        inner \
        sum##a = k##a == first##a ? WEIGHT(a) * value##a : fma((T)(WEIGHT(a)), value##a, sum##a); \
    }

#ifdef ALL_AXES
#define VECTOR float
#define LAST SUM(float, 0, offset1, const float value0 = FIRST(x)[offset0];) const float value1 = sum0;
#define STRIDE 1
#else
#define VECTOR JOIN(float, LANES)
#define LAST const VECTOR value1 = JOIN(load_, LANES)(FIRST(x) + offset1 + i0 * x_0, x_0, n0 - i0);
#define STRIDE LANES
#endif

// A work-item takes consecutive units: a vector of the last axis, or one element of it.
kernel void resize(
    IN(float, x), OUT(float, y), IN(int, tables), AXIS(5), AXIS(4), AXIS(3), AXIS(2), AXIS(1), AXIS(0), const int x_0, const float outside,
    const int segments, const int units, const int units_of_item)
{
    __global const int* table = FIRST(tables);
    for (int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++)
    {
        int index = unit;
        const int i0 = take(&index, segments) * STRIDE, i1 = take(&index, n1), i2 = take(&index, n2), i3 = take(&index, n3), i4 = take(&index, n4), i5 = index;
        VECTOR result = (VECTOR)(outside);
        bool is_outside = IS_OUTSIDE(5) || IS_OUTSIDE(4) || IS_OUTSIDE(3) || IS_OUTSIDE(2) || IS_OUTSIDE(1);
#ifdef ALL_AXES
        is_outside = is_outside || IS_OUTSIDE(0);
#endif
        if (!is_outside)
        {
            SUM(VECTOR, 5, 0,
                SUM(VECTOR, 4, offset5,
                    SUM(VECTOR, 3, offset4,
                        SUM(VECTOR, 2, offset3,
                            SUM(VECTOR, 1, offset2, LAST)
                            const VECTOR value2 = sum1;)
                        const VECTOR value3 = sum2;)
                    const VECTOR value4 = sum3;)
                const VECTOR value5 = sum4;)
            result = sum5;
        }
        __global float* to = FIRST(y) + i5 * y_5 + i4 * y_4 + i3 * y_3 + i2 * y_2 + i1 * y_1 + i0 * y_0;
#ifdef ALL_AXES
        *to = result;
#else
        store(result, to, y_0, n0 - i0);
#endif
    }
}
