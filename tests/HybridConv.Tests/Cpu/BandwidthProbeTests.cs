using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using Xunit;

namespace HybridConv.Tests.Cpu;

public class BandwidthProbeTests
{
    [Fact]
    public void Every_width_reads_memory_at_a_believable_speed() =>
        Assert.All(IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest), isa => Assert.InRange(BandwidthProbe.GigabytesPerSecond(isa, 2, TimeSpan.FromMilliseconds(1)), 0.05, 1e4));
}
