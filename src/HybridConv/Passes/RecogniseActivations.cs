using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Passes;

/// <summary>
/// Finds HardSigmoid and HardSwish where models spell them out: a clamp of a*x + b to [0, top], times 1/top, is HardSigmoid; that times x, where a/top is 1/6 and
/// b/top 1/2, is HardSwish. A Min or Max with a number is Clip. The factors may stand in any order, as Mul or Div: x * (Clip(x+3, 0, 6) / 6), (x * Clip(x+3, 0, 6)) / 6, x * HardSigmoid(x), ...
/// </summary>
internal sealed class RecogniseActivations : IPass
{
    /// <summary>How far a spelled-out 1/6 may be from it, relatively: constants are rounded when they are written down.</summary>
    private const double Slack = 1e-5;

    public string Name => "recognise-activations";
    public bool PreservesBits => false;

    public void Run(GraphEditor graph, PassReport report)
    {
        // Products before their factors: the longest pattern first.
        foreach (Node node in graph.NodesBackwards)
        {
            if (Bound(node) is (Value bounded, ClipAttributes clip))
            {
                graph.Remove(node);
                graph.Add(new Node(node.Name, OpTable.Get<ClipOp>(), clip, [bounded], [node.Output]));
                report.Change($"{node} clips '{bounded.Name}'");
                continue;
            }
            var product = new Product(graph, node);
            if (product.Match() is not (Value input, Op op, object attributes))
                continue;
            foreach (Node inner in product.Nodes)
                graph.Remove(inner);
            graph.Add(new Node(node.Name, op, attributes, [input], [node.Output]));
            report.Change($"{node} and what it multiplies are {op.Name} of '{input.Name}'");
        }
    }

    /// <summary>For a Min or Max with a number: what it bounds, and how Clip says it.</summary>
    private static (Value Input, ClipAttributes Clip)? Bound(Node node)
    {
        if (node.Op is not (VariadicOp<Min> or VariadicOp<Max>) || node.Inputs.Count != 2 || node.Output.Type != ElementType.Float32)
            return null;
        int constant = Scalar(node.Input(1)) is null ? 0 : 1;
        Value input = node.Input(1 - constant);
        if (Scalar(node.Input(constant)) is not float bound || float.IsNaN(bound) || input.KnownShape != node.Output.KnownShape)
            return null;
        return (input, node.Op is VariadicOp<Min> ? ClipAttributes.None with { Max = bound } : ClipAttributes.None with { Min = bound });
    }

    private static float? Scalar(Value value) => value.Constant is { Type: ElementType.Float32, Shape.Elements: 1 } tensor ? tensor.ToArray<float>()[0] : null;

    /// <summary>A tree of multiplications, with divisions by constants, whose inner results nobody else reads.</summary>
    private sealed class Product
    {
        private const int MaxNodes = 4;

        private readonly GraphEditor graph;
        private readonly List<Value> factors = [];
        private readonly Value output;
        private double scale = 1;
        private bool dividesByData;

        public Product(GraphEditor graph, Node root)
        {
            this.graph = graph;
            output = root.Output;
            if (root.Output.Type != ElementType.Float32)
                return;
            if (root.Op is BinaryOp<Mul> or BinaryOp<Div>)
                Multiply(root);
            else if (root.Op is IActivationOp)
                factors.Add(root.Output);
        }

        /// <summary>The nodes that the pattern replaces, readers first.</summary>
        public List<Node> Nodes { get; } = [];

        public (Value Input, Op Op, object Attributes)? Match()
        {
            if (dividesByData || factors.Exists(factor => factor.KnownShape != output.KnownShape))
                return null;
            if (factors.Count == 1 && Gate(factors[0], null) is (Value x, double a, double b))
                return (x, OpTable.Get<UnaryOp<HardSigmoid>>(), new UnaryAttributes<HardSigmoid>(new HardSigmoid((float)a, (float)b)));
            if (factors.Count != 2)
                return null;
            int known = Nodes.Count;
            for (int i = 0; i < 2; i++)
            {
                if (Gate(factors[i], factors[1 - i]) is (Value, double slope, double offset) && Near(slope, 1.0 / 6) && Near(offset, 0.5))
                    return (factors[1 - i], OpTable.Get<UnaryOp<HardSwish>>(), new UnaryAttributes<HardSwish>(default));
                Nodes.RemoveRange(known, Nodes.Count - known);
            }
            return null;
        }

        private void Multiply(Node node)
        {
            Nodes.Add(node);
            for (int i = 0; i < 2; i++)
            {
                Value operand = node.Input(i);
                bool divides = i == 1 && node.Op is BinaryOp<Div>;
                if (Scalar(operand) is float constant)
                    scale *= divides ? 1 / (double)constant : constant;
                else if (divides)
                    dividesByData = true;
                else if (operand.Producer is { Op: BinaryOp<Mul> or BinaryOp<Div> } inner && Nodes.Count < MaxNodes && graph.SoleReader(operand) == node)
                    Multiply(inner);
                else
                    factors.Add(operand);
            }
        }

        /// <summary>
        /// For a factor that is, with the product's scale, max(0, min(1, slope*x + offset)): x and those numbers; and adds the factor's nodes to those replaced.
        /// </summary>
        /// <param name="factor">The factor.</param>
        /// <param name="wanted">What x must be; null for anything.</param>
        private (Value Input, double Slope, double Offset)? Gate(Value factor, Value? wanted)
        {
            if (factor.Producer is not { Op: IActivationOp op } clamp || (Nodes.Count > 0 && graph.SoleReader(factor) is null))
                return null;
            Activation activation = op.ActivationOf(clamp);
            Value x = clamp.Input(0);
            if (activation.Kind == ActivationKind.HardSigmoid && Near(scale, 1))
            {
                Nodes.Add(clamp);
                return x == wanted ? (x, activation.A, activation.B) : null;
            }
            if (activation.Kind != ActivationKind.Clamp || activation.A != 0 || !Near(activation.B * scale, 1))
                return null;
            Nodes.Add(clamp);
            double slope = scale, offset = 0;
            while (x != wanted && graph.SoleReader(x) is not null && x.Producer is Node step && Step(step) is (Value before, double times, double plus))
            {
                (slope, offset) = (slope * times, offset + slope * plus);
                Nodes.Add(step);
                x = before;
            }
            // A clamp to [0, 1] alone stays one.
            return (wanted is null ? Nodes.Count > 1 : x == wanted) ? (x, slope, offset) : null;
        }

        /// <summary>For a node that computes times*x + plus with scalars: x and those.</summary>
        private static (Value X, double Times, double Plus)? Step(Node node)
        {
            if (node.Inputs.Count != 2 || node.Output.Type != ElementType.Float32)
                return null;
            bool first = Scalar(node.Input(0)) is not null;
            if (Scalar(node.Input(first ? 0 : 1)) is not float constant || node.Input(first ? 1 : 0) is not Value x || x.KnownShape != node.Output.KnownShape)
                return null;
            return node.Op switch
            {
                BinaryOp<Add> => (x, 1, constant),
                BinaryOp<Sub> when !first => (x, 1, -constant),
                BinaryOp<Mul> => (x, constant, 0),
                BinaryOp<Div> when !first => (x, 1 / (double)constant, 0),
                _ => null,
            };
        }

        private static bool Near(double x, double y) => Math.Abs(x - y) <= Slack * y;
    }
}
