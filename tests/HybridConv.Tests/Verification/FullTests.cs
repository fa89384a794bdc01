using HybridConv.Verification;
using Xunit;

namespace HybridConv.Tests.Verification;

/// <summary>Sessions that repeat every run on another target.</summary>
public class FullTests
{
    [Theory]
    [InlineData("cpu", Precision.Fast), InlineData("opencl", Precision.Fast), InlineData("opencl", Precision.Reproducible)]
    public void Targets_that_agree_pass(string target, Precision precision)
    {
        using Model model = VerifiedNetworks.Mixed();
        using Session session = model.Compile(new() { Target = VerifiedNetworks.Required(target), Precision = precision, Verify = Verify.Full });
        Assert.Equal(target == "cpu" ? "cpu:reference" : "cpu", session.Verification!.Other.Target);
        Assert.Equal(precision == Precision.Reproducible, session.Verification.Tolerance == RunTolerance.None);
        using Run run = session.CreateRun();
        for (int i = 0; i < 3; i++)
        {
            run.Fill(i);
            run.Execute();
        }
    }

    /// <summary>The intermediate value that is kept differs, and is named.</summary>
    [Theory]
    [InlineData("cpu"), InlineData("opencl")]
    public void A_kept_value_that_differs_is_named(string target)
    {
        using Model model = VerifiedNetworks.Living();
        string kept = model.Graph.Nodes.First(node => node.Op.Name == "LeakyRelu").Output.Name;
        using Session session = model.Compile(new() { Target = VerifiedNetworks.Required(target), Verify = Verify.Full, Keep = [kept], VerifyOptions = new() { Against = "cpu" } });
        using Run run = session.CreateRun();
        run.Fill(1);
        run.Execute();
        WeightFault fault = WeightFault.Of(model, run)[0];
        fault.Flip(0, 29);
        var error = Assert.Throws<MismatchException>(() => run.Execute());
        Assert.Equal(["y", kept], error.Mismatches.Select(m => m.Output));
        Assert.All(error.Mismatches, m => Assert.Equal((session.Target, "cpu", -1), (m.Target, m.Against, m.Step)));
        Assert.Equal("LeakyRelu", error.Mismatches[1].Op);
        fault.Flip(0, 29);
        run.Execute();
    }

    [Fact]
    public void A_session_that_repeats_its_runs_can_fall_back()
    {
        using Model model = VerifiedNetworks.Living();
        using Session session = model.Compile(new() { Target = "cpu", Verify = Verify.Full, VerifyOptions = new() { OnMismatch = OnMismatch.FallBack } });
        using Run run = session.CreateRun();
        run.Fill(1);
        run.Execute();
        float[] right = run.Output<float>(0).ToArray();
        WeightFault fault = WeightFault.Of(model, run)[0];
        fault.Flip(0, 29);
        run.Execute();
        Assert.Equal("cpu:reference", session.Target);
        for (int i = 0; i < right.Length; i++)
            Assert.Equal(right[i], run.Output<float>(0)[i], 1e-5f);
        fault.Flip(0, 29);
    }

    [Fact]
    public void A_target_to_compare_with_that_is_not_there_is_an_error_at_once()
    {
        using Model model = VerifiedNetworks.Living();
        Assert.Equal(ErrorCode.NoSuchTarget, Assert.Throws<DeviceException>(() => model.Compile(new() { Target = "cpu", Verify = Verify.Full, VerifyOptions = new() { Against = "abacus" } })).Code);
    }

    [Theory]
    [InlineData(1f, 1f, true), InlineData(1f, 1.0005f, true), InlineData(1f, 1.01f, false), InlineData(float.NaN, float.NaN, true), InlineData(float.NaN, 1f, false)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, true), InlineData(float.PositiveInfinity, 1f, false), InlineData(0f, -0f, true)]
    public void Values_are_compared_within_the_tolerance(float got, float want, bool agree)
    {
        byte[] a = [.. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(got)], b = [.. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(want)];
        Deviation? worst = ValueComparison.Worst(ElementType.Float32, a, b, RunTolerance.Network);
        Assert.Equal(agree, worst is null);
        Assert.Equal(agree ? null : 1, worst?.Element);
        bool same = got.Equals(want) || got == want;
        Assert.Equal(same, ValueComparison.Worst(ElementType.Float32, a, b, RunTolerance.None) is null);
    }

    [Fact]
    public void Integers_must_be_equal()
    {
        byte[] a = BitConverter.GetBytes(long.MaxValue), b = BitConverter.GetBytes(long.MaxValue - 1);
        Assert.Null(ValueComparison.Worst(ElementType.Int64, a, a, RunTolerance.Network));
        Assert.NotNull(ValueComparison.Worst(ElementType.Int64, a, b, RunTolerance.Network));
    }
}
