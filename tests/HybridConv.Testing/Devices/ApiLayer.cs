using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.Testing.Devices;

/// <summary>OpenCL's functions as another layer gives them; layers that stand in between change some.</summary>
internal abstract unsafe class ApiLayer(IClApi inner) : IClApi
{
    protected IClApi Inner => inner;

    public virtual int GetPlatformIds(uint capacity, nint* platforms, uint* count) => inner.GetPlatformIds(capacity, platforms, count);

    public virtual int GetPlatformInfo(nint platform, PlatformInfo name, nuint size, void* value, nuint* needed) => inner.GetPlatformInfo(platform, name, size, value, needed);

    public virtual int GetDeviceIds(nint platform, DeviceType type, uint capacity, nint* devices, uint* count) => inner.GetDeviceIds(platform, type, capacity, devices, count);

    public virtual int GetDeviceInfo(nint device, DeviceInfo name, nuint size, void* value, nuint* needed) => inner.GetDeviceInfo(device, name, size, value, needed);

    public virtual nint CreateContext(nint platform, nint device, int* status) => inner.CreateContext(platform, device, status);

    public virtual int ReleaseContext(nint context) => inner.ReleaseContext(context);

    public virtual nint CreateCommandQueue(nint context, nint device, CommandQueueProperties properties, int* status) => inner.CreateCommandQueue(context, device, properties, status);

    public virtual int ReleaseCommandQueue(nint queue) => inner.ReleaseCommandQueue(queue);

    public virtual nint CreateBuffer(nint context, MemFlags flags, nuint size, void* host, int* status) => inner.CreateBuffer(context, flags, size, host, status);

    public virtual int ReleaseMemObject(nint buffer) => inner.ReleaseMemObject(buffer);

    public virtual nint CreateProgramWithSource(nint context, byte* text, nuint length, int* status) => inner.CreateProgramWithSource(context, text, length, status);

    public virtual nint CreateProgramWithBinary(nint context, nint device, byte* binary, nuint length, int* status) => inner.CreateProgramWithBinary(context, device, binary, length, status);

    public virtual int BuildProgram(nint program, nint device, byte* options) => inner.BuildProgram(program, device, options);

    public virtual int GetProgramInfo(nint program, ProgramInfo name, nuint size, void* value, nuint* needed) => inner.GetProgramInfo(program, name, size, value, needed);

    public virtual int GetProgramBuildInfo(nint program, nint device, ProgramBuildInfo name, nuint size, void* value, nuint* needed) =>
        inner.GetProgramBuildInfo(program, device, name, size, value, needed);

    public virtual int ReleaseProgram(nint program) => inner.ReleaseProgram(program);

    public virtual nint CreateKernel(nint program, byte* name, int* status) => inner.CreateKernel(program, name, status);

    public virtual int SetKernelArg(nint kernel, uint index, nuint size, void* value) => inner.SetKernelArg(kernel, index, size, value);

    public virtual int ReleaseKernel(nint kernel) => inner.ReleaseKernel(kernel);

    public virtual int EnqueueNdRangeKernel(nint queue, nint kernel, uint axes, nuint* global, nuint* local, nint* completion) =>
        inner.EnqueueNdRangeKernel(queue, kernel, axes, global, local, completion);

    public virtual int EnqueueReadBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* to) => inner.EnqueueReadBuffer(queue, buffer, blocking, offset, size, to);

    public virtual int EnqueueWriteBuffer(nint queue, nint buffer, bool blocking, nuint offset, nuint size, void* from) => inner.EnqueueWriteBuffer(queue, buffer, blocking, offset, size, from);

    public virtual int EnqueueCopyBuffer(nint queue, nint from, nint to, nuint fromOffset, nuint toOffset, nuint size) => inner.EnqueueCopyBuffer(queue, from, to, fromOffset, toOffset, size);

    public virtual int EnqueueFillBuffer(nint queue, nint buffer, void* pattern, nuint patternSize, nuint offset, nuint size) =>
        inner.EnqueueFillBuffer(queue, buffer, pattern, patternSize, offset, size);

    public virtual void* EnqueueMapBuffer(nint queue, nint buffer, bool blocking, MapFlags flags, nuint offset, nuint size, int* status) =>
        inner.EnqueueMapBuffer(queue, buffer, blocking, flags, offset, size, status);

    public virtual int EnqueueUnmapMemObject(nint queue, nint buffer, void* mapped) => inner.EnqueueUnmapMemObject(queue, buffer, mapped);

    public virtual int EnqueueMarker(nint queue, nint* completion) => inner.EnqueueMarker(queue, completion);

    public virtual int GetEventInfo(nint completion, EventInfo name, nuint size, void* value, nuint* needed) => inner.GetEventInfo(completion, name, size, value, needed);

    public virtual int GetEventProfilingInfo(nint completion, ProfilingInfo name, nuint size, void* value, nuint* needed) =>
        inner.GetEventProfilingInfo(completion, name, size, value, needed);

    public virtual int ReleaseEvent(nint completion) => inner.ReleaseEvent(completion);

    public virtual int Flush(nint queue) => inner.Flush(queue);

    public virtual int Finish(nint queue) => inner.Finish(queue);
}
