using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Onnx;

/// <summary>Tensors whose description and data do not belong together.</summary>
public sealed class HostileTensorTests
{
    private const int Float = (int)ElementType.Float32, UInt8 = (int)ElementType.UInt8, Int64 = (int)ElementType.Int64;

    private static readonly Dictionary<string, (string Message, WireMessage Tensor)> Broken = new()
    {
        ["too little raw data"] = ("takes 8 bytes, and 7 are given", OnnxFile.TensorHead("w", Float, 2).Bytes(9, new byte[7])),
        ["too much raw data"] = ("takes 8 bytes, and 9 are given", OnnxFile.TensorHead("w", Float, 2).Bytes(9, new byte[9])),
        ["no data"] = ("takes 8 bytes, and 0 are given", OnnxFile.TensorHead("w", Float, 2)),
        ["both raw and typed data"] = ("both", OnnxFile.TensorHead("w", Float, 1).Bytes(9, new byte[4]).Bytes(4, new byte[4])),
        ["elements of another type"] = ("int64_data", OnnxFile.TensorHead("w", Float, 1).Varint(7, 1)),
        ["floats that are called integers"] = ("float_data", OnnxFile.TensorHead("w", Int64, 1).Fixed32(4, 1)),
        ["too few typed elements"] = ("has 3 elements, and 2 are given", OnnxFile.TensorHead("w", Int64, 3).Varint(7, 1).Varint(7, 2)),
        ["far too few typed elements"] = ("cannot hold them", OnnxFile.TensorHead("w", Int64, 1_000_000).Varint(7, 1)),
        ["a negative size"] = ("axis of -2", OnnxFile.TensorHead("w", Float, -2).Bytes(9, new byte[4])),
        ["a size over 2^31"] = ("axis of 4294967297", OnnxFile.TensorHead("w", Float, (1L << 32) + 1).Bytes(9, new byte[4])),
        ["sizes whose product overflows"] = ("more elements than can be counted", OnnxFile.TensorHead("w", Float, 1 << 30, 1 << 30, 1 << 30).Bytes(9, new byte[4])),
        ["sizes whose product wraps to zero"] = ("more elements than can be counted", OnnxFile.TensorHead("w", Float, 1 << 16, 1 << 16, 1 << 16, 1 << 16).Bytes(9, [])),
        ["a rank of twenty"] = ("rank 20", OnnxFile.TensorHead("w", Float, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1).Bytes(9, new byte[4])),
        ["an element out of range"] = ("outside the range of uint8", OnnxFile.TensorHead("w", UInt8, 1).Varint(5, 256)),
        ["a negative byte"] = ("outside the range of uint8", OnnxFile.TensorHead("w", UInt8, 1).Varint(5, -1)),
        ["an unknown place of the data"] = ("location 7", OnnxFile.TensorHead("w", Float, 1).Varint(14, 7).Bytes(9, new byte[4])),
        ["data here and elsewhere"] = ("in the model too", OnnxFile.ExternalTensor("w", [1], ("location", "w.bin")).Bytes(9, new byte[4])),
        ["data elsewhere, without a folder"] = ("load it by its path", OnnxFile.ExternalTensor("w", [1], ("location", "w.bin"))),
    };

    public static TheoryData<string> Names => [.. Broken.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Broken_initializers_are_refused(string name)
    {
        (string message, WireMessage tensor) = Broken[name];
        byte[] file = new OnnxFile().Initializer(tensor).ToArray();
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => Model.Load(file));
        Assert.Contains(message, e.Message);
        Assert.Equal("initializer 'w'", e.Location);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Broken_tensor_attributes_are_refused(string name)
    {
        (string message, WireMessage tensor) = Broken[name];
        byte[] file = new OnnxFile().Output("y", ElementType.Float32).Node("Constant", [], ["y"], ("value", tensor)).ToArray();
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => Model.Load(file));
        Assert.Contains(message, e.Message);
        Assert.Equal("attribute 'value' of the node of 'y'", e.Location);
    }

    [Fact]
    public void Tensors_over_the_limit_are_refused_before_anything_is_read()
    {
        byte[] file = new OnnxFile().Floats("w", [300], new float[300]).ToArray();
        ResourceLimitException e = Assert.Throws<ResourceLimitException>(() => Model.Load(file, new ModelOptions { MaxTensorBytes = 1000 }));
        Assert.Contains("initializer 'w'", e.Message);
        byte[] huge = new OnnxFile().Initializer(OnnxFile.TensorHead("w", Float, 1 << 20, 1 << 20)).ToArray();
        Assert.Throws<ResourceLimitException>(() => Model.Load(huge));
    }

    [Fact]
    public void An_initializer_defined_twice_is_refused()
    {
        byte[] file = new OnnxFile().Floats("w", [1], [0]).Floats("w", [1], [0]).ToArray();
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => Model.Load(file));
        Assert.Equal((ErrorCode.InvalidGraph, "initializer 'w'"), (e.Code, e.Location));
    }
}
