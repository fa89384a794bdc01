// Resizes up to three axes: each output is a sum over taps of axis c, each of them one over taps of axis b, each of them one over taps of axis a, the
// innermost: the first tap's product, then fma(w, x, sum) for each further one. An output whose position on some axis has no tap lies outside and gets a given
// value. All other axes are a nest of loops, of which the innermost runs in vectors of LANES.
#ifndef LANES
#define LANES 16
#endif
#ifndef T
#define T uint
#endif
#define DEFINE_ACCESS_OF(T) DEFINE_ACCESS(T)
DEFINE_ACCESS_OF(T)

typedef JOIN(float, LANES) F;
typedef JOIN(T, LANES) V;
#define LOAD JOIN(load_, LANES)

// An axis: outputs; elements between neighbours in x and in y; and where its tables begin: the first tap of each output and of the one behind the last, then
// for each tap the position on x's axis, and its weight.
#define AXIS(axis) const int axis##_outputs, const int axis##_x, const int axis##_y, const int axis##_taps, const int axis##_positions, const int axis##_weights
#define FIRST_OF(axis) FIRST(table)[axis##_taps + axis##_index]
#define END_OF(axis) FIRST(table)[axis##_taps + axis##_index + 1]
#define PLACE(axis, tap) (FIRST(table)[axis##_positions + (tap)] * axis##_x)
#define WEIGHT(axis, tap) (F)(as_float(FIRST(table)[axis##_weights + (tap)]))

// A unit is a position on the axes c, b, a and in loops 1 to 5, and at most `block` elements of loop 0; a work-item takes consecutive units.
#define UNITS const int block, const int blocks, const int units, const int units_of_item
#define EACH_UNIT int unit = get_global_id(0) * units_of_item, last = min(units, unit + units_of_item); unit < last; unit++
#define LOCATE \
    int index = unit; \
    const int i0 = take(&index, blocks) * block, a_index = take(&index, a_outputs), b_index = take(&index, b_outputs), c_index = take(&index, c_outputs); \
    const int i1 = take(&index, n1), i2 = take(&index, n2), i3 = take(&index, n3), i4 = take(&index, n4), i5 = index, n = min(block, n0 - i0); \
    const int first_a = FIRST_OF(a), first_b = FIRST_OF(b), first_c = FIRST_OF(c), end_a = END_OF(a), end_b = END_OF(b), end_c = END_OF(c); \
    const bool is_outside = first_a == end_a || first_b == end_b || first_c == end_c

kernel void weighted(
    IN(float, x), NEST(x), OUT(float, y), NEST(y), LOOPS, IN(int, table), AXIS(c), AXIS(b), AXIS(a), const float outside, UNITS)
{
    for (EACH_UNIT)
    {
        LOCATE;
        __global float* to = AT(y) + i0 * y_0 + c_index * c_y + b_index * b_y + a_index * a_y;
        for (int k = 0; k < n; k += LANES)
        {
            __global const float* from = AT(x) + (i0 + k) * x_0;
            F c_sum = (F)(outside);
            for (int c = first_c; c < end_c && !is_outside; c++)
            {
                F b_sum = (F)(0.0f);
                for (int b = first_b; b < end_b; b++)
                {
                    __global const float* line = from + PLACE(c, c) + PLACE(b, b);
                    F a_sum = WEIGHT(a, first_a) * LOAD(line + PLACE(a, first_a), x_0, n - k);
                    for (int a = first_a + 1; a < end_a; a++)
                        a_sum = fma(WEIGHT(a, a), LOAD(line + PLACE(a, a), x_0, n - k), a_sum);
                    b_sum = b == first_b ? WEIGHT(b, b) * a_sum : fma(WEIGHT(b, b), a_sum, b_sum);
                }
                c_sum = c == first_c ? WEIGHT(c, c) * b_sum : fma(WEIGHT(c, c), b_sum, c_sum);
            }
            store(c_sum, to + k * y_0, y_0, n - k);
        }
    }
}

// Every axis has one tap at most, of weight 1: elements are copied, whatever they are.
kernel void copied(IN(T, x), NEST(x), OUT(T, y), NEST(y), LOOPS, IN(int, table), AXIS(c), AXIS(b), AXIS(a), const long outside, UNITS)
{
    for (EACH_UNIT)
    {
        LOCATE;
        __global T* to = AT(y) + i0 * y_0 + c_index * c_y + b_index * b_y + a_index * a_y;
        __global const T* from = AT(x) + i0 * x_0 + (is_outside ? 0 : PLACE(c, first_c) + PLACE(b, first_b) + PLACE(a, first_a));
        for (int k = 0; k < n; k += LANES)
            store(is_outside ? (V)((T)outside) : LOAD(from + k * x_0, x_0, n - k), to + k * y_0, y_0, n - k);
    }
}
