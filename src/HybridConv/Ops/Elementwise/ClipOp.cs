using System.Numerics;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <summary>The bounds of a clip. Bounds that are not known before running stay operands 1 and 2, and count instead of these.</summary>
/// <param name="Min">For float32; -infinity for none.</param>
/// <param name="Max">For float32; infinity for none.</param>
/// <param name="IntegerMin">For integers; the smallest for none.</param>
/// <param name="IntegerMax">For integers; the largest for none.</param>
internal sealed record ClipAttributes(float Min, float Max, Int128 IntegerMin, Int128 IntegerMax)
{
    public static readonly ClipAttributes None = new(float.NegativeInfinity, float.PositiveInfinity, Int128.MinValue, Int128.MaxValue);
}

/// <summary>y = min(max, max(min, x)): when the bounds are crossed, the upper one wins. Constant bounds are absorbed. NaN stays NaN.</summary>
internal sealed partial class ClipOp : ElementwiseOp<ClipAttributes>, IActivationOp
{
    public override string Name => "Clip";
    public override IReadOnlyList<int> Opsets { get; } = [1, 6, 11, 12, 13];
    public override (int Min, int Max) Inputs => (1, 3);

    /// <summary>Before opset 11 the bounds are attributes.</summary>
    public override object Read(NodeReader node)
    {
        ClipAttributes attributes = ClipAttributes.None;
        if (node.Opset < 11)
        {
            node.Ignore("consumed_inputs");
            attributes = attributes with { Min = node.Float("min", float.NegativeInfinity), Max = node.Float("max", float.PositiveInfinity) };
        }
        node.RequireAllAsked();
        return attributes;
    }

    public override void Infer(ClipAttributes attributes, Inference x)
    {
        ElementType type = x.Type(0);
        if (type != ElementType.Float32 && !IntegerTypes.Contains(type))
            throw x.UnsupportedType(0);
        bool absorbs = true;
        for (int i = 1; i < x.InputCount; i++)
        {
            if (!x.Has(i))
                continue;
            if (x.Type(i) != type)
                throw x.Error($"the bound is {x.Type(i).Label()} and the data {type.Label()}; they must be of one type");
            if (x.Shape(i).Elements != 1)
                throw x.Error($"a bound has the shape {x.Shape(i)}; it must be one element");
            absorbs &= x.Node.Input(i).IsConstant;
        }
        if (absorbs)
            x.Absorb(Bounds(attributes, type, x.Node), keep: 1);
        x.Output(0, type, x.Shape(0));
    }

    public Activation ActivationOf(Node node) =>
        node.Inputs.Count == 1 && node.Output.Type == ElementType.Float32 && node.Attributes is ClipAttributes bounds ? Activation.Clamp(bounds.Min, bounds.Max) : default;

    public override bool InPlace(Node node, int input) => input == 0;

    protected override long[] InputStrides(ClipAttributes attributes, int input, TensorView view, Shape output) =>
        input == 0 ? base.InputStrides(attributes, input, view, output) : new long[output.Rank];

    public override void Reference<T>(ElementwiseSpec<ClipAttributes> spec, in Operands x)
    {
        if (IntegerTypes.Contains(spec.Type))
            IntegerTypes.Run(spec.Type, new IntegerLoop(spec), x);
        else if (typeof(T) == typeof(float))
        {
            var clamp = new Clamp(Bound(x, 1, spec.Attributes.Min), Bound(x, 2, spec.Attributes.Max));
            ReadOnlySpan<float> from = x.Input<float>(0);
            Span<float> to = x.Output<float>(0);
            for (var walk = new Walk(spec.Loops.Shape, spec.Loops.Strides[0], spec.Loops.Strides[1]); walk.Live; walk.Next())
                to[walk[0]] = clamp.Apply<Scalar, float>(from[walk[1]]);
        }
        else
            Loop(spec, x, Bound(x, 1, T.CreateTruncating(spec.Attributes.Min)), Bound(x, 2, T.CreateTruncating(spec.Attributes.Max)));
    }

    private static T Bound<T>(in Operands x, int input, T otherwise) where T : unmanaged => x.Has(input) ? x.Input<T>(input)[0] : otherwise;

    private static void Loop<T>(ElementwiseSpec<ClipAttributes> spec, in Operands x, T min, T max) where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> from = x.Input<T>(0);
        Span<T> to = x.Output<T>(0);
        for (var walk = new Walk(spec.Loops.Shape, spec.Loops.Strides[0], spec.Loops.Strides[1]); walk.Live; walk.Next())
        {
            T bounded = from[walk[1]] < min ? min : from[walk[1]];
            to[walk[0]] = bounded > max ? max : bounded;
        }
    }

    private static ClipAttributes Bounds(ClipAttributes attributes, ElementType type, Node node)
    {
        Tensor? min = node.OptionalInput(1)?.Constant, max = node.OptionalInput(2)?.Constant;
        return type == ElementType.Float32
            ? attributes with { Min = min?.ToArray<float>()[0] ?? attributes.Min, Max = max?.ToArray<float>()[0] ?? attributes.Max }
            : attributes with { IntegerMin = Integer(min) ?? attributes.IntegerMin, IntegerMax = Integer(max) ?? attributes.IntegerMax };
    }

    private static Int128? Integer(Tensor? bound) => bound is null ? null : IntegerTypes.Single(bound);

    private readonly struct IntegerLoop(ElementwiseSpec<ClipAttributes> spec) : IIntegerCode
    {
        public void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> =>
            Loop(spec, x, Bound(x, 1, T.CreateSaturating(spec.Attributes.IntegerMin)), Bound(x, 2, T.CreateSaturating(spec.Attributes.IntegerMax)));
    }
}
