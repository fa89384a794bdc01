using System.Text;
using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Devices;

/// <summary>Answers of a driver's information functions, read in full. What a driver does not answer is 0 or empty.</summary>
internal static unsafe class InfoReader
{
    public static string Text(IClApi api, nint platform, PlatformInfo name)
    {
        nuint size = 0;
        if (api.GetPlatformInfo(platform, name, 0, null, &size) != ClStatus.Success)
            return "";
        var text = new byte[size];
        fixed (byte* start = text)
            return api.GetPlatformInfo(platform, name, size, start, null) == ClStatus.Success ? Decode(text) : "";
    }

    public static string Text(IClApi api, nint device, DeviceInfo name)
    {
        nuint size = 0;
        if (api.GetDeviceInfo(device, name, 0, null, &size) != ClStatus.Success)
            return "";
        var text = new byte[size];
        fixed (byte* start = text)
            return api.GetDeviceInfo(device, name, size, start, null) == ClStatus.Success ? Decode(text) : "";
    }

    /// <summary>A number of four or eight bytes.</summary>
    public static ulong Number(IClApi api, nint device, DeviceInfo name)
    {
        ulong value = 0;
        return api.GetDeviceInfo(device, name, sizeof(ulong), &value, null) == ClStatus.Success ? value : 0;
    }

    public static string BuildLog(IClApi api, nint program, nint device)
    {
        nuint size = 0;
        if (api.GetProgramBuildInfo(program, device, ProgramBuildInfo.BuildLog, 0, null, &size) != ClStatus.Success)
            return "";
        var text = new byte[size];
        fixed (byte* start = text)
            return api.GetProgramBuildInfo(program, device, ProgramBuildInfo.BuildLog, size, start, null) == ClStatus.Success ? Decode(text) : "";
    }

    private static string Decode(byte[] text) => Encoding.UTF8.GetString(text).TrimEnd('\0').Trim();
}
