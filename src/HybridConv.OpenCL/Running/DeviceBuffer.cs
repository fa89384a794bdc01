using HybridConv.OpenCL.Api;

namespace HybridConv.OpenCL.Running;

/// <summary>A block of device memory.</summary>
internal sealed class DeviceBuffer(IClApi api, nint handle, long bytes) : IDisposable
{
    private nint handle = handle;

    public nint Handle => handle;
    public long Bytes => bytes;

    public void Dispose()
    {
        nint released = Interlocked.Exchange(ref handle, 0);
        if (released != 0)
            _ = api.ReleaseMemObject(released);
    }
}
