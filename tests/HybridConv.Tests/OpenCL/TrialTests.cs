using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.OpenCL.Trust;
using HybridConv.Ops.Conv;
using HybridConv.Tests.Passes;
using Xunit;

namespace HybridConv.Tests.OpenCL;

/// <summary>What trials ask, and how they judge; no device is needed for it.</summary>
public class TrialTests
{
    /// <summary>A trial of a convolution into a window of a larger tensor, and what the right answer leaves behind.</summary>
    private static (Trial Trial, byte[] Right, int FirstOutput) Make()
    {
        var graph = new SmallGraph();
        Node node = graph.AddNode("Conv", new ConvAttributes(null, null, null, null, 1, AutoPad.SameUpper, ChannelsLast: true), 1,
            graph.Input("x", 1, 5, 5, 4), graph.Constant(new Shape(6, 4, 3, 3), new float[6 * 4 * 9]));
        node.Output.View = TensorView.Dense(new Shape(1, 5, 5, 8)).Window(3, 2, 6);
        var trial = Trial.Of(node);
        byte[] right = trial.RightAnswer.ToArray();
        return (trial, right, right.AsSpan().CommonPrefixLength(trial.Question) / sizeof(float));
    }

    private static Verdict Judge(Action<Span<float>, int> change)
    {
        (Trial trial, byte[] left, int firstOutput) = Make();
        change(MemoryMarshal.Cast<byte, float>(left.AsSpan()), firstOutput);
        return trial.Judge(left);
    }

    [Fact]
    public void The_numbers_are_the_trials_own()
    {
        // The node's weights are all zero: what it computes would hide every mistake.
        (_, byte[] right, int firstOutput) = Make();
        float output = MemoryMarshal.Cast<byte, float>(right.AsSpan())[firstOutput];
        Assert.True(float.IsFinite(output) && output != 0);
    }

    [Fact]
    public void The_right_answer_is_exact() => Assert.Equal(Verdict.Exact, Judge((_, _) => { }));

    [Fact]
    public void Another_last_bit_is_close() => Assert.Equal(Answer.Close, Judge((left, first) => left[first] = MathF.BitIncrement(left[first])).Answer);

    [Fact]
    public void Another_number_is_wrong() => Assert.Equal(Answer.Wrong, Judge((left, first) => left[first + 1] += 0.01f).Answer);

    [Fact]
    public void No_number_is_wrong() => Assert.Equal(Answer.Wrong, Judge((left, first) => left[first] = float.NaN).Answer);

    [Fact]
    public void Infinity_is_wrong() => Assert.Equal(Answer.Wrong, Judge((left, first) => left[first] = float.PositiveInfinity).Answer);

    [Fact]
    public void A_write_beside_the_outputs_is_wrong()
    {
        Assert.Contains("outside", Judge((left, first) => left[first - 1] = 0).Why);
        Assert.Contains("outside", Judge((left, first) => left[first + 6] = 0).Why);
        Assert.Contains("outside", Judge((left, _) => left[^1] = 0).Why);
        Assert.Contains("outside", Judge((left, _) => left[0] = 0).Why);
    }

    [Fact]
    public void Outputs_that_are_not_written_are_wrong()
    {
        (Trial trial, _, _) = Make();
        Assert.Equal(Answer.Wrong, trial.Judge(trial.Question).Answer);
    }

    [Fact]
    public void Every_answer_survives_being_kept()
    {
        foreach (Answer answer in Enum.GetValues<Answer>())
            Assert.Equal(new Verdict(answer, "why\nin two lines"), Verdict.Of(new Verdict(answer, "why\nin two lines").ToBytes()));
        Assert.Null(Verdict.Of("Perfect\n"u8.ToArray()));
        Assert.Null(Verdict.Of("Exact"u8.ToArray()));
        Assert.Null(Verdict.Of([]));
        Assert.Null(Verdict.Of([0xFF, 0xFE]));
    }
}
