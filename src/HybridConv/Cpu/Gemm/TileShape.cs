using System.Runtime.CompilerServices;

namespace HybridConv.Cpu.Gemm;

/// <summary>The vectors that a register tile is wide. A type argument of tiles, so that each width is compiled without the other's accumulators.</summary>
internal interface IVectors
{
    static abstract bool IsTwo { get; }
}

internal readonly struct OneVector : IVectors
{
    public static bool IsTwo { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => false; }
}

internal readonly struct TwoVectors : IVectors
{
    public static bool IsTwo { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => true; }
}

/// <summary>The pixels of a register tile, as a type argument likewise.</summary>
internal interface IRows
{
    static abstract int Count { get; }
}

internal readonly struct Rows1 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; }
}

internal readonly struct Rows2 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2; }
}

internal readonly struct Rows3 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 3; }
}

internal readonly struct Rows4 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 4; }
}

internal readonly struct Rows5 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 5; }
}

internal readonly struct Rows6 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 6; }
}

internal readonly struct Rows7 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 7; }
}

internal readonly struct Rows8 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 8; }
}

internal readonly struct Rows9 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 9; }
}

internal readonly struct Rows10 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 10; }
}

internal readonly struct Rows11 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 11; }
}

internal readonly struct Rows12 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 12; }
}

internal readonly struct Rows13 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 13; }
}

internal readonly struct Rows14 : IRows
{
    public static int Count { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 14; }
}

/// <summary>A run of equal tiles along a strip.</summary>
/// <param name="Tiles">Their number.</param>
/// <param name="Input">Bytes from one tile's input to the next one's.</param>
/// <param name="Output">Floats from one tile's output to the next one's.</param>
/// <param name="Residual">Floats from one tile's residuals to the next one's.</param>
internal readonly record struct TileRun(nint Tiles, nint Input, nint Output, nint Residual);
