using System.Text.Json;
using HybridConv.Testing;

namespace HybridConv.OnnxSuite;

/// <summary>One of ONNX's published operator cases, as the manifest of the shared data lists it.</summary>
/// <param name="Path">Its folder below the shared data.</param>
/// <param name="Ops">The operators that it uses.</param>
/// <param name="Types">The element types that it uses.</param>
internal sealed record NodeCase(string Path, IReadOnlySet<string> Ops, IReadOnlySet<string> Types);

/// <summary>The published operator cases, and which of them this version refuses.</summary>
internal static class NodeCases
{
    /// <summary>The element types that every operator below must support where ONNX gives it them.</summary>
    private static readonly HashSet<string> Types = ["float32", "int64", "int32", "bool"];

    /// <summary>The operators that this version promises.</summary>
    private static readonly HashSet<string> Ops =
    [
        "Conv", "ConvTranspose", "Gemm", "MatMul", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "LRN", "Softmax", "LogSoftmax",
        "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Softplus", "Swish", "Mish", "Gelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh",
        "Softsign", "Clip", "Erf", "Exp", "Log", "Sqrt", "Pow", "Neg", "Abs", "Sign", "Reciprocal", "Round", "Floor", "Ceil",
        "Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Sum", "Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "And", "Or", "Xor", "Not", "Where",
        "Cast", "CastLike", "Identity", "Dropout", "Constant", "ConstantOfShape", "Range", "Shape", "Size", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
        "Transpose", "Concat", "Split", "Slice", "Gather", "Expand", "Pad", "Resize", "Upsample", "DepthToSpace", "SpaceToDepth", "ReduceMean", "ReduceSum", "ReduceMax",
    ];

    /// <summary>Every case of the manifest; empty without shared data.</summary>
    public static IReadOnlyList<NodeCase> All { get; } = Read();

    /// <summary>Cases of promised operators in promised types: each must pass or stand in the list of refused ones.</summary>
    public static IEnumerable<NodeCase> Promised => All.Where(c => c.Ops.IsSubsetOf(Ops) && c.Types.IsSubsetOf(Types));

    /// <summary>The promised cases that are refused, by path, with the part of the reason that must be given: <c>refused.txt</c>.</summary>
    public static IReadOnlyDictionary<string, string> Refused { get; } =
        Repository.Read("tests/HybridConv.OnnxSuite/refused.txt").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#').Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts[1]);

    private static List<NodeCase> Read()
    {
        var cases = new List<NodeCase>();
        string? manifest = SharedData.Folder is null ? null : Path.Combine(SharedData.Folder, "manifest-node.json");
        if (!File.Exists(manifest))
            return cases;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(manifest));
        foreach (JsonElement element in document.RootElement.EnumerateArray())
            cases.Add(new NodeCase(
                element.GetProperty("path").GetString()!,
                element.GetProperty("ops").EnumerateObject().Select(op => op.Name).ToHashSet(),
                element.GetProperty("dtypes").EnumerateArray().Select(type => type.GetString()!).ToHashSet()));
        return cases;
    }
}
