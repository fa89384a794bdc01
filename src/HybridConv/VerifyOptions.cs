namespace HybridConv;

/// <summary>Whether the runs of a session check their own results.</summary>
public enum Verify
{
    /// <summary>They do not.</summary>
    Off,

    /// <summary>
    /// Each run has some of its results, chosen anew, computed again in double precision: right after a step what they are computed of is copied aside, where the step ran; after
    /// the run they are held against the definition, with weights that come from the model and not from the device. And each run reads some of the weights back from where kernels
    /// read them, all in turn, and compares checksums. Takes little time, and as much memory again as the weights take.
    /// </summary>
    Sampled,

    /// <summary>Each run is repeated on another target, and all outputs, kept values among them, are compared.</summary>
    Full,
}

/// <summary>What follows from a result that is not what it should be. <see cref="Session.MismatchFound"/> is raised, and a warning logged, in any case.</summary>
public enum OnMismatch
{
    /// <summary><see cref="Run.Execute"/> throws a <see cref="MismatchException"/>; the outputs of that execution are not given out.</summary>
    Throw,

    /// <summary>Nothing else: the outputs stand.</summary>
    Warn,

    /// <summary>The run is done again on <see cref="VerifyOptions.Against"/>, with weights packed anew, and so is everything that the session runs from then on.</summary>
    FallBack,
}

/// <summary>How the runs of a session check their results.</summary>
public sealed record VerifyOptions
{
    /// <summary>What follows from a mismatch.</summary>
    public OnMismatch OnMismatch { get; init; }

    /// <summary>The target that full verification compares with, and that a session falls back to: by default <c>cpu</c>, and for the CPU <c>cpu:reference</c>.</summary>
    public string? Against { get; init; }

    /// <summary>The least number of results that a sampled run checks, as far as the network has so many.</summary>
    public int Samples { get; init; } = 64;

    /// <summary>The least number of steps that they are spread over, as far as the network has so many.</summary>
    public int Steps { get; init; } = 8;

    /// <summary>
    /// In so many runs every filter of every convolution, and every column of every matrix product, has its turn at least once, at some pixel; and all weights have been read back.
    /// Fewer runs mean more to check in each.
    /// </summary>
    public int CoverageRuns { get; init; } = 100;

    /// <summary>Decides the sequence of samples, together with the order in which the session's runs are created.</summary>
    public int Seed { get; init; }

    /// <summary>For tests: whether weights are read back.</summary>
    internal bool WatchesWeights { get; init; } = true;
}

/// <summary>A result that is not what it should be.</summary>
/// <param name="Target">The target that gave the result.</param>
/// <param name="Against">What it was held against: a target, or <c>definition</c> for the operator's own meaning in double precision.</param>
/// <param name="Step">The step's position in the plan; -1 where a whole run was compared.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Kernel">What computed it, as <c>explain</c> names it; empty where a whole run was compared.</param>
/// <param name="Output">The value that the result is an element of.</param>
/// <param name="Element">Its position there, in the dense order of the value's shape in the plan.</param>
/// <param name="Got">The result.</param>
/// <param name="Expected">What it should be.</param>
/// <param name="Bound">The difference that arithmetic explains.</param>
public sealed record Mismatch(
    string Target, string Against, int Step, string Node, string Op, string Kernel, string Output, long Element, double Got, double Expected, double Bound)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant(
        $"node '{Node}' ({Op}{(Kernel.Length > 0 ? $", {Kernel}" : "")}) on {Target}: element {Element} of '{Output}' is {Got:G9} and should be {Expected:G9} within {Bound:G3}, by {Against}");
}
