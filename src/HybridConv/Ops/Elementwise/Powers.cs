using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>a to the power of b; the special cases are those of C99's pow.</summary>
internal readonly struct Power : IBinaryOperator
{
    public static string Name => "Pow";
    public static IReadOnlyList<int> Opsets { get; } = [1, 7, 12, 13, 15];
    public static int Weight => 80;
    public static Accuracy Accuracy => new(16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => SimdMath.Pow<S, V>(a, b);

    public double Apply(double a, double b) => Math.Pow(a, b);
}

/// <summary>x, or slope * x where x is negative; the slope is broadcast over x.</summary>
internal readonly struct ParametricRelu : IBinaryOperator
{
    public static string Name => "PRelu";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 7, 9, 16];
    public static int Weight => 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x, V slope) where S : struct, ILanewise<V> where V : struct => S.Select(S.LessThan(x, S.Create(0)), S.Mul(slope, x), x);

    public double Apply(double x, double slope) => x < 0 ? slope * x : x;
}

/// <summary>Before opset 7 the slope is one number, or a vector over the channels, axis 1.</summary>
internal sealed class PReluOp : BinaryOp<ParametricRelu>
{
    public override object Read(NodeReader node)
    {
        if (node.Opset >= 7)
            return base.Read(node);
        node.Ignore("consumed_inputs");
        node.RequireAllAsked();
        return new BinaryAttributes(Axis: 1);
    }

    protected override ElementType ResultType(Inference x)
    {
        ElementType type = base.ResultType(x);
        if (x.Shape(1).Rank > x.Shape(0).Rank)
            throw x.Error($"the slope {x.Shape(1)} cannot be broadcast over {x.Shape(0)}");
        return type;
    }
}

/// <summary>
/// Base and exponent may be of different types; the result has the base's. Unless both are float32, or both integers, it is computed in double and cut towards
/// zero; whole powers of integers wrap around.
/// </summary>
internal sealed class PowOp : BinaryOp<Power>
{
    protected override bool Takes(ElementType type) => type == ElementType.Float32 || IntegerTypes.Contains(type);

    protected override ElementType ResultType(Inference x)
    {
        for (int i = 0; i < 2; i++)
            if (!Takes(x.Type(i)))
                throw x.UnsupportedType(i);
        return x.Type(0);
    }

    public override void Reference<T>(ElementwiseSpec<BinaryAttributes> spec, in Operands x)
    {
        ElementType a = x.InputType(0), b = x.InputType(1);
        if (IntegerTypes.Contains(a))
            IntegerTypes.Run(a, new PowerOfInteger<T>(spec.Loops), x);
        else if (IntegerTypes.Contains(b))
            IntegerTypes.Run(b, new PowerByInteger<T>(spec.Loops), x);
        else
            base.Reference<T>(spec, x);
    }

    private readonly struct PowerOfInteger<TFloat>(LoopNest loops) : IIntegerCode where TFloat : unmanaged, IBinaryFloatingPointIeee754<TFloat>
    {
        public void Run<TA>(in Operands x) where TA : unmanaged, IBinaryInteger<TA>, IMinMaxValue<TA>
        {
            if (IntegerTypes.Contains(x.InputType(1)))
                IntegerTypes.Run(x.InputType(1), new BothIntegers<TA>(loops), x);
            else
                Each<TA, TFloat, TA, InDouble<TA, TFloat>>(loops, x, default);
        }
    }

    private readonly struct PowerByInteger<TFloat>(LoopNest loops) : IIntegerCode where TFloat : unmanaged, IBinaryFloatingPointIeee754<TFloat>
    {
        public void Run<TB>(in Operands x) where TB : unmanaged, IBinaryInteger<TB>, IMinMaxValue<TB> =>
            Each<TFloat, TB, TFloat, InDouble<TFloat, TB>>(loops, x, default);
    }

    private readonly struct BothIntegers<TA>(LoopNest loops) : IIntegerCode where TA : unmanaged, IBinaryInteger<TA>, IMinMaxValue<TA>
    {
        public void Run<TB>(in Operands x) where TB : unmanaged, IBinaryInteger<TB>, IMinMaxValue<TB> =>
            Each<TA, TB, TA, InIntegers<TA, TB>>(loops, x, default);
    }

    private readonly struct InDouble<TA, TB> : IMap<TA, TB, TA> where TA : INumberBase<TA> where TB : INumberBase<TB>
    {
        public TA Apply(TA a, TB b) => TA.CreateSaturating(Math.Pow(double.CreateSaturating(a), double.CreateSaturating(b)));
    }

    private readonly struct InIntegers<TA, TB> : IMap<TA, TB, TA> where TA : IBinaryInteger<TA> where TB : IBinaryInteger<TB>
    {
        public TA Apply(TA a, TB b)
        {
            if (TB.IsNegative(b))
                return TA.CreateSaturating(Math.Pow(double.CreateSaturating(a), double.CreateSaturating(b)));
            TA power = TA.One;
            for (; !TB.IsZero(b); b >>= 1, a = unchecked(a * a))
                if (TB.IsOddInteger(b))
                    power = unchecked(power * a);
            return power;
        }
    }
}
