using System.Numerics;
using HybridConv.Graphs;

namespace HybridConv.Ops.Constant;

/// <summary>A range of numbers.</summary>
/// <param name="Start">The first one; null while it is still input 0.</param>
/// <param name="Step">The distance between neighbours, of the same type.</param>
/// <param name="Count">How many.</param>
internal sealed record RangeAttributes(Tensor? Start = null, Tensor? Step = null, long Count = 0);

/// <summary>The numbers start, start + step, start + 2 step, ... before limit. The product and the sum are rounded each.</summary>
internal sealed partial class RangeOp : Op<RangeAttributes, RangeAttributes>
{
    public override string Name => "Range";
    public override IReadOnlyList<int> Opsets { get; } = [11, 27];
    public override (int Min, int Max) Inputs => (3, 3);

    public override object Read(NodeReader node)
    {
        node.RequireAllAsked();
        return new RangeAttributes();
    }

    public override void Infer(RangeAttributes attributes, Inference x)
    {
        if (attributes.Start is null)
            x.Absorb(attributes = Bounds(x), keep: 0);
        x.Output(0, attributes.Start!.Type, new Shape(attributes.Count));
    }

    public override RangeAttributes Specify(RangeAttributes attributes, Node node) => attributes;

    public override void Reference<T>(RangeAttributes spec, in Operands x)
    {
        switch (spec.Start!.Type)
        {
            case ElementType.Float32:
                Each(x.Output<T>(0), spec.Count, T.CreateTruncating(Single<float>(spec.Start)), T.CreateTruncating(Single<float>(spec.Step!)));
                break;
            case ElementType.Float64:
                Each(x.Output<double>(0), spec.Count, Single<double>(spec.Start), Single<double>(spec.Step!));
                break;
            case ElementType type:
                IntegerTypes.Run(type, new Loop(spec), x);
                break;
        }
    }

    private static RangeAttributes Bounds(Inference x)
    {
        ElementType type = x.Type(0);
        if (type is not (ElementType.Float32 or ElementType.Float64) && !IntegerTypes.Contains(type))
            throw x.UnsupportedType(0);
        for (int i = 0; i < 3; i++)
            if (x.Type(i) != type || x.Shape(i).Elements != 1)
                throw x.Error($"input {i} is {x.Type(i).Label()}{x.Shape(i)}; it must be one {type.Label()}");
        Tensor start = x.Constant(0), limit = x.Constant(1), step = x.Constant(2);
        return new RangeAttributes(start, step, type.IsFloat() ? CountFloats(x, Float(start), Float(limit), Float(step))
            : CountIntegers(x, IntegerTypes.Single(start), IntegerTypes.Single(limit), IntegerTypes.Single(step)));
    }

    private static long CountFloats(Inference x, double start, double limit, double step)
    {
        double count = Math.Ceiling((limit - start) / step);
        return double.IsFinite(count) ? (long)Math.Clamp(count, 0, long.MaxValue)
            : throw x.Error(FormattableString.Invariant($"from {start} to {limit} in steps of {step} there is no number of elements"));
    }

    private static long CountIntegers(Inference x, Int128 start, Int128 limit, Int128 step)
    {
        if (step == 0)
            throw x.Error("the step is 0");
        // Rounded up: whatever is left over holds one more.
        Int128 distance = limit - start, count = distance / step;
        return (long)Int128.Clamp(count * step == distance || distance < 0 != step < 0 ? count : count + 1, 0, long.MaxValue);
    }

    private static void Each<T>(Span<T> to, long count, T start, T step) where T : INumber<T>
    {
        for (int i = 0; i < count; i++)
            to[i] = unchecked(start + T.CreateTruncating(i) * step);
    }

    private static double Float(Tensor tensor) => tensor.Type == ElementType.Float32 ? Single<float>(tensor) : Single<double>(tensor);

    private static T Single<T>(Tensor tensor) where T : unmanaged => tensor.ToArray<T>()[0];

    private readonly struct Loop(RangeAttributes spec) : IIntegerCode
    {
        public void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> =>
            Each(x.Output<T>(0), spec.Count, Single<T>(spec.Start!), Single<T>(spec.Step!));
    }
}
