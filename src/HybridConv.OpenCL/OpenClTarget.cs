using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;
using HybridConv.Targets;

namespace HybridConv.OpenCL;

/// <summary>One OpenCL device: plans from the operators' OpenCL tables. Arithmetic on shapes and integers stays on the host, inside the plan.</summary>
internal sealed class OpenClTarget : ITarget
{
    private readonly DeviceContext context;
    private readonly ClDevice machine;
    private readonly bool mixes;

    /// <param name="api">OpenCL's functions.</param>
    /// <param name="device">The device.</param>
    /// <param name="options">The session's.</param>
    /// <param name="mixes">Whether steps that have no row may run on the host.</param>
    /// <param name="sources">The kernels' texts; null for those of this assembly.</param>
    /// <exception cref="DeviceException">The device cannot be opened, or cannot give the asked precision.</exception>
    public OpenClTarget(IClApi api, DeviceEntry device, SessionOptions options, bool mixes = false, KernelSource? sources = null)
    {
        this.mixes = mixes;
        DeviceFacts facts = device.Facts;
        bool reproducible = options.Precision == Precision.Reproducible;
        if (reproducible && facts.WhyNotReproducible is { } why)
            throw new DeviceException($"{device.Target} ({facts.Name}) cannot compute reproducibly: {why}");
        if (!facts.Compiles)
            throw new DeviceException($"{device.Target} ({facts.Name}) has no compiler for kernels");
        machine = facts.ForRows(Knobs.OpenClProfile, reproducible);
        Name = device.Target;
        context = new DeviceContext(api, device, CacheFolder.Of(options), sources);
    }

    public string Name { get; }
    public int Threads => 1;

    public MachinePeak MeasurePeak() => new DevicePeak(context, machine.Lanes).Measure();

    public Plan Compile(PlanRequest request)
    {
        PreparedGraph prepared = PreparedGraph.Of(request);
        List<PlannedStep> steps = Choose(prepared, request.Graph.Opset);
        return new OpenClPlanBuilder(context, prepared, request).Build(steps);
    }

    public void Dispose() => context.Release();

    /// <summary>A row for every node, or an error that lists all nodes that have none.</summary>
    private List<PlannedStep> Choose(PreparedGraph prepared, long opset)
    {
        var steps = new List<PlannedStep>();
        var unsupported = new List<UnsupportedNode>();
        foreach (Node node in prepared.Graph.Nodes)
        {
            IEnumerable<Choice> choices = node.CarriesFloat32 ? node.Op.Choices(node, machine) : [HostRow(node)];
            if (prepared.Choose(node, choices) is { } step || (mixes && (step = prepared.Choose(node, [HostRow(node)])) is not null))
                steps.Add(step);
            else
                unsupported.Add(new UnsupportedNode(node.Name, node.Op.Name, "", opset, WhyNoRow(node)));
        }
        return unsupported.Count == 0 ? steps : throw new UnsupportedModelException(unsupported);
    }

    private string WhyNoRow(Node node)
    {
        string why = string.Join("; ", node.Op.Choices(node, machine).Where(c => !c.Fit.Ok).Select(c => $"{c.Name}: {c.Fit.Why}"));
        return $"{Name} has no kernel for it{(why.Length > 0 ? $" ({why})" : "")}";
    }

    /// <summary>The CPU's best row.</summary>
    private static Choice HostRow(Node node)
    {
        Choice best = CpuTarget.Rows(node, CpuInfo.Current(threads: 1)).Where(c => c.Fit.Ok && c.Pack is null).MinBy(c => c.Fit.Nanoseconds)!;
        return best with { Name = Step.Host + best.Name };
    }
}
