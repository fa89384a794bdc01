using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu.Gemm;

/// <summary>
/// The pointwise convolution of one channels-first image: output[k, pixel] = sum over c of weights[k, c] * image[c, pixel], in the chain of all kernels and so
/// with their bits. Plans are channels-last and never take it: it is what they are compared with. One caller at a time may run it: it may copy pixels into
/// memory of its own.
/// </summary>
internal abstract class PlanarPointwise : IDisposable
{
    /// <summary>Packs the weights for images of one shape.</summary>
    /// <param name="shape">At least one of each.</param>
    /// <param name="weights">Output channels x input channels.</param>
    /// <param name="widest">The widest vector to use; images of fewer pixels take narrower ones.</param>
    public static PlanarPointwise Bind(PointwiseShape shape, float[] weights, Isa widest) =>
        IsaDispatch.Run<Binding, PlanarPointwise>(IsaDispatch.All.First(isa => isa <= widest && (int)isa <= shape.Pixels), new Binding(shape, weights));

    /// <param name="image">Input channels x pixels.</param>
    /// <param name="output">Output channels x pixels; must not overlap the image.</param>
    /// <exception cref="ShapeException">A span does not have the numbers that the shape asks for.</exception>
    public abstract void Run(ReadOnlySpan<float> image, Span<float> output);

    public abstract void Dispose();

    private readonly struct Binding(PointwiseShape shape, float[] weights) : IVectorCode<PlanarPointwise>
    {
        public PlanarPointwise With<S, V>() where S : struct, ISimd<V> where V : struct => new PlanarPointwise<S, V>(shape, weights);
    }
}

/// <summary>
/// A block of filters stays in the second-level cache while strips of pixels pass by, and a part of a strip's depth in the first-level cache while it meets
/// the block's filters (K. Goto and R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, 2008). The pixels of a channel are lanes where they
/// stand, so strips are read in place unless they would not stay in the cache: then they are copied first. The last strip ends with the image, and computes
/// pixels of the one before it again.
/// </summary>
internal sealed unsafe class PlanarPointwise<S, V> : PlanarPointwise where S : struct, ISimd<V> where V : struct
{
    /// <summary>Half of a usual first-level cache, in bytes; and the sets and ways of its lines.</summary>
    private const int PartBytes = 16 << 10, Sets = 64, Ways = 8;

    private readonly PointwiseShape shape;
    private readonly float[] packed;
    private readonly int blockFilters, partChannels;
    private readonly AlignedMemory? copy;

    /// <summary>Packs groups of as many filters as a tile has rows, group after group: a weight of each filter for one channel after the other.</summary>
    public PlanarPointwise(PointwiseShape shape, float[] weights)
    {
        int depth = shape.InputChannels, filters = shape.OutputChannels;
        if (weights.Length != (long)filters * depth)
            throw new ShapeException($"{shape} takes {(long)filters * depth} weights, not {weights.Length}");
        this.shape = shape;
        packed = GC.AllocateUninitializedArray<float>(weights.Length, pinned: true);
        for (int filter = 0, rows; filter < filters; filter += rows)
        {
            rows = TileRows(filters - filter);
            for (int c = 0; c < depth; c++)
                for (int row = 0; row < rows; row++)
                    packed[filter * depth + c * rows + row] = weights[(filter + row) * depth + c];
        }
        int largest = TileRows(int.MaxValue);
        blockFilters = (int)Math.Max(1, Blocking.CacheBytes / sizeof(float) / depth / largest) * largest;
        int most = PartBytes / (2 * S.Count * sizeof(float)), parts = (depth + most - 1) / most;
        partChannels = (depth + parts - 1) / parts;
        if (!StaysInCache)
            copy = new AlignedMemory(PartBytes);
    }

    /// <summary>
    /// Whether vectors do not straddle lines of the cache, and those of a part's channels fall into enough of its sets: into every 2^n-th, when channels are
    /// a multiple of 2^n lines apart.
    /// </summary>
    private bool StaysInCache
    {
        get
        {
            (long lines, long rest) = Math.DivRem((long)shape.Pixels * sizeof(float), AlignedMemory.Alignment);
            return rest == 0 && partChannels <= Sets / Math.Min(Sets, lines & -lines) * Ways;
        }
    }

    /// <summary>Rows of the tile for the next of <paramref name="filters"/>.</summary>
    private static int TileRows(int filters) => S.Count == 16 && filters >= 14 ? 14 : filters >= 6 ? 6 : filters >= 4 ? 4 : filters >= 2 ? 2 : 1;

    public override void Run(ReadOnlySpan<float> image, Span<float> output)
    {
        if (image.Length != (long)shape.InputChannels * shape.Pixels || output.Length != (long)shape.OutputChannels * shape.Pixels)
            throw new ShapeException($"{shape} takes other spans than of {image.Length} and {output.Length} numbers");
        fixed (float* x = image, y = output)
            Run(x, y);
    }

    public override void Dispose() => copy?.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run(float* image, float* output)
    {
        float* zeros = stackalloc float[2 * S.Count];
        new Span<float>(zeros, 2 * S.Count).Clear();
        int pixels = shape.Pixels;
        for (int filter = 0; filter < shape.OutputChannels; filter += blockFilters)
        {
            int endFilter = Math.Min(shape.OutputChannels, filter + blockFilters);
            for (int pixel = 0; pixel < pixels;)
            {
                bool wide = pixels - pixel > S.Count && pixels >= 2 * S.Count;
                int width = wide ? 2 * S.Count : S.Count, first = Math.Min(pixel, pixels - width);
                if (wide)
                    MultiplyStrip<TwoVectors>(image + first, output + first, filter, endFilter, zeros);
                else
                    MultiplyStrip<OneVector>(image + first, output + first, filter, endFilter, zeros);
                pixel = first + width;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MultiplyStrip<W>(float* image, float* output, int firstFilter, int endFilter, float* zeros) where W : struct, IVectors
    {
        float* weights = (float*)Marshal.UnsafeAddrOfPinnedArrayElement(packed, 0);
        nint plane = shape.Pixels, depth = shape.InputChannels;
        var strip = new PlanarStrip { OutputPlane = plane, Zeros = zeros };
        for (nint channel = 0; channel < depth; channel += partChannels)
        {
            strip.Image = image + channel * plane;
            strip.ImagePlane = plane;
            strip.Depth = Math.Min(partChannels, depth - channel);
            if (copy is not null)
                Copy<W>(ref strip, (float*)copy.Address);
            for (int filter = firstFilter, rows; filter < endFilter; filter += rows)
            {
                rows = TileRows(shape.OutputChannels - filter);
                float* w = weights + filter * depth + channel * rows, y = output + filter * plane;
                switch (rows)
                {
                    case 14: PlanarTiles.Rows14<S, V, W>(strip, w, y); break;
                    case 6: PlanarTiles.Rows6<S, V, W>(strip, w, y); break;
                    case 4: PlanarTiles.Rows4<S, V, W>(strip, w, y); break;
                    case 2: PlanarTiles.Rows2<S, V, W>(strip, w, y); break;
                    default: PlanarTiles.Rows1<S, V, W>(strip, w, y); break;
                }
            }
            strip.Zeros = null;
        }
    }

    /// <summary>Writes the pixels of one channel after the other, and lets the strip read there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy<W>(ref PlanarStrip strip, float* to) where W : struct, IVectors
    {
        int width = W.IsTwo ? 2 * S.Count : S.Count;
        float* row = to;
        for (nint c = 0; c < strip.Depth; c++, row += width)
        {
            float* from = strip.Image + c * strip.ImagePlane;
            S.Store(S.Load(from), row);
            if (W.IsTwo)
                S.Store(S.Load(from + S.Count), row + S.Count);
        }
        strip.Image = to;
        strip.ImagePlane = width;
    }
}
