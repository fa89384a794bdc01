using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu.Gemm;

/// <summary>What happens to a finished sum before it is stored. A type argument of the tiles: each implementation is another set of compiled tiles, so there are two.</summary>
internal interface IEpilogue<TSelf> where TSelf : struct
{
    /// <param name="v">Sums of one pixel.</param>
    /// <param name="pixel">The pixel, counted from the tile's first.</param>
    /// <param name="channel">The first of the vector's channels, counted from the tile's first.</param>
    V Apply<S, V>(V v, nint pixel, nint channel) where S : struct, ISimd<V> where V : struct;

    /// <summary>The same for a tile whose residuals lie <paramref name="floats"/> further on.</summary>
    TSelf Skip(nint floats);
}

/// <summary>ReLU, ReLU6 and Clip; with infinite bounds nothing happens. NaN stays NaN.</summary>
internal readonly struct ClampEpilogue(float min, float max) : IEpilogue<ClampEpilogue>
{
    public static readonly ClampEpilogue None = new(float.NegativeInfinity, float.PositiveInfinity);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V v, nint pixel, nint channel) where S : struct, ISimd<V> where V : struct => S.Min(S.Create(max), S.Max(S.Create(min), v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ClampEpilogue Skip(nint floats) => this;
}

/// <summary>Adds the residual, then clamps.</summary>
/// <param name="residual">The residual of the tile's first pixel and channel.</param>
/// <param name="stride">Floats between the residuals of two pixels.</param>
/// <param name="min">The lower bound.</param>
/// <param name="max">The upper bound.</param>
internal readonly unsafe struct ResidualEpilogue(float* residual, nint stride, float min, float max) : IEpilogue<ResidualEpilogue>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V v, nint pixel, nint channel) where S : struct, ISimd<V> where V : struct =>
        S.Min(S.Create(max), S.Max(S.Create(min), S.Add(v, S.Load(residual + pixel * stride + channel))));

    // A call would keep what the next tile needs in memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ResidualEpilogue Skip(nint floats) => new(residual + floats, stride, min, max);
}
