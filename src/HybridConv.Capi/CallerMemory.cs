using System.Buffers;

namespace HybridConv.Capi;

/// <summary>Memory that belongs to the C caller, who promises to keep it.</summary>
internal sealed unsafe class CallerMemory(byte* start, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan() => new(start, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
