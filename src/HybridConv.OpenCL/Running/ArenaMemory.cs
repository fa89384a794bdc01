using System.Buffers;
using HybridConv.Cpu;
using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Running;

/// <summary>The arena of one run, and how its inputs and outputs get to the device and back.</summary>
internal abstract unsafe class ArenaMemory : IDisposable
{
    public abstract nint Bank(int index);

    /// <summary>Where the caller writes an input.</summary>
    public abstract Memory<byte> Input(int index);

    /// <summary>Where the caller reads an output after <see cref="ToHost"/> is complete.</summary>
    public abstract Memory<byte> Output(int index);

    /// <summary>Enqueues what lets the device see the inputs.</summary>
    public abstract void ToDevice();

    /// <summary>Enqueues what lets the host see the outputs.</summary>
    public abstract void ToHost();

    /// <summary>Waits for the device, and gives the bytes of a storage to the host, in memory that does not move.</summary>
    public abstract (Memory<byte> Memory, nint Address) Borrow(Slot slot);

    /// <summary>Gives borrowed bytes back, changed or not. Called in turn for everything that was borrowed.</summary>
    public abstract void Return(Slot slot);

    public abstract void Dispose();
}

/// <summary>An arena in the host's memory, on which the device works in place. While no run is executing, it is mapped: the host's.</summary>
internal sealed unsafe class SharedArena : ArenaMemory
{
    private readonly OpenClPlan plan;
    private readonly nint queue;
    private readonly List<AlignedMemory> memories = [];
    private readonly List<DeviceBuffer> buffers = [];
    private readonly List<nint> mapped = [];
    private bool hostOwns;

    public SharedArena(OpenClPlan plan, nint queue)
    {
        this.plan = plan;
        this.queue = queue;
        try
        {
            for (int bank = 0; bank < plan.Banks.Count; bank++)
            {
                memories.Add(new AlignedMemory(Math.Max(64, plan.Banks.Size(bank))));
                buffers.Add(plan.Context.Wrap(memories[bank]));
                mapped.Add(0);
            }
            ToHost();
            ClStatus.Check(plan.Context.Api.Finish(queue), "clFinish");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override nint Bank(int index) => buffers[index].Handle;

    public override Memory<byte> Input(int index) => Bytes(plan.InputSlots[index]).Memory;

    public override Memory<byte> Output(int index) => Bytes(plan.OutputSlots[index]).Memory;

    public override void ToDevice()
    {
        if (!hostOwns)
            return;
        hostOwns = false;
        for (int bank = 0; bank < buffers.Count; bank++)
            ClStatus.Check(plan.Context.Api.EnqueueUnmapMemObject(queue, buffers[bank].Handle, (void*)mapped[bank]), "clEnqueueUnmapMemObject");
    }

    public override void ToHost()
    {
        if (hostOwns)
            return;
        for (int bank = 0; bank < buffers.Count; bank++)
        {
            int status;
            mapped[bank] = (nint)plan.Context.Api.EnqueueMapBuffer(
                queue, buffers[bank].Handle, false, MapFlags.Read | MapFlags.Write, 0, (nuint)memories[bank].Bytes, &status);
            ClStatus.Check(status, "clEnqueueMapBuffer");
        }
        hostOwns = true;
    }

    public override (Memory<byte> Memory, nint Address) Borrow(Slot slot)
    {
        ToHost();
        ClStatus.Check(plan.Context.Api.Finish(queue), "clFinish");
        return Bytes(slot);
    }

    public override void Return(Slot slot) => ToDevice();

    public override void Dispose()
    {
        foreach (DeviceBuffer buffer in buffers)
            buffer.Dispose();
        foreach (AlignedMemory memory in memories)
            memory.Dispose();
    }

    private (Memory<byte> Memory, nint Address) Bytes(Slot slot)
    {
        (int bank, long offset) = plan.Banks.At(slot.Offset);
        return (memories[bank].Memory.Slice((int)offset, (int)slot.Bytes), memories[bank].Address + (nint)offset);
    }
}

/// <summary>An arena in the device's memory; inputs and outputs have pinned host memory beside it, which the device's own engine copies from and to.</summary>
internal sealed unsafe class StagedArena : ArenaMemory
{
    private const int Alignment = 64;

    private readonly OpenClPlan plan;
    private readonly nint queue;
    private readonly List<DeviceBuffer> buffers = [];
    private readonly PinnedBytes[] inputs, outputs;
    private readonly Dictionary<(long Offset, long Bytes), AlignedMemory> borrowed = [];
    private DeviceBuffer? pinned;
    private void* start;

    public StagedArena(OpenClPlan plan, nint queue)
    {
        this.plan = plan;
        this.queue = queue;
        inputs = new PinnedBytes[plan.InputSlots.Count];
        outputs = new PinnedBytes[plan.OutputSlots.Count];
        try
        {
            for (int bank = 0; bank < plan.Banks.Count; bank++)
                buffers.Add(plan.Context.Allocate(plan.Banks.Size(bank)));
            Pin();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override nint Bank(int index) => buffers[index].Handle;

    public override Memory<byte> Input(int index) => inputs[index].Memory;

    public override Memory<byte> Output(int index) => outputs[index].Memory;

    public override void ToDevice()
    {
        for (int i = 0; i < inputs.Length; i++)
            Copy(plan.InputSlots[i], inputs[i].Start, toDevice: true, blocking: false);
    }

    public override void ToHost()
    {
        for (int i = 0; i < outputs.Length; i++)
            Copy(plan.OutputSlots[i], outputs[i].Start, toDevice: false, blocking: false);
    }

    public override (Memory<byte> Memory, nint Address) Borrow(Slot slot)
    {
        if (!borrowed.TryGetValue((slot.Offset, slot.Bytes), out AlignedMemory? memory))
            borrowed[(slot.Offset, slot.Bytes)] = memory = new AlignedMemory(slot.Bytes);
        Copy(slot, (void*)memory.Address, toDevice: false, blocking: true);
        return (memory.Memory, memory.Address);
    }

    public override void Return(Slot slot) => Copy(slot, (void*)borrowed[(slot.Offset, slot.Bytes)].Address, toDevice: true, blocking: true);

    public override void Dispose()
    {
        if (pinned is not null && start is not null)
            _ = plan.Context.Api.EnqueueUnmapMemObject(queue, pinned.Handle, start);
        start = null;
        pinned?.Dispose();
        foreach (DeviceBuffer buffer in buffers)
            buffer.Dispose();
    }

    /// <summary>One block for all inputs and outputs, mapped for as long as the run lives.</summary>
    private void Pin()
    {
        long bytes = 0;
        foreach (Slot slot in plan.InputSlots.Concat(plan.OutputSlots))
            bytes += AlignUp(slot.Bytes);
        pinned = plan.Context.Allocate(bytes, MemFlags.ReadWrite | MemFlags.AllocHostPtr);
        int status;
        start = plan.Context.Api.EnqueueMapBuffer(queue, pinned.Handle, true, MapFlags.Read | MapFlags.Write, 0, (nuint)Math.Max(bytes, 1), &status);
        ClStatus.Check(status, "clEnqueueMapBuffer");
        byte* next = (byte*)start;
        for (int i = 0; i < inputs.Length; i++, next += AlignUp(plan.InputSlots[i - 1].Bytes))
            inputs[i] = new PinnedBytes(next, (int)plan.InputSlots[i].Bytes);
        for (int i = 0; i < outputs.Length; i++, next += AlignUp(plan.OutputSlots[i - 1].Bytes))
            outputs[i] = new PinnedBytes(next, (int)plan.OutputSlots[i].Bytes);
    }

    private void Copy(Slot slot, void* host, bool toDevice, bool blocking)
    {
        if (slot.Bytes == 0)
            return;
        (int bank, long offset) = plan.Banks.At(slot.Offset);
        IClApi api = plan.Context.Api;
        if (toDevice)
            ClStatus.Check(api.EnqueueWriteBuffer(queue, buffers[bank].Handle, blocking, (nuint)offset, (nuint)slot.Bytes, host), "clEnqueueWriteBuffer");
        else
            ClStatus.Check(api.EnqueueReadBuffer(queue, buffers[bank].Handle, blocking, (nuint)offset, (nuint)slot.Bytes, host), "clEnqueueReadBuffer");
    }

    private static long AlignUp(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>Bytes that the driver owns, for as long as they are mapped.</summary>
    private sealed class PinnedBytes(byte* start, int length) : MemoryManager<byte>
    {
        public void* Start => start;

        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
