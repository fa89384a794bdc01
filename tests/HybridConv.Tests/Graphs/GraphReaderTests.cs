using System.Diagnostics;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Graphs;

public sealed class GraphReaderTests
{
    private static OnnxFile File(long opset = 17, long ir = 8) =>
        new OnnxFile { Opset = opset, IrVersion = ir }.Input("x", ElementType.Float32, 2).Output("y", ElementType.Float32, 2);

    private static Model Load(OnnxFile file) => Model.Load(file.ToArray());

    private static ModelFormatException Invalid(OnnxFile file, string message)
    {
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => Load(file));
        Assert.Equal(ErrorCode.InvalidGraph, e.Code);
        Assert.Contains(message, e.Message);
        return e;
    }

    private static UnsupportedModelException Unsupported(OnnxFile file, params ReadOnlySpan<string> reasons)
    {
        UnsupportedModelException e = Assert.Throws<UnsupportedModelException>(() => Load(file));
        Assert.Equal(reasons.ToArray(), e.Nodes.Select(node => node.ToString()));
        return e;
    }

    [Fact]
    public void Nodes_in_any_order_are_put_in_an_order_that_runs()
    {
        using Model model = Load(File().Node("Relu", ["b"], ["y"]).Node("Relu", ["a"], ["b"]).Node("Relu", ["x"], ["a"]));
        Assert.Equal(["a", "b", "y"], model.Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Nodes_in_order_keep_it()
    {
        using Model model = Load(File().Node("Relu", ["x"], ["b"]).Node("Relu", ["x"], ["a"]).Node("Add", ["a", "b"], ["y"]));
        Assert.Equal(["b", "a", "y"], model.Graph.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Cycles_are_named()
    {
        Assert.Contains("'a' -> 'b' -> 'c' -> 'a'", Invalid(File().Node("Add", ["x", "c"], ["a"]).Node("Relu", ["a"], ["b"]).Node("Relu", ["b"], ["c"]).Node("Relu", ["c"], ["y"]), "cycle").Message);
        Assert.Contains("'y' -> 'y'", Invalid(File().Node("Add", ["x", "y"], ["y"]), "cycle").Message);
    }

    [Fact]
    public void Long_cycles_are_named_in_part()
    {
        OnnxFile file = File();
        for (int i = 0; i < 1000; i++)
            file.Node("Relu", [$"v{(i + 999) % 1000}"], [$"v{i}"]);
        Assert.InRange(Invalid(file.Node("Relu", ["v3"], ["y"]), "(1000 nodes in all)").Message.Length, 1, 400);
    }

    [Fact]
    public void Values_that_nothing_defines_are_named() => Invalid(File().Node("Relu", ["ghost"], ["y"]), "'ghost' is read but never defined");

    [Fact]
    public void An_output_that_nothing_defines_is_named() => Invalid(File().Node("Relu", ["x"], ["z"]), "output 'y': is never defined");

    [Fact]
    public void A_value_has_one_definition()
    {
        Invalid(File().Node("Relu", ["x"], ["y"]).Node("Relu", ["x"], ["y"]), "'y' is defined twice");
        Invalid(File().Node("Relu", ["x"], ["x"]).Node("Relu", ["x"], ["y"]), "'x' is defined twice");
        Invalid(File().Floats("w", [2], [1, 2]).Node("Relu", ["x"], ["w"]).Node("Relu", ["x"], ["y"]), "'w' is defined twice");
        Invalid(File().Node("Split", ["x"], ["y", "y"]), "'y' is defined twice");
        Invalid(File().Input("x", ElementType.Float32, 2).Node("Relu", ["x"], ["y"]), "input 'x': is defined twice");
        Invalid(File().Output("y", ElementType.Float32, 2).Node("Relu", ["x"], ["y"]), "output 'y': is listed twice");
    }

    [Fact]
    public void A_graph_has_outputs() => Invalid(new OnnxFile().Input("x", ElementType.Float32, 2).Node("Relu", ["x"], ["y"]), "no outputs");

    [Fact]
    public void Initializers_among_the_inputs_are_constants()
    {
        using Model model = Load(File(ir: 3).Input("w", ElementType.Float32, 2).Floats("w", [2], [1, 2]).Node("Add", ["x", "w"], ["y"]));
        Assert.Equal(["x"], model.Inputs.Select(input => input.Name));
        Assert.Equal(["x"], model.Graph.Inputs.Select(input => input.Name));
        Assert.Equal([1, 2], model.Graph.Nodes[0].Input(1).Constant!.ToArray<float>());
    }

    [Fact]
    public void Everything_unsupported_is_in_one_error()
    {
        byte[] file = new WireMessage().Varint(1, 8).Message(8, new WireMessage().Varint(2, 17)).Message(8, new WireMessage().Text(1, "com.acme").Varint(2, 3))
            .Message(25, new WireMessage().Text(1, "Twice").Text(10, "local"))
            .Message(7, File().Floats("ok", [1], [0]).Initializer(OnnxFile.TensorHead("half", 16, 1).Bytes(9, [0, 0])).Graph()
                .Message(1, new WireMessage().Text(1, "x").Text(2, "a").Text(3, "first").Text(4, "Magic").Text(7, "com.acme"))
                .Message(1, new WireMessage().Text(1, "a").Text(2, "b").Text(4, "NoSuchOp"))
                .Message(1, new WireMessage().Text(1, "b").Text(2, "c").Text(4, "Twice").Text(7, "local"))
                .Message(1, new WireMessage().Text(1, "c").Text(1, "half").Text(2, "d").Text(4, "Add"))
                .Message(1, new WireMessage().Text(1, "d").Text(2, "y").Text(4, "Relu").Message(5, new WireMessage().Text(1, "body").Varint(20, 5).Message(6, new WireMessage()))))
            .ToArray();
        UnsupportedModelException e = Assert.Throws<UnsupportedModelException>(() => Model.Load(file));
        Assert.Equal(
            [
                "node 'first': com.acme.Magic (opset 3): the domain 'com.acme' is not supported",
                "node 'b': NoSuchOp (opset 17): the operator is not supported",
                "node 'c': local.Twice (opset 0): functions that a model defines itself are not supported",
                "node 'd': Add (opset 17): initializer 'half' holds bfloat16, which is not supported",
                "node 'y': Relu (opset 17): the attribute 'body' holds a graph, a type or a sparse tensor, which is not supported",
            ],
            e.Nodes.Select(node => node.ToString()));
        Assert.Equal(ErrorCode.UnsupportedModel, e.Code);
    }

    [Fact]
    public void An_unreadable_initializer_matters_only_if_something_reads_it()
    {
        using Model model = Load(File().Initializer(OnnxFile.TensorHead("half", 16, 1).Bytes(9, [0, 0])).Node("Relu", ["x"], ["y"]));
        Assert.Single(model.Graph.Nodes);
    }

    [Fact]
    public void Unknown_attributes_are_named() =>
        Assert.Contains("'colour'", Assert.Throws<UnsupportedModelException>(() => Load(File().Node("Relu", ["x"], ["y"], ("colour", 3L)))).Message);

    [Fact]
    public void An_attribute_of_another_kind_is_refused() =>
        Assert.Contains("axis", Assert.Throws<ModelFormatException>(() => Load(File().Node("Concat", ["x", "x"], ["y"], ("axis", new[] { 0L })))).Message);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Models_that_import_no_operators_are_refused(long opset) => Invalid(File(opset).Node("Relu", ["x"], ["y"]), "imports no version");

    [Theory]
    [InlineData(28)]
    [InlineData(9999)]
    [InlineData(long.MaxValue)]
    public void Opsets_from_the_future_are_refused(long opset) =>
        Assert.Contains($"opset {opset}", Assert.Throws<UnsupportedModelException>(() => Load(File(opset).Node("Relu", ["x"], ["y"]))).Message);

    [Fact]
    public void Opsets_older_than_an_operator_are_refused() =>
        Unsupported(File(5).Node("HardSwish", ["x"], ["y"]), "node 'y': HardSwish (opset 5): the oldest form that is read is that of opset 14");

    [Fact]
    public void Operand_counts_are_checked()
    {
        Invalid(File().Node("Add", ["x"], ["y"]), "has 1 inputs; Add has 2");
        Invalid(File().Node("Relu", ["x", "x"], ["y"]), "has 2 inputs; Relu has 1");
        Invalid(File().Node("Add", ["x", ""], ["y"]), "input 1 of Add is absent");
        Invalid(File().Node("Sum", ["x", "", "x"], ["y"]), "input 1 of Sum is absent");
        Invalid(File().Node("Concat", ["x", ""], ["y"]), "input 1 of Concat is absent");
        Invalid(File().Node("Relu", ["x"], []).Node("Relu", ["x"], ["y"]), "has no outputs");
    }

    [Fact]
    public void Outputs_that_an_operator_does_not_give_are_dropped_unless_they_are_read()
    {
        using Model model = Load(File().Node("Relu", ["x"], ["y", "unused", ""]));
        Assert.Single(model.Graph.Nodes[0].Outputs);
        Unsupported(File().Node("Relu", ["x"], ["a", "b"]).Node("Add", ["a", "b"], ["y"]),
            "node 'a': Relu (opset 17): output 1, 'b', is used; only the first 1 of Relu are supported");
    }

    /// <summary>A Dropout whose mask were computed would not be removed, a MaxPool with indices takes a slow kernel, and a BatchNormalization with statistics is not folded.</summary>
    [Theory]
    [InlineData("Dropout", 1, 2), InlineData("MaxPool", 1, 2), InlineData("BatchNormalization", 5, 5)]
    public void Optional_outputs_that_nothing_reads_are_left_out(string op, int inputs, int outputs)
    {
        string[] operands = ["image", "p", "p", "p", "p"], results = ["z", .. Enumerable.Range(1, outputs - 1).Select(i => $"other{i}")];
        OnnxFile file = new OnnxFile { Opset = 9 }.Input("image", ElementType.Float32, 1, 1, 2, 2).Output("z", ElementType.Float32, 1, 1, op == "MaxPool" ? 1 : 2, op == "MaxPool" ? 1 : 2)
            .Floats("p", [1], [1]).Node(op, operands[..inputs], results, op == "MaxPool" ? [("kernel_shape", (long[])[2, 2])] : []);
        using Model model = Load(file);
        Assert.Equal(["z"], model.Graph.Nodes[0].Outputs.Select(output => output.Name));

        // A reader brings it back, and what stands before it.
        if (outputs == 2)
        {
            using Model both = Load(file.Node("Shape", ["other1"], ["size"]).Output("size", ElementType.Int64, 4));
            Assert.Equal(["z", "other1"], both.Graph.Nodes[0].Outputs.Select(output => output.Name));
        }
    }

    [Fact]
    public void Outputs_whose_number_says_something_stay()
    {
        using Model model = Load(new OnnxFile { Opset = 11 }.Input("x", ElementType.Float32, 2).Output("y", ElementType.Float32, 1).Node("Split", ["x"], ["y", "unused"]));
        Assert.Equal(2, model.Graph.Nodes[0].Outputs.Count);
        OnnxFile training = new OnnxFile { Opset = 6 }.Input("x", ElementType.Float32, 1, 1, 2).Output("y", ElementType.Float32, 1, 1, 2).Floats("p", [1], [1])
            .Node("BatchNormalization", ["x", "p", "p", "p", "p"], ["y", "a", "b", "c", "d"]);
        Assert.Contains("training is not supported", Assert.Throws<UnsupportedModelException>(() => Load(training)).Message);
    }

    [Fact]
    public void Inputs_of_types_that_are_never_computed_with_are_refused()
    {
        Assert.Contains("string", Assert.Throws<UnsupportedModelException>(() => Load(new OnnxFile().Input("x", ElementType.String, 1))).Message);
        var sequence = new WireMessage().Text(1, "s").Message(2, new WireMessage().Message(4, new WireMessage()));
        byte[] file = new WireMessage().Varint(1, 8).Message(7, new WireMessage().Message(11, sequence)).ToArray();
        Assert.Contains("input 's' is a sequence", Assert.Throws<UnsupportedModelException>(() => Model.Load(file)).Message);
        byte[] untyped = new WireMessage().Varint(1, 8).Message(7, new WireMessage().Message(11, new WireMessage().Text(1, "s"))).ToArray();
        Assert.Contains("declares no type", Assert.Throws<ModelFormatException>(() => Model.Load(untyped)).Message);
    }

    [Fact]
    public void A_chain_of_a_million_nodes_is_read()
    {
        const int Count = 1_000_000;
        var nodes = new NodeRecord[Count];
        for (int i = 0; i < Count; i++)
            nodes[Count - 1 - i] = new NodeRecord($"v{i + 1}", "Relu", "", [$"v{i}"], [$"v{i + 1}"], []);
        var record = new ModelRecord
        {
            Opsets = [new OpsetImport("", 17)],
            Inputs = [new TensorInfo("v0", ElementType.Float32, [2])],
            Outputs = [new TensorInfo($"v{Count}", ElementType.Float32, [2])],
            Nodes = nodes,
            Initializers = [],
        };
        using var file = new MemoryStream();
        HybridConv.Onnx.OnnxWriter.Write(record, file);
        var clock = Stopwatch.StartNew();
        using Model model = Model.Load(file.GetBuffer().AsMemory(0, (int)file.Length));
        Assert.Equal(Count, model.Graph.Nodes.Count);
        Assert.Equal("v1", model.Graph.Nodes[0].Name);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 60);
        Assert.Throws<ResourceLimitException>(() => Model.Load(file.GetBuffer().AsMemory(0, (int)file.Length), new ModelOptions { MaxNodes = Count - 1 }));
    }
}
