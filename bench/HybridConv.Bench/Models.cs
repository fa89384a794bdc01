using BenchmarkDotNet.Attributes;
using HybridConv.Zoo;

namespace HybridConv.Bench;

/// <summary>Whole networks of the zoo.</summary>
public class Models
{
    private BoundModel? bound;

    /// <summary>The zoo.</summary>
    public static IEnumerable<string> Names => Networks.All.Select(network => network.Name);

    /// <summary>One processor, and all.</summary>
    public static IEnumerable<int> ThreadCounts => Layers.ThreadCounts;

    /// <summary>One of <see cref="Names"/>.</summary>
    [ParamsSource(nameof(Names))]
    public string Network { get; set; } = "";

    /// <summary>Threads of a run.</summary>
    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    /// <summary>Compiles and checks the network.</summary>
    [GlobalSetup]
    public void Bind()
    {
        using Model model = Networks.Find(Network)!.Build(new ZooOptions());
        bound = new BoundModel(model, Threads);
        bound.Tell();
    }

    /// <summary>One run; the allocated bytes beside it are to be none.</summary>
    [Benchmark]
    public void Execute() => bound!.Run.Execute();

    /// <summary>Frees the memory.</summary>
    [GlobalCleanup]
    public void Free() => bound?.Dispose();
}
