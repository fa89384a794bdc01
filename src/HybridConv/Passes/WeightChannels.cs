using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Ops.Conv;
using HybridConv.Ops.ConvTranspose;
using HybridConv.Ops.Gemm;

namespace HybridConv.Passes;

/// <summary>
/// Where the output channels lie in the constant weights of a convolution or product: the elements, in order, are those of [Outer, Each, Inner], and the outer
/// positions are dealt to the groups in order.
/// </summary>
/// <param name="Weights">The input that holds the weights.</param>
/// <param name="Bias">The input that holds, or can hold, one number per output channel.</param>
/// <param name="Outer">Positions outside the channels; a multiple of the groups.</param>
/// <param name="Each">Output channels of one group.</param>
/// <param name="Inner">Elements of one channel at one outer position.</param>
/// <param name="Groups">At least 1.</param>
internal readonly record struct WeightChannels(int Weights, int Bias, long Outer, long Each, long Inner, long Groups)
{
    public long Count => Each * Groups;

    /// <summary>Null for operators without such weights.</summary>
    public static WeightChannels? Of(Node node)
    {
        switch (node)
        {
            case { Op: ConvOp }:
                Shape filters = node.Input(ConvOp.Weights).KnownShape;
                return new WeightChannels(ConvOp.Weights, ConvOp.Bias, 1, filters[0], filters.Product(1, filters.Rank), 1);
            case { Op: ConvTransposeOp, Attributes: ConvTransposeAttributes transposed }:
                Shape scattered = node.Input(1).KnownShape;
                return new WeightChannels(1, 2, scattered[0], scattered[1], scattered.Product(2, scattered.Rank), transposed.Group);
            case { Op: GemmOp, Attributes: GemmAttributes gemm }:
                Shape matrix = node.Input(1).KnownShape;
                return gemm.TransB ? new WeightChannels(1, 2, 1, matrix[0], matrix[1], 1) : new WeightChannels(1, 2, matrix[0], matrix[1], 1, 1);
            default:
                return null;
        }
    }

    /// <summary>The weights with every output channel multiplied by its own number, in double, rounded once.</summary>
    public Tensor Scaled(Tensor weights, Tensor scale)
    {
        WeightChannels at = this;
        return Tensor.Written(weights.Type, weights.Shape, $"{weights.Origin}|scaled by {scale.Origin}", bytes =>
        {
            using LentBytes lent = weights.Lend();
            ReadOnlySpan<float> from = lent.Floats;
            double[] factors = scale.ToArray<double>();
            Span<float> to = MemoryMarshal.Cast<byte, float>(bytes);
            int inner = (int)at.Inner, i = 0;
            for (long outer = 0; outer < at.Outer; outer++)
                for (long channel = 0; channel < at.Each; channel++, i += inner)
                    Multiply(from.Slice(i, inner), factors[outer * at.Groups / at.Outer * at.Each + channel], to.Slice(i, inner));
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(ReadOnlySpan<float> from, double factor, Span<float> to)
    {
        int i = 0;
        for (; i <= from.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(from[i..]), out Vector<double> low, out Vector<double> high);
            Vector.Narrow(low * factor, high * factor).CopyTo(to[i..]);
        }
        for (; i < from.Length; i++)
            to[i] = (float)(from[i] * factor);
    }
}
