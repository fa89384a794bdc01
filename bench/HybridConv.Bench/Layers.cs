using BenchmarkDotNet.Attributes;
using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Bench;

/// <summary>Every distinct convolution of the zoo, alone, in the row that the planner takes.</summary>
public class Layers
{
    /// <summary>More than caches hold.</summary>
    private const long ColdBytes = 128L << 20;

    private BoundLayer? warm, cold;

    /// <summary>The layers' descriptions.</summary>
    public static IEnumerable<string> Names => LayerList.Names;

    /// <summary>One processor, and all.</summary>
    public static IEnumerable<int> ThreadCounts => new[] { 1, Environment.ProcessorCount }.Distinct();

    /// <summary>One of <see cref="Names"/>.</summary>
    [ParamsSource(nameof(Names))]
    public string Layer { get; set; } = "";

    /// <summary>Threads that share the tasks.</summary>
    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    /// <summary>One layer that finds its weights where the last run left them.</summary>
    [GlobalSetup(Target = nameof(WarmWeights))]
    public void BindOnce() => warm = Bind(0);

    /// <summary>Many copies of the layer.</summary>
    [GlobalSetup(Target = nameof(ColdWeights))]
    public void BindOften() => cold = Bind(ColdBytes);

    /// <summary>Weights in the caches.</summary>
    [Benchmark]
    public void WarmWeights() => warm!.Run();

    /// <summary>Weights from memory, as in a network.</summary>
    [Benchmark]
    public void ColdWeights() => cold!.Run();

    /// <summary>Frees the memory.</summary>
    [GlobalCleanup]
    public void Free()
    {
        warm?.Dispose();
        cold?.Dispose();
    }

    private BoundLayer Bind(long weightBytes)
    {
        Node node = LayerList.Find(Layer);
        var layer = new BoundLayer(node, Threads, weightBytes);
        long bytes = node.Inputs.Append(node.Output).Sum(value => value is null ? 0 : value.KnownShape.Elements * sizeof(float));
        Work.Tell(node.Op.Cost(node).Macs, bytes, Threads, arenaBytes: 0, layer.WeightBytes, layer.Row);
        return layer;
    }
}
