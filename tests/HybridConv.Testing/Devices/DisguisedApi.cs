using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.Testing.Devices;

/// <summary>A real device that says something else about itself.</summary>
internal sealed unsafe class DisguisedApi(IClApi inner) : ApiLayer(inner)
{
    /// <summary>What it claims to be; null for the truth.</summary>
    public DeviceType? Type { get; init; }

    /// <summary>The largest buffer that it allows; null for the truth.</summary>
    public ulong? MaxAllocation { get; init; }

    public override int GetDeviceInfo(nint device, DeviceInfo name, nuint size, void* value, nuint* needed) => name switch
    {
        DeviceInfo.Type when Type is { } type => DeviceAnswers.Write((ulong)type, size, value, needed),
        DeviceInfo.MaxMemAllocSize when MaxAllocation is { } bytes => DeviceAnswers.Write(bytes, size, value, needed),
        _ => base.GetDeviceInfo(device, name, size, value, needed),
    };
}
