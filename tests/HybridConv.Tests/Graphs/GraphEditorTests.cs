using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Identity;
using Xunit;

namespace HybridConv.Tests.Graphs;

public class GraphEditorTests
{
    private readonly Graph graph = new("test");
    private readonly Value x = Of("x"), a = Of("a"), b = Of("b"), c = Of("c");
    private readonly Node first, second, third;

    /// <summary>a = x, b = a + a, c = a + b.</summary>
    public GraphEditorTests()
    {
        graph.Inputs.Add(x);
        first = Identity("first", x, a);
        second = Sum("second", [a, a], b);
        third = Sum("third", [a, b], c);
        graph.Nodes.AddRange([first, second, third]);
        graph.Outputs.Add(c);
    }

    [Fact]
    public void Every_operand_is_a_use()
    {
        var editor = new GraphEditor(graph);
        Assert.Equal(3, editor.UseCount(a));
        Assert.Equal([(second, 0), (second, 1), (third, 0)], editor.Uses(a));
        Assert.Null(editor.SoleReader(a));
        Assert.Same(third, editor.SoleReader(b));
        Assert.Null(editor.SoleReader(c));
        Assert.True(editor.IsUsed(c));
    }

    [Fact]
    public void An_operand_that_changes_changes_both_values_uses()
    {
        var editor = new GraphEditor(graph);
        editor.SetInput(second, 1, x);
        Assert.Equal([(second, 0), (third, 0)], editor.Uses(a));
        Assert.Equal([(first, 0), (second, 1)], editor.Uses(x));
        editor.SetInput(third, 3, x);
        Assert.Equal([a, b, null, x], third.Inputs);
    }

    [Fact]
    public void A_removed_node_reads_nothing_and_is_skipped()
    {
        var editor = new GraphEditor(graph);
        List<Node> seen = [];
        foreach (Node node in editor.Nodes)
        {
            seen.Add(node);
            if (node == first)
            {
                editor.Redirect(b, a);
                editor.Remove(second);
            }
        }
        Assert.Equal([first, third], seen);
        editor.Commit();
        Assert.Equal([first, third], graph.Nodes);
        Assert.Equal([a, a], third.Inputs);
    }

    [Fact]
    public void New_nodes_stand_before_their_first_reader()
    {
        var editor = new GraphEditor(graph);
        Value copy = editor.NewValue("copy", a.Type, a.KnownShape);
        editor.SetInput(third, 0, copy);
        Node added = editor.Add(Identity("added", a, copy));
        editor.Commit();
        Assert.Equal([first, second, added, third], graph.Nodes);
    }

    [Fact]
    public void Of_two_equal_values_the_graphs_output_remains()
    {
        var editor = new GraphEditor(graph);
        editor.Remove(third);
        editor.Unify(c, b);
        editor.Commit();
        Assert.Equal([first, second], graph.Nodes);
        Assert.Same(c, second.Output);
        Assert.Same(second, c.Producer);
    }

    [Fact]
    public void Two_outputs_of_the_graph_and_an_output_that_is_an_input_cannot_be_one()
    {
        graph.Outputs.Add(b);
        var editor = new GraphEditor(graph);
        Assert.False(editor.CanUnify(c, b));
        Assert.False(editor.CanUnify(c, x));
        Assert.True(editor.CanUnify(a, x));
        Assert.Throws<InvalidOperationException>(() => editor.Unify(c, b));
    }

    [Fact]
    public void A_producer_takes_over_its_only_reader()
    {
        var editor = new GraphEditor(graph);
        editor.SetInput(third, 0, x);
        editor.FoldIntoProducer(third, b);
        editor.Commit();
        Assert.Same(c, second.Output);
        Assert.Equal([first, second], graph.Nodes);
    }

    [Fact]
    public void A_producer_with_other_readers_takes_over_none()
    {
        var editor = new GraphEditor(graph);
        Assert.Throws<InvalidOperationException>(() => editor.FoldIntoProducer(second, a));
    }

    [Fact]
    public void Names_are_unique()
    {
        var editor = new GraphEditor(graph);
        Assert.Equal("a2", editor.NewValue("a", a.Type, a.KnownShape).Name);
        Assert.Equal("a3", editor.NewConstant("a", Tensor.From([1f], new Shape(1), "one")).Name);
        Assert.Equal("d", editor.NewValue("d", a.Type, a.KnownShape).Name);
    }

    [Fact]
    public void A_cycle_is_refused()
    {
        var editor = new GraphEditor(graph);
        editor.SetInput(first, 0, c);
        Assert.Throws<InvalidOperationException>(editor.Commit);
    }

    private static Value Of(string name) => new(name) { Type = ElementType.Float32, Shape = new Shape(2) };

    private static Node Identity(string name, Value input, Value output) => new(name, OpTable.Get<IdentityOp>(), new IdentityAttributes(), [input], [output]);

    private static Node Sum(string name, Value[] inputs, Value output) => new(name, OpTable.Find("Sum")!, new VariadicAttributes(), inputs, [output]);
}
