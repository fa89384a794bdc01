using System.Collections.Concurrent;
using System.Text;
using HybridConv.Cl;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.Targets;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Running;

/// <summary>
/// The programs of one context, each built once: from what the machine has kept of an earlier build, else from its source. Thread-safe.
/// </summary>
/// <param name="api">OpenCL's functions.</param>
/// <param name="device">The device that programs are built for.</param>
/// <param name="context">Its context.</param>
/// <param name="sources">The programs' texts.</param>
/// <param name="cache">Where built programs are kept for the next process.</param>
internal sealed unsafe class ProgramStore(IClApi api, DeviceEntry device, nint context, KernelSource sources, CacheFolder cache)
{
    /// <summary>The folder of the cache for built programs.</summary>
    public const string Entries = "programs";

    private readonly ConcurrentDictionary<ClProgram, Lazy<nint>> programs = new();
    private readonly ConcurrentDictionary<ClProgram, CacheKey> keys = new();

    /// <summary>The program, built; owned by the store.</summary>
    /// <exception cref="DeviceException">It does not build: with its options and the compiler's log.</exception>
    public nint Get(ClProgram program)
    {
        Lazy<nint> entry = programs.GetOrAdd(program, p => new Lazy<nint>(() => Build(p)));
        try
        {
            return entry.Value;
        }
        catch
        {
            // The next who asks may have more luck.
            programs.TryRemove(KeyValuePair.Create(program, entry));
            throw;
        }
    }

    /// <summary>Builds programs, several at once where the driver can.</summary>
    /// <param name="wanted">Those that are built already cost nothing.</param>
    /// <param name="progress">Told before each program that is not; null for nobody.</param>
    public void Build(IEnumerable<ClProgram> wanted, IProgress<CompileProgress>? progress)
    {
        ClProgram[] missing = [.. wanted.Distinct().Where(program => !programs.ContainsKey(program))];
        int done = -1;
        void BuildOne(ClProgram program)
        {
            progress?.Report(new CompileProgress($"building {Describe(program)}", Interlocked.Increment(ref done), missing.Length));
            Get(program);
        }
        if (missing.Length > 1 && device.Facts.BuildsInParallel)
            BuildInParallel(missing, BuildOne);
        else
            Array.ForEach(missing, BuildOne);
    }

    /// <summary>Stands for everything that a built program depends on.</summary>
    public CacheKey Key(ClProgram program) => keys.GetOrAdd(program, p => CacheKey.Of(
        sources.Of(p), Options(p), device.Facts.Name, device.Facts.Vendor, device.Facts.Driver, device.Facts.Version, device.Facts.PlatformVersion));

    public void Release()
    {
        foreach (Lazy<nint> program in programs.Values)
            if (program.IsValueCreated)
                _ = api.ReleaseProgram(program.Value);
        programs.Clear();
    }

    /// <summary>The first error in place of a bundle of them.</summary>
    private static void BuildInParallel(ClProgram[] missing, Action<ClProgram> build)
    {
        try
        {
            Parallel.ForEach(missing, build);
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }

    private static string Describe(ClProgram program) => program.Defines.Length == 0 ? program.File : $"{program.File} with {program.Defines}";

    private string Options(ClProgram program) => string.Join(' ', new[]
    {
        "-cl-std=CL1.2",
        device.Facts.Arithmetic.RoundedDivision ? "-cl-fp32-correctly-rounded-divide-sqrt" : "",
        program.Defines,
    }.Where(option => option.Length > 0));

    private nint Build(ClProgram program)
    {
        if (device.Facts.KeepsPrograms)
            return BuildSource(program);
        CacheKey key = Key(program);
        if (cache.Read(Entries, key) is { } kept && LoadBinary(program, kept) is { } loaded)
            return loaded;
        nint built = BuildSource(program);
        if (cache.WhyNot is null && Binary(built) is { } binary)
            cache.Write(Entries, key, binary);
        return built;
    }

    private nint BuildSource(ClProgram program)
    {
        byte[] text = Encoding.UTF8.GetBytes(sources.Of(program));
        int status;
        nint handle;
        fixed (byte* start = text)
            handle = api.CreateProgramWithSource(context, start, (nuint)text.Length, &status);
        ClStatus.Check(status, $"clCreateProgramWithSource ({program.File})");
        status = BuildFor(handle, program);
        if (status == ClStatus.Success)
            return handle;

        string log = InfoReader.BuildLog(api, handle, device.Id);
        _ = api.ReleaseProgram(handle);
        string what = $"clBuildProgram (opencl/{program.File} with {Options(program)})";
        throw new DeviceException($"{what} failed with {ClStatus.Name(status)} on {device.Facts.Name}: {log}")
        {
            DeviceStatus = ClStatus.Error(status, "").DeviceStatus,
            BuildLog = log,
        };
    }

    /// <summary>The program from what was kept; null when the driver does not want it: then its source is built, as if nothing had been kept.</summary>
    private nint? LoadBinary(ClProgram program, byte[] binary)
    {
        int status;
        nint handle;
        fixed (byte* start = binary)
            handle = api.CreateProgramWithBinary(context, device.Id, start, (nuint)binary.Length, &status);
        if (status == ClStatus.Success && BuildFor(handle, program) == ClStatus.Success)
            return handle;
        if (handle != 0)
            _ = api.ReleaseProgram(handle);
        return null;
    }

    private int BuildFor(nint handle, ClProgram program)
    {
        fixed (byte* line = Encoding.UTF8.GetBytes(Options(program) + '\0'))
            return api.BuildProgram(handle, device.Id, line);
    }

    /// <summary>What the driver made of a program for its one device; null when it does not tell.</summary>
    private byte[]? Binary(nint program)
    {
        nuint size = 0;
        int status = api.GetProgramInfo(program, ProgramInfo.BinarySizes, (nuint)sizeof(nuint), &size, null);
        if (status != ClStatus.Success || size == 0 || size > CacheFolder.MaxBytes / 2)
            return null;
        var binary = new byte[size];
        fixed (byte* start = binary)
        {
            byte* place = start;
            return api.GetProgramInfo(program, ProgramInfo.Binaries, (nuint)sizeof(byte*), &place, null) == ClStatus.Success ? binary : null;
        }
    }
}
