using HybridConv.Graphs;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>What an element of the output is, from one element of each operand.</summary>
internal delegate Estimate ElementFunction(ReadOnlySpan<double> operands);

/// <summary>
/// Checks functions of one element of each operand. Where a constant runs along the innermost loop (a scale or a bias per channel), its elements are the strata; otherwise every
/// element is a position. What is read: elements of each operand that is no constant, one operand after the other.
/// </summary>
internal sealed class ElementwiseSampler : Sampler
{
    /// <summary>2^-126.</summary>
    private const double SmallestNormal = 1.17549435e-38;

    private readonly LoopNest loops;
    private readonly double[]?[] constants;
    private readonly ElementFunction function;
    private readonly Shape outer;
    private readonly int strata;

    /// <param name="loops">Over the output, then the operands.</param>
    /// <param name="constants">The data of operands that are constants; null for others.</param>
    /// <param name="function">The definition.</param>
    public ElementwiseSampler(LoopNest loops, double[]?[] constants, ElementFunction function)
    {
        (this.loops, this.constants, this.function) = (loops, constants, function);
        HasWeights = Enumerable.Range(0, constants.Length).Any(i => constants[i] is not null && loops.InnerStride(1 + i) != 0);
        strata = HasWeights ? (int)loops.Inner : 1;
        outer = HasWeights ? new Shape(loops.Shape.Dims[..^1]) : loops.Shape;
    }

    /// <summary>The sampler of a node whose operands, all there and all float32, are those of the loops.</summary>
    public static Sampler Of<TAttributes>(ElementwiseSpec<TAttributes> spec, Node node, ElementFunction function) =>
        new ElementwiseSampler(spec.Loops, [.. node.Inputs.Select(input => input!.Constant is { } constant ? Array.ConvertAll(constant.ToArray<float>(), x => (double)x) : null)], function);

    public override long Positions => outer.Elements;
    public override int Strata => strata;
    public override bool HasWeights { get; }

    private int Reads => constants.Count(c => c is null);

    public override PatchSize Size(int strata) => new(Reads, (long)Reads * strata, constants.Length);

    public override Place Place(long position, int stratum) => new(0, Offset(0, position, stratum));

    public override void Read(in Patch patch, ReadList reads)
    {
        for (int i = 0; i < constants.Length; i++)
            if (constants[i] is null)
                reads.Add(i, Offset(1 + i, patch.Position, patch.First), patch.Count, patch.Count == 1 ? 1 : loops.InnerStride(1 + i));
    }

    public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
    {
        for (int k = 0; k < patch.Count; k++)
        {
            int at = 0;
            for (int i = 0; i < constants.Length; i++)
                work[i] = constants[i] is { } numbers ? numbers[Offset(1 + i, patch.Position, patch.First + k)] : read[at++ * patch.Count + k];
            results[k] = Judged(work[..constants.Length], function(work[..constants.Length]));
        }
    }

    /// <summary>NaN and infinity may be the right answer to finite operands. Devices may take denormal operands for zeros, of which a function may make anything.</summary>
    private static Estimate Judged(ReadOnlySpan<double> operands, Estimate result)
    {
        bool finite = true, normal = true;
        foreach (double x in operands)
        {
            finite &= double.IsFinite(x);
            normal &= x == 0 || !(Math.Abs(x) < SmallestNormal);
        }
        return !normal ? result with { Error = double.PositiveInfinity } : finite && !double.IsFinite(result.Value) ? Estimate.Exactly(result.Value) : result;
    }

    /// <summary>Where an operand of the loops has its element.</summary>
    private long Offset(int operand, long position, int stratum)
    {
        long[] strides = loops.Strides[operand];
        long offset = HasWeights ? stratum * strides[^1] : 0;
        for (int axis = outer.Rank - 1; axis >= 0; axis--)
        {
            (position, long index) = Math.DivRem(position, outer[axis]);
            offset += index * strides[axis];
        }
        return offset;
    }
}
