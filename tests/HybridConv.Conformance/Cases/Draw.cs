using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Conformance.Cases;

/// <summary>Seeded choices from which cases are made: a seed always gives the same case.</summary>
internal sealed class Draw(int seed)
{
    private static readonly float[] Specials =
        [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, float.Epsilon, -1e-39f, float.MaxValue, float.MinValue];

    private readonly Random random = new(seed);
    private int operands;

    public int Seed => seed;

    /// <summary>A number from low to high, both included.</summary>
    public int Int(int low, int high) => random.Next(low, high + 1);

    public bool Chance(double probability) => random.NextDouble() < probability;

    public T Of<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];

    public long[] List(int length, int low, int high)
    {
        var values = new long[length];
        for (int i = 0; i < length; i++)
            values[i] = Int(low, high);
        return values;
    }

    /// <summary>A number of channels that leaves tails: every size up to 17, and the neighbours of multiples of 16 and 32.</summary>
    public int Channels(int most) => Math.Min(most, Chance(0.7) ? Int(1, 17) : Of(24, 31, 32, 33, 40, 47, 48, 49, 63, 64, 65, 79, 96));

    /// <summary>A line's length: every size up to 17, and the neighbours of multiples of 14 and 16.</summary>
    public int Length(int most) => Math.Min(most, Chance(0.7) ? Int(1, 17) : Of(27, 28, 29, 31, 32, 33, 42, 43, 49, 56));

    public Placement Placement() => Of(Conformance.Placement.Dense, Conformance.Placement.Dense, Conformance.Placement.Channels, Conformance.Placement.Rows);

    /// <summary>An activation that is exact and moves no two numbers apart, so that the bound of the sum holds for it too.</summary>
    public Activation Activation() => Int(0, 5) switch
    {
        0 => Ops.Activation.Relu,
        1 => Ops.Activation.Clamp(-2, 3),
        2 => new Activation(ActivationKind.LeakyRelu, 0.25f),
        _ => default,
    };

    /// <summary>The next operand of the case.</summary>
    public CaseOperand Operand(Shape shape, Fill fill, bool isConstant = false)
    {
        var numbers = new Random(seed * 31 + operands++);
        var data = new float[shape.Elements];
        for (int i = 0; i < data.Length; i++)
            data[i] = fill == Fill.Whole ? numbers.Next(-4, 5)
                : fill == Fill.Special && numbers.Next(16) == 0 ? Specials[numbers.Next(Specials.Length)]
                : numbers.NextSingle() * 2 - 1;
        return new CaseOperand(data, shape, isConstant);
    }

    /// <summary>The next operand of the case: whole numbers from low to high, both included.</summary>
    public CaseOperand Whole(ElementType type, Shape shape, int low, int high, bool isConstant = false)
    {
        var numbers = new Random(seed * 31 + operands++);
        return new CaseOperand([.. Enumerable.Range(0, (int)shape.Elements).Select(_ => (float)numbers.Next(low, high + 1))], shape, isConstant) { Type = type };
    }

    /// <summary>A constant list of int64: what newer opsets give as an input.</summary>
    public static CaseOperand Parameters(params long[] numbers) =>
        new([.. numbers.Select(number => (float)number)], new Shape(numbers.Length), IsConstant: true) { Type = ElementType.Int64 };
}
