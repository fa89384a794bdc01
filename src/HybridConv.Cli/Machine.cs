using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using HybridConv.Cli.Reports;
using HybridConv.Cpu;
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
        CpuInfo.Processor, Environment.ProcessorCount, Knobs.Isa.Label(), Features, RuntimeInformation.OSDescription, RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        RuntimeInformation.FrameworkDescription, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Version, peakGflops);

    public static string Version => typeof(SessionOptions).Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
