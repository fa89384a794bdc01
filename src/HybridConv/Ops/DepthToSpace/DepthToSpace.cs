using HybridConv.Graphs;

namespace HybridConv.Ops.DepthToSpace;

/// <summary>Moves blocks of channels into blocks of pixels.</summary>
internal sealed partial class DepthToSpaceOp : Op<BlockAttributes, Movement>
{
    public override string Name => "DepthToSpace";
    public override IReadOnlyList<int> Opsets { get; } = [1, 11, 13];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        long size = node.Int("blocksize", 0);
        string mode = node.Opset < 11 ? "DCR" : node.Text("mode", "DCR");
        node.RequireAllAsked();
        if (mode is not ("DCR" or "CRD"))
            throw node.Unsupported($"the mode '{mode}' is not known");
        return new BlockAttributes(size, ColumnRowDepth: mode == "CRD");
    }

    public override void Infer(BlockAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        (int channels, int rows, int columns) = attributes.AxesOf(x);
        long size = attributes.Size;
        if (input[channels] % (size * size) != 0)
            throw x.Error($"{input[channels]} channels cannot be cut into blocks of {size} x {size}");
        x.Output(0, x.Type(0), input.With(channels, input[channels] / (size * size)).With(rows, input[rows] * size).With(columns, input[columns] * size));
    }

    public override Movement Specify(BlockAttributes attributes, Node node) =>
        new(node.Output.Type, [new Move(0, attributes.Deep(Movement.ViewOf(node.Input(0))), 0, attributes.Wide(Movement.ViewOf(node.Output)))]);

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object? ToChannelsLast(Node node) =>
        node.Attributes is BlockAttributes { ChannelsLast: false } attributes ? attributes with { ChannelsLast = true } : null;

    public override bool AcceptsViews(Node node) => true;
}
