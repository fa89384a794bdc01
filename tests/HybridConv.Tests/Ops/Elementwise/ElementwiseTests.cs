using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;
using Xunit;

namespace HybridConv.Tests.Ops.Elementwise;

public sealed class ElementwiseTests
{
    public static TheoryData<string> Unary =>
    [
        "Relu", "LeakyRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Softplus", "Swish", "Mish", "Gelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Softsign",
        "Exp", "Log", "Erf", "Sqrt", "Reciprocal", "Round", "Floor", "Ceil", "Neg", "Abs", "Sign", "Clip",
    ];

    public static TheoryData<string> Binary => ["Add", "Sub", "Mul", "Div", "Pow", "PRelu", "Max", "Min", "Sum"];

    [Theory]
    [MemberData(nameof(Unary))]
    public void UnaryRowsHaveTheReferencesBits(string op)
    {
        for (int n = 1; n <= 33; n++)
            OpFixture.Read(op, 18).Input(Numbers(n, n), n).RowsMustEqualReference();
        OpFixture.Read(op, 18).Input(Numbers(3 * 5 * 7, 1), 3, 5, 7).RowsMustEqualReference();
        OpFixture.Read(op, 18).Input(Numbers(40_000, 2), 2, 20_000).RowsMustEqualReference();
        OpFixture.Read(op, 18).Input(Numbers(1, 3), []).RowsMustEqualReference();
        OpFixture.Read(op, 18).Input<float>([], 0, 4).RowsMustEqualReference();
    }

    [Fact]
    public void TheApproximationOfGeluHasTheReferencesBits() =>
        OpFixture.Read("Gelu", 20, OpFixture.Attribute("approximate", "tanh")).Input(Numbers(333, 1), 3, 111).RowsMustEqualReference();

    [Theory]
    [MemberData(nameof(Binary))]
    public void BinaryRowsHaveTheReferencesBits(string op)
    {
        for (int n = 1; n <= 33; n++)
            Rows(op, [n], [n]);
        Rows(op, [3, 5, 7], [3, 5, 7]);
        Rows(op, [3, 5, 7], [7]);
        Rows(op, [3, 5, 7], [5, 1]);
        Rows(op, [3, 5, 7], [1]);
        Rows(op, [2, 3, 4, 5], [2, 1, 1, 5]);
        Rows(op, [2, 9000], [9000]);
        if (op == "PRelu")
            return;
        Rows(op, [1], [3, 5]);
        Rows(op, [3, 1], [5]);
        Rows(op, [4, 1, 6], [1, 5, 1]);
    }

    [Fact]
    public void VariadicRowsHaveTheReferencesBits()
    {
        foreach (string op in (string[])["Max", "Min", "Sum"])
        {
            OpFixture.Read(op, 13).Input(Numbers(12, 1), 3, 4).RowsMustEqualReference();
            OpFixture.Read(op, 13).Input(Numbers(60, 1), 3, 4, 5).Input(Numbers(5, 2), 5).Input(Numbers(4, 3), 4, 1).Input(Numbers(60, 4), 3, 4, 5).RowsMustEqualReference();
        }
    }

    [Fact]
    public void NumpyBroadcasting()
    {
        OpFixture sum = OpFixture.Read("Add", 13).Input([1f, 2f, 3f], 3).Input([10f, 20f], 2, 1);
        Assert.Equal(new Shape(2, 3), sum.OutputShape);
        Assert.Equal([11f, 12f, 13f, 21f, 22f, 23f], sum.Reference<float>().Get<float>());
        Assert.Equal([11.0, 12, 13, 21, 22, 23], sum.Reference<double>().Get<double>());
    }

    /// <summary>Before opset 7, operand 1 lies at an axis; a constant is reshaped so that numpy's rule holds from then on.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BroadcastingAtAnAxis(bool constant)
    {
        float[] x = [.. Enumerable.Range(0, 12).Select(i => (float)i)], b = [100, 200, 300];
        OpFixture sum = OpFixture.Read("Add", 6, OpFixture.Attribute("broadcast", 1L), OpFixture.Attribute("axis", 1L)).Input(x, 2, 3, 2);
        sum = constant ? sum.Constant(b, 3) : sum.Input(b, 3);
        Assert.Equal([100, 101, 202, 203, 304, 305, 106, 107, 208, 209, 310, 311], sum.Reference<float>().Get<float>());
        Assert.Equal(constant, ((BinaryAttributes)sum.Node.Attributes).Axis is null);
        sum.RowsMustEqualReference();
    }

    [Fact]
    public void OldSlopesAreChannels()
    {
        OpFixture relu = OpFixture.Read("PRelu", 6).Input([-1f, -1f, -1f, -1f], 1, 2, 1, 2).Constant([2f, 3f], 2);
        Assert.Equal([-2f, -2f, -3f, -3f], relu.Reference<float>().Get<float>());
        relu.RowsMustEqualReference();
    }

    [Fact]
    public void Integers()
    {
        Assert.Equal([-3L, 0L, 5L], OpFixture.Read("Div", 13).Input([-7L, 7L, 10L]).Input([2L, 0L, 2L]).Reference<float>().Get<long>());
        Assert.Equal([int.MinValue], OpFixture.Read("Div", 13).Input([int.MinValue]).Input([-1]).Reference<float>().Get<int>());
        Assert.Equal(new byte[] { 0 }, OpFixture.Read("Add", 14).Input(new byte[] { 255 }).Input(new byte[] { 1 }).Reference<float>().Get<byte>());
        Assert.Equal([8L, 1L], OpFixture.Read("Pow", 13).Input([2L, 5L]).Input([3L, 0L]).Reference<float>().Get<long>());
        Assert.Equal([8f], OpFixture.Read("Pow", 13).Input([2f]).Input([3L]).Reference<float>().Get<float>());
        Assert.Equal([2], OpFixture.Read("Pow", 13).Input([4]).Input([0.5f]).Reference<double>().Get<int>());
        Assert.Equal([0L, 3L], OpFixture.Read("Relu", 14).Input([-3L, 3L]).Reference<float>().Get<long>());
        Assert.Equal([3, 0, int.MinValue], OpFixture.Read("Abs", 13).Input([-3, 0, int.MinValue]).Reference<float>().Get<int>());
        Assert.Equal([-1L, 0L, 1L], OpFixture.Read("Sign", 13).Input([-3L, 0L, 5L]).Reference<float>().Get<long>());
        Assert.Equal(new byte[] { 0, 1 }, OpFixture.Read("Sign", 13).Input(new byte[] { 0, 200 }).Reference<float>().Get<byte>());
        Assert.Equal([7L, 9L], OpFixture.Read("Max", 13).Input([3L, 9L]).Input([7L]).Reference<float>().Get<long>());
    }

    [Fact]
    public void Doubles()
    {
        Assert.Equal([0.0, 1e-300], OpFixture.Read("Relu", 14).Input([-1.0, 1e-300]).Reference<float>().Get<double>());
        Assert.Equal([1e-300], OpFixture.Read("Add", 14).Input([0.0]).Input([1e-300]).Reference<float>().Get<double>());
        Assert.Equal([1e-300], OpFixture.Read("Max", 13).Input([0.0]).Input([1e-300]).Reference<double>().Get<double>());
        OpFixture.Read("Add", 14).Input([0.0]).Input([1e-300]).RowsMustEqualReference();
    }

    [Fact]
    public void ClipBoundsInEveryForm()
    {
        float[] x = [-5f, 0f, 5f, float.NaN];
        Assert.Equal([-1f, 0f, 2f, float.NaN], OpFixture.Read("Clip", 6, OpFixture.Attribute("min", -1f), OpFixture.Attribute("max", 2f)).Input(x).Reference<float>().Get<float>());
        OpFixture constant = OpFixture.Read("Clip", 13).Input(x).Absent().Constant([2f], []);
        Assert.Equal([-5f, 0f, 2f, float.NaN], constant.Reference<float>().Get<float>());
        Assert.Single(constant.Node.Inputs);
        Assert.Equal(Activation.Clamp(float.NegativeInfinity, 2), ((IActivationOp)constant.Node.Op).ActivationOf(constant.Node));
        OpFixture dynamic = OpFixture.Read("Clip", 13).Input(x).Input([-1f], []).Constant([2f], []);
        Assert.Equal([-1f, 0f, 2f, float.NaN], dynamic.Reference<float>().Get<float>());
        Assert.True(((IActivationOp)dynamic.Node.Op).ActivationOf(dynamic.Node).IsNone);
        Assert.Equal([2L, 5L], OpFixture.Read("Clip", 13).Input([-9L, 5L]).Constant([2L], []).Reference<float>().Get<long>());
        Assert.Equal([1f, 1f], OpFixture.Read("Clip", 13).Input([0f, 9f]).Constant([4f], []).Constant([1f], []).Reference<float>().Get<float>());
    }

    [Fact]
    public void Roundings()
    {
        float[] x = [-1.5f, -0.5f, -0.25f, 0.5f, 1.5f, 2.5f, 8388607.5f, -8388609f, 1e30f, float.NegativeInfinity];
        Assert.Equal([-2f, 0, 0, 0, 2, 2, 8388608, -8388609, 1e30f, float.NegativeInfinity], OpFixture.Read("Round", 22).Input(x).Reference<float>().Get<float>());
        Assert.Equal([-2f, -1, -1, 0, 1, 2, 8388607, -8388609, 1e30f, float.NegativeInfinity], OpFixture.Read("Floor", 13).Input(x).Reference<float>().Get<float>());
        Assert.Equal([-1f, 0, 0, 1, 2, 3, 8388608, -8388609, 1e30f, float.NegativeInfinity], OpFixture.Read("Ceil", 13).Input(x).Reference<float>().Get<float>());
    }

    /// <summary>Every parameter that a file may give, and every default that changed.</summary>
    [Fact]
    public void ParametersOfActivations()
    {
        Assert.Equal(1 / (1 + Math.Exp(-1)), Of(1, "Swish", 24), 6);
        Assert.Equal(1 / (1 + Math.Exp(-1.702)), Of(1, "Swish", 24, OpFixture.Attribute("alpha", 1.702f)), 6);
        Assert.Equal(0.84134475, Of(1, "Gelu", 20), 6);
        Assert.Equal(0.84134475, Of(1, "Gelu", 20, OpFixture.Attribute("approximate", "none")), 6);
        Assert.Equal(0.84119199, Of(1, "Gelu", 20, OpFixture.Attribute("approximate", "tanh")), 6);
        Assert.Equal(2 * (Math.Exp(-1) - 1), Of(-2, "Celu", 12, OpFixture.Attribute("alpha", 2f)), 6);
        Assert.Equal(1.67326319 * 1.05070102 * (Math.Exp(-1) - 1), Of(-1, "Selu", 6), 6);
        Assert.Equal(1.6732 * 1.0507 * (Math.Exp(-1) - 1), Of(-1, "Selu", 1), 6);
        Assert.Equal(0, Of(2, "ThresholdedRelu", 10, OpFixture.Attribute("alpha", 2f)));
        Assert.Equal(3, Of(3, "ThresholdedRelu", 10, OpFixture.Attribute("alpha", 2f)));
        Assert.Throws<UnsupportedOperatorException>(() => Of(1, "Gelu", 20, OpFixture.Attribute("approximate", "cubic")));
        Assert.Throws<UnsupportedOperatorException>(() => Of(1, "Celu", 12, OpFixture.Attribute("alpha", 0f)));

        static double Of(float x, string op, long opset, params NodeAttribute[] attributes) =>
            OpFixture.Read(op, opset, attributes).Input([x]).Reference<float>().Get<float>()[0];
    }

    [Fact]
    public void NaNIsKept()
    {
        foreach (string op in Unary.Select(row => row.Data))
        {
            Assert.True(float.IsNaN(OpFixture.Read(op, 18).Input([float.NaN]).Reference<float>().Get<float>()[0]), op);
            Assert.True(double.IsNaN(OpFixture.Read(op, 18).Input([float.NaN]).Reference<double>().Get<double>()[0]), op);
        }
        foreach (string op in (string[])["Max", "Min"])
        {
            Assert.True(float.IsNaN(OpFixture.Read(op, 13).Input([float.NaN]).Input([1f]).Reference<float>().Get<float>()[0]), op);
            Assert.True(float.IsNaN(OpFixture.Read(op, 13).Input([1f]).Input([float.NaN]).Reference<float>().Get<float>()[0]), op);
        }
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Throws<ShapeException>(() => OpFixture.Read("Add", 13).Input([1f, 2f]).Input([1f, 2f, 3f]).Node);
        Assert.Throws<ShapeException>(() => OpFixture.Read("Add", 13).Input([1f]).Input([1L]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("Sigmoid", 13).Input([1L]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("Relu", 13).Input([true]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("Pow", 13).Input([1.0]).Input([1.0]).Node);
        Assert.Throws<ShapeException>(() => OpFixture.Read("PRelu", 13).Input([1f]).Input([1f, 2f], 1, 2).Node);
        Assert.Throws<ShapeException>(() => OpFixture.Read("Clip", 13).Input([1f]).Constant([1f, 2f]).Node);
        Assert.Throws<ShapeException>(() =>
            OpFixture.Read("Add", 6, OpFixture.Attribute("broadcast", 1L), OpFixture.Attribute("axis", 2L)).Input(new float[6], 2, 3).Input([1f, 2f]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("Add", 6, OpFixture.Attribute("broadcast", 1L), OpFixture.Attribute("axis", -1L)).Input([1f]).Input([1f]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("Relu", 13, OpFixture.Attribute("beta", 1L)).Input([1f]).Node);
    }

    private static void Rows(string op, long[] a, long[] b)
    {
        long Elements(long[] shape) => new Shape(shape).Elements;
        OpFixture.Read(op, 13).Input(Numbers(Elements(a), 5), a).Input(Numbers(Elements(b), 6), b).RowsMustEqualReference();
    }

    /// <summary>Positive and negative numbers, zeros, infinities and denormals.</summary>
    private static float[] Numbers(long count, int seed)
    {
        float[] numbers = OpFixture.Random(count, seed);
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] *= 10;
        float[] special = [0f, -0f, float.PositiveInfinity, float.Epsilon, -1e-40f, 1e30f];
        for (int i = 3; i < numbers.Length; i += 11)
            numbers[i] = special[i / 11 % special.Length];
        return numbers;
    }
}
