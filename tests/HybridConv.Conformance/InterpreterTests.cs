using System.Text.RegularExpressions;
using HybridConv.Cl;
using HybridConv.Conformance.Cases;
using HybridConv.Graphs;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>
/// Every row of every profile, and so every kernel function, on cases of few outputs: what tests/oclgrind.sh runs on an interpreter that watches each access.
/// Explicit, because on any other device <see cref="DeviceConformanceTests"/> runs more.
/// </summary>
public partial class InterpreterTests
{
    private const long MostOutputs = 1000, MostProducts = 20_000;
    private const int CasesPerRow = 2;

    [Fact(Explicit = true)]
    public void EveryKernelRuns()
    {
        DeviceMachine[] machines = [.. DeviceMachine.Of(OpenClDevice.Entry.Facts)];
        var failures = new List<string>();
        var launched = new HashSet<string>();
        foreach ((Case problem, Choice row) in Choose(machines, launched))
            if (Attempt(problem, row) is { } failure)
                failures.Add($"{problem}: {row.Name}: {failure}");
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
        Assert.Empty(Functions().Except(launched));
    }

    /// <summary>For every row and profile the first few small cases, and whichever else launches a function that nothing before it did.</summary>
    private static IEnumerable<(Case Problem, Choice Row)> Choose(DeviceMachine[] machines, HashSet<string> launched)
    {
        var taken = new Dictionary<(string, DeviceMachine), int>();
        var seen = new HashSet<string>();
        foreach (Case problem in Family.All.SelectMany(f => f.Cases).Where(IsSmall))
            foreach (DeviceMachine machine in machines)
                foreach (Choice row in DeviceExecution.Rows(problem, machine.Fast))
                {
                    ClKernel kernel = DeviceExecution.Bind(problem, row);
                    string[] functions = [.. kernel.Launches.Where(l => l.Global.Items > 0).Select(l => $"{l.Program.File} {l.Function}")];
                    int before = taken.GetValueOrDefault((row.Name, machine));
                    if ((before >= CasesPerRow && launched.IsSupersetOf(functions)) || functions.Length == 0)
                        continue;
                    taken[(row.Name, machine)] = before + 1;
                    launched.UnionWith(functions);
                    if (seen.Add(problem + DeviceMachine.Describe(row, kernel)))
                        yield return (problem, row);
                }
    }

    private static bool IsSmall(Case problem)
    {
        Node node = problem.ToNode();
        long outputs = node.Outputs.Sum(output => output.KnownShape.Elements);
        return outputs is > 0 and <= MostOutputs && node.Inputs.All(i => i is null || i.KnownShape.Elements <= MostProducts) && problem.Op.Cost(node).Macs <= MostProducts;
    }

    private static string? Attempt(Case problem, Choice row)
    {
        try
        {
            DeviceExecution.Run(problem, row);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or HybridConvException)
        {
            return e.Message;
        }
    }

    /// <summary>All kernel functions of the rows: file and name. Probes and what checks runs are no rows.</summary>
    private static IEnumerable<string> Functions() =>
        from file in KernelSource.Files
        where !file.StartsWith("probe/", StringComparison.Ordinal) && !file.StartsWith("verify/", StringComparison.Ordinal)
        from Match function in KernelFunction().Matches(KernelSource.Read("opencl/" + file))
        select $"{file} {function.Groups[1].Value}";

    [GeneratedRegex(@"(?m)^\s*(?:__)?kernel\s+(?:__attribute__\s*\(\(.*?\)\)\s*)?void\s+(\w+)\s*\(")]
    private static partial Regex KernelFunction();
}
