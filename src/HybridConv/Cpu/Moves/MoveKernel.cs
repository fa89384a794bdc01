using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Cpu.Moves;

/// <summary>The rows that every operator has whose spec is a <see cref="Movement"/>.</summary>
internal static class MoveRows
{
    /// <param name="name">The operator's and the algorithm's name, for example <c>concat.copy</c>.</param>
    public static IReadOnlyList<Candidate<Movement, CpuInfo>> Of(string name) =>
        [.. IsaDispatch.Rows<Movement>(isa => $"{name}.any.{isa.Label()}", (spec, _) => Fit.Yes(Nanoseconds(spec)), null, new Factory())];

    private static double Nanoseconds(Movement spec)
    {
        double nanoseconds = 100 + (20 * spec.Moves.Count);
        foreach (Move move in spec.Moves)
            nanoseconds += move.Shape.Elements * spec.Type.Size() * (IsContiguous(move) ? 0.1 : 0.25);
        return nanoseconds;
    }

    private static bool IsContiguous(Move move) => move.Shape.Rank == 0 || (move.From.Strides[^1] <= 1 && move.To.Strides[^1] == 1);

    private sealed class Factory : IKernelFactory<Movement>
    {
        public IKernel Bind<S, V>(Movement spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new MoveKernel(spec, machine.Threads, S.Count);
    }
}

/// <summary>
/// Runs a movement. Its copies are cut into pieces of a few ten kilobytes, and consecutive pieces grouped into tasks of about equal size.
/// A copy whose source lies exactly where it has to go is skipped: so an operand that the planner placed in a concatenation's output costs nothing.
/// </summary>
internal sealed unsafe class MoveKernel : ICpuKernel
{
    private const long PieceBytes = 32 << 10;

    private readonly CopyLoop[] loops;
    private readonly int[] taskStarts;
    private readonly ulong fill;

    public MoveKernel(Movement spec, int threads, int lanes)
    {
        fill = spec.FillBits;
        long piece = Math.Max(PieceBytes, spec.Bytes / (8L * threads));
        loops = [.. spec.Moves.Where(m => m.Shape.Elements > 0).SelectMany(m => CopyLoop.Cut(m, spec.Type.Size(), piece, lanes))];
        var starts = new List<int>();
        long bytes = 0;
        for (int i = 0; i < loops.Length; i++)
        {
            if (starts.Count == 0 || bytes + loops[i].Bytes > piece)
            {
                starts.Add(i);
                bytes = 0;
            }
            bytes += loops[i].Bytes;
        }
        taskStarts = [.. starts];
    }

    public int Tasks => taskStarts.Length;
    public long ScratchBytes => 0;

    public void Run(in StepArgs args, int task)
    {
        ulong pattern = fill;
        int end = task + 1 < taskStarts.Length ? taskStarts[task + 1] : loops.Length;
        for (int i = taskStarts[task]; i < end; i++)
        {
            CopyLoop loop = loops[i];
            byte* from = loop.Input == Move.Fill ? (byte*)&pattern : args.Input<byte>(loop.Input);
            loop.Run(from, args.Output<byte>(loop.Output));
        }
    }
}
