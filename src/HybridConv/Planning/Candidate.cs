using HybridConv.Graphs;

namespace HybridConv.Planning;

/// <summary>A candidate's answer to one spec on one machine: yes with a predicted or measured time, or no with a sentence that names the offending value.</summary>
internal readonly record struct Fit(bool Ok, double Nanoseconds, string Why)
{
    public static Fit Yes(double nanoseconds) => new(true, nanoseconds, "");
    public static Fit No(string why) => new(false, double.PositiveInfinity, why);

    /// <summary>The predicted time, also where a measured one has taken its place.</summary>
    public double Predicted { get; private init; } = Nanoseconds;

    /// <summary>The same yes with a measured time.</summary>
    public Fit Measured(double nanoseconds) => new(true, nanoseconds, FormattableString.Invariant($"measured {nanoseconds / 1000:0.0} us")) { Predicted = Predicted };

    public bool IsMeasured => Ok && Why.Length > 0;

    /// <summary>What a yes rests on; the sentence of a no.</summary>
    public string Reason => Ok && !IsMeasured ? FormattableString.Invariant($"predicted {Nanoseconds / 1000:0.0} us") : Why;
}

/// <summary>
/// One row of an operator's table for one kind of machine: one way to run a spec.
/// </summary>
/// <param name="Name">For example <c>conv.pointwise.f32.v512.14x32</c>.</param>
/// <param name="Fits">Whether this row can run the spec, and how long it would take.</param>
/// <param name="Pack">How this row wants its constant operands; null when it reads every operand as it is.</param>
/// <param name="Bind">Chooses blocking for one shape. Cheap: packs nothing and reads no weights.</param>
internal sealed record Candidate<TSpec, TMachine>(
    string Name,
    Func<TSpec, TMachine, Fit> Fits,
    Func<TSpec, PackFormat?> Pack,
    Func<TSpec, TMachine, PackedWeights?, IKernel> Bind);

/// <summary>An operator that has a table for one kind of machine.</summary>
internal interface ITable<TMachine>
{
    /// <summary>What every row says about a node, best row first.</summary>
    IEnumerable<Choice> Choices(Node node, TMachine machine);
}

/// <summary>An operator's ordered table for one kind of machine, best first. The reference row is not listed: the target adds it as the last one.</summary>
internal interface ITable<TSpec, TMachine> : ITable<TMachine>
{
    IReadOnlyList<Candidate<TSpec, TMachine>> Rows { get; }

    /// <summary>The operator's own.</summary>
    TSpec Specify(Node node);

    IEnumerable<Choice> ITable<TMachine>.Choices(Node node, TMachine machine)
    {
        TSpec spec = Specify(node);
        foreach (Candidate<TSpec, TMachine> row in Rows)
        {
            Fit fit = row.Fits(spec, machine);
            yield return new Choice(row.Name, fit, fit.Ok ? row.Pack(spec) : null, packed => row.Bind(spec, machine, packed));
        }
    }
}

/// <summary>A candidate bound to one spec. It keeps no state of a run, so that many runs may share it.</summary>
internal interface IKernel
{
    /// <summary>Bytes of working memory that each worker needs while it runs this kernel.</summary>
    long ScratchBytes { get; }
}

/// <summary>A row that fits or does not fit a node, and how to bind it if it is taken.</summary>
internal sealed record Choice(string Name, Fit Fit, PackFormat? Pack, Func<PackedWeights?, IKernel> Bind)
{
    /// <summary>Whether the row fits, and what it packs are constants of the node or absent.</summary>
    public bool CanRun(Node node) => Fit.Ok && Pack?.Operands.All(i => node.OptionalInput(i) is null or { IsConstant: true }) != false;
}
