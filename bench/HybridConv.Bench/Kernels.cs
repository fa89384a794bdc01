using BenchmarkDotNet.Attributes;

namespace HybridConv.Bench;

/// <summary>Operators other than convolutions, each on one channels-last image of the size in the middle of a network.</summary>
public class Kernels
{
    private const int Channels = 64, Side = 56;

    private static readonly Dictionary<string, Func<NetValue, NetValue>> Operators = new()
    {
        ["Add"] = x => x.Add(x.Builder.Input("other", 1, Channels, Side, Side)),
        ["AveragePool 3x3"] = x => x.AveragePool(3, 1, pad: 1),
        ["BatchNormalization"] = x => x.BatchNormalization(),
        ["Concat"] = x => x.Concat(x.Builder.Input("other", 1, Channels, Side, Side)),
        ["GlobalAveragePool"] = x => x.GlobalAveragePool(),
        ["HardSwish"] = x => x.HardSwish(),
        ["Lrn"] = x => x.Lrn(5),
        ["MaxPool 3x3/2"] = x => x.MaxPool(3, 2, pad: 1),
        ["Pad"] = x => x.Pad(1),
        ["Relu"] = x => x.Relu(),
        ["Resize linear"] = x => x.ResizeBy(2, ResizeMode.Linear),
        ["Resize nearest"] = x => x.ResizeBy(2),
        ["Sigmoid"] = x => x.Sigmoid(),
        ["Silu"] = x => x.Silu(),
        ["Softmax over channels"] = x => x.Softmax(1),
        ["Tanh"] = x => x.Tanh(),
        ["Transpose to channels-first"] = x => x.Transpose([0, 3, 1, 2]),
    };

    private BoundModel? bound;

    /// <summary>The operators' names.</summary>
    public static IEnumerable<string> Names => Operators.Keys;

    /// <summary>One of <see cref="Names"/>.</summary>
    [ParamsSource(nameof(Names))]
    public string Operator { get; set; } = "";

    /// <summary>Builds a network of this one operator.</summary>
    [GlobalSetup]
    public void Bind()
    {
        var net = new ModelBuilder(name: Operator);
        Operators[Operator](net.Input("image", 1, Channels, Side, Side)).Output("result");
        using Model model = net.Build();
        bound = new BoundModel(model, threads: 1, ImageLayout.ChannelsLast);
        bound.Tell();
    }

    /// <summary>One run of the network.</summary>
    [Benchmark]
    public void Execute() => bound!.Run.Execute();

    /// <summary>Frees the memory.</summary>
    [GlobalCleanup]
    public void Free() => bound?.Dispose();
}
