using HybridConv.Cl;
using HybridConv.Conformance.Cases;
using HybridConv.Planning;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>Case x OpenCL row x profile, on the first device of this machine: every row that fits must give the float reference's bits. Skips where there is no device.</summary>
public class DeviceTests
{
    private const int CasesPerTest = 250;

    private static readonly Fill[] Fills = [Fill.Whole, Fill.Real, Fill.Whole, Fill.Real, Fill.Special];

    public static TheoryData<string, int> Blocks => ConformanceTests.Blocks;

    [Theory]
    [MemberData(nameof(Blocks))]
    public void EveryDeviceRowConforms(string family, int block)
    {
        DeviceRunner? device = DeviceRunner.Instance;
        Assert.SkipWhen(device is null, "There is no OpenCL device.");
        Func<int, Fill, Case> make = Family.All.Single(f => f.Name == family).Make;
        var failures = new List<string>();
        for (int i = 0; i < CasesPerTest && failures.Count < 10; i++)
            failures.AddRange(Check(make(block * CasesPerTest + i, Fills[i % Fills.Length]), device));
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    /// <summary>Every profile has a row for every case; a row that several profiles share is run for each of them, because what a work-item takes differs.</summary>
    private static IEnumerable<string> Check(Case problem, DeviceRunner device)
    {
        float[]? expected = null;
        foreach (ClProfile profile in DeviceRunner.Profiles)
        {
            ClDevice machine = device.Machine(profile);
            Choice[] choices = [.. problem.Op.Choices(problem.ToNode(), machine)], rows = [.. choices.Where(row => row.Fit.Ok)];
            if (rows.Length == 0)
                yield return $"{problem}: no row for the profile {profile}: {string.Join("; ", choices.Select(c => $"{c.Name}: {c.Fit.Why}"))}";
            foreach (Choice row in rows)
                if (Attempt(problem, row.Name, machine, device, expected ??= Execution.Reference<float>(problem)) is { } difference)
                    yield return $"{problem}: {row.Name} for the profile {profile}: {difference}";
        }
    }

    private static string? Attempt(Case problem, string row, ClDevice machine, DeviceRunner device, float[] expected)
    {
        try
        {
            return Agreement.Bits(expected, Execution.Run(problem, row, machine, device));
        }
        catch (InvalidOperationException guard)
        {
            return guard.Message;
        }
    }
}
