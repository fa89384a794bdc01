using System.Runtime.InteropServices;

namespace HybridConv.Cpu;

/// <summary>
/// A block of memory that does not move, 64-byte aligned. It is a pinned array of the garbage collector's, so a span into it that outlives its
/// owner still reads valid memory, and nothing leaks when an owner is not disposed.
/// </summary>
internal sealed class AlignedMemory : IDisposable
{
    /// <summary>The alignment of every block: a cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    /// <summary>The largest block.</summary>
    public static readonly long MaxBytes = Array.MaxLength - Alignment;

    private byte[]? array;
    private readonly int start;

    /// <summary>A block whose contents are undefined.</summary>
    /// <param name="bytes">The size, at most <see cref="MaxBytes"/>; zero is allowed.</param>
    public AlignedMemory(long bytes)
    {
        if (bytes < 0 || bytes > MaxBytes)
            throw new ResourceLimitException($"one block of {bytes} bytes is over the limit of {MaxBytes}");
        array = GC.AllocateUninitializedArray<byte>((int)bytes + Alignment, pinned: true);
        nint unaligned = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        start = (int)(-unaligned & (Alignment - 1));
        MemoryAdvice.UseLargePages(unaligned, bytes);
        Bytes = bytes;
    }

    public long Bytes { get; }

    public nint Address => Marshal.UnsafeAddrOfPinnedArrayElement(Live, start);

    public Memory<byte> Memory => Live.AsMemory(start, (int)Bytes);

    private byte[] Live => array ?? throw new ObjectDisposedException(nameof(AlignedMemory));

    public void Dispose() => array = null;
}
