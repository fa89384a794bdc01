using System.Collections.Frozen;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Ops;

/// <summary>Every operator, one line each.</summary>
internal static class OpTable
{
    private static readonly Op[] All =
    [
        new BatchNormalization.BatchNormalizationOp(),
        new Cast.CastOp(),
        new Cast.CastLikeOp(),
        new ChannelShuffle.ChannelShuffleOp(),
        new Concat.ConcatOp(),
        new Constant.ConstantOfShapeOp(),
        new Constant.ConstantOp(),
        new Constant.RangeOp(),
        new Conv.ConvOp(),
        new ConvTranspose.ConvTransposeOp(),
        new DepthToSpace.DepthToSpaceOp(),
        new DepthToSpace.SpaceToDepthOp(),
        new IntegerUnaryOp<Relu>(),
        new UnaryOp<LeakyRelu>(),
        new UnaryOp<Elu>(),
        new UnaryOp<Selu>(),
        new UnaryOp<Celu>(),
        new UnaryOp<ThresholdedRelu>(),
        new UnaryOp<Softplus>(),
        new UnaryOp<Swish>(),
        new UnaryOp<Mish>(),
        new UnaryOp<Gelu>(),
        new UnaryOp<Sigmoid>(),
        new UnaryOp<HardSigmoid>(),
        new UnaryOp<HardSwish>(),
        new UnaryOp<Tanh>(),
        new UnaryOp<Softsign>(),
        new UnaryOp<Exp>(),
        new UnaryOp<Log>(),
        new UnaryOp<Erf>(),
        new UnaryOp<Sqrt>(),
        new UnaryOp<Reciprocal>(),
        new UnaryOp<Round>(),
        new UnaryOp<Floor>(),
        new UnaryOp<Ceiling>(),
        new IntegerUnaryOp<Neg>(),
        new IntegerUnaryOp<Abs>(),
        new IntegerUnaryOp<Sign>(),
        new ClipOp(),
        new IntegerBinaryOp<Add>(),
        new IntegerBinaryOp<Sub>(),
        new IntegerBinaryOp<Mul>(),
        new IntegerBinaryOp<Div>(),
        new ModOp(),
        new PowOp(),
        new PReluOp(),
        new IntegerVariadicOp<Max>(),
        new IntegerVariadicOp<Min>(),
        new VariadicOp<Sum>(),
        new PredicateOp<Equal>(),
        new PredicateOp<Less>(),
        new PredicateOp<LessOrEqual>(),
        new PredicateOp<Greater>(),
        new PredicateOp<GreaterOrEqual>(),
        new PredicateOp<And>(),
        new PredicateOp<Or>(),
        new PredicateOp<Xor>(),
        new NotOp(),
        new WhereOp(),
        new Expand.ExpandOp(),
        new Gather.GatherOp(),
        new Gemm.GemmOp(),
        new Identity.DropoutOp(),
        new Identity.IdentityOp(),
        new Lrn.LrnOp(),
        new MatMul.MatMulOp(),
        new Pad.PadOp(),
        new Pool.AveragePoolOp(),
        new Pool.GlobalAveragePoolOp(),
        new Pool.GlobalMaxPoolOp(),
        new Pool.MaxPoolOp(),
        new Reduce.ReduceOp<Reduce.Total>(),
        new Reduce.ReduceOp<Reduce.Mean>(),
        new Reduce.ReduceOp<Reduce.Largest>(),
        new Reshape.FlattenOp(),
        new Reshape.ReshapeOp(),
        new Reshape.SqueezeOp(),
        new Reshape.UnsqueezeOp(),
        new Resize.ResizeOp(),
        new Resize.UpsampleOp(),
        new Shapes.ShapeOp(),
        new Shapes.SizeOp(),
        new Slice.SliceOp(),
        new Softmax.SoftmaxOp<Softmax.Probability>(),
        new Softmax.SoftmaxOp<Softmax.LogProbability>(),
        new Split.SplitOp(),
        new Transpose.TransposeOp(),
    ];

    private static readonly FrozenDictionary<string, Op> ByName = All.Where(op => op.Opsets.Count > 0).ToFrozenDictionary(op => op.Name);

    public static IReadOnlyList<Op> Ops => All;

    /// <summary>The operator of that ONNX name; null when there is none. Operators without opsets are made by passes and are not found.</summary>
    public static Op? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The operator of that type.</summary>
    public static T Get<T>() where T : Op => All.OfType<T>().Single();
}
