// y = OPERATOR(x0, x1, x2), one of the functions op_... below, element by element, for up to three operands (OPERANDS says how many) that may be broadcast.
// The elements are a nest of up to six loops, in each of which every operand has a stride of its own, 0 where one element meets all. The innermost loop runs in
// vectors of LANES, cut into segments; a work-item takes consecutive segments. y may lie exactly over an operand: elements are read before they are written.
#ifndef LANES
#define LANES 16
#endif
#ifndef OPERATOR
#define OPERATOR op_relu
#define OPERANDS 1
#endif

// The element types of y and of the operands. A cast names its other type ELEMENT, if it is none of these.
#ifndef Y
#define Y float
#endif
#ifndef X0
#define X0 float
#endif
#define X1 float
#define X2 float
DEFINE_ACCESS(uchar)
#ifdef ELEMENT
#define DEFINE_ACCESS_OF(T) DEFINE_ACCESS(T)
DEFINE_ACCESS_OF(ELEMENT)
#endif

typedef JOIN(float, LANES) F;
typedef JOIN(int, LANES) I;
typedef JOIN(uint, LANES) U;
typedef JOIN(uchar, LANES) Truth;
#define LOAD JOIN(load_, LANES)
#define CONVERTED(x, T, how) JOIN(JOIN(JOIN(convert_, T), LANES), how)(x)
#define AS(T, x) JOIN(JOIN(as_, T), LANES)(x)

// One operand: its namesake among the operators of Rectifiers.cs and the files beside it; a and b are its parameters.
#if OPERANDS == 1
FUNCTION F op_relu(F x, float a, float b) { return at_least((F)(0.0f), x); }
FUNCTION F op_clip(F x, float a, float b) { return clamp_to(x, (F)(a), (F)(b)); }
FUNCTION F op_leaky_relu(F x, float a, float b) { return leaky_relu(x, a); }
FUNCTION F op_elu(F x, float a, float b) { return x < 0.0f ? a * exponential_minus_1(at_most((F)(0.0f), x)) : x; }
FUNCTION F op_selu(F x, float a, float b) { return b * op_elu(x, a, b); }
FUNCTION F op_celu(F x, float a, float b) { return x < 0.0f ? a * exponential_minus_1(at_most((F)(0.0f), x) / a) : x; }
FUNCTION F op_thresholded_relu(F x, float a, float b) { return x <= a ? (F)(0.0f) : x; }
FUNCTION F op_softplus(F x, float a, float b) { return softplus(x); }
FUNCTION F op_swish(F x, float a, float b) { return swish(x, a); }
FUNCTION F op_mish(F x, float a, float b) { return mish(x); }
FUNCTION F op_gelu(F x, float a, float b) { return gelu(x); }
FUNCTION F op_gelu_tanh(F x, float a, float b) { return gelu_tanh(x); }
FUNCTION F op_sigmoid(F x, float a, float b) { return sigmoid(x); }
FUNCTION F op_hard_sigmoid(F x, float a, float b) { return hard_sigmoid(x, a, b); }
FUNCTION F op_hard_swish(F x, float a, float b) { return hard_swish(x); }
FUNCTION F op_tanh(F x, float a, float b) { return tangent(x); }
FUNCTION F op_softsign(F x, float a, float b) { return x / (1.0f + fabs(x)); }
FUNCTION F op_exp(F x, float a, float b) { return exponential(x); }
FUNCTION F op_log(F x, float a, float b) { return logarithm(x); }
FUNCTION F op_erf(F x, float a, float b) { return error_function(x); }
FUNCTION F op_sqrt(F x, float a, float b) { return sqrt(x); }
FUNCTION F op_reciprocal(F x, float a, float b) { return 1.0f / x; }
FUNCTION F op_round(F x, float a, float b) { return nearest(x); }
FUNCTION F op_floor(F x, float a, float b) { return nearest(x) - (x < nearest(x) ? (F)(1.0f) : (F)(0.0f)); }
FUNCTION F op_ceil(F x, float a, float b) { return nearest(x) + (nearest(x) < x ? (F)(1.0f) : (F)(0.0f)); }
FUNCTION F op_neg(F x, float a, float b) { return -x; }
FUNCTION F op_abs(F x, float a, float b) { return fabs(x); }
FUNCTION F op_sign(F x, float a, float b) { return x < 0.0f ? (F)(-1.0f) : 0.0f < x ? (F)(1.0f) : x; }

// Casts. Floats lose their fraction when they become integers, saturate, and NaN becomes 0; integers round to nearest even; anything but zero is true.
FUNCTION Truth op_to_bool(F x, float a, float b) { return CONVERTED((x != 0.0f) & 1, uchar, ); }
FUNCTION Truth op_to_byte(F x, float a, float b) { return CONVERTED(x, uchar, _sat_rtz); }
FUNCTION F op_from_byte(Truth x, float a, float b) { return CONVERTED(x, float, ); }
#ifdef ELEMENT
typedef JOIN(ELEMENT, LANES) Element;
FUNCTION Element op_to_integer(F x, float a, float b) { return CONVERTED(x, ELEMENT, _sat_rtz); }
FUNCTION F op_from_integer(Element x, float a, float b) { return CONVERTED(x, float, ); }
#endif

// Bits of floats of 16 bits: 1 of sign, 5 of exponent, 10 of fraction. The product scales the exponent's bias, exactly, also of denormals.
typedef JOIN(ushort, LANES) Half;
FUNCTION F op_from_half(Half x, float a, float b)
{
    const U bits = CONVERTED(x, uint, ), size = bits & 0x7FFF;
    const U number = AS(uint, AS(float, size << 13) * 0x1p112f), other = (size << 13) | 0x7F800000;
    return AS(float, (size >= 0x7C00 ? other : number) | (bits & 0x8000) << 16);
}

// Rounded to nearest even: the sum with 1/2 rounds what becomes a denormal; for others the carry out of the fraction's lost bits does, which may also make
// infinity.
FUNCTION Half op_to_half(F x, float a, float b)
{
    const U bits = AS(uint, x), size = bits & 0x7FFFFFFF, odd = size >> 13 & 1;
    const U denormal = AS(uint, AS(float, size) + 0.5f) - 0x3F000000, normal = (size + 0xC8000FFF + odd) >> 13;
    const U half_size = size > 0x7F800000 ? (size >> 13 & 0x1FF) | 0x7E00 : size >= 0x47800000 ? (U)(0x7C00) : size < 0x38800000 ? denormal : normal;
    return CONVERTED(half_size | (bits & 0x80000000) >> 16, ushort, );
}

// Bits of floats of 64 bits: 1 of sign, 11 of exponent, 52 of fraction.
typedef JOIN(ulong, LANES) Wide;
FUNCTION Wide op_to_double(F x, float a, float b)
{
    const U bits = AS(uint, x), size = bits & 0x7FFFFFFF;
    // A denormal is a whole number times 2^-149.
    const U scaled = AS(uint, CONVERTED(size, float, ));
    const Wide number = CONVERTED(size, ulong, ) << 29, denormal = CONVERTED(scaled, ulong, ) << 29;
    const Wide kind = CONVERTED(size, ulong, ), nan = kind > 0x7F800000 ? (Wide)(1UL << 51) : (Wide)(0);
    const Wide magnitude =
        kind >= 0x7F800000 ? number | nan | 0x7FF0000000000000 : kind >= 0x00800000 ? number + (896UL << 52) : kind != 0 ? denormal + (747UL << 52) : (Wide)(0);
    return magnitude | CONVERTED(bits & 0x80000000, ulong, ) << 32;
}

FUNCTION F op_from_double(Wide bits, float a, float b)
{
    const Wide size = bits & 0x7FFFFFFFFFFFFFFF, exponent = size >> 52;
    // The fraction with its leading bit is cut by 29 bits, and by more where the result is denormal; what is cut decides about rounding.
    const Wide whole = (size & 0xFFFFFFFFFFFFF) | (exponent != 0 ? (Wide)(1UL << 52) : (Wide)(0));
    const Wide cut = exponent >= 897 ? (Wide)(29) : min(29 + 897 - max(exponent, (Wide)(1)), (Wide)(60));
    const Wide lost = whole & (((Wide)(1) << cut) - 1), tie = (Wide)(1) << (cut - 1);
    const Wide kept = whole >> cut, base = exponent >= 897 ? (exponent - 897) << 23 : (Wide)(0);
    const Wide up = lost > tie || (lost == tie && (kept & 1) != 0) ? (Wide)(1) : (Wide)(0);
    const Wide number = exponent > 1150 ? (Wide)(0x7F800000) : base + kept + up;
    const Wide magnitude = size > 0x7FF0000000000000 ? (size >> 29 & 0x3FFFFF) | 0x7FC00000 : number;
    return AS(float, CONVERTED(magnitude | bits >> 63 << 31, uint, ));
}
#define RESULT OPERATOR(V(x0), a, b)

// Two operands.
#elif OPERANDS == 2
FUNCTION F op_add(F x, F y) { return x + y; }
FUNCTION F op_sub(F x, F y) { return x - y; }
FUNCTION F op_mul(F x, F y) { return x * y; }
FUNCTION F op_div(F x, F y) { return x / y; }
FUNCTION F op_max(F x, F y) { return larger(x, y); }
FUNCTION F op_min(F x, F y) { return smaller(x, y); }
FUNCTION F op_pow(F x, F y) { return power(x, y); }
FUNCTION F op_mod(F x, F y) { return fmod(x, y); }
FUNCTION F op_clip_from(F x, F y) { return at_least(y, x); }
FUNCTION F op_clip_to(F x, F y) { return at_most(y, x); }
FUNCTION F op_prelu(F x, F y) { return x < 0.0f ? y * x : x; }
FUNCTION Truth op_equal(F x, F y) { return CONVERTED((x == y) & 1, uchar, ); }
FUNCTION Truth op_less(F x, F y) { return CONVERTED((x < y) & 1, uchar, ); }
FUNCTION Truth op_less_or_equal(F x, F y) { return CONVERTED((x <= y) & 1, uchar, ); }
FUNCTION Truth op_greater(F x, F y) { return CONVERTED((x > y) & 1, uchar, ); }
FUNCTION Truth op_greater_or_equal(F x, F y) { return CONVERTED((x >= y) & 1, uchar, ); }
#define RESULT OPERATOR(V(x0), V(x1))

// Three operands: a choice; a clip whose bounds are operands; a normalization with its activation.
#else
FUNCTION F op_where(Truth x, F y, F z) { return CONVERTED(x, int, ) != 0 ? y : z; }
FUNCTION F op_clip_between(F x, F y, F z) { return clamp_to(x, y, z); }
#define op_scale_and_shift(x, y, z) activate(fma(x, y, z), a, b)
#define RESULT OPERATOR(V(x0), V(x1), V(x2))
#endif

#define V(name) LOAD(name + i * name##_0, name##_0, lanes)

// n0 is cut into `segments` of `segment` elements.
kernel void elementwise(
    OUT(Y, y), NEST(y), IN_PLACE(X0, x0), NEST(x0),
#if OPERANDS > 1
    IN_PLACE(X1, x1), NEST(x1),
#endif
#if OPERANDS > 2
    IN_PLACE(X2, x2), NEST(x2),
#endif
    LOOPS, const int segment, const int segments, const int units, const int units_of_item, const float a, const float b)
{
    int unit = get_global_id(0) * units_of_item, index = unit;
    int start = take(&index, segments) * segment;
    int i1 = take(&index, n1), i2 = take(&index, n2), i3 = take(&index, n3), i4 = take(&index, n4), i5 = index;
    for (const int end = min(units, unit + units_of_item); unit < end; unit++)
    {
        __global Y* y = AT(y) + start * y_0;
        __global const X0* x0 = AT(x0) + start * x0_0;
#if OPERANDS > 1
        __global const X1* x1 = AT(x1) + start * x1_0;
#endif
#if OPERANDS > 2
        __global const X2* x2 = AT(x2) + start * x2_0;
#endif
        const int n = min(segment, n0 - start);
        for (int i = 0; i < n; i += LANES)
        {
            const int lanes = n - i;
            store(RESULT, y + i * y_0, y_0, lanes);
        }

        // The next segment.
        start += segment;
        if (start < n0)
            continue;
        start = 0;
        if (++i1 < n1)
            continue;
        i1 = 0;
        if (++i2 < n2)
            continue;
        i2 = 0;
        if (++i3 < n3)
            continue;
        i3 = 0;
        if (++i4 < n4)
            continue;
        i4 = 0;
        i5++;
    }
}
