using System.Runtime.Intrinsics.X86;

namespace HybridConv.Cpu;

/// <summary>A vector width that kernels are compiled for.</summary>
internal enum Isa
{
    /// <summary>One float at a time.</summary>
    Scalar = 1,
    /// <summary>Portable 128-bit vectors; fused multiply-add may be emulated.</summary>
    V128 = 4,
    /// <summary>AVX2 and FMA.</summary>
    V256 = 8,
    /// <summary>AVX-512F.</summary>
    V512 = 16,
}

/// <summary>The machine that CPU rows are chosen for.</summary>
/// <param name="Isa">The widest vector to use.</param>
/// <param name="Threads">Workers that a run may use, the caller's thread included.</param>
/// <param name="Precision">Whether results may differ from the definition's in their last bits.</param>
internal sealed record CpuInfo(Isa Isa, int Threads, Precision Precision = Precision.Reproducible)
{
    /// <summary>The widest vector that this process can use.</summary>
    public static Isa Widest =>
        Avx512F.IsSupported ? Isa.V512 :
        Avx2.IsSupported && Fma.IsSupported ? Isa.V256 :
        System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated ? Isa.V128 : Isa.Scalar;

    /// <summary>The machine that this process may use; 0 threads leave the number to <see cref="Knobs.Threads"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of threads, or more than <see cref="Knobs.MaxThreads"/>.</exception>
    public static CpuInfo Current(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, Knobs.MaxThreads);
        return new CpuInfo(Knobs.Isa, threads == 0 ? Knobs.Threads : threads);
    }

    /// <summary>Floats in one vector.</summary>
    public int Lanes => (int)Isa;
}
