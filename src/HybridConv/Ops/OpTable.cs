using System.Collections.Frozen;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Ops;

/// <summary>Every operator, one line each.</summary>
internal static class OpTable
{
    private static readonly Op[] All =
    [
        new Cast.CastOp(),
        new ChannelShuffle.ChannelShuffleOp(),
        new Concat.ConcatOp(),
        new Constant.ConstantOfShapeOp(),
        new Constant.ConstantOp(),
        new Conv.ConvOp(),
        new ConvTranspose.ConvTransposeOp(),
        new DepthToSpace.DepthToSpaceOp(),
        new DepthToSpace.SpaceToDepthOp(),
        new Expand.ExpandOp(),
        new Gather.GatherOp(),
        new Gemm.GemmOp(),
        new Identity.DropoutOp(),
        new Identity.IdentityOp(),
        new Pad.PadOp(),
        new IntegerUnaryOp<Relu>(),
        new UnaryOp<LeakyRelu>(),
        new UnaryOp<Elu>(),
        new UnaryOp<Sigmoid>(),
        new UnaryOp<HardSigmoid>(),
        new UnaryOp<HardSwish>(),
        new UnaryOp<Tanh>(),
        new IntegerBinaryOp<Add>(),
        new IntegerBinaryOp<Sub>(),
        new IntegerBinaryOp<Mul>(),
        new IntegerBinaryOp<Div>(),
        new IntegerVariadicOp<Max>(),
        new IntegerVariadicOp<Min>(),
        new VariadicOp<Sum>(),
        new Softmax.SoftmaxOp(),
        new MatMul.MatMulOp(),
        new Pool.MaxPoolOp(),
        new Pool.AveragePoolOp(),
        new Pool.GlobalAveragePoolOp(),
        new Pool.GlobalMaxPoolOp(),
        new Reshape.FlattenOp(),
        new Reshape.ReshapeOp(),
        new Reshape.SqueezeOp(),
        new Reshape.UnsqueezeOp(),
        new Shapes.ShapeOp(),
        new Slice.SliceOp(),
        new Split.SplitOp(),
        new Transpose.TransposeOp(),
    ];

    private static readonly FrozenDictionary<string, Op> ByName = All.Where(op => op.Opsets.Count > 0).ToFrozenDictionary(op => op.Name);

    public static IReadOnlyList<Op> Ops => All;

    /// <summary>The operator of that ONNX name; null when there is none. Operators without opsets are made by passes and are not found.</summary>
    public static Op? Find(string name) => ByName.GetValueOrDefault(name);
}
