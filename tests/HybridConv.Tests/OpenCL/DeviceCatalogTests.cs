using HybridConv.Cl;
using HybridConv.OpenCL;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.Targets;
using HybridConv.Testing;
using HybridConv.Testing.Devices;
using Silk.NET.OpenCL;
using Xunit;

namespace HybridConv.Tests.OpenCL;

/// <summary>Finding, describing, ranking and naming devices: on imaginary ones.</summary>
public class DeviceCatalogTests
{
    private const string Pocl = "Portable Computing Language", Nvidia = "NVIDIA CUDA";

    private static readonly ImaginaryDevice Processor = new("pthread-haswell", DeviceType.Cpu | DeviceType.Default) { Vendor = "GenuineIntel", LocalMemory = DeviceLocalMemType.Global };
    private static readonly ImaginaryDevice Integrated = new("Intel(R) UHD Graphics", DeviceType.Gpu) { Vendor = "Intel(R) Corporation", ComputeUnits = 96 };
    private static readonly ImaginaryDevice Small = new("NVIDIA T4", DeviceType.Gpu) { Vendor = "NVIDIA Corporation", ComputeUnits = 40 };
    private static readonly ImaginaryDevice Large = new("NVIDIA H100", DeviceType.Gpu) { Vendor = "NVIDIA Corporation", ComputeUnits = 132 };

    private static ImaginaryApi Machine => new((Pocl, [Processor]), ("Intel(R) OpenCL Graphics", [Integrated]), (Nvidia, [Small, Large]));

    [Theory]
    [InlineData("opencl", "NVIDIA H100")]
    [InlineData("opencl:0", "pthread-haswell")]
    [InlineData("opencl:3", "NVIDIA H100")]
    [InlineData("opencl:0.0", "pthread-haswell")]
    [InlineData("opencl:2.0", "NVIDIA T4")]
    [InlineData("opencl:uhd", "Intel(R) UHD Graphics")]
    [InlineData("opencl:portable", "pthread-haswell")]
    public void A_device_is_named_by_its_place_or_by_a_part_of_its_name(string target, string device) =>
        Assert.Equal(device, DeviceCatalog.Of(Machine).Find(target).Facts.Name);

    [Theory]
    [InlineData("opencl:4")]
    [InlineData("opencl:2.2")]
    [InlineData("opencl:radeon")]
    public void A_name_that_means_nothing_is_refused_with_the_names_there_are(string target)
    {
        DeviceException error = Assert.Throws<DeviceException>(() => DeviceCatalog.Of(Machine).Find(target));
        Assert.Equal(ErrorCode.NoSuchTarget, error.Code);
        Assert.Contains($"'{target[7..]}'", error.Message);
        foreach (string known in new[] { "opencl:0 pthread-haswell", "opencl:1 Intel(R) UHD Graphics", "opencl:2 NVIDIA T4", "opencl:3 NVIDIA H100" })
            Assert.Contains(known, error.Message);
    }

    [Fact]
    public void Discrete_GPUs_come_before_others_and_processors_last()
    {
        Assert.Equal(Large.Name, Best((Pocl, [Processor]), (Nvidia, [Small, Large])));
        Assert.Equal(Small.Name, Best(("Intel(R) OpenCL Graphics", [Integrated]), (Nvidia, [Small])));
        Assert.Equal(Integrated.Name, Best((Pocl, [Processor with { ComputeUnits = 500 }]), ("Intel(R) OpenCL Graphics", [Integrated])));
        Assert.Equal(Processor.Name, Best((Pocl, [Processor])));
    }

    private static string Best(params (string Name, ImaginaryDevice[] Devices)[] platforms) => DeviceCatalog.Of(new ImaginaryApi(platforms)).Find("opencl").Facts.Name;

    [Theory]
    [InlineData("0")]
    [InlineData("1.0")]
    [InlineData("T4")]
    public void A_variable_names_the_device_that_opencl_means(string device) =>
        ChildProcess.RunTests([typeof(DeviceVariableTests)], ("HYBRIDCONV_OPENCL_DEVICE", device));

    /// <summary>By the platform's name first: PoCL reports the processor's vendor.</summary>
    [Theory]
    [InlineData(Pocl, "GenuineIntel", DeviceType.Cpu, DeviceLocalMemType.Global, "Pocl", "Cpu")]
    [InlineData(Pocl, "AuthenticAMD", DeviceType.Cpu, DeviceLocalMemType.Global, "Pocl", "Cpu")]
    [InlineData("Intel(R) OpenCL", "Intel(R) Corporation", DeviceType.Cpu, DeviceLocalMemType.Global, "Intel", "Cpu")]
    [InlineData(Nvidia, "NVIDIA Corporation", DeviceType.Gpu, DeviceLocalMemType.Local, "Nvidia", "Local")]
    [InlineData("AMD Accelerated Parallel Processing", "Advanced Micro Devices, Inc.", DeviceType.Gpu, DeviceLocalMemType.Local, "Amd", "Local")]
    [InlineData("Intel(R) OpenCL Graphics", "Intel(R) Corporation", DeviceType.Gpu, DeviceLocalMemType.Local, "Intel", "Register")]
    [InlineData("ARM Platform", "ARM", DeviceType.Gpu, DeviceLocalMemType.Global, "Mali", "Register")]
    [InlineData("QUALCOMM Snapdragon(TM)", "QUALCOMM", DeviceType.Gpu, DeviceLocalMemType.Local, "Adreno", "Register")]
    [InlineData("Apple", "Apple", DeviceType.Gpu, DeviceLocalMemType.Local, "Apple", "Local")]
    [InlineData("rusticl", "Somebody", DeviceType.Gpu, DeviceLocalMemType.Global, "Other", "Register")]
    public void Kernels_are_chosen_by_whose_device_it_is(string platform, string vendor, DeviceType type, DeviceLocalMemType local, string kind, string profile)
    {
        DeviceFacts facts = Facts(platform, new ImaginaryDevice("device", type) { Vendor = vendor, LocalMemory = local });
        Assert.Equal(kind, facts.Kind.ToString());
        Assert.Equal(profile, facts.Profile.ToString());
        Assert.Equal(facts.Profile, facts.ForRows(null, reproducible: false).Profile);
        Assert.Equal(ClProfile.Reference, facts.ForRows(ClProfile.Reference, reproducible: false).Profile);
    }

    [Theory]
    [InlineData(DeviceFpConfig.Denorm | DeviceFpConfig.CorrectlyRoundedDivideSqrt, "CL_FP_FMA")]
    [InlineData(DeviceFpConfig.Fma | DeviceFpConfig.CorrectlyRoundedDivideSqrt, "CL_FP_DENORM")]
    [InlineData(DeviceFpConfig.Fma | DeviceFpConfig.Denorm, "CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT")]
    public void A_device_that_cannot_promise_the_bits_is_refused_when_they_are_wanted(DeviceFpConfig has, string lacks)
    {
        using var network = new DeviceSession();
        var api = new WatchedApi(new ImaginaryApi((Nvidia, [Large with { Single = has }])));
        DeviceException error = Assert.Throws<DeviceException>(() => network.Open(api));
        Assert.Contains($"opencl:0 (NVIDIA H100) cannot compute reproducibly: it does not report {lacks}", error.Message);
        network.Open(api, DeviceSession.Options with { Precision = Precision.Fast }).Dispose();
        Assert.Empty(api.Live);
    }

    [Fact]
    public void A_device_without_a_compiler_is_refused()
    {
        using var network = new DeviceSession();
        DeviceException error = Assert.Throws<DeviceException>(() => network.Open(new ImaginaryApi((Nvidia, [Large with { Compiles = false }]))));
        Assert.Contains("opencl:0 (NVIDIA H100) has no compiler for kernels", error.Message);
    }

    /// <summary>A network is planned for every kind of device, whether or not there is one.</summary>
    [Theory]
    [InlineData(Pocl, DeviceType.Cpu)]
    [InlineData(Nvidia, DeviceType.Gpu)]
    [InlineData("ARM Platform", DeviceType.Gpu)]
    public void A_session_runs_on_an_imaginary_device(string platform, DeviceType type)
    {
        using var network = new DeviceSession();
        var api = new WatchedApi(new ImaginaryApi((platform, [new ImaginaryDevice("device", type)])));
        network.Play(api);
        Assert.Empty(api.Live);
        Assert.Empty(api.Misuses);
    }

    [Fact]
    public void Every_device_is_listed_with_its_limits()
    {
        IReadOnlyList<TargetLine> lines = new OpenClFamily(Machine, null).Lines;
        Assert.Equal(["opencl:0", "opencl:1", "opencl:2", "opencl:3"], lines.Select(line => line.Name));
        Assert.All(lines, line => Assert.True(line.IsThere));
        Assert.Equal("NVIDIA H100 (NVIDIA CUDA)", lines[3].About);
        Assert.Contains(("name by platform", "opencl:2.1"), lines[3].Facts);
        Assert.Contains(("memory", "4096 MiB, at most 1024 MiB in one buffer"), lines[3].Facts);
    }

    /// <summary>What stands in the way is one sentence, and only what needs a device fails.</summary>
    [Fact]
    public void Without_a_device_there_is_a_reason()
    {
        (OpenClFamily Family, string Why)[] machines =
        [
            (new OpenClFamily(null, "there is no OpenCL loader on this system"), "there is no OpenCL loader"),
            (new OpenClFamily(new ImaginaryApi(), null), "no driver is registered"),
            (new OpenClFamily(new ImaginaryApi { Status = ClStatus.NoPlatform }, null), "no driver is registered"),
            (new OpenClFamily(new ImaginaryApi { Status = ClStatus.OutOfHostMemory }, null), "CL_OUT_OF_HOST_MEMORY"),
            (new OpenClFamily(new ImaginaryApi((Nvidia, [])), null), "they see no device"),
        ];
        foreach ((OpenClFamily family, string why) in machines)
        {
            TargetLine line = Assert.Single(family.Lines);
            Assert.False(line.IsThere);
            Assert.Contains(why, line.About);
            DeviceException error = Assert.Throws<DeviceException>(() => family.Open("opencl", DeviceSession.Options, mixes: false));
            Assert.Equal(ErrorCode.NoSuchTarget, error.Code);
            Assert.Contains(why, error.Message);
        }
    }

    /// <summary>Whatever question a driver does not answer: the device is described without.</summary>
    [Fact]
    public void Finding_devices_never_fails()
    {
        var clean = new WatchedApi(Machine);
        _ = new OpenClFamily(clean, null).Lines;
        foreach ((string function, int calls) in clean.Calls)
            for (int index = 0; index < calls; index++)
                Assert.NotEmpty(new OpenClFamily(new WatchedApi(Machine) { Fault = new Fault(function, index, -30) }, null).Lines);
    }

    [Fact]
    public async Task Drivers_start_up_with_one_thread_asking()
    {
        var driver = new StartingDriver();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () => Assert.Contains("see no device", DeviceCatalog.Of(driver).WhyNone), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(1, driver.MostAtOnce);
    }

    private static DeviceFacts Facts(string platform, ImaginaryDevice device) => DeviceCatalog.Of(new ImaginaryApi((platform, [device]))).Devices[0].Facts;

    /// <summary>Runs in a process of its own for every name.</summary>
    public class DeviceVariableTests
    {
        [Fact]
        public void The_variable_means_what_the_same_name_means() =>
            Assert.Equal(DeviceCatalog.Of(Machine).Find($"opencl:{Knobs.OpenClDevice ?? "3"}").Facts.Name, DeviceCatalog.Of(Machine).Find("opencl").Facts.Name);
    }

    /// <summary>A platform without devices that takes a while to find that out.</summary>
    private sealed unsafe class StartingDriver() : ApiLayer(new ImaginaryApi((Nvidia, [])))
    {
        private int asking;

        public int MostAtOnce { get; private set; }

        public override int GetDeviceIds(nint platform, DeviceType type, uint capacity, nint* devices, uint* count)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref asking));
            Thread.Sleep(20);
            Interlocked.Decrement(ref asking);
            return base.GetDeviceIds(platform, type, capacity, devices, count);
        }
    }
}
