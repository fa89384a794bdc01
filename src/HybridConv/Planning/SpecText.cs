using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HybridConv.Graphs;

namespace HybridConv.Planning;

/// <summary>
/// What a node asks of a kernel, as text: operator, types, shapes, strides, which operands are constants, attributes. Equal for nodes that any row treats alike,
/// in every network and on every machine, so that measurements are filed by it. Names of the network have no part in it.
/// </summary>
internal static class SpecText
{
    /// <summary>The longest text. One that would be longer ends with the hash of the whole.</summary>
    public const int MaxLength = 400;

    private const int HashLength = 32;

    public static string Of(Node node)
    {
        var text = new StringBuilder(node.Op.Name).Append('(');
        text.AppendJoin(", ", node.Inputs.Select(input => input is null ? "-" : Operand(input)));
        text.Append(") -> ").AppendJoin(", ", node.Outputs.Select(Operand));
        text.Append(' ').Append(node.Op.DescribeAttributes(node));
        if (text.Length <= MaxLength)
            return text.ToString();
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        return $"{text.ToString(0, MaxLength - HashLength - 1)}#{hash[..HashLength]}";
    }

    private static string Operand(Value value)
    {
        TensorView view = value.KnownView;
        string strides = view.IsDense ? "" : string.Create(CultureInfo.InvariantCulture, $" by {Shape.Format(view.Strides)}");
        return $"{(value.IsConstant ? "constant " : "")}{value.Type.Label()}{value.KnownShape}{strides}";
    }
}
