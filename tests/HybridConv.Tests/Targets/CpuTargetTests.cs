using HybridConv.Planning;
using Xunit;

namespace HybridConv.Tests.Targets;

public class CpuTargetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Small_steps_do_not_fall_to_the_reference(int size)
    {
        var net = new ModelBuilder();
        NetValue x = net.Input("x", 1, 16, size, size).Pointwise(8);
        x.Mul(x.GlobalAveragePool().Pointwise(8).HardSigmoid()).GlobalAveragePool().Flatten().Dense(3).Softmax().Output("y");
        Assert.DoesNotContain(Steps(net), step => step.Kernel.Contains("reference"));
    }

    [Fact]
    public void A_densely_connected_block_copies_nothing()
    {
        var net = new ModelBuilder();
        NetValue first = net.Input("x", 1, 3, 12, 12).Conv(8, 3);
        var parts = new List<NetValue> { first };
        NetValue all = first;
        for (int i = 0; i < 4; i++)
        {
            parts.Add(all.BatchNormalization().Relu().Conv(6, 3));
            all = net.Concat([.. parts]);
        }
        all.BatchNormalization().Relu().GlobalAveragePool().Output("y");
        Step[] steps = [.. Steps(net).Where(step => step.Kernel != Step.View)];
        Assert.DoesNotContain(steps, step => step.Node.Op.Name is "Concat" or "Relu");
        Assert.Equal(5, steps.Count(step => step.Node.Op.Name == "BatchNormalization"));
    }

    private static IReadOnlyList<Step> Steps(ModelBuilder net)
    {
        using Model model = net.Build();
        using Session session = model.Compile(new SessionOptions { Target = "cpu", Threads = 1 });
        using Run run = session.CreateRun();
        return run.Plan.Steps;
    }
}
