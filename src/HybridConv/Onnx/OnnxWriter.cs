using Google.Protobuf;
using HybridConv.Graphs;
using HybridConv.Onnx.Proto;
using HybridConv.Ops;
using static HybridConv.Onnx.FieldNumbers;

namespace HybridConv.Onnx;

/// <summary>Writes a model as one ONNX file, weights inside. Tensors are fetched and written one after the other.</summary>
internal static class OnnxWriter
{
    /// <summary>The first version of the format in which a file says which operators it imports.</summary>
    private const long OldestIr = 3;

    public static void Write(ModelRecord record, Stream stream)
    {
        if (record.Unreadable.Count > 0)
            throw new UnsupportedModelException($"The model cannot be written again: {record.Unreadable.Values.First()}");
        var model = new WirePart(Head(record));
        model.Add(ModelGraph, Graph(record));
        if (model.Size > int.MaxValue)
            throw new ResourceLimitException($"The model takes {model.Size} bytes, and an ONNX file holds at most {int.MaxValue}");
        using var output = new CodedOutputStream(stream, leaveOpen: true);
        model.WriteTo(output);
    }

    private static ModelProto Head(ModelRecord record)
    {
        var model = new ModelProto
        {
            IrVersion = Math.Max(OldestIr, record.IrVersion),
            ProducerName = record.Producer,
            ProducerVersion = record.ProducerVersion,
        };
        foreach (OpsetImport import in record.Opsets)
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = import.Domain, Version = import.Version });
        return model;
    }

    private static WirePart Graph(ModelRecord record)
    {
        var head = new GraphProto { Name = record.Name.Length > 0 ? record.Name : "graph" };
        head.Input.AddRange(record.Inputs.Select(Info));
        head.Output.AddRange(record.Outputs.Select(Info));
        var graph = new WirePart(head);
        foreach (NodeRecord node in record.Nodes)
            graph.Add(GraphNode, Node(node));
        foreach ((string name, Tensor tensor) in record.Initializers)
            graph.Add(GraphInitializer, Elements(name, tensor));
        return graph;
    }

    private static WirePart Node(NodeRecord node)
    {
        var head = new NodeProto { Name = node.Name, OpType = node.OpType, Domain = node.Domain };
        head.Input.AddRange(node.Inputs);
        head.Output.AddRange(node.Outputs);
        head.Attribute.AddRange(node.Attributes.Where(attribute => attribute.Tensor is null).Select(Attribute));
        var part = new WirePart(head);
        foreach (NodeAttribute attribute in node.Attributes)
            if (attribute.Tensor is { } tensor)
            {
                var outer = new WirePart(new AttributeProto { Name = attribute.Name, Type = AttributeProto.Types.AttributeType.Tensor });
                outer.Add(AttributeTensor, Elements("", tensor));
                part.Add(NodeAttributeField, outer);
            }
        return part;
    }

    private static WirePart Elements(string name, Tensor tensor)
    {
        var head = new TensorHeader { Name = name, DataType = (int)tensor.Type };
        head.Dims.AddRange(tensor.Shape.Dims);
        return new WirePart(head, tensor);
    }

    private static AttributeProto Attribute(NodeAttribute attribute)
    {
        var proto = new AttributeProto { Name = attribute.Name };
        switch (attribute.Kind)
        {
            case AttributeKind.Int:
                proto.Type = AttributeProto.Types.AttributeType.Int;
                proto.I = attribute.Int;
                break;
            case AttributeKind.Float:
                proto.Type = AttributeProto.Types.AttributeType.Float;
                proto.F = attribute.Float;
                break;
            case AttributeKind.Text:
                proto.Type = AttributeProto.Types.AttributeType.String;
                proto.S = ByteString.CopyFromUtf8(attribute.Text);
                break;
            case AttributeKind.Ints:
                proto.Type = AttributeProto.Types.AttributeType.Ints;
                proto.Ints.AddRange(attribute.Ints);
                break;
            case AttributeKind.Floats:
                proto.Type = AttributeProto.Types.AttributeType.Floats;
                proto.Floats.AddRange(attribute.Floats);
                break;
            case AttributeKind.Texts:
                proto.Type = AttributeProto.Types.AttributeType.Strings;
                proto.Strings.AddRange(attribute.Texts!.Select(ByteString.CopyFromUtf8));
                break;
            default:
                throw new InvalidOperationException($"An attribute of kind {attribute.Kind} has no value to write.");
        }
        return proto;
    }

    private static ValueInfoProto Info(TensorInfo info)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)info.Type };
        if (info.Dimensions is { } dimensions)
        {
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(dimensions.Select(Axis));
        }
        return new ValueInfoProto { Name = info.Name, Type = new TypeProto { TensorType = tensor } };
    }

    private static TensorShapeProto.Types.Dimension Axis(Dimension dimension)
    {
        var axis = new TensorShapeProto.Types.Dimension();
        if (!dimension.IsOpen)
            axis.DimValue = dimension.Size;
        else if (dimension.Name is { Length: > 0 } name)
            axis.DimParam = name;
        return axis;
    }
}
