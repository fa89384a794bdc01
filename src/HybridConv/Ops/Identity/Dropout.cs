using HybridConv.Graphs;

namespace HybridConv.Ops.Identity;

/// <summary>Dropout as it is at inference: the output is the input, and the mask, if asked for, says that everything was kept.</summary>
internal sealed partial class DropoutOp : Op<DropoutAttributes, DropoutSpec>
{
    public override string Name => "Dropout";
    public override IReadOnlyList<int> Opsets { get; } = [1, 6, 7, 10, 12, 13, 22];
    public override (int Min, int Max) Inputs => (1, 3);
    public override int MaxOutputs => 2;

    public override object Read(NodeReader node)
    {
        node.Ignore("ratio", "seed", "is_test", "consumed_inputs");
        node.RequireAllAsked();
        return new DropoutAttributes(BooleanMask: node.Opset >= 10);
    }

    public override void Infer(DropoutAttributes attributes, Inference x)
    {
        if (x.Has(2) && x.Constant(2).Data.Span.ContainsAnyExcept((byte)0) && !(x.Has(1) && RatioIsZero(x)))
            throw x.Unsupported("training_mode is true; only inference is supported");
        if (!attributes.BooleanMask && x.Node.Outputs.Count > 1 && x.Type(0) != ElementType.Float32)
            throw x.Unsupported($"a mask of {x.Type(0).Label()} is not supported");
        x.Absorb(attributes, keep: 1);
        x.Output(0, x.Type(0), x.Shape(0));
        x.Output(1, attributes.BooleanMask ? ElementType.Bool : x.Type(0), x.Shape(0));
    }

    private static bool RatioIsZero(Inference x) => !x.Constant(1).Data.Span.ContainsAnyExcept((byte)0);

    public override DropoutSpec Specify(DropoutAttributes attributes, Node node) => new(Movement.Relabel(node), node.Outputs.Count > 1 ? node.Outputs[1].Type : ElementType.None);

    public override void Reference<T>(DropoutSpec spec, in Operands x)
    {
        spec.Copy.Reference<T>(x);
        if (x.OutputCount < 2)
            return;
        int count = (int)x.OutputView(1).Shape.Elements;
        if (x.OutputType(1) == ElementType.Bool)
            x.Output<byte>(1)[..count].Fill(1);
        else
            x.Output<T>(1)[..count].Fill(T.One);
    }

    /// <summary>With a mask to fill there is something to compute, but the first output is the input all the same.</summary>
    public override bool IsAlias(Node node) => node.Outputs.Count == 1;

    public override object Permute(Node node, IReadOnlyList<int> permutation) => node.Attributes;
}

/// <param name="BooleanMask">Whether the mask is boolean, as from opset 10 on, rather than of the data's type.</param>
internal sealed record DropoutAttributes(bool BooleanMask = true);

/// <param name="Copy">Of the input to output 0.</param>
/// <param name="Mask">The type of the mask, output 1, which is 1 everywhere; none when it is not asked for.</param>
internal sealed record DropoutSpec(Movement Copy, ElementType Mask);
