using System.Numerics;
using System.Runtime.InteropServices;
using HybridConv.Planning;

namespace HybridConv.Verification;

/// <summary>Weights as kernels read them, on the host or uploaded to a device.</summary>
/// <param name="Number">The step that reads them: its position in the plan.</param>
/// <param name="Step">The step.</param>
/// <param name="Format">How they are packed.</param>
/// <param name="Packed">The host's copy; what a device that works in the host's memory reads itself.</param>
internal sealed record WatchedWeights(int Number, Step Step, PackFormat Format, PackedWeights Packed)
{
    /// <summary>What they are called in the model.</summary>
    public string Name => Step.Node.Input(Format.Operands[0]).Name;

    /// <summary>The weights packed again from the model.</summary>
    public PackedWeights Repack() => Format.Pack(Format.OperandsOf(Step.Node));
}

/// <summary>A stretch of weights.</summary>
/// <param name="Weights">Whose.</param>
/// <param name="Start">In bytes.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Checksum">Of what was packed.</param>
internal readonly record struct WeightBlock(WatchedWeights Weights, long Start, int Bytes, uint Checksum);

/// <summary>
/// Reads weights back from where kernels read them, some in each run and all of them in turn, and compares checksums: whatever bit of a weight is wrong is found when its turn comes,
/// whether results show it or not. Shared by the runs of a plan.
/// </summary>
internal sealed class WeightPatrol
{
    /// <summary>The size of a block; the last one of a memory may be smaller.</summary>
    public const int BlockBytes = 1 << 16;

    private readonly List<WeightBlock> blocks = [];

    /// <param name="weights">Every memory once.</param>
    /// <param name="runs">The number of runs in which all have their turn.</param>
    public WeightPatrol(IEnumerable<WatchedWeights> weights, int runs)
    {
        foreach (WatchedWeights watched in weights.DistinctBy(w => w.Packed))
            for (long start = 0; start < watched.Packed.Bytes; start += BlockBytes)
            {
                int bytes = (int)Math.Min(BlockBytes, watched.Packed.Bytes - start);
                blocks.Add(new WeightBlock(watched, start, bytes, Checksum(watched.Packed.Memory.Span.Slice((int)start, bytes))));
            }
        BlocksPerRun = (blocks.Count + runs - 1) / runs;
    }

    public IReadOnlyList<WeightBlock> Blocks => blocks;

    public int BlocksPerRun { get; }

    /// <summary>The most bytes that one run reads back.</summary>
    public long Bytes => (long)BlocksPerRun * BlockBytes;

    /// <summary>
    /// All words, each rotated by its place, exclusive-or'd, in as many lanes as vectors have: a single wrong bit always shows, two do in 31 of 32 cases, and more nearly always.
    /// As fast as memory is read.
    /// </summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector<uint>> vectors = MemoryMarshal.Cast<byte, Vector<uint>>(bytes);
        Vector<uint> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i + 4 <= vectors.Length; i += 4)
        {
            a = Rotate(a) ^ vectors[i];
            b = Rotate(b) ^ vectors[i + 1];
            c = Rotate(c) ^ vectors[i + 2];
            d = Rotate(d) ^ vectors[i + 3];
        }
        for (; i < vectors.Length; i++)
            a = Rotate(a) ^ vectors[i];
        uint sum = 0;
        foreach (Vector<uint> lanes in (ReadOnlySpan<Vector<uint>>)[a, b, c, d])
            for (int lane = 0; lane < Vector<uint>.Count; lane++)
                sum = BitOperations.RotateLeft(sum, 1) ^ lanes[lane];
        foreach (byte rest in bytes[(vectors.Length * Vector<byte>.Count)..])
            sum = BitOperations.RotateLeft(sum, 8) ^ rest;
        return sum;
    }

    private static Vector<uint> Rotate(Vector<uint> x) => Vector.ShiftLeft(x, 1) | Vector.ShiftRightLogical(x, 31);
}
