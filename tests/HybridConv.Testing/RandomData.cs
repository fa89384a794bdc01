namespace HybridConv.Testing;

/// <summary>Test data that depends on nothing but its seed.</summary>
public static class RandomData
{
    /// <summary>Floats in [-1, 1).</summary>
    public static float[] Floats(int seed, long count) => Fill(seed, count, r => (r.NextSingle() * 2) - 1);

    /// <summary>
    /// Whole numbers from <paramref name="low"/> to <paramref name="high"/>, both included: sums and products of few small ones are exact in float,
    /// so that every order of summation must give the same.
    /// </summary>
    public static float[] WholeFloats(int seed, long count, int low = -4, int high = 4) => Fill(seed, count, r => (float)r.Next(low, high + 1));

    /// <summary>Whole numbers from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public static long[] Integers(int seed, long count, long low, long high) => Fill(seed, count, r => r.NextInt64(low, high + 1));

    private static T[] Fill<T>(int seed, long count, Func<Random, T> next)
    {
        var random = new Random(seed);
        var values = new T[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = next(random);
        return values;
    }
}
