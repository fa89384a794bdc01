using System.IO.MemoryMappedFiles;
using HybridConv.Cpu;
using HybridConv.Graphs;
using Microsoft.Win32.SafeHandles;

namespace HybridConv.Onnx;

/// <summary>
/// The bytes of a model file. Tensors read from here when their data is asked for; after disposal that is an
/// <see cref="ObjectDisposedException"/>, never a read of memory that is gone.
/// </summary>
internal abstract class ModelBytes : IDisposable
{
    public abstract long Length { get; }

    /// <summary>Lets <paramref name="reader"/> look at all bytes (files over 2 GiB are refused before); they stay mapped until it returns.</summary>
    public TResult Read<TResult>(SpanReader<TResult> reader)
    {
        using LentBytes lent = Lend(0, checked((int)Length));
        return reader(lent.Bytes);
    }

    /// <summary>The bytes [offset, offset + length), which stay mapped until they are given back.</summary>
    public abstract LentBytes Lend(long offset, int length);

    /// <summary>The bytes [offset, offset + length), valid independently of this object's life.</summary>
    public abstract ReadOnlyMemory<byte> Slice(long offset, int length);

    public abstract void Dispose();

    public static ModelBytes Of(ReadOnlyMemory<byte> bytes) => new Resident(bytes);

    /// <summary>Maps a file that is not empty.</summary>
    public static ModelBytes Map(FileStream file) => new Mapped(file);

    private sealed class Resident(ReadOnlyMemory<byte> bytes) : ModelBytes
    {
        private bool disposed;

        public override long Length => bytes.Length;

        public override LentBytes Lend(long offset, int length) => new(Slice(offset, length).Span, null);

        public override ReadOnlyMemory<byte> Slice(long offset, int length)
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(Model));
            return bytes.Slice(checked((int)offset), length);
        }

        public override void Dispose() => disposed = true;
    }

    /// <summary>A file mapped read-only. A reader holds the view's handle, so that disposal from another thread waits for it.</summary>
    private sealed unsafe class Mapped : ModelBytes
    {
        private readonly MemoryMappedFile file;
        private readonly MemoryMappedViewAccessor view;
        private bool disposed;

        public Mapped(FileStream stream)
        {
            Length = stream.Length;
            file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            view = file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        }

        public override long Length { get; }

        public override ReadOnlyMemory<byte> Slice(long offset, int length)
        {
            using LentBytes lent = Lend(offset, length);
            return lent.Bytes.ToArray();
        }

        public override LentBytes Lend(long offset, int length)
        {
            if (offset < 0 || length < 0 || offset > Length - length)
                throw new ArgumentOutOfRangeException(nameof(offset));
            ObjectDisposedException.ThrowIf(disposed, typeof(Model));
            // Bound: the view covers [PointerOffset, PointerOffset + Length), and offset + length <= Length.
            var held = new HeldBytes(view.SafeMemoryMappedViewHandle, view.PointerOffset + offset, length);
            return new LentBytes(held.Bytes, held);
        }

        public override void Dispose()
        {
            disposed = true;
            view.Dispose();
            file.Dispose();
        }

        /// <summary>Keeps a view mapped until its bytes are given back. They are weights, mostly, which are read once and packed: a network is not held twice.</summary>
        private sealed class HeldBytes : IDisposable
        {
            private readonly byte* start;
            private readonly int length;
            private SafeMemoryMappedViewHandle? handle;

            public HeldBytes(SafeMemoryMappedViewHandle handle, long offset, int length)
            {
                handle.AcquirePointer(ref start);
                start += offset;
                this.length = length;
                this.handle = handle;
            }

            public ReadOnlySpan<byte> Bytes => new(start, length);

            public void Dispose()
            {
                if (Interlocked.Exchange(ref handle, null) is not { } held)
                    return;
                MemoryAdvice.Forget((nint)start, length);
                held.ReleasePointer();
            }
        }
    }
}
