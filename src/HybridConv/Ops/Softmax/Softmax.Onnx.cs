namespace HybridConv.Ops.Softmax;

internal sealed partial class SoftmaxOp<F>
{
    /// <summary>Before opset 13 the default axis is 1, and it starts a flattened run; from then on it is the last axis, alone.</summary>
    public override object Read(NodeReader node)
    {
        bool flattens = node.Opset < 13;
        var attributes = new SoftmaxAttributes(node.Int("axis", flattens ? 1 : -1), flattens);
        node.RequireAllAsked();
        return attributes;
    }
}
