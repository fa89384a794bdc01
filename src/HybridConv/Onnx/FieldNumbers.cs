namespace HybridConv.Onnx;

/// <summary>The numbers of those fields of onnx.proto that are located or written in place, and not by the generated code: they hold the large parts of a model.</summary>
internal static class FieldNumbers
{
    public const int ModelGraph = 7, GraphNode = 1, GraphInitializer = 5, NodeAttributeField = 5, AttributeTensor = 5;

    /// <summary>Of a TensorProto: where its elements may be.</summary>
    public const int FloatData = 4, Int32Data = 5, StringData = 6, Int64Data = 7, RawData = 9, DoubleData = 10, UInt64Data = 11;
}
