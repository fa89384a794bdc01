using System.Text;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;
using HybridConv.Targets;

namespace HybridConv.OpenCL.Tuning;

/// <summary>Measurements of devices that come with the library: <c>opencl/tuned/DEVICE.json</c>.</summary>
internal static class ShippedTimes
{
    private const string Folder = "opencl/tuned/";

    /// <summary>A device's table; null when there is none.</summary>
    public static TuningTable? Of(string device)
    {
        string name = Folder + TunedRows.FileName(device);
        return KernelSource.Has(name) ? TuningTable.Read(Encoding.UTF8.GetBytes(KernelSource.Read(name))) : null;
    }
}
