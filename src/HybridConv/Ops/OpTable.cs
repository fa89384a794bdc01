using System.Collections.Frozen;

namespace HybridConv.Ops;

/// <summary>Every operator, one line each.</summary>
internal static class OpTable
{
    private static readonly Op[] All =
    [
        new Concat.ConcatOp(),
        new Constant.ConstantOfShapeOp(),
        new Constant.ConstantOp(),
        new ConvTranspose.ConvTransposeOp(),
        new Identity.DropoutOp(),
        new Identity.IdentityOp(),
        new Pool.AveragePoolOp(),
        new Pool.GlobalAveragePoolOp(),
        new Pool.GlobalMaxPoolOp(),
        new Reshape.FlattenOp(),
        new Reshape.ReshapeOp(),
        new Reshape.SqueezeOp(),
        new Reshape.UnsqueezeOp(),
        new Shapes.ShapeOp(),
        new Transpose.TransposeOp(),
    ];

    private static readonly FrozenDictionary<string, Op> ByName = All.ToFrozenDictionary(op => op.Name);

    public static IReadOnlyList<Op> Ops => All;

    /// <summary>The operator of that ONNX name; null when there is none.</summary>
    public static Op? Find(string name) => ByName.GetValueOrDefault(name);
}
