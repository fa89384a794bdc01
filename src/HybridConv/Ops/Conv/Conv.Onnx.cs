using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

/// <summary>Reading: the attributes are the same in every opset; 11 made the defaults of strides and dilations explicit, 22 added element types.</summary>
internal sealed partial class ConvOp
{
    public override object Read(NodeReader node)
    {
        var attributes = new ConvAttributes(
            node.Ints("kernel_shape"), node.Ints("strides"), node.Ints("dilations"), node.Ints("pads"), node.Int("group", 1), AutoPads.Read(node));
        node.RequireAllAsked();
        return attributes;
    }
}
