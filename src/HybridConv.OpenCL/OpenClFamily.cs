using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.Targets;

namespace HybridConv.OpenCL;

/// <summary>The OpenCL devices of this machine, as the engine's target list finds them.</summary>
internal sealed class OpenClFamily : ITargetFamily
{
    private readonly IClApi? api;
    private readonly DeviceCatalog catalog;

    public OpenClFamily() : this(SilkApi.TryLoad(out string? whyNot), whyNot)
    {
    }

    /// <param name="api">OpenCL's functions; null where there are none.</param>
    /// <param name="whyNot">Why there are none.</param>
    public OpenClFamily(IClApi? api, string? whyNot)
    {
        this.api = api;
        catalog = api is null ? DeviceCatalog.None(whyNot!) : DeviceCatalog.Of(api);
    }

    public IReadOnlyList<TargetLine> Lines => catalog.Devices.Count > 0
        ? [.. catalog.Devices.Select(Line)]
        : [new TargetLine("opencl", false, $"{catalog.WhyNone}", [])];

    public ITarget Open(string name, SessionOptions options, bool mixes) => new OpenClTarget(api!, catalog.Find(name), options, mixes);

    private static TargetLine Line(DeviceEntry device)
    {
        DeviceFacts facts = device.Facts;
        return new TargetLine(device.Target, true, $"{facts.Name} ({facts.Platform})",
        [
            ("name by platform", $"opencl:{device.PlatformIndex}.{device.DeviceIndex}"),
            ("vendor", facts.Vendor),
            ("version", facts.Version),
            ("driver", facts.Driver),
            ("compute units", $"{facts.ComputeUnits} at {facts.ClockMegahertz} MHz"),
            ("memory", $"{facts.GlobalBytes >> 20} MiB, at most {facts.MaxAllocation >> 20} MiB in one buffer"),
            ("local memory", $"{facts.LocalBytes >> 10} KiB{(facts.HasLocalMemory ? "" : ", not on chip")}"),
            ("work-group", $"at most {facts.MaxWorkGroup} work-items"),
            ("kernels", $"profile {facts.Profile.ToString().ToLowerInvariant()}{(facts.IsTried ? "" : ", never run on such a device by its authors")}"),
            ("same bits as the CPU", facts.WhyNotReproducible is { } why ? $"no: {why}" : "yes"),
        ], facts.IsCpu, $"{facts.Name} {facts.Platform} {facts.Driver}");
    }
}
