using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;

namespace HybridConv.Cli.LayoutClaim;

/// <summary>How a layer is computed, and in which layout.</summary>
internal enum Way
{
    NaiveLast,
    NaiveFirst,
    /// <summary>This engine's plan.</summary>
    BlockedLast,
    /// <summary>The same for channels-first images: register tiles, blocks for the caches, packed weights.</summary>
    BlockedFirst,
}

/// <summary>One layer in every way, on one thread and the same seeded numbers. Weights are packed beforehand, and no way converts a layout.</summary>
internal sealed class LayerWays : IDisposable
{
    private readonly PointwiseShape shape;
    private readonly float[] weights;
    private readonly AlignedMemory imageLast, imageFirst, naiveLast, naiveFirst, blockedFirst;
    private readonly Model model;
    private readonly Session session;
    private readonly Run planned;
    private readonly PlanarPointwise planar;

    public LayerWays(ClaimLayer layer)
    {
        (int pixels, int channels, int filters) = shape = layer.Shape;
        var random = new Random(1);
        weights = new float[filters * channels];
        foreach (ref float weight in weights.AsSpan())
            weight = random.NextSingle() * 2 - 1;
        (imageLast, imageFirst) = (Allocate(channels), Allocate(channels));
        (naiveLast, naiveFirst, blockedFirst) = (Allocate(filters), Allocate(filters), Allocate(filters));
        Span<float> last = Floats(imageLast), first = Floats(imageFirst);
        for (int pixel = 0; pixel < pixels; pixel++)
            for (int c = 0; c < channels; c++)
                last[pixel * channels + c] = first[c * pixels + pixel] = random.NextSingle() * 2 - 1;

        var net = new ModelBuilder();
        net.Input("image", 1, channels, layer.Side, layer.Side).Pointwise(filters, bias: false, weights: weights).Output("result");
        model = net.Build();
        session = model.Compile(new() { Target = "cpu", Threads = 1, InputLayout = ImageLayout.ChannelsLast, OutputLayout = ImageLayout.ChannelsLast });
        planned = session.CreateRun();
        last.CopyTo(planned.Input<float>(0));
        planar = PlanarPointwise.Bind(shape, weights, Knobs.Isa);
    }

    public static IReadOnlyList<Way> All { get; } = Enum.GetValues<Way>();

    public static bool IsChannelsLast(Way way) => way is Way.NaiveLast or Way.BlockedLast;

    /// <summary>What every way computes, in double precision.</summary>
    public ExactSums Exact() => new(Floats(imageLast), weights, shape);

    public void Run(Way way)
    {
        switch (way)
        {
            case Way.NaiveLast: NaiveLoop.ChannelsLast(Floats(imageLast), weights, Floats(naiveLast), shape); break;
            case Way.NaiveFirst: NaiveLoop.ChannelsFirst(Floats(imageFirst), weights, Floats(naiveFirst), shape); break;
            case Way.BlockedLast: planned.Execute(); break;
            default: planar.Run(Floats(imageFirst), Floats(blockedFirst)); break;
        }
    }

    /// <summary>What <see cref="Run"/> computed.</summary>
    public ReadOnlySpan<float> Output(Way way) => way switch
    {
        Way.NaiveLast => Floats(naiveLast),
        Way.NaiveFirst => Floats(naiveFirst),
        Way.BlockedLast => planned.Output<float>(0),
        _ => Floats(blockedFirst),
    };

    public void Dispose()
    {
        planar.Dispose();
        planned.Dispose();
        session.Dispose();
        model.Dispose();
        foreach (AlignedMemory memory in (ReadOnlySpan<AlignedMemory>)[imageLast, imageFirst, naiveLast, naiveFirst, blockedFirst])
            memory.Dispose();
    }

    private AlignedMemory Allocate(int channels) => new((long)shape.Pixels * channels * sizeof(float));

    private static Span<float> Floats(AlignedMemory memory) => MemoryMarshal.Cast<byte, float>(memory.Memory.Span);
}
