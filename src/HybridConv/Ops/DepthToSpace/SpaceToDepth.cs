using HybridConv.Graphs;

namespace HybridConv.Ops.DepthToSpace;

/// <summary>Moves blocks of pixels into blocks of channels.</summary>
internal sealed partial class SpaceToDepthOp : Op<BlockAttributes, Movement>
{
    public override string Name => "SpaceToDepth";
    public override IReadOnlyList<int> Opsets { get; } = [1, 13];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        long size = node.Int("blocksize", 0);
        node.RequireAllAsked();
        return new BlockAttributes(size);
    }

    public override void Infer(BlockAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        (int channels, int rows, int columns) = attributes.AxesOf(x);
        long size = attributes.Size;
        if (input[rows] % size != 0 || input[columns] % size != 0)
            throw x.Error($"{input[rows]} x {input[columns]} pixels cannot be cut into blocks of {size} x {size}");
        x.Output(0, x.Type(0), input.With(channels, input[channels] * size * size).With(rows, input[rows] / size).With(columns, input[columns] / size));
    }

    public override Movement Specify(BlockAttributes attributes, Node node) =>
        new(node.Output.Type, [new Move(0, attributes.Wide(Movement.ViewOf(node.Input(0))), 0, attributes.Deep(Movement.ViewOf(node.Output)))]);

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object? ToChannelsLast(Node node) =>
        node.Attributes is BlockAttributes { ChannelsLast: false } attributes ? attributes with { ChannelsLast = true } : null;

    public override bool AcceptsViews(Node node) => true;
}
