using HybridConv.Cl;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.OpenCL.Running;
using HybridConv.Targets;
using HybridConv.Testing.Devices;
using Silk.NET.OpenCL;
using Xunit;

namespace HybridConv.Tests.OpenCL;

public sealed class ProgramStoreTests : IDisposable
{
    private static readonly ClProgram First = new("first.cl"), Second = new("second.cl", "-D LANES=16");

    private static readonly DeviceFacts Facts = new()
    {
        Name = "a device",
        Platform = "a platform",
        Vendor = "a vendor",
        Driver = "1.0",
        Version = "OpenCL 1.2",
        Type = DeviceType.Gpu,
        ComputeUnits = 1,
        ClockMegahertz = 1000,
        MaxWorkGroup = 256,
        LocalBytes = 1 << 15,
        HasLocalMemory = true,
        GlobalBytes = 1 << 30,
        MaxAllocation = 1 << 28,
        FloatLanes = 4,
        Arithmetic = default,
        Compiles = true,
    };

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv-programs-");
    private readonly CompilerStub compiler = new();

    private CacheFolder Cache => new(Path.Combine(folder.FullName, "cache"));

    private string[] Files => [.. Directory.GetFiles(Path.Combine(folder.FullName, "cache", ProgramStore.Entries))];

    public void Dispose() => folder.Delete(recursive: true);

    private ProgramStore Store(DeviceFacts? facts = null, string text = "text", CacheFolder? cache = null) =>
        new(compiler, new DeviceEntry(0, 0, 0, 0, 0, facts ?? Facts), 0, new KernelSource(name => $"{name}: {text}"), cache ?? Cache);

    /// <summary>Builds both programs in a store of its own; how many came from their source and from the cache.</summary>
    private (int Source, int Binary) Build(DeviceFacts? facts = null, string text = "text", CacheFolder? cache = null)
    {
        (int source, int binary) = (compiler.SourceBuilds, compiler.BinaryBuilds);
        ProgramStore store = Store(facts, text, cache);
        store.Build([First, Second, First], null);
        Assert.NotEqual(store.Get(First), store.Get(Second));
        store.Release();
        Assert.Equal(0, compiler.Live);
        return (compiler.SourceBuilds - source, compiler.BinaryBuilds - binary);
    }

    [Fact]
    public void The_second_process_compiles_nothing()
    {
        Assert.Equal((2, 0), Build());
        Assert.Equal((0, 2), Build());
    }

    [Fact]
    public void Whatever_a_program_depends_on_builds_it_again()
    {
        Build();
        Assert.Equal((2, 0), Build(text: "another text"));
        foreach (DeviceFacts changed in new[]
        {
            Facts with { Name = "another" }, Facts with { Driver = "1.1" }, Facts with { Version = "OpenCL 3.0" }, Facts with { PlatformVersion = "2" },
            Facts with { Vendor = "another" }, Facts with { Arithmetic = new ClArithmetic(false, false, RoundedDivision: true) },
        })
            Assert.Equal((2, 0), Build(changed));
        Assert.Equal((0, 2), Build());
    }

    [Fact]
    public void Drivers_that_keep_programs_themselves_are_left_to_it()
    {
        DeviceFacts pocl = Facts with { Platform = "Portable Computing Language" };
        Assert.Equal((2, 0), Build(pocl));
        Assert.Equal((2, 0), Build(pocl));
    }

    [Fact]
    public void Without_a_cache_every_process_compiles()
    {
        Assert.Equal((2, 0), Build(cache: new CacheFolder(null)));
        Assert.Equal((2, 0), Build(cache: new CacheFolder(null)));
    }

    [Fact]
    public void Damaged_files_are_built_again_and_replaced()
    {
        Build();
        byte[][] whole = [.. Files.Select(File.ReadAllBytes)];
        for (int at = 0; at < whole[0].Length; at++)
        {
            foreach ((string file, byte[] bytes) in Files.Zip(whole))
                File.WriteAllBytes(file, at % 2 == 0 ? bytes[..at] : [.. bytes[..at], (byte)~bytes[at], .. bytes[(at + 1)..]]);
            Assert.Equal((2, 0), Build());
            Assert.Equal((0, 2), Build());
        }
    }

    [Fact]
    public void What_the_driver_does_not_want_is_built_again_and_replaced()
    {
        Build();
        foreach (ClProgram program in new[] { First, Second })
            Cache.Write(ProgramStore.Entries, Store().Key(program), "of another driver"u8);
        Assert.Equal((2, 0), Build());
        Assert.Equal((0, 2), Build());
    }

    [Fact]
    public void A_program_that_does_not_build_is_an_error_with_its_options_and_log_and_is_tried_again()
    {
        compiler.Error = "second.cl";
        ProgramStore store = Store();
        DeviceException error = Assert.Throws<DeviceException>(() => store.Build([First, Second], null));
        Assert.Contains("second.cl with -cl-std=CL1.2 -D LANES=16", error.Message);
        Assert.Contains("CL_BUILD_PROGRAM_FAILURE", error.Message);
        Assert.Equal("CL_BUILD_PROGRAM_FAILURE", error.DeviceStatus);
        Assert.Equal("line 1: no", error.BuildLog);
        Assert.True(compiler.Live <= 1);
        compiler.Error = null;
        store.Build([First, Second], null);
        store.Release();
        Assert.Equal(0, compiler.Live);
    }

    [Fact]
    public void Programs_are_built_at_once_where_drivers_can()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "There is one processor.");
        using var both = new Barrier(2);
        compiler.Building = () => both.SignalAndWait(TimeSpan.FromSeconds(20));
        Assert.Equal((2, 0), Build());
        Assert.Equal(1, both.CurrentPhaseNumber);
    }

    [Fact]
    public async Task Several_who_want_a_program_get_the_same_one()
    {
        ProgramStore store = Store();
        nint[] got = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => store.Get(First))));
        Assert.Single(got.Distinct());
        Assert.Equal(1, compiler.SourceBuilds);
        store.Release();
    }

    [Fact]
    public void Each_program_is_reported_before_it_is_built()
    {
        var reports = new Reports();
        ProgramStore store = Store(Facts with { Platform = "Portable Computing Language" });
        store.Build([First, Second], reports);
        store.Build([First, Second], reports);
        Assert.Equal([new CompileProgress("building first.cl", 0, 2), new CompileProgress("building second.cl with -D LANES=16", 1, 2)], reports);
    }

    [Fact]
    public void A_real_driver_takes_back_what_it_gave()
    {
        DeviceEntry entry = OpenClDevice.Entry with { Facts = OpenClDevice.Entry.Facts with { Platform = "one that keeps nothing" } };
        var program = new ClProgram("conv/scale.cl");
        for (int process = 0; process < 2; process++)
        {
            var context = new DeviceContext(SilkApi.TryLoad(out _)!, entry, Cache);
            _ = context.Api.ReleaseKernel(context.CreateKernel(program, "scale_pixels"));
            context.Release();
            Assert.Single(Files);
        }
        File.WriteAllBytes(Files[0], File.ReadAllBytes(Files[0])[..^1]);
        var again = new DeviceContext(SilkApi.TryLoad(out _)!, entry, Cache);
        _ = again.Api.ReleaseKernel(again.CreateKernel(program, "scale_pixels"));
        again.Release();
    }
}
