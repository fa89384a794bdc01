using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Planning;
using HybridConv.Targets;
using Xunit;

namespace HybridConv.Tests.Planning;

/// <summary>
/// A graph through the whole planner (passes, views, in-place results, the arena, kernels, threads) against the reference target.
/// Arenas are poisoned with NaN, so that reading what nobody wrote, or what somebody wrote over, shows.
/// </summary>
internal static class PlannedGraph
{
    /// <summary>Runs a graph twice as planned and once by its definition; all must agree.</summary>
    /// <returns>The steps of the plan.</returns>
    public static IReadOnlyList<Step> Check(Graph graph, int threads)
    {
        var options = new SessionOptions { Threads = threads, PoisonArena = true };
        using var fast = new CpuTarget(options);
        using var oracle = new ReferenceTarget();
        Plan plan = fast.Compile(RequestFor(graph, options));
        using PlanRun run = plan.CreateRun(), reference = oracle.Compile(RequestFor(graph, options)).CreateRun();
        Fill(graph, run);
        Fill(graph, reference);
        reference.Execute(CancellationToken.None);
        run.Execute(CancellationToken.None);
        byte[][] first = [.. Enumerable.Range(0, graph.Outputs.Count).Select(i => run.Output(i).ToArray())];
        run.Execute(CancellationToken.None);
        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            Assert.Equal(reference.OutputType(i), run.OutputType(i));
            Assert.Equal(first[i], run.Output(i).ToArray());
            Compare(Floats(reference.Output(i)), Floats(run.Output(i)), graph.Outputs[i]);
        }
        return plan.Steps;
    }

    private static PlanRequest RequestFor(Graph graph, SessionOptions options) =>
        new(graph, graph.Inputs.ToDictionary(i => i.Name, i => i.KnownShape), new Dictionary<string, Tensor>(), new WeightStore(), options);

    private static void Fill(Graph graph, PlanRun run)
    {
        for (int i = 0; i < graph.Inputs.Count; i++)
        {
            var random = new Random(i);
            foreach (ref float element in MemoryMarshal.Cast<byte, float>(run.Input(i).Span))
                element = random.Next(-64, 65) / 16f;
        }
    }

    private static float[] Floats(Memory<byte> data) => MemoryMarshal.Cast<byte, float>(data.Span).ToArray();

    private static void Compare(float[] expected, float[] actual, Value output)
    {
        Assert.Equal(expected.Length, actual.Length);
        double tolerance = 1e-5 * (1 + expected.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance || expected[i].Equals(actual[i]), $"{output}, element {i}: {actual[i]} where {expected[i]} is right");
    }
}
