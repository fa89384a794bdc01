using System.Diagnostics;

namespace HybridConv.Cli;

/// <summary>Times of repeated runs, and what they allocated.</summary>
/// <param name="FirstMs">The first run, which may still compile code.</param>
/// <param name="Sorted">The later runs in milliseconds, ascending.</param>
/// <param name="AllocatedBytesPerRun">
/// Managed bytes over all threads; of several blocks of runs the least, because the runtime's own tables grow now and then, while it compiles methods again in the background.
/// </param>
internal sealed record Measurement(double FirstMs, double[] Sorted, long AllocatedBytesPerRun)
{
    private const int LeastRuns = 5, MostRuns = 1000, Blocks = 4;

    public double MinMs => Sorted[0];
    public double MedianMs => Percentile(0.5);
    public double P95Ms => Percentile(0.95);

    /// <param name="run">Its inputs are filled.</param>
    /// <param name="runs">How often to run; null for as often as fits into <paramref name="time"/>, within reason.</param>
    /// <param name="time">The time for all runs.</param>
    public static Measurement Of(Run run, int? runs, TimeSpan time)
    {
        double first = Time(run);
        double second = Time(run);
        int count = runs ?? Math.Clamp((int)(time.TotalMilliseconds / second), LeastRuns, MostRuns);
        var times = new double[count];
        long least = long.MaxValue;
        foreach (int[] block in Enumerable.Range(0, count).ToArray().Chunk((count + Blocks - 1) / Blocks))
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            foreach (int i in block)
                times[i] = Time(run);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / block.Length);
        }
        Array.Sort(times);
        return new Measurement(first, times, least);
    }

    /// <summary>How many times as long one run takes as another: the median over pairs of one execution each, in turns of which goes first.</summary>
    public static double Ratio(Run run, Run other, TimeSpan time)
    {
        double warm = Time(run) + Time(other);
        double[] ratios = new double[Math.Clamp((int)(time.TotalMilliseconds / warm), LeastRuns, MostRuns)];
        for (int i = 0; i < ratios.Length; i++)
        {
            double first = Time(i % 2 == 0 ? run : other), second = Time(i % 2 == 0 ? other : run);
            ratios[i] = i % 2 == 0 ? first / second : second / first;
        }
        Array.Sort(ratios);
        return ratios[ratios.Length / 2];
    }

    private static double Time(Run run)
    {
        long start = Stopwatch.GetTimestamp();
        run.Execute();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private double Percentile(double share) => Sorted[Math.Clamp((int)Math.Ceiling(share * Sorted.Length) - 1, 0, Sorted.Length - 1)];
}
