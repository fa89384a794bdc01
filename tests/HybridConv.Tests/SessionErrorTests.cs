using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests;

/// <summary>What callers do wrong: each ends in a typed error with a sentence that says what was found and what was wanted.</summary>
public class SessionErrorTests
{
    private static readonly Dictionary<string, long[]> Any = new() { ["image"] = [1, 2, 4, 4] };

    private static Model Network()
    {
        var net = new ModelBuilder();
        net.Input("image", Dimension.Open("N"), 2, 4, 4).Pointwise(3).Output("features");
        return net.Build();
    }

    private static void Says(Exception error, params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
            Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu2"), InlineData(""), InlineData("openclx"), InlineData("CPU")]
    public void A_target_that_does_not_exist(string target)
    {
        using Model model = Network();
        var error = Assert.Throws<DeviceException>(() => model.Compile(new() { Target = target }));
        Assert.Equal(ErrorCode.NoSuchTarget, error.Code);
        Says(error, $"'{target}'", "cpu:reference");
    }

    [Fact]
    public void An_OpenCL_device_that_does_not_exist()
    {
        using Model model = Network();
        var error = Assert.Throws<DeviceException>(() => model.Compile(new() { Target = "opencl:no such name" }));
        Assert.Equal(ErrorCode.NoSuchTarget, error.Code);
        Says(error, "There is no OpenCL device");
    }

    [Theory]
    [InlineData(-1), InlineData(1_000_000)]
    public void An_impossible_number_of_threads(int threads)
    {
        using Model model = Network();
        Assert.Contains($"{threads}", Assert.ThrowsAny<Exception>(() => model.Compile(new() { Threads = threads })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_dimension()
    {
        using Model model = Network();
        using Session session = model.Compile();
        var error = Assert.Throws<ShapeException>(() => session.CreateRun());
        Assert.Equal(ErrorCode.OpenDimension, error.Code);
        Says(error, "'image'", "N,2,4,4", "Dimensions");
        using Session closed = model.Compile(new() { Dimensions = new Dictionary<string, long> { ["N"] = 3 } });
        using Run run = closed.CreateRun();
        Assert.Equal(3 * 2 * 4 * 4, run.Input<float>(0).Length);
    }

    [Theory]
    [InlineData(new long[] { 1, 2, 4 })]
    [InlineData(new long[] { 1, 2, 4, 4, 1 })]
    [InlineData(new long[] { 1, 3, 4, 4 })]
    [InlineData(new long[] { -1, 2, 4, 4 })]
    [InlineData(new long[] { long.MaxValue, 2, 4, 4 })]
    [InlineData(new long[] { })]
    public void A_wrong_rank_or_shape(long[] shape)
    {
        using Model model = Network();
        using Session session = model.Compile();
        HybridConvException error = Assert.ThrowsAny<HybridConvException>(() => session.CreateRun(new Dictionary<string, long[]> { ["image"] = shape }));
        Assert.True(error is ShapeException or ResourceLimitException, error.ToString());
    }

    [Fact]
    public void A_wrong_shape_is_named_with_the_one_that_was_wanted()
    {
        using Model model = Network();
        using Session session = model.Compile();
        Says(Assert.Throws<ShapeException>(() => session.CreateRun(new Dictionary<string, long[]> { ["image"] = [1, 3, 4, 4] })), "'image'", "[N,2,4,4]", "[1,3,4,4]");
    }

    [Fact]
    public void A_wrong_name()
    {
        using Model model = Network();
        using Session session = model.Compile();
        Says(Assert.Throws<OperandException>(() => session.CreateRun(new Dictionary<string, long[]> { ["Image"] = [1, 2, 4, 4] })), "'Image'", "image");
        using Run run = session.CreateRun(Any);
        run.Execute();
        Says(Assert.Throws<OperandException>(() => run.Input<float>("picture").Length), "'picture'", "image");
        Says(Assert.Throws<OperandException>(() => run.Output<float>("logits").Length), "'logits'", "features");
        Assert.Throws<OperandException>(() => run.Input<float>(1).Length);
        Assert.Throws<OperandException>(() => run.Input<float>(-1).Length);
        Assert.Throws<OperandException>(() => run.Output<float>(1).Length);
    }

    [Fact]
    public void A_wrong_element_type()
    {
        using Model model = Network();
        using Session session = model.Compile();
        using Run run = session.CreateRun(Any);
        run.Execute();
        Says(Assert.Throws<OperandException>(() => run.Input<double>(0).Length), "'image'", "float32", "Double");
        Says(Assert.Throws<OperandException>(() => run.Output<int>(0).Length), "'features'", "float32", "Int32");
    }

    [Fact]
    public void An_output_before_anything_ran()
    {
        using Model model = Network();
        using Session session = model.Compile();
        using Run run = session.CreateRun(Any);
        Assert.Throws<InvalidOperationException>(() => run.Output<float>(0).Length);
    }

    [Fact]
    public void Closed_sessions_and_runs()
    {
        using Model model = Network();
        Session session = model.Compile();
        Run run = session.CreateRun(Any), other = session.CreateRun(Any);
        run.Dispose();
        run.Dispose();
        Assert.Throws<ObjectDisposedException>(() => run.Execute());
        Assert.Throws<ObjectDisposedException>(() => run.Input<float>(0).Length);
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => other.Execute());
        Assert.Throws<ObjectDisposedException>(() => session.CreateRun(Any));
        other.Dispose();
    }

    [Fact]
    public void The_short_form_wants_one_input_and_one_output_of_the_right_size()
    {
        using Model model = Network();
        using Session session = model.Compile(new() { Dimensions = new Dictionary<string, long> { ["N"] = 1 } });
        Says(Assert.Throws<ShapeException>(() => session.Run(new float[5])), "'image'", "32", "5");

        var net = new ModelBuilder();
        net.Input("a", 1).Add(net.Input("b", 1)).Output("c");
        using Model two = net.Build();
        using Session pair = two.Compile();
        Says(Assert.Throws<OperandException>(() => pair.Run([1])), "2");
    }

    [Fact]
    public void Shapes_that_depend_on_an_input_are_planned_for_its_data()
    {
        using Model model = Model.Load(new OnnxFile().Input("x", ElementType.Float32, 6).Input("shape", ElementType.Int64, 2).Output("y", ElementType.Float32).Node("Reshape", ["x", "shape"], ["y"]).ToArray());
        using Session session = model.Compile();
        using Run run = session.CreateRun();
        foreach (long[] shape in new long[][] { [2, 3], [3, 2], [-1, 6], [2, 3] })
        {
            shape.CopyTo(run.Input<long>("shape"));
            run.Execute();
            Assert.Equal(shape[0] < 0 ? [1, 6] : shape, run.OutputShape(0).ToArray());
        }
        new long[] { 4, 4 }.CopyTo(run.Input<long>("shape"));
        Assert.Throws<ShapeException>(() => run.Execute());
    }
}
