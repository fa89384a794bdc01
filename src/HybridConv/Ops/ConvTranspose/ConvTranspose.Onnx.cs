using HybridConv.Ops.Windows;

namespace HybridConv.Ops.ConvTranspose;

internal sealed partial class ConvTransposeOp
{
    public override object Read(NodeReader node)
    {
        var attributes = new ConvTransposeAttributes(
            node.Ints("kernel_shape"), node.Ints("strides"), node.Ints("dilations"), node.Ints("pads"), node.Ints("output_padding"), node.Ints("output_shape"),
            node.Int("group", 1), AutoPads.Read(node));
        node.RequireAllAsked();
        return attributes;
    }
}
