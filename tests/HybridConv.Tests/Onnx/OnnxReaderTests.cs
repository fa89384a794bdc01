using System.Runtime.InteropServices;
using System.Text;
using HybridConv.Graphs;
using HybridConv.Onnx;
using HybridConv.Ops;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Onnx;

public sealed class OnnxReaderTests
{
    private static ModelRecord Read(byte[] file) => OnnxReader.Read(ModelBytes.Of(file), ExternalData.None(), "file", new ModelOptions());

    private static Tensor ReadTensor(WireMessage tensor) => Read(new OnnxFile().Initializer(tensor).ToArray()).Initializers.GetAt(0).Value;

    [Fact]
    public void Names_versions_inputs_and_outputs_are_read()
    {
        ModelRecord record = Read(new OnnxFile { Opset = 19, IrVersion = 9 }
            .Input("x", ElementType.Float32, 1, -1, 3).Output("y", ElementType.Int64)
            .Node("Relu", ["x"], ["y"]).ToArray());
        Assert.Equal("graph", record.Name);
        Assert.Equal("tests", record.Producer);
        Assert.Equal((9, 19), (record.IrVersion, record.OpsetOf("")));
        Assert.Equal(["x: float32[1,?,3]"], record.Inputs.Select(input => input.ToString()));
        Assert.Equal(["y: int64[]"], record.Outputs.Select(output => output.ToString()));
        NodeRecord node = Assert.Single(record.Nodes);
        Assert.Equal(("y", "Relu", ""), (node.Name, node.OpType, node.Domain));
    }

    [Fact]
    public void Dimensions_may_be_named_unnamed_negative_or_missing()
    {
        WireMessage Dim(Action<WireMessage> fill)
        {
            var dim = new WireMessage();
            fill(dim);
            return dim;
        }

        var shape = new WireMessage().Message(1, Dim(d => d.Text(2, "N"))).Message(1, Dim(_ => { })).Message(1, Dim(d => d.Varint(1, -1))).Message(1, Dim(d => d.Varint(1, 0)));
        WireMessage Info(string name, WireMessage tensor) => new WireMessage().Text(1, name).Message(2, new WireMessage().Message(1, tensor));
        var graph = new WireMessage().Message(11, Info("x", new WireMessage().Varint(1, 1).Message(2, shape))).Message(11, Info("y", new WireMessage().Varint(1, 1)));
        ModelRecord record = Read(new WireMessage().Message(7, graph).ToArray());
        Assert.Equal(["x: float32[N,?,?,0]", "y: float32[...]"], record.Inputs.Select(input => input.ToString()));
    }

    [Fact]
    public void Attributes_of_every_kind_are_read()
    {
        NodeRecord node = Read(new OnnxFile().Node("Any", ["x"], ["y"], ("i", -3L), ("f", 0.5f), ("s", "text"), ("is", new[] { 1L, -2L }), ("fs", new[] { 1f, 2f }),
            ("t", OnnxFile.Tensor("", ElementType.Float32, [2], MemoryMarshal.AsBytes<float>([1, 2])))).ToArray()).Nodes[0];
        Assert.Equal([AttributeKind.Int, AttributeKind.Float, AttributeKind.Text, AttributeKind.Ints, AttributeKind.Floats, AttributeKind.Tensor], node.Attributes.Select(a => a.Kind));
        Assert.Equal(-3, node.Attributes[0].Int);
        Assert.Equal(0.5f, node.Attributes[1].Float);
        Assert.Equal("text", node.Attributes[2].Text);
        Assert.Equal([1, -2], node.Attributes[3].Ints!);
        Assert.Equal([1, 2], node.Attributes[4].Floats!);
        Assert.Equal([1, 2], node.Attributes[5].Tensor!.ToArray<float>());
    }

    [Fact]
    public void Attributes_without_a_declared_kind_have_the_kind_of_their_value()
    {
        WireMessage Attribute(string name) => new WireMessage().Text(1, name);
        var node = new WireMessage().Text(4, "Any").Text(2, "y")
            .Message(5, Attribute("i").Varint(3, 0)).Message(5, Attribute("f").Fixed32(2, 0)).Message(5, Attribute("s").Text(4, ""))
            .Message(5, Attribute("is").Varint(8, 1)).Message(5, Attribute("fs").Fixed32(7, 1)).Message(5, Attribute("none"));
        ModelRecord record = Read(new WireMessage().Varint(1, 1).Message(7, new WireMessage().Message(1, node)).ToArray());
        Assert.Equal([AttributeKind.Int, AttributeKind.Float, AttributeKind.Text, AttributeKind.Ints, AttributeKind.Floats, AttributeKind.Unsupported],
            record.Nodes[0].Attributes.Select(a => a.Kind));
        Assert.Equal(1, record.OpsetOf(""));
    }

    [Fact]
    public void The_domain_ai_onnx_is_the_empty_one()
    {
        var graph = new WireMessage().Message(1, new WireMessage().Text(4, "Relu").Text(7, "ai.onnx"));
        ModelRecord record = Read(new WireMessage().Varint(1, 8).Message(7, graph)
            .Message(8, new WireMessage().Text(1, "ai.onnx").Varint(2, 12)).Message(8, new WireMessage().Text(1, "").Varint(2, 13)).ToArray());
        Assert.Equal("", record.Nodes[0].Domain);
        Assert.Equal(13, record.OpsetOf(""));
    }

    [Fact]
    public void Packed_floats_stay_in_the_file_and_others_are_decoded()
    {
        byte[] plain = MemoryMarshal.AsBytes<float>([1, 2, 3]).ToArray();
        foreach (WireMessage tensor in new[]
        {
            OnnxFile.Tensor("w", ElementType.Float32, [3], plain),
            OnnxFile.TensorHead("w", 1, 3).Bytes(4, plain),
            OnnxFile.TensorHead("w", 1, 3).Bytes(4, plain.AsSpan(0, 4)).Bytes(4, plain.AsSpan(4)),
            OnnxFile.TensorHead("w", 1, 3).Fixed32(4, 1).Fixed32(4, 2).Fixed32(4, 3),
            OnnxFile.TensorHead("w", 1, 3).Fixed32(4, 1).Bytes(4, plain.AsSpan(4)),
        })
            Assert.Equal([1, 2, 3], ReadTensor(tensor).ToArray<float>());
    }

    [Fact]
    public void Typed_elements_of_every_type_are_decoded()
    {
        WireMessage Typed(ElementType type, int field) => OnnxFile.TensorHead("w", (int)type, 2).Varint(field, 1).Varint(field, 2);

        Assert.Equal([1, 2], ReadTensor(Typed(ElementType.Int64, 7)).ToArray<long>());
        Assert.Equal([1, 2], ReadTensor(Typed(ElementType.UInt64, 11)).ToArray<ulong>());
        Assert.Equal([1, 2], ReadTensor(Typed(ElementType.UInt32, 11)).ToArray<uint>());
        Assert.Equal([1, 2], ReadTensor(Typed(ElementType.Int32, 5)).ToArray<int>());
        Assert.Equal([1, 2], ReadTensor(Typed(ElementType.Int16, 5)).ToArray<short>());
        Assert.Equal([1, 2], ReadTensor(Typed(ElementType.UInt16, 5)).ToArray<ushort>());
        Assert.Equal([1, 2], ReadTensor(Typed(ElementType.Int8, 5)).ToArray<sbyte>());
        Assert.Equal([1, 2], ReadTensor(Typed(ElementType.UInt8, 5)).ToArray<byte>());
        Assert.Equal([true, true], ReadTensor(Typed(ElementType.Bool, 5)).ToArray<bool>());
        Assert.Equal([(ushort)1, (ushort)2], ReadTensor(Typed(ElementType.Float16, 5)).ToArray<ushort>());
        Assert.Equal([1.5], ReadTensor(OnnxFile.TensorHead("w", (int)ElementType.Float64, 1).Bytes(10, BitConverter.GetBytes(1.5))).ToArray<double>());
        Assert.Equal([-1, -2], ReadTensor(OnnxFile.TensorHead("w", (int)ElementType.Int32, 2).Varint(5, -1).Varint(5, -2)).ToArray<int>());
    }

    [Fact]
    public void Truth_values_are_zero_or_one_whatever_the_file_says() =>
        Assert.Equal([0, 1, 1], ReadTensor(OnnxFile.Tensor("w", ElementType.Bool, [3], [0, 7, 1])).Data.ToArray());

    [Fact]
    public void Empty_and_scalar_tensors_are_read()
    {
        Assert.Equal(0, ReadTensor(OnnxFile.Tensor("w", ElementType.Float32, [2, 0, 3], [])).Data.Length);
        Assert.Equal([5L], ReadTensor(OnnxFile.TensorHead("w", (int)ElementType.Int64).Varint(7, 5)).ToArray<long>());
    }

    [Fact]
    public void Tensors_that_cannot_be_read_are_named_with_a_reason()
    {
        ModelRecord record = Read(new OnnxFile()
            .Initializer(OnnxFile.TensorHead("a", 16, 1).Bytes(9, [0, 0]))
            .Initializer(OnnxFile.TensorHead("b", (int)ElementType.String, 1).Text(6, "t"))
            .Initializer(OnnxFile.TensorHead("c", 99, 1))
            .Initializer(OnnxFile.TensorHead("d", 1, 1).Message(3, new WireMessage().Varint(1, 0).Varint(2, 1)))
            .ToArray());
        Assert.Empty(record.Initializers);
        Assert.Equal("initializer 'a' holds bfloat16, which is not supported", record.Unreadable["a"]);
        Assert.Contains("string", record.Unreadable["b"]);
        Assert.Contains("the unknown element type 99", record.Unreadable["c"]);
        Assert.Contains("segments", record.Unreadable["d"]);
    }

    [Fact]
    public void Origins_are_unique_even_where_names_meet()
    {
        var tensor = OnnxFile.Tensor("", ElementType.Float32, [1], new byte[4]);
        ModelRecord record = Read(new OnnxFile().Floats("y:t", [1], [0]).Node("Any", [], ["y"], ("t", tensor)).Node("Any", [], ["y"], ("t", tensor)).ToArray());
        Assert.Equal(3, record.Initializers.Values.Concat(record.Nodes.Select(node => node.Attributes[0].Tensor!)).Select(t => t.Origin).Distinct().Count());
    }

    [Fact]
    public void Real_files_are_read_whole()
    {
        foreach (string name in SharedData.Folders("models"))
        {
            using FileStream file = File.OpenRead(SharedData.Require("models", name, "model.onnx"));
            using ModelBytes bytes = ModelBytes.Map(file);
            ModelRecord record = OnnxReader.Read(bytes, ExternalData.None(), name, new ModelOptions());
            Assert.Empty(record.Unreadable);
            Assert.All(record.Initializers.Values, tensor => Assert.Equal(tensor.Bytes, tensor.Data.Length));
        }
        SharedData.Require("models");
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n", "git lfs pull")]
    [InlineData("<!DOCTYPE html><html></html>", "text")]
    [InlineData("{\"model\": 1}", "text")]
    [InlineData("PK\u0003\u0004....", "zip")]
    [InlineData("\u0008", "not an ONNX model")]
    [InlineData("\u0008\u0008", "no graph")]
    public void What_is_passed_by_mistake_is_recognised(string content, string hint)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => Read(Encoding.UTF8.GetBytes(content)));
        Assert.Contains(hint, e.Message);
        Assert.StartsWith("file", e.Location);
        Assert.Equal(ErrorCode.ModelFormat, e.Code);
    }

    [Fact]
    public void Compressed_files_are_recognised() =>
        Assert.Contains("gzip", Assert.Throws<ModelFormatException>(() => Read([0x1f, 0x8b, 8, 0])).Message);

    [Fact]
    public void A_pointer_of_git_lfs_is_recognised()
    {
        string path = SharedData.Require("models-negative", "lfs-pointer", "model.onnx");
        Assert.Contains("git lfs pull", Assert.Throws<ModelFormatException>(() => Model.Load(path)).Message);
    }
}
