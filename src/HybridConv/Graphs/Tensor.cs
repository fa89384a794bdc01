using System.Buffers;
using System.Runtime.InteropServices;

namespace HybridConv.Graphs;

/// <summary>What reads a span of bytes that is valid only during the call.</summary>
internal delegate TResult SpanReader<out TResult>(ReadOnlySpan<byte> bytes);

/// <summary>What writes all of a span of bytes that is valid only during the call.</summary>
internal delegate void SpanWriter(Span<byte> bytes);

/// <summary>Bytes that may be read until they are given back.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="owner">Told when they are not needed any more; null for nobody.</param>
internal readonly ref struct LentBytes(ReadOnlySpan<byte> bytes, IDisposable? owner) : IDisposable
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    /// <summary>The bytes as 32-bit floating-point numbers.</summary>
    public ReadOnlySpan<float> Floats => MemoryMarshal.Cast<byte, float>(Bytes);

    public void Dispose() => owner?.Dispose();
}

/// <summary>
/// Constant data: an initializer, a constant in the graph, or something derived from those. Dense, in the order of its shape, little-endian.
/// The data may live in a mapped file or be computed when it is first asked for, and is not kept longer than somebody holds it.
/// </summary>
internal abstract class Tensor
{
    /// <param name="type">The element type.</param>
    /// <param name="shape">The shape; the data has exactly its elements.</param>
    /// <param name="origin">Says where the data came from. Two tensors of one model with equal origins hold equal data: packed weights are shared by it.</param>
    protected Tensor(ElementType type, Shape shape, string origin)
    {
        Type = type;
        Shape = shape;
        Origin = origin;
    }

    public ElementType Type { get; }
    public Shape Shape { get; }
    public string Origin { get; }
    public long Bytes => Shape.Elements * Type.Size();

    /// <summary>
    /// Where several tensors come from; null stands for one that is absent. Origins hold names from files, which may be anything: with their lengths, no two lists read the same.
    /// </summary>
    public static string Origins(IEnumerable<Tensor?> tensors) =>
        string.Concat(tensors.Select(tensor => tensor is null ? "-" : $"{tensor.Origin.Length}:{tensor.Origin}"));

    /// <summary>The bytes. Computing or reading them may be slow: fetch once, use, let go.</summary>
    public abstract ReadOnlyMemory<byte> Data { get; }

    /// <summary>The bytes where they are: without a copy, where they lie in a file, and in memory that is used again, where they are computed.</summary>
    public virtual LentBytes Lend() => new(Data.Span, null);

    /// <summary>A copy of the elements.</summary>
    public T[] ToArray<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data.Span).ToArray();

    /// <summary>The elements of an integer tensor as 64-bit numbers; for shapes, axes and the like.</summary>
    public long[] ToInt64() => Type switch
    {
        ElementType.Int64 => ToArray<long>(),
        ElementType.Int32 => Array.ConvertAll(ToArray<int>(), x => (long)x),
        _ => throw new ShapeException($"'{Origin}' holds {Type.Label()} where int64 or int32 is wanted"),
    };

    /// <summary>A tensor of a copy of the elements.</summary>
    public static Tensor From<T>(T[] elements, Shape shape, string origin) where T : unmanaged =>
        elements.Length == shape.Elements
            ? new Resident(ElementTypes.Of<T>(), shape, origin, MemoryMarshal.AsBytes<T>(elements).ToArray())
            : throw new ShapeException($"'{origin}': {elements.Length} elements do not fill {shape}");

    public static Tensor From(ElementType type, Shape shape, string origin, ReadOnlyMemory<byte> data) => new Resident(type, shape, origin, data);

    /// <summary>A tensor that is computed each time its data is asked for.</summary>
    public static Tensor Derived(ElementType type, Shape shape, string origin, Func<ReadOnlyMemory<byte>> compute) =>
        new Computed(type, shape, origin, compute);

    /// <summary>As <see cref="Derived(ElementType, Shape, string, Func{ReadOnlyMemory{byte}})"/>, from a function that gives elements.</summary>
    public static Tensor Derived<T>(Shape shape, string origin, Func<T[]> compute) where T : unmanaged =>
        new Computed(ElementTypes.Of<T>(), shape, origin, () => MemoryMarshal.AsBytes<T>(compute()).ToArray());

    /// <summary>A tensor of numbers that somebody writes each time they are asked for.</summary>
    /// <param name="type">The element type.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="origin">Says where the data comes from.</param>
    /// <param name="write">Writes all bytes.</param>
    public static Tensor Written(ElementType type, Shape shape, string origin, SpanWriter write) => new Rewritten(type, shape, origin, write);

    private sealed class Resident(ElementType type, Shape shape, string origin, ReadOnlyMemory<byte> data) : Tensor(type, shape, origin)
    {
        public override ReadOnlyMemory<byte> Data => data;
    }

    private sealed class Rewritten(ElementType type, Shape shape, string origin, SpanWriter write) : Tensor(type, shape, origin)
    {
        public override ReadOnlyMemory<byte> Data
        {
            get
            {
                byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)Bytes));
                write(bytes);
                return bytes;
            }
        }

        public override LentBytes Lend()
        {
            var rented = new Rented(checked((int)Bytes));
            try
            {
                Span<byte> bytes = rented.Memory.Span;
                write(bytes);
                return new LentBytes(bytes, rented);
            }
            catch
            {
                rented.Dispose();
                throw;
            }
        }

        /// <summary>An array of the shared pool, given back once.</summary>
        private sealed class Rented(int bytes) : IDisposable
        {
            private byte[]? array = ArrayPool<byte>.Shared.Rent(bytes);

            public Memory<byte> Memory => array.AsMemory(0, bytes);

            public void Dispose()
            {
                if (Interlocked.Exchange(ref array, null) is { } rented)
                    ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private sealed class Computed(ElementType type, Shape shape, string origin, Func<ReadOnlyMemory<byte>> compute) : Tensor(type, shape, origin)
    {
        /// <summary>The array of the last result, found again as long as somebody still holds it.</summary>
        private readonly WeakReference<byte[]?> last = new(null);
        private int start;

        public override ReadOnlyMemory<byte> Data
        {
            get
            {
                lock (last)
                {
                    if (last.TryGetTarget(out byte[]? array))
                        return array.AsMemory(start, (int)Bytes);
                    ReadOnlyMemory<byte> data = compute();
                    if (data.Length != Bytes)
                        throw new InvalidOperationException($"'{Origin}' computed {data.Length} bytes where {Bytes} were promised.");
                    if (MemoryMarshal.TryGetArray(data, out ArraySegment<byte> segment))
                    {
                        start = segment.Offset;
                        last.SetTarget(segment.Array);
                    }
                    return data;
                }
            }
        }
    }
}
