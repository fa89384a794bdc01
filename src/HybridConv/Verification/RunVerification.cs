using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Verification;

/// <summary>Executes a run of a session that verifies its runs, and checks it. Belongs to that run.</summary>
internal sealed class RunVerification(Session session, SessionVerification policy, Shape[] shapes) : IDisposable
{
    private readonly List<Finding> findings = [];
    private readonly List<int> damaged = [];
    private Run? other;

    /// <summary>The run on the other target that gave the last execution's outputs; null when the run's own plan did.</summary>
    public Run? Substitute { get; private set; }

    /// <summary>Executes, checks, and does what follows from a mismatch.</summary>
    /// <param name="run">The run of the session's own plan, which holds the inputs.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="MismatchException">A result is not what it should be, and that was asked for.</exception>
    public void Execute(PlanRun run, CancellationToken cancellation)
    {
        Substitute = null;
        if (!policy.HasFallenBack)
        {
            run.Execute(cancellation);
            IReadOnlyList<Mismatch> mismatches = policy.IsFull ? Differences(run, Repeat(run, cancellation)) : Samples(run);
            if (mismatches.Count == 0 || !policy.Report(mismatches))
                return;
        }
        Substitute = Repeat(run, cancellation);
    }

    public void Dispose() => other?.Dispose();

    /// <summary>What is wrong with samples. Nothing is allocated while nothing is.</summary>
    private IReadOnlyList<Mismatch> Samples(PlanRun run)
    {
        if (run.Samples is not { } board)
            return [];
        findings.Clear();
        damaged.Clear();
        board.Check(findings);
        board.CheckWeights(damaged);
        session.Telemetry.Checked(board.Count);
        if (findings.Count + damaged.Count == 0)
            return [];
        return Describe(board);
    }

    private List<Mismatch> Describe(SampleBoard board) => [.. findings.Select(Describe), .. damaged.Select(block => Describe(board, block))];

    /// <summary>Executes on the other target, on the same inputs.</summary>
    private Run Repeat(PlanRun run, CancellationToken cancellation)
    {
        other ??= new Run(policy.Other, shapes);
        for (int i = 0; i < shapes.Length; i++)
            run.Input(i).Span.CopyTo(other.InputBytes(i).Span);
        other.Execute(cancellation);
        return other;
    }

    /// <summary>The outputs that differ from the other target's.</summary>
    private List<Mismatch> Differences(PlanRun run, Run reference)
    {
        var mismatches = new List<Mismatch>();
        for (int i = 0; i < session.Graph.Outputs.Count; i++)
        {
            Value output = session.Graph.Outputs[i];
            if (ValueComparison.Worst(run.OutputType(i).Type, run.Output(i).Span, reference.OutputBytes(i).Span, policy.Tolerance) is not { } worst)
                continue;
            mismatches.Add(new Mismatch(session.OwnTarget, policy.Other.Target, -1, output.Producer?.Name ?? output.Name, output.Producer?.Op.Name ?? "", "",
                session.Outputs[i].Name, worst.Element, worst.Got, worst.Expected, worst.Bound));
        }
        return mismatches;
    }

    private Mismatch Describe(Finding finding)
    {
        (SampledStep step, _, float got, Estimate expected) = finding;
        Node node = step.Step.Node;
        Value output = node.Outputs[finding.Place.Output];
        return new Mismatch(session.OwnTarget, "definition", step.Number, node.Name, node.Op.Name, step.Step.Kernel, output.Name,
            IndexOf(finding.Place.Offset, output.KnownView), got, expected.Value, expected.Allowed);
    }

    /// <summary>The first weight of a block that is not what packing the model's weights again gives.</summary>
    private Mismatch Describe(SampleBoard board, int index)
    {
        (WatchedWeights weights, long start, int bytes, _) = board.Block(index);
        ReadOnlySpan<float> got = MemoryMarshal.Cast<byte, float>(board.BytesOf(index)), expected = default;
        try
        {
            expected = MemoryMarshal.Cast<byte, float>(weights.Repack().Memory.Span.Slice((int)start, bytes));
        }
        catch (ObjectDisposedException)
        {
            // Without the model only the checksum is known.
        }
        int first = expected.IsEmpty ? 0 : Math.Max(0, MemoryMarshal.AsBytes(got).CommonPrefixLength(MemoryMarshal.AsBytes(expected)) / sizeof(float));
        bool known = first < expected.Length;
        Node node = weights.Step.Node;
        return new Mismatch(session.OwnTarget, "weights of the model", weights.Number, node.Name, node.Op.Name, weights.Step.Kernel, weights.Name,
            start / sizeof(float) + first, known ? got[first] : double.NaN, known ? expected[first] : double.NaN, 0);
    }

    /// <summary>The position, in the dense order of a view's shape, of the element at an offset from its first one. Outer axes of a plan's views have larger strides.</summary>
    private static long IndexOf(long offset, TensorView view)
    {
        long index = 0;
        for (int axis = 0; axis < view.Shape.Rank; axis++)
        {
            long at = view.Shape[axis] == 1 ? 0 : offset / view.Strides[axis];
            offset -= at * view.Strides[axis];
            index = index * view.Shape[axis] + at;
        }
        return index;
    }
}
