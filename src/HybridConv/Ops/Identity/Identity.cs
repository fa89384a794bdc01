using HybridConv.Graphs;
using HybridConv.Ops.Reshape;

namespace HybridConv.Ops.Identity;

/// <summary>The output is the input.</summary>
internal sealed partial class IdentityOp : RelabelingOp<IdentityAttributes>
{
    public override string Name => "Identity";
    public override IReadOnlyList<int> Opsets { get; } = [1, 13, 14, 16, 19, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        node.Ignore("consumed_inputs");
        node.RequireAllAsked();
        return new IdentityAttributes();
    }

    public override void Infer(IdentityAttributes attributes, Inference x) => x.Output(0, x.Type(0), x.Shape(0));

    public override object Permute(Node node, IReadOnlyList<int> permutation) => node.Attributes;
}

/// <summary>Identity has none.</summary>
internal sealed record IdentityAttributes;
