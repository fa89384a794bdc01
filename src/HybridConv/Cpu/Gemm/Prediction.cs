namespace HybridConv.Cpu.Gemm;

/// <summary>Predicts times of panel products, well enough to order candidates: multiply-adds with what fills up tiles, and bytes from memory.</summary>
internal static class Prediction
{
    /// <summary>What a task costs before it computes anything.</summary>
    public const double NanosecondsPerTask = 300;

    /// <summary>What each segment of a tile's reduction costs before its first multiply-add.</summary>
    public const double NanosecondsPerSegment = 4;

    /// <summary>Bytes that one thread streams per nanosecond when they come from far away: fitted to tuned networks on Zen 5, and on Emerald Rapids for all others.</summary>
    public static readonly double BytesPerNanosecond = CpuInfo.IsAmd ? 20 : 12;

    /// <summary>Likewise of weights, whose tiles fetch them ahead.</summary>
    private const double WeightBytesPerNanosecond = 30;

    /// <summary>Bytes of a layer's weights from which on they are taken to come from memory in each run; those of smaller layers, and of the networks that these are in, stay in the last cache.</summary>
    private const double FarWeights = 8 << 20;

    /// <summary>
    /// Bytes per nanosecond of weights that pass few pixels, for each of the threads that read theirs at the same time: cores share the way to memory, not the way to their
    /// cache. Fitted to one and two threads on Zen 5.
    /// </summary>
    /// <param name="bytes">The layer's weights.</param>
    /// <param name="threads">The threads.</param>
    public static double StreamedBytes(double bytes, int threads) =>
        CpuInfo.IsAmd && bytes > FarWeights ? threads == 1 ? 25 : 18 : BytesPerNanosecond;

    /// <summary>Multiply-adds per nanosecond of one thread, in full tiles.</summary>
    public static double MacsPerNanosecond(Isa isa) => isa switch
    {
        Isa.V512 => 95,
        Isa.V256 => 48,
        Isa.V128 => 20,
        _ => 2,
    };

    /// <summary>One thread's time for the multiply-adds of all groups, or for reading their weights when that takes longer.</summary>
    public static double Compute(double macs, PanelLayout panels, int groups, Isa isa) =>
        Math.Max(macs / panels.Efficiency / MacsPerNanosecond(isa), groups * (double)panels.Floats * sizeof(float) / WeightBytesPerNanosecond);

    public static double PanelProduct(PointwiseProblem problem, CpuInfo machine)
    {
        Blocking blocking = problem.Block(machine.Threads);
        int tasks = Math.Max(1, problem.Groups * blocking.PixelBlocks * blocking.PanelRanges), threads = Math.Min(tasks, machine.Threads);
        double compute = Compute(problem.Macs, problem.Panels, problem.Groups, machine.Isa);
        // Each range of panels reads its pixels and writes the scaled ones.
        double scaling = problem.Scaling is null ? 0 : 2.0 * blocking.PanelRanges * problem.Grid.AllPixels * problem.Channels * sizeof(float) / BytesPerNanosecond;
        return (compute + scaling) / threads + tasks * NanosecondsPerTask / threads;
    }
}
