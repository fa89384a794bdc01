using System.Runtime.CompilerServices;

namespace HybridConv.Cpu.Simd;

/// <summary>
/// Functions of one or two numbers, written once over the vector width: the same source, the same constants and the same order of operations give the same
/// bits on every width and device. Only operations that exist exactly everywhere are used: fma, add, multiply, divide, comparisons, bit casts and
/// integer shifts; no tables. NaN gives NaN; infinities, zeros and denormals are exact to the same bound as everything else.
/// <para>
/// Coefficients are minimax polynomials for the relative error (Remez exchange in 40-digit arithmetic), rounded to float from the lowest power up,
/// the higher ones refitted after each rounding. The largest errors, checked against double precision, stand with each function; 1 ulp is the
/// distance between neighbouring floats at the exact result.
/// </para>
/// </summary>
internal static class SimdMath
{
    /// <summary>1.5 * 2^23: adding it to a small number rounds that to the nearest integer (ties to even), which then stands in the low bits.</summary>
    private const float Magic = 12582912f;

    private const float Log2E = 1.44269504f;

    // ln 2 = Ln2High + Ln2Low (Cody and Waite). Ln2High ends in 11 zero bits, so its product with an exponent is exact.
    private const float Ln2High = 0.693145752f, Ln2Low = 1.42860677e-6f;

    /// <summary>Beyond these e^x is infinity or 0, and within them its exponent fits <see cref="ILanewise{V}.ScaleByPowerOfTwo"/>.</summary>
    private const float Overflow = 89f, Underflow = -104f;

    /// <summary>2^60: times e^<see cref="Underflow"/> and times e^45 it is well within the range of floats.</summary>
    private const float SigmoidScale = 1L << 60;

    private const int SignBit = int.MinValue;

    /// <summary>e^x, to 1 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp<S, V>(V x) where S : struct, ILanewise<V> where V : struct => ExpOfNotLarge<S, V>(S.Min(S.Create(Overflow), x));

    /// <summary>e^x for x up to <see cref="Overflow"/>, as <see cref="Exp"/>: one comparison less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpOfNotLarge<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V r = ReduceByLn2<S, V>(S.Max(S.Create(Underflow), x), out V shifted);
        return ExpOfReduced<S, V>(r, shifted);
    }

    /// <summary>e^(high + low) for a |low| below an ulp of high.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpOfSum<S, V>(V high, V low) where S : struct, ILanewise<V> where V : struct
    {
        V r = ReduceByLn2<S, V>(S.Min(S.Create(Overflow), S.Max(S.Create(Underflow), high)), out V shifted);
        return ExpOfReduced<S, V>(S.Add(r, low), shifted);
    }

    /// <summary>e^x - 1 for x up to 88, to 1.5 ulp also near 0. Below -25 the result is -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Expm1<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        x = S.Max(S.Create(-25f), x);
        V r = ReduceByLn2<S, V>(x, out V shifted);
        V scale = PowerOfTwo<S, V>(shifted);
        return S.Fma(Expm1OfReduced<S, V>(r), scale, S.Sub(scale, S.Create(1f)));
    }

    /// <summary>The hyperbolic tangent, to 2.5 ulp: with e = e^(2|x|) - 1 it is e / (e + 2), with the sign of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Tanh<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        // From 9.02 on the result rounds to 1.
        V t = S.Min(S.Create(9.25f), S.Abs(x));
        V e = Expm1<S, V>(S.Add(t, t));
        return CopySign<S, V>(S.Div(e, S.Add(e, S.Create(2f))), x);
    }

    /// <summary>
    /// 1 / (1 + e^-x), to 2.5 ulp, as a / (a + c) with a = c e^x: c is a power of two so large that a is of normal size also where the result is not. From 45 on the result rounds to 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sigmoid<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V c = S.Create(SigmoidScale);
        V r = ReduceByLn2<S, V>(S.Max(S.Create(Underflow), S.Min(S.Create(45f), x)), out V shifted);
        V scale = S.AddInt(S.ShiftLeft(shifted, 23), c);
        V a = S.Fma(Expm1OfReduced<S, V>(r), scale, scale);
        return S.Div(a, S.Add(a, c));
    }

    /// <summary>The error function, to 1.5 ulp: x + x P(x^2) near 0, and 1 - e^(-|x| - |x| Q(|x|)) beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Erf<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V s = S.Mul(x, x);
        V p = S.Create(-0.000595912861f);
        p = S.Fma(p, s, S.Create(0.00498726498f));
        p = S.Fma(p, s, S.Create(-0.0267629158f));
        p = S.Fma(p, s, S.Create(0.112817302f));
        p = S.Fma(p, s, S.Create(-0.376124889f));
        p = S.Fma(p, s, S.Create(0.128379151f));
        V near = S.Fma(p, x, x);

        // From 3.92 on the result rounds to 1.
        V t = S.Min(S.Create(4f), S.Abs(x));
        V q = S.Create(-0.000213991036f);
        q = S.Fma(q, t, S.Create(0.00321499072f));
        q = S.Fma(q, t, S.Create(-0.0228900388f));
        q = S.Fma(q, t, S.Create(0.105261914f));
        q = S.Fma(q, t, S.Create(0.635718286f));
        q = S.Fma(q, t, S.Create(0.128514364f));
        V minusT = S.Negate(t);
        V far = S.Sub(S.Create(1f), ExpOfNotLarge<S, V>(S.Fma(q, minusT, minusT)));
        return S.Select(S.LessThan(t, S.Create(0.92f)), near, CopySign<S, V>(far, x));
    }

    /// <summary>The natural logarithm, to 0.75 ulp: -infinity of zeros, NaN of negative numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V zero = S.Create(0), infinity = S.Create(float.PositiveInfinity);
        // Infinity and NaN are their own logarithms.
        V log = S.Select(S.LessThan(x, infinity), Log<S, V>(x, out _), x);
        log = S.Select(S.LessThan(x, zero), S.Create(float.NaN), log);
        return S.Select(S.Equal(x, zero), S.Negate(infinity), log);
    }

    /// <summary>log(1 + e^x), to 3 ulp: max(0, x) + log(1 + e^-|x|), so that large results do not overflow and small ones keep their precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Softplus<S, V>(V x) where S : struct, ILanewise<V> where V : struct =>
        S.Add(S.Max(S.Create(0), x), Log1pOfFraction<S, V>(ExpOfNotLarge<S, V>(S.Or(x, S.CreateBits(SignBit)))));

    /// <summary>
    /// x^y, to 2 ulp: e^(y log|x|), the logarithm and the product in pairs of floats. The special cases are those of C99's pow: x^0 = 1 and 1^y = 1 for everything,
    /// also NaN; a negative x has a power only for integers y, and that is negative for odd ones.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Pow<S, V>(V x, V y) where S : struct, ILanewise<V> where V : struct
    {
        V zero = S.Create(0), one = S.Create(1f), infinity = S.Create(float.PositiveInfinity), nan = S.Create(float.NaN);
        V size = S.Abs(x), sizeY = S.Abs(y);

        V logHigh = Log<S, V>(size, out V logLow);
        V high = S.Mul(logHigh, y);
        V low = S.Fma(logLow, y, S.Fma(logHigh, y, S.Negate(high)));
        // The low part of what overflows or underflows anyway may be anything.
        low = S.Select(S.LessThan(S.Abs(high), S.Create(128f)), low, zero);
        V power = ExpOfSum<S, V>(high, low);

        V falls = S.LessThan(y, zero);
        power = S.Select(S.Equal(size, zero), S.Select(falls, infinity, zero), power);
        power = S.Select(S.Equal(size, infinity), S.Select(falls, zero, infinity), power);

        // y is odd when it is whole and its half is not. All floats from 2^24 on are even.
        V whole = S.Equal(Round<S, V>(y), y);
        V halfY = S.Mul(y, S.Create(0.5f));
        V even = S.Equal(Round<S, V>(halfY), halfY);
        V negative = S.ShiftRight(x, 31);
        V flips = AndNot<S, V>(S.And(negative, whole), even);
        power = S.Xor(power, S.And(flips, S.CreateBits(SignBit)));
        // Whole powers apart, negative numbers have none; zeros and infinities do.
        V noPower = AndNot<S, V>(S.And(S.LessThan(x, zero), S.LessThan(size, infinity)), whole);
        power = S.Select(noPower, nan, power);

        V isNumber = S.And(S.Equal(x, x), S.Equal(y, y));
        power = S.Select(isNumber, power, nan);
        V isOne = S.Or(S.Equal(x, one), S.Equal(sizeY, zero));
        isOne = S.Or(isOne, S.And(S.Equal(x, S.Create(-1f)), S.Equal(sizeY, infinity)));
        return S.Select(isOne, one, power);
    }

    /// <summary>The larger of two numbers; NaN when either is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Max<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => S.Select(S.Equal(a, a), S.Max(a, b), a);

    /// <summary>The smaller of two numbers; NaN when either is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Min<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => S.Select(S.Equal(a, a), S.Min(a, b), a);

    /// <summary>The nearest integer, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Round<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V shift = S.Create(8388608f), size = S.Abs(x);
        V rounded = CopySign<S, V>(S.Sub(S.Add(size, shift), shift), x);
        return S.Select(S.LessThan(size, shift), rounded, x);
    }

    /// <summary>The logarithm of a positive finite number as high + low, good to about 2^-34 of itself; what it gives for others is not specified.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Log<S, V>(V x, out V low) where S : struct, ILanewise<V> where V : struct
    {
        // x = m * 2^e with m in [2/3, 4/3); denormals are scaled up first.
        V tiny = S.LessThan(x, S.Create(1.17549435e-38f));
        x = S.Select(tiny, S.Mul(x, S.Create(8388608f)), x);
        V offset = S.SubInt(x, S.CreateBits(0x3F2AAAAB));
        V exponent = S.ShiftRight(offset, 23);
        V m = S.SubInt(x, S.ShiftLeft(exponent, 23));
        V e = S.Sub(S.AddInt(exponent, S.Create(Magic)), S.Create(Magic));
        e = S.Sub(e, S.And(tiny, S.Create(23f)));

        // log m = 2 atanh q with q = (m - 1) / (m + 1) = q0 + q1; m - 1 is exact, and m + 1 is taken as (m - 1) + 2.
        V d = S.Sub(m, S.Create(1f));
        V reciprocal = S.Div(S.Create(1f), S.Add(m, S.Create(1f)));
        V q0 = S.Mul(d, reciprocal), minusQ0 = S.Negate(q0);
        V q1 = S.Mul(S.Fma(minusQ0, d, S.Fma(q0, S.Create(-2f), d)), reciprocal);

        // atanh q = q + q^3 P(q^2), with q^2 = s0 + s1 and q^3 = c0 + c1.
        V s0 = S.Mul(q0, q0);
        V s1 = S.Fma(q0, S.Add(q1, q1), S.Fma(q0, q0, S.Negate(s0)));
        V c0 = S.Mul(s0, q0);
        V c1 = S.Fma(s0, q1, S.Fma(s1, q0, S.Fma(s0, q0, S.Negate(c0))));
        V p = AtanhTail<S, V>(s0);
        V rest = S.Fma(p, c0, S.Fma(p, c1, q1));

        // log x = e ln 2 + 2 (q0 + rest), ln 2 being the sum of two floats of full precision.
        V twice = S.Add(q0, q0), ln2 = S.Create(0.693147182f);
        V sum = S.Fma(ln2, e, twice);
        V lost = S.Sub(twice, S.Fma(S.Negate(ln2), e, sum));
        V correction = S.Fma(S.Create(-1.90465421e-9f), e, S.Fma(S.Create(2f), rest, lost));
        V high = S.Add(sum, correction);
        low = S.Add(S.Sub(sum, high), correction);
        return high;
    }

    /// <summary>log(1 + x) for x from 0 to 1, to 2 ulp.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Log1pOfFraction<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        // 1 + x = m or 2 m with m in [2/3, 4/3]; log m = 2 atanh q with 2 q = 2 (m - 1) / (m + 1), in terms of x.
        V far = S.LessThan(S.Create(1 / 3f), x);
        V d = S.Select(far, S.Sub(x, S.Create(1f)), x);
        V q = S.Div(S.Add(d, d), S.Add(x, S.Select(far, S.Create(3f), S.Create(2f))));
        V s = S.Mul(S.Mul(q, S.Create(0.25f)), q);
        V log = S.Fma(S.Mul(q, s), AtanhTail<S, V>(s), q);
        return S.Add(S.And(far, S.Create(0.693147182f)), log);
    }

    /// <summary>P with atanh q = q + q^3 P(q^2), from the square of q; for |q| up to 1/5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AtanhTail<S, V>(V square) where S : struct, ILanewise<V> where V : struct
    {
        V p = S.Create(0.12075796f);
        p = S.Fma(p, square, S.Create(0.142517582f));
        p = S.Fma(p, square, S.Create(0.200004667f));
        return S.Fma(p, square, S.Create(0.333333313f));
    }

    /// <summary>x = n ln 2 + r with |r| at most half of ln 2; the whole n, above <see cref="Magic"/>, is <paramref name="shifted"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ReduceByLn2<S, V>(V x, out V shifted) where S : struct, ILanewise<V> where V : struct
    {
        V magic = S.Create(Magic);
        shifted = S.Fma(x, S.Create(Log2E), magic);
        V n = S.Sub(shifted, magic);
        return S.Fma(n, S.Create(-Ln2Low), S.Fma(n, S.Create(-Ln2High), x));
    }

    /// <summary>e^(n ln 2 + r).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpOfReduced<S, V>(V r, V shifted) where S : struct, ILanewise<V> where V : struct =>
        S.ScaleByPowerOfTwo(S.Add(S.Create(1f), Expm1OfReduced<S, V>(r)), S.Sub(shifted, S.Create(Magic)));

    /// <summary>
    /// e^r - 1 = r + r^2 Q(r) for |r| at most half of ln 2; the polynomial is good to 2^-28. Its terms are summed in pairs (Estrin, "Organization of Computer Systems: The Fixed
    /// Plus Variable Structure Computer"): a chain of three multiply-adds instead of five.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Expm1OfReduced<S, V>(V r) where S : struct, ILanewise<V> where V : struct
    {
        V square = S.Mul(r, r);
        // Each pair is summed where it is needed, so that few numbers are under way at a time.
        V q = S.Fma(S.Create(0.000150460008f), r, S.Create(0.00139305426f));
        q = S.Fma(q, square, S.Fma(S.Create(0.00834150985f), r, S.Create(0.0416665114f)));
        q = S.Fma(q, square, S.Fma(S.Create(0.166666359f), r, S.Create(0.5f)));
        return S.Fma(square, q, r);
    }

    /// <summary>
    /// <see cref="ILanewise{V}.ScaleByPowerOfTwo"/> for machines without such an instruction: two factors, n rounded down and up by half. The first product is exact,
    /// the second rounds once, also into the denormals.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ScaleByFactors<S, V>(V x, V n) where S : struct, ILanewise<V> where V : struct
    {
        V shifted = S.Add(n, S.Create(Magic)), half = S.ShiftRight(shifted, 1);
        return S.Mul(S.Mul(x, PowerOfTwo<S, V>(half)), PowerOfTwo<S, V>(S.SubInt(shifted, half)));
    }

    /// <summary>2^n for an integer n from -126 to 127, of which only the last 9 bits are looked at: <see cref="Magic"/> and its half may lie below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V PowerOfTwo<S, V>(V n) where S : struct, ILanewise<V> where V : struct => S.AddInt(S.ShiftLeft(n, 23), S.Create(1f));

    /// <summary>A number that is not negative, with the sign of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V CopySign<S, V>(V size, V sign) where S : struct, ILanewise<V> where V : struct => S.Or(size, S.And(sign, S.CreateBits(SignBit)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V AndNot<S, V>(V a, V not) where S : struct, ILanewise<V> where V : struct => S.And(a, S.Xor(not, S.CreateBits(-1)));
}
