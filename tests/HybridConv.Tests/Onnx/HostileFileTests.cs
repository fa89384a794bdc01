using System.Text;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Onnx;

/// <summary>Bytes that no exporter writes: each ends in a typed error or is read as what it says.</summary>
public sealed class HostileFileTests
{
    private const string Good = "read", Bad = "refused";

    private static readonly OnnxFile Small = new OnnxFile()
        .Input("x", ElementType.Float32, 2).Output("y", ElementType.Float32, 2).Floats("w", [2], [1, 2])
        .Node("Add", ["x", "w"], ["a"]).Node("Concat", ["a"], ["y"], ("axis", 0L));

    private static WireMessage Model() => new WireMessage().Raw(Small.ToArray());

    private static WireMessage Initializer(WireMessage tensor) => Model().Message(7, new WireMessage().Message(5, tensor));

    private static byte[] Nested(int depth, Func<WireMessage, WireMessage> wrap)
    {
        var message = new WireMessage();
        for (int i = 0; i < depth; i++)
            message = wrap(message);
        return message.ToArray();
    }

    private static WireMessage Groups(int depth)
    {
        WireMessage model = Model();
        for (int i = 0; i < depth; i++)
            model.Tag(100, 3);
        for (int i = 0; i < depth; i++)
            model.Tag(100, 4);
        return model;
    }

    private static readonly Dictionary<string, (string Outcome, Func<WireMessage> Bytes)> Vectors = new()
    {
        ["the model itself"] = (Good, Model),
        ["a number without end"] = (Bad, () => Model().Raw([0x88])),
        ["a number cut off in its value"] = (Bad, () => Model().Raw([0x08, 0x80])),
        ["a number of eleven bytes"] = (Bad, () => Model().Raw([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01])),
        ["a number of ten bytes"] = (Good, () => Model().Varint(5, -1)),
        ["a tag of ten bytes"] = (Bad, () => Model().Raw([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])),
        ["a length over what is left"] = (Bad, () => Model().Tag(7, 2).Raw([5, 1, 2])),
        ["a negative length"] = (Bad, () => Model().Tag(7, 2).Raw([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])),
        ["a length over 2 GiB"] = (Bad, () => Model().Tag(7, 2).Raw([0xFF, 0xFF, 0xFF, 0xFF, 0x0F])),
        ["a length over 2 GiB in a skipped field"] = (Bad, () => Model().Tag(900, 2).Raw([0xFF, 0xFF, 0xFF, 0xFF, 0x0F])),
        ["an inner length over the outer one"] = (Bad, () => Model().Bytes(7, [0x0A, 0x7F, 0])),
        ["the graph as a number"] = (Good, () => Model().Varint(7, 3)),
        ["only a graph that is a number"] = (Bad, () => new WireMessage().Varint(1, 8).Varint(7, 3)),
        ["the version as bytes"] = (Good, () => Model().Text(1, "8")),
        ["an initializer as a number"] = (Good, () => Model().Message(7, new WireMessage().Varint(5, 1))),
        ["a node as a number"] = (Good, () => Model().Message(7, new WireMessage().Varint(1, 1))),
        ["unknown fields of every form"] = (Good, () => Model().Varint(999, 1).Fixed32(998, 1).Tag(997, 1).Raw(new byte[8]).Text(996, "text")),
        ["the largest field number"] = (Good, () => Model().Varint((1 << 29) - 1, 1)),
        ["field number zero"] = (Bad, () => Model().Raw([0x00, 0x01])),
        ["zeros at the end"] = (Bad, () => Model().Raw(new byte[16])),
        ["wire type six"] = (Bad, () => Model().Tag(50, 6)),
        ["wire type seven"] = (Bad, () => Model().Tag(50, 7)),
        ["an unknown group"] = (Good, () => Groups(1)),
        ["groups in groups"] = (Good, () => Groups(30)),
        ["groups without end in groups"] = (Bad, () => Groups(100_000)),
        ["a group without end"] = (Bad, () => Model().Tag(100, 3)),
        ["an end without a group"] = (Bad, () => Model().Tag(100, 4)),
        ["a group that ends as another"] = (Bad, () => Model().Tag(100, 3).Tag(101, 4)),
        ["a cut fixed64"] = (Bad, () => Model().Tag(50, 1).Raw([1, 2, 3])),
        ["a cut fixed32"] = (Bad, () => Model().Tag(50, 5).Raw([1, 2, 3])),
        ["packed sizes"] = (Good, () => Initializer(new WireMessage().Bytes(1, [2, 1]).Varint(2, 1).Text(8, "v").Bytes(9, new byte[8]))),
        ["packed and unpacked sizes"] = (Good, () => Initializer(new WireMessage().Bytes(1, [2]).Varint(1, 1).Varint(2, 1).Text(8, "v").Bytes(9, new byte[8]))),
        ["packed floats of seven bytes"] = (Bad, () => Initializer(OnnxFile.TensorHead("v", 1, 1).Bytes(4, new byte[7]))),
        ["packed numbers that are cut off"] = (Bad, () => Initializer(OnnxFile.TensorHead("v", 7, 2).Bytes(7, [1, 0x80]))),
        ["the name twice"] = (Good, () => Model().Message(7, new WireMessage().Text(2, "first").Text(2, "second"))),
        ["the graph in two pieces"] = (Good, () => Model().Message(7, new WireMessage().Message(1, new WireMessage().Text(1, "a").Text(2, "b").Text(4, "Relu")))),
        ["the raw data twice"] = (Good, () => Initializer(OnnxFile.Tensor("v", ElementType.Float32, [1], new byte[3]).Bytes(9, new byte[4]))),
        ["a tensor attribute with two values"] = (Bad, () => Model().Message(7, new WireMessage().Message(1, new WireMessage().Text(1, "a").Text(2, "b").Text(4, "Relu")
            .Message(5, new WireMessage().Text(1, "t").Message(5, OnnxFile.TensorHead("", 1, 0)).Message(5, OnnxFile.TensorHead("", 1, 0)))))),
        ["a name that is not UTF-8"] = (Bad, () => Model().Message(7, new WireMessage().Bytes(2, [0xC3, 0x28]))),
        ["a name in overlong UTF-8"] = (Bad, () => Model().Message(7, new WireMessage().Bytes(2, [0xC0, 0x80]))),
        ["a name with NUL and line ends"] = (Good, () => Model().Message(7, new WireMessage().Text(2, "a\0b\r\nc"))),
        ["a name of a million letters"] = (Good, () => Model().Message(7, new WireMessage().Text(2, new string('n', 1_000_000)))),
        ["an attribute of unknown kind"] = (Bad, () => Model().Message(7, new WireMessage().Message(1, new WireMessage().Text(1, "a").Text(2, "b").Text(4, "Relu")
            .Message(5, new WireMessage().Text(1, "t").Varint(20, 99))))),
        ["sequences of sequences"] = (Bad, () => Model().Message(7, new WireMessage().Message(11, new WireMessage().Text(1, "s")
            .Bytes(2, Nested(300, inner => new WireMessage().Message(4, new WireMessage().Message(1, inner))))))),
        ["graphs in graphs"] = (Bad, () => Model().Message(7, new WireMessage().Bytes(1,
            Nested(300, inner => new WireMessage().Text(2, "b").Text(4, "If").Message(5, new WireMessage().Text(1, "g").Varint(20, 5).Message(6, new WireMessage().Message(1, inner))))))),
    };

    public static TheoryData<string> VectorNames => [.. Vectors.Keys];

    [Theory]
    [MemberData(nameof(VectorNames))]
    public void Bytes_are_read_as_what_they_say_or_refused(string name)
    {
        (string outcome, Func<WireMessage> bytes) = Vectors[name];
        string seen = Good;
        try
        {
            using Model model = HybridConv.Model.Load(bytes().ToArray());
            Assert.Equal(["x"], model.Inputs.Select(input => input.Name));
            Assert.Equal(["y"], model.Outputs.Select(output => output.Name));
            Assert.Equal("w", model.Record.Initializers.GetAt(0).Key);
        }
        catch (HybridConvException)
        {
            seen = Bad;
        }
        Assert.Equal(outcome, seen);
    }

    private static byte[] ThreeKilobytes()
    {
        var file = new OnnxFile().Input("x", ElementType.Float32, 1, 16).Output("y", ElementType.Float32, 1, 16);
        string last = "x";
        for (int i = 0; i < 32; i++)
        {
            file.Floats($"w{i}", [16], RandomData.Floats(i, 16)).Node(i % 2 == 0 ? "Add" : "Mul", [last, $"w{i}"], [$"v{i}"]);
            last = $"v{i}";
        }
        return file.Node("Concat", [last], ["y"], ("axis", 1L)).ToArray();
    }

    private static void RequireTyped(byte[] file, Func<string> describe)
    {
        try
        {
            using Model model = HybridConv.Model.Load(file);
        }
        catch (HybridConvException)
        {
            return;
        }
        catch (Exception e)
        {
            Assert.Fail($"{describe()}: {e}");
        }
    }

    [Fact]
    public void A_model_cut_off_at_any_byte_is_refused_or_a_shorter_model()
    {
        byte[] file = ThreeKilobytes();
        Assert.InRange(file.Length, 3000, 6000);
        for (int length = 0; length < file.Length; length++)
            RequireTyped(file[..length], () => $"cut off after {length} bytes");
    }

    [Fact]
    public void Mutants_of_a_model_are_refused_or_read()
    {
        byte[] file = ThreeKilobytes();
        var random = new Random(1);
        for (int mutant = 0; mutant < 20_000; mutant++)
        {
            byte[] copy = [.. file];
            for (int changes = random.Next(1, 6); changes > 0; changes--)
                copy[random.Next(copy.Length)] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => 0xFF, _ => (byte)random.Next(32) };
            RequireTyped(copy, () => $"mutant {mutant}");
        }
    }

    [Fact]
    public void Text_and_noise_are_refused()
    {
        var random = new Random(2);
        for (int i = 0; i < 2_000; i++)
        {
            var noise = new byte[random.Next(200)];
            random.NextBytes(noise);
            Assert.ThrowsAny<HybridConvException>(() => HybridConv.Model.Load(noise));
        }
        Assert.ThrowsAny<HybridConvException>(() => HybridConv.Model.Load(Encoding.UTF8.GetBytes("ONNX\n")));
    }
}
