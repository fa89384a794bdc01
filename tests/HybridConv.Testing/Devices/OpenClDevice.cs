using HybridConv.Cl;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using Xunit;

namespace HybridConv.Testing.Devices;

/// <summary>
/// The OpenCL device that tests run on: what the target <c>opencl</c> means on this machine, found once. Where there is none, tests are skipped with the reason;
/// on Linux under continuous integration (<c>CI=true</c>) they fail, so that a missing driver cannot pass for a tested target.
/// </summary>
internal static class OpenClDevice
{
    private static readonly Lazy<(IClApi? Api, DeviceEntry? Entry, string? WhyNot)> Found = new(Find);

    /// <summary>Whether there is one; where there has to be, a failed test.</summary>
    public static bool IsThere => Found.Value.Entry is not null || MustBeThere && Required().Entry is not null;

    /// <summary>OpenCL's functions, with every program compiled once for the process; or a skipped test.</summary>
    public static IClApi Api => Required().Api!;

    /// <summary>The device; or a skipped test.</summary>
    public static DeviceEntry Entry => Required().Entry!;

    /// <summary>The machine that rows are chosen for on this device, with the kernels of a profile.</summary>
    public static ClDevice Machine(ClProfile profile) => Entry.Facts.ForRows(profile, reproducible: false);

    private static bool MustBeThere => OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("CI") == "true";

    private static (IClApi? Api, DeviceEntry? Entry, string? WhyNot) Required()
    {
        if (Found.Value is { WhyNot: { } why })
        {
            if (MustBeThere)
                Assert.Fail($"CI=true, and tests of the OpenCL target cannot run: {why}. Install pocl-opencl-icd.");
            Assert.Skip($"There is no OpenCL device to test on: {why}.");
        }
        return Found.Value;
    }

    private static (IClApi? Api, DeviceEntry? Entry, string? WhyNot) Find()
    {
        if (SilkApi.TryLoad(out string? whyNot) is not { } loader)
            return (null, null, whyNot);
        var catalog = DeviceCatalog.Of(loader);
        return catalog.WhyNone is { } none ? (null, null, none) : (new SharedPrograms(loader), catalog.Find("opencl"), null);
    }
}
