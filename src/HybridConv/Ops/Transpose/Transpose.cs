using HybridConv.Graphs;

namespace HybridConv.Ops.Transpose;

/// <summary>Reorders the axes.</summary>
internal sealed partial class TransposeOp : Op<TransposeAttributes, Movement>
{
    public override string Name => "Transpose";
    public override IReadOnlyList<int> Opsets { get; } = [1, 13, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        long[]? permutation = node.Ints("perm");
        node.RequireAllAsked();
        if (permutation is null)
            return new TransposeAttributes(null);
        var axes = new int[permutation.Length];
        for (int i = 0; i < axes.Length; i++)
            axes[i] = permutation[i] is >= 0 and < Shape.MaxRank
                ? (int)permutation[i] : throw node.Unsupported($"perm {Shape.Format(permutation)} names axis {permutation[i]}");
        return new TransposeAttributes(axes);
    }

    public override void Infer(TransposeAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        int[] permutation = attributes.Permutation ?? [.. Enumerable.Range(0, input.Rank).Reverse()];
        if (!permutation.Order().SequenceEqual(Enumerable.Range(0, input.Rank)))
            throw x.Error($"perm [{string.Join(',', permutation)}] is not a permutation of the {input.Rank} axes of {input}");
        x.Node.Attributes = new TransposeAttributes(permutation);
        x.Output(0, x.Type(0), input.Permuted(permutation));
    }

    public override Movement Specify(TransposeAttributes attributes, Node node) =>
        new(node.Input(0).Type, [new Move(0, Movement.ViewOf(node.Input(0)).Permuted(attributes.Permutation), 0, Movement.ViewOf(node.Output))]);

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object Permute(Node node, IReadOnlyList<int> permutation)
    {
        int[] mine = ((TransposeAttributes)node.Attributes).Permutation!;
        return new TransposeAttributes(Axes.Compose(Axes.Compose(Axes.Inverse(permutation), mine), permutation));
    }

    public override bool AcceptsViews(Node node) => !IsAlias(node);

    /// <summary>Moving axes of size 1 moves no data.</summary>
    public override bool IsAlias(Node node) =>
        Axes.KeepsOrder(node.Input(0).KnownShape, ((TransposeAttributes)node.Attributes).Permutation!);
}

/// <param name="Permutation">Output axis i is input axis Permutation[i]; null (until inference) reverses all axes.</param>
internal sealed record TransposeAttributes(int[]? Permutation);
