using HybridConv.Tests.Ops;
using Xunit;

namespace HybridConv.Tests;

/// <summary>Single layers on spans.</summary>
public class LayerTests
{
    [Fact]
    public void PointwiseIsAMatrixProduct()
    {
        float[] pixels = [1, 2, 3, 4, 5, 6], weights = [1, 10, -1, 1], output = new float[6];
        Pointwise.Execute(pixels, weights, [100, 0], output, new PointwiseShape(Pixels: 3, InputChannels: 2, OutputChannels: 2));
        Assert.Equal([121f, 1, 143, 1, 165, 1], output);
    }

    [Fact]
    public void ConvTakesStridePaddingDilationAndGroups()
    {
        var shape = new ConvShape(Batch: 1, Height: 3, Width: 3, InputChannels: 2, OutputChannels: 2, Kernel: 2) { Stride = 2, Padding = (1, 0), Dilation = (1, 2), Groups = 2 };
        Assert.Equal((2, 1, 4L), (shape.OutputHeight, shape.OutputWidth, shape.OutputLength));
        float[] image = [.. Enumerable.Range(1, 18).Select(i => (float)i)], output = new float[4];
        Conv.Execute(image, [1, 10, 100, 1000, 1, 0, 0, 0], [], output, shape);
        // Channel 0 is 1 3 5 / 7 9 11 / 13 15 17, channel 1 is 2 4 6 / 8 10 12 / 14 16 18.
        Assert.Equal([100f * 1 + 1000 * 5, 0, 7 + 10 * 11 + 100 * 13 + 1000 * 17, 8], output);
    }

    [Fact]
    public void DepthwiseIsAConvWithAGroupForEachChannel()
    {
        var shape = new DepthwiseShape(Batch: 2, Height: 5, Width: 6, Channels: 7, Kernel: 3) { Padding = 1, Stride = (1, 2) };
        float[] image = OpFixture.Random(2 * 5 * 6 * 7), weights = OpFixture.Random(7 * 9, seed: 2), bias = OpFixture.Random(7, seed: 3);
        float[] output = new float[shape.OutputLength], expected = new float[shape.OutputLength];
        Depthwise.Execute(image, weights, bias, output, shape);
        Conv.Execute(image, weights, bias, expected, new ConvShape(2, 5, 6, 7, 7, 3) { Padding = 1, Stride = (1, 2), Groups = 7 });
        Assert.Equal(expected, output);
    }

    [Fact]
    public void SpansOfTheWrongLengthAreRefused()
    {
        var shape = new PointwiseShape(3, 2, 2);
        Assert.Throws<ShapeException>(() => Pointwise.Execute(new float[5], new float[4], [], new float[6], shape));
        Assert.Throws<ShapeException>(() => Pointwise.Execute(new float[6], new float[3], [], new float[6], shape));
        Assert.Throws<ShapeException>(() => Pointwise.Execute(new float[6], new float[4], [1], new float[6], shape));
        Assert.Throws<ShapeException>(() => Pointwise.Execute(new float[6], new float[4], [], new float[7], shape));
        Assert.Throws<ShapeException>(() => Pointwise.Execute(new float[6], new float[4], [], new float[6], shape with { Pixels = -1 }));
        var same = new float[6];
        Assert.Throws<ShapeException>(() => Pointwise.Execute(same, new float[4], [], same, shape));
        Assert.Throws<ShapeException>(() => Conv.Execute(new float[2], new float[9], [], new float[2], new ConvShape(1, 1, 2, 1, 1, 3)));
        Assert.Throws<ShapeException>(() => Conv.Execute(new float[2], new float[1], [], new float[2], new ConvShape(1, 1, 2, 1, 1, 1) { Groups = 0 }));
        Assert.Throws<ShapeException>(() => new ConvShape(1, 1, 2, 1, 1, 1) { Stride = 0 }.OutputWidth);
    }

    [Fact]
    public void NoPixelsGiveNoResult() => Pointwise.Execute([], new float[4], [], [], new PointwiseShape(0, 2, 2));
}
