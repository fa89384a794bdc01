using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.Testing.Devices;
using Silk.NET.OpenCL;
using Xunit;

namespace HybridConv.Tests.OpenCL;

public class DeviceCatalogTests
{
    [Fact]
    public async Task Drivers_start_up_with_one_thread_asking()
    {
        var driver = new StartingDriver();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () => Assert.Contains("see no device", DeviceCatalog.Of(driver).WhyNone), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(1, driver.MostAtOnce);
    }

    /// <summary>A platform without devices that takes a while to find that out.</summary>
    private sealed unsafe class StartingDriver() : ApiLayer(null!)
    {
        private int asking;

        public int MostAtOnce { get; private set; }

        public override int GetPlatformIds(uint capacity, nint* platforms, uint* count)
        {
            *count = 1;
            if (capacity > 0)
                *platforms = 1;
            return ClStatus.Success;
        }

        public override int GetDeviceIds(nint platform, DeviceType type, uint capacity, nint* devices, uint* count)
        {
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref asking));
            Thread.Sleep(20);
            Interlocked.Decrement(ref asking);
            *count = 0;
            return ClStatus.Success;
        }
    }
}
