using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.BatchNormalization;

internal sealed partial class BatchNormalizationOp
{
    public override void Reference<T>(BatchNormalizationSpec spec, in Operands x)
    {
        ReadOnlySpan<T> from = x.Input<T>(0), scale = x.Input<T>(1), bias = x.Input<T>(2), mean = x.Input<T>(3), variance = x.Input<T>(4);
        Span<T> to = x.Output<T>(0);
        for (var walk = new Walk(spec.Loops.Shape, spec.Loops.Strides[0], spec.Loops.Strides[1], spec.Loops.Strides[2]); walk.Live; walk.Next())
        {
            int p = walk[2];
            (double factor, double shift) = Fold(
                double.CreateTruncating(scale[p]), double.CreateTruncating(bias[p]), double.CreateTruncating(mean[p]), double.CreateTruncating(variance[p]), spec.Epsilon);
            to[walk[0]] = ActivationFunctions.Apply(spec.Activation, T.FusedMultiplyAdd(from[walk[1]], T.CreateTruncating(factor), T.CreateTruncating(shift)));
        }
        for (int output = 1; output < x.OutputCount; output++)
            (output % 2 == 1 ? mean : variance)[..(int)spec.Parameters].CopyTo(x.Output<T>(output));
    }

    /// <summary>The four parameters and epsilon as one factor and one shift.</summary>
    public static (double Factor, double Shift) Fold(double scale, double bias, double mean, double variance, float epsilon)
    {
        double factor = scale / Math.Sqrt(variance + epsilon);
        return (factor, bias - mean * factor);
    }
}
