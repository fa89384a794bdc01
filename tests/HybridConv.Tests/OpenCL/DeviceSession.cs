using HybridConv.OpenCL;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.Testing;

namespace HybridConv.Tests.OpenCL;

/// <summary>A small network, and sessions of it on a device that is reached through a given layer.</summary>
internal sealed class DeviceSession : IDisposable
{
    private readonly Model model = Build();
    private readonly float[] input;

    public DeviceSession()
    {
        using Session cpu = model.Compile(new SessionOptions { Target = "cpu", Threads = 1 });
        input = RandomData.Floats(5, (int)cpu.Inputs[0].Dimensions!.Aggregate(1L, (product, d) => product * d.Size));
        Expected = cpu.Run(input);
    }

    /// <summary>What the processor computes.</summary>
    public float[] Expected { get; }

    /// <summary>Nothing is remembered from one session to the next, so that all make the same calls.</summary>
    public static SessionOptions Options { get; } = new() { Precision = Precision.Reproducible, CacheFolder = "off", SelfTest = false };

    /// <summary>A session on the device that <c>opencl</c> means to the layer.</summary>
    public Session Open(IClApi api, SessionOptions? options = null)
    {
        options ??= Options;
        return new Session(model, options, new OpenClTarget(api, DeviceCatalog.Of(api).Find("opencl"), options));
    }

    public void Fill(Run run) => input.CopyTo(run.Input<float>(0));

    /// <summary>Opens, compiles, runs, closes.</summary>
    public float[] Play(IClApi api, SessionOptions? options = null)
    {
        using Session session = Open(api, options);
        return session.Run(input);
    }

    public void Dispose() => model.Dispose();

    /// <summary>Convolutions, a residual, a concatenation, a product.</summary>
    private static Model Build()
    {
        var net = new ModelBuilder(seed: 11);
        NetValue x = net.Input("x", 1, 3, 7, 6).Conv(8, kernel: 3).Relu();
        NetValue y = x.Pointwise(8).Add(x).Relu();
        net.Concat([y, x.Conv(5, kernel: 3, stride: 1)]).Tanh().Flatten().Dense(6).Output("y");
        return net.Build();
    }
}
