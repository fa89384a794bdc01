using HybridConv.Verification;

namespace HybridConv.Ops.Reduce;

/// <summary>What a result is, from all its elements.</summary>
internal delegate Estimate RunFunction(ReadOnlySpan<float> run);

/// <summary>Sums in double precision, and what float arithmetic may make of them.</summary>
internal static class SumRounding
{
    /// <summary>The most roundings that one element of a sum goes through.</summary>
    /// <param name="count">Elements.</param>
    /// <param name="byTree">Whether they are added by <see cref="SumTree{T}"/>; otherwise one after the other.</param>
    public static double Depth(long count, bool byTree) => byTree
        ? Math.Min(count, SumTree<float>.Rows + count / (SumTree<float>.Rows * SumTree<float>.Lanes) + 2 + Math.Log2(SumTree<float>.Lanes))
        : count;

    public static Estimate SumOf(ReadOnlySpan<float> elements, bool byTree)
    {
        double sum = 0, magnitude = 0;
        foreach (float x in elements)
        {
            sum += x;
            magnitude += Math.Abs(x);
        }
        return new Estimate(sum, Roundoff.OfSum(Roundoff.Gamma(Depth(elements.Length, byTree)) * magnitude, magnitude));
    }

    /// <summary>The sum divided by the number of elements; 0 of none.</summary>
    public static Estimate MeanOf(ReadOnlySpan<float> elements, bool byTree)
    {
        if (elements.IsEmpty)
            return Estimate.Exactly(0);
        (double sum, double error) = SumOf(elements, byTree);
        double mean = sum / elements.Length;
        return new Estimate(mean, error / elements.Length + Accuracy.Simple.At(0, mean));
    }
}
