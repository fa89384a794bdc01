using HybridConv.Graphs;

namespace HybridConv.Ops.Concat;

/// <summary>Joins tensors along one axis.</summary>
internal sealed partial class ConcatOp : Op<ConcatAttributes, Movement>, IConcatenates
{
    public override string Name => "Concat";
    public override IReadOnlyList<int> Opsets { get; } = [1, 4, 11, 13];
    public override (int Min, int Max) Inputs => (1, int.MaxValue);

    public override object Read(NodeReader node)
    {
        if (node.Opset >= 4 && !node.Has("axis"))
            throw node.Unsupported("it names no axis");
        long axis = node.Int("axis", 1);
        node.RequireAllAsked();
        return new ConcatAttributes(axis);
    }

    public override void Infer(ConcatAttributes attributes, Inference x)
    {
        Shape first = x.Shape(0);
        int axis = x.Axis(attributes.Axis, first.Rank);
        long total = 0;
        for (int i = 0; i < x.InputCount; i++)
        {
            Shape shape = x.Shape(i);
            if (shape.Rank != first.Rank || shape.With(axis, first[axis]) != first)
                throw x.Error($"input {i} is {shape} and input 0 {first}: they differ outside axis {axis}");
            if (x.Type(i) != x.Type(0))
                throw x.Error($"input {i} is {x.Type(i).Label()} and input 0 {x.Type(0).Label()}");
            total += shape[axis];
        }
        x.Output(0, x.Type(0), first.With(axis, total));
    }

    public override Movement Specify(ConcatAttributes attributes, Node node)
    {
        TensorView output = Movement.ViewOf(node.Output);
        int axis = AxisOf(attributes, output.Shape.Rank);
        var moves = new List<Move>();
        long start = 0;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            TensorView input = Movement.ViewOf(node.Input(i));
            moves.Add(new Move(i, input, 0, output.Window(axis, start, input.Shape[axis])));
            start += input.Shape[axis];
        }
        return new Movement(node.Output.Type, moves);
    }

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object Permute(Node node, IReadOnlyList<int> permutation) =>
        new ConcatAttributes(Axes.Moved(((ConcatAttributes)node.Attributes).Axis, permutation));

    public int Axis(Node node) => AxisOf((ConcatAttributes)node.Attributes, node.Output.KnownShape.Rank);

    public override bool AcceptsViews(Node node) => true;

    public override bool IsAlias(Node node) => node.Inputs.Count == 1;

    private static int AxisOf(ConcatAttributes attributes, int rank) => (int)(attributes.Axis < 0 ? attributes.Axis + rank : attributes.Axis);
}

/// <param name="Axis">The axis along which inputs are joined; may count from the end.</param>
internal sealed record ConcatAttributes(long Axis);
