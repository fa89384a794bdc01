using System.Numerics;

namespace HybridConv.Ops.Elementwise;

/// <summary>Something that holds of two elements or does not: all that <see cref="PredicateOp{F}"/> needs to be an operator.</summary>
internal interface IPredicate
{
    static abstract string Name { get; }

    static abstract IReadOnlyList<int> Opsets { get; }

    /// <summary>Whether numbers are accepted.</summary>
    static virtual bool TakesNumbers => true;

    /// <summary>Whether booleans are accepted, as the numbers 0 and 1.</summary>
    static virtual bool TakesBool => false;

    /// <summary>For floats, nothing but inequality holds of NaN.</summary>
    static abstract bool Holds<T>(T a, T b) where T : INumber<T>;
}

/// <summary>
/// An operator that says of every two elements whether something holds of them, with broadcasting. A new one costs a struct
/// <typeparamref name="F"/> and a line in the table.
/// </summary>
internal sealed partial class PredicateOp<F> : PairwiseOp where F : struct, IPredicate
{
    public override string Name => F.Name;
    public override IReadOnlyList<int> Opsets => F.Opsets;

    protected override bool Takes(ElementType type) => type == ElementType.Bool
        ? F.TakesBool
        : F.TakesNumbers && (type is ElementType.Float32 or ElementType.Float64 || IntegerTypes.Contains(type));

    protected override ElementType ResultType(Inference x)
    {
        base.ResultType(x);
        return ElementType.Bool;
    }

    public override void Reference<T>(ElementwiseSpec<BinaryAttributes> spec, in Operands x)
    {
        switch (x.InputType(0))
        {
            case ElementType.Float32: Each<T, T, bool, Map<T>>(spec.Loops, x, default); break;
            case ElementType.Float64: Each<double, double, bool, Map<double>>(spec.Loops, x, default); break;
            case ElementType.Bool: Each<byte, byte, bool, Map<byte>>(spec.Loops, x, default); break;
            case ElementType type: IntegerTypes.Run(type, new Loop(spec), x); break;
        }
    }

    private readonly struct Loop(ElementwiseSpec<BinaryAttributes> spec) : IIntegerCode
    {
        public void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => Each<T, T, bool, Map<T>>(spec.Loops, x, default);
    }

    private readonly struct Map<T> : IMap<T, T, bool> where T : INumber<T>
    {
        public bool Apply(T a, T b) => F.Holds(a, b);
    }
}
