using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.Elementwise;

/// <summary>
/// An operator that computes one function of two elements, with broadcasting. A new one costs a struct <typeparamref name="F"/> and a line in the table.
/// </summary>
internal partial class BinaryOp<F> : PairwiseOp where F : struct, IBinaryOperator
{
    public sealed override string Name => F.Name;
    public sealed override IReadOnlyList<int> Opsets => F.Opsets;

    protected override bool Takes(ElementType type) => type is ElementType.Float32 or ElementType.Float64;

    public override void Reference<T>(ElementwiseSpec<BinaryAttributes> spec, in Operands x)
    {
        if (typeof(T) == typeof(float) && spec.Type != ElementType.Float64)
            Each<float, float, float, InFloat>(spec.Loops, x, default);
        else
            Each<double, double, double, InDouble>(spec.Loops, x, default);
    }

    private readonly struct InFloat : IMap<float, float, float>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float Apply(float a, float b) => default(F).Apply<Scalar, float>(a, b);
    }

    private readonly struct InDouble : IMap<double, double, double>
    {
        public double Apply(double a, double b) => default(F).Apply(a, b);
    }
}

/// <summary>A binary operator that also takes integers.</summary>
internal class IntegerBinaryOp<F> : BinaryOp<F> where F : struct, IIntegerBinaryOperator
{
    public override void Reference<T>(ElementwiseSpec<BinaryAttributes> spec, in Operands x)
    {
        if (IntegerTypes.Contains(spec.Type))
            IntegerTypes.Run(spec.Type, new Loop(spec.Loops), x);
        else
            base.Reference<T>(spec, x);
    }

    protected override bool Takes(ElementType type) => base.Takes(type) || IntegerTypes.Contains(type);

    private readonly struct Loop(LoopNest loops) : IIntegerCode
    {
        public void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => Each<T, T, T, InIntegers<T>>(loops, x, default);
    }

    private readonly struct InIntegers<T> : IMap<T, T, T> where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        public T Apply(T a, T b) => default(F).ApplyInteger(a, b);
    }
}
