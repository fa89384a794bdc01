namespace HybridConv.Verification;

/// <summary>
/// The definition of one node's results, a few at a time: which elements they are computed of, and what they are in double precision. Bound to shapes, views and constants
/// like a kernel; keeps no state of a run, and allocates nothing once it is made.
/// <para>
/// Results form a grid of positions and strata. The strata of one position are computed of the same data, or of neighbouring data, with different weights: they are
/// a convolution's filters at a pixel, a product's columns in a row. Where there is nothing to share, every result is a position of its own with one stratum.
/// </para>
/// </summary>
internal abstract class Sampler
{
    public abstract long Positions { get; }

    public virtual int Strata => 1;

    /// <summary>Whether strata differ in their constants, so that each must have its turn: a constant that is wrong shows in its own stratum only.</summary>
    public virtual bool HasWeights => false;

    /// <summary>What a patch of so many strata takes at most.</summary>
    public abstract PatchSize Size(int strata);

    /// <summary>Where a result lies.</summary>
    public abstract Place Place(long position, int stratum);

    /// <summary>Lists the elements of the node's inputs that the patch's results are computed of; constants are not among them.</summary>
    public abstract void Read(in Patch patch, ReadList reads);

    /// <summary>Computes the results of a patch.</summary>
    /// <param name="patch">As it was listed.</param>
    /// <param name="read">The elements, in the order in which <see cref="Read"/> listed them.</param>
    /// <param name="work">Working memory of <see cref="PatchSize.Work"/> elements.</param>
    /// <param name="results">One per stratum of the patch.</param>
    public abstract void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results);
}

/// <summary>A few results that are checked together: neighbouring strata of one position.</summary>
internal readonly record struct Patch(long Position, int First, int Count);

/// <summary>Where a result lies.</summary>
/// <param name="Output">Which of the node's outputs.</param>
/// <param name="Offset">In elements, from the output's first one.</param>
internal readonly record struct Place(int Output, long Offset);

/// <summary>What a patch takes.</summary>
/// <param name="Runs">The most runs of elements that it reads.</param>
/// <param name="Elements">The most elements that it reads.</param>
/// <param name="Work">Numbers of working memory.</param>
internal readonly record struct PatchSize(long Runs, long Elements, long Work = 0);

/// <summary>What a result should be.</summary>
/// <param name="Value">In double precision.</param>
/// <param name="Error">
/// How far from it a float result may be that has gone through the node's arithmetic. Not finite where nothing can be said: where the result is computed of infinities or NaN,
/// or partial sums may overflow.
/// </param>
internal readonly record struct Estimate(double Value, double Error)
{
    /// <summary>A result that has gone through no arithmetic.</summary>
    public static Estimate Exactly(double value) => new(value, 0);

    /// <summary>The largest difference that a result may have: the error, and half the distance between floats at the result.</summary>
    public double Allowed => Error + Roundoff.HalfSpacing(Value);

    /// <summary>Whether a result can be what it should be.</summary>
    public bool Allows(float got)
    {
        if (!double.IsFinite(Error) || got == Value)
            return true;
        if (double.IsNaN(Value) || float.IsNaN(got))
            return double.IsNaN(Value) && float.IsNaN(got);
        if (float.IsInfinity(got))
            return Math.Abs(Value) + Error >= float.MaxValue && Math.Sign(got) == Math.Sign(Value);
        return Math.Abs(got - Value) <= Allowed;
    }
}
