using System.Text;
using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Devices;

/// <summary>Answers of a driver's information functions, read in full. What a driver does not answer is 0 or empty.</summary>
internal static unsafe class InfoReader
{
    /// <summary>A question that is asked twice: for the answer's size, then for the answer.</summary>
    private delegate int Question(nuint size, void* value, nuint* needed);

    public static string Text(IClApi api, nint platform, PlatformInfo name) => Answer((size, value, needed) => api.GetPlatformInfo(platform, name, size, value, needed));

    public static string Text(IClApi api, nint device, DeviceInfo name) => Answer((size, value, needed) => api.GetDeviceInfo(device, name, size, value, needed));

    public static string BuildLog(IClApi api, nint program, nint device) =>
        Answer((size, value, needed) => api.GetProgramBuildInfo(program, device, ProgramBuildInfo.BuildLog, size, value, needed));

    /// <summary>A number of four or eight bytes.</summary>
    public static ulong Number(IClApi api, nint device, DeviceInfo name)
    {
        ulong value = 0;
        return api.GetDeviceInfo(device, name, sizeof(ulong), &value, null) == ClStatus.Success ? value : 0;
    }

    private static string Answer(Question ask)
    {
        nuint size = 0;
        if (ask(0, null, &size) != ClStatus.Success)
            return "";
        var text = new byte[size];
        fixed (byte* start = text)
            return ask(size, start, null) == ClStatus.Success ? Encoding.UTF8.GetString(text).TrimEnd('\0').Trim() : "";
    }
}
