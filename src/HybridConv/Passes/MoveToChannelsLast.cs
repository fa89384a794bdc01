using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Identity;
using HybridConv.Ops.Reduce;
using HybridConv.Ops.Transpose;

namespace HybridConv.Passes;

/// <summary>
/// Lets every operator that has a notion of channels work channels-last, and gets rid of the transposes that this takes, together with those that the
/// graph came with. In one walk through the graph a transpose is not a node but a remark about where a value's axes are (<see cref="Layouts"/>);
/// operators that can work on reordered axes do, whatever the order is, and so remarks travel on until they cancel, or somebody insists on the declared order.
/// Only then is data moved. A transpose that only moves axes of size 1 becomes a Reshape.
/// </summary>
internal sealed class MoveToChannelsLast : IPass
{
    public string Name => "move-to-channels-last";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report) => new Rewrite(graph, report).Run();

    private sealed class Rewrite(GraphEditor graph, PassReport report)
    {
        private readonly Layouts layouts = new(graph);
        private readonly LayoutWishes wishes = new(graph);
        private int operators, inserted, found;

        public void Run()
        {
            foreach (Node node in graph.Nodes)
                Visit(node);
            FinishOutputs();
            Report();
        }

        private void Visit(Node node)
        {
            if (node.Op is TransposeOp)
                Absorb(node);
            else if (node.Attributes is ReduceAttributes { KeepDims: false } && layouts.IsMoved(node.Input(0)))
                KeepReducedAxes(node);
            else if (node.Op.ToChannelsLast(node) is object attributes)
                RunChannelsLast(node, attributes);
            else if (ChooseLayout(node) is (int[] layout, object permuted))
                RunPermuted(node, layout, permuted);
            else if (Layouts.IsReshape(node))
                RunReshape(node);
            else
                RunAsDeclared(node);
        }

        /// <summary>Transpose(Transpose(s, p), q) is Transpose(s, p then q), and is not computed yet.</summary>
        private void Absorb(Node node)
        {
            (Value stored, int[] permutation) = layouts.HomeOf(node.Input(0));
            layouts.Store(node.Output, stored, Axes.Compose(permutation, ((TransposeAttributes)node.Attributes).Permutation!));
            graph.Remove(node);
            found++;
        }

        /// <summary>A reduction that drops axes, as one that keeps them, which can work on reordered axes, and a Reshape.</summary>
        private void KeepReducedAxes(Node node)
        {
            var attributes = (ReduceAttributes)node.Attributes;
            Shape kept = node.Input(0).KnownShape;
            foreach (long axis in attributes.Axes!)
                kept = kept.With((int)axis, 1);
            graph.Remove(node);
            Value reduced = graph.NewValue($"{node.Output.Name}/kept", node.Output.Type, kept);
            Visit(graph.Add(new Node(node.Name, node.Op, attributes with { KeepDims = true }, [node.Input(0)], [reduced])));
            ReshapeStored(reduced, node.Output, node.Output.Name);
        }

        private void RunChannelsLast(Node node, object attributes)
        {
            int[] layout = ChannelsLast(node.Input(0).KnownShape.Rank);
            int residual = node.Op is IAddsResidual adding ? adding.ResidualInput : -1;
            inserted++;
            for (int i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is Value input)
                {
                    bool image = i == 0 || i == residual;
                    graph.SetInput(node, i, image ? layouts.InLayout(input, layout) : layouts.AsDeclared(input));
                    inserted += image ? 1 : 0;
                }
            layouts.StoreOutput(node, 0, layout);
            node.Attributes = attributes;
            operators++;
        }

        private void RunPermuted(Node node, int[] layout, object attributes)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is Value input)
                    graph.SetInput(node, i, input.KnownShape.Rank < layout.Length && input.KnownShape.Elements == 1
                        ? layouts.AsDeclared(input)
                        : layouts.InLayout(layouts.Widened(input, layout.Length), layout));
            for (int i = 0; i < node.Outputs.Count; i++)
                layouts.StoreOutput(node, i, layout);
            node.Attributes = attributes;
        }

        /// <summary>A new shape for a tensor whose axes are elsewhere: the same shape for the stored tensor, where its axes are merged and cut only within what stays together.</summary>
        private void RunReshape(Node node)
        {
            Value value = node.Input(0), output = node.Output;
            if (!layouts.IsMoved(value))
                return;
            graph.Remove(node);
            ReshapeStored(value, output, node.Name);
        }

        private void ReshapeStored(Value value, Value output, string name)
        {
            (Value stored, int[] permutation) = layouts.HomeOf(value);
            if (Axes.KeepsOrder(stored.KnownShape, permutation))
                layouts.Reshape(stored, output, name);
            else if (ReshapeThroughTranspose.Find(value.KnownShape, permutation, output.KnownShape) is (Shape shape, int[] outer))
            {
                Value reshaped = Layouts.IsIdentity(outer) ? output : graph.NewValue($"{output.Name}/stored", output.Type, shape);
                layouts.Reshape(stored, reshaped, name);
                if (reshaped != output)
                    layouts.Store(output, reshaped, outer);
            }
            else
                layouts.Reshape(layouts.AsDeclared(value), output, name);
        }

        private void RunAsDeclared(Node node)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is Value input && layouts.AsDeclared(input) is Value declared && declared != input)
                    graph.SetInput(node, i, declared);
        }

        /// <summary>
        /// For a node that can work on reordered axes: the layout in which the fewest elements have to move before and after it, with the attributes for it.
        /// Null when that is the declared one.
        /// </summary>
        private (int[] Layout, object Attributes)? ChooseLayout(Node node)
        {
            int rank = node.Output.KnownShape.Rank;
            if (rank < 2 || node.Inputs.Any(input => input?.KnownShape.Rank > rank) || node.Outputs.Any(output => output.KnownShape.Rank != rank))
                return null;
            var offers = new Dictionary<ulong, int[]>();
            int[]? wish = wishes.Of(node.Output);
            if (wish is not null)
                offers.TryAdd(Layouts.Key(wish), wish);
            foreach (Value? input in node.Inputs)
                if (offers.Count < MaxOffers && input is { IsConstant: false } && input.KnownShape.Rank == rank)
                {
                    int[] layout = Axes.Inverse(layouts.HomeOf(input).Permutation);
                    offers.TryAdd(Layouts.Key(layout), layout);
                }
            int[] declared = Layouts.Identity(rank);
            offers.Remove(Layouts.Key(declared));

            (int[], object)? best = null;
            long least = offers.Count == 0 ? 0 : Cost(node, declared, wish);
            foreach (int[] layout in offers.Values)
                if (Cost(node, layout, wish) is long cost && (cost < least || (cost == least && best is null)) && node.Op.Permute(node, layout) is object attributes)
                    (least, best) = (cost, (layout, attributes));
            return best;
        }

        /// <summary>The number of layouts that one node considers.</summary>
        private const int MaxOffers = 4;

        private long Cost(Node node, int[] layout, int[]? wish)
        {
            long cost = 0;
            foreach (Value? input in node.Inputs)
                if (input is { IsConstant: false })
                {
                    Shape shape = input.KnownShape;
                    // Readers who want the same share the cost.
                    if (shape.Rank == layout.Length)
                        cost += layouts.CostOf(input, layout) / Math.Max(1, wishes.Count(input, layout));
                    else if (shape.Elements > 1)
                        cost += layouts.CostOf(input, Layouts.Identity(shape.Rank)) + (KeepsOrder(shape, layout) ? 0 : shape.Elements);
                }
            foreach (Value output in node.Outputs)
            {
                Shape shape = output.KnownShape;
                if (graph.IsOutput(output) && !Axes.KeepsOrder(shape, layout))
                    cost += shape.Elements;
                if (wish is not null && !Axes.KeepsOrder(shape.Permuted(layout), Axes.Compose(Axes.Inverse(layout), wish)))
                    cost += shape.Elements;
            }
            return cost;
        }

        /// <summary>Whether a tensor of lower rank keeps its elements' order when it is widened to the rank of the layout and transposed.</summary>
        private static bool KeepsOrder(Shape shape, int[] layout)
        {
            int missing = layout.Length - shape.Rank;
            return Axes.KeepsOrder(shape, [.. layout.Where(axis => axis >= missing).Select(axis => axis - missing)]);
        }

        /// <summary>Writes the outputs of the graph as they are declared: with a transpose where one is pending, else under the declared name.</summary>
        private void FinishOutputs()
        {
            Dictionary<Value, Value> declared = [];
            foreach (Value output in graph.GraphOutputs)
                declared.TryAdd(output, layouts.AsDeclared(output));
            var renamed = new Dictionary<Value, Value>();
            foreach ((Value output, Value source) in declared)
            {
                Value value = renamed.GetValueOrDefault(source, source);
                if (value == output)
                    continue;
                if (graph.CanUnify(output, value))
                {
                    graph.Unify(output, value);
                    renamed[source] = output;
                }
                else
                    graph.Add(new Node(output.Name, OpTable.Get<IdentityOp>(), new IdentityAttributes(), [value], [output]));
            }
        }

        private void Report()
        {
            int remain = 0;
            foreach (Node transpose in layouts.Transposes)
            {
                if (!graph.IsUsed(transpose.Output))
                    continue;
                remain++;
                string reader = graph.Uses(transpose.Output).Select(use => use.Node.ToString()).FirstOrDefault("the graph's output");
                report.Decline(transpose, $"{reader} needs {transpose.Input(0)} with axes ({string.Join(',', ((TransposeAttributes)transpose.Attributes).Permutation!)})");
            }
            if (operators + found > 0)
                report.Change($"{operators} operators work channels-last: {found} transposes found, {inserted} inserted, {found + inserted - remain} cancelled, {remain} remain");
        }
    }

    /// <summary>N, C, spatial... to N, spatial..., C.</summary>
    internal static int[] ChannelsLast(int rank) => [0, .. Enumerable.Range(2, rank - 2), 1];
}
