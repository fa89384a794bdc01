using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Planning;

namespace HybridConv.Ops;

/// <summary>The rows that every operator has on OpenCL devices whose spec is a <see cref="Movement"/>.</summary>
internal static class MoveClRows
{
    /// <param name="name">The operator's and the algorithm's name, for example <c>concat.copy</c>.</param>
    public static IReadOnlyList<Candidate<Movement, ClDevice>> Of(string name) =>
    [
        new($"{name}.any.portable", (spec, device) => Fit.Yes(MoveLaunch.Predict(device, spec)), _ => null, (spec, device, _) => new ClKernel([.. MoveLaunch.Of(device, spec)])),
    ];
}

/// <summary>Launches of <c>move.cl</c>.</summary>
internal static class MoveLaunch
{
    private const string File = "move/move.cl";

    /// <summary>Elements of a tile that a processor copies as they stand, and at one side of a tile that it transposes: the lines of both fit into the first-level cache.</summary>
    private const int RunTile = 4096, TransposedRun = 64, TransposedRows = 16;

    public static double Predict(ClDevice device, Movement spec) =>
        spec.Moves.Sum(move => device.Predict(0, 2.0 * move.Shape.Elements * spec.Type.Size() * (IsTransposition(move) ? 3 : 1)));

    /// <summary>A launch for each copy.</summary>
    public static IEnumerable<ClLaunch> Of(ClDevice device, Movement spec) => spec.Moves.SelectMany(move => move.Input == Move.Fill
        ? Fill(device, spec.Type, spec.FillBits, ClArgument.Output(move.Output), move.To)
        : Copy(device, spec.Type, ClArgument.Input(move.Input), move.From, ClArgument.Output(move.Output), move.To));

    /// <summary>Copies one tensor to another of the same shape.</summary>
    public static IEnumerable<ClLaunch> Copy(ClDevice device, ElementType type, ClArgument source, TensorView from, ClArgument destination, TensorView to)
    {
        LoopNest loops = Ordered(device, LoopNest.Over(to.Shape, to.Strides, from.Strides));
        var nest = new ClNest(loops.Shape);
        ClArgument same = loops.Strides[0].AsSpan().SequenceEqual(loops.Strides[1]) ? 1 : 0;
        foreach (long launch in nest.Launches)
        {
            Tiles tiles = Tiles.Of(device, nest, loops.Strides[0].Length > 1 && loops.InnerStride(0) != loops.InnerStride(1));
            yield return new ClLaunch(
                Program(device, type), "move",
                [.. nest.Operand(destination, to.Offset, loops.Strides[0], launch), .. nest.Operand(source, from.Offset, loops.Strides[1], launch), .. nest.Sizes, .. tiles.Arguments, same],
                tiles.Share.Global, tiles.Share.Local);
        }
    }

    /// <summary>Writes the bits of one element everywhere.</summary>
    public static IEnumerable<ClLaunch> Fill(ClDevice device, ElementType type, ulong bits, ClArgument destination, TensorView to)
    {
        LoopNest loops = LoopNest.Over(to.Shape, to.Strides);
        var nest = new ClNest(loops.Shape);
        foreach (long launch in nest.Launches)
        {
            Tiles tiles = Tiles.Of(device, nest, transposes: false);
            yield return new ClLaunch(
                Program(device, type), "fill", [.. nest.Operand(destination, to.Offset, loops.Strides[0], launch), .. nest.Sizes, .. tiles.Arguments, ClArgument.Wide((long)bits)],
                tiles.Share.Global, tiles.Share.Local);
        }
    }

    private static ClProgram Program(ClDevice device, ElementType type) => new(File, $"-D LANES={device.PortableLanes} -D T={Word(type)}");

    /// <summary>The kernels' name of an element of that size, whatever it is.</summary>
    public static string Word(ElementType type) => type.Size() switch { 1 => "uchar", 2 => "ushort", 4 => "uint", _ => "ulong" };

    private static bool IsTransposition(Move move) => move.Input != Move.Fill && move.Shape.Rank > 1 && move.From.Strides[^1] is not (0 or 1);

    /// <summary>
    /// The loops with the one innermost along which the destination is contiguous, and around it the one along which the source is: a tile of both uses whole lines of
    /// either. Processors take them the other way round where the destination's runs are shorter than a vector.
    /// </summary>
    private static LoopNest Ordered(ClDevice device, LoopNest loops)
    {
        int to = Array.FindLastIndex(loops.Strides[0], stride => stride == 1), from = Array.FindLastIndex(loops.Strides[1], stride => stride is 1 or -1);
        if (to < 0 || from < 0 || to == from)
            return loops;
        (int inner, int around) = device.Profile == ClProfile.Cpu && loops.Shape[to] < device.PortableLanes && loops.Shape[from] > loops.Shape[to] ? (from, to) : (to, from);
        int[] order = [.. Enumerable.Range(0, loops.Shape.Rank).Where(axis => axis != to && axis != from), around, inner];
        return new LoopNest(loops.Shape.Permuted(order), [.. loops.Strides.Select(strides => Array.ConvertAll(order, axis => strides[axis]))]);
    }

    /// <summary>How the two innermost loops are cut.</summary>
    private readonly record struct Tiles(int Rows, int Columns, int RowTiles, int ColumnTiles, int Units, ClShare Share)
    {
        public IEnumerable<ClArgument> Arguments => [Rows, Columns, RowTiles, ColumnTiles, Units, Share.Units];

        public static Tiles Of(ClDevice device, ClNest nest, bool transposes)
        {
            int columns = device.Profile != ClProfile.Cpu ? device.PortableLanes : transposes ? TransposedRun : RunTile;
            int rows = device.Profile != ClProfile.Cpu ? 1 : transposes ? TransposedRows : Math.Max(1, RunTile / nest.Inner);
            int rowTiles = (nest.Second + rows - 1) / rows, columnTiles = (nest.Inner + columns - 1) / columns;
            int units = checked((int)(nest.Elements / nest.Inner / nest.Second * rowTiles * columnTiles));
            return new Tiles(rows, columns, rowTiles, columnTiles, units, ClShare.Of(device, units, 2.0 * nest.Elements));
        }
    }
}
