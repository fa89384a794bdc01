using System.Runtime.InteropServices;
using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.OpenCL;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;
using HybridConv.Targets;
using HybridConv.Testing.Devices;
using HybridConv.Tests.Passes;

namespace HybridConv.Tests.OpenCL;

/// <summary>A 1x1 convolution on the device that tests run on, with a cache and kernel sources of the test's own.</summary>
internal sealed class DeviceNetwork : IDisposable
{
    private readonly OpenClTarget target;

    /// <param name="options">Of the session.</param>
    /// <param name="change">Turns a source file's name and text into its text; null leaves all as they are.</param>
    /// <param name="size">Of the images, along both axes.</param>
    /// <param name="batch">The number of images.</param>
    public DeviceNetwork(SessionOptions options, Func<string, string, string>? change = null, int size = 25, int batch = 1)
    {
        Graph = Pointwise(size, batch);
        KernelSource? sources = change is null ? null : new KernelSource(name => change(name, KernelSource.Read(name)));
        target = new OpenClTarget(OpenClDevice.Api, OpenClDevice.Entry, options, mixes: false, sources);
        try
        {
            Plan = target.Compile(Request(Graph, options));
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    public Graph Graph { get; }
    public Plan Plan { get; }

    public Step Step => Plan.Steps.Single(step => step.Node.Op.Name == "Conv");

    /// <summary>The source file that the row which is chosen for the network is compiled from.</summary>
    public static string Source
    {
        get
        {
            using var network = new DeviceNetwork(new SessionOptions { CacheFolder = "off", SelfTest = false });
            IEnumerable<string> files = ((OpenClPlan)network.Plan).Bound.Select(step => step.Kernel).OfType<ClKernel>().Select(kernel => kernel.Launches[0].Program.File);
            return "opencl/" + files.Single(file => file.StartsWith("gemm/", StringComparison.Ordinal) || file.StartsWith("conv/", StringComparison.Ordinal));
        }
    }

    public TuningReport Tune(SessionOptions options) => target.Tune(Request(Graph, options), time: null, default);

    public float[] Run() => Run(Plan);

    /// <summary>As the processor computes it.</summary>
    public float[] Expected()
    {
        using var cpu = new CpuTarget(new SessionOptions { Threads = 1 });
        return Run(cpu.Compile(Request(Graph, new SessionOptions())));
    }

    public void Dispose() => target.Dispose();

    private static Graph Pointwise(int size, int batch)
    {
        var graph = new SmallGraph();
        return graph.Output(graph.Conv(graph.Input("x", batch, 24, size, size), filters: 40, k: 1)).Graph;
    }

    private static PlanRequest Request(Graph graph, SessionOptions options) =>
        new(graph, graph.Inputs.ToDictionary(i => i.Name, i => i.KnownShape), new Dictionary<string, Tensor>(), new WeightStore(), options);

    private static float[] Run(Plan plan)
    {
        using PlanRun run = plan.CreateRun();
        var random = new Random(1);
        foreach (ref float element in MemoryMarshal.Cast<byte, float>(run.Input(0).Span))
            element = random.NextSingle() - 0.5f;
        run.Execute(default);
        return MemoryMarshal.Cast<byte, float>(run.Output(0).Span).ToArray();
    }
}
