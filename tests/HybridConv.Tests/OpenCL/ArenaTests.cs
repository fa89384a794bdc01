using HybridConv.OpenCL;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.OpenCL.Running;
using HybridConv.Testing;
using HybridConv.Testing.Devices;
using Silk.NET.OpenCL;
using Xunit;

namespace HybridConv.Tests.OpenCL;

/// <summary>Memory of runs: in one buffer or in several, in the host's memory or in the device's own; the results are the processor's.</summary>
public sealed class ArenaTests : IDisposable
{
    private const int Pixels = 24, Channels = 10, ValueBytes = Pixels * Pixels * Channels * sizeof(float);

    private readonly Model model = Build();

    public void Dispose() => model.Dispose();

    [Theory]
    [InlineData(DeviceType.Cpu, null)]
    [InlineData(DeviceType.Gpu, null)]
    [InlineData(DeviceType.Cpu, 3)]
    [InlineData(DeviceType.Gpu, 3)]
    [InlineData(DeviceType.Cpu, 1)]
    [InlineData(DeviceType.Gpu, 1)]
    public void Results_are_the_processors(DeviceType type, int? valuesInOneBuffer)
    {
        ulong? limit = valuesInOneBuffer is { } count ? (ulong)(count * ValueBytes + 4096) : null;
        var api = new WatchedApi(new DisguisedApi(OpenClDevice.Api) { Type = type, MaxAllocation = limit });
        using Session cpu = model.Compile(new SessionOptions { Target = "cpu", Threads = 1, Precision = Precision.Reproducible });
        using (Session session = Open(api, poisons: true))
        {
            using (Run run = session.CreateRun())
                Assert.Equal(limit is not null, ((OpenClPlan)run.Plan).Banks.Count > 1);
            for (int round = 0; round < 3; round++)
            {
                float[] image = RandomData.Floats(round, 3 * Pixels * Pixels);
                Assert.Equal(cpu.Run(image), session.Run(image));
            }
        }
        Assert.Empty(api.Live);
    }

    /// <summary>Runs of one session at the same time.</summary>
    [Theory]
    [InlineData(DeviceType.Cpu)]
    [InlineData(DeviceType.Gpu)]
    public void Runs_do_not_disturb_each_other(DeviceType type)
    {
        var api = new WatchedApi(new DisguisedApi(OpenClDevice.Api) { Type = type });
        using Session cpu = model.Compile(new SessionOptions { Target = "cpu", Threads = 1, Precision = Precision.Reproducible });
        float[][] images = [.. Enumerable.Range(0, 4).Select(seed => RandomData.Floats(seed, 3 * Pixels * Pixels))], expected = Array.ConvertAll(images, image => cpu.Run(image));
        using (Session session = Open(api))
            Parallel.For(0, images.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            {
                using Run run = session.CreateRun();
                for (int round = 0; round < 5; round++)
                {
                    images[i].CopyTo(run.Input<float>(0));
                    run.Execute();
                    Assert.Equal(expected[i], run.Output<float>(0).ToArray());
                }
            });
        Assert.Empty(api.Live);
        Assert.Empty(api.Misuses);
    }

    [Fact]
    public void A_value_larger_than_any_buffer_is_refused_by_name()
    {
        ResourceLimitException error = Assert.Throws<ResourceLimitException>(
            () => Open(new DisguisedApi(OpenClDevice.Api) { MaxAllocation = ValueBytes / 2 }));
        Assert.Contains($"{ValueBytes} bytes", error.Message);
        Assert.Contains(OpenClDevice.Entry.Facts.Name, error.Message);
    }

    /// <summary>A driver that does not say how large buffers may be: they may be as large as the standard wants at least.</summary>
    [Fact]
    public void A_device_that_states_no_limit_is_used()
    {
        using Session session = Open(new DisguisedApi(OpenClDevice.Api) { MaxAllocation = 0 });
        Assert.NotEmpty(session.Run(new float[3 * Pixels * Pixels]));
    }

    [Fact]
    public void Inputs_and_outputs_stay_where_they_are_between_executions()
    {
        using Session session = Open(new DisguisedApi(OpenClDevice.Api) { Type = DeviceType.Gpu });
        using Run run = session.CreateRun();
        RandomData.Floats(1, 3 * Pixels * Pixels).CopyTo(run.Input<float>(0));
        run.Execute();
        float[] once = run.Output<float>(0).ToArray();
        run.Execute();
        Assert.Equal(once, run.Output<float>(0).ToArray());
    }

    [Fact]
    public void An_execution_that_is_cancelled_ends_and_the_next_one_works()
    {
        using Session session = Open(OpenClDevice.Api);
        using Run run = session.CreateRun();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => run.Execute(cancelled.Token));
        run.Execute();
    }

    /// <summary>What a run takes is taken when it is made.</summary>
    [Theory]
    [InlineData(DeviceType.Cpu)]
    [InlineData(DeviceType.Gpu)]
    public void Executing_allocates_nothing(DeviceType type)
    {
        var device = new DisguisedApi(OpenClDevice.Api) { Type = type };
        using Session session = Open(device);
        using Run run = session.CreateRun();
        run.Execute();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            run.Execute();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Executing_keeps_no_handle()
    {
        var api = new WatchedApi(new DisguisedApi(OpenClDevice.Api) { Type = DeviceType.Gpu });
        using Session session = Open(api);
        using Run run = session.CreateRun();
        run.Execute();
        int before = api.Live.Count();
        for (int i = 0; i < 10; i++)
            run.Execute();
        Assert.Equal(before, api.Live.Count());
    }

    private Session Open(IClApi api, bool poisons = false)
    {
        SessionOptions options = DeviceSession.Options with { PoisonArena = poisons };
        return new Session(model, options, new OpenClTarget(api, DeviceCatalog.Of(api).Find("opencl"), options));
    }

    /// <summary>Several values are alive at once: a residual over two convolutions.</summary>
    private static Model Build()
    {
        var net = new ModelBuilder(seed: 4);
        NetValue x = net.Input("x", 1, 3, Pixels, Pixels).Conv(Channels, kernel: 3).Relu();
        NetValue y = x.Conv(Channels, kernel: 3).Relu().Pointwise(Channels);
        y.Add(x).Relu().Output("y");
        return net.Build();
    }
}
