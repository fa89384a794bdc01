using HybridConv.Graphs;
using HybridConv.Planning;
using HybridConv.Targets;
using Xunit;

namespace HybridConv.Tests.Targets;

/// <summary>What <c>auto</c> takes, and what it says of it, beside devices that take no time, much time, or refuse.</summary>
public sealed class AutoTargetTests : IDisposable
{
    private readonly string cache = Directory.CreateTempSubdirectory("hybridconv-auto-").FullName;

    public void Dispose() => Directory.Delete(cache, recursive: true);

    [Theory]
    [InlineData(0, "opencl:7")]
    [InlineData(50, "cpu")]
    public void The_faster_target_is_taken_and_the_other_one_closed(int milliseconds, string taken)
    {
        var device = new Device(milliseconds);
        using (Session session = Open(device))
        {
            Assert.Equal(taken, session.Target);
            Assert.StartsWith("the fastest of a short measurement: cpu ", session.TargetReason, StringComparison.Ordinal);
            Assert.Contains("opencl:7 ", session.TargetReason, StringComparison.Ordinal);
            Assert.Equal(taken == "cpu" ? 0 : 1, device.Opened);
        }
        Assert.Equal(0, device.Opened);
    }

    [Fact]
    public void What_was_measured_once_is_remembered()
    {
        var device = new Device(0);
        Open(device).Dispose();
        int executions = device.Executions;
        Assert.NotEqual(0, executions);
        using Session session = Open(device);
        Assert.Equal("opencl:7", session.Target);
        Assert.StartsWith("the fastest when this machine measured it", session.TargetReason, StringComparison.Ordinal);
        Assert.Equal(executions, device.Executions);
    }

    [Fact]
    public void A_device_that_refuses_or_fails_leaves_the_network_to_the_processor()
    {
        using (Session session = Open(new Device(0) { RefusesToCompile = true }))
        {
            Assert.Equal("cpu", session.Target);
            Assert.Contains("not opencl:7: it does not want to", session.TargetReason, StringComparison.Ordinal);
        }
        var failing = new Device(0) { FailsToRun = true };
        using (Session session = Open(failing))
            Assert.Equal("cpu", session.Target);
        Assert.Equal(0, failing.Opened);
    }

    [Fact]
    public void A_device_that_is_the_processor_takes_no_part()
    {
        var device = new Device(0) { IsProcessor = true };
        using Session session = Open(device);
        Assert.Equal("cpu", session.Target);
        Assert.Equal(0, device.Executions);
    }

    private Session Open(Device device)
    {
        var net = new ModelBuilder(seed: 1);
        net.Input("x", 1, 8, 4, 4).Pointwise(8).Relu().Output("y");
        Model model = net.Build();
        var options = new SessionOptions { Threads = 1, CacheFolder = cache };
        return new Session(model, options, new AutoTarget(device, options));
    }

    /// <summary>A device whose runs take a given time and compute nothing.</summary>
    private sealed class Device(int milliseconds) : ITargetFamily
    {
        public bool RefusesToCompile { get; init; }
        public bool FailsToRun { get; init; }
        public bool IsProcessor { get; init; }
        public int Executions { get; private set; }
        public int Opened { get; private set; }

        public IReadOnlyList<TargetLine> Lines => [new TargetLine("opencl:7", true, "", [], IsProcessor, $"device of {milliseconds} ms")];

        public ITarget Open(string name, SessionOptions options, bool mixes)
        {
            Assert.True(mixes);
            Opened++;
            return new Target(this);
        }

        private sealed class Target(Device device) : ITarget
        {
            public string Name => "opencl:7";
            public int Threads => 1;

            public MachinePeak? MeasurePeak() => null;

            public Plan Compile(PlanRequest request)
            {
                if (device.RefusesToCompile)
                    throw new UnsupportedModelException("it does not want to");
                using var cpu = new CpuTarget(request.Options);
                Plan plan = cpu.Compile(request);
                return new Idle(device, plan) { Steps = plan.Steps, Passes = plan.Passes, Outputs = plan.Outputs, ArenaBytes = plan.ArenaBytes, WeightBytes = plan.WeightBytes };
            }

            public void Dispose() => device.Opened--;
        }

        private sealed class Idle(Device device, Plan plan) : Plan
        {
            public override PlanRun CreateRun() => new IdleRun(device, plan.CreateRun());
        }

        private sealed class IdleRun(Device device, PlanRun run) : PlanRun
        {
            public override Memory<byte> Input(int index) => run.Input(index);

            public override Memory<byte> Output(int index) => run.Output(index);

            public override (ElementType Type, Shape Shape) OutputType(int index) => run.OutputType(index);

            public override void Execute(CancellationToken cancellation)
            {
                device.Executions++;
                if (device.FailsToRun)
                    throw new DeviceException("it is lost");
                if (device.Milliseconds > 0)
                    Thread.Sleep(device.Milliseconds);
            }

            public override void Profile(Span<long> ticks) => ticks.Clear();

            public override void Dispose() => run.Dispose();
        }

        private int Milliseconds => milliseconds;
    }
}
