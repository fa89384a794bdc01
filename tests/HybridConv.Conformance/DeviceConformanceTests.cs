using HybridConv.Conformance.Cases;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>
/// Case x OpenCL row x profile, the kernels for GPUs too: on whatever OpenCL device the machine has. Rows that may be chosen where results must be reproducible
/// have to give the float reference's bits, all others to stay within the a-priori bound. That the reference is right is <see cref="ConformanceTests"/>'s matter.
/// </summary>
public class DeviceConformanceTests
{
    [Theory]
    [MemberData(nameof(ConformanceTests.Blocks), MemberType = typeof(ConformanceTests))]
    public void EveryRowConforms(string family, int block)
    {
        DeviceMachine[] machines = [.. DeviceMachine.Of(OpenClDevice.Entry.Facts)];
        var failures = new List<string>();
        foreach (Case problem in Family.Named(family).Block(block))
        {
            failures.AddRange(Check(problem, machines));
            if (failures.Count >= 10)
                break;
        }
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    /// <summary>
    /// A network on a device has nowhere else to go: whatever a case asks for, some row of every profile does it, and bit for bit where that is wanted. Only what reads
    /// integers may cross to the host.
    /// </summary>
    [Fact]
    public void EveryCaseHasARow()
    {
        DeviceMachine[] machines = [.. DeviceMachine.Of(OpenClDevice.Entry.Facts)];
        var refusals = new Dictionary<(string Op, DeviceMachine Machine), string>();
        foreach (Case problem in Family.All.SelectMany(f => f.Cases).Where(problem => !problem.ToNode().ReadsIntegers))
            foreach (DeviceMachine machine in machines)
                if (!refusals.ContainsKey((problem.Op.Name, machine)) && !DeviceExecution.Rows(problem, machine.Reproducible).Any())
                    refusals[(problem.Op.Name, machine)] =
                        $"{problem} for {machine}: {string.Join("; ", problem.Op.Choices(problem.ToNode(), machine.Reproducible).Select(row => $"{row.Name}: {row.Fit.Why}"))}";
        Assert.True(refusals.Count == 0, string.Join(Environment.NewLine, refusals.Values));
    }

    /// <summary>No row escapes: whatever the tables offer is run by some case. Operators of booleans only share a table with others, and never leave the host.</summary>
    [Fact]
    public void EveryRowIsRun()
    {
        HashSet<string> waiting = [.. OpTable.Ops.Where(op => op.Name is not ("And" or "Or" or "Xor")).SelectMany(op => DeviceMachine.RowNames(op).Select(row => $"{row} of {op.Name}"))];
        foreach (DeviceMachine machine in DeviceMachine.Of(OpenClDevice.Entry.Facts))
            foreach (Case problem in Family.All.SelectMany(f => f.Cases))
                if (waiting.Count > 0)
                    waiting.ExceptWith(DeviceExecution.Rows(problem, machine.Fast).Select(row => $"{row.Name} of {problem.Op.Name}"));
        Assert.True(waiting.Count == 0, $"No case runs {string.Join(", ", waiting.Order(StringComparer.Ordinal))}");
    }

    private static IEnumerable<string> Check(Case problem, DeviceMachine[] machines)
    {
        float[] expected = Execution.Reference<float>(problem);
        var seen = new HashSet<string>();
        foreach (DeviceMachine machine in machines)
        {
            HashSet<string> reproducible = [.. DeviceExecution.Rows(problem, machine.Reproducible).Select(row => row.Name)];
            foreach (Choice row in DeviceExecution.Rows(problem, machine.Fast).Where(row => seen.Add(DeviceMachine.Describe(row, DeviceExecution.Bind(problem, row)))))
                foreach (int? over in Destinations(problem))
                    if (Attempt(problem, row, over, expected, reproducible.Contains(row.Name)) is { } difference)
                        yield return $"{problem}: {row.Name} for {machine}{(over is null ? "" : $", written over input {over}")}: {difference}";
        }
    }

    /// <summary>An output of its own, and every input that the planner may have the output written over.</summary>
    private static IEnumerable<int?> Destinations(Case problem)
    {
        yield return null;
        Graphs.Node node = problem.ToNode();
        for (int i = 0; i < node.Inputs.Count; i++)
            if (node.Inputs[i] is { IsConstant: false } input && node.Outputs.Count == 1 && input.View!.Equals(node.Output.View) && problem.Op.InPlace(node, i))
                yield return i;
    }

    private static string? Attempt(Case problem, Choice row, int? over, float[] expected, bool keepsBits)
    {
        try
        {
            float[] actual = DeviceExecution.Run(problem, row, over);
            return keepsBits ? Agreement.Bits(expected, actual) : Bounded(problem, actual);
        }
        catch (Exception e) when (e is InvalidOperationException or HybridConvException)
        {
            return e.Message;
        }
    }

    /// <summary>Rows with another chain of operations. What they make of special values is not said.</summary>
    private static string? Bounded(Case problem, float[] actual) => problem.Fill == Fill.Special || problem.Roundings is null ? null
        : Agreement.Bound(Execution.Reference<double>(problem), Execution.Reference<double>(problem.Magnitudes()), problem.Roundings.Value, actual);
}
