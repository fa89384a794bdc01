using HybridConv.Cl;
using HybridConv.Conformance.Cases;
using HybridConv.OpenCL.Devices;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Testing;
using HybridConv.Testing.Devices;
using Silk.NET.OpenCL;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>
/// The list of programs that the lint target of CMakeLists.txt compiles: what the rows want for all cases, on an imaginary device under every profile. Of definitions
/// that choose an activation there is one for every activation.
/// </summary>
public class ProgramVariantTests
{
    private const string List = "opencl/variants.txt", Activation = "-D ACTIVATION=";

    /// <summary>Each takes a driver tenths of a second: keep them few.</summary>
    private const int MostPrograms = 500;

    [Fact]
    public void TheListOfProgramsIsWhatTheRowsWant()
    {
        string[] wanted = [.. Programs().Select(p => $"{p.File} {p.Defines}".TrimEnd()).Distinct().Order(StringComparer.Ordinal)];
        string written = Repository.PathTo("artifacts", "variants.txt");
        string[] listed = Repository.Read(List).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (!listed.SequenceEqual(wanted))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(written)!);
            File.WriteAllText(written, string.Concat(wanted.Select(line => line + "\n")));
            Assert.Fail($"{List} lacks {wanted.Except(listed).Count()} programs and has {listed.Except(wanted).Count()} that no row wants; {written} is as it should be");
        }
        Assert.InRange(wanted.Length, 1, MostPrograms);
    }

    private static IEnumerable<ClProgram> Programs()
    {
        var device = new ImaginaryDevice("device", DeviceType.Cpu) { LocalBytes = 64 << 10 };
        DeviceMachine[] machines = [.. DeviceMachine.Of(DeviceCatalog.Of(new ImaginaryApi(("platform", [device]))).Devices[0].Facts)];
        var programs = new HashSet<ClProgram>();
        foreach (Case problem in Family.All.SelectMany(f => f.Cases))
            foreach (DeviceMachine machine in machines)
                foreach (Choice row in DeviceExecution.Rows(problem, machine.Fast))
                    programs.UnionWith(DeviceExecution.Bind(problem, row).Launches.Select(l => l.Program));
        return programs.Concat(programs.Where(p => p.Defines.Contains(Activation, StringComparison.Ordinal)).DistinctBy(p => p.File).SelectMany(OfEveryActivation));
    }

    private static IEnumerable<ClProgram> OfEveryActivation(ClProgram program)
    {
        int start = program.Defines.IndexOf(Activation, StringComparison.Ordinal) + Activation.Length, end = start;
        while (end < program.Defines.Length && char.IsAsciiDigit(program.Defines[end]))
            end++;
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>().Where(kind => kind is not (ActivationKind.None or ActivationKind.Clamp)))
            yield return program with { Defines = $"{program.Defines[..start]}{(int)kind}{program.Defines[end..]}" };
    }
}
