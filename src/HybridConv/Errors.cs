namespace HybridConv;

/// <summary>Stable numbers of the errors that HybridConv raises; they never change meaning.</summary>
public enum ErrorCode
{
    /// <summary>The bytes are not an ONNX model, or are truncated or damaged.</summary>
    ModelFormat = 1000,
    /// <summary>The graph is not well formed: a cycle, an undefined value, a name defined twice.</summary>
    InvalidGraph = 1001,
    /// <summary>External data lies outside the model's folder or does not match its declaration.</summary>
    ExternalData = 1002,
    /// <summary>Operators, versions or values that this version does not support.</summary>
    UnsupportedModel = 2000,
    /// <summary>A shape, rank or dimension does not fit.</summary>
    Shape = 3000,
    /// <summary>A dimension was left open and nothing fixes it.</summary>
    OpenDimension = 3001,
    /// <summary>No input or output has that name or index, or its element type differs.</summary>
    Operand = 3002,
    /// <summary>A limit of <see cref="ModelOptions"/> or <see cref="SessionOptions"/> would be exceeded.</summary>
    ResourceLimit = 4000,
    /// <summary>A device failed or refused.</summary>
    Device = 5000,
    /// <summary>No target of that name exists here.</summary>
    NoSuchTarget = 5001,
    /// <summary>An environment variable holds something that cannot be used.</summary>
    Configuration = 6000,
    /// <summary>A run that checks itself gave a result that is not what it should be.</summary>
    Mismatch = 7000,
}

/// <summary>The base of every error that HybridConv raises on its own account.</summary>
public abstract class HybridConvException : Exception
{
    private protected HybridConvException(ErrorCode code, string message, Exception? inner = null) : base(message, inner) => Code = code;

    /// <summary>The stable number of this error.</summary>
    public ErrorCode Code { get; }
}

/// <summary>The bytes are not a well-formed model.</summary>
public sealed class ModelFormatException : HybridConvException
{
    internal ModelFormatException(string message, string? location = null, ErrorCode code = ErrorCode.ModelFormat, Exception? inner = null)
        : base(code, location is null ? message : $"{location}: {message}", inner) => Location = location;

    /// <summary>Where in the model: a node, a value, an initializer or a byte offset; null when the whole file is meant.</summary>
    public string? Location { get; }
}

/// <summary>One reason why a model cannot be run: a node and what about it is not supported.</summary>
/// <param name="Node">The node's name, or its first output's name where it has none.</param>
/// <param name="Op">The operator, for example <c>Conv</c>.</param>
/// <param name="Domain">The operator's domain; empty for ONNX's own.</param>
/// <param name="Opset">The version of that domain which the model imports.</param>
/// <param name="Reason">A sentence that names the offending value.</param>
public sealed record UnsupportedNode(string Node, string Op, string Domain, long Opset, string Reason)
{
    internal string Operator => $"{(Domain.Length == 0 ? "" : Domain + ".")}{Op} (opset {Opset})";

    /// <inheritdoc/>
    public override string ToString() => $"node '{Node}': {Operator}: {Reason}";
}

/// <summary>The model is well formed, but uses something that this version or the named target does not support.</summary>
public sealed class UnsupportedModelException : HybridConvException
{
    internal UnsupportedModelException(IReadOnlyList<UnsupportedNode> nodes) : base(ErrorCode.UnsupportedModel, Describe(nodes)) => Nodes = nodes;

    internal UnsupportedModelException(string message) : base(ErrorCode.UnsupportedModel, message) => Nodes = [];

    /// <summary>Every unsupported node at once; empty when the model as a whole is refused.</summary>
    public IReadOnlyList<UnsupportedNode> Nodes { get; }

    /// <summary>Names every node; those with the same reason share one sentence.</summary>
    private static string Describe(IReadOnlyList<UnsupportedNode> nodes)
    {
        var reasons = nodes.GroupBy(n => n with { Node = "" }, n => $"'{n.Node}'")
            .Select(group => $"{group.Key.Operator}: {group.Key.Reason} (node{(group.Count() > 1 ? "s" : "")} {string.Join(", ", group)})");
        return $"The model cannot be run: {string.Join("; ", reasons)}";
    }
}

/// <summary>A shape, rank or dimension does not fit.</summary>
public sealed class ShapeException : HybridConvException
{
    internal ShapeException(string message, ErrorCode code = ErrorCode.Shape) : base(code, message) { }

    /// <summary>Whether the message already says which node is meant.</summary>
    internal bool NamesNode { get; init; }
}

/// <summary>No input or output has the asked name, index or element type.</summary>
public sealed class OperandException : HybridConvException
{
    internal OperandException(string message) : base(ErrorCode.Operand, message) { }
}

/// <summary>Running or loading would take more than a limit allows. Raised before the resource is taken.</summary>
public sealed class ResourceLimitException : HybridConvException
{
    internal ResourceLimitException(string message) : base(ErrorCode.ResourceLimit, message) { }
}

/// <summary>A target does not exist, or a device failed.</summary>
public sealed class DeviceException : HybridConvException
{
    internal DeviceException(string message, ErrorCode code = ErrorCode.Device, Exception? inner = null) : base(code, message, inner) { }

    /// <summary>The status that the driver returned, by its name in the headers, for example <c>CL_OUT_OF_RESOURCES</c>; null when none did.</summary>
    public string? DeviceStatus { get; internal init; }

    /// <summary>What the driver's compiler said about a kernel that it did not build; null otherwise.</summary>
    public string? BuildLog { get; internal init; }
}

/// <summary>An environment variable holds something that cannot be used.</summary>
public sealed class ConfigurationException : HybridConvException
{
    internal ConfigurationException(string message) : base(ErrorCode.Configuration, message) { }
}

/// <summary>A run that checks itself gave results that are not what they should be (see <see cref="SessionOptions.Verify"/>).</summary>
public sealed class MismatchException : HybridConvException
{
    internal MismatchException(IReadOnlyList<Mismatch> mismatches)
        : base(ErrorCode.Mismatch, $"{mismatches[0]}{(mismatches.Count > 1 ? $"; {mismatches.Count - 1} more steps or values differ" : "")}") => Mismatches = mismatches;

    /// <summary>The worst result of each step, or of each value, that was found to differ; in the plan's order.</summary>
    public IReadOnlyList<Mismatch> Mismatches { get; }
}
