using System.Text;
using Google.Protobuf;
using HybridConv.Graphs;
using HybridConv.Onnx.Proto;
using HybridConv.Ops;
using static HybridConv.Onnx.FieldNumbers;

namespace HybridConv.Onnx;

/// <summary>
/// Reads an ONNX file. Nodes and initializers are located and counted first; the generated parser then reads everything but the elements of
/// tensors, which stay where they are. Nesting is bounded: no message of our onnx.proto contains itself, and what is skipped has the parser's own limit.
/// </summary>
internal sealed class OnnxReader
{
    private static readonly MessageParser<ModelProto> ModelParser = ModelProto.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<NodeProto> NodeParser = NodeProto.Parser.WithDiscardUnknownFields(true);

    private readonly ModelOptions options;
    private readonly TensorReader tensors;
    private readonly List<ByteRange> nodes = [], initializers = [];
    private readonly HashSet<string> origins = [];

    private OnnxReader(ModelBytes bytes, ExternalData external, ModelOptions options)
    {
        this.options = options;
        tensors = new TensorReader(bytes, external, options);
    }

    /// <param name="bytes">The file's bytes; the tensors of the record refer to them.</param>
    /// <param name="external">Where data outside the file may be.</param>
    /// <param name="source">How errors call the file.</param>
    /// <param name="options">The limits.</param>
    public static ModelRecord Read(ModelBytes bytes, ExternalData external, string source, ModelOptions options)
    {
        if (bytes.Length > Math.Min(options.MaxModelBytes, int.MaxValue))
            throw new ResourceLimitException($"{source} has {bytes.Length} bytes, over the limit of {Math.Min(options.MaxModelBytes, int.MaxValue)}");
        return bytes.Read(file => Read(file, new OnnxReader(bytes, external, options), source));
    }

    /// <summary>Reads a file that holds one TensorProto and nothing else: the form of ONNX's test data.</summary>
    public static FoundTensor ReadTensor(ModelBytes bytes, string source, ModelOptions options) => bytes.Read(file =>
    {
        try
        {
            return new TensorReader(bytes, ExternalData.None(), options).Read(file, new ByteRange(0, file.Length), source, name => name);
        }
        catch (WireException e)
        {
            throw new ModelFormatException($"is not a tensor, or is damaged or cut off: {e.Message}", $"{source}, byte {e.Position}", inner: e);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or DecoderFallbackException)
        {
            throw new ModelFormatException($"is not a tensor, or is damaged or cut off: {e.Message}", source, inner: e);
        }
    });

    private static ModelRecord Read(ReadOnlySpan<byte> file, OnnxReader reader, string source)
    {
        try
        {
            NotOnnx.Recognise(file, source);
            reader.Locate(file);
            ModelProto model = ModelParser.ParseFrom(file);
            return model.Graph is null
                ? throw new ModelFormatException("is not an ONNX model, or is cut off: it holds no graph", source)
                : reader.Record(file, model);
        }
        catch (WireException e)
        {
            throw new ModelFormatException($"is not an ONNX model, or is damaged or cut off: {e.Message}", $"{source}, byte {e.Position}", inner: e);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or DecoderFallbackException)
        {
            throw new ModelFormatException($"is not an ONNX model, or is damaged or cut off: {e.Message}", source, inner: e);
        }
    }

    /// <summary>Finds all nodes and initializers, and counts them before anything is made of them.</summary>
    private void Locate(ReadOnlySpan<byte> file)
    {
        for (var model = new WireFields(file, new ByteRange(0, file.Length)); model.Next();)
        {
            if (!model.IsBytes(ModelGraph))
                continue;
            for (var graph = new WireFields(file, model.Value); graph.Next();)
            {
                if (graph.IsBytes(GraphNode))
                    nodes.Add(graph.Value);
                else if (graph.IsBytes(GraphInitializer))
                    initializers.Add(graph.Value);
                if (nodes.Count > options.MaxNodes || initializers.Count > options.MaxNodes)
                    throw new ResourceLimitException($"the model has more nodes or initializers than the limit of {options.MaxNodes}");
            }
        }
    }

    private ModelRecord Record(ReadOnlySpan<byte> file, ModelProto model)
    {
        GraphProto graph = model.Graph;
        var constants = new OrderedDictionary<string, Tensor>(initializers.Count);
        var unreadable = new Dictionary<string, string>();
        foreach (ByteRange range in initializers)
        {
            FoundTensor found = tensors.Read(file, range, null, name => name);
            if (!origins.Add(found.Name))
                throw new ModelFormatException("is defined twice", $"initializer '{found.Name}'", ErrorCode.InvalidGraph);
            if (found.Tensor is null)
                unreadable.Add(found.Name, found.Why);
            else
                constants.Add(found.Name, found.Tensor);
        }
        foreach (SparseTensorProto sparse in graph.SparseInitializer)
            unreadable.TryAdd(sparse.Values?.Name ?? "", $"initializer '{sparse.Values?.Name}' is sparse, which is not supported");

        var records = new NodeRecord[nodes.Count];
        for (int i = 0; i < records.Length; i++)
            records[i] = Node(file, nodes[i]);
        return new ModelRecord
        {
            Name = graph.Name,
            Producer = model.ProducerName,
            ProducerVersion = model.ProducerVersion,
            IrVersion = model.IrVersion,
            Opsets = Opsets(model),
            Functions = [.. model.Functions.Select(function => (Domain(function.Domain), function.Name))],
            Inputs = [.. graph.Input.Select(input => Info(input, "input"))],
            Outputs = [.. graph.Output.Select(output => Info(output, "output"))],
            Nodes = records,
            Initializers = constants,
            Unreadable = unreadable,
        };
    }

    /// <summary>Models of the first two versions of the format import nothing: they mean the first version of the operators.</summary>
    private static List<OpsetImport> Opsets(ModelProto model)
    {
        List<OpsetImport> opsets = [.. model.OpsetImport.Select(import => new OpsetImport(Domain(import.Domain), import.Version))];
        if (opsets.Count == 0 && model.IrVersion < 3)
            opsets.Add(new OpsetImport("", 1));
        return opsets;
    }

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;

    private static TensorInfo Info(ValueInfoProto value, string kind)
    {
        string where = $"{kind} '{value.Name}'";
        if (value.Type?.TensorType is not { } tensor)
            throw value.Type is null or { ValueCase: TypeProto.ValueOneofCase.None }
                ? new ModelFormatException("declares no type", where)
                : new UnsupportedModelException($"{where} is a {value.Type.ValueCase.ToString().Replace("Type", "", StringComparison.Ordinal).ToLowerInvariant()}; only tensors are supported");
        ElementType type = DataTypes.Numeric(tensor.ElemType);
        if (type == ElementType.None)
            throw new UnsupportedModelException($"{where} holds {DataTypes.Label(tensor.ElemType)}, which is not supported");
        return new TensorInfo(value.Name, type, tensor.Shape is null ? null : [.. tensor.Shape.Dim.Select(Axis)]);
    }

    private static Dimension Axis(TensorShapeProto.Types.Dimension dim) =>
        dim.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue && dim.DimValue >= 0 ? dim.DimValue : Dimension.Open(dim.DimParam);

    private NodeRecord Node(ReadOnlySpan<byte> file, ByteRange range)
    {
        NodeProto node = NodeParser.ParseFrom(file.Slice(range.Start, range.Length));
        string name = node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault("");
        NodeAttribute[] attributes = node.Attribute.Count == 0 ? [] : new NodeAttribute[node.Attribute.Count];
        int index = 0;
        for (var fields = new WireFields(file, range); index < attributes.Length && fields.Next();)
            if (fields.IsBytes(NodeAttributeField))
                attributes[index] = Attribute(node.Attribute[index++], node, file, fields.Value);
        return new NodeRecord(name, node.OpType, Domain(node.Domain), [.. node.Input], [.. node.Output], attributes);
    }

    private NodeAttribute Attribute(AttributeProto attribute, NodeProto node, ReadOnlySpan<byte> file, ByteRange range)
    {
        string name = attribute.Name;
        return KindOf(attribute) switch
        {
            AttributeKind.Int => new NodeAttribute(name, AttributeKind.Int, Int: attribute.I),
            AttributeKind.Float => new NodeAttribute(name, AttributeKind.Float, Float: attribute.F),
            AttributeKind.Text => new NodeAttribute(name, AttributeKind.Text, Text: attribute.S.ToStringUtf8()),
            AttributeKind.Ints => new NodeAttribute(name, AttributeKind.Ints, Ints: [.. attribute.Ints]),
            AttributeKind.Floats => new NodeAttribute(name, AttributeKind.Floats, Floats: [.. attribute.Floats]),
            AttributeKind.Texts => new NodeAttribute(name, AttributeKind.Texts, Texts: [.. attribute.Strings.Select(text => text.ToStringUtf8())]),
            AttributeKind.Tensor => TensorAttribute(attribute, node, file, range),
            _ => new NodeAttribute(name, AttributeKind.Unsupported),
        };
    }

    private NodeAttribute TensorAttribute(AttributeProto attribute, NodeProto node, ReadOnlySpan<byte> file, ByteRange range)
    {
        string output = node.Output.FirstOrDefault(node.Name);
        string where = $"attribute '{attribute.Name}' of the node of '{output}'";
        ByteRange? tensor = null;
        for (var fields = new WireFields(file, range); fields.Next();)
            if (fields.IsBytes(AttributeTensor))
                tensor = tensor is null ? fields.Value : throw new ModelFormatException("has two values", where);
        if (tensor is null)
            throw new ModelFormatException("is a tensor without a value", where);
        FoundTensor found = tensors.Read(file, tensor.Value, where, _ => Origin($"{output}:{attribute.Name}"));
        return found.Tensor is null
            ? new NodeAttribute(attribute.Name, AttributeKind.Unsupported, Text: found.Why)
            : new NodeAttribute(attribute.Name, AttributeKind.Tensor, Tensor: found.Tensor);
    }

    private string Origin(string name)
    {
        while (!origins.Add(name))
            name += "'";
        return name;
    }

    /// <summary>The declared kind; files of the first version of the format declare none, and what is present decides.</summary>
    private static AttributeKind KindOf(AttributeProto attribute) => attribute.Type switch
    {
        _ when attribute.RefAttrName.Length > 0 => AttributeKind.Unsupported,
        AttributeProto.Types.AttributeType.Float => AttributeKind.Float,
        AttributeProto.Types.AttributeType.Int => AttributeKind.Int,
        AttributeProto.Types.AttributeType.String => AttributeKind.Text,
        AttributeProto.Types.AttributeType.Tensor => AttributeKind.Tensor,
        AttributeProto.Types.AttributeType.Floats => AttributeKind.Floats,
        AttributeProto.Types.AttributeType.Ints => AttributeKind.Ints,
        AttributeProto.Types.AttributeType.Strings => AttributeKind.Texts,
        AttributeProto.Types.AttributeType.Undefined when attribute.HasF => AttributeKind.Float,
        AttributeProto.Types.AttributeType.Undefined when attribute.HasI => AttributeKind.Int,
        AttributeProto.Types.AttributeType.Undefined when attribute.HasS => AttributeKind.Text,
        AttributeProto.Types.AttributeType.Undefined when attribute.T is not null => AttributeKind.Tensor,
        AttributeProto.Types.AttributeType.Undefined when attribute.Floats.Count > 0 => AttributeKind.Floats,
        AttributeProto.Types.AttributeType.Undefined when attribute.Ints.Count > 0 => AttributeKind.Ints,
        AttributeProto.Types.AttributeType.Undefined when attribute.Strings.Count > 0 => AttributeKind.Texts,
        _ => AttributeKind.Unsupported,
    };
}
