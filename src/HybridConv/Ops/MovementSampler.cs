using HybridConv.Graphs;
using HybridConv.Verification;

namespace HybridConv.Ops;

/// <summary>Checks moved elements: every element that is written is a position, its value that of one input element or the fill value.</summary>
internal sealed class MovementSampler : Sampler
{
    private readonly Movement movement;

    /// <summary>Elements of the moves before each, and of all.</summary>
    private readonly long[] starts;

    private MovementSampler(Movement movement)
    {
        this.movement = movement;
        starts = new long[movement.Moves.Count + 1];
        for (int i = 0; i < movement.Moves.Count; i++)
            starts[i + 1] = starts[i] + movement.Moves[i].Shape.Elements;
    }

    /// <summary>The sampler of a movement of floats; null where constants are moved.</summary>
    public static MovementSampler? Of(Movement movement, Node node) =>
        movement.Type == ElementType.Float32 && node.Inputs.TrueForAll(input => input is null or { IsConstant: false }) ? new MovementSampler(movement) : null;

    public override long Positions => starts[^1];

    public override PatchSize Size(int strata) => new(1, 1);

    public override Place Place(long position, int stratum)
    {
        (Move move, long index) = At(position);
        return new Place(move.Output, Offset(move.To, index));
    }

    public override void Read(in Patch patch, ReadList reads)
    {
        (Move move, long index) = At(patch.Position);
        if (move.Input != Move.Fill)
            reads.Add(move.Input, Offset(move.From, index), 1);
    }

    public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results) =>
        results[0] = Estimate.Exactly(read.IsEmpty ? BitConverter.UInt32BitsToSingle((uint)movement.FillBits) : read[0]);

    private (Move Move, long Index) At(long position)
    {
        int move = Array.BinarySearch(starts, position);
        // Of moves that are empty, and so start where the next one does, the last is meant.
        move = move < 0 ? ~move - 1 : move;
        while (movement.Moves[move].Shape.Elements == 0)
            move++;
        return (movement.Moves[move], position - starts[move]);
    }

    private static long Offset(TensorView view, long index)
    {
        long offset = view.Offset;
        for (int axis = view.Shape.Rank - 1; axis >= 0; axis--)
        {
            (index, long at) = Math.DivRem(index, view.Shape[axis]);
            offset += at * view.Strides[axis];
        }
        return offset;
    }
}
