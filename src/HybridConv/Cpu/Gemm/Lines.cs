namespace HybridConv.Cpu.Gemm;

/// <summary>Output pixels as lines: along a line, pixels are evenly spaced in every operand.</summary>
/// <param name="Images">The batch.</param>
/// <param name="Slices">The depth of images with three spatial axes, else 1.</param>
/// <param name="Rows">The height.</param>
/// <param name="Pixels">The pixels of a line: the width.</param>
internal readonly record struct LineGrid(int Images, int Slices, int Rows, int Pixels)
{
    /// <summary>All lines; meaningful when the pixels can be counted in 31 bits.</summary>
    public int Lines => Images * Slices * Rows;

    public long AllPixels => (long)Images * Slices * Rows * Pixels;

    /// <summary>The image that a line belongs to.</summary>
    public int Image(int line) => line / (Slices * Rows);
}

/// <summary>Where lines lie in one operand: floats between neighbours along each axis of the grid.</summary>
internal readonly record struct LineStrides(nint Image, nint Slice, nint Row, nint Pixel)
{
    /// <summary>The first float of a line, counted in the order image, slice, row.</summary>
    public nint Start(in LineGrid grid, int line)
    {
        (int slices, int row) = Math.DivRem(line, grid.Rows);
        (int image, int slice) = Math.DivRem(slices, grid.Slices);
        return image * Image + slice * Slice + row * Row;
    }
}
