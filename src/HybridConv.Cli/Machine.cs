using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;
using HybridConv.Cli.Reports;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cli;

/// <summary>What the machine and this process are; for reports.</summary>
internal static class Machine
{
    /// <summary>Instruction sets that kernels use or could use, as .NET sees them.</summary>
    public static IReadOnlyList<string> Features { get; } =
    [
        .. new (string Name, bool IsSupported)[]
        {
            ("sse4.2", Sse42.IsSupported), ("avx", Avx.IsSupported), ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported),
            ("avx512f", Avx512F.IsSupported), ("avx512bw", Avx512BW.IsSupported), ("avx512vl", Avx512F.VL.IsSupported),
            ("neon", AdvSimd.IsSupported), ("neon64", AdvSimd.Arm64.IsSupported), ("dotprod", Dp.IsSupported),
            ("vector128", Vector128.IsHardwareAccelerated), ("vector256", Vector256.IsHardwareAccelerated), ("vector512", Vector512.IsHardwareAccelerated),
        }.Where(feature => feature.IsSupported).Select(feature => feature.Name),
    ];

    public static MachineReport Describe(double? peakGflops = null) => new(
        Processor, Environment.ProcessorCount, Knobs.Isa.Label(), Features, RuntimeInformation.OSDescription, RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        RuntimeInformation.FrameworkDescription, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Version, peakGflops);

    public static string Version => typeof(SessionOptions).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    /// <summary>The processor's own name where it tells one.</summary>
    public static string Processor
    {
        get
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
}
