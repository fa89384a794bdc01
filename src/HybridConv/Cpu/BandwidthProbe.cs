using System.Diagnostics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu;

/// <summary>
/// Measures how fast a number of threads together read memory that no cache holds. Kernels that do little with much data are judged against it.
/// </summary>
internal static unsafe class BandwidthProbe
{
    /// <summary>Of all threads together; several times a usual last-level cache.</summary>
    private const long AllBytes = 256L << 20;

    /// <summary>The most bytes per nanosecond that one pass over the memory reached, summed over the threads.</summary>
    public static double GigabytesPerSecond(Isa isa, int threads, TimeSpan time)
    {
        var speeds = new double[threads];
        using var start = new Barrier(threads);
        Thread[] helpers = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(() => Measure(i)) { IsBackground = true })];
        foreach (Thread helper in helpers)
            helper.Start();
        Measure(0);
        foreach (Thread helper in helpers)
            helper.Join();
        return speeds.Sum();

        void Measure(int thread)
        {
            using var memory = new AlignedMemory(AllBytes / threads);
            // Pages that were never written may all be the same page of zeros.
            memory.Memory.Span.Fill(1);
            start.SignalAndWait();
            speeds[thread] = IsaDispatch.Run<Loop, double>(isa, new Loop(memory, time));
        }
    }

    private readonly struct Loop(AlignedMemory memory, TimeSpan time) : IVectorCode<double>
    {
        public double With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            double best = 0;
            long begin = Stopwatch.GetTimestamp();
            do
            {
                long pass = Stopwatch.GetTimestamp();
                Read<S, V>((float*)memory.Address, (nint)(memory.Bytes / sizeof(float)));
                best = Math.Max(best, memory.Bytes / Stopwatch.GetElapsedTime(pass).TotalNanoseconds);
            }
            while (Stopwatch.GetElapsedTime(begin) < time);
            return best;
        }
    }

    /// <summary>The sum of all vectors, returned so that none can be left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static V Read<S, V>(float* from, nint floats) where S : struct, ISimd<V> where V : struct
    {
        V a = S.Create(0), b = a, c = a, d = a;
        for (float* end = from + floats - 4 * S.Count; from <= end; from += 4 * S.Count)
        {
            a = S.Add(a, S.Load(from));
            b = S.Add(b, S.Load(from + S.Count));
            c = S.Add(c, S.Load(from + 2 * S.Count));
            d = S.Add(d, S.Load(from + 3 * S.Count));
        }
        return S.Add(S.Add(a, b), S.Add(c, d));
    }
}
