using HybridConv.Testing;
using HybridConv.Testing.Devices;

namespace HybridConv.Tests.Verification;

/// <summary>What the tests of verification run.</summary>
internal static class VerifiedNetworks
{
    /// <summary>Targets to verify. The second one skips the test where there is no device.</summary>
    public static string Required(string target) => target.StartsWith("opencl", StringComparison.Ordinal) ? OpenClDevice.Entry.Target : target;

    /// <summary>A network with every way in which steps share memory: residual, concatenation in place, split, in-place activation, dense layers.</summary>
    public static Model Mixed()
    {
        var net = new ModelBuilder(seed: 5);
        NetValue x = net.Input("image", 2, 3, 20, 20).Conv(16, 3, stride: 2).Relu();
        NetValue y = x.Pointwise(32).Relu6().Depthwise(3).Relu6().Pointwise(16).Add(x).Tanh();
        y = net.Concat([y.Pointwise(16).HardSwish(), y.Conv(16, 3).Silu(), y.Sigmoid()]).MaxPool(2);
        y = y.AveragePool(3).Silu();
        y.GlobalAveragePool().Flatten().Dense(10).Softmax().Output("scores");
        return net.Build();
    }

    /// <summary>A network in which no weight is without effect: none of its features dies.</summary>
    public static Model Living()
    {
        var net = new ModelBuilder(seed: 7);
        NetValue x = net.Input("image", 1, 3, 16, 16).Conv(16, 3).LeakyRelu(0.5f).Pointwise(32).LeakyRelu(0.5f);
        x = x.Depthwise(3).LeakyRelu(0.5f).Conv(16, 3, stride: 2).LeakyRelu(0.5f);
        x.GlobalAveragePool().Flatten().Dense(10).Output("y");
        return net.Build();
    }

    /// <summary>Fills the only input of a run.</summary>
    public static void Fill(this Run run, int seed) => RandomData.Floats(seed, run.Input<float>(0).Length).CopyTo(run.Input<float>(0));
}
