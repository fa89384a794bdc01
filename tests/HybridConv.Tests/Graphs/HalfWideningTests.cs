using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Graphs;

public sealed class HalfWideningTests
{
    private static WireMessage Halves(string name, params ReadOnlySpan<Half> values) => OnnxFile.Tensor(name, ElementType.Float16, [values.Length], MemoryMarshal.AsBytes(values));

    private static Model Load(OnnxFile file) => Model.Load(file.ToArray());

    [Fact]
    public void Constants_are_widened()
    {
        using Model model = Load(new OnnxFile().Input("x", ElementType.Float32, 2).Output("y", ElementType.Float32, 2)
            .Initializer(Halves("w", (Half)0.1f, Half.NaN)).Node("Add", ["x", "w"], ["y"]));
        Tensor wide = model.Graph.Nodes[0].Input(1).Constant!;
        Assert.Equal((ElementType.Float32, "w"), (wide.Type, wide.Origin));
        Assert.Equal([(float)(Half)0.1f, float.NaN], wide.ToArray<float>());
    }

    [Fact]
    public void Constants_in_attributes_are_widened()
    {
        using Model model = Load(new OnnxFile().Output("y", ElementType.Float32, 1).Node("Constant", [], ["y"], ("value", Halves("", (Half)2))));
        Node node = Assert.Single(model.Graph.Nodes);
        node.Op.Infer(new HybridConv.Ops.Inference(node));
        Assert.Equal(ElementType.Float32, node.Output.Type);
    }

    [Fact]
    public void Inputs_and_outputs_stay_half_with_a_cast_beside_them()
    {
        using Model model = Load(new OnnxFile().Input("x", ElementType.Float16, 2).Output("y", ElementType.Float16, 2).Output("x", ElementType.Float16, 2).Node("Relu", ["x"], ["y"]));
        Assert.Equal(["x: float16[2]"], model.Inputs.Select(input => input.ToString()));
        Assert.Equal(["y: float16[2]", "x: float16[2]"], model.Outputs.Select(output => output.ToString()));
        Assert.Equal(["Cast", "Relu", "Cast"], model.Graph.Nodes.Select(node => node.Op.Name));
        Assert.Equal(["x"], model.Graph.Inputs.Select(input => input.Name));
        Assert.Equal(["y", "x"], model.Graph.Outputs.Select(output => output.Name));

        foreach (Value input in model.Graph.Inputs)
            input.Shape = new Shape(2);
        foreach (Node node in model.Graph.Nodes)
            node.Op.Infer(new HybridConv.Ops.Inference(node));
        Assert.Equal([ElementType.Float32, ElementType.Float32, ElementType.Float16], model.Graph.Nodes.Select(node => node.Output.Type));
    }

    [Fact]
    public void Casts_to_half_become_casts_to_float()
    {
        using Model model = Load(new OnnxFile().Input("x", ElementType.Float32, 2).Output("y", ElementType.Float32, 2)
            .Node("Cast", ["x"], ["a"], ("to", 10L)).Node("Cast", ["a"], ["y"], ("to", 1L)));
        foreach (Value input in model.Graph.Inputs)
            input.Shape = new Shape(2);
        foreach (Node node in model.Graph.Nodes)
        {
            node.Op.Infer(new HybridConv.Ops.Inference(node));
            Assert.Equal(ElementType.Float32, node.Output.Type);
        }
    }

    [Fact]
    public void A_constant_may_be_a_half_output()
    {
        using Model model = Load(new OnnxFile().Output("w", ElementType.Float16, 1).Initializer(Halves("w", (Half)3)));
        Assert.Equal("w", Assert.Single(model.Graph.Outputs).Name);
        Assert.Equal(ElementType.Float32, Assert.Single(model.Graph.Nodes).Input(0).Type);
    }
}
