using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// 3x3 filters of stride 1 by Winograd's algorithm: y = A' [sum over channels of (G g G') * (B' d B)] A for tiles of T x T outputs, which see
/// (T + 2) x (T + 2) pixels d. A task transforms a block of tiles into one matrix of tiles by channels for each of a tile's pixels, multiplies each by its
/// panels of weights with the tiles of all panel products, and transforms the products back, adding bias, residual and activation on the way to the output.
/// </summary>
internal sealed unsafe class WinogradKernel<S, V, T>(ConvSpec spec, CpuInfo machine, WinogradPanels format, PackedWeights packed) : ICpuKernel
    where S : struct, ISimd<V> where V : struct where T : struct, IWinogradTile
{
    private readonly WinogradGeometry geometry = new(spec, machine, T.Outputs);
    private readonly Window height = spec.Windows[1], width = spec.Windows[2];
    private readonly bool isClamp = spec.Activation.Kind is ActivationKind.None or ActivationKind.Clamp;
    private readonly Clamp clamp = spec.Activation.Kind == ActivationKind.Clamp
        ? new Clamp(spec.Activation.A, spec.Activation.B)
        : new Clamp(float.NegativeInfinity, float.PositiveInfinity);

    public int Tasks => geometry.Blocks * geometry.Ranges;

    public long ScratchBytes => (long)geometry.ScratchBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        (int range, int block) = Math.DivRem(task, geometry.Blocks);
        int firstTile = block * geometry.BlockTiles, tiles = Math.Min(geometry.BlockTiles, geometry.Tiles - firstTile);
        int panel = range * geometry.RangePanels, endPanel = Math.Min(geometry.Panels.Panels, panel + geometry.RangePanels);
        float* buffer = (float*)args.Scratch, image = buffer + geometry.BufferFloats, products = image + geometry.Positions * geometry.ImageStep;
        for (int tile = 0; tile < tiles; tile++)
            TransformImage(args.Input<float>(ConvOp.Image), firstTile + tile, buffer, image + tile * geometry.PixelFloats);
        for (; panel < endPanel; panel += geometry.GroupPanels)
        {
            int end = Math.Min(endPanel, panel + geometry.GroupPanels);
            Multiply(image, products, tiles, panel, end);
            for (int tile = 0; tile < tiles; tile++)
            {
                int firstFilter = panel * 2 * S.Count, endFilter = Math.Min(spec.Filters, end * 2 * S.Count);
                TransformBack(args, firstTile + tile, firstFilter, endFilter, buffer, products + tile * geometry.GroupFloats);
            }
        }
    }

    /// <summary>The products of all positions by a group of panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(float* image, float* products, int tiles, int firstPanel, int endPanel)
    {
        PanelLayout panels = geometry.Panels;
        var whole = default(Segment);
        var strip = new Strip
        {
            PixelBytes = (nint)geometry.PixelFloats * sizeof(float),
            Segments = &whole,
            SegmentCount = 1,
            Depth = spec.Channels,
            OutputStride = (nint)geometry.GroupFloats,
        };
        float* weights = (float*)(packed.Address + (nint)format.PanelsStart);
        nint runs = PanelProduct<S, V>.TilesOver(tiles, strip.PixelBytes);
        for (int position = 0; position < geometry.Positions; position++)
        {
            for (int panel = firstPanel; panel < endPanel; panel++)
            {
                strip.Panel = weights + panels.Start(panel);
                strip.Wide = panels.IsWide(panel);
                bool isLast = panel + 1 == endPanel;
                float* next = isLast ? weights + panels.Floats + panels.Start(firstPanel) : weights + panels.Start(panel + 1);
                int width = panels.Width(isLast ? firstPanel : panel + 1);
                strip.FetchAhead(next, isLast && position + 1 == geometry.Positions ? 0 : (nint)(panels.Depth + 1) * width * sizeof(float), runs);
                PanelProduct<S, V>.Multiply(strip, (byte*)image, products + (panel - firstPanel) * 2 * S.Count, tiles, panels.Width(panel), default);
            }
            image += geometry.ImageStep;
            products += geometry.ProductStep;
            weights += panels.Floats;
        }
    }

    /// <summary>B' d B for all channels of one tile, straight from the image where the tile lies in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformImage(float* image, int tile, float* buffer, float* to)
    {
        (int n, int row, int column) = Position(tile);
        long[] strides = spec.Input.Strides;
        nint line = (nint)strides[ImageView.Height], pixel = (nint)strides[ImageView.Width], step = (nint)geometry.ImageStep;
        int side = geometry.Side, top = height.Start(row), left = width.Start(column), channels = spec.Channels;
        bool isInside = top >= 0 && left >= 0 && top + side <= height.Input && left + side <= width.Input;
        float* from = image + n * (nint)strides[ImageView.Batch] + top * line + left * pixel;
        for (int c = 0; c < channels; c += S.Count)
        {
            int lanes = Math.Min(S.Count, channels - c);
            bool isWhole = isInside && lanes == S.Count;
            if (!isWhole)
                CopyPatch(from + c, pixel, line, top, left, lanes, buffer);
            TransformVector(isWhole ? from + c : buffer, isWhole ? pixel : S.Count, isWhole ? line : side * S.Count, to + c, step);
        }
    }

    /// <summary>Copies a vector of each of a tile's pixels, and zeros for what lies in the padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyPatch(float* from, nint pixel, nint line, int top, int left, int lanes, float* to)
    {
        for (int i = 0; i < geometry.Side; i++, from += line)
        {
            bool isRow = (uint)(top + i) < (uint)height.Input;
            for (int j = 0; j < geometry.Side; j++, to += S.Count)
                S.Store(isRow && (uint)(left + j) < (uint)width.Input ? S.LoadPartial(from + j * pixel, lanes) : S.Create(0), to);
        }
    }

    /// <summary>B' d B for one vector of channels: two columns of d B at a time, which stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransformVector(float* from, nint pixel, nint line, float* to, nint step)
    {
        TransformColumns(0, from, pixel, line, to, step);
        TransformColumns(1, from, pixel, line, to, step);
        if (T.Outputs > 2)
            TransformColumns(2, from, pixel, line, to, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransformColumns(int pair, float* from, nint pixel, nint line, float* to, nint step)
    {
        (int first, int second) = T.PixelPair(pair);
        T.ImagePair<S, V>(pair, from, pixel, out V a0, out V b0);
        T.ImagePair<S, V>(pair, from + line, pixel, out V a1, out V b1);
        T.ImagePair<S, V>(pair, from + 2 * line, pixel, out V a2, out V b2);
        T.ImagePair<S, V>(pair, from + 3 * line, pixel, out V a3, out V b3);
        V a4 = a3, b4 = b3, a5 = a3, b5 = b3;
        if (T.Outputs > 2)
        {
            T.ImagePair<S, V>(pair, from + 4 * line, pixel, out a4, out b4);
            T.ImagePair<S, V>(pair, from + 5 * line, pixel, out a5, out b5);
        }
        nint row = (T.Outputs + 2) * step;
        T.Image<S, V, EvenVectors<S, V>>(a0, a1, a2, a3, a4, a5, new(to + first * step, row));
        T.Image<S, V, EvenVectors<S, V>>(b0, b1, b2, b3, b4, b5, new(to + second * step, row));
    }

    /// <summary>A' m A for one tile and the filters [first, end), completed and stored as far as the tile lies in the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformBack(in StepArgs args, int tile, int first, int end, float* buffer, float* products)
    {
        (int n, int row, int column) = Position(tile);
        int side = geometry.Side, rows = Math.Min(T.Outputs, height.Output - row), columns = Math.Min(T.Outputs, width.Output - column);
        float* output = args.Output<float>() + Offset(spec.Output, n, row, column), bias = (float*)(packed.Address + PanelFormat.HeaderBytes);
        float* residual = spec.Residual is null ? null : args.Input<float>(ConvOp.Residual) + Offset(spec.Residual, n, row, column);
        nint line = (nint)spec.Output.Strides[ImageView.Height], pixel = (nint)spec.Output.Strides[ImageView.Width], step = (nint)geometry.ProductStep;
        nint residualLine = (nint)(spec.Residual?.Strides[ImageView.Height] ?? 0), residualPixel = (nint)(spec.Residual?.Strides[ImageView.Width] ?? 0);
        for (int k = first; k < end; k += S.Count, products += S.Count)
        {
            V start = S.Load(bias + k);
            for (int j = 0; j < side; j++)
                T.Result<S, V, EvenVectors<S, V>>(products + j * step, side * step, new(buffer + j * S.Count, side * S.Count));
            for (int i = 0; i < rows; i++)
                T.Result<S, V, FinishedPixels<S, V>>(
                    buffer + i * side * S.Count, S.Count,
                    new(start, clamp, output + i * line + k, pixel, residual is null ? null : residual + i * residualLine + k, residualPixel, columns, Math.Min(S.Count, end - k)));
        }
        if (!isClamp)
            for (int i = 0; i < rows; i++)
                ActivationFunctions.Apply<S, V>(spec.Activation, output + i * line + first, columns, pixel, end - first);
    }

    /// <summary>The image of a tile, and its first output's row and column.</summary>
    private (int N, int Row, int Column) Position(int tile)
    {
        (int line, int column) = Math.DivRem(tile, geometry.TilesWide);
        (int n, int row) = Math.DivRem(line, geometry.TilesHigh);
        return (n, row * T.Outputs, column * T.Outputs);
    }

    private static nint Offset(TensorView image, int n, int row, int column) =>
        (nint)(n * image.Strides[ImageView.Batch] + row * image.Strides[ImageView.Height] + column * image.Strides[ImageView.Width]);
}
