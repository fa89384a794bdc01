using System.Diagnostics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu;

/// <summary>
/// Measures how many fused multiply-adds this machine does at most: independent chains of them in registers, on a number of threads at once.
/// Kernels are judged against it.
/// </summary>
internal static class PeakProbe
{
    /// <summary>Chains per thread: more than latency times units on every x64 and Arm core, and few enough for 16 registers.</summary>
    private const int Chains = 12;

    private const int Steps = 4096;

    /// <summary>The most floating-point operations per second (an FMA counts two) that a block of the measuring time reached, in units of 1e9.</summary>
    public static double GigaflopsPerSecond(Isa isa, int threads, TimeSpan time)
    {
        var peaks = new double[threads];
        using var start = new Barrier(threads);
        Thread[] helpers = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(() => Measure(i)) { IsBackground = true })];
        foreach (Thread helper in helpers)
            helper.Start();
        Measure(0);
        foreach (Thread helper in helpers)
            helper.Join();
        return peaks.Sum();

        void Measure(int thread)
        {
            start.SignalAndWait();
            peaks[thread] = IsaDispatch.Run<Loop, double>(isa, new Loop(time));
        }
    }

    private readonly struct Loop(TimeSpan time) : IVectorCode<double>
    {
        public double With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            double best = 0;
            long begin = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(begin) < time)
            {
                long block = Stopwatch.GetTimestamp();
                Accumulate<S, V>(Steps);
                best = Math.Max(best, 2.0 * Chains * S.Count * Steps / Stopwatch.GetElapsedTime(block).TotalNanoseconds);
            }
            return best;
        }
    }

    /// <summary>The sum of all chains, returned so that none can be left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static V Accumulate<S, V>(int steps) where S : struct, ISimd<V> where V : struct
    {
        V x = S.Create(0.999f), y = S.Create(0.001f);
        V a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < steps; step++)
        {
            a = S.Fma(a, x, y); b = S.Fma(b, x, y); c = S.Fma(c, x, y); d = S.Fma(d, x, y); e = S.Fma(e, x, y); f = S.Fma(f, x, y);
            g = S.Fma(g, x, y); h = S.Fma(h, x, y); i = S.Fma(i, x, y); j = S.Fma(j, x, y); k = S.Fma(k, x, y); l = S.Fma(l, x, y);
        }
        V left = S.Add(S.Add(S.Add(a, b), S.Add(c, d)), S.Add(e, f)), right = S.Add(S.Add(S.Add(g, h), S.Add(i, j)), S.Add(k, l));
        return S.Add(left, right);
    }
}
