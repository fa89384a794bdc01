using Silk.NET.Core.Loader;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Api;

/// <summary>The system's OpenCL loader, through Silk.NET. Each function is a plain call; nothing is kept.</summary>
internal sealed unsafe class SilkApi(CL cl) : IClApi, IDisposable
{
    /// <summary>Called past Silk.NET, whose list of callbacks that it keeps alive for this function is not made for two threads that build at once.</summary>
    private readonly delegate* unmanaged[Cdecl]<nint, uint, nint*, byte*, void*, void*, int> buildProgram =
        (delegate* unmanaged[Cdecl]<nint, uint, nint*, byte*, void*, void*, int>)cl.Context.GetProcAddress("clBuildProgram");

    /// <summary>The loader; null, and why, when the system has none.</summary>
    public static SilkApi? TryLoad(out string? whyNot)
    {
        try
        {
            whyNot = null;
            return new SilkApi(CL.GetApi());
        }
        catch (Exception e) when (e is FileNotFoundException or DllNotFoundException or BadImageFormatException or SymbolLoadingException)
        {
            whyNot = "there is no OpenCL loader on this system (libOpenCL.so.1 or OpenCL.dll)";
            return null;
        }
    }

    public int GetPlatformIds(uint capacity, nint* platforms, uint* count) => cl.GetPlatformIDs(capacity, platforms, count);

    public int GetPlatformInfo(nint platform, PlatformInfo name, nuint size, void* value, nuint* needed) => cl.GetPlatformInfo(platform, name, size, value, needed);

    public int GetDeviceIds(nint platform, DeviceType type, uint capacity, nint* devices, uint* count) => cl.GetDeviceIDs(platform, type, capacity, devices, count);

    public int GetDeviceInfo(nint device, DeviceInfo name, nuint size, void* value, nuint* needed) => cl.GetDeviceInfo(device, name, size, value, needed);

    public nint CreateContext(nint platform, nint device, int* status)
    {
        nint* properties = stackalloc nint[] { (nint)ContextProperties.Platform, platform, 0 };
        return cl.CreateContext(properties, 1, &device, null, null, status);
    }

    public int ReleaseContext(nint context) => cl.ReleaseContext(context);

    public nint CreateCommandQueue(nint context, nint device, CommandQueueProperties properties, int* status) => cl.CreateCommandQueue(context, device, properties, status);

    public int ReleaseCommandQueue(nint queue) => cl.ReleaseCommandQueue(queue);

    public nint CreateBuffer(nint context, MemFlags flags, nuint size, void* host, int* status) => cl.CreateBuffer(context, flags, size, host, status);

    public int ReleaseMemObject(nint buffer) => cl.ReleaseMemObject(buffer);

    public nint CreateProgramWithSource(nint context, byte* text, nuint length, int* status) => cl.CreateProgramWithSource(context, 1, &text, &length, status);

    public nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* status)
    {
        int loaded = 0;
        nint program = cl.CreateProgramWithBinary(context, 1, &device, &length, &binary, &loaded, status);
        if (*status == 0 && loaded != 0)
            *status = loaded;
        return program;
    }

    public int BuildProgram(nint program, nint device, byte* options) => buildProgram(program, 1, &device, options, null, null);

    public int GetProgramInfo(nint program, ProgramInfo name, nuint size, void* value, nuint* needed) => cl.GetProgramInfo(program, name, size, value, needed);

    public int GetProgramBuildInfo(nint program, nint device, ProgramBuildInfo name, nuint size, void* value, nuint* needed) =>
        cl.GetProgramBuildInfo(program, device, name, size, value, needed);

    public int ReleaseProgram(nint program) => cl.ReleaseProgram(program);

    public nint CreateKernel(nint program, byte* name, int* status) => cl.CreateKernel(program, name, status);

    public int SetKernelArg(nint kernel, uint index, nuint size, void* value) => cl.SetKernelArg(kernel, index, size, value);

    public int ReleaseKernel(nint kernel) => cl.ReleaseKernel(kernel);

    public int EnqueueNdRangeKernel(nint queue, nint kernel, uint axes, nuint* global, nuint* local, nint* completion) =>
        cl.EnqueueNdrangeKernel(queue, kernel, axes, null, global, local, 0, null, completion);

    public int EnqueueReadBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* to) =>
        cl.EnqueueReadBuffer(queue, buffer, blocking, offset, size, to, 0, null, null);

    public int EnqueueWriteBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* from) =>
        cl.EnqueueWriteBuffer(queue, buffer, blocking, offset, size, from, 0, null, null);

    public int EnqueueCopyBuffer(nint queue, nint from, nint to, nuint fromOffset, nuint toOffset, nuint size) =>
        cl.EnqueueCopyBuffer(queue, from, to, fromOffset, toOffset, size, 0, null, null);

    public int EnqueueFillBuffer(nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size) =>
        cl.EnqueueFillBuffer(queue, buffer, pattern, patternSize, offset, size, 0, null, null);

    public void* EnqueueMapBuffer(nint queue, nint buffer, bool blocking, MapFlags flags, nuint offset, nuint size, int* status) =>
        cl.EnqueueMapBuffer(queue, buffer, blocking, flags, offset, size, 0, null, null, status);

    public int EnqueueUnmapMemObject(nint queue, nint buffer, void* mapped) => cl.EnqueueUnmapMemObject(queue, buffer, mapped, 0, null, null);

    public int EnqueueMarker(nint queue, nint* completion) => cl.EnqueueMarkerWithWaitList(queue, 0, null, completion);

    public int GetEventInfo(nint completion, EventInfo name, nuint size, void* value, nuint* needed) => cl.GetEventInfo(completion, name, size, value, needed);

    public int GetEventProfilingInfo(nint completion, ProfilingInfo name, nuint size, void* value, nuint* needed) =>
        cl.GetEventProfilingInfo(completion, name, size, value, needed);

    public int ReleaseEvent(nint completion) => cl.ReleaseEvent(completion);

    public int Flush(nint queue) => cl.Flush(queue);

    public int Finish(nint queue) => cl.Finish(queue);

    public void Dispose() => cl.Dispose();
}
