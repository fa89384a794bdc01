namespace HybridConv.Ops.BatchNormalization;

internal sealed partial class BatchNormalizationOp
{
    /// <summary>Before opset 7, a node without <c>is_test</c> is one of training; networks for inference that forget it have one output only.</summary>
    public override object Read(NodeReader node)
    {
        node.Ignore("momentum", "consumed_inputs");
        bool perElement = node.Opset < 9 && node.Int("spatial", 1) == 0;
        if (node.Opset < 7 && node.Int("is_test", 0) == 0 && node.OutputCount > 1)
            throw node.Unsupported($"is_test is 0 and there are {node.OutputCount} outputs: training is not supported");
        if (node.Int("training_mode", 0) != 0)
            throw node.Unsupported("training_mode is 1: training is not supported");
        var attributes = new BatchNormalizationAttributes(node.Float("epsilon", 1e-5f), perElement);
        node.RequireAllAsked();
        return attributes;
    }
}
