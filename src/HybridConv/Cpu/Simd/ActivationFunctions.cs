using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Cpu.Simd;

/// <summary>Applies a fused <see cref="Activation"/>: to one vector, to a run of floats, or to a double for the oracle. The functions are those of the operators.</summary>
internal static unsafe class ActivationFunctions
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<S, V>(Activation activation, V x) where S : struct, ILanewise<V> where V : struct => activation.Kind switch
    {
        ActivationKind.None => x,
        ActivationKind.Clamp => new Clamp(activation.A, activation.B).Apply<S, V>(x),
        ActivationKind.LeakyRelu => new LeakyRelu(activation.A).Apply<S, V>(x),
        ActivationKind.Sigmoid => default(Sigmoid).Apply<S, V>(x),
        ActivationKind.HardSigmoid => new HardSigmoid(activation.A, activation.B).Apply<S, V>(x),
        ActivationKind.HardSwish => default(HardSwish).Apply<S, V>(x),
        ActivationKind.Swish => new Swish(activation.A).Apply<S, V>(x),
        ActivationKind.Mish => default(Mish).Apply<S, V>(x),
        ActivationKind.Gelu => new Gelu(Approximate: false).Apply<S, V>(x),
        ActivationKind.GeluTanh => default(GeluTanh).Apply<S, V>(x),
        _ => throw Unknown(activation),
    };

    /// <summary>Applies the activation to <paramref name="count"/> contiguous floats in place. Meant for a finished tile that is still in the first-level cache.</summary>
    public static void Apply<S, V>(Activation activation, float* x, nint count) where S : struct, ISimd<V> where V : struct => Apply<S, V>(activation, x, 1, count, count);

    /// <summary>As <see cref="Apply{S, V}(Activation, float*, nint)"/>, to the first <paramref name="count"/> floats of each row; rows lie <paramref name="stride"/> floats apart.</summary>
    public static void Apply<S, V>(Activation activation, float* x, nint rows, nint stride, nint count) where S : struct, ISimd<V> where V : struct
    {
        switch (activation.Kind)
        {
            case ActivationKind.None: break;
            case ActivationKind.Clamp: MapRows<Clamp, S, V>(new Clamp(activation.A, activation.B), x, rows, stride, count); break;
            case ActivationKind.LeakyRelu: MapRows<LeakyRelu, S, V>(new LeakyRelu(activation.A), x, rows, stride, count); break;
            case ActivationKind.Sigmoid: MapRows<Sigmoid, S, V>(default, x, rows, stride, count); break;
            case ActivationKind.HardSigmoid: MapRows<HardSigmoid, S, V>(new HardSigmoid(activation.A, activation.B), x, rows, stride, count); break;
            case ActivationKind.HardSwish: MapRows<HardSwish, S, V>(default, x, rows, stride, count); break;
            case ActivationKind.Swish when activation.A == 1: MapRows<Silu, S, V>(default, x, rows, stride, count); break;
            case ActivationKind.Swish: MapRows<Swish, S, V>(new Swish(activation.A), x, rows, stride, count); break;
            case ActivationKind.Mish: MapRows<Mish, S, V>(default, x, rows, stride, count); break;
            case ActivationKind.Gelu: MapRows<Gelu, S, V>(new Gelu(Approximate: false), x, rows, stride, count); break;
            case ActivationKind.GeluTanh: MapRows<GeluTanh, S, V>(default, x, rows, stride, count); break;
            default: throw Unknown(activation);
        }
    }

    /// <summary>The activation in float: what every vector width computes per lane.</summary>
    public static float Apply(Activation activation, float x) => Apply<Scalar, float>(activation, x);

    /// <summary>The activation in the number type of a reference: float or double.</summary>
    public static T Apply<T>(Activation activation, T x) where T : unmanaged, IBinaryFloatingPointIeee754<T> => typeof(T) == typeof(float)
        ? T.CreateTruncating(Apply(activation, float.CreateTruncating(x)))
        : T.CreateTruncating(Apply(activation, double.CreateTruncating(x)));

    public static double Apply(Activation activation, double x) => activation.Kind switch
    {
        ActivationKind.None => x,
        ActivationKind.Clamp => new Clamp(activation.A, activation.B).Apply(x),
        ActivationKind.LeakyRelu => new LeakyRelu(activation.A).Apply(x),
        ActivationKind.Sigmoid => default(Sigmoid).Apply(x),
        ActivationKind.HardSigmoid => new HardSigmoid(activation.A, activation.B).Apply(x),
        ActivationKind.HardSwish => default(HardSwish).Apply(x),
        ActivationKind.Swish => new Swish(activation.A).Apply(x),
        ActivationKind.Mish => default(Mish).Apply(x),
        ActivationKind.Gelu => new Gelu(Approximate: false).Apply(x),
        ActivationKind.GeluTanh => default(GeluTanh).Apply(x),
        _ => throw Unknown(activation),
    };

    /// <summary>y[i] = function(x[i]) for <paramref name="count"/> contiguous floats; <paramref name="y"/> may be <paramref name="x"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map<F, S, V>(F function, float* x, float* y, nint count) where F : struct, IUnaryFunction where S : struct, ISimd<V> where V : struct
    {
        nint i = 0;
        if (F.InPairs)
            for (; i <= count - 2 * S.Count; i += 2 * S.Count)
                MapPair<F, S, V>(function, x + i, y + i);
        for (; i <= count - S.Count; i += S.Count)
            S.Store(function.Apply<S, V>(S.Load(x + i)), y + i);
        if (i < count)
            S.StorePartial(function.Apply<S, V>(S.LoadPartial(x + i, (int)(count - i))), y + i, (int)(count - i));
    }

    /// <summary>
    /// <see cref="Map"/> in place, of rows: one call for all, so that even rows of a vector or two keep the function's constants at hand and several of its chains under way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MapRows<F, S, V>(F function, float* x, nint rows, nint stride, nint count) where F : struct, IUnaryFunction where S : struct, ISimd<V> where V : struct
    {
        if (rows == 1 || stride == count)
        {
            Map<F, S, V>(function, x, x, rows * count);
            return;
        }
        if (F.InPairs && count == 2 * S.Count)
        {
            for (nint row = 0; row < rows; row++, x += stride)
                MapPair<F, S, V>(function, x, x);
            return;
        }
        nint whole = count - count % S.Count;
        for (nint row = 0; row < rows; row++, x += stride)
        {
            for (nint i = 0; i < whole; i += S.Count)
                S.Store(function.Apply<S, V>(S.Load(x + i)), x + i);
            if (whole < count)
                S.StorePartial(function.Apply<S, V>(S.LoadPartial(x + whole, (int)(count - whole))), x + whole, (int)(count - whole));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MapPair<F, S, V>(F function, float* x, float* y) where F : struct, IUnaryFunction where S : struct, ISimd<V> where V : struct
    {
        Twin<V> pair = function.Apply<Twins<S, V>, Twin<V>>(new(S.Load(x), S.Load(x + S.Count)));
        S.Store(pair.A, y);
        S.Store(pair.B, y + S.Count);
    }

    private static ArgumentOutOfRangeException Unknown(Activation activation) => new(nameof(activation), activation.Kind, "not an activation");
}
