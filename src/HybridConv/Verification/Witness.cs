using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Verification;

/// <summary>What a sampler is made from: the node, the kernel that computes it, and the node's constants in memory that no kernel sees.</summary>
/// <param name="node">A node of a plan, with its views.</param>
/// <param name="kernel">The name of the row that was taken.</param>
/// <param name="inOrder">Whether that row makes sums in the order of the definition.</param>
/// <param name="weights">Where the constants are kept.</param>
/// <param name="used">Takes what was asked for.</param>
internal sealed class Witness(Node node, string kernel, bool inOrder, WeightStore weights, ISet<PackedWeights> used)
{
    public Node Node => node;

    public bool InOrder => inOrder;

    /// <summary>The side of the tiles of output pixels that Winograd's algorithm computes at once, as <c>conv.winograd.f4x3...</c> says it; 0 for every other kernel.</summary>
    public int WinogradTile { get; } = kernel.Split('.') is [_, "winograd", ['f', var digit, ..], ..] ? digit - '0' : 0;

    /// <summary>The data of a constant float32 input, in its own order.</summary>
    public PackedFloats Constant(int input) => Constant(input, 1, 1, 1);

    /// <summary>The data of a constant float32 input, as a sequence of matrices that are each transposed.</summary>
    /// <param name="input">The input.</param>
    /// <param name="matrices">How many; 1 where rows or columns are 1.</param>
    /// <param name="rows">Rows of each, as it is in the model.</param>
    /// <param name="columns">Columns of each, as it is in the model.</param>
    public PackedFloats Constant(int input, long matrices, long rows, long columns)
    {
        PackedWeights packed = weights.Get(node, rows == 1 || columns == 1 ? new TransposedFormat(input, 1, 1, 1) : new TransposedFormat(input, matrices, rows, columns));
        used.Add(packed);
        return new PackedFloats(packed);
    }
}

/// <summary>Floats that live as long as somebody holds them.</summary>
internal readonly record struct PackedFloats(PackedWeights Packed)
{
    public ReadOnlySpan<float> Span => MemoryMarshal.Cast<byte, float>(Packed.Memory.Span);
}

/// <summary>
/// A constant as verification reads it. It shares nothing with the formats of kernels, so that what happens to theirs, in whichever memory, does not happen to it.
/// </summary>
/// <param name="Operand">The input.</param>
/// <param name="Matrices">The data is so many matrices, each of which is transposed.</param>
/// <param name="Rows">Rows of each; 1 where the data is taken as it is.</param>
/// <param name="Columns">Columns of each; likewise.</param>
internal sealed record TransposedFormat(int Operand, long Matrices, long Rows, long Columns) : PackFormat
{
    public override IReadOnlyList<int> Operands => [Operand];

    public override long Bytes(IReadOnlyList<Tensor?> operands) => operands[0]!.Bytes;

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        ReadOnlyMemory<byte> data = operands[0]!.Data;
        if (Rows == 1 || Columns == 1)
        {
            data.Span.CopyTo(destination);
            return;
        }
        ReadOnlySpan<float> from = MemoryMarshal.Cast<byte, float>(data.Span);
        Span<float> to = MemoryMarshal.Cast<byte, float>(destination);
        int rows = (int)Rows, columns = (int)Columns;
        for (int matrix = 0; matrix < Matrices; matrix++, from = from[(rows * columns)..], to = to[(rows * columns)..])
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++)
                    to[column * rows + row] = from[row * columns + column];
    }

    /// <summary>The data is the same wherever the operand stands.</summary>
    public bool Equals(TransposedFormat? other) => other is not null && (Matrices, Rows, Columns) == (other.Matrices, other.Rows, other.Columns);

    public override int GetHashCode() => HashCode.Combine(Matrices, Rows, Columns);
}
