using System.Diagnostics;
using System.Runtime;
using HybridConv.Planning;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests;

public class SessionTests
{
    private const long Elements = 3 * 20 * 20;

    /// <summary>A network with every way in which steps share memory: residual, concatenation in place, split, in-place activation, dense layers.</summary>
    private static Model Network(Dimension batch, int width = 16)
    {
        var net = new ModelBuilder(seed: 5);
        NetValue x = net.Input("image", batch, 3, 20, 20).Conv(width, 3, stride: 2).Relu();
        NetValue y = x.Pointwise(2 * width).Relu6().Depthwise(3).Relu6().Pointwise(width).Add(x);
        y = net.Concat([y.Pointwise(width).HardSwish(), y.Conv(width, 3).Silu()]).MaxPool(2);
        y.GlobalAveragePool().Flatten().Dense(10).Softmax().Output("scores");
        return net.Build();
    }

    private static float[] Evaluate(Run run, float[] input)
    {
        input.CopyTo(run.Input<float>(0));
        run.Execute();
        return run.Output<float>(0).ToArray();
    }

    [Fact]
    public async Task Sixteen_threads_on_one_session_get_the_bits_of_one_thread()
    {
        const int Threads = 16, Repeats = 20;
        using Model model = Network(1);
        float[][] inputs = [.. Enumerable.Range(0, Threads).Select(i => RandomData.Floats(i, Elements))];
        float[][] expected;
        using (Session alone = model.Compile(new() { Threads = 1 }))
        using (Run run = alone.CreateRun())
            expected = [.. inputs.Select(input => Evaluate(run, input))];
        Assert.Equal(Threads, expected.Select(e => e[0]).Distinct().Count());

        using Session shared = model.Compile(new() { Threads = 4 });
        using var start = new Barrier(Threads);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(i => Task.Factory.StartNew(() =>
        {
            using Run run = shared.CreateRun();
            start.SignalAndWait();
            for (int repeat = 0; repeat < Repeats; repeat++)
                Assert.Equal(expected[i], Evaluate(run, inputs[i]));
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(8)]
    public void The_number_of_threads_changes_no_bit(int threads)
    {
        using Model model = Network(2);
        float[] input = RandomData.Floats(1, 2 * Elements);
        using Session one = model.Compile(new() { Threads = 1, Precision = Precision.Reproducible });
        using Session many = model.Compile(new() { Threads = threads, Precision = Precision.Reproducible });
        Assert.Equal(threads, many.Threads);
        Assert.Equal(one.Run(input), many.Run(input));
    }

    [Fact]
    public void A_picture_has_the_same_bits_alone_and_anywhere_in_a_batch()
    {
        using Model model = Network(Dimension.Open("N"));
        using Session session = model.Compile(new() { Precision = Precision.Reproducible });
        float[] picture = RandomData.Floats(3, Elements);
        using Run alone = session.CreateRun(new Dictionary<string, long[]> { ["image"] = [1, 3, 20, 20] });
        float[] expected = Evaluate(alone, picture);
        using Run batch = session.CreateRun(new Dictionary<string, long[]> { ["image"] = [5, 3, 20, 20] });
        for (int position = 0; position < 5; position++)
        {
            float[] input = RandomData.Floats(100 + position, 5 * Elements);
            picture.CopyTo(input, position * Elements);
            Assert.Equal(expected, Evaluate(batch, input).AsSpan(position * 10, 10).ToArray());
        }
    }

    [Fact]
    public void Executing_again_without_refilling_gives_the_same()
    {
        using Model model = Network(1);
        using Session session = model.Compile();
        using Run run = session.CreateRun();
        float[] first = Evaluate(run, RandomData.Floats(1, Elements));
        for (int i = 0; i < 5; i++)
        {
            run.Execute();
            Assert.Equal(first, run.Output<float>(0).ToArray());
        }
    }

    [Fact]
    public void A_shape_is_planned_once_and_old_plans_are_dropped()
    {
        using Model model = Network(Dimension.Open("N"));
        using Session session = model.Compile(new() { Threads = 1, MaxPlans = 2 });
        Plan PlanFor(long batch)
        {
            using Run run = session.CreateRun(new Dictionary<string, long[]> { ["image"] = [batch, 3, 20, 20] });
            return run.Plan;
        }
        Plan one = PlanFor(1), two = PlanFor(2);
        Assert.NotSame(one, two);
        Assert.Same(one, PlanFor(1));
        PlanFor(3);
        Assert.Same(one, PlanFor(1));
        Assert.NotSame(two, PlanFor(2));
    }

    [Fact]
    public void Packed_weights_are_shared_by_sessions_and_shapes()
    {
        using Model model = Network(Dimension.Open("N"));
        using Session first = model.Compile(new() { Threads = 1, Precision = Precision.Reproducible });
        first.CreateRun(new Dictionary<string, long[]> { ["image"] = [1, 3, 20, 20] }).Dispose();
        (int count, long bytes) = (model.Weights.Count, model.Weights.Bytes);
        Assert.True(count > 0 && bytes > 0);

        first.CreateRun(new Dictionary<string, long[]> { ["image"] = [4, 3, 20, 20] }).Dispose();
        using Session second = model.Compile(new() { Threads = 2, Precision = Precision.Reproducible });
        second.CreateRun(new Dictionary<string, long[]> { ["image"] = [2, 3, 20, 20] }).Dispose();
        Assert.Equal((count, bytes), (model.Weights.Count, model.Weights.Bytes));
    }

    [Fact]
    public void Cancelling_stops_between_steps_and_leaves_the_run_usable()
    {
        var net = new ModelBuilder();
        NetValue x = net.Input("x", 1, 64, 64, 64);
        for (int i = 0; i < 300; i++)
            x = x.Tanh();
        x.Output("y");
        using Model model = net.Build();
        using Session session = model.Compile(new() { Threads = 1 });
        using Run run = session.CreateRun();
        RandomData.Floats(1, run.Input<float>(0).Length).CopyTo(run.Input<float>(0));
        run.Execute(TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();
        run.Execute(TestContext.Current.CancellationToken);
        TimeSpan whole = watch.Elapsed;
        float[] expected = run.Output<float>(0).ToArray();

        using var cancel = new CancellationTokenSource();
        var canceller = new Thread(() =>
        {
            Thread.Sleep(whole / 10);
            cancel.Cancel();
        });
        watch.Restart();
        canceller.Start();
        Assert.Throws<OperationCanceledException>(() => run.Execute(cancel.Token));
        Assert.True(watch.Elapsed < whole * 0.8, $"cancelled after {watch.Elapsed} of {whole}");
        canceller.Join();
        Assert.Throws<InvalidOperationException>(() => run.Output<float>(0).Length);
        Assert.Throws<OperationCanceledException>(() => run.Execute(new CancellationToken(canceled: true)));

        run.Execute(TestContext.Current.CancellationToken);
        Assert.Equal(expected, run.Output<float>(0).ToArray());
    }

    [Fact]
    public void The_arena_is_limited_before_it_is_allocated()
    {
        using Model model = Network(1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ResourceLimitException>(() => model.Compile(new() { Target = "cpu", MaxTotalBytes = 1 << 20 }));
        Assert.Contains("MaxTotalBytes", error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
    }

    [Fact]
    public void Nothing_given_and_inputs_that_are_not_there_are_named()
    {
        using Model model = Network(Dimension.Open("N"));
        var nothing = new Dictionary<string, long[]> { ["image"] = null! };
        Assert.Throws<ArgumentNullException>(() => model.Compile(new() { Target = null! }));
        Assert.Throws<ArgumentNullException>(() => model.Compile(new() { InputShapes = nothing }));
        using Session session = model.Compile(new() { Dimensions = new Dictionary<string, long> { ["N"] = 1 } });
        Assert.Throws<ArgumentNullException>(() => session.CreateRun(nothing));
        using Run run = session.CreateRun();
        Assert.Throws<OperandException>(() => run.InputShape(1));
        Assert.Throws<OperandException>(() => run.InputShape(-1));
        run.Dispose();
        Assert.Throws<ObjectDisposedException>(() => run.InputShape(0));
    }

    /// <summary>How exporters write an Expand whose shape keeps some axes: -1 there is replaced by 1. All that is left to run is the Expand.</summary>
    [Fact]
    public void Shapes_that_are_compared_and_chosen_are_known_before_running()
    {
        OnnxFile file = new OnnxFile().Input("x", ElementType.Float32, 1, 3).Output("y", ElementType.Float32).Longs("shape", 4, -1).Longs("minus", -1).Longs("rank", 2)
            .Node("ConstantOfShape", ["rank"], ["ones"], ("value", OnnxFile.Tensor("one", ElementType.Int64, [1], BitConverter.GetBytes(1L))))
            .Node("Mul", ["ones", "minus"], ["kept"]).Node("Equal", ["shape", "kept"], ["keeps"]).Node("Where", ["keeps", "ones", "shape"], ["full"])
            .Node("Expand", ["x", "full"], ["y"]);
        using Model model = Model.Load(file.ToArray());
        using Session session = model.Compile(new() { Threads = 1 });
        using Run run = session.CreateRun();
        float[] x = [1, 2, 3];
        x.CopyTo(run.Input<float>(0));
        run.Execute();
        Assert.Equal([.. x, .. x, .. x, .. x], run.Output<float>(0).ToArray());
        Assert.Equal("Expand", Assert.Single(run.Plan.Steps).Node.Op.Name);
    }

    [Fact]
    public void Truths_that_depend_on_data_run()
    {
        OnnxFile file = new OnnxFile().Input("x", ElementType.Float32, 4).Output("y", ElementType.Float32).Output("small", ElementType.Bool).Floats("one", [], [1])
            .Node("Greater", ["x", "one"], ["large"]).Node("Not", ["large"], ["small"]).Node("Where", ["small", "x", "one"], ["y"]);
        using Model model = Model.Load(file.ToArray());
        using Session session = model.Compile(new() { Threads = 1 });
        using Run run = session.CreateRun();
        float[] x = [0.5f, 1, 2, float.NaN];
        x.CopyTo(run.Input<float>(0));
        run.Execute();
        Assert.Equal([0.5f, 1, 1, float.NaN], run.Output<float>(0).ToArray());
        Assert.Equal([true, true, false, true], run.Output<bool>(1).ToArray());
    }

    [Fact]
    public void What_threads_work_in_counts()
    {
        using Model model = Model.Load(new OnnxFile().Input("x", ElementType.Float32, 512, 512).Output("y", ElementType.Float32).Node("MatMul", ["x", "x"], ["y"]).ToArray());
        var error = Assert.Throws<ResourceLimitException>(() => model.Compile(new() { Threads = 32, MaxTotalBytes = 5 << 19 }));
        Assert.Contains("MaxTotalBytes", error.Message, StringComparison.Ordinal);
        model.Compile(new() { Threads = 1, MaxTotalBytes = 1 << 24 }).Dispose();
    }

    [Fact]
    public void A_tensor_is_limited_before_it_is_allocated()
    {
        using Model model = Network(Dimension.Open("N"));
        using Session session = model.Compile(new() { MaxTensorBytes = 1 << 20 });
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ResourceLimitException>(() => session.CreateRun(new Dictionary<string, long[]> { ["image"] = [100_000, 3, 20, 20] }));
        Assert.Contains("MaxTensorBytes", error.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
        Assert.NotNull(session.CreateRun(new Dictionary<string, long[]> { ["image"] = [1, 3, 20, 20] }));
    }

    [Fact]
    public void Nodes_and_bytes_of_a_model_are_limited()
    {
        var file = new OnnxFile().Input("x", ElementType.Float32, 1).Output("y", ElementType.Float32).Node("Relu", ["x"], ["a"]).Node("Relu", ["a"], ["b"]).Node("Relu", ["b"], ["y"]);
        Assert.Throws<ResourceLimitException>(() => Model.Load(file.ToArray(), new ModelOptions { MaxNodes = 2 }));
        Assert.Throws<ResourceLimitException>(() => Model.Load(file.ToArray(), new ModelOptions { MaxModelBytes = 50 }));
        Assert.Throws<ResourceLimitException>(() => Model.Load(new MemoryStream(file.ToArray()), new ModelOptions { MaxModelBytes = 50 }));
    }

    [Fact]
    public void The_arena_has_the_size_that_was_said_and_reuses_memory()
    {
        using Model model = Network(1);
        using Session session = model.Compile(new() { Precision = Precision.Reproducible });
        using Run run = session.CreateRun();
        Assert.True(run.Plan.ArenaBytes >= Elements * sizeof(float));
        long unshared = run.Plan.Steps.SelectMany(s => s.Node.Outputs).Sum(v => v.KnownShape.Elements * sizeof(float));
        Assert.True(run.Plan.ArenaBytes < unshared, $"{run.Plan.ArenaBytes} of {unshared}");
    }

    [Fact]
    public void Channels_last_at_the_edges_changes_the_order_and_no_bit()
    {
        var net = new ModelBuilder(seed: 2);
        net.Input("x", 1, 3, 5, 7).Conv(4, 3).Relu().Output("y");
        using Model model = net.Build();
        float[] input = RandomData.Floats(1, 3 * 5 * 7);
        using Session declared = model.Compile();
        using Session last = model.Compile(new() { InputLayout = ImageLayout.ChannelsLast, OutputLayout = ImageLayout.ChannelsLast });
        Assert.Equal([1, 5, 7, 3], last.Inputs[0].Dimensions!.Select(d => d.Size));
        Assert.Equal([1, 5, 7, 4], last.Outputs[0].Dimensions!.Select(d => d.Size));
        Assert.Equal(ToChannelsLast(declared.Run(input), 4, 35), last.Run(ToChannelsLast(input, 3, 35)));

        static float[] ToChannelsLast(float[] image, int channels, int pixels) =>
            [.. from pixel in Enumerable.Range(0, pixels) from channel in Enumerable.Range(0, channels) select image[(channel * pixels) + pixel]];
    }

    [Fact]
    public void Tensor_spans_lie_over_the_same_elements()
    {
        var net = new ModelBuilder();
        net.Input("x", 1, 2, 3).Relu().Output("y");
        using Model model = net.Build();
        using Session session = model.Compile();
        using Run run = session.CreateRun();
        run.InputTensor<float>(0)[0, 1, 2] = 5;
        Assert.Equal([0, 0, 0, 0, 0, 5], run.Input<float>(0).ToArray());
        run.Execute();
        Assert.Equal(5, run.OutputTensor<float>(0)[0, 1, 2]);
        Assert.Equal([1, 2, 3], run.OutputTensor<float>(0).Lengths.ToArray());
        Assert.Throws<OperandException>(() => run.OutputTensor<int>(0).Lengths.Length);
    }

    [Fact]
    public void Kept_values_are_additional_outputs()
    {
        var net = new ModelBuilder();
        net.Input("x", 1, 4).Relu(name: "inner").Mul(net.Constant("two", [2], 1)).Output("y");
        using Model model = net.Build();
        using Session session = model.Compile(new() { Keep = ["inner"] });
        using Run run = session.CreateRun();
        float[] input = [-1, 2, -3, 4];
        input.CopyTo(run.Input<float>("x"));
        run.Execute();
        Assert.Equal(["y", "inner"], session.Outputs.Select(o => o.Name));
        Assert.Equal([0, 4, 0, 8], run.Output<float>("y").ToArray());
        Assert.Equal([0, 2, 0, 4], run.Output<float>("inner").ToArray());
        Assert.Throws<OperandException>(() => model.Compile(new() { Keep = ["absent"] }));
        Assert.Throws<OperandException>(() => model.Compile(new() { InputShapes = new Dictionary<string, long[]> { ["absent"] = [1] } }));
    }

    /// <summary>Measurements of the whole process: each runs in a process of its own.</summary>
    [Fact]
    public void Alone_in_a_process() => ChildProcess.RunExplicitTests(typeof(Alone));

    public class Alone
    {
        [Theory(Explicit = true)]
        [InlineData(1), InlineData(4)]
        public void Executing_allocates_nothing_on_any_thread(int threads)
        {
            using Model model = Network(2);
            using Session session = model.Compile(new() { Threads = threads });
            using Run run = session.CreateRun();
            for (int i = 0; i < 50; i++)
                run.Execute();
            // The test runner's own threads may allocate in some window; an execution that allocated would do so in each.
            long least = long.MaxValue;
            for (int window = 0; window < 10 && least > 0; window++)
            {
                long before = GC.GetTotalAllocatedBytes(precise: true);
                for (int i = 0; i < 20; i++)
                    run.Execute();
                least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
            }
            Assert.Equal(0, least);
        }

        [Theory(Explicit = true)]
        [InlineData(Precision.Fast), InlineData(Precision.Reproducible)]
        public void The_first_execution_compiles_no_kernel(Precision precision)
        {
            // What runs of every network go through.
            var net = new ModelBuilder(seed: 1);
            net.Input("x", 1, 8).Relu().Output("y");
            using (Model small = net.Build())
            using (Session first = small.Compile(new() { Target = "cpu", Threads = 1, Precision = precision }))
            using (Run run = first.CreateRun())
                run.Execute();

            using Model model = Network(1);
            using Session session = model.Compile(new() { Target = "cpu", Threads = 1, Precision = precision });
            using Run measured = session.CreateRun();
            long before = JitInfo.GetCompiledMethodCount(currentThread: true);
            measured.Execute();
            Assert.Equal(before, JitInfo.GetCompiledMethodCount(currentThread: true));
        }

        [Fact(Explicit = true)]
        public void Workers_take_no_processor_time_between_runs()
        {
            using Model model = Network(1);
            using Session session = model.Compile(new() { Threads = 4 });
            using Run run = session.CreateRun();
            using var process = Process.GetCurrentProcess();
            for (int i = 0; i < 50; i++)
                run.Execute();
            // The compiler of the runtime may still be at work in the background for some windows; spinning workers would be in each.
            TimeSpan least = TimeSpan.MaxValue;
            for (int window = 0; window < 10 && least > TimeSpan.FromMilliseconds(5); window++)
            {
                run.Execute();
                Thread.Sleep(100);
                process.Refresh();
                TimeSpan before = process.TotalProcessorTime;
                Thread.Sleep(400);
                process.Refresh();
                TimeSpan used = process.TotalProcessorTime - before;
                least = used < least ? used : least;
            }
            Assert.True(least <= TimeSpan.FromMilliseconds(5), $"{least} of processor time in 400 ms of rest");
        }

        [Theory(Explicit = true)]
        [InlineData(1), InlineData(3)]
        public void A_session_has_its_threads_and_no_more(int threads)
        {
            Assert.SkipUnless(OperatingSystem.IsLinux(), "The names of threads are read from /proc.");
            using Model model = Network(1);
            Session session = model.Compile(new() { Threads = threads });
            using (Run run = session.CreateRun())
                run.Execute();
            Assert.Equal(threads - 1, Workers());
            session.Dispose();
            Assert.True(SpinWait.SpinUntil(() => Workers() == 0, TimeSpan.FromSeconds(5)));

            static int Workers() => Directory.GetDirectories("/proc/self/task").Count(task => NameOf(task).StartsWith("HybridConv work", StringComparison.Ordinal));

            static string NameOf(string task)
            {
                try
                {
                    return File.ReadAllText(Path.Combine(task, "comm"));
                }
                catch (IOException)
                {
                    return ""; // The thread has ended since it was listed.
                }
            }
        }
    }
}
