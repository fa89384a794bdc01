using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Planning;

namespace HybridConv.Ops.Cast;

internal partial class CastOp : ITable<CastSpec, ClDevice>
{
    /// <summary>Casts from float32 and to it; others stay on the host.</summary>
    IReadOnlyList<Candidate<CastSpec, ClDevice>> ITable<CastSpec, ClDevice>.Rows => field ??=
    [
        new("cast.copy.any.portable",
            (spec, device) => spec.From == spec.To ? Fit.Yes(ElementwiseLaunch.Predict(device, spec.Count, 1, 0)) : Fit.No($"{spec.From.Label()} becomes {spec.To.Label()}: nothing to copy"),
            _ => null,
            (spec, device, _) => new ClKernel([.. MoveLaunch.Copy(device, spec.From, ClArgument.Input(0), Dense(spec), ClArgument.Output(), Dense(spec))])),
        new("cast.vector.any.portable",
            (spec, device) => Function(spec) is null
                ? Fit.No($"no kernel makes {spec.To.Label()} of {spec.From.Label()}") : Fit.Yes(ElementwiseLaunch.Predict(device, spec.Count, 1, 4)),
            _ => null,
            (spec, device, _) => new ClKernel([.. Launches(spec, device)])),
    ];

    private static IEnumerable<ClLaunch> Launches(CastSpec spec, ClDevice device) => ElementwiseLaunch.Of(
        device, Function(spec)!.Value, new Shape(spec.Count), new ClOperand(ClArgument.Output(), [1]), new ClOperand(ClArgument.Input(0), [1]));

    private static TensorView Dense(CastSpec spec) => TensorView.Dense(new Shape(spec.Count));

    private static ClFunction? Function(CastSpec spec) => (spec.From, spec.To) switch
    {
        (ElementType.Float32, ElementType.Bool) => new("to_bool", Defines: "-D Y=uchar"),
        (ElementType.Float32, ElementType.UInt8) => new("to_byte", Defines: "-D Y=uchar"),
        (ElementType.Float32, ElementType.Float16) => new("to_half", Defines: "-D Y=ushort -D ELEMENT=ushort"),
        (ElementType.Float32, ElementType.Float64) => new("to_double", Defines: "-D Y=ulong -D ELEMENT=ulong"),
        (ElementType.Float32, ElementType to) when Word(to) is { } word => new("to_integer", Defines: $"-D Y={word} -D ELEMENT={word}"),
        (ElementType.Bool or ElementType.UInt8, ElementType.Float32) => new("from_byte", Defines: "-D X0=uchar"),
        (ElementType.Float16, ElementType.Float32) => new("from_half", Defines: "-D X0=ushort -D ELEMENT=ushort"),
        (ElementType.Float64, ElementType.Float32) => new("from_double", Defines: "-D X0=ulong -D ELEMENT=ulong"),
        (ElementType from, ElementType.Float32) when Word(from) is { } word => new("from_integer", Defines: $"-D X0={word} -D ELEMENT={word}"),
        _ => null,
    };

    /// <summary>The kernels' name of an integer type.</summary>
    private static string? Word(ElementType type) => type switch
    {
        ElementType.Int8 => "char",
        ElementType.Int16 => "short",
        ElementType.UInt16 => "ushort",
        ElementType.Int32 => "int",
        ElementType.UInt32 => "uint",
        ElementType.Int64 => "long",
        ElementType.UInt64 => "ulong",
        _ => null,
    };
}
