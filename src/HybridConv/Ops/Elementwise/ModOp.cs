using System.Numerics;
using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <param name="Truncates">
/// Whether the quotient is cut towards zero, so that the remainder has the sign of operand 0; otherwise it is rounded down, and the sign is that of operand 1.
/// </param>
internal sealed record ModAttributes(bool Truncates) : BinaryAttributes;

/// <summary>The remainder of a division; 0 for integers divided by zero, because a model's data must not stop a run. Remainders of floats truncate.</summary>
internal sealed partial class ModOp : PairwiseOp
{
    public override string Name => "Mod";
    public override IReadOnlyList<int> Opsets { get; } = [10, 13];

    public override object Read(NodeReader node)
    {
        var attributes = new ModAttributes(node.Int("fmod", 0) != 0);
        node.RequireAllAsked();
        return attributes;
    }

    protected override bool Takes(ElementType type) => type is ElementType.Float32 or ElementType.Float64 || IntegerTypes.Contains(type);

    protected override ElementType ResultType(Inference x)
    {
        ElementType type = base.ResultType(x);
        return type.IsFloat() && x.Node.Attributes is ModAttributes { Truncates: false }
            ? throw x.Unsupported($"fmod is 0 for {type.Label()}, for which it must be 1")
            : type;
    }

    public override void Reference<T>(ElementwiseSpec<BinaryAttributes> spec, in Operands x)
    {
        switch (spec.Type)
        {
            case ElementType.Float32: Each<T, T, T, Remainder<T>>(spec.Loops, x, default); break;
            case ElementType.Float64: Each<double, double, double, Remainder<double>>(spec.Loops, x, default); break;
            case ElementType type: IntegerTypes.Run(type, new Loop(spec), x); break;
        }
    }

    private readonly struct Loop(ElementwiseSpec<BinaryAttributes> spec) : IIntegerCode
    {
        public void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> =>
            Each<T, T, T, InIntegers<T>>(spec.Loops, x, new InIntegers<T>(((ModAttributes)spec.Attributes).Truncates));
    }

    private readonly struct Remainder<T> : IMap<T, T, T> where T : INumber<T>
    {
        public T Apply(T a, T b) => a % b;
    }

    private readonly struct InIntegers<T>(bool truncates) : IMap<T, T, T> where T : IBinaryInteger<T>
    {
        public T Apply(T a, T b)
        {
            // Everything is divisible by -1, also the smallest number, of which the processor makes an error.
            if (T.IsZero(b) || (T.IsNegative(b) && b == unchecked(T.Zero - T.One)))
                return T.Zero;
            T rest = a % b;
            return truncates || T.IsZero(rest) || T.IsNegative(rest) == T.IsNegative(b) ? rest : rest + b;
        }
    }
}
