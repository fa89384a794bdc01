using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Planning;

namespace HybridConv.Ops.Reduce;

/// <summary>A reduction as <c>reduce.cl</c> takes it: of input 0, into output 0.</summary>
/// <param name="Results">The loops over the results.</param>
/// <param name="Y">The output's strides along them.</param>
/// <param name="X">The input's strides along them.</param>
/// <param name="Elements">The loops over one result's elements, and strides in the input.</param>
/// <param name="Count">Elements of one result.</param>
/// <param name="Divisor">What each result is divided by; 1 where it is not.</param>
/// <param name="Largest">Whether the largest is taken; otherwise elements are added.</param>
internal sealed record ReduceProblem(Shape Results, long[] Y, long[] X, LoopNest Elements, long Count, float Divisor, bool Largest);

/// <summary>Rows on OpenCL devices for everything that reduces in the order of <see cref="SumTree{T}"/>.</summary>
internal static class ReduceClRows
{
    private const string File = "reduce/reduce.cl";

    private const int GroupResults = SumTree<float>.Lanes, GroupItems = GroupResults * SumTree<float>.Lanes;

    /// <summary>What one more element costs a work-item that has nothing else to do meanwhile.</summary>
    private const double LatencyNanoseconds = 20;

    /// <param name="op">The operator's name in those of its rows.</param>
    /// <param name="whyNot">Why the rows cannot run a spec; null when nothing but its shape matters.</param>
    /// <param name="problem">The spec as a reduction.</param>
    public static IReadOnlyList<Candidate<TSpec, ClDevice>> Of<TSpec>(string op, Func<TSpec, string?> whyNot, Func<TSpec, ReduceProblem> problem)
    {
        Candidate<TSpec, ClDevice> Row(string name, Func<ReduceProblem, ClDevice, Fit> fits, Func<ReduceProblem, ClDevice, ClKernel> bind) => new(
            $"{op}.{name}", (spec, device) => whyNot(spec) is { } why ? Fit.No(why) : fits(problem(spec), device), _ => null, (spec, device, _) => bind(problem(spec), device));
        return [Row("shared.f32.local", FitsShared, Shared), Row("rows.f32.portable", FitsRows, Rows), Row("columns.f32.portable", FitsColumns, Columns)];
    }

    private static Fit FitsShared(ReduceProblem problem, ClDevice device) =>
        device.Profile != ClProfile.Local ? Fit.No($"the profile is {device.Profile}, and this row is for local memory")
        : device.MaxWorkGroup < GroupItems ? Fit.No($"work-groups have at most {device.MaxWorkGroup} work-items, not {GroupItems}")
        : WhyTooDeep(problem) is { } why ? Fit.No(why)
        : Fit.Yes(Predict(problem, device, 0.1) + problem.Count / SumTree<float>.Lanes * LatencyNanoseconds);

    private static Fit FitsRows(ReduceProblem problem, ClDevice device) =>
        problem.Elements.Shape.Rank > 1 || problem.Elements.InnerStride(0) is not (0 or 1) ? Fit.No($"the {problem.Count} elements of a result do not follow each other")
        : Fit.Yes(Predict(problem, device, 0.1) + Alone(problem, device) / SumTree<float>.Lanes);

    private static Fit FitsColumns(ReduceProblem problem, ClDevice device) =>
        WhyTooDeep(problem) is { } why ? Fit.No(why)
        : Fit.Yes(Predict(problem, device, problem.X.Length > 0 && problem.X[^1] == 1 ? 0.1 : 0.01) + Alone(problem, device));

    /// <summary>A result's elements are taken one after the other; that matters where there are not enough results to hide it.</summary>
    private static double Alone(ReduceProblem problem, ClDevice device) => device.Profile == ClProfile.Cpu ? 0 : problem.Count * LatencyNanoseconds;

    private static string? WhyTooDeep(ReduceProblem problem) =>
        problem.Elements.Shape.Rank > ClNest.Loops ? $"the elements of a result take {problem.Elements.Shape.Rank} loops, and the kernel has {ClNest.Loops}" : null;

    private static double Predict(ReduceProblem problem, ClDevice device, double efficiency)
    {
        double elements = (double)problem.Results.Elements * problem.Count;
        return device.Predict(2 * elements, elements * sizeof(float), efficiency);
    }

    private static ClKernel Columns(ReduceProblem problem, ClDevice device)
    {
        var nest = new ClNest(problem.Results);
        int segments = (nest.Inner + device.PortableLanes - 1) / device.PortableLanes;
        return Launches(problem, nest, device, nest.Elements / Math.Max(1, nest.Inner) * segments, (launch, units, share) => new ClLaunch(
            Program(problem, $"-D LANES={device.PortableLanes}"), "columns",
            [.. Operands(problem, nest, launch), .. Elements(problem), problem.Divisor, segments, units, share.Units], share.Global, share.Local));
    }

    private static ClKernel Rows(ReduceProblem problem, ClDevice device)
    {
        var nest = new ClNest(problem.Results);
        return Launches(problem, nest, device, nest.Elements, (launch, units, share) => new ClLaunch(
            Program(problem, $"-D LANES={device.PortableLanes}"), "rows",
            [.. Operands(problem, nest, launch), checked((int)problem.Count), problem.Divisor, units, share.Units], share.Global, share.Local));
    }

    private static ClKernel Shared(ReduceProblem problem, ClDevice device)
    {
        var nest = new ClNest(problem.Results);
        bool alongRows = problem.Elements.Shape.Rank > 0 && problem.Elements.InnerStride(0) == 1;
        var group = new ClRange(GroupItems);
        return Launches(problem, nest, device, nest.Elements, (launch, units, _) => new ClLaunch(
            Program(problem, $"-D LANES={device.PortableLanes}{(alongRows ? " -D ALONG_ROWS" : "")}"), "shared",
            [.. Operands(problem, nest, launch), .. Elements(problem), problem.Divisor, units], new ClRange((long)units * SumTree<float>.Lanes).RoundUp(group), group));
    }

    private static ClKernel Launches(ReduceProblem problem, ClNest nest, ClDevice device, long units, Func<long, int, ClShare, ClLaunch> launch)
    {
        ClShare share = ClShare.Of(device, units, (double)nest.Elements * Math.Max(1, problem.Count));
        return new ClKernel([.. nest.Launches.Select(number => launch(number, checked((int)units), share))]);
    }

    private static ClProgram Program(ReduceProblem problem, string defines) => new(File, defines + (problem.Largest ? " -D LARGEST" : ""));

    private static IEnumerable<ClArgument> Operands(ReduceProblem problem, ClNest nest, long launch) =>
        [.. nest.Operand(ClArgument.Input(0), 0, problem.X, launch), .. nest.Operand(ClArgument.Output(), 0, problem.Y, launch), .. nest.Sizes];

    /// <summary>For ELEMENTS.</summary>
    private static IEnumerable<ClArgument> Elements(ReduceProblem problem)
    {
        var nest = new ClNest(problem.Elements.Shape);
        return [.. nest.Sizes, .. nest.Strides(problem.Elements.Strides[0]), checked((int)problem.Count)];
    }
}
