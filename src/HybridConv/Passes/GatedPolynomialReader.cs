using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Passes;

/// <summary>
/// Reads values as polynomials: sums, differences, products, quotients by numbers and powers, of a value x and, where asked for, one gate g. Nodes whose results
/// others read, too, are not looked into: x is such a value, or the first that is not a polynomial.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="shape">The shape of x, of g, and of every result between them and the polynomial.</param>
/// <param name="x">What x must be; null for anything.</param>
/// <param name="isGate">Which nodes may be g.</param>
/// <param name="maxDegree">The highest power of x: what exceeds it is an x of its own.</param>
internal sealed class GatedPolynomialReader(GraphEditor graph, Shape shape, Value? x, Predicate<Node> isGate, int maxDegree)
{
    /// <summary>More than any activation takes.</summary>
    private const int MaxNodes = 16;

    /// <summary>The value that the polynomial is in; null while it is in none.</summary>
    public Value? X { get; private set; } = x;

    /// <summary>The node that is g, if there is one.</summary>
    public Node? Gate { get; private set; }

    /// <summary>The nodes that compute the polynomial, readers first, without the gate.</summary>
    public List<Node> Nodes { get; } = [];

    /// <summary>What a node computes; null when that is no polynomial in one x and one g.</summary>
    public GatedPolynomial? Read(Node node)
    {
        if (isGate(node))
        {
            Gate = node;
            return GatedPolynomial.G;
        }
        return IsArithmetic(node) ? Combine(node) : null;
    }

    /// <summary>As <see cref="Read(Node)"/>, for an operand.</summary>
    public GatedPolynomial? Read(Value value)
    {
        if (Number(value) is double number)
            return GatedPolynomial.Of(number);
        if (value.KnownShape != shape)
            return null;
        if (value.Producer is Node node && graph.SoleReader(value) is not null)
        {
            (Value? x, Node? gate, int count) = (X, Gate, Nodes.Count);
            if (IsArithmetic(node) && Nodes.Count < MaxNodes && Combine(node) is { } polynomial && polynomial.Degree <= maxDegree)
                return polynomial;
            (X, Gate) = (x, gate);
            Nodes.RemoveRange(count, Nodes.Count - count);
        }
        if (Gate is null && value.Producer is Node producer && isGate(producer))
        {
            Gate = producer;
            return GatedPolynomial.G;
        }
        X ??= value;
        return X == value ? GatedPolynomial.X : null;
    }

    /// <summary>The number that a constant of one element is.</summary>
    public static double? Number(Value value) => value.Constant is { Type: ElementType.Float32, Shape.Elements: 1 } tensor ? tensor.ToArray<float>()[0] : null;

    private bool IsArithmetic(Node node) => node.Op is BinaryOp<Add> or BinaryOp<Sub> or BinaryOp<Mul> or BinaryOp<Div> or PowOp
        && node.Output.Type == ElementType.Float32 && node.Output.KnownShape == shape;

    private GatedPolynomial? Combine(Node node)
    {
        Nodes.Add(node);
        if (Read(node.Input(0)) is not { } a || (node.Op is PowOp ? Exponent(node.Input(1)) : Read(node.Input(1))) is not { } b)
            return null;
        return node.Op switch
        {
            BinaryOp<Add> => a.Plus(b),
            BinaryOp<Sub> => b.Times(GatedPolynomial.Of(-1)) is { } minus ? a.Plus(minus) : null,
            BinaryOp<Mul> => a.Times(b),
            BinaryOp<Div> => b.Number is double divisor ? a.Times(GatedPolynomial.Of(1 / divisor)) : null,
            _ => b.Number switch
            {
                2 => a.Times(a),
                3 => a.Times(a)?.Times(a),
                _ => null,
            },
        };
    }

    /// <summary>An exponent may be of any type.</summary>
    private static GatedPolynomial? Exponent(Value value) => value.Constant switch
    {
        { Shape.Elements: 1, Type: ElementType.Int32 or ElementType.Int64 } whole => GatedPolynomial.Of(whole.ToInt64()[0]),
        _ => Number(value) is double number ? GatedPolynomial.Of(number) : null,
    };
}
