using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using Xunit;

namespace HybridConv.Tests.Cpu;

public class PeakProbeTests
{
    [Fact]
    public void Wider_vectors_do_more_and_every_width_does_something()
    {
        double[] peaks = [.. IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest).Select(isa => PeakProbe.GigaflopsPerSecond(isa, 1, TimeSpan.FromMilliseconds(20)))];
        Assert.All(peaks, peak => Assert.InRange(peak, 1e-3, 1e4));
        Assert.Equal(peaks[0], peaks.Max(), peaks[0] * 0.5);
    }
}
