using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Passes;

/// <summary>
/// Exchanges a Reshape with the Transpose before it. A reshape merges and cuts runs of neighbouring axes: [N,C,H,W] to [N,C,HW] has the runs N, C and H W.
/// Where the stored tensor keeps each run together and in order, as [N,H,W,C] does, it can be reshaped first, to [N,HW,C], and transposed afterwards.
/// </summary>
internal static class ReshapeThroughTranspose
{
    /// <summary>
    /// For Reshape(Transpose(s, p), to), where the transposed tensor has the shape <paramref name="from"/>: the shape and the permutation such that it is
    /// Transpose(Reshape(s, shape), permutation). Null where the stored axes of a run are apart.
    /// </summary>
    public static (Shape Shape, int[] Permutation)? Find(Shape from, int[] permutation, Shape to)
    {
        if (from.Elements == 0)
            return null;
        List<Run> runs = Runs(from, to);
        var runOf = new int[from.Rank];
        for (int r = 0; r < runs.Count; r++)
            runOf.AsSpan(runs[r].FromStart, runs[r].FromEnd - runs[r].FromStart).Fill(r);

        // The stored tensor's axes in its own order, as axes of the transposed one: each run must appear whole and ascending.
        var order = new List<int>();
        var seen = new bool[runs.Count];
        int last = -1;
        foreach (int axis in Axes.Inverse(permutation))
        {
            if (from[axis] == 1)
                continue;
            int run = runOf[axis];
            if (order.Count > 0 && order[^1] == run)
            {
                if (axis < last)
                    return null;
            }
            else if (seen[run])
                return null;
            else
                order.Add(run);
            seen[run] = true;
            last = axis;
        }
        // Runs of nothing but ones may stand anywhere.
        order.AddRange(Enumerable.Range(0, runs.Count).Where(r => !seen[r]));

        var dims = new List<long>(to.Rank);
        var outer = new int[to.Rank];
        foreach (int r in order)
            for (int axis = runs[r].ToStart; axis < runs[r].ToEnd; axis++)
            {
                outer[axis] = dims.Count;
                dims.Add(to[axis]);
            }
        return (new Shape([.. dims]), outer);
    }

    /// <summary>Axes [FromStart, FromEnd) of one shape hold the elements of axes [ToStart, ToEnd) of the other.</summary>
    private readonly record struct Run(int FromStart, int FromEnd, int ToStart, int ToEnd);

    /// <summary>The shortest runs of equal products, from the outermost axis on. Ones at the end make a run of their own.</summary>
    private static List<Run> Runs(Shape from, Shape to)
    {
        var runs = new List<Run>();
        for (int i = 0, j = 0; i < from.Rank || j < to.Rank;)
        {
            int fromStart = i, toStart = j;
            long a = i < from.Rank ? from[i++] : 1, b = j < to.Rank ? to[j++] : 1;
            while (a != b)
            {
                if (a < b)
                    a *= from[i++];
                else
                    b *= to[j++];
            }
            runs.Add(new Run(fromStart, i, toStart, j));
        }
        return runs;
    }
}
