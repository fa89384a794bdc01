using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Targets;

/// <summary>A target whose rows can be timed on the shapes of a network.</summary>
internal interface ITunable
{
    /// <summary>Times the rows that fit a step of the network, for each distinct spec.</summary>
    /// <param name="request">As for a plan; its options' progress is told.</param>
    /// <param name="time">How long measurements may take in all; null for what is usual.</param>
    /// <param name="cancellation">Ends it between two measurements.</param>
    TuningReport Tune(PlanRequest request, TimeSpan? time, CancellationToken cancellation);
}

/// <summary>What was measured.</summary>
/// <param name="Device">The machine's name: what tables file it under.</param>
/// <param name="Specs">In the order of the plan's steps.</param>
internal sealed record TuningReport(string Device, IReadOnlyList<TunedSpec> Specs)
{
    /// <summary>Enters the times into a table. Rows that have none lose what the table says about them.</summary>
    public void AddTo(TuningTable table)
    {
        foreach (TunedSpec spec in Specs)
            foreach (TunedRow row in spec.Rows)
                if (row.Nanoseconds is { } nanoseconds)
                    table.Set(Device, spec.Spec, row.Row, nanoseconds);
                else
                    table.Remove(Device, spec.Spec, row.Row);
    }
}

/// <summary>The rows of one spec.</summary>
/// <param name="Op">The operator.</param>
/// <param name="Output">The shape of the first output.</param>
/// <param name="Spec">See <see cref="SpecText"/>.</param>
/// <param name="Steps">The number of steps of the plan that have it.</param>
/// <param name="Chosen">The row that was taken without this measurement.</param>
/// <param name="Rows">In the table's order.</param>
internal sealed record TunedSpec(string Op, Shape Output, string Spec, int Steps, string Chosen, IReadOnlyList<TunedRow> Rows)
{
    /// <summary>The fastest row; null when none was measured.</summary>
    public TunedRow? Best => Rows.Where(row => row.Nanoseconds is not null).MinBy(row => row.Nanoseconds);

    public double? ChosenNanoseconds => Rows.FirstOrDefault(row => row.Row == Chosen)?.Nanoseconds;
}

/// <param name="Row">Its name.</param>
/// <param name="Nanoseconds">The median of several runs; null when it was not measured.</param>
/// <param name="Why">Why it was not measured: it is slow, or wrong.</param>
internal sealed record TunedRow(string Row, double? Nanoseconds, string? Why)
{
    /// <summary>What the reason begins with when the row answers wrongly.</summary>
    public const string Wrong = "wrong: ";
}
