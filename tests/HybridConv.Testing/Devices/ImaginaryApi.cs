using System.Runtime.InteropServices;
using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.Testing.Devices;

/// <summary>What an imaginary device says about itself.</summary>
internal sealed record ImaginaryDevice(string Name, DeviceType Type)
{
    public string Vendor { get; init; } = "";
    public ulong ComputeUnits { get; init; } = 8;
    public ulong LocalBytes { get; init; } = 32 << 10;
    public DeviceLocalMemType LocalMemory { get; init; } = DeviceLocalMemType.Local;
    public ulong MaxAllocation { get; init; } = 1 << 30;
    public DeviceFpConfig Single { get; init; } = DeviceFpConfig.Fma | DeviceFpConfig.Denorm | DeviceFpConfig.CorrectlyRoundedDivideSqrt;
    public bool Compiles { get; init; } = true;
}

/// <summary>Platforms and devices that no driver is behind: everything succeeds, memory is there, and kernels do nothing.</summary>
internal sealed unsafe class ImaginaryApi(params (string Name, ImaginaryDevice[] Devices)[] platforms) : IClApi
{
    private const int NotFound = -1, InvalidValue = -30;

    private readonly Dictionary<nint, nint> memories = [];
    private nint handles = 1000;

    /// <summary>What a driver without devices or platforms answers; null for the usual.</summary>
    public int? Status { get; init; }

    public int GetPlatformIds(uint capacity, nint* ids, uint* count)
    {
        *count = (uint)platforms.Length;
        for (int i = 0; i < Math.Min(capacity, platforms.Length); i++)
            ids[i] = i + 1;
        return Status ?? ClStatus.Success;
    }

    public int GetPlatformInfo(nint platform, PlatformInfo name, nuint size, void* value, nuint* needed) =>
        name == PlatformInfo.Name ? DeviceAnswers.Write(platforms[platform - 1].Name, size, value, needed) : InvalidValue;

    public int GetDeviceIds(nint platform, DeviceType type, uint capacity, nint* devices, uint* count)
    {
        ImaginaryDevice[] all = platforms[platform - 1].Devices;
        *count = (uint)all.Length;
        for (int i = 0; i < Math.Min(capacity, all.Length); i++)
            devices[i] = Handle(platform, i);
        return all.Length == 0 ? NotFound : ClStatus.Success;
    }

    public int GetDeviceInfo(nint device, DeviceInfo name, nuint size, void* value, nuint* needed)
    {
        ImaginaryDevice asked = Device(device);
        return name switch
        {
            DeviceInfo.Name => DeviceAnswers.Write(asked.Name, size, value, needed),
            DeviceInfo.Vendor => DeviceAnswers.Write(asked.Vendor, size, value, needed),
            DeviceInfo.DriverVersion => DeviceAnswers.Write("1.0", size, value, needed),
            DeviceInfo.Version => DeviceAnswers.Write("OpenCL 1.2", size, value, needed),
            DeviceInfo.Type => DeviceAnswers.Write((ulong)asked.Type, size, value, needed),
            DeviceInfo.MaxComputeUnits => DeviceAnswers.Write(asked.ComputeUnits, size, value, needed),
            DeviceInfo.MaxClockFrequency => DeviceAnswers.Write(1000, size, value, needed),
            DeviceInfo.MaxWorkGroupSize => DeviceAnswers.Write(1024, size, value, needed),
            DeviceInfo.LocalMemSize => DeviceAnswers.Write(asked.LocalBytes, size, value, needed),
            DeviceInfo.LocalMemType => DeviceAnswers.Write((ulong)asked.LocalMemory, size, value, needed),
            DeviceInfo.GlobalMemSize => DeviceAnswers.Write(4 * asked.MaxAllocation, size, value, needed),
            DeviceInfo.MaxMemAllocSize => DeviceAnswers.Write(asked.MaxAllocation, size, value, needed),
            DeviceInfo.PreferredVectorWidthFloat => DeviceAnswers.Write(4, size, value, needed),
            DeviceInfo.SingleFPConfig => DeviceAnswers.Write((ulong)asked.Single, size, value, needed),
            DeviceInfo.CompilerAvailable => DeviceAnswers.Write(asked.Compiles ? 1UL : 0, size, value, needed),
            _ => InvalidValue,
        };
    }

    public nint CreateContext(nint platform, nint device, int* status) => New(status);

    public int ReleaseContext(nint context) => ClStatus.Success;

    public nint CreateCommandQueue(nint context, nint device, CommandQueueProperties properties, int* status) => New(status);

    public int ReleaseCommandQueue(nint queue) => ClStatus.Success;

    public nint CreateBuffer(nint context, MemFlags flags, nuint size, void* host, int* status)
    {
        nint buffer = New(status);
        memories[buffer] = (nint)NativeMemory.AllocZeroed(size);
        return buffer;
    }

    public int ReleaseMemObject(nint buffer)
    {
        memories.Remove(buffer, out nint memory);
        NativeMemory.Free((void*)memory);
        return ClStatus.Success;
    }

    public nint CreateProgramWithSource(nint context, byte* text, nuint length, int* status) => New(status);

    public nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* status) => New(status);

    public int BuildProgram(nint program, nint device, byte* options) => ClStatus.Success;

    public int GetProgramInfo(nint program, ProgramInfo name, nuint size, void* value, nuint* needed) => InvalidValue;

    public int GetProgramBuildInfo(nint program, nint device, ProgramBuildInfo name, nuint size, void* value, nuint* needed) => InvalidValue;

    public int ReleaseProgram(nint program) => ClStatus.Success;

    public nint CreateKernel(nint program, byte* name, int* status) => New(status);

    public int SetKernelArg(nint kernel, uint index, nuint size, void* value) => ClStatus.Success;

    public int ReleaseKernel(nint kernel) => ClStatus.Success;

    public int EnqueueNdRangeKernel(nint queue, nint kernel, uint axes, nuint* global, nuint* local, nint* completion) => ClStatus.Success;

    public int EnqueueReadBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* to)
    {
        new ReadOnlySpan<byte>((byte*)memories[buffer] + offset, (int)size).CopyTo(new Span<byte>(to, (int)size));
        return ClStatus.Success;
    }

    public int EnqueueWriteBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* from)
    {
        new ReadOnlySpan<byte>(from, (int)size).CopyTo(new Span<byte>((byte*)memories[buffer] + offset, (int)size));
        return ClStatus.Success;
    }

    public int EnqueueCopyBuffer(nint queue, nint from, nint to, nuint fromOffset, nuint toOffset, nuint size) => ClStatus.Success;

    public int EnqueueFillBuffer(nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size) => ClStatus.Success;

    public void* EnqueueMapBuffer(nint queue, nint buffer, bool blocking, MapFlags flags, nuint offset, nuint size, int* status)
    {
        *status = ClStatus.Success;
        return (byte*)memories[buffer] + offset;
    }

    public int EnqueueUnmapMemObject(nint queue, nint buffer, void* mapped) => ClStatus.Success;

    public int EnqueueMarker(nint queue, nint* completion)
    {
        *completion = ++handles;
        return ClStatus.Success;
    }

    /// <summary>Whatever is asked is 0: every command is complete.</summary>
    public int GetEventInfo(nint completion, EventInfo name, nuint size, void* value, nuint* needed)
    {
        new Span<byte>(value, (int)size).Clear();
        return ClStatus.Success;
    }

    public int GetEventProfilingInfo(nint completion, ProfilingInfo name, nuint size, void* value, nuint* needed) => InvalidValue;

    public int ReleaseEvent(nint completion) => ClStatus.Success;

    public int Flush(nint queue) => ClStatus.Success;

    public int Finish(nint queue) => ClStatus.Success;

    private static nint Handle(nint platform, int index) => platform * 100 + index;

    private ImaginaryDevice Device(nint handle) => platforms[(int)(handle / 100) - 1].Devices[(int)(handle % 100)];

    private nint New(int* status)
    {
        *status = ClStatus.Success;
        return ++handles;
    }
}
