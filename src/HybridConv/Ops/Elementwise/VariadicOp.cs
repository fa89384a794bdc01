using System.Numerics;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <summary>A variadic operator has no parameters.</summary>
internal sealed record VariadicAttributes;

/// <summary>
/// An operator that folds one function over the elements of any number of operands, from the first to the last, with broadcasting. A new one costs a struct
/// <typeparamref name="F"/> and a line in the table.
/// </summary>
internal partial class VariadicOp<F> : ElementwiseOp<VariadicAttributes> where F : struct, IBinaryOperator
{
    private static readonly VariadicAttributes None = new();

    public sealed override string Name => F.Name;
    public sealed override IReadOnlyList<int> Opsets => F.Opsets;
    public sealed override (int Min, int Max) Inputs => (1, int.MaxValue);

    public override object Read(NodeReader node)
    {
        node.Ignore("consumed_inputs");
        node.RequireAllAsked();
        return None;
    }

    public sealed override void Infer(VariadicAttributes attributes, Inference x)
    {
        Shape shape = Shape.Scalar;
        for (int i = 0; i < x.InputCount; i++)
        {
            if (!Takes(x.Type(i)))
                throw x.UnsupportedType(i);
            if (x.Type(i) != x.Type(0))
                throw x.Error($"operand {i} is {x.Type(i).Label()} and operand 0 {x.Type(0).Label()}; they must be of one type");
            shape = Shape.Broadcast(shape, x.Shape(i));
        }
        x.Output(0, x.Type(0), shape);
    }

    public override void Reference<T>(ElementwiseSpec<VariadicAttributes> spec, in Operands x)
    {
        if (typeof(T) == typeof(float) && spec.Type != ElementType.Float64)
            Each<float, InFloat>(spec.Loops, x, default);
        else
            Each<double, InDouble>(spec.Loops, x, default);
    }

    protected virtual bool Takes(ElementType type) => type is ElementType.Float32 or ElementType.Float64;

    /// <summary>All operands of an element are read before it is written: the output may lie over any of them.</summary>
    protected static void Each<T, M>(LoopNest loops, in Operands x, M map) where T : unmanaged where M : struct, IMap<T>
    {
        Span<T> to = x.Output<T>(0);
        for (var walk = new Walk(loops.Shape, loops.Strides[0]); walk.Live; walk.Next())
        {
            T folded = x.Input<T>(0)[Offset(walk, loops, 1)];
            for (int i = 1; i < x.InputCount; i++)
                folded = map.Apply(folded, x.Input<T>(i)[Offset(walk, loops, 1 + i)]);
            to[walk[0]] = folded;
        }
    }

    private static int Offset(in Walk walk, LoopNest loops, int operand)
    {
        long offset = 0;
        long[] strides = loops.Strides[operand];
        for (int axis = 0; axis < strides.Length; axis++)
            offset += walk.Index(axis) * strides[axis];
        return (int)offset;
    }

    protected interface IMap<T>
    {
        T Apply(T a, T b);
    }

    private readonly struct InFloat : IMap<float>
    {
        public float Apply(float a, float b) => default(F).Apply<Scalar, float>(a, b);
    }

    private readonly struct InDouble : IMap<double>
    {
        public double Apply(double a, double b) => default(F).Apply(a, b);
    }
}

/// <summary>A variadic operator that also takes integers.</summary>
internal sealed class IntegerVariadicOp<F> : VariadicOp<F> where F : struct, IIntegerBinaryOperator
{
    public override void Reference<T>(ElementwiseSpec<VariadicAttributes> spec, in Operands x)
    {
        if (IntegerTypes.Contains(spec.Type))
            IntegerTypes.Run(spec.Type, new Loop(spec.Loops), x);
        else
            base.Reference<T>(spec, x);
    }

    protected override bool Takes(ElementType type) => base.Takes(type) || IntegerTypes.Contains(type);

    private readonly struct Loop(LoopNest loops) : IIntegerCode
    {
        public void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => Each<T, InIntegers<T>>(loops, x, default);
    }

    private readonly struct InIntegers<T> : IMap<T> where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        public T Apply(T a, T b) => default(F).ApplyInteger(a, b);
    }
}
