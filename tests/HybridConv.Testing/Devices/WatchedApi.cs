using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.Testing.Devices;

/// <summary>One call that a driver is to fail.</summary>
/// <param name="Function">As C calls it.</param>
/// <param name="Index">The how-manieth call of that function, from 0.</param>
/// <param name="Status">What it returns.</param>
internal sealed record Fault(string Function, int Index, int Status)
{
    /// <summary>Whether from then on all commands fail, and all waits for them: the device is lost.</summary>
    public bool Lasts { get; init; }
}

/// <summary>
/// A driver under observation: it counts calls, keeps a ledger of everything that is created and released, and fails a call when it is told to. A function that
/// fails has done nothing, but for those that release: they always do. Thread-safe.
/// </summary>
internal sealed unsafe class WatchedApi(IClApi inner) : ApiLayer(inner)
{
    /// <summary>What the ledger calls a buffer's memory while it is the host's.</summary>
    public const string Mapping = "mapping";

    private readonly object gate = new();
    private readonly Dictionary<string, int> calls = [];
    private readonly Dictionary<(string Kind, nint Handle), int> live = [];
    private readonly List<string> misuses = [];
    private bool isLost;

    private static bool IsCommand(string function) => function.StartsWith("clEnqueue", StringComparison.Ordinal) || function is "clFlush" or "clFinish" or "clGetEventInfo";

    /// <summary>The call that fails; null when none does.</summary>
    public Fault? Fault { get; set; }

    /// <summary>Calls so far, by function.</summary>
    public IReadOnlyDictionary<string, int> Calls => calls;

    /// <summary>What was created and not released, one entry each.</summary>
    public IEnumerable<string> Live => live.SelectMany(entry => Enumerable.Repeat(entry.Key.Kind, entry.Value));

    /// <summary>Handles that were released twice, or used when they were gone.</summary>
    public IReadOnlyList<string> Misuses => misuses;

    public override int GetPlatformIds(uint capacity, nint* platforms, uint* count) => Fails("clGetPlatformIDs") ?? base.GetPlatformIds(capacity, platforms, count);

    public override int GetPlatformInfo(nint platform, PlatformInfo name, nuint size, void* value, nuint* needed) =>
        Fails("clGetPlatformInfo") ?? base.GetPlatformInfo(platform, name, size, value, needed);

    public override int GetDeviceIds(nint platform, DeviceType type, uint capacity, nint* devices, uint* count) =>
        Fails("clGetDeviceIDs") ?? base.GetDeviceIds(platform, type, capacity, devices, count);

    public override int GetDeviceInfo(nint device, DeviceInfo name, nuint size, void* value, nuint* needed) =>
        Fails("clGetDeviceInfo") ?? base.GetDeviceInfo(device, name, size, value, needed);

    public override nint CreateContext(nint platform, nint device, int* status) =>
        Fails("clCreateContext", status) ? 0 : Created("context", base.CreateContext(platform, device, status), *status);

    public override int ReleaseContext(nint context) => Released("clReleaseContext", "context", context, base.ReleaseContext);

    public override nint CreateCommandQueue(nint context, nint device, CommandQueueProperties properties, int* status) =>
        Fails("clCreateCommandQueue", status) ? 0 : Created("queue", base.CreateCommandQueue(Used("context", context), device, properties, status), *status);

    public override int ReleaseCommandQueue(nint queue) => Released("clReleaseCommandQueue", "queue", queue, base.ReleaseCommandQueue);

    public override nint CreateBuffer(nint context, MemFlags flags, nuint size, void* host, int* status) =>
        Fails("clCreateBuffer", status) ? 0 : Created("buffer", base.CreateBuffer(Used("context", context), flags, size, host, status), *status);

    public override int ReleaseMemObject(nint buffer) => Released("clReleaseMemObject", "buffer", buffer, base.ReleaseMemObject);

    public override nint CreateProgramWithSource(nint context, byte* text, nuint length, int* status) =>
        Fails("clCreateProgramWithSource", status) ? 0 : Created("program", base.CreateProgramWithSource(Used("context", context), text, length, status), *status);

    public override nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* status) =>
        Fails("clCreateProgramWithBinary", status) ? 0 : Created("program", base.CreateProgramWithBinary(Used("context", context), device, binary, length, status), *status);

    public override int BuildProgram(nint program, nint device, byte* options) => Fails("clBuildProgram") ?? base.BuildProgram(Used("program", program), device, options);

    public override int GetProgramInfo(nint program, ProgramInfo name, nuint size, void* value, nuint* needed) =>
        Fails("clGetProgramInfo") ?? base.GetProgramInfo(Used("program", program), name, size, value, needed);

    public override int GetProgramBuildInfo(nint program, nint device, ProgramBuildInfo name, nuint size, void* value, nuint* needed) =>
        Fails("clGetProgramBuildInfo") ?? base.GetProgramBuildInfo(Used("program", program), device, name, size, value, needed);

    public override int ReleaseProgram(nint program) => Released("clReleaseProgram", "program", program, base.ReleaseProgram);

    public override nint CreateKernel(nint program, byte* name, int* status) =>
        Fails("clCreateKernel", status) ? 0 : Created("kernel", base.CreateKernel(Used("program", program), name, status), *status);

    public override int SetKernelArg(nint kernel, uint index, nuint size, void* value) => Fails("clSetKernelArg") ?? base.SetKernelArg(Used("kernel", kernel), index, size, value);

    public override int ReleaseKernel(nint kernel) => Released("clReleaseKernel", "kernel", kernel, base.ReleaseKernel);

    public override int EnqueueNdRangeKernel(nint queue, nint kernel, uint axes, nuint* global, nuint* local, nint* completion)
    {
        int status = Fails("clEnqueueNDRangeKernel") ?? base.EnqueueNdRangeKernel(Used("queue", queue), Used("kernel", kernel), axes, global, local, completion);
        if (completion is not null)
            Created("event", *completion, status);
        return status;
    }

    public override int EnqueueReadBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* to) =>
        Fails("clEnqueueReadBuffer") ?? base.EnqueueReadBuffer(Used("queue", queue), Used("buffer", buffer), blocking, offset, size, to);

    public override int EnqueueWriteBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* from) =>
        Fails("clEnqueueWriteBuffer") ?? base.EnqueueWriteBuffer(Used("queue", queue), Used("buffer", buffer), blocking, offset, size, from);

    public override int EnqueueCopyBuffer(nint queue, nint from, nint to, nuint fromOffset, nuint toOffset, nuint size) =>
        Fails("clEnqueueCopyBuffer") ?? base.EnqueueCopyBuffer(Used("queue", queue), Used("buffer", from), Used("buffer", to), fromOffset, toOffset, size);

    public override int EnqueueFillBuffer(nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size) =>
        Fails("clEnqueueFillBuffer") ?? base.EnqueueFillBuffer(Used("queue", queue), Used("buffer", buffer), pattern, patternSize, offset, size);

    public override void* EnqueueMapBuffer(nint queue, nint buffer, bool blocking, MapFlags flags, nuint offset, nuint size, int* status)
    {
        if (Fails("clEnqueueMapBuffer", status))
            return null;
        void* mapped = base.EnqueueMapBuffer(Used("queue", queue), Used("buffer", buffer), blocking, flags, offset, size, status);
        Created(Mapping, (nint)mapped, *status);
        return mapped;
    }

    /// <summary>A driver that fails to unmap keeps the mapping.</summary>
    public override int EnqueueUnmapMemObject(nint queue, nint buffer, void* mapped) => Fails("clEnqueueUnmapMemObject")
        ?? Released(null, Mapping, (nint)mapped, address => base.EnqueueUnmapMemObject(Used("queue", queue), Used("buffer", buffer), (void*)address));

    public override int EnqueueMarker(nint queue, nint* completion)
    {
        int status = Fails("clEnqueueMarkerWithWaitList") ?? base.EnqueueMarker(Used("queue", queue), completion);
        Created("event", *completion, status);
        return status;
    }

    public override int GetEventInfo(nint completion, EventInfo name, nuint size, void* value, nuint* needed) =>
        Fails("clGetEventInfo") ?? base.GetEventInfo(Used("event", completion), name, size, value, needed);

    public override int GetEventProfilingInfo(nint completion, ProfilingInfo name, nuint size, void* value, nuint* needed) =>
        Fails("clGetEventProfilingInfo") ?? base.GetEventProfilingInfo(Used("event", completion), name, size, value, needed);

    public override int ReleaseEvent(nint completion) => Released("clReleaseEvent", "event", completion, base.ReleaseEvent);

    public override int Flush(nint queue) => Fails("clFlush") ?? base.Flush(Used("queue", queue));

    public override int Finish(nint queue) => Fails("clFinish") ?? base.Finish(Used("queue", queue));

    /// <summary>Counts a call; the status that it is to fail with, or null.</summary>
    private int? Fails(string function)
    {
        lock (gate)
        {
            int index = calls.GetValueOrDefault(function);
            calls[function] = index + 1;
            bool strikes = Fault is { } fault && fault.Function == function && fault.Index == index;
            isLost |= strikes && Fault!.Lasts;
            return strikes || (isLost && IsCommand(function)) ? Fault!.Status : null;
        }
    }

    private bool Fails(string function, int* status)
    {
        int? fault = Fails(function);
        *status = fault ?? ClStatus.Success;
        return fault is not null;
    }

    private nint Created(string kind, nint handle, int status)
    {
        if (status == ClStatus.Success)
            lock (gate)
                live[(kind, handle)] = live.GetValueOrDefault((kind, handle)) + 1;
        return handle;
    }

    private nint Used(string kind, nint handle)
    {
        lock (gate)
            if (!live.ContainsKey((kind, handle)))
                misuses.Add($"a {kind} was used that is not there");
        return handle;
    }

    private int Released(string? function, string kind, nint handle, Func<nint, int> release)
    {
        int? fault = function is null ? null : Fails(function);
        lock (gate)
        {
            int count = live.GetValueOrDefault((kind, handle));
            if (count == 0)
            {
                misuses.Add($"a {kind} was released that is not there");
                return fault ?? ClStatus.Success;
            }
            if (count == 1)
                live.Remove((kind, handle));
            else
                live[(kind, handle)] = count - 1;
        }
        int status = release(handle);
        return fault ?? status;
    }
}
