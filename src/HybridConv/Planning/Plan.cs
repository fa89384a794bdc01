using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Passes;
using HybridConv.Verification;

namespace HybridConv.Planning;

/// <summary>A candidate that was not taken: it does not fit, or is slower than the one that was.</summary>
internal readonly record struct Refusal(string Kernel, Fit Fit)
{
    public string Why => Fit.Ok ? $"slower: {Fit.Reason}" : Fit.Why;
}

/// <summary>One step of a plan as reports show it.</summary>
/// <param name="Node">The node that the step runs.</param>
/// <param name="Kernel">The kernel's name; <c>view</c> when the step moves no data and is left out.</param>
/// <param name="Fit">The predicted or measured time.</param>
/// <param name="Refused">The rows that were not taken.</param>
/// <param name="Cost">Multiply-accumulates and parameters.</param>
/// <param name="Bytes">Bytes of activations and weights that the step touches once.</param>
internal sealed record Step(Node Node, string Kernel, Fit Fit, IReadOnlyList<Refusal> Refused, Cost Cost, long Bytes)
{
    /// <summary>The kernel name of a step that is left out.</summary>
    public const string View = "view";

    /// <summary>What the kernel names of steps begin with that run on the host in a device's plan.</summary>
    public const string Host = "host.";

    /// <summary>Whether float32 operands leave a device for this step, and come back.</summary>
    public bool IsCrossing => Kernel.StartsWith(Host, StringComparison.Ordinal) && Node.CarriesFloat32;

    /// <summary>What the choice rests on.</summary>
    public string Why => Kernel == View ? "its operands are views on the same memory" : Fit.IsMeasured ? $"tuned: {Fit.Reason}" : Fit.Reason;

    public double Nanoseconds => Fit.Nanoseconds;
}

/// <summary>
/// A network made ready for one target and one set of input shapes. Immutable, and shared by all runs of a session.
/// </summary>
internal abstract class Plan
{
    public required IReadOnlyList<Step> Steps { get; init; }
    public required IReadOnlyList<PassReport> Passes { get; init; }

    /// <summary>Types and shapes of the outputs; an empty list when they are only known after running.</summary>
    public required IReadOnlyList<(ElementType Type, Shape Shape)> Outputs { get; init; }

    /// <summary>The exact size of the memory behind one run.</summary>
    public required long ArenaBytes { get; init; }

    /// <summary>Packed weights that this plan uses.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>What runs check of their own results; null when they check no samples.</summary>
    public SamplingPlan? Sampling { get; init; }

    /// <summary>Allocates what one run needs.</summary>
    public abstract PlanRun CreateRun();
}

/// <summary>The memory behind one run of a plan, and its execution. Used by one caller at a time.</summary>
internal abstract class PlanRun : IDisposable
{
    /// <summary>The bytes of a graph input, dense in the order of its shape.</summary>
    public abstract Memory<byte> Input(int index);

    /// <summary>The bytes of a graph output; valid until the next <see cref="Execute"/>.</summary>
    public abstract Memory<byte> Output(int index);

    public abstract (ElementType Type, Shape Shape) OutputType(int index);

    /// <summary>The samples that <see cref="Execute"/> takes of its own results; null when it takes none.</summary>
    public virtual SampleBoard? Samples => null;

    public abstract void Execute(CancellationToken cancellation);

    /// <summary>Executes once and notes how long each step that moves data took, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    /// <param name="ticks">One element for every such step of the plan, in its order.</param>
    public abstract void Profile(Span<long> ticks);

    public abstract void Dispose();
}
