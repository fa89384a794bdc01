using HybridConv.Ops.Conv;

namespace HybridConv.Ops.Windows;

/// <summary>How ONNX spells <see cref="AutoPad"/>.</summary>
internal static class AutoPads
{
    public static AutoPad Read(NodeReader node) => node.Text("auto_pad", "NOTSET") switch
    {
        "NOTSET" or "" => AutoPad.NotSet,
        "SAME_UPPER" => AutoPad.SameUpper,
        "SAME_LOWER" => AutoPad.SameLower,
        "VALID" => AutoPad.Valid,
        string other => throw node.Unsupported($"auto_pad '{other}' is not one of NOTSET, SAME_UPPER, SAME_LOWER, VALID"),
    };
}
