using Microsoft.Extensions.Logging;

namespace HybridConv;

/// <summary>How exact results are.</summary>
public enum Precision
{
    /// <summary>The fastest kernels inside a proved error bound; the same bits on every run of one plan.</summary>
    Fast,
    /// <summary>The same bits for every thread count, batch position, instruction set and capable device.</summary>
    Reproducible,
}

/// <summary>The order of the axes of a caller's four-dimensional (or 3-D, 5-D) image tensors.</summary>
public enum ImageLayout
{
    /// <summary>As the model declares it; ONNX models declare channels first.</summary>
    AsDeclared,
    /// <summary>Batch, then height and width, then channels: pixels interleaved.</summary>
    ChannelsLast,
}

/// <summary>What loading a model may take.</summary>
public sealed record ModelOptions
{
    /// <summary>The largest model file, in bytes, external data not counted.</summary>
    public long MaxModelBytes { get; init; } = int.MaxValue;

    /// <summary>The largest number of nodes.</summary>
    public int MaxNodes { get; init; } = 4_000_000;

    /// <summary>The largest single tensor, in bytes.</summary>
    public long MaxTensorBytes { get; init; } = int.MaxValue - 64;

    /// <summary>Receives log messages; null for none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}

/// <summary>How a model is compiled into a session.</summary>
public sealed record SessionOptions
{
    /// <summary>
    /// Where to run: <c>cpu</c>; <c>opencl</c> (the best device), <c>opencl:0</c>, <c>opencl:P.D</c> (device D of platform P) or <c>opencl:</c> and a part of a
    /// device's name, with the package HybridConv.OpenCL; <c>cpu:reference</c> (slow, in double precision, for checking); or <c>auto</c>, the fastest of the
    /// processor and the GPUs for the network. A target that is named runs every step of the network or refuses it; only <c>auto</c> mixes.
    /// </summary>
    public string Target { get; init; } = "auto";

    /// <summary>Threads of one run, the caller's included; 0 takes one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>How exact results are.</summary>
    public Precision Precision { get; init; }

    /// <summary>Sizes of symbolic dimensions, by symbol.</summary>
    public IReadOnlyDictionary<string, long>? Dimensions { get; init; }

    /// <summary>Whole shapes of inputs, by input name, in the caller's layout.</summary>
    public IReadOnlyDictionary<string, long[]>? InputShapes { get; init; }

    /// <summary>The order in which the caller gives image inputs.</summary>
    public ImageLayout InputLayout { get; init; }

    /// <summary>The order in which the caller reads image outputs.</summary>
    public ImageLayout OutputLayout { get; init; }

    /// <summary>Names of intermediate values to keep as additional outputs.</summary>
    public IReadOnlyList<string>? Keep { get; init; }

    /// <summary>Whether runs check their own results.</summary>
    public Verify Verify { get; init; }

    /// <summary>How they check them, and what follows from a mismatch.</summary>
    public VerifyOptions VerifyOptions { get; init; } = new();

    /// <summary>The largest single tensor, in bytes.</summary>
    public long MaxTensorBytes { get; init; } = int.MaxValue - 64;

    /// <summary>The largest arena of one run plus packed weights, in bytes.</summary>
    public long MaxTotalBytes { get; init; } = 16L << 30;

    /// <summary>
    /// The folder for what is compiled, measured or checked once on a machine; null takes that of the environment variable HYBRIDCONV_CACHE, or
    /// <c>hybridconv</c> in the user's cache folder; <c>off</c> keeps nothing. A folder to which others than its owner may write is not used.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// A file of measurements that choose kernels, as <c>hybridconv tune</c> writes it; <c>cache</c> takes the one in the cache folder, null that of the environment
    /// variable HYBRIDCONV_TUNE. Without one, what is known about the processor or the device chooses: the same kernels on every machine with such a one.
    /// </summary>
    public string? TuneFile { get; init; }

    /// <summary>Told what compiling is doing, from the thread that compiles; null for nobody.</summary>
    public IProgress<CompileProgress>? Progress { get; init; }

    /// <summary>Whether every kernel of an OpenCL device is checked once before it is used; null lets the environment variable HYBRIDCONV_SELFTEST decide.</summary>
    internal bool? SelfTest { get; init; }

    /// <summary>For tests: everything in the arena but the inputs is filled with NaN before each execution.</summary>
    internal bool PoisonArena { get; init; }

    /// <summary>The number of plans (one per set of input shapes) that a session keeps.</summary>
    public int MaxPlans { get; init; } = 8;

    /// <summary>Receives log messages; null for none.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
