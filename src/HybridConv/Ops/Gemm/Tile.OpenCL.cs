using HybridConv.Cl;

namespace HybridConv.Ops.Gemm;

/// <summary>A shape of the tiles in local memory: one program of <c>gemm/tiles.local.cl</c>.</summary>
/// <param name="Pixels">Pixels of a work-group's tile.</param>
/// <param name="Filters">Filters of a work-group's tile.</param>
/// <param name="ItemPixels">Pixels of a work-item.</param>
/// <param name="ItemFilters">Filters of a work-item.</param>
/// <param name="Groups">Work-groups that a compute unit has registers for at a time.</param>
/// <param name="Efficiency">The share of a compute unit's peak that it reaches when it is full.</param>
internal sealed record Tile(int Pixels, int Filters, int ItemPixels, int ItemFilters, int Groups, double Efficiency)
{
    /// <summary>Positions of the reduction that are in local memory at a time, twice: the program's TILE_K.</summary>
    public const int Stage = 16;

    /// <summary>Filters of a panel of packed weights: the program's PANEL.</summary>
    public const int Panel = 32;

    /// <summary>Work-items of a compute unit from which on it has enough instructions under way.</summary>
    private const double FullItems = 256;

    /// <summary>What a work-group does before the first stage and after the last, counted in stages.</summary>
    private const double Overhead = 2;

    /// <summary>Largest first.</summary>
    public static IReadOnlyList<Tile> All { get; } =
    [
        new(128, 128, 8, 8, 2, 0.62),
        new(128, 64, 8, 8, 3, 0.62),
        new(128, 32, 8, 4, 5, 0.50),
        new(64, 64, 8, 4, 5, 0.53),
        new(32, 32, 4, 4, 12, 0.35),
    ];

    /// <summary>A small tile whose work-group takes four stages at a time and adds up: for grids that are too small to fill a device with one stage at a time.</summary>
    public static Tile Sliced { get; } = new(32, 32, 4, 4, 4, 0.35) { Slices = 4 };

    /// <summary>Stages that a work-group takes at a time, each with a part of its work-items.</summary>
    public int Slices { get; private init; } = 1;

    public int Items => Pixels / ItemPixels * (Filters / ItemFilters) * Slices;

    /// <summary>Two buffers of both operands for each slice, the sums of all slices but one, and what is kept of each pixel.</summary>
    public int LocalBytes =>
        (2 * Slices * Stage * (Pixels + 4 + Filters) + (Slices - 1) * Pixels * Filters) * sizeof(float) + Pixels * 6 * sizeof(int);

    public string Defines =>
        $"-D TILE_M={Pixels} -D TILE_N={Filters} -D ITEM_M={ItemPixels} -D ITEM_N={ItemFilters}{(Slices == 1 ? "" : $" -D SLICES={Slices}")}";

    public override string ToString() => $"{Pixels}x{Filters}";

    /// <summary>Work-groups that cover a matrix.</summary>
    public long Count(long pixels, int filters) => (pixels + Pixels - 1) / Pixels * ((filters + Filters - 1) / Filters);

    /// <summary>Why a device cannot run it; null when it can.</summary>
    public string? WhyNot(ClDevice device) =>
        Slices > 1 && device.Reproducible ? "precision reproducible asks for sums in the CPU's order"
        : device.MaxWorkGroup < Items ? $"work-groups of {Items} items are over the device's limit of {device.MaxWorkGroup}"
        : device.LocalBytes < LocalBytes ? $"{LocalBytes} bytes of local memory are more than the device's {device.LocalBytes}"
        : null;

    /// <summary>
    /// Nanoseconds until the busiest compute unit has multiplied its share of the tiles. A unit is full with its registers' number of work-groups, and slower
    /// with few: so a grid that fills all units evenly, in whole rounds, wins over larger tiles that leave some of them idle.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="tiles">Work-groups of the launch.</param>
    /// <param name="stages">Stages of the reduction that each of them takes.</param>
    public double Nanoseconds(ClDevice device, double tiles, double stages)
    {
        double units = Math.Max(1, device.ComputeUnits), share = Math.Ceiling(tiles / units);
        double rounds = Math.Floor(share / Groups), rest = share - rounds * Groups;
        double flops = 2.0 * Pixels * Filters * Stage * Slices * (Math.Ceiling(stages / Slices) + Overhead), peak = device.Gflops / units * Efficiency;
        return flops / peak * (rounds * Groups / Fill(Groups) + (rest == 0 ? 0 : rest / Fill(rest)));
    }

    private double Fill(double groups) => Math.Min(1, groups * Items / FullItems);
}
