using HybridConv.OpenCL;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Devices;
using HybridConv.Testing.Devices;

namespace HybridConv.OnnxSuite;

/// <summary>Sessions on the targets that the suite runs on.</summary>
internal static class Targets
{
    private static readonly SessionOptions Options = new() { Threads = 1, CacheFolder = "off", SelfTest = false };

    public static Func<Model, Session> Cpu { get; } = model => model.Compile(Options with { Target = "cpu" });

    /// <summary>The device that tests run on, or a skipped test; all sessions share its programs.</summary>
    public static Func<Model, Session> OpenCl => OnDevice(Options);

    /// <summary>The same network on both, each result with the bits that it must have everywhere.</summary>
    public static (Func<Model, Session> Cpu, Func<Model, Session> OpenCl) Reproducible
    {
        get
        {
            SessionOptions options = Options with { Precision = Precision.Reproducible };
            return (model => model.Compile(options with { Target = "cpu", Threads = 0 }), OnDevice(options));
        }
    }

    private static Func<Model, Session> OnDevice(SessionOptions options)
    {
        (IClApi api, DeviceEntry device) = (OpenClDevice.Api, OpenClDevice.Entry);
        return model => new Session(model, options, new OpenClTarget(api, device, options));
    }
}
