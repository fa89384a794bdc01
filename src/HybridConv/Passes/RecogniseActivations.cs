using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Passes;

/// <summary>
/// Finds activations where models spell them out, whatever the order of their sums and products: all are polynomials in x and in one gate of a polynomial
/// in x.
/// <code>
/// HardSigmoid   g / t                     g = clamp of a x + b to [0, t]
/// HardSwish     x g / t                   the same with a/t = 1/6 and b/t = 1/2
/// Swish         x g                       g = sigmoid(a x)
/// Mish          x g                       g = tanh(softplus(x))
/// Gelu          x/2 + x/2 g               g = erf(x / sqrt 2), or tanh(sqrt(2 / pi) (x + 0.044715 x^3))
/// </code>
/// A Min or Max with a number is Clip, and log(1 + e^x) is Softplus.
/// </summary>
internal sealed class RecogniseActivations : IPass
{
    /// <summary>How far a spelled-out 1/6 may be from it, relatively: constants are rounded when they are written down.</summary>
    private const double Slack = 1e-5;

    public string Name => "recognise-activations";
    public bool PreservesBits => false;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node node in graph.Nodes)
            if (Bound(node) is (Value bounded, ClipAttributes clip))
            {
                graph.Remove(node);
                graph.Add(new Node(node.Name, OpTable.Get<ClipOp>(), clip, [bounded], [node.Output]));
                report.Change($"{node} clips '{bounded.Name}'");
            }
            else if (OfSoftplus(graph, node) is { } softplus)
                Replace(graph, report, softplus);

        // Products before their factors: the longest spelling first.
        foreach (Node node in graph.NodesBackwards)
            if (OfGate(graph, node, gate => gate == node || graph.SoleReader(gate.Output) is not null) is { } spelling)
                Replace(graph, report, spelling);
            else if (OfGate(graph, node, _ => true) is { } shared
                && shared.Nodes.FirstOrDefault(part => part != node && graph.SoleReader(part.Output) is null) is { } gate)
                report.Decline(node, $"'{gate.Output.Name}', a part of {shared.Op.Name}, has other readers");
    }

    /// <summary>An activation as found: of which value, what it is, and the nodes that compute it now, the last one first.</summary>
    private sealed record Spelling(Value X, Op Op, object Attributes, IReadOnlyList<Node> Nodes);

    private static void Replace(GraphEditor graph, PassReport report, Spelling found)
    {
        Node last = found.Nodes[0];
        foreach (Node node in found.Nodes)
            graph.Remove(node);
        graph.Add(new Node(last.Name, found.Op, found.Attributes, [found.X], [last.Output]));
        report.Change($"{last} and what leads to it are {found.Op.Name} of '{found.X.Name}'");
    }

    /// <summary>For a Min or Max with a number: what it bounds, and how Clip says it.</summary>
    private static (Value Input, ClipAttributes Clip)? Bound(Node node)
    {
        if (node.Op is not (VariadicOp<Min> or VariadicOp<Max>) || node.Inputs.Count != 2 || node.Output.Type != ElementType.Float32)
            return null;
        int constant = GatedPolynomialReader.Number(node.Input(1)) is null ? 0 : 1;
        Value input = node.Input(1 - constant);
        if (GatedPolynomialReader.Number(node.Input(constant)) is not double bound || !double.IsFinite(bound) || input.KnownShape != node.Output.KnownShape)
            return null;
        return (input, node.Op is VariadicOp<Min> ? ClipAttributes.None with { Max = (float)bound } : ClipAttributes.None with { Min = (float)bound });
    }

    /// <summary>For log(1 + e^x): that it is Softplus.</summary>
    private static Spelling? OfSoftplus(GraphEditor graph, Node node)
    {
        if (node.Op is not UnaryOp<Log> || graph.SoleReader(node.Input(0)) is null || node.Input(0).Producer is not { Op: BinaryOp<Add> } sum)
            return null;
        int one = GatedPolynomialReader.Number(sum.Input(0)) is null ? 1 : 0;
        Value power = sum.Input(1 - one);
        return GatedPolynomialReader.Number(sum.Input(one)) == 1 && power.KnownShape == node.Output.KnownShape && graph.SoleReader(power) is not null
            && power.Producer is { Op: UnaryOp<Exp> } exponential ? Of(exponential.Input(0), default(Softplus), [node, sum, exponential]) : null;
    }

    /// <summary>For the last node of an activation with a gate, if that gate is allowed: what it is.</summary>
    private static Spelling? OfGate(GraphEditor graph, Node last, Predicate<Node> allowed)
    {
        if (last.Op is not (BinaryOp<Mul> or BinaryOp<Div> or ClipOp) || last.Output.Type != ElementType.Float32)
            return null;
        Shape shape = last.Output.KnownShape;
        var outer = new GatedPolynomialReader(graph, shape, null, node => IsGate(node) && allowed(node), maxDegree: 1);
        if (outer.Read(last) is not { } activation || outer.Gate is not Node gate)
            return null;
        Value operand = gate.Input(0);
        if (outer.X is not null && IsProduct(activation) && gate.Op is UnaryOp<Tanh> && operand.Producer is { Op: UnaryOp<Softplus> } softplus
            && softplus.Input(0) == outer.X && graph.SoleReader(operand) is not null)
            return Of(outer.X, default(Mish), [.. outer.Nodes, gate, softplus]);

        // Where x is not known yet, it is what the gate's operand is a straight line of.
        var inner = new GatedPolynomialReader(graph, shape, outer.X, _ => false, maxDegree: outer.X is null ? 1 : 3);
        if (inner.Read(operand) is not { } argument || inner.X is not Value x || outer.Nodes.Count + inner.Nodes.Count == 0)
            return null;
        Node[] nodes = [.. outer.Nodes, gate, .. inner.Nodes];
        bool isHalf = Near(activation.Plain, 0, 0.5) && Near(activation.Gated, 0, 0.5);
        return gate.Op switch
        {
            UnaryOp<Erf> when isHalf && Near(argument.Plain, 0, Gelu.ErfScale) => Of(x, new Gelu(Approximate: false), nodes),
            UnaryOp<Tanh> when isHalf && Near(argument.Plain, 0, Gelu.Linear, 0, Gelu.Cubic) => Of(x, new Gelu(Approximate: true), nodes),
            UnaryOp<Sigmoid> when IsProduct(activation) && argument.Degree == 1 && argument.Plain[0] == 0 =>
                IsScale(argument.Plain[1]) ? Of(x, new Swish((float)argument.Plain[1]), nodes) : null,
            IActivationOp op when argument.Degree <= 1 => OfHardGate(x, activation, op.ActivationOf(gate), argument.Plain, nodes),
            _ => null,
        };
    }

    /// <summary>For a product with a clamped straight line: HardSigmoid of what the line is of, or HardSwish.</summary>
    private static Spelling? OfHardGate(Value x, GatedPolynomial activation, Activation gate, ReadOnlySpan<double> line, Node[] nodes)
    {
        bool isProduct = Near(activation.Gated[..1], 0);
        double factor = activation.Gated[isProduct ? 1 : 0];
        if (!Near(activation.Plain) || (!isProduct && activation.Degree > 0))
            return null;
        double slope, offset;
        if (gate.Kind == ActivationKind.Clamp && gate.A == 0 && Near([gate.B * factor], 1))
            (slope, offset) = (factor * line[1], factor * line[0]);
        else if (gate.Kind == ActivationKind.HardSigmoid && Near([factor], 1))
            (slope, offset) = (gate.A * line[1], gate.A * line[0] + gate.B);
        else
            return null;
        return !isProduct ? IsScale(slope) && float.IsFinite((float)offset) ? Of(x, new HardSigmoid((float)slope, (float)offset), nodes) : null
            : Near([slope, offset], 1.0 / 6, 0.5) ? Of(x, default(HardSwish), nodes)
            : null;
    }

    private static bool IsGate(Node node) => node.Op is UnaryOp<Erf> or UnaryOp<Tanh>
        || (node.Op is IActivationOp op && op.ActivationOf(node).Kind is ActivationKind.Clamp or ActivationKind.Sigmoid or ActivationKind.HardSigmoid);

    private static bool IsProduct(GatedPolynomial activation) => Near(activation.Plain) && Near(activation.Gated, 0, 1);

    /// <summary>
    /// Whether a factor of x is one in float, too: not so large that its product with 0 is NaN, nor so small that its product with infinity is. Spelled out,
    /// several factors may reach farther.
    /// </summary>
    private static bool IsScale(double factor) => float.IsFinite((float)factor) && (float)factor != 0;

    private static Spelling Of<F>(Value x, F function, Node[] nodes) where F : struct, IUnaryOperator<F> =>
        new(x, OpTable.Get<UnaryOp<F>>(), new UnaryAttributes<F>(function), nodes);

    /// <summary>Whether numbers are what is expected; those that are not mentioned are expected to be 0.</summary>
    private static bool Near(ReadOnlySpan<double> found, params ReadOnlySpan<double> expected)
    {
        for (int i = 0; i < found.Length; i++)
        {
            double number = i < expected.Length ? expected[i] : 0;
            if (!(Math.Abs(found[i] - number) <= Slack * number))
                return false;
        }
        return true;
    }
}
