using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Pad;

namespace HybridConv.Passes;

/// <summary>
/// Lets a convolution or pool pad its image itself, in place of a Pad before it: zeros for a convolution and for an average that counts them, minus infinity
/// for a maximum. Weights are finite, so that products with padding are zeros whether or not they are computed.
/// </summary>
internal sealed class FoldPad : IPass
{
    public string Name => "fold-pad";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node pad in graph.Nodes)
            if (pad.Op is PadOp)
                foreach ((Node reader, int index) in graph.Uses(pad.Output))
                    if (index == 0 && reader.Op is IHasPads)
                        Fold(graph, report, pad, reader);
    }

    private static void Fold(GraphEditor graph, PassReport report, Node pad, Node reader)
    {
        var attributes = (PadAttributes)pad.Attributes;
        long[] pads = attributes.Pads!;
        int rank = pads.Length / 2;
        if (attributes.Mode != PadMode.Constant)
            report.Decline(pad, $"its mode is {attributes.Mode}");
        else if (pad.Output.Type != ElementType.Float32)
            report.Decline(pad, $"its data is {pad.Output.Type.Label()}");
        else if (pads.Any(size => size < 0))
            report.Decline(pad, $"the pads {Shape.Format(pads)} remove elements");
        else if (rank < 3 || pads[0] != 0 || pads[1] != 0 || pads[rank] != 0 || pads[rank + 1] != 0)
            report.Decline(pad, $"the pads {Shape.Format(pads)} add images or channels");
        else if (((IHasPads)reader.Op).WithPadsAdded(reader, [.. pads[2..rank], .. pads[(rank + 2)..]], attributes.Value) is not object padded)
            report.Decline(pad, FormattableString.Invariant($"{reader} does not pad with {attributes.Value}"));
        else
        {
            graph.SetInput(reader, 0, pad.Input(0));
            reader.Attributes = padded;
            report.Change($"{reader} pads in place of {pad}");
        }
    }
}
