using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.OpenCL.Running;
using HybridConv.OpenCL.Trust;
using HybridConv.OpenCL.Tuning;
using HybridConv.Planning;
using HybridConv.Targets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HybridConv.OpenCL;

/// <summary>One OpenCL device: plans from the operators' OpenCL tables. Arithmetic on shapes and integers stays on the host, inside the plan.</summary>
internal sealed partial class OpenClTarget : ITarget, ITunable
{
    private readonly DeviceContext context;
    private readonly ClDevice machine;
    private readonly bool mixes;
    private readonly TunedRows tuned;
    private readonly KernelTrust? trust;

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
        ILogger logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("HybridConv");
        CacheFolder cache = CacheFolder.Of(options);
        if (cache is { Place: { } place, WhyNot: { } whyNot })
            LogCacheNotUsed(logger, place, whyNot);
        tuned = TunedRows.Of(facts.Name, options, cache, logger, ShippedTimes.Of(facts.Name));
        bool tests = options.SelfTest ?? Knobs.SelfTest;
        context = new DeviceContext(api, device, cache, sources);
        trust = tests ? new KernelTrust(context, machine, cache, logger) : null;
    }

    public string Name { get; }
    public int Threads => 1;

    public MachinePeak MeasurePeak() => new DevicePeak(context, machine.Lanes).Measure();

    public Plan Compile(PlanRequest request)
    {
        PreparedGraph prepared = PreparedGraph.Of(request);
        return new OpenClPlanBuilder(context, prepared, request, KeepsOrder).Build(ChooseTrusted(prepared, request));
    }

    public TuningReport Tune(PlanRequest request, TimeSpan? time, CancellationToken cancellation)
    {
        PreparedGraph prepared = PreparedGraph.Of(request);
        return new Tuner(context, machine, request.Options.Progress).Measure(ChooseTrusted(prepared, request), time ?? TimeSpan.MaxValue, cancellation);
    }

    public void Dispose() => context.Release();

    /// <summary>Chooses until no row is taken that answers wrongly on this device.</summary>
    private List<PlannedStep> ChooseTrusted(PreparedGraph prepared, PlanRequest request)
    {
        while (true)
        {
            List<PlannedStep> steps = Choose(prepared, request.Graph.Opset);
            if (trust?.Check(steps, request.Options.Progress) != false)
                return steps;
        }
    }

    /// <summary>What the table says about a node: by measurements where there are any, without what answers wrongly.</summary>
    private IEnumerable<Choice> Rows(Node node)
    {
        IEnumerable<Choice> rows = node.Op.Choices(node, machine);
        return tuned.Apply(node, trust is null ? rows : trust.Admit(rows));
    }

    /// <summary>Whether a step's row makes sums in the order of the definition: it would be taken where nothing else is allowed, too.</summary>
    private bool KeepsOrder(Step step) => step.Node.Op.Choices(step.Node, machine with { Reproducible = true }).Any(choice => choice.Name == step.Kernel && choice.Fit.Ok);

    /// <summary>
    /// A row for every node, or an error that lists all nodes that have none. What reads integers may cross to the host, where they come from: to check them there, as
    /// indices, or because no kernel computes with both.
    /// </summary>
    private List<PlannedStep> Choose(PreparedGraph prepared, long opset)
    {
        var steps = new List<PlannedStep>();
        var unsupported = new List<UnsupportedNode>();
        foreach (Node node in prepared.Graph.Nodes)
        {
            IEnumerable<Choice> choices = node.CarriesFloat32 ? Rows(node) : [HostRow(node)];
            if (prepared.Choose(node, choices) is { } step || ((mixes || node.ReadsIntegers) && (step = prepared.Choose(node, [HostRow(node)])) is not null))
                steps.Add(step);
            else if (trust is not null && node.Op.Choices(node, machine).Any(row => trust.IsQuarantined(row, out _)))
                throw new DeviceException($"{Name} ({machine.Name}) computes '{node.Name}' wrongly with every kernel that there is: {WhyNoRow(node)}");
            else
                unsupported.Add(new UnsupportedNode(node.Name, node.Op.Name, "", opset, WhyNoRow(node)));
        }
        return unsupported.Count == 0 ? steps : throw new UnsupportedModelException(unsupported);
    }

    private string WhyNoRow(Node node)
    {
        string why = string.Join("; ", Rows(node).Where(c => !c.Fit.Ok).Select(c => $"{c.Name}: {c.Fit.Why}"));
        return $"{Name} has no kernel for it{(why.Length > 0 ? $" ({why})" : "")}";
    }

    /// <summary>The CPU's best row.</summary>
    private static Choice HostRow(Node node)
    {
        Choice best = CpuTarget.Rows(node, CpuInfo.Current(threads: 1)).Where(c => c.Fit.Ok && c.Pack is null).MinBy(c => c.Fit.Nanoseconds)!;
        return best with { Name = Step.Host + best.Name };
    }

    [LoggerMessage(EventId = 15, Level = LogLevel.Warning, Message = "The cache folder {Place} is not used: {Why}.")]
    private static partial void LogCacheNotUsed(ILogger logger, string place, string why);
}
