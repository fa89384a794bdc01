using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Constant;

public class ConstantTests
{
    [Fact]
    public void EveryFormIsKnownAfterInference()
    {
        Assert.Equal([2.5f], Read("Constant", 13, Attribute("value_float", 2.5f)).Node.Output.Constant!.ToArray<float>());
        Assert.Equal([3L], Read("Constant", 13, Attribute("value_int", 3L)).Node.Output.Constant!.ToArray<long>());
        Assert.Equal([3L, 4], Read("Constant", 13, Attribute("value_ints", 3L, 4L)).Node.Output.Constant!.ToArray<long>());
        Assert.Equal([1f, 2], Read("Constant", 13, Attribute("value_floats", 1f, 2f)).Node.Output.Constant!.ToArray<float>());
        OpFixture tensor = Read("Constant", 9, Attribute("value", Tensor.From([1f, 2], new Shape(2, 1), "t")));
        Assert.Equal(new Shape(2, 1), tensor.OutputShape);
        Assert.Equal([1.0, 2], tensor.Reference<double>().Get<double>());
    }

    [Fact]
    public void TextAndNothingAreRefused()
    {
        Assert.Throws<UnsupportedOperatorException>(() => Read("Constant", 13, Attribute("value_string", "x")).Node);
        Assert.Throws<UnsupportedOperatorException>(() => Read("Constant", 13).Node);
    }

    [Fact]
    public void ConstantOfShapeFills()
    {
        OpFixture ones = Read("ConstantOfShape", 9, Attribute("value", Tensor.From([7], new Shape(1), "t"))).Constant([2L, 1]);
        Assert.Empty(ones.Node.Inputs);
        Assert.Equal(new Shape(2, 1), ones.OutputShape);
        Assert.Equal([7, 7], ones.Reference<float>().Get<int>());
        Assert.Equal([0f], Read("ConstantOfShape", 9).Constant(new long[] { }, 0).Reference<float>().Get<float>());
        Assert.Equal([2.5], Read("ConstantOfShape", 9, Attribute("value", Tensor.From([2.5f], new Shape(1), "t"))).Constant([1L]).Reference<double>().Get<double>());
        Assert.Throws<ShapeException>(() => Read("ConstantOfShape", 9).Constant([-1L]).Node);
        Assert.Throws<ShapeException>(() => Read("ConstantOfShape", 9).Constant([1L << 31]).Node);
    }
}
