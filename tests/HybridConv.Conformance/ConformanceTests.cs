using HybridConv.Conformance.Cases;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Planning;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>
/// Case x candidate x machine. For every sampled case the float reference is held against the oracle in double: with no difference on whole numbers, within
/// the a-priori bound on others; special values are only compared bit by bit. Then every row of the operator's table that fits, on every vector width and in
/// several orders of its tasks, must give the reference's bits.
/// </summary>
public class ConformanceTests
{
    /// <summary>Each with the trait <c>family</c>, to filter by.</summary>
    public static TheoryData<string, int> Blocks
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (Family family in Family.All)
                for (int block = 0; block < family.Blocks; block++)
                    data.Add(new TheoryDataRow<string, int>(family.Name, block) { Traits = { ["family"] = [family.Name] } });
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void EveryRowConforms(string family, int block)
    {
        var failures = new List<string>();
        foreach (Case problem in Family.Named(family).Block(block))
        {
            failures.AddRange(Check(problem));
            if (failures.Count >= 10)
                break;
        }
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    /// <summary>No row escapes: whatever the tables of the sampled operators offer is run by some case.</summary>
    [Fact]
    public void EveryRowIsRun()
    {
        var offered = new HashSet<string>();
        var ran = new HashSet<string>();
        foreach (Case problem in Family.All.SelectMany(f => f.Cases))
            foreach (CpuInfo machine in Machines)
                foreach (Choice row in problem.Op.Choices(problem.ToNode(), machine with { Precision = Precision.Fast }))
                {
                    if (row.Name.Contains($".{machine.Isa.Label()}", StringComparison.Ordinal))
                        offered.Add(row.Name);
                    if (row.Fit.Ok)
                        ran.Add(row.Name);
                }
        offered.ExceptWith(ran);
        Assert.True(offered.Count == 0, $"No case runs {string.Join(", ", offered.Order(StringComparer.Ordinal))}");
    }

    private static IEnumerable<CpuInfo> Machines => IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest).Select(isa => new CpuInfo(isa, isa == CpuInfo.Widest ? 2 : 1));

    private static IEnumerable<string> Check(Case problem)
    {
        float[] expected = Execution.Reference<float>(problem);
        if (problem.Roundings is { } roundings && problem.Fill != Fill.Special)
        {
            double[] oracle = Execution.Reference<double>(problem);
            string? difference = problem.Fill == Fill.Whole && problem.IsExactOnWhole
                ? Agreement.Exact(oracle, expected)
                : Agreement.Bound(oracle, Execution.Reference<double>(problem.Magnitudes()), roundings, expected);
            if (difference is not null)
                yield return $"{problem}: reference: {difference}";
        }
        foreach (CpuInfo machine in Machines)
            foreach (Choice row in Execution.Rows(problem, machine))
                foreach (TaskOrder order in Orders(machine))
                    if (Attempt(problem, row.Name, machine, order, expected) is { } difference)
                        yield return $"{problem}: {row.Name} with {machine.Threads} threads, tasks {order}: {difference}";
    }

    /// <summary>Every row runs on two orders of its tasks; the widest vectors also run their tasks at the same time.</summary>
    private static TaskOrder[] Orders(CpuInfo machine) => machine.Isa == CpuInfo.Widest
        ? [TaskOrder.Ascending, TaskOrder.Shuffled, TaskOrder.Parallel]
        : [TaskOrder.Ascending, TaskOrder.Shuffled];

    private static string? Attempt(Case problem, string row, CpuInfo machine, TaskOrder order, float[] expected)
    {
        try
        {
            return Agreement.Bits(expected, Execution.Run(problem, row, machine, order));
        }
        catch (InvalidOperationException guard)
        {
            return guard.Message;
        }
    }
}
