namespace HybridConv.Cl;

/// <summary>The style of kernels that a device is given.</summary>
internal enum ClProfile
{
    /// <summary>One output per work-item; for checking the others.</summary>
    Reference,
    /// <summary>Processors, through PoCL and the like: explicit vectors, register tiles, one work-item per work-group, no barriers.</summary>
    Cpu,
    /// <summary>Discrete GPUs: tiles in local memory, shared by a work-group.</summary>
    Local,
    /// <summary>Mali, Adreno and integrated Intel GPUs: register tiles, no local memory.</summary>
    Register,
}

/// <summary>What a device promises about float32 arithmetic; all three together give the CPU's bits.</summary>
/// <param name="FusedMultiplyAdd">CL_FP_FMA: <c>fma</c> is one correctly rounded instruction.</param>
/// <param name="Denormals">CL_FP_DENORM: denormals are kept.</param>
/// <param name="RoundedDivision">CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT: division and square roots can be asked for correctly rounded.</param>
internal readonly record struct ClArithmetic(bool FusedMultiplyAdd, bool Denormals, bool RoundedDivision);

/// <summary>
/// The machine that OpenCL rows are chosen for: everything a row may ask about a device. Pure data: rows are tested, and kernels planned, without one.
/// </summary>
/// <param name="Name">The device's own name.</param>
/// <param name="Profile">The kernels it is given.</param>
/// <param name="Lanes">Floats in the vectors of the <see cref="ClProfile.Cpu"/> profile: 8 or 16.</param>
/// <param name="ComputeUnits">CL_DEVICE_MAX_COMPUTE_UNITS.</param>
/// <param name="MaxWorkGroup">CL_DEVICE_MAX_WORK_GROUP_SIZE.</param>
/// <param name="LocalBytes">CL_DEVICE_LOCAL_MEM_SIZE.</param>
/// <param name="Arithmetic">What it promises about float32.</param>
internal sealed record ClDevice(
    string Name, ClProfile Profile, int Lanes, int ComputeUnits, int MaxWorkGroup, long LocalBytes, ClArithmetic Arithmetic)
{
    /// <summary>An estimate of the peak of float32 multiply-adds, in GFLOP/s.</summary>
    public double Gflops { get; init; } = 100;

    /// <summary>An estimate of memory bandwidth in GB/s.</summary>
    public double Bandwidth { get; init; } = 20;

    /// <summary>What one launch in a filled queue costs.</summary>
    public double LaunchNanoseconds { get; init; } = 5000;

    /// <summary>Whether only kernels may be chosen whose results have the CPU's bits: no Winograd, no split sums.</summary>
    public bool Reproducible { get; init; }

    /// <summary>Whether it computes in float64, too.</summary>
    public bool Doubles { get; init; }

    /// <summary>Floats in the vectors of kernels that suit every profile.</summary>
    public int PortableLanes => Profile == ClProfile.Cpu ? Lanes : 4;

    /// <summary>How long one work-item takes for products one after the other that each wait for their operands, as the references do.</summary>
    public double PredictChain(double products) => products * ChainNanoseconds;

    /// <summary>The latency of a load that nothing hides, and a multiply-add.</summary>
    private const double ChainNanoseconds = 80;

    /// <summary>How long launches should take that are bound by arithmetic or by memory.</summary>
    /// <param name="flops">Floating-point operations; a multiply-add counts two.</param>
    /// <param name="bytes">Bytes that cross the memory bus.</param>
    /// <param name="efficiency">The share of the peak that the kernel reaches.</param>
    /// <param name="launches">The number of launches.</param>
    public double Predict(double flops, double bytes, double efficiency = 0.5, int launches = 1) =>
        launches * LaunchNanoseconds + Math.Max(flops / (Gflops * efficiency), bytes / Bandwidth);
}
