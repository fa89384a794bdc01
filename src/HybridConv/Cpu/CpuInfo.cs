using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using HybridConv.Cpu.Simd;

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

    /// <summary>What measurements are filed under: they hold for one processor, one width of vectors and one number of threads.</summary>
    public string Name => $"{Processor}, {Isa.Label()} kernels, {Threads} threads";

    /// <summary>Whether AMD made the processor: its cores reach further into memory at a time than others'.</summary>
    public static bool IsAmd { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0) is (_, Ebx: 0x68747541, Ecx: 0x444D4163, Edx: 0x69746E65);

    /// <summary>The processor's own name where it tells one.</summary>
    public static string Processor => field ??= ReadProcessor();

    private static string ReadProcessor()
    {
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0x80000004)
            return RuntimeInformation.ProcessArchitecture.ToString();
        // Leaves 0x80000002 to 0x80000004 hold 48 bytes of text.
        Span<int> words = stackalloc int[12];
        for (int leaf = 0; leaf < 3; leaf++)
            (words[4 * leaf], words[4 * leaf + 1], words[4 * leaf + 2], words[4 * leaf + 3]) = X86Base.CpuId(unchecked((int)0x80000002) + leaf, 0);
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes(words)).TrimEnd('\0').Trim();
    }
}
