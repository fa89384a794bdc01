using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Identity;

public class IdentityTests
{
    [Fact]
    public void IdentityKeepsTypeShapeAndElements()
    {
        OpFixture identity = Read("Identity", 13).Input([1L, 2], 2, 1);
        Assert.Equal(new Shape(2, 1), identity.OutputShape);
        Assert.Equal([1L, 2], identity.Reference<float>().Get<long>());
    }

    [Fact]
    public void DropoutKeepsEverythingAndSaysSo()
    {
        OpFixture dropout = Read("Dropout", 13, Attribute("seed", 1L)).Input([1f, 2]).Constant([0.5f], []).Constant([false], []).Outputs(2);
        OpFixture.Results results = dropout.Reference<float>();
        Assert.Single(dropout.Node.Inputs);
        Assert.Equal([1f, 2], results.Get<float>(0));
        Assert.Equal([true, true], results.Get<bool>(1));
        dropout.RowsMustEqualReference();
    }

    [Fact]
    public void OldMaskHasTheTypeOfTheData()
    {
        OpFixture dropout = Read("Dropout", 7, Attribute("ratio", 0.5f)).Input([1f, 2]).Outputs(2);
        Assert.Equal([1f, 1], dropout.Reference<float>().Get<float>(1));
        dropout.RowsMustEqualReference();
    }

    [Fact]
    public void TrainingIsRefusedUnlessItDropsNothing()
    {
        Assert.Throws<UnsupportedOperatorException>(() => Read("Dropout", 13).Input([1f, 2]).Constant([0.5f], []).Constant([true], []).Node);
        Assert.Equal([1f, 2], Read("Dropout", 13).Input([1f, 2]).Constant([0f], []).Constant([true], []).Reference<float>().Get<float>());
    }
}
