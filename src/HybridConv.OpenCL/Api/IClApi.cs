using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Api;

/// <summary>
/// The functions of OpenCL 1.2 that the target calls, as C declares them: handles are <c>nint</c>, creating functions return the handle (0 on failure)
/// and report through <c>status</c>, all others return the status. Everything that reaches a driver goes through here, so that tests can stand in between.
/// </summary>
internal unsafe interface IClApi
{
    int GetPlatformIds(uint capacity, nint* platforms, uint* count);

    int GetPlatformInfo(nint platform, PlatformInfo name, nuint size, void* value, nuint* needed);

    int GetDeviceIds(nint platform, DeviceType type, uint capacity, nint* devices, uint* count);

    int GetDeviceInfo(nint device, DeviceInfo name, nuint size, void* value, nuint* needed);

    nint CreateContext(nint platform, nint device, int* status);

    int ReleaseContext(nint context);

    nint CreateCommandQueue(nint context, nint device, CommandQueueProperties properties, int* status);

    int ReleaseCommandQueue(nint queue);

    nint CreateBuffer(nint context, MemFlags flags, nuint size, void* host, int* status);

    int ReleaseMemObject(nint buffer);

    nint CreateProgramWithSource(nint context, byte* text, nuint length, int* status);

    nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* status);

    int BuildProgram(nint program, nint device, byte* options);

    int GetProgramInfo(nint program, ProgramInfo name, nuint size, void* value, nuint* needed);

    int GetProgramBuildInfo(nint program, nint device, ProgramBuildInfo name, nuint size, void* value, nuint* needed);

    int ReleaseProgram(nint program);

    nint CreateKernel(nint program, byte* name, int* status);

    int SetKernelArg(nint kernel, uint index, nuint size, void* value);

    int ReleaseKernel(nint kernel);

    int EnqueueNdRangeKernel(nint queue, nint kernel, uint axes, nuint* global, nuint* local, nint* completion);

    int EnqueueReadBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* to);

    int EnqueueWriteBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* from);

    int EnqueueCopyBuffer(nint queue, nint from, nint to, nuint fromOffset, nuint toOffset, nuint size);

    int EnqueueFillBuffer(nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size);

    void* EnqueueMapBuffer(nint queue, nint buffer, bool blocking, MapFlags flags, nuint offset, nuint size, int* status);

    int EnqueueUnmapMemObject(nint queue, nint buffer, void* mapped);

    int EnqueueMarker(nint queue, nint* completion);

    int GetEventInfo(nint completion, EventInfo name, nuint size, void* value, nuint* needed);

    int GetEventProfilingInfo(nint completion, ProfilingInfo name, nuint size, void* value, nuint* needed);

    int ReleaseEvent(nint completion);

    int Flush(nint queue);

    int Finish(nint queue);
}
