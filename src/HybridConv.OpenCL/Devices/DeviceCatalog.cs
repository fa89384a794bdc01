using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Devices;

/// <summary>One device as users name it.</summary>
/// <param name="Index">Its place among all devices: <c>opencl:0</c>.</param>
/// <param name="PlatformIndex">With <paramref name="DeviceIndex"/>, its place by platform: <c>opencl:0.0</c>.</param>
/// <param name="DeviceIndex">Within the platform.</param>
/// <param name="Platform">The handle.</param>
/// <param name="Id">The handle.</param>
/// <param name="Facts">What it says about itself.</param>
internal sealed record DeviceEntry(int Index, int PlatformIndex, int DeviceIndex, nint Platform, nint Id, DeviceFacts Facts)
{
    public string Target => $"opencl:{Index}";
}

/// <summary>The devices of all OpenCL platforms, in the drivers' order, and what stands in the way where there are none. Making one never throws.</summary>
internal sealed unsafe class DeviceCatalog
{
    /// <summary>Drivers start up when they are first asked for devices, and not all of them can be asked by two threads then (PoCL 3.1 cannot).</summary>
    private static readonly Lock Discovery = new();

    private DeviceCatalog(IReadOnlyList<DeviceEntry> devices, string? whyNone)
    {
        Devices = devices;
        WhyNone = whyNone;
    }

    public IReadOnlyList<DeviceEntry> Devices { get; }

    /// <summary>In one sentence, why there is no device; null when there is one.</summary>
    public string? WhyNone { get; }

    public static DeviceCatalog None(string why) => new([], why);

    public static DeviceCatalog Of(IClApi api)
    {
        lock (Discovery)
            return Discover(api);
    }

    private static DeviceCatalog Discover(IClApi api)
    {
        uint count = 0;
        int status = api.GetPlatformIds(0, null, &count);
        if (status == ClStatus.NoPlatform || (status == ClStatus.Success && count == 0))
            return None("there is an OpenCL loader, but no driver is registered with it");
        if (status != ClStatus.Success)
            return None($"the OpenCL loader answered {ClStatus.Name(status)}");
        var platforms = new nint[count];
        fixed (nint* start = platforms)
            status = api.GetPlatformIds(count, start, &count);
        if (status != ClStatus.Success)
            return None($"the OpenCL loader answered {ClStatus.Name(status)}");

        var devices = new List<DeviceEntry>();
        for (int p = 0; p < platforms.Length; p++)
            foreach ((int d, nint id) in Ids(api, platforms[p]).Index())
                devices.Add(new DeviceEntry(devices.Count, p, d, platforms[p], id, DeviceFacts.Of(api, platforms[p], id)));
        return devices.Count > 0 ? new DeviceCatalog(devices, null) : None($"{platforms.Length} OpenCL drivers are installed, but they see no device");
    }

    /// <summary>The device that a target's name means: <c>opencl</c>, <c>opencl:0</c>, <c>opencl:0.1</c>, or <c>opencl:</c> and a part of its name.</summary>
    /// <exception cref="DeviceException">No device, or no such device; names those that there are.</exception>
    public DeviceEntry Find(string target)
    {
        if (Devices.Count == 0)
            throw new DeviceException($"There is no OpenCL device: {WhyNone}. On Debian and Ubuntu: apt install pocl-opencl-icd, or your GPU's driver.", ErrorCode.NoSuchTarget);
        string wanted = target.Contains(':') ? target[(target.IndexOf(':') + 1)..] : Knobs.OpenClDevice ?? "";
        DeviceEntry? found = wanted.Length == 0
            ? Devices.OrderByDescending(Rank).First()
            : wanted.All(c => char.IsAsciiDigit(c) || c == '.')
                ? Devices.FirstOrDefault(d => wanted == $"{d.Index}" || wanted == $"{d.PlatformIndex}.{d.DeviceIndex}")
                : Devices.FirstOrDefault(d => d.Facts.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase) || d.Facts.Platform.Contains(wanted, StringComparison.OrdinalIgnoreCase));
        return found ?? throw new DeviceException(
            $"There is no OpenCL device '{wanted}'. Devices: {string.Join("; ", Devices.Select(d => $"{d.Target} {d.Facts.Name}"))}.", ErrorCode.NoSuchTarget);
    }

    /// <summary>Discrete GPUs before others, then processors; larger ones first.</summary>
    private static long Rank(DeviceEntry device)
    {
        DeviceFacts facts = device.Facts;
        long kind = facts.Type.HasFlag(DeviceType.Gpu) ? facts.Kind is DeviceVendor.Nvidia or DeviceVendor.Amd ? 3 : 2 : facts.IsCpu ? 1 : 0;
        return (kind << 40) + ((long)facts.ComputeUnits << 20);
    }

    private static nint[] Ids(IClApi api, nint platform)
    {
        uint count = 0;
        if (api.GetDeviceIds(platform, DeviceType.All, 0, null, &count) != ClStatus.Success || count == 0)
            return [];
        var ids = new nint[count];
        fixed (nint* start = ids)
            return api.GetDeviceIds(platform, DeviceType.All, count, start, &count) == ClStatus.Success ? ids : [];
    }
}
