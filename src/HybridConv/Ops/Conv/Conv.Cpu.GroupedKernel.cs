using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// Convolves a vector of channels, which is several whole groups, at a time. The input's channels under a filter position are loaded once; then, channel by
/// channel of a group, a permutation gives every lane its own group's channel. Groups do not touch each other, and taps in the padding are left out.
/// <code>
/// groups of 4:   loaded  a0 a1 a2 a3 b0 b1 b2 b3 ...
///                c = 0   a0 a0 a0 a0 b0 b0 b0 b0 ...  * w[tap, 0]
///                c = 1   a1 a1 a1 a1 b1 b1 b1 b1 ...  * w[tap, 1]   ...
/// </code>
/// A task is some output lines of one block of channels.
/// </summary>
internal sealed unsafe class GroupedKernel<S, V> : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    private const int TilePixels = 4;

    private readonly ConvSpec spec;
    private readonly PackedWeights packed;
    private readonly Window depth, height, width;
    private readonly int channels, blocks, lines, linesPerTask, wholeStart, wholeEnd;
    private readonly nint inputStep, tapStep;

    public GroupedKernel(ConvSpec spec, CpuInfo machine, PackedWeights packed)
    {
        (this.spec, this.packed) = (spec, packed);
        (depth, height, width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
        channels = spec.GroupChannels;
        blocks = (spec.Filters + S.Count - 1) / S.Count;
        lines = spec.Pixels == 0 ? 0 : spec.Batch * depth.Output * height.Output;
        int wanted = Math.Max(1, 4 * machine.Threads / Math.Max(1, blocks));
        linesPerTask = Math.Max(1, (lines + wanted - 1) / wanted);
        nint pixel = (nint)spec.Input.Strides[ImageView.Width];
        (inputStep, tapStep) = (pixel * width.Stride, pixel * width.Dilation);
        (wholeStart, wholeEnd) = width.Unpadded;
    }

    /// <summary>The list of a line's filter rows.</summary>
    public long ScratchBytes => (long)depth.Kernel * height.Kernel * sizeof(Segment);

    public int Tasks => blocks * ((lines + linesPerTask - 1) / linesPerTask);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        (int part, int block) = Math.DivRem(task, blocks);
        nint first = (nint)block * S.Count;
        var tile = new Tile
        {
            Lanes = (int)Math.Min(S.Count, spec.Filters - first), Panel = (float*)packed.Address + block * (nint)LaneFormat.Block(spec.Depth, S.Count),
            Rows = (Segment*)args.Scratch, PixelStep = inputStep, TapStep = tapStep, Channels = channels,
        };
        V firstChannels = FirstChannels();
        for (int line = part * linesPerTask, end = Math.Min(lines, line + linesPerTask); line < end; line++)
        {
            (int slices, int h) = Math.DivRem(line, height.Output);
            (int n, int d) = Math.DivRem(slices, depth.Output);
            tile.RowCount = ListRows(tile.Rows, d, h);
            float* image = args.Input<float>(ConvOp.Image) + n * (nint)spec.Input.Strides[ImageView.Batch] + first;
            float* output = args.Output<float>() + Start(spec.Output, n, d, h) + first;
            float* residual = spec.Residual is null ? null : args.Input<float>(ConvOp.Residual) + Start(spec.Residual, n, d, h) + first;
            Line(tile, firstChannels, image, output, residual);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Line(Tile tile, V firstChannels, float* image, float* output, float* residual)
    {
        nint pixelStride = (nint)spec.Input.Strides[ImageView.Width], outputStep = (nint)spec.Output.Strides[ImageView.Width];
        nint residualStep = spec.Residual is null ? 0 : (nint)spec.Residual.Strides[ImageView.Width];
        float* sums = stackalloc float[TilePixels * S.Count];
        for (int pixel = 0; pixel < width.Output;)
        {
            int count = pixel >= wholeStart && pixel + TilePixels <= wholeEnd ? TilePixels : 1, firstTap = width.FirstTap(pixel);
            tile.Columns = Math.Max(0, width.EndTap(pixel) - firstTap);
            float* x = image + (width.Start(pixel) + (nint)firstTap * width.Dilation) * pixelStride;
            float* w = tile.Panel + (1 + (nint)firstTap * channels) * S.Count;
            if (count == TilePixels)
                Four(tile, firstChannels, x, w, sums);
            else
                One(tile, firstChannels, x, w, sums);
            for (int i = 0; i < count; i++, pixel++)
                Finish(S.Load(sums + i * S.Count), tile.Lanes, output + pixel * outputStep, residual is null ? null : residual + pixel * residualStep);
        }
    }

    /// <summary>The sums of four pixels that see the same filter columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(in Tile tile, V firstChannels, float* image, float* weights, float* sums)
    {
        V v0 = S.Load(tile.Panel), v1 = v0, v2 = v0, v3 = v0, one = S.CreateBits(1);
        nint step = tile.PixelStep;
        int lanes = tile.Lanes, channels = tile.Channels;
        for (nint row = 0; row < tile.RowCount; row++)
        {
            float* x = image + tile.Rows[row].Pixel, w = weights + tile.Rows[row].Weights;
            for (int column = tile.Columns; column > 0; column--, x += tile.TapStep)
            {
                V x0 = Read(x, lanes), x1 = Read(x + step, lanes), x2 = Read(x + 2 * step, lanes), x3 = Read(x + 3 * step, lanes), channel = firstChannels;
                for (int c = channels; c > 0; c--, w += S.Count)
                {
                    V weight = S.Load(w);
                    v0 = S.Fma(S.Permute(x0, channel), weight, v0);
                    v1 = S.Fma(S.Permute(x1, channel), weight, v1);
                    v2 = S.Fma(S.Permute(x2, channel), weight, v2);
                    v3 = S.Fma(S.Permute(x3, channel), weight, v3);
                    channel = S.AddInt(channel, one);
                }
            }
        }
        S.Store(v0, sums);
        S.Store(v1, sums + S.Count);
        S.Store(v2, sums + 2 * S.Count);
        S.Store(v3, sums + 3 * S.Count);
    }

    /// <summary>The sum of one pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(in Tile tile, V firstChannels, float* image, float* weights, float* sums)
    {
        V sum = S.Load(tile.Panel), one = S.CreateBits(1);
        for (nint row = 0; row < tile.RowCount; row++)
        {
            float* x = image + tile.Rows[row].Pixel, w = weights + tile.Rows[row].Weights;
            for (int column = tile.Columns; column > 0; column--, x += tile.TapStep)
            {
                V x0 = Read(x, tile.Lanes), channel = firstChannels;
                for (int c = tile.Channels; c > 0; c--, w += S.Count)
                {
                    sum = S.Fma(S.Permute(x0, channel), S.Load(w), sum);
                    channel = S.AddInt(channel, one);
                }
            }
        }
        S.Store(sum, sums);
    }

    /// <summary>Lists the filter rows that lie in the image, in order: the input row at the image's first column, and the weights. In floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private nint ListRows(Segment* rows, int outputSlice, int line)
    {
        nint count = 0;
        int endSlice = depth.EndTap(outputSlice), endRow = height.EndTap(line);
        for (int d = depth.FirstTap(outputSlice); d < endSlice; d++)
            for (int r = height.FirstTap(line); r < endRow; r++)
                rows[count++] = new Segment(
                    (depth.Start(outputSlice) + d * depth.Dilation) * (nint)spec.Input.Strides[ImageView.Depth]
                    + (height.Start(line) + r * height.Dilation) * (nint)spec.Input.Strides[ImageView.Height],
                    ((nint)d * height.Kernel + r) * width.Kernel * channels * S.Count);
        return count;
    }

    /// <summary>For each lane, the lane of its group's first channel, as integers.</summary>
    private V FirstChannels()
    {
        int* lanes = stackalloc int[S.Count];
        for (int lane = 0; lane < S.Count; lane++)
            lanes[lane] = lane / channels * channels;
        return S.Load((float*)lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Read(float* p, int lanes) => lanes == S.Count ? S.Load(p) : S.LoadPartial(p, lanes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(V sum, int lanes, float* output, float* residual)
    {
        if (residual is not null)
            sum = S.Add(sum, Read(residual, lanes));
        sum = ActivationFunctions.Apply<S, V>(spec.Activation, sum);
        if (lanes == S.Count)
            S.Store(sum, output);
        else
            S.StorePartial(sum, output, lanes);
    }

    private static nint Start(TensorView image, int n, int d, int h) => (nint)(
        n * image.Strides[ImageView.Batch] + d * image.Strides[ImageView.Depth] + h * image.Strides[ImageView.Height]);

    /// <summary>What the tiles of one block of channels have in common. Distances are in floats.</summary>
    private struct Tile
    {
        /// <summary>Channels in the block, and in a group.</summary>
        public int Lanes, Channels;

        /// <summary>Filter columns that lie in the image.</summary>
        public int Columns;

        /// <summary>A vector of biases, then the weights.</summary>
        public float* Panel;

        /// <summary>The filter rows that lie in the image.</summary>
        public Segment* Rows;
        public nint RowCount, PixelStep, TapStep;
    }
}
