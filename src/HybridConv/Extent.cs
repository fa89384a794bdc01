namespace HybridConv;

/// <summary>A height and a width: of a filter, a step, a picture. One number means both.</summary>
/// <param name="Height">Along the rows.</param>
/// <param name="Width">Along the columns.</param>
public readonly record struct Extent(int Height, int Width)
{
    /// <summary>The same in both directions.</summary>
    public static implicit operator Extent(int both) => new(both, both);

    /// <summary>Height, then width.</summary>
    public static implicit operator Extent((int Height, int Width) extent) => new(extent.Height, extent.Width);

    internal long[] ToArray() => [Height, Width];
}

/// <summary>Pixels added around a picture. One number means all four sides.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns to the left.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns to the right.</param>
public readonly record struct Padding(int Top, int Left, int Bottom, int Right)
{
    /// <summary>The same on all sides.</summary>
    public static implicit operator Padding(int all) => new(all, all, all, all);

    /// <summary>Above and below, then left and right.</summary>
    public static implicit operator Padding((int Vertical, int Horizontal) pad) => new(pad.Vertical, pad.Horizontal, pad.Vertical, pad.Horizontal);

    /// <summary>The padding that centres a filter of odd size, so that a stride of 1 keeps the picture's size.</summary>
    public static Padding Centred(Extent kernel, Extent dilation) =>
        (dilation.Height * (kernel.Height - 1) / 2, dilation.Width * (kernel.Width - 1) / 2);

    internal long[] ToArray() => [Top, Left, Bottom, Right];
}
