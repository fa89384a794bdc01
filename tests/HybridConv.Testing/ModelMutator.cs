using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace HybridConv.Testing;

/// <summary>
/// Makes models that nobody would write out of models that somebody wrote: changes numbers, types, shapes, edges, operators and attributes, but keeps
/// the file readable, so that the damage reaches shape rules, passes and kernels. Depends on nothing but its seed.
/// </summary>
public sealed class ModelMutator(int seed)
{
    private static readonly long[] Longs =
    [
        0, 1, -1, 2, 3, -2, 4, 5, 7, 8, 16, 17, 31, 64, 255, 256, 1000, 65535, 65536, 65537, 1 << 20, 1 << 30, int.MaxValue, int.MinValue,
        1L << 31, 1L << 32, (1L << 32) + 1, 1L << 40, 1L << 62, long.MaxValue, long.MinValue, long.MaxValue - 1, long.MinValue + 1, -3, -4, -5, -100,
    ];

    private static readonly float[] Floats =
    [
        0, -0f, 1, -1, 0.5f, 2, 3, 0.1f, 1e-9f, 1e9f, -1e9f, 100, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.Epsilon, 1.0001f,
    ];

    private static readonly string[] Ops =
    [
        "Conv", "ConvTranspose", "Gemm", "MatMul", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "LRN", "Softmax", "Relu",
        "LeakyRelu", "PRelu", "Elu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Clip", "Erf", "Exp", "Sqrt", "Pow", "Neg", "Add", "Sub", "Mul", "Div", "Min", "Max", "Sum",
        "Cast", "Identity", "Dropout", "Constant", "ConstantOfShape", "Shape", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Concat", "Split", "Slice", "Gather",
        "Expand", "Pad", "Resize", "Upsample", "DepthToSpace", "SpaceToDepth", "ReduceMean", "ReduceSum", "ReduceMax",
    ];

    private static readonly string[] Integers =
    [
        "axis", "group", "transA", "transB", "keepdims", "blocksize", "ceil_mode", "storage_order", "count_include_pad", "allowzero", "num_outputs", "to", "size", "start", "end",
        "batch_dims", "exclude_outside", "noop_with_empty_axes", "training_mode", "spatial", "broadcast", "antialias", "p", "select_last_index", "reverse",
    ];

    private static readonly string[] Lists =
    [
        "kernel_shape", "strides", "pads", "dilations", "axes", "perm", "shape", "starts", "ends", "split", "output_padding", "output_shape", "paddings", "consumed_inputs",
    ];

    private static readonly string[] Numbers =
        ["alpha", "beta", "epsilon", "momentum", "bias", "min", "max", "ratio", "cubic_coeff_a", "extrapolation_value", "value", "gamma", "value_float", "height_scale", "width_scale"];

    private static readonly (string Name, string[] Values)[] Texts =
    [
        ("auto_pad", ["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "same"]),
        ("mode", ["constant", "reflect", "edge", "wrap", "nearest", "linear", "cubic", "DCR", "CRD", ""]),
        ("coordinate_transformation_mode", ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_crop_and_resize"]),
        ("nearest_mode", ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]),
        ("keep_aspect_ratio_policy", ["stretch", "not_larger", "not_smaller"]),
    ];

    private readonly Random random = new(seed);

    /// <summary>A changed copy of a model.</summary>
    public byte[] Mutate(byte[] model)
    {
        WireTree tree = WireTree.Parse(model);
        for (int changes = 1 + Math.Min(random.Next(6), random.Next(6)); changes > 0; changes--)
            Change(tree);
        return tree.ToArray();
    }

    private void Change(WireTree model)
    {
        if (model.Fields.Find(f => f.Message?.Kind == OnnxMessage.Graph)?.Message is not { } graph)
            return;
        switch (random.Next(13))
        {
            case 0: ChangeNumber(Pick(model.All())); break;
            case 1: ChangeList(Any(graph, OnnxMessage.Attribute), Any(graph, OnnxMessage.Tensor), Any(graph, OnnxMessage.Shape)); break;
            case 2: ChangeElement(Any(graph, OnnxMessage.Tensor)); break;
            case 3: RemoveOrRepeat(Pick(model.All())); break;
            case 4: Rewire(graph, Any(graph, OnnxMessage.Node)); break;
            case 5: ChangeOperator(Any(graph, OnnxMessage.Node)); break;
            case 6: case 7: AddAttribute(Any(graph, OnnxMessage.Node)); break;
            case 8: Reshape(Any(graph, OnnxMessage.Tensor)); break;
            case 9: Reshape(Any(graph, OnnxMessage.Shape)); break;
            case 10: AddNode(graph); break;
            case 11: ChangeNumber(Any(graph, OnnxMessage.Attribute)); break;
            default: ChangeNumber(Any(graph, OnnxMessage.Dimension)); break;
        }
    }

    private WireTree? Any(WireTree graph, OnnxMessage kind)
    {
        WireTree[] all = [.. graph.All().Where(m => m.Kind == kind)];
        return all.Length == 0 ? null : Pick(all);
    }

    private void ChangeNumber(WireTree? message)
    {
        WireField[] numbers = [.. message?.Fields.Where(f => f.WireType is 0 or 5) ?? []];
        if (numbers.Length == 0)
            return;
        WireField field = Pick(numbers);
        if (field.WireType == 0)
            field.Value = (ulong)Long((long)field.Value);
        else
            field.Bytes = WireField.Of(0, Pick(Floats)).Bytes;
    }

    /// <summary>Makes a list of numbers longer or shorter.</summary>
    private void ChangeList(params WireTree?[] candidates)
    {
        if (Pick(candidates) is not { Fields.Count: > 0 } message)
            return;
        WireField field = Pick(message.Fields);
        int at = message.Fields.IndexOf(field);
        if (random.Next(2) == 0)
            message.Fields.RemoveAt(at);
        else
            message.Fields.Insert(at, field.WireType == 0 ? WireField.Of(field.Number, (ulong)Long((long)field.Value)) : field);
    }

    /// <summary>Changes an element of a tensor that is stored as plain bytes, or as 64-bit numbers.</summary>
    private void ChangeElement(WireTree? tensor)
    {
        if (tensor is null)
            return;
        if (tensor.Fields.Find(f => f.Number == 9) is { Bytes.Length: > 0 } raw)
        {
            bool wide = tensor.Of(2).Any(f => f.Value == 7);
            raw.Bytes = [.. raw.Bytes];
            int size = wide ? 8 : 4, at = random.Next(Math.Max(1, raw.Bytes.Length / size)) * size;
            if (at + size > raw.Bytes.Length)
                return;
            if (wide)
                BinaryPrimitives.WriteInt64LittleEndian(raw.Bytes.AsSpan(at), Long(BinaryPrimitives.ReadInt64LittleEndian(raw.Bytes.AsSpan(at))));
            else
                BinaryPrimitives.WriteSingleLittleEndian(raw.Bytes.AsSpan(at), Pick(Floats));
        }
        else
            ChangeNumber(tensor);
    }

    private void RemoveOrRepeat(WireTree message)
    {
        if (message.Fields.Count == 0)
            return;
        int i = random.Next(message.Fields.Count), k = random.Next(message.Fields.Count);
        switch (random.Next(3))
        {
            case 0: message.Fields.RemoveAt(i); break;
            case 1: message.Fields.Insert(k, message.Fields[i]); break;
            default: (message.Fields[i], message.Fields[k]) = (message.Fields[k], message.Fields[i]); break;
        }
    }

    /// <summary>Lets a node read or write another value, or none.</summary>
    private void Rewire(WireTree graph, WireTree? node)
    {
        WireField[] edges = [.. node?.Fields.Where(f => f.Number is 1 or 2) ?? []];
        if (edges.Length == 0)
            return;
        if (random.Next(4) == 0)
            node!.Fields.Add(WireField.Of(1, AnyValue(graph)));
        else
            Pick(edges).Bytes = Encoding.UTF8.GetBytes(random.Next(6) == 0 ? "" : AnyValue(graph));
    }

    private void ChangeOperator(WireTree? node)
    {
        if (node?.Fields.Find(f => f.Number == 4) is { } op)
            op.Bytes = Encoding.UTF8.GetBytes(Pick(Ops));
    }

    private void AddAttribute(WireTree? node)
    {
        if (node is null)
            return;
        var attribute = new WireTree(OnnxMessage.Attribute);
        switch (random.Next(4))
        {
            case 0:
                attribute.Fields.AddRange([WireField.Of(1, Pick(Integers)), WireField.Of(3, (ulong)Long(random.Next(-4, 5))), WireField.Of(20, 2)]);
                break;
            case 1:
                attribute.Fields.Add(WireField.Of(1, Pick(Lists)));
                long usual = random.Next(0, 4);
                for (int count = random.Next(10) == 0 ? random.Next(20) : 2 * random.Next(1, 4); count > 0; count--)
                    attribute.Fields.Add(WireField.Of(8, (ulong)(random.Next(5) == 0 ? Long(usual) : usual)));
                attribute.Fields.Add(WireField.Of(20, 7));
                break;
            case 2:
                attribute.Fields.AddRange([WireField.Of(1, Pick(Numbers)), WireField.Of(2, Pick(Floats)), WireField.Of(20, 1)]);
                break;
            default:
                (string name, string[] values) = Pick(Texts);
                attribute.Fields.AddRange([WireField.Of(1, name), WireField.Of(4, Pick(values)), WireField.Of(20, 3)]);
                break;
        }
        string added = Encoding.UTF8.GetString(attribute.Fields[0].Bytes);
        if (random.Next(20) != 0)
            node.Fields.RemoveAll(f => f.Number == 5 && f.Message is { } old && old.Of(1).Any(n => Encoding.UTF8.GetString(n.Bytes) == added));
        node.Fields.Add(new WireField(5, 2) { Message = attribute });
    }

    /// <summary>Gives a tensor or an input another shape; a tensor usually gets as many elements as the shape wants.</summary>
    private void Reshape(WireTree? message)
    {
        if (message is null)
            return;
        int rank = random.Next(12) == 0 ? random.Next(15) : random.Next(6);
        var dims = new long[rank];
        for (int i = 0; i < rank; i++)
            dims[i] = random.Next(16) == 0 ? 0 : random.Next(3) == 0 ? 1 : random.Next(1, 9);
        message.Fields.RemoveAll(f => f.Number == 1);
        if (message.Kind == OnnxMessage.Shape)
        {
            foreach (long dim in dims)
            {
                var dimension = new WireTree(OnnxMessage.Dimension);
                dimension.Fields.Add(WireField.Of(1, (ulong)dim));
                message.Fields.Add(new WireField(1, 2) { Message = dimension });
            }
            return;
        }
        foreach (long dim in dims)
            message.Fields.Insert(0, WireField.Of(1, (ulong)dim));
        long elements = dims.Aggregate(1L, (a, b) => a * b);
        if (random.Next(10) == 0 || elements > 1 << 16)
            return;
        bool wide = message.Of(2).Any(f => f.Value == 7);
        message.Fields.RemoveAll(f => f.Number is 2 or 4 or 5 or 6 or 7 or 9 or 10 or 11);
        message.Fields.Add(WireField.Of(2, wide ? 7UL : 1UL));
        byte[] data = wide
            ? [.. MemoryMarshal.AsBytes<long>(RandomData.Integers(random.Next(), elements, -2, 5))]
            : [.. MemoryMarshal.AsBytes<float>(RandomData.Floats(random.Next(), elements))];
        message.Fields.Add(new WireField(9, 2) { Bytes = data });
    }

    /// <summary>Adds a node that reads values of the graph, and makes what it computes the graph's output.</summary>
    private void AddNode(WireTree graph)
    {
        var node = new WireTree(OnnxMessage.Node);
        for (int count = random.Next(1, 4); count > 0; count--)
            node.Fields.Add(WireField.Of(1, AnyValue(graph)));
        string name = $"added{random.Next()}";
        node.Fields.AddRange([WireField.Of(2, name), WireField.Of(4, Pick(Ops))]);
        graph.Fields.Add(new WireField(1, 2) { Message = node });
        var output = new WireTree(OnnxMessage.ValueInfo);
        output.Fields.Add(WireField.Of(1, name));
        output.Fields.Add(new WireField(2, 2) { Bytes = new WireMessage().Message(1, new WireMessage().Varint(1, 1)).ToArray() });
        graph.Fields.Add(new WireField(12, 2) { Message = output });
    }

    private string AnyValue(WireTree graph)
    {
        string[] names =
        [
            .. graph.Fields.Where(f => f.Message?.Kind == OnnxMessage.Node).SelectMany(f => f.Message!.Of(2)).Select(f => Encoding.UTF8.GetString(f.Bytes)),
            .. graph.Fields.Where(f => f.Message?.Kind == OnnxMessage.ValueInfo).SelectMany(f => f.Message!.Of(1)).Select(f => Encoding.UTF8.GetString(f.Bytes)),
            .. graph.Fields.Where(f => f.Message?.Kind == OnnxMessage.Tensor).SelectMany(f => f.Message!.Of(8)).Select(f => Encoding.UTF8.GetString(f.Bytes)),
        ];
        return names.Length == 0 ? "" : Pick(names);
    }

    private long Long(long near) => random.Next(3) switch
    {
        0 => near + random.Next(-2, 3),
        1 => random.Next(-4, 12),
        _ => Pick(Longs),
    };

    private T Pick<T>(IEnumerable<T> from)
    {
        T[] all = [.. from];
        return all[random.Next(all.Length)];
    }
}
