using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.MatMul;

namespace HybridConv.Conformance.Cases;

/// <summary>Matrix products: Gemm with its scales and transposes, MatMul with batches and broadcasting.</summary>
internal static class ProductCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        int rows = draw.Length(33), depth = draw.Channels(65), columns = draw.Channels(96);
        bool residual = draw.Chance(0.2), constant = draw.Chance(0.8);
        Activation activation = draw.Activation();
        Placement placement = draw.Placement();
        return draw.Chance(0.5) ? Gemm(draw, fill, rows, depth, columns, residual, constant, activation, placement)
            : MatMul(draw, fill, rows, depth, columns, residual, constant, activation, placement);
    }

    private static Case Gemm(Draw draw, Fill fill, int rows, int depth, int columns, bool residual, bool constant, Activation activation, Placement placement)
    {
        bool transA = draw.Chance(0.3), transB = draw.Chance(0.5), c = draw.Chance(0.7);
        var attributes = new GemmAttributes(draw.Of(1f, 1f, 0.5f), draw.Of(1f, 1f, 2f), transA, transB, activation);
        var operands = new List<CaseOperand?>
        {
            draw.Operand(transA ? new Shape(depth, rows) : new Shape(rows, depth), fill),
            draw.Operand(transB ? new Shape(columns, depth) : new Shape(depth, columns), fill, constant),
        };
        if (c || residual)
            operands.Add(c ? draw.Operand(draw.Int(0, 3) switch { 0 => new Shape(1), 1 => new Shape(rows, 1), 2 => new Shape(rows, columns), _ => new Shape(columns) }, fill, constant) : null);
        if (residual)
            operands.Add(draw.Operand(new Shape(rows, columns), fill));
        string name = $"gemm seed {draw.Seed} {rows}x{depth}x{columns} alpha {attributes.Alpha} beta {attributes.Beta}{(transA ? " transA" : "")}{(transB ? " transB" : "")} "
            + $"C {(c ? operands[2]!.Shape : "none")}{(residual ? " residual" : "")}{(constant ? "" : " open weights")} {activation} {placement} {fill}";
        return new Case(name, new GemmOp(), attributes, operands, fill) { Placement = placement, Roundings = 2 * depth + 4 };
    }

    private static Case MatMul(Draw draw, Fill fill, int rows, int depth, int columns, bool residual, bool constant, Activation activation, Placement placement)
    {
        long[] batch = draw.List(draw.Int(0, 2), 1, 3);
        bool shared = draw.Chance(0.5) || batch.Length == 0;
        var operands = new List<CaseOperand?>
        {
            draw.Operand(new Shape([.. batch, rows, depth]), fill),
            draw.Operand(shared ? new Shape(depth, columns) : new Shape([.. batch, depth, columns]), fill, constant),
        };
        if (residual)
            operands.Add(draw.Operand(new Shape([.. batch, rows, columns]), fill));
        string name = $"matmul seed {draw.Seed} {operands[0]!.Shape} times {operands[1]!.Shape}{(residual ? " residual" : "")}{(constant ? "" : " open weights")} {activation} {placement} {fill}";
        return new Case(name, new MatMulOp(), new MatMulAttributes(activation), operands, fill) { Placement = placement, Roundings = depth + 3 };
    }
}
