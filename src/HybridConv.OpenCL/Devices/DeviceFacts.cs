using HybridConv.Cl;
using HybridConv.OpenCL.Api;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Devices;

/// <summary>Whose driver, or kind of chip, a device is: decides about kernels and workarounds.</summary>
internal enum DeviceVendor
{
    Other,
    Pocl,
    Nvidia,
    Amd,
    Intel,
    Mali,
    Adreno,
    Apple,
}

/// <summary>What a device says about itself, asked once.</summary>
internal sealed record DeviceFacts
{
    public required string Name { get; init; }
    public required string Platform { get; init; }
    public string PlatformVersion { get; init; } = "";
    public required string Vendor { get; init; }
    public required string Driver { get; init; }
    public required string Version { get; init; }
    public required DeviceType Type { get; init; }
    public required int ComputeUnits { get; init; }
    public required int ClockMegahertz { get; init; }
    public required int MaxWorkGroup { get; init; }
    public required long LocalBytes { get; init; }
    public required bool HasLocalMemory { get; init; }
    public required long GlobalBytes { get; init; }
    public required long MaxAllocation { get; init; }
    public required int FloatLanes { get; init; }
    public required ClArithmetic Arithmetic { get; init; }
    public required bool Compiles { get; init; }
    public bool Doubles { get; init; }

    /// <summary>What the standard demands of every device; held for those that do not say.</summary>
    private const long LeastMaxAllocation = 128 << 20;

    public bool IsCpu => Type.HasFlag(DeviceType.Cpu);

    /// <summary>By the platform's name first: PoCL reports the processor's vendor, and vendor numbers say even less.</summary>
    public DeviceVendor Kind =>
        Platform.Contains("Portable Computing Language", StringComparison.Ordinal) ? DeviceVendor.Pocl :
        Has("NVIDIA") ? DeviceVendor.Nvidia :
        Has("Advanced Micro Devices") || Has("AMD") ? DeviceVendor.Amd :
        Has("Qualcomm") || Has("QUALCOMM") ? DeviceVendor.Adreno :
        Has("ARM") && !IsCpu ? DeviceVendor.Mali :
        Has("Apple") ? DeviceVendor.Apple :
        Has("Intel") ? DeviceVendor.Intel : DeviceVendor.Other;

    /// <summary>The kernels that suit it.</summary>
    public ClProfile Profile =>
        IsCpu ? ClProfile.Cpu :
        Kind is DeviceVendor.Mali or DeviceVendor.Adreno or DeviceVendor.Intel || !HasLocalMemory ? ClProfile.Register : ClProfile.Local;

    /// <summary>Whether kernels of its profile have been run on such hardware.</summary>
    public bool IsTried => Kind is DeviceVendor.Pocl or DeviceVendor.Nvidia;

    /// <summary>Whether the driver itself keeps what it has compiled. PoCL compiles every kernel once more to hand out a program's binary, which takes longer than it saves.</summary>
    public bool KeepsPrograms => Kind is DeviceVendor.Pocl or DeviceVendor.Nvidia;

    /// <summary>Whether several programs are built faster at once than one after the other. PoCL's compiler holds a lock.</summary>
    public bool BuildsInParallel => Kind is not DeviceVendor.Pocl;

    /// <summary>The machine that rows are chosen for.</summary>
    /// <param name="profile">Kernels that were asked for instead of the device's own.</param>
    /// <param name="reproducible">Whether results must have the CPU's bits.</param>
    public ClDevice ForRows(ClProfile? profile, bool reproducible)
    {
        int lanes = FloatLanes >= 16 ? 16 : 8;
        double flopsPerClock = IsCpu ? 4.0 * lanes : 256;
        return new ClDevice(Name, profile ?? Profile, lanes, ComputeUnits, MaxWorkGroup, LocalBytes, Arithmetic)
        {
            Gflops = Math.Max(1, ComputeUnits * Math.Max(500, ClockMegahertz) * flopsPerClock / 1000),
            Bandwidth = IsCpu ? 20 : 30.0 * ComputeUnits,
            LaunchNanoseconds = IsCpu ? 5000 : 8000,
            Reproducible = reproducible,
            Doubles = Doubles,
        };
    }

    /// <summary>Why results cannot have the CPU's bits; null when they can.</summary>
    public string? WhyNotReproducible =>
        !Arithmetic.FusedMultiplyAdd ? "it does not report CL_FP_FMA"
        : !Arithmetic.Denormals ? "it does not report CL_FP_DENORM"
        : !Arithmetic.RoundedDivision ? "it does not report CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT"
        : null;

    private bool Has(string text) => Platform.Contains(text, StringComparison.Ordinal) || Vendor.Contains(text, StringComparison.Ordinal);

    public static DeviceFacts Of(IClApi api, nint platform, nint device)
    {
        ulong single = InfoReader.Number(api, device, DeviceInfo.SingleFPConfig);
        return new DeviceFacts
        {
            Name = InfoReader.Text(api, device, DeviceInfo.Name),
            Platform = InfoReader.Text(api, platform, PlatformInfo.Name),
            PlatformVersion = InfoReader.Text(api, platform, PlatformInfo.Version),
            Vendor = InfoReader.Text(api, device, DeviceInfo.Vendor),
            Driver = InfoReader.Text(api, device, DeviceInfo.DriverVersion),
            Version = InfoReader.Text(api, device, DeviceInfo.Version),
            Type = (DeviceType)InfoReader.Number(api, device, DeviceInfo.Type),
            ComputeUnits = (int)Math.Clamp(InfoReader.Number(api, device, DeviceInfo.MaxComputeUnits), 1, int.MaxValue),
            ClockMegahertz = (int)Math.Min(InfoReader.Number(api, device, DeviceInfo.MaxClockFrequency), int.MaxValue),
            MaxWorkGroup = (int)Math.Clamp(InfoReader.Number(api, device, DeviceInfo.MaxWorkGroupSize), 1, int.MaxValue),
            LocalBytes = (long)Math.Min(InfoReader.Number(api, device, DeviceInfo.LocalMemSize), long.MaxValue),
            HasLocalMemory = InfoReader.Number(api, device, DeviceInfo.LocalMemType) == (ulong)DeviceLocalMemType.Local,
            GlobalBytes = (long)Math.Min(InfoReader.Number(api, device, DeviceInfo.GlobalMemSize), long.MaxValue),
            MaxAllocation = InfoReader.Number(api, device, DeviceInfo.MaxMemAllocSize) is > 0 and var bytes ? (long)Math.Min(bytes, long.MaxValue) : LeastMaxAllocation,
            FloatLanes = (int)Math.Min(InfoReader.Number(api, device, DeviceInfo.PreferredVectorWidthFloat), 16),
            Arithmetic = new ClArithmetic(
                (single & (ulong)DeviceFpConfig.Fma) != 0, (single & (ulong)DeviceFpConfig.Denorm) != 0,
                (single & (ulong)DeviceFpConfig.CorrectlyRoundedDivideSqrt) != 0),
            Doubles = InfoReader.Number(api, device, DeviceInfo.DoubleFPConfig) != 0,
            Compiles = InfoReader.Number(api, device, DeviceInfo.CompilerAvailable) != 0,
        };
    }
}
