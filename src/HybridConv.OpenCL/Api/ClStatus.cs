using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Api;

/// <summary>Statuses that OpenCL's functions return: their names, and the errors that they become.</summary>
internal static class ClStatus
{
    public const int Success = 0;
    public const int OutOfDeviceMemory = -4, OutOfResources = -5, OutOfHostMemory = -6, BuildFailure = -11, InvalidBufferSize = -61, NoPlatform = -1001;

    /// <summary>The name as the headers spell it, for example <c>CL_OUT_OF_RESOURCES (-5)</c>.</summary>
    public static string Name(int status) => $"{HeaderName(status)} ({status})";

    /// <summary>Throws unless the status is a success.</summary>
    /// <param name="status">What a function returned.</param>
    /// <param name="doing">The function, and on what: <c>clCreateBuffer (4096 bytes)</c>.</param>
    /// <exception cref="DeviceException">Names the function and the status.</exception>
    public static void Check(int status, string doing)
    {
        if (status != Success)
            throw Error(status, doing);
    }

    public static DeviceException Error(int status, string doing)
    {
        string meaning = status switch
        {
            OutOfDeviceMemory or OutOfHostMemory or InvalidBufferSize => ": not enough memory for it",
            OutOfResources => ": the device ran out of a resource, or gave up",
            NoPlatform => ": no OpenCL driver is installed",
            _ => "",
        };
        return new DeviceException($"{doing} failed with {Name(status)}{meaning}") { DeviceStatus = HeaderName(status) };
    }

    private static string HeaderName(int status)
    {
        string? name = Enum.GetName((ErrorCodes)status);
        return name is null ? "an unknown error" : "CL_" + Words(name);
    }

    /// <summary>OutOfResources as OUT_OF_RESOURCES, InvalidGLObject as INVALID_GL_OBJECT.</summary>
    private static string Words(string name)
    {
        var words = new System.Text.StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool startsWord = char.IsUpper(name[i]) && i > 0 && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (startsWord)
                words.Append('_');
            words.Append(char.ToUpperInvariant(name[i]));
        }
        return words.ToString();
    }
}
