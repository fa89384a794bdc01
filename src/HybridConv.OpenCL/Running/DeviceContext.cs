using System.Text;
using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.Planning;
using HybridConv.Targets;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Running;

/// <summary>
/// One device opened: its context, the programs built for it and the weights that lie in its memory. Shared by the plans and runs of a session and closed when
/// the last of them lets go, so that closing a session under a running run does no harm. Thread-safe. Nothing is released by a finaliser: drivers may be gone
/// when a process ends.
/// </summary>
internal sealed unsafe class DeviceContext
{
    private readonly object gate = new();
    private readonly Dictionary<PackedWeights, DeviceBuffer> weights = [];
    private readonly nint context;
    private int holders = 1;

    /// <param name="api">OpenCL's functions.</param>
    /// <param name="device">The device to open.</param>
    /// <param name="cache">Where built programs are kept; null to keep none.</param>
    /// <param name="sources">The kernels' texts; null for those of this assembly.</param>
    /// <exception cref="DeviceException">The device cannot be opened.</exception>
    public DeviceContext(IClApi api, DeviceEntry device, CacheFolder? cache = null, KernelSource? sources = null)
    {
        Api = api;
        Device = device;
        int status;
        context = api.CreateContext(device.Platform, device.Id, &status);
        ClStatus.Check(status, "clCreateContext");
        Programs = new ProgramStore(api, device, context, sources ?? KernelSource.Embedded, cache ?? new CacheFolder(null));
    }

    public IClApi Api { get; }
    public DeviceEntry Device { get; }
    public ProgramStore Programs { get; }

    /// <summary>Whether the device works in the host's own memory, so that buffers are made of it and nothing is copied.</summary>
    public bool SharesHostMemory => Device.Facts.IsCpu;

    /// <summary>One more holder; each calls <see cref="Release"/> once.</summary>
    public DeviceContext Hold()
    {
        Interlocked.Increment(ref holders);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref holders) > 0)
            return;
        foreach (DeviceBuffer buffer in weights.Values)
            buffer.Dispose();
        Programs.Release();
        _ = Api.ReleaseContext(context);
    }

    /// <summary>An in-order queue; the caller releases it.</summary>
    public nint CreateQueue(CommandQueueProperties properties = CommandQueueProperties.None)
    {
        int status;
        nint queue = Api.CreateCommandQueue(context, Device.Id, properties, &status);
        ClStatus.Check(status, "clCreateCommandQueue");
        return queue;
    }

    /// <summary>Device memory whose contents are undefined.</summary>
    public DeviceBuffer Allocate(long bytes, MemFlags flags = MemFlags.ReadWrite) => Create(flags, bytes, null);

    /// <summary>A buffer on host memory, which must stay alive and, between mapping and unmapping, untouched.</summary>
    public DeviceBuffer Wrap(AlignedMemory memory) => Create(MemFlags.ReadWrite | MemFlags.UseHostPtr, memory.Bytes, (void*)memory.Address);

    /// <summary>Packed weights in the device's memory, once for all plans.</summary>
    public DeviceBuffer Weights(PackedWeights packed)
    {
        lock (gate)
        {
            if (!weights.TryGetValue(packed, out DeviceBuffer? buffer))
            {
                MemFlags source = SharesHostMemory ? MemFlags.UseHostPtr : MemFlags.CopyHostPtr;
                weights[packed] = buffer = packed.Bytes == 0 ? Allocate(0) : Create(MemFlags.ReadOnly | source, packed.Bytes, (void*)packed.Address);
            }
            return buffer;
        }
    }

    /// <summary>Lets go of packed weights that no run uses any more.</summary>
    public void Forget(PackedWeights packed)
    {
        lock (gate)
            if (weights.Remove(packed, out DeviceBuffer? buffer))
                buffer.Dispose();
    }

    /// <summary>A kernel object of its own for the caller, who releases it; builds the program when nobody has before.</summary>
    public nint CreateKernel(ClProgram program, string function)
    {
        nint built = Programs.Get(program);
        int status;
        nint kernel;
        fixed (byte* name = Encoding.UTF8.GetBytes(function + '\0'))
            kernel = Api.CreateKernel(built, name, &status);
        ClStatus.Check(status, $"clCreateKernel ({function} of {program.File})");
        return kernel;
    }

    /// <summary>A driver refuses buffers of no bytes: there is always a little.</summary>
    private DeviceBuffer Create(MemFlags flags, long bytes, void* host)
    {
        int status;
        if (bytes > Device.Facts.MaxAllocation)
            throw new ResourceLimitException($"a buffer of {bytes} bytes is over the limit of {Device.Facts.Name}, {Device.Facts.MaxAllocation}");
        nint handle = Api.CreateBuffer(context, flags, (nuint)Math.Max(bytes, 64), host, &status);
        ClStatus.Check(status, $"clCreateBuffer ({bytes} bytes)");
        return new DeviceBuffer(Api, handle, bytes);
    }
}
