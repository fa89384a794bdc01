using HybridConv.Planning;

namespace HybridConv.Cl;

/// <summary>Rows of the cpu profile, which are different ones for each number of lanes: their tiles are, and so are their names and packed weights.</summary>
internal static class ClLanes
{
    private static readonly int[] Widths = [16, 8];

    /// <summary>A row for each number of lanes, widest first.</summary>
    public static IEnumerable<Candidate<TSpec, ClDevice>> Rows<TSpec>(Func<int, Candidate<TSpec, ClDevice>> row) => Widths.Select(row);

    /// <summary>Why rows of that many lanes are not for a device; null when they are.</summary>
    public static string? WhyNot(ClDevice device, int lanes) =>
        device.Profile != ClProfile.Cpu ? $"the device's profile is {device.Profile}, not {ClProfile.Cpu}"
        : device.Lanes != lanes ? $"the device's vectors hold {device.Lanes} floats, not {lanes}"
        : null;
}
