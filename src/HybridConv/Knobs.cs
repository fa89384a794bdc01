using System.Globalization;
using HybridConv.Cl;
using HybridConv.Cpu;
using Microsoft.Extensions.Logging;

namespace HybridConv;

/// <summary>An environment variable that changes how HybridConv runs.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Default">What holds when it is not set.</param>
/// <param name="Doc">One sentence.</param>
internal sealed record Knob(string Name, string Default, string Doc)
{
    /// <summary>The variable's text; null when it is not set or empty.</summary>
    public string? Text => Environment.GetEnvironmentVariable(Name) is { Length: > 0 } text ? text : null;

    public ConfigurationException Error(string wanted) => new($"the environment variable {Name} is '{Text}': {wanted}");
}

/// <summary>Every environment variable, one property each. Nothing else reads the environment.</summary>
internal static class Knobs
{
    private static readonly Knob IsaKnob = new("HYBRIDCONV_ISA", "the widest of the machine", "Caps the vectors that CPU kernels use: scalar, v128, v256 or v512.");
    private static readonly Knob ThreadsKnob = new("HYBRIDCONV_THREADS", "one per processor", "Threads of a run for which the options name no number.");
    private static readonly Knob LogKnob = new("HYBRIDCONV_LOG", "warning", "The least severe log messages that the command line prints: trace, debug, information, warning, error, critical or none.");

    private static readonly Knob OpenClDeviceKnob = new("HYBRIDCONV_OPENCL_DEVICE", "the best one found", "The device that the target opencl means: a number, P.D, or a part of its name, as in opencl:NAME.");
    private static readonly Knob OpenClProfileKnob = new("HYBRIDCONV_OPENCL_PROFILE", "by the kind of device", "The kernels that OpenCL devices are given: cpu, local, register or reference.");

    private static readonly Knob OpenClWaitKnob = new("HYBRIDCONV_OPENCL_WAIT", "sleep on GPUs, block on processors", "How a run waits for an OpenCL device: block leaves it to the driver, which may burn a core; sleep sleeps for most of the time that the last run took.");

    private static readonly Knob CacheKnob = new("HYBRIDCONV_CACHE", "hybridconv in the user's cache folder", "The folder for what is measured or compiled once on a machine; off keeps nothing.");
    private static readonly Knob SelfTestKnob = new("HYBRIDCONV_SELFTEST", "on", "Whether every kernel of an OpenCL device is checked once against the processor's before it is used: on or off.");
    private static readonly Knob TuneKnob = new("HYBRIDCONV_TUNE", "none", "A file of hybridconv tune whose measurements choose kernels; cache takes the one in the cache folder.");

    public static IReadOnlyList<Knob> All => [IsaKnob, ThreadsKnob, LogKnob, CacheKnob, OpenClDeviceKnob, OpenClProfileKnob, OpenClWaitKnob, SelfTestKnob, TuneKnob];

    /// <summary>The widest vector that kernels may use: the machine's, or a narrower one that was asked for.</summary>
    /// <exception cref="ConfigurationException">The text is no vector width.</exception>
    public static Isa Isa =>
        IsaKnob.Text is not { } text ? CpuInfo.Widest :
        !char.IsAsciiDigit(text[0]) && Enum.TryParse(text, ignoreCase: true, out Isa asked) && Enum.IsDefined(asked) ? (Isa)Math.Min((int)asked, (int)CpuInfo.Widest) :
        throw IsaKnob.Error("scalar, v128, v256 or v512 is wanted");

    /// <summary>Threads of a run for which the options name no number.</summary>
    /// <exception cref="ConfigurationException">The text is no number of threads.</exception>
    public static int Threads =>
        ThreadsKnob.Text is not { } text ? Environment.ProcessorCount :
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int threads) && threads is >= 1 and <= MaxThreads ? threads :
        throw ThreadsKnob.Error($"a number from 1 to {MaxThreads} is wanted");

    /// <summary>The least severe log messages that the command line prints.</summary>
    /// <exception cref="ConfigurationException">The text is no level.</exception>
    public static LogLevel Log =>
        LogKnob.Text is not { } text ? LogLevel.Warning :
        Enum.TryParse(text, ignoreCase: true, out LogLevel level) && Enum.IsDefined(level) ? level :
        throw LogKnob.Error("trace, debug, information, warning, error, critical or none is wanted");

    /// <summary>The folder for what is measured or compiled once on a machine; null when nothing is to be kept.</summary>
    public static string? CacheFolder => CacheKnob.Text switch
    {
        null => UserCache is { } folder ? Path.Combine(folder, "hybridconv") : null,
        Targets.CacheFolder.Off => null,
        { } folder => folder,
    };

    /// <summary>Where programs of this user keep what they can do without; null where the system names no such place.</summary>
    private static string? UserCache
    {
        get
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
            string? named = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            return OperatingSystem.IsWindows() ? (local.Length > 0 ? local : null)
                : Path.IsPathRooted(named) ? named
                : home.Length == 0 ? null
                : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches") : Path.Combine(home, ".cache");
        }
    }

    /// <summary>The device that the target <c>opencl</c> means; null for the best one found.</summary>
    public static string? OpenClDevice => OpenClDeviceKnob.Text;

    /// <summary>The kernels that OpenCL devices are given; null when the kind of device decides.</summary>
    /// <exception cref="ConfigurationException">The text is no profile.</exception>
    public static ClProfile? OpenClProfile =>
        OpenClProfileKnob.Text is not { } text ? null :
        !char.IsAsciiDigit(text[0]) && Enum.TryParse(text, ignoreCase: true, out ClProfile profile) && Enum.IsDefined(profile) ? profile :
        throw OpenClProfileKnob.Error("cpu, local, register or reference is wanted");

    /// <summary>Whether runs wait for OpenCL devices asleep, rather than in the driver; null when the kind of device decides.</summary>
    /// <exception cref="ConfigurationException">The text is neither.</exception>
    public static bool? OpenClSleeps => OpenClWaitKnob.Text switch
    {
        null => null,
        "sleep" => true,
        "block" => false,
        _ => throw OpenClWaitKnob.Error("block or sleep is wanted"),
    };

    /// <summary>Whether every kernel of an OpenCL device is checked once before it is used.</summary>
    /// <exception cref="ConfigurationException">The text is neither.</exception>
    public static bool SelfTest => SelfTestKnob.Text switch
    {
        null or "on" => true,
        "off" => false,
        _ => throw SelfTestKnob.Error("on or off is wanted"),
    };

    /// <summary>A file of measurements that choose kernels, or <c>cache</c>; null for none.</summary>
    public static string? TuneFile => TuneKnob.Text;

    /// <summary>The largest number of threads that a run may be given.</summary>
    public const int MaxThreads = 1024;
}
