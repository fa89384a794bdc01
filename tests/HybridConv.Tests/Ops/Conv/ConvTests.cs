using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Conv;

/// <summary>What a convolution means: shapes, opset forms, hand-computed results, and what is refused.</summary>
public class ConvTests
{
    private static readonly float[] Image3x3 = [1, 2, 3, 4, 5, 6, 7, 8, 9];

    [Fact]
    public void ComputesACrossCorrelation()
    {
        OpFixture conv = Read("Conv", 11).Input(Image3x3, 1, 1, 3, 3).Constant([1f, 10, 100, 1000], 1, 1, 2, 2);
        Assert.Equal(new Shape(1, 1, 2, 2), conv.OutputShape);
        Assert.Equal([5421f, 6532, 8754, 9865], conv.Reference<float>().Get<float>());
        Assert.Equal([5421d, 6532, 8754, 9865], conv.Reference<double>().Get<double>());
    }

    [Fact]
    public void SkipsPaddingEvenWhereWeightsAreInfinite()
    {
        OpFixture conv = Read("Conv", 22, Attribute("pads", 1L, 1L, 0L, 0L)).Input(Image3x3, 1, 1, 3, 3)
            .Constant([float.PositiveInfinity, 0, 0, 1], 1, 1, 2, 2).Constant([0.5f]);
        float inf = float.PositiveInfinity;
        Assert.Equal([1.5f, 2.5f, 3.5f, 4.5f, inf, inf, 7.5f, inf, inf], conv.Reference<float>().Get<float>());
    }

    [Theory]
    [InlineData("SAME_UPPER", 3, 0, 1)]
    [InlineData("SAME_LOWER", 3, 1, 0)]
    [InlineData("VALID", 2, 0, 0)]
    public void AutoPadBecomesPads(string autoPad, int output, long begin, long end)
    {
        Node node = Read("Conv", 1, Attribute("auto_pad", autoPad), Attribute("kernel_shape", [2L])).Input(new float[3], 1, 1, 3).Constant(new float[2], 1, 1, 2).Node;
        Assert.Equal(new Shape(1, 1, output), node.Output.KnownShape);
        Assert.Equal([begin, end], ((ConvAttributes)node.Attributes).Pads!);
    }

    [Fact]
    public void PadsMayBeLargerThanTheFilter()
    {
        OpFixture conv = Read("Conv", 11, Attribute("pads", 3L, 2L)).Input([1f, 2], 1, 1, 2).Constant([1f, 10], 1, 1, 2);
        Assert.Equal([0f, 0, 10, 21, 2, 0], conv.Reference<float>().Get<float>());
    }

    /// <summary>Every combination against loops that know nothing of lines, strides or windows; small integers make every order exact.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ReferenceEqualsTheNaiveLoops(int spatial)
    {
        var random = new Random(spatial);
        for (int round = 0; round < 60; round++)
        {
            ConvCase c = ConvCase.Random(random, spatial, maxSize: 7, maxChannels: 3);
            float[] expected = c.Naive();
            Assert.Equal(expected, c.Fixture(channelsLast: false).Reference<float>().Get<float>());
            Assert.Equal(c.ToChannelsLast(expected, c.Filters, c.Output), c.Fixture(channelsLast: true).Reference<float>().Get<float>());
            Assert.Equal(Array.ConvertAll(expected, x => (double)x), c.Fixture(channelsLast: false).Reference<double>().Get<double>());
        }
    }

    [Fact]
    public void AddsTheResidualBeforeTheActivation()
    {
        var attributes = new ConvAttributes(null, null, null, null, 1, AutoPad.NotSet, ChannelsLast: false, Activation.Relu);
        OpFixture conv = new OpFixture(new ConvOp(), attributes).Input([1f, -2, 3], 1, 1, 3).Constant([2f], 1, 1, 1).Absent().Input([-5f, 5, 1], 1, 1, 3);
        Assert.Equal([0f, 1, 7], conv.Reference<float>().Get<float>());
    }

    [Fact]
    public void AnEmptyBatchGivesAnEmptyResult()
    {
        OpFixture conv = Read("Conv", 11).Input(Array.Empty<float>(), 0, 2, 4, 4).Constant(new float[16], 2, 2, 2, 2);
        Assert.Equal(new Shape(0, 2, 3, 3), conv.OutputShape);
        Assert.Empty(conv.Reference<float>().Get<float>());
    }

    [Fact]
    public void CountsMacsAndParameters()
    {
        Node node = Read("Conv", 11, Attribute("group", 2L)).Input(new float[4 * 25], 1, 4, 5, 5).Constant(new float[6 * 2 * 9], 6, 2, 3, 3).Constant(new float[6]).Node;
        Assert.Equal(new Cost(6 * 9 * 2 * 9, 6 * 2 * 9 + 6), node.Op.Cost(node));
    }

    [Fact]
    public void PadsOfAPrecedingPadAreAddedOnlyWhereTheyMeanTheSame()
    {
        var conv = new ConvOp();
        Node node = Read("Conv", 11, Attribute("pads", 1L, 0L)).Input(new float[3], 1, 1, 3).Constant(new float[2], 1, 1, 2).Node;
        Assert.Equal([3L, 4], ((ConvAttributes)conv.WithPadsAdded(node, [2, 4], 0)!).Pads!);
        Assert.Null(conv.WithPadsAdded(node, [2, 4], 1));
        Assert.Null(conv.WithPadsAdded(node, [2, -1], 0));
    }

    public static TheoryData<string, string, long[], long[], long[]> Hostile => new()
    {
        { "stride 0", "strides", [0L, 1L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "stride of 64 bits", "strides", [1L << 33, 1L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "dilation 0", "dilations", [0L, 1L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "dilation that overflows", "dilations", [long.MaxValue, 1L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "group 0", "group", [0L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "negative group", "group", [-2L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "huge group", "group", [1L << 40], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "filters not divisible", "group", [2L], [1, 4, 5, 5], [3, 2, 3, 3] },
        { "channels differ", "", [], [1, 3, 5, 5], [2, 2, 3, 3] },
        { "weights of higher rank", "", [], [1, 2, 5, 5], [2, 2, 3, 3, 1] },
        { "weights of lower rank", "", [], [1, 2, 5, 5], [2, 2, 3] },
        { "no spatial axis", "", [], [1, 2], [2, 2] },
        { "four spatial axes", "", [], [1, 2, 1, 1, 1, 1], [2, 2, 1, 1, 1, 1] },
        { "pads of wrong rank", "pads", [1L, 1L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "negative pads", "pads", [0L, 0L, -1L, 0L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "huge pads", "pads", [int.MaxValue, 0L, int.MaxValue, 0L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "kernel_shape differs", "kernel_shape", [65536L, 65536L], [1, 2, 5, 5], [2, 2, 3, 3] },
        { "filter larger than the image", "", [], [1, 2, 2, 5], [2, 2, 3, 3] },
        { "empty filter", "", [], [1, 2, 5, 5], [2, 2, 0, 3] },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void RefusesWhatCannotBeComputed(string why, string attribute, long[] values, long[] image, long[] weights)
    {
        NodeAttribute[] attributes = attribute.Length == 0 ? [] : [attribute == "group" ? Attribute(attribute, values[0]) : Attribute(attribute, values)];
        OpFixture conv = Read("Conv", 11, attributes).Input(new float[new Shape(image).Elements], image).Constant(new float[new Shape(weights).Elements], weights);
        var error = Assert.Throws<ShapeException>(() => conv.Node);
        Assert.True(error.Message.Contains("node 'node' (Conv): ", StringComparison.Ordinal), why);
    }

    [Fact]
    public void RefusesABiasThatDoesNotFitAndOtherTypes()
    {
        Assert.Throws<ShapeException>(() => Read("Conv", 11).Input(new float[4], 1, 1, 4).Constant(new float[2], 2, 1, 1).Constant(new float[3]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => Read("Conv", 11).Input(new long[4], 1, 1, 4).Constant(new float[2], 2, 1, 1).Node);
        Assert.Throws<UnsupportedOperatorException>(() => Read("Conv", 11, Attribute("auto_pad", "SOMEHOW")).Input(new float[4], 1, 1, 4).Constant(new float[2], 2, 1, 1).Node);
    }
}
