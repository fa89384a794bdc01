using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// The depthwise convolution of very small images, whose borders are much of them, of large filters and of pixels that are no whole cache lines. Runs one vector of output
/// channels at a time over a block of outputs. The patch of the image that they see is first copied into the first-level cache, with zeros where the padding is: there
/// pixels are neighbours, whatever the image's strides, and all outputs are alike. Each output is one chain of fused multiply-adds from its bias over the filter positions, in their order.
/// </summary>
internal sealed unsafe class DepthwisePatchKernel<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights packed) : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    private readonly DepthwisePatchGeometry geometry = new(spec, machine);
    private readonly Window depth = spec.Windows[0], height = spec.Windows[1], width = spec.Windows[2];
    private readonly int multiplier = spec.GroupFilters;
    private readonly Clamp clamp = spec.Activation.Kind == ActivationKind.Clamp
        ? new Clamp(spec.Activation.A, spec.Activation.B)
        : new Clamp(float.NegativeInfinity, float.PositiveInfinity);

    public int Tasks => geometry.Tasks;

    public long ScratchBytes => (long)geometry.ScratchBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        (int rest, int range) = Math.DivRem(task, geometry.FilterRanges);
        (rest, int column) = Math.DivRem(rest, geometry.ColumnBlocks);
        (int slice, int row) = Math.DivRem(rest, geometry.RowBlocks);
        (int n, int d) = Math.DivRem(slice, depth.Output);
        int h = row * geometry.BlockRows, w = column * geometry.BlockColumns;
        int rows = Math.Min(geometry.BlockRows, height.Output - h), columns = Math.Min(geometry.BlockColumns, width.Output - w);
        int firstFilter = range * geometry.RangeFilters, endFilter = Math.Min(spec.Filters, firstFilter + geometry.RangeFilters);

        bool isFinite = LaneFormat.IsFinite(packed);
        float* pixels = (float*)(args.Scratch + (nint)geometry.ListBytes), output = At(args.Output<float>(), spec.Output, n, d, h, w);
        var patch = new DepthwisePatch
        {
            Pixels = pixels, ColumnStep = width.Stride * S.Count, RowStep = height.Stride * (nint)geometry.LineFloats,
            Lines = (DepthwiseLine*)args.Scratch, LineCount = depth.Kernel * height.Kernel, Taps = width.Kernel, TapStep = width.Dilation * S.Count,
            OutputColumn = (nint)spec.Output.Strides[ImageView.Width], OutputRow = (nint)spec.Output.Strides[ImageView.Height], Clamp = clamp,
        };
        float* residual = null;
        if (spec.Residual is { } added)
        {
            residual = At(args.Input<float>(ConvOp.Residual), added, n, d, h, w);
            (patch.ResidualColumn, patch.ResidualRow) = ((nint)added.Strides[ImageView.Width], (nint)added.Strides[ImageView.Height]);
        }
        List(patch.Lines, 0, depth.Kernel, 0, height.Kernel, 0);
        for (int k = firstFilter; k < endFilter; k += S.Count)
        {
            Copy(args.Input<float>(ConvOp.Image) + n * (nint)spec.Input.Strides[ImageView.Batch], pixels, k, d, h, rows, w, columns);
            patch.Bias = (float*)packed.Address + k / S.Count * LaneFormat.Block(spec.Depth, S.Count);
            patch.Output = output + k;
            patch.Residual = residual is null ? null : residual + k;
            patch.Lanes = Math.Min(S.Count, endFilter - k);
            if (isFinite && geometry.IsThreeByThree)
                ThreeByThree(patch, rows, columns);
            else if (isFinite)
                DepthwisePatchTiles<S, V>.Cover(patch, rows, columns);
            else
                Exactly(patch, d, h, rows, w, columns);
            if (spec.Activation.Kind is not (ActivationKind.None or ActivationKind.Clamp))
                for (int y = 0; y < rows; y++)
                    ActivationFunctions.Apply<S, V>(spec.Activation, patch.Output + y * patch.OutputRow, columns, patch.OutputColumn, patch.Lanes);
        }
    }

    /// <summary>Two rows at a time with the weights in registers, as far as there are two and enough columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ThreeByThree(DepthwisePatch patch, int rows, int columns)
    {
        if (columns >= DepthwiseTiles<S, V, WholeVector<S, V>>.ThreeByThreeColumns)
            for (; rows >= 2; rows -= 2, patch.Pixels += 2 * patch.RowStep, patch.Output += 2 * patch.OutputRow)
            {
                var taps = new DepthwiseTaps(patch.Pixels, 0, patch.RowStep, S.Count, 1, 3);
                var outputs = new DepthwiseOutputs(patch.Output, patch.OutputColumn, patch.Residual, patch.ResidualColumn, patch.Clamp, patch.Lanes);
                if (patch.Lanes == S.Count)
                    DepthwiseTiles<S, V, WholeVector<S, V>>.ThreeByThree(taps, patch.Bias, 0, 1, outputs, patch.OutputRow, patch.ResidualRow, 0, columns, 0);
                else
                    DepthwiseTiles<S, V, PartOfVector<S, V>>.ThreeByThree(taps, patch.Bias, 0, 1, outputs, patch.OutputRow, patch.ResidualRow, 0, columns, 0);
                if (patch.Residual is not null)
                    patch.Residual += 2 * patch.ResidualRow;
            }
        if (rows > 0)
            DepthwisePatchTiles<S, V>.Cover(patch, rows, columns);
    }

    /// <summary>One output after the other, each from the filter positions that see the image only: weights that are not finite make something of the padding's zeros.</summary>
    private void Exactly(DepthwisePatch patch, int d, int h, int rows, int w, int columns)
    {
        float* pixels = patch.Pixels, output = patch.Output, residual = patch.Residual;
        for (int y = 0; y < rows; y++)
            for (int x = 0; x < columns; x++)
            {
                int firstTap = width.FirstTap(w + x);
                patch.Taps = Math.Max(0, width.EndTap(w + x) - firstTap);
                patch.LineCount = List(patch.Lines, depth.FirstTap(d), depth.EndTap(d), height.FirstTap(h + y), height.EndTap(h + y), firstTap);
                patch.Pixels = pixels + y * patch.RowStep + x * patch.ColumnStep;
                patch.Output = output + y * patch.OutputRow + x * patch.OutputColumn;
                patch.Residual = residual is null ? null : residual + y * patch.ResidualRow + x * patch.ResidualColumn;
                DepthwisePatchTiles<S, V>.Cover(patch, 1, 1);
            }
    }

    /// <summary>Lists the filter's rows with these slices and heights, from column <paramref name="firstTap"/> on. Gives their number.</summary>
    private nint List(DepthwiseLine* lines, int firstSlice, int endSlice, int firstRow, int endRow, int firstTap)
    {
        nint count = 0;
        for (int s = firstSlice; s < endSlice; s++)
            for (int r = firstRow; r < endRow; r++)
                lines[count++] = new DepthwiseLine(
                    s * (nint)geometry.SliceFloats + r * height.Dilation * (nint)geometry.LineFloats + firstTap * width.Dilation * S.Count,
                    (1 + (s * height.Kernel + r) * (nint)width.Kernel + firstTap) * S.Count);
        return count;
    }

    /// <summary>Copies what a block of outputs sees of one vector of channels; with several filters per channel, each with a copy of its channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Copy(float* image, float* to, int k, int d, int h, int rows, int w, int columns)
    {
        TensorView input = spec.Input;
        int top = height.Start(h), lines = (rows - 1) * height.Stride + height.Extent, left = width.Start(w), pixels = (columns - 1) * width.Stride + width.Extent;
        int before = Math.Clamp(-left, 0, pixels), within = Math.Clamp(width.Input - left, before, pixels), lanes = Math.Min(S.Count, spec.Filters - k);
        nint pixel = (nint)input.Strides[ImageView.Width], line = (nint)input.Strides[ImageView.Height], slice = (nint)input.Strides[ImageView.Depth];
        if (multiplier == 1)
            image += k;
        for (int s = 0; s < depth.Kernel; s++)
        {
            int z = depth.Start(d) + s * depth.Dilation;
            float* target = to + s * (nint)geometry.SliceFloats;
            for (int y = top; y < top + lines; y++, target += (nint)geometry.LineFloats)
            {
                bool seen = (uint)z < (uint)depth.Input && (uint)y < (uint)height.Input;
                int first = seen ? before : pixels, end = seen ? within : pixels;
                Clear(target, first);
                float* from = image + z * slice + y * line + (left + first) * pixel, p = target + first * S.Count, stop = target + end * S.Count;
                if (multiplier > 1)
                    for (; p < stop; p += S.Count, from += pixel)
                        for (int lane = 0; lane < S.Count; lane++)
                            p[lane] = lane < lanes ? from[(k + lane) / multiplier] : 0;
                else if (lanes == S.Count)
                    for (; p < stop; p += S.Count, from += pixel)
                        S.Store(S.Load(from), p);
                else
                    for (; p < stop; p += S.Count, from += pixel)
                        S.Store(S.LoadPartial(from, lanes), p);
                Clear(stop, pixels - end);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear(float* p, int pixels)
    {
        for (float* end = p + pixels * S.Count; p < end; p += S.Count)
            S.Store(S.Create(0), p);
    }

    private static float* At(float* image, TensorView view, int n, int d, int h, int w) => image + n * (nint)view.Strides[ImageView.Batch]
        + d * (nint)view.Strides[ImageView.Depth] + h * (nint)view.Strides[ImageView.Height] + w * (nint)view.Strides[ImageView.Width];
}
