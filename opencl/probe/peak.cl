// The two ceilings of a device. Their results are stored so that no compiler leaves the work out.

// Independent chains of fused multiply-adds in registers: 8 for each of VECTOR's lanes.
#ifndef VECTOR
#define VECTOR float
#endif

__kernel void multiply_adds(OUT(float, y), const int steps, const float x, const float z)
{
    VECTOR a = (VECTOR)(get_global_id(0)), b = a + 1.0f, c = a + 2.0f, d = a + 3.0f, e = a + 4.0f, f = a + 5.0f, g = a + 6.0f, h = a + 7.0f;
    const VECTOR factor = (VECTOR)(x), term = (VECTOR)(z);
    for (int step = 0; step < steps; step++)
    {
        a = fma(a, factor, term); b = fma(b, factor, term); c = fma(c, factor, term); d = fma(d, factor, term);
        e = fma(e, factor, term); f = fma(f, factor, term); g = fma(g, factor, term); h = fma(h, factor, term);
    }
    const VECTOR sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
    float one = 0.0f;
    for (int i = 0; i < (int)(sizeof(VECTOR) / sizeof(float)); i++)
        one += ((const float*)&sum)[i];
    FIRST(y)[get_global_id(0)] = one;
}

// A copy, 16 bytes at a time; every work-item takes `count` of them, a whole range apart.
__kernel void copy(IN(float, x), OUT(float, y), const int count)
{
    for (int i = 0; i < count; i++)
    {
        const size_t at = get_global_id(0) + (size_t)i * get_global_size(0);
        vstore4(vload4(at, FIRST(x)), at, FIRST(y));
    }
}
