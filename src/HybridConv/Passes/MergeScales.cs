using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.BatchNormalization;

namespace HybridConv.Passes;

/// <summary>
/// Makes one batch normalization of several multiplications and additions in a row, each of one constant per channel, between operators that have channels:
/// the image is then read and written once.
/// </summary>
internal sealed class MergeScales : IPass
{
    public string Name => "merge-scales";
    public bool PreservesBits => false;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node last in graph.Nodes)
        {
            if (ChannelAffine.Of(last) is not { } affine || (graph.SoleReader(last.Output) is Node reader && ChannelAffine.Of(reader)?.Input == last.Output))
                continue;
            var chain = new List<Node> { last };
            while (graph.SoleReader(affine.Input) is not null && affine.Input.Producer is Node before && ChannelAffine.Of(before) is { } first)
            {
                affine = affine.After(first);
                chain.Add(before);
            }
            if (chain.Count == 1)
                continue;
            if (!HasChannels(affine.Input.Producer) && !graph.Uses(last.Output).Any(use => HasChannels(use.Node)))
                report.Decline(last, "no operator before or after the chain has channels");
            else if (affine.Refusal() is string why)
                report.Decline(last, why);
            else
            {
                foreach (Node node in chain)
                    graph.Remove(node);
                AddNormalization(graph, last, affine);
                report.Change($"{string.Join(", ", Enumerable.Reverse(chain))} are one scale and shift");
            }
        }
    }

    private static bool HasChannels(Node? node) => node?.Op.ToChannelsLast(node) is not null;

    private static void AddNormalization(GraphEditor graph, Node last, ChannelAffine affine)
    {
        string name = last.Output.Name;
        long channels = last.Output.KnownShape[1];
        (Tensor scale, Tensor shift) = affine.InFloat(channels);
        Value Uniform(string parameter, float value) => graph.NewConstant(
            $"{name}/{parameter}", Tensor.From(Enumerable.Repeat(value, (int)channels).ToArray(), new Shape(channels), $"{value}|for {channels} channels"));
        graph.Add(new Node(last.Name, OpTable.Get<BatchNormalizationOp>(), new BatchNormalizationAttributes(Epsilon: 0, PerElement: false),
            [affine.Input, graph.NewConstant($"{name}/scale", scale), graph.NewConstant($"{name}/shift", shift), Uniform("mean", 0), Uniform("variance", 1)], [last.Output]));
    }
}
