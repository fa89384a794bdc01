namespace HybridConv.Ops.ConvTranspose;

/// <summary>A filter position and the input position that it reads for the first output of a run.</summary>
internal readonly record struct Reach(int Tap, int Source);

/// <summary>
/// Outputs of one axis, one stride apart, that the same filter positions reach; from one output to the next, each of them reads the next input position.
/// </summary>
/// <param name="First">The first output.</param>
/// <param name="Count">The number of outputs.</param>
/// <param name="Reaches">Ascending by filter position.</param>
internal sealed record PhaseRun(int First, int Count, Reach[] Reaches);

/// <summary>
/// Cuts an axis of a transposed convolution into runs. Outputs that are one stride apart form a phase, for which the filter is an ordinary small one:
/// <code>
/// stride 2, 3 filter positions:   output  0  1  2  3  4  5
///                                 taps    0,2 1 0,2 1 0,2 1     phase 0 reads inputs o/2 and o/2-1, phase 1 reads (o-1)/2
/// </code>
/// At the borders of the input a phase loses filter positions, so it falls into a few runs.
/// </summary>
internal static class Phases
{
    public static PhaseRun[] Of(ScatterWindow window)
    {
        var runs = new List<PhaseRun>();
        for (int phase = 0; phase < Math.Min(window.Stride, window.Output); phase++)
            for (int output = phase; output < window.Output;)
            {
                Reach[] reaches = At(window, output);
                int count = 1;
                while (output + (long)count * window.Stride < window.Output && Continues(window, output + count * window.Stride, reaches, count))
                    count++;
                runs.Add(new PhaseRun(output, count, reaches));
                output = (int)Math.Min(int.MaxValue, output + (long)count * window.Stride);
            }
        return [.. runs];
    }

    /// <summary>The filter positions that reach one output.</summary>
    public static Reach[] At(ScatterWindow window, int output)
    {
        var reaches = new List<Reach>();
        TapRange taps = window.Reaching(output);
        for (int tap = taps.First; tap < taps.End; tap += taps.Step)
            reaches.Add(new Reach(tap, window.Source(output, tap)));
        return [.. reaches];
    }

    private static bool Continues(ScatterWindow window, int output, Reach[] reaches, int step)
    {
        Reach[] here = At(window, output);
        if (here.Length != reaches.Length)
            return false;
        for (int i = 0; i < here.Length; i++)
            if (here[i] != reaches[i] with { Source = reaches[i].Source + step })
                return false;
        return true;
    }
}
