using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.BatchNormalization;
using Xunit;

namespace HybridConv.Tests.Ops.BatchNormalization;

public sealed class BatchNormalizationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(33)]
    public void RowsHaveTheReferencesBits(int channels)
    {
        foreach (bool last in (bool[])[false, true])
        {
            long[] shape = last ? [2, 5, 3, channels] : [2, channels, 5, 3];
            Fixture(new BatchNormalizationAttributes(1e-3f, false, last), shape, channels).RowsMustEqualReference();
        }
        Fixture(new BatchNormalizationAttributes(1e-3f, false), [4, channels], channels).RowsMustEqualReference();
        Fixture(new BatchNormalizationAttributes(1e-3f, true), [2, channels, 7], channels, 7).RowsMustEqualReference();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void PixelsOfFewChannelsFillVectors(int channels)
    {
        Fixture(new BatchNormalizationAttributes(1e-3f, false), [1, channels, channels, 1], channels).RowsMustEqualReference();
        OpFixture node = Fixture(new BatchNormalizationAttributes(1e-3f, false, true, Activation.Relu), [1, 61, 67, channels], channels);
        if (CpuInfo.Widest > Isa.V128)
            Assert.StartsWith("batchnormalization.narrow.", node.Rows(new CpuInfo(CpuInfo.Widest, 2)).MinBy(row => row.Fit.Nanoseconds)!.Name, StringComparison.Ordinal);
        node.RowsMustEqualReference();
    }

    [Fact]
    public void RowsEndInActivations()
    {
        foreach (Activation activation in (Activation[])[Activation.Relu, Activation.Clamp(-0.25f, 0.5f), new(ActivationKind.LeakyRelu, 0.1f), Activation.Silu])
            foreach (bool last in (bool[])[false, true])
                Fixture(new BatchNormalizationAttributes(1e-3f, false, last, activation), last ? [2, 5, 3, 19] : [2, 19, 5, 3], 19).RowsMustEqualReference();
    }

    [Fact]
    public void NormalizesEachChannel()
    {
        OpFixture node = OpFixture.Read("BatchNormalization", 15, OpFixture.Attribute("epsilon", 0f))
            .Input([1f, 2f, 3f, 4f], 1, 2, 2).Constant([2f, 3f]).Constant([10f, 20f]).Constant([1f, 2f]).Constant([4f, 9f]);
        Assert.Equal([10f, 11f, 21f, 22f], node.Reference<float>().Get<float>());
        Assert.Equal([10.0, 11, 21, 22], node.Reference<double>().Get<double>());
    }

    [Fact]
    public void FurtherOutputsRepeatTheStatistics()
    {
        OpFixture node = OpFixture.Read("BatchNormalization", 7).Outputs(5).Input([1f], 1, 1).Constant([1f]).Constant([0f]).Constant([3f]).Constant([4f]);
        OpFixture.Results results = node.Reference<float>();
        Assert.Equal([3f, 4f, 3f, 4f], Enumerable.Range(1, 4).Select(i => results.Get<float>(i)[0]));
    }

    [Fact]
    public void TrainingIsRefused()
    {
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("BatchNormalization", 15, OpFixture.Attribute("training_mode", 1L)).Input([1f], 1, 1).Node);
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("BatchNormalization", 6).Outputs(5).Input([1f], 1, 1).Node);
    }

    [Fact]
    public void ParametersMustFitTheChannels()
    {
        Assert.Throws<ShapeException>(() =>
            OpFixture.Read("BatchNormalization", 15).Input([1f, 2f], 1, 2).Constant([1f, 1f]).Constant([0f]).Constant([3f, 3f]).Constant([4f, 4f]).Node);
    }

    private static OpFixture Fixture(BatchNormalizationAttributes attributes, long[] shape, params long[] parameters)
    {
        long count = new Shape(parameters).Elements;
        float[] variance = Array.ConvertAll(OpFixture.Random(count, 5), Math.Abs);
        return new OpFixture(new BatchNormalizationOp(), attributes).Input(OpFixture.Random(new Shape(shape).Elements), shape)
            .Constant(OpFixture.Random(count, 2), parameters).Constant(OpFixture.Random(count, 3), parameters).Constant(OpFixture.Random(count, 4), parameters).Constant(variance, parameters);
    }
}
