using HybridConv.Testing;
using HybridConv.Zoo;
using Xunit;

namespace HybridConv.Tests.Zoo;

public class BlocksTests
{
    [Theory]
    [InlineData(2, new float[] { 0, 3, 1, 4, 2, 5 })]
    [InlineData(3, new float[] { 0, 2, 4, 1, 3, 5 })]
    public void Channels_of_groups_are_interleaved(int groups, float[] shuffled)
    {
        var net = new ModelBuilder();
        net.Input("x", 1, 6, 1, 1).ChannelShuffle(groups).Output("y");
        using Model model = net.Build();
        Assert.Equal(shuffled, Run(model, [0, 1, 2, 3, 4, 5]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gates_multiply_each_channel_by_a_number_between_0_and_1(bool hard)
    {
        var net = new ModelBuilder(seed: 1);
        net.Input("x", 1, 8, 2, 2).SqueezeExcite(4, hard: hard).Output("y");
        using Model model = net.Build();
        float[] x = RandomData.Floats(seed: 1, 32), y = Run(model, x);
        for (int channel = 0; channel < 8; channel++)
        {
            float gate = y[4 * channel] / x[4 * channel];
            Assert.InRange(gate, 0.01f, 0.99f);
            for (int pixel = 1; pixel < 4; pixel++)
                Assert.Equal(gate * x[4 * channel + pixel], y[4 * channel + pixel], 1e-6f);
        }
    }

    [Theory]
    [InlineData(Nonlinearity.None)]
    [InlineData(Nonlinearity.Relu)]
    [InlineData(Nonlinearity.Relu6)]
    [InlineData(Nonlinearity.Silu)]
    [InlineData(Nonlinearity.HardSwish)]
    public void Gains_keep_a_signal_alive_through_thirty_layers(Nonlinearity nonlinearity)
    {
        const int Channels = 64;
        var net = new ModelBuilder(seed: 2);
        NetValue x = net.Input("x", 1, Channels, 4, 4).ConvNorm(Channels, kernel: 1, gain: Gains.AfterLinear);
        for (int i = 0; i < 30; i++)
            x = x.Activate(nonlinearity).ConvNorm(Channels, kernel: 1, gain: Gains.After(nonlinearity));
        x.Output("y");
        using Model model = net.Build();
        float[] y = Run(model, RandomData.Floats(seed: 3, Channels * 16));
        Assert.InRange(Math.Sqrt(y.Average(value => (double)value * value)), 0.2, 5);
    }

    private static float[] Run(Model model, float[] x)
    {
        using Session session = model.Compile(new SessionOptions { Target = "cpu" });
        return session.Run(x);
    }
}
