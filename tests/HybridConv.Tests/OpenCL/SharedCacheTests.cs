using HybridConv.Cl;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.OpenCL.Running;
using HybridConv.OpenCL.Trust;
using HybridConv.Targets;
using HybridConv.Testing;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Tests.OpenCL;

public sealed class SharedCacheTests
{
    [Fact]
    public async Task Two_processes_fill_one_cache_at_once()
    {
        _ = OpenClDevice.Entry;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv-shared-");
        try
        {
            string cache = Path.Combine(folder.FullName, "cache");
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => ChildProcess.RunTests([typeof(CacheUser)], ("HYBRIDCONV_CACHE", cache)))));
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(cache, KernelTrust.Entries)));
            Assert.Single(Directory.GetFiles(Path.Combine(cache, ProgramStore.Entries)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

/// <summary>What each of the processes does.</summary>
public sealed class CacheUser
{
    [Fact]
    public void Programs_and_verdicts_are_found_or_made()
    {
        DeviceEntry entry = OpenClDevice.Entry with { Facts = OpenClDevice.Entry.Facts with { Platform = "one that keeps nothing" } };
        for (int i = 0; i < 5; i++)
        {
            var context = new DeviceContext(SilkApi.TryLoad(out _)!, entry, CacheFolder.Of(new SessionOptions()));
            _ = context.Api.ReleaseKernel(context.CreateKernel(new ClProgram("conv/scale.cl"), "scale_pixels"));
            context.Release();
            using var network = new DeviceNetwork(new SessionOptions());
            Assert.Equal(network.Expected(), network.Run());
        }
    }
}
