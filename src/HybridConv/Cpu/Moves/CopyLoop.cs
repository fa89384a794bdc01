using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HybridConv.Ops;

namespace HybridConv.Cpu.Moves;

/// <summary>
/// One strided copy, compiled: neighbouring axes that move as one are merged, the two axes that decide about speed become the body,
/// and the others a loop around it. All strides count bytes.
/// </summary>
internal sealed unsafe class CopyLoop
{
    /// <summary>The body: what is done with the last two axes, 0 (outer) and 1 (inner).</summary>
    private enum Body
    {
        /// <summary>Axis 1 is contiguous on both sides: copy runs.</summary>
        Runs,
        /// <summary>Axis 0 is contiguous in the source, axis 1 in the destination.</summary>
        Transpose,
        /// <summary>Element by element.</summary>
        Elements,
    }

    private readonly record struct Axis(long Size, long From, long To);

    private readonly Axis[] outer;
    private readonly Axis axis0, axis1;
    private readonly Body body;
    private readonly int size;
    private readonly long fromOffset, toOffset;
    private readonly bool sameStrides;
    private readonly int lanes;

    private CopyLoop(Move move, List<Axis> axes, int size, long fromOffset, long toOffset, int lanes)
    {
        Input = move.Input;
        Output = move.Output;
        this.fromOffset = fromOffset;
        this.toOffset = toOffset;
        this.lanes = lanes;
        Bytes = axes.Aggregate((long)size, (product, axis) => product * axis.Size);
        sameStrides = axes.TrueForAll(axis => axis.From == axis.To);

        axes = [.. axes];
        this.size = size = MergeIntoElement(axes, size);
        int inSource = axes.FindLastIndex(axis => axis.From == size), inDestination = axes.FindLastIndex(axis => axis.To == size);
        int last = axes.Count - 1;
        body = last >= 0 && inSource == last && inDestination == last ? Body.Runs
            : inSource >= 0 && inDestination >= 0 && inSource != inDestination ? Body.Transpose : Body.Elements;
        axis1 = Take(axes, body == Body.Transpose ? inDestination : last, size);
        axis0 = Take(axes, body == Body.Transpose && inSource < inDestination ? inSource : body == Body.Transpose ? inSource - 1 : axes.Count - 1, size);
        outer = [.. axes];
    }

    public int Input { get; }
    public int Output { get; }

    /// <summary>Bytes written.</summary>
    public long Bytes { get; }

    /// <summary>Compiles a copy, cut along its largest outer axis into pieces of about <paramref name="pieceBytes"/>, for vectors of so many floats.</summary>
    public static IEnumerable<CopyLoop> Cut(Move move, int size, long pieceBytes, int lanes)
    {
        List<Axis> axes = Merged(move, size);
        long bytes = move.Shape.Elements * size, pieces = (bytes + pieceBytes - 1) / pieceBytes;
        int cut = axes.FindIndex(axis => axis.Size >= pieces);
        if (cut < 0)
            cut = axes.FindIndex(axis => axis.Size == axes.Max(a => a.Size));
        if (pieces <= 1 || cut < 0)
        {
            yield return new CopyLoop(move, axes, size, move.From.Offset * size, move.To.Offset * size, lanes);
            yield break;
        }
        Axis whole = axes[cut];
        long step = RoundUp((whole.Size + pieces - 1) / pieces, 16);
        for (long start = 0; start < whole.Size; start += step)
        {
            axes[cut] = whole with { Size = Math.Min(step, whole.Size - start) };
            yield return new CopyLoop(move, axes, size, (move.From.Offset * size) + (start * whole.From), (move.To.Offset * size) + (start * whole.To), lanes);
        }
    }

    private static long RoundUp(long value, long multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>The axes of a copy without those of size 1, and with neighbours merged that are evenly spaced on both sides.</summary>
    private static List<Axis> Merged(Move move, int size)
    {
        var axes = new List<Axis>();
        for (int i = 0; i < move.Shape.Rank; i++)
        {
            var axis = new Axis(move.Shape[i], move.From.Strides[i] * size, move.To.Strides[i] * size);
            if (axis.Size == 1)
                continue;
            if (axes.Count > 0 && axes[^1] is var before && before.From == axis.From * axis.Size && before.To == axis.To * axis.Size)
                axes[^1] = axis with { Size = before.Size * axis.Size };
            else
                axes.Add(axis);
        }
        return axes;
    }

    /// <summary>A short innermost run becomes one larger element.</summary>
    private static int MergeIntoElement(List<Axis> axes, int size)
    {
        if (axes.Count > 0 && axes[^1] is var run && run.From == size && run.To == size && run.Size * size is 2 or 4 or 8)
        {
            size *= (int)run.Size;
            axes.RemoveAt(axes.Count - 1);
        }
        return size;
    }

    private static Axis Take(List<Axis> axes, int index, int size)
    {
        if (index < 0)
            return new Axis(1, size, size);
        Axis axis = axes[index];
        axes.RemoveAt(index);
        return axis;
    }

    /// <param name="from">The source operand's first element.</param>
    /// <param name="to">The destination operand's first element.</param>
    public void Run(byte* from, byte* to)
    {
        from += fromOffset;
        to += toOffset;
        if (from != to || !sameStrides)
            Nest(0, from, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Nest(int depth, byte* from, byte* to)
    {
        if (depth == outer.Length)
        {
            RunBody(from, to);
            return;
        }
        Axis axis = outer[depth];
        for (long i = 0; i < axis.Size; i++)
            Nest(depth + 1, from + (i * axis.From), to + (i * axis.To));
    }

    private void RunBody(byte* from, byte* to)
    {
        if (body == Body.Runs)
            Runs(from, to);
        else if (body == Body.Transpose && size == sizeof(float) && lanes > 1)
            Transpose4.Run((float*)from, axis1.From / sizeof(float), (float*)to, axis0.To / sizeof(float), axis0.Size, axis1.Size, lanes);
        else if (size == 1)
            Elements<byte>(from, to);
        else if (size == 2)
            Elements<ushort>(from, to);
        else if (size == 4)
            Elements<uint>(from, to);
        else
            Elements<ulong>(from, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Runs(byte* from, byte* to)
    {
        long bytes = axis1.Size * size;
        if (bytes % Vector128<byte>.Count != 0 || bytes > 256)
        {
            for (long i = 0; i < axis0.Size; i++)
                Buffer.MemoryCopy(from + (i * axis0.From), to + (i * axis0.To), bytes, bytes);
            return;
        }
        for (long i = 0; i < axis0.Size; i++)
        {
            byte* x = from + (i * axis0.From), y = to + (i * axis0.To);
            for (long k = 0; k < bytes; k += Vector128<byte>.Count)
                Vector128.Store(Vector128.Load(x + k), y + k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Elements<E>(byte* from, byte* to) where E : unmanaged
    {
        long n = axis1.Size, fromStep = axis1.From, toStep = axis1.To;
        bool repeat = fromStep == 0 && toStep == sizeof(E);
        for (long i = 0; i < axis0.Size; i++)
        {
            byte* x = from + (i * axis0.From), y = to + (i * axis0.To);
            if (repeat)
                new Span<E>(y, (int)n).Fill(*(E*)x);
            else
                for (long k = 0; k < n; k++)
                    *(E*)(y + (k * toStep)) = *(E*)(x + (k * fromStep));
        }
    }
}
