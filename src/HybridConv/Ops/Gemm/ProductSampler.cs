using HybridConv.Graphs;
using HybridConv.Verification;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// Checks matrix products: positions are rows of all matrices of the batch, strata columns. What is read: the row of A; then, where they are no constants, the columns of B
/// one after the other, the elements of C, and the residual.
/// </summary>
internal sealed class ProductSampler : Sampler
{
    private readonly ProductSpec spec;
    private readonly bool inOrder;
    private readonly PackedFloats? b, c;
    private readonly long[] batch;

    private ProductSampler(ProductSpec spec, Witness witness)
    {
        this.spec = spec;
        inOrder = witness.InOrder;
        batch = spec.Batch.Dims.ToArray();
        Node node = witness.Node;
        if (node.Input(1).Constant is { } weights)
            b = spec.B.Strides[^2] == 1 ? witness.Constant(1) : witness.Constant(1, weights.Shape.Elements / Math.Max(1, spec.Depth * (long)spec.Columns), spec.Depth, spec.Columns);
        if (spec.C is not null && node.Input(spec.Operands.C).IsConstant)
            c = witness.Constant(spec.Operands.C);
    }

    /// <summary>The sampler of a product; null where A or the residual is a constant, which is not supported.</summary>
    public static ProductSampler? Of(ProductSpec spec, Witness witness) =>
        spec.Depth > 0 && witness.Node.Input(0).Constant is null && (spec.Residual is null || !witness.Node.Input(spec.Operands.Residual).IsConstant) ? new ProductSampler(spec, witness) : null;

    public override long Positions => spec.Batch.Elements * spec.Rows;
    public override int Strata => spec.Columns;
    public override bool HasWeights => b is not null || c is not null;

    private bool ReadsC => spec.C is not null && c is null;

    public override PatchSize Size(int strata)
    {
        int columns = b is null ? strata : 0, others = (ReadsC ? 1 : 0) + (spec.Residual is null ? 0 : 1);
        return new PatchSize(1 + columns + others * strata, spec.Depth * (1L + columns) + others * strata, spec.Depth);
    }

    public override Place Place(long position, int stratum) => new(0, Offset(spec.Output, position, stratum));

    public override void Read(in Patch patch, ReadList reads)
    {
        reads.Add(0, Offset(spec.A, patch.Position, 0), spec.Depth, spec.A.Strides[^1]);
        for (int i = 0; i < patch.Count && b is null; i++)
            reads.Add(1, BatchOffset(spec.B, patch.Position) + (patch.First + i) * spec.B.Strides[^1], spec.Depth, spec.B.Strides[^2]);
        for (int i = 0; i < patch.Count && ReadsC; i++)
            reads.Add(spec.Operands.C, OffsetOfC(patch.Position, patch.First + i), 1);
        for (int i = 0; i < patch.Count && spec.Residual is not null; i++)
            reads.Add(spec.Operands.Residual, Offset(spec.Residual, patch.Position, patch.First + i), 1);
    }

    public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
    {
        Span<double> row = work[..spec.Depth];
        for (int k = 0; k < row.Length; k++)
            row[k] = spec.Alpha * (double)read[k];
        read = read[row.Length..];
        ReadOnlySpan<float> columns = read[..(b is null ? patch.Count * spec.Depth : 0)];
        ReadOnlySpan<float> addends = read.Slice(columns.Length, ReadsC ? patch.Count : 0), residual = read[(columns.Length + addends.Length)..];
        for (int i = 0; i < patch.Count; i++)
        {
            int column = patch.First + i;
            double start = spec.C is null ? 0 : spec.Beta * (double)(c is { } numbers ? numbers.Span[(int)OffsetOfC(patch.Position, column)] : addends[i]);
            var chain = new Chain(start);
            chain.Add(row, b is { } weights ? Column(weights, patch.Position, column) : columns.Slice(i * spec.Depth, spec.Depth));
            // Scaled weights are rounded, and so is what the sum starts from.
            double error = chain.Error(inOrder) + (spec.Alpha == 1 && spec.Beta == 1 ? 0 : Roundoff.Unit * chain.Magnitude);
            results[i] = Roundoff.Finish(spec.Activation, chain.Sum, error, spec.Residual is null ? null : residual[i]);
        }
    }

    /// <summary>A column of constant weights, which lie column by column.</summary>
    private ReadOnlySpan<float> Column(PackedFloats weights, long position, int column) =>
        weights.Span.Slice((int)BatchOffset(spec.B, position) + column * spec.Depth, spec.Depth);

    private long Offset(TensorView matrix, long position, int column) =>
        BatchOffset(matrix, position) + position % spec.Rows * matrix.Strides[^2] + column * matrix.Strides[^1];

    /// <summary>C is the same for the whole batch.</summary>
    private long OffsetOfC(long position, int column) => position % spec.Rows * spec.C!.Strides[^2] + column * spec.C.Strides[^1];

    /// <summary>Where the matrix of a row starts.</summary>
    private long BatchOffset(TensorView matrix, long position)
    {
        long rest = position / spec.Rows, offset = 0;
        for (int axis = batch.Length - 1; axis >= 0; axis--)
        {
            (rest, long index) = Math.DivRem(rest, batch[axis]);
            offset += index * matrix.Strides[axis];
        }
        return offset;
    }
}
