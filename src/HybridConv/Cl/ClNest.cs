using HybridConv.Graphs;

namespace HybridConv.Cl;

/// <summary>
/// A nest of loops as arguments of a kernel that has six: the macros LOOPS and NEST of <c>common.clh</c>. A nest of more loops takes a launch for each position of the
/// outer ones.
/// </summary>
/// <param name="shape">Sizes of the loops, outermost first.</param>
internal sealed class ClNest(Shape shape)
{
    /// <summary>The loops of one launch.</summary>
    public const int Loops = 6;

    private readonly int outer = Math.Max(0, shape.Rank - Loops);

    /// <summary>Sizes of the innermost loops; 1 where there is none.</summary>
    public int Inner => Size(1);

    /// <summary>The size of the loop around the innermost one.</summary>
    public int Second => Size(2);

    /// <summary>How many positions a launch covers.</summary>
    public long Elements => shape.Product(outer, shape.Rank);

    /// <summary>The numbers of the launches; none for an empty nest.</summary>
    public IEnumerable<long> Launches
    {
        get
        {
            for (long launch = 0; shape.Elements > 0 && launch < shape.Product(0, outer); launch++)
                yield return launch;
        }
    }

    /// <summary>For LOOPS.</summary>
    public IEnumerable<ClArgument> Sizes => Enumerable.Range(1, Loops).Reverse().Select(loop => ClArgument.Of(Size(loop)));

    /// <summary>For IN or OUT, and NEST.</summary>
    /// <param name="memory">The operand.</param>
    /// <param name="start">Elements before the nest's first one.</param>
    /// <param name="strides">Along the loops.</param>
    /// <param name="launch">Which launch.</param>
    public IEnumerable<ClArgument> Operand(ClArgument memory, long start, long[] strides, long launch)
    {
        for (int axis = outer - 1; axis >= 0; axis--)
        {
            start += launch % shape[axis] * strides[axis];
            launch /= shape[axis];
        }
        yield return memory;
        yield return checked((int)start);
        foreach (ClArgument stride in Strides(strides))
            yield return stride;
    }

    /// <summary>Of an operand along the launch's loops, outermost first.</summary>
    /// <param name="strides">Along all loops.</param>
    public IEnumerable<ClArgument> Strides(long[] strides) =>
        Enumerable.Range(1, Loops).Reverse().Select(loop => ClArgument.Of(loop > shape.Rank ? 0 : checked((int)strides[^loop])));

    private int Size(int loop) => loop > shape.Rank ? 1 : shape.Dim(-loop);
}
