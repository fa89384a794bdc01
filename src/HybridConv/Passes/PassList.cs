namespace HybridConv.Passes;

/// <summary>Every pass, one line each, in the order in which they run.</summary>
internal static class PassList
{
    public static IReadOnlyList<IPass> All { get; } =
    [
        new RemoveDeadCode(),
        new GatherToSlice(),
        new MergeReshapes(),
        new RemoveIdentities(),
        new ReduceToGlobalPool(),
        new MergeCommonSubexpressions(),
        new ChainConcats(),
        new RecogniseChannelShuffle(),
        new RecogniseActivations(),
        new MatMulToGemm(),
        new FoldPad(),
        new FoldBatchNormalization(),
        new FoldIntoNextConvolution(),
        new FuseResidual(),
        new FuseActivation(),
        new MergeScales(),
        new MoveToChannelsLast(),
        new FoldTransposeIntoWeights(),
        new RemoveIdentities(),
        // What transposes stood between has met by now.
        new FuseResidual(),
        new FuseActivation(),
        new MergeSiblings(),
        new FuseScaling(),
        new RemoveDeadCode(),
    ];
}
