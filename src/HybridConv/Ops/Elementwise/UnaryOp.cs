using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <summary>The parameters of a unary operator.</summary>
internal sealed record UnaryAttributes<F>(F Function) where F : struct;

/// <summary>An operator that computes one function of every element. A new one costs a struct <typeparamref name="F"/> and a line in the table.</summary>
internal partial class UnaryOp<F> : ElementwiseOp<UnaryAttributes<F>>, IActivationOp where F : struct, IUnaryOperator<F>
{
    public sealed override string Name => F.Name;
    public sealed override IReadOnlyList<int> Opsets => F.Opsets;
    public sealed override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        F function = F.Read(node);
        node.Ignore("consumed_inputs");
        node.RequireAllAsked();
        return new UnaryAttributes<F>(function);
    }

    public Activation ActivationOf(Node node) => ((UnaryAttributes<F>)node.Attributes).Function.Activation;

    public sealed override void Infer(UnaryAttributes<F> attributes, Inference x)
    {
        if (!Takes(x.Type(0)))
            throw x.UnsupportedType(0);
        x.Output(0, x.Type(0), x.Shape(0));
    }

    public override void Reference<T>(ElementwiseSpec<UnaryAttributes<F>> spec, in Operands x)
    {
        F function = spec.Attributes.Function;
        if (typeof(T) == typeof(float) && spec.Type != ElementType.Float64)
            Each<float, InFloat>(spec.Loops, x, new InFloat(function));
        else
            Each<double, InDouble>(spec.Loops, x, new InDouble(function));
    }

    protected virtual bool Takes(ElementType type) => type is ElementType.Float32 or ElementType.Float64;

    protected static void Each<T, M>(LoopNest loops, in Operands x, M map) where T : unmanaged where M : struct, IMap<T>
    {
        ReadOnlySpan<T> from = x.Input<T>(0);
        Span<T> to = x.Output<T>(0);
        for (var walk = new Walk(loops.Shape, loops.Strides[0], loops.Strides[1]); walk.Live; walk.Next())
            to[walk[0]] = map.Apply(from[walk[1]]);
    }

    protected interface IMap<T>
    {
        T Apply(T x);
    }

    private readonly struct InFloat(F function) : IMap<float>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float Apply(float x) => function.Apply<Scalar, float>(x);
    }

    private readonly struct InDouble(F function) : IMap<double>
    {
        public double Apply(double x) => function.Apply(x);
    }
}

/// <summary>A unary operator that also takes integers.</summary>
internal sealed class IntegerUnaryOp<F> : UnaryOp<F> where F : struct, IIntegerUnaryOperator<F>
{
    public override void Reference<T>(ElementwiseSpec<UnaryAttributes<F>> spec, in Operands x)
    {
        if (IntegerTypes.Contains(spec.Type))
            IntegerTypes.Run(spec.Type, new Loop(spec), x);
        else
            base.Reference<T>(spec, x);
    }

    protected override bool Takes(ElementType type) => base.Takes(type) || IntegerTypes.Contains(type);

    private readonly struct Loop(ElementwiseSpec<UnaryAttributes<F>> spec) : IIntegerCode
    {
        public void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> =>
            Each<T, InIntegers<T>>(spec.Loops, x, new InIntegers<T>(spec.Attributes.Function));
    }

    private readonly struct InIntegers<T>(F function) : IMap<T> where T : IBinaryInteger<T>
    {
        public T Apply(T x) => function.ApplyInteger(x);
    }
}
