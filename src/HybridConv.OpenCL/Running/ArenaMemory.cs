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

    /// <summary>Where each buffer is mapped; 0 while the device owns it.</summary>
    private readonly List<nint> mapped = [];

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
        for (int bank = 0; bank < buffers.Count; bank++)
            if (mapped[bank] != 0)
            {
                ClStatus.Check(plan.Context.Api.EnqueueUnmapMemObject(queue, buffers[bank].Handle, (void*)mapped[bank]), "clEnqueueUnmapMemObject");
                mapped[bank] = 0;
            }
    }

    public override void ToHost()
    {
        for (int bank = 0; bank < buffers.Count; bank++)
            if (mapped[bank] == 0)
            {
                int status;
                nint address = (nint)plan.Context.Api.EnqueueMapBuffer(
                    queue, buffers[bank].Handle, false, MapFlags.Read | MapFlags.Write, 0, (nuint)memories[bank].Bytes, &status);
                ClStatus.Check(status, "clEnqueueMapBuffer");
                mapped[bank] = address;
            }
    }

    public override (Memory<byte> Memory, nint Address) Borrow(Slot slot)
    {
        ToHost();
        ClStatus.Check(plan.Context.Api.Finish(queue), "clFinish");
        return Bytes(slot);
    }

    public override void Return(Slot slot) => ToDevice();

    /// <summary>What is still mapped is given back first: drivers count.</summary>
    public override void Dispose()
    {
        for (int bank = 0; bank < mapped.Count; bank++)
            if (mapped[bank] != 0)
                _ = plan.Context.Api.EnqueueUnmapMemObject(queue, buffers[bank].Handle, (void*)mapped[bank]);
        mapped.Clear();
        _ = plan.Context.Api.Finish(queue);
        foreach (DeviceBuffer buffer in buffers)
            buffer.Dispose();
        buffers.Clear();
        foreach (AlignedMemory memory in memories)
            memory.Dispose();
        memories.Clear();
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
    private readonly OpenClPlan plan;
    private readonly nint queue;
    private readonly List<DeviceBuffer> buffers = [];
    private readonly PinnedBytes[] inputs, outputs;
    private readonly Dictionary<(long Offset, long Bytes), AlignedMemory> borrowed = [];

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
            for (int i = 0; i < inputs.Length; i++)
                inputs[i] = new PinnedBytes(plan.Context, queue, plan.InputSlots[i].Bytes);
            for (int i = 0; i < outputs.Length; i++)
                outputs[i] = new PinnedBytes(plan.Context, queue, plan.OutputSlots[i].Bytes);
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
        foreach (IDisposable? bytes in inputs.Concat(outputs))
            bytes?.Dispose();
        foreach (DeviceBuffer buffer in buffers)
            buffer.Dispose();
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

    /// <summary>Host memory that the driver owns, mapped for as long as the run lives.</summary>
    private sealed class PinnedBytes : MemoryManager<byte>
    {
        private readonly DeviceContext context;
        private readonly nint queue;
        private readonly DeviceBuffer buffer;
        private readonly int length;

        public PinnedBytes(DeviceContext context, nint queue, long bytes)
        {
            (this.context, this.queue, length) = (context, queue, checked((int)bytes));
            buffer = context.Allocate(bytes, MemFlags.ReadWrite | MemFlags.AllocHostPtr);
            int status;
            Start = context.Api.EnqueueMapBuffer(queue, buffer.Handle, true, MapFlags.Read | MapFlags.Write, 0, (nuint)Math.Max(bytes, 1), &status);
            if (status == ClStatus.Success)
                return;
            buffer.Dispose();
            throw ClStatus.Error(status, $"clEnqueueMapBuffer ({bytes} bytes)");
        }

        public void* Start { get; private set; }

        public override Span<byte> GetSpan() => Start is null ? throw new ObjectDisposedException(nameof(Run)) : new Span<byte>(Start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)Start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (Start is not null)
                _ = context.Api.EnqueueUnmapMemObject(queue, buffer.Handle, Start);
            Start = null;
            buffer.Dispose();
        }
    }
}
