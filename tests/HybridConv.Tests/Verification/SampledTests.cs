using HybridConv.Testing;
using HybridConv.Verification;
using Xunit;

namespace HybridConv.Tests.Verification;

/// <summary>Sessions that check samples of their own results.</summary>
public class SampledTests
{
    /// <summary>Every target that has kernels of its own.</summary>
    public static TheoryData<string> Targets => ["cpu", "opencl"];

    private static Session Compile(Model model, string target, VerifyOptions? options = null, bool poison = false) => model.Compile(new()
    {
        Target = VerifiedNetworks.Required(target),
        Threads = 2,
        Verify = Verify.Sampled,
        VerifyOptions = options ?? new(),
        PoisonArena = poison,
    });

    [Theory]
    [MemberData(nameof(Targets))]
    public void Right_results_pass_wherever_steps_share_memory(string target)
    {
        using Model model = VerifiedNetworks.Mixed();
        using Session session = Compile(model, target, poison: true);
        using Run run = session.CreateRun();
        using Session plain = model.Compile(new() { Target = session.Target, Threads = 2 });
        using Run other = plain.CreateRun();
        Assert.Null(other.Plan.Sampling);
        for (int i = 0; i < 60; i++)
        {
            run.Fill(i);
            other.Fill(i);
            run.Execute();
            other.Execute();
            Assert.Equal(other.Output<float>(0).ToArray(), run.Output<float>(0).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_run_checks_other_results_and_in_time_every_filter(string target)
    {
        using Model model = VerifiedNetworks.Mixed();
        using Session session = Compile(model, target, new() { CoverageRuns = 20 });
        using Run run = session.CreateRun();
        SamplingPlan plan = run.Plan.Sampling!;
        Assert.True(plan.Steps.Count >= 10, $"{plan.Steps.Count} steps are checked");
        Assert.Empty(plan.Unsampled);

        var board = new SampleBoard(plan);
        var chosen = new HashSet<string>();
        var seen = plan.Steps.ToDictionary(step => step, _ => new HashSet<Place>());
        var filters = plan.Steps.ToDictionary(step => step, _ => new HashSet<int>());
        for (int i = 0; i < 20; i++)
        {
            board.Choose();
            Assert.True(board.Count >= 64 && board.Chosen.Count >= 8, $"{board.Count} results of {board.Chosen.Count} steps");
            Assert.Equal(board.Chosen.Count, board.Chosen.Select(c => c.Step).Distinct().Count());
            chosen.Add(string.Join(';', board.Chosen.Select(c => $"{c.Step.Index} {string.Join(',', board.Runs[c.Reads..c.End].ToArray())}")));
            foreach (ChosenStep choice in board.Chosen)
                foreach (Patch patch in board.PatchesOf(choice))
                    filters[choice.Step].UnionWith(Enumerable.Range(patch.First, patch.Count));
        }
        Assert.Equal(20, chosen.Count);
        Assert.All(plan.Steps.Where(step => step.Sampler.HasWeights), step => Assert.Equal(step.Sampler.Strata, filters[step].Count));
        Assert.True(plan.Steps.Count(step => step.Sampler.HasWeights) >= 6);
    }

    [Fact]
    public void The_sequence_of_samples_follows_from_the_seed()
    {
        using Model model = VerifiedNetworks.Mixed();
        string Samples(int seed)
        {
            using Session session = Compile(model, "cpu", new() { Seed = seed });
            using Run run = session.CreateRun();
            run.Execute();
            run.Execute();
            SampleBoard board = new(run.Plan.Sampling!);
            board.Choose();
            return string.Join(',', board.Runs[..].ToArray());
        }
        Assert.Equal(Samples(3), Samples(3));
        Assert.NotEqual(Samples(3), Samples(4));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Checking_allocates_nothing(string target)
    {
        using Model model = VerifiedNetworks.Mixed();
        using Session session = Compile(model, target);
        using Run run = session.CreateRun();
        run.Fill(1);
        for (int i = 0; i < 50; i++)
            run.Execute();
        // Choosing, copying and checking are done by the caller's thread.
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            run.Execute();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>By recomputing results alone: signs, exponents and the upper half of the mantissa.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void A_flipped_bit_of_a_weight_shows_in_samples_within_200_runs(string target)
    {
        using Model model = VerifiedNetworks.Living();
        using Session session = Compile(model, target, new() { OnMismatch = OnMismatch.Warn, CoverageRuns = 10, WatchesWeights = false });
        using Run run = session.CreateRun();
        Mismatch? found = null;
        session.MismatchFound += (_, mismatch) => found ??= mismatch;
        var random = new Random(11);
        foreach (WeightFault fault in WeightFault.Of(model, run))
            foreach (int bit in (int[])[31, 30, 28, 25, 24, 23, 22, 20, 18, 16])
            {
                int weight = random.Next(fault.Weights.Count), runs = 0;
                fault.Flip(weight, bit);
                for (found = null; runs < 200 && found is null; runs++)
                {
                    run.Fill(runs);
                    run.Execute();
                }
                Assert.True(found is not null, $"bit {bit} of weight {weight} of {fault.Step.Node.Name} ({fault.Step.Kernel}), {fault.Weights[weight]}, was not found");
                Assert.Equal((fault.Step.Node.Name, "definition"), (found.Node, found.Against));
                fault.Flip(weight, bit);
            }
    }

    /// <summary>By reading weights back: whatever bit it is, and whether it matters to results or not.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void Any_flipped_bit_of_any_weight_is_found_when_all_weights_have_been_read_back(string target)
    {
        using Model model = VerifiedNetworks.Mixed();
        using Session session = Compile(model, target, new() { OnMismatch = OnMismatch.Warn, CoverageRuns = 5 });
        using Run run = session.CreateRun();
        run.Fill(1);
        var found = new List<Mismatch>();
        session.MismatchFound += (_, mismatch) => found.Add(mismatch);
        var random = new Random(12);
        foreach (WeightFault fault in WeightFault.Of(model, run))
            for (int i = 0; i < 6; i++)
            {
                int weight = random.Next(fault.Weights.Count), bit = random.Next(32);
                fault.Flip(weight, bit);
                found.Clear();
                for (int runs = 0; runs < 5; runs++)
                    run.Execute();
                Mismatch mismatch = found.First(m => m.Against == "weights of the model");
                float wrong = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(fault.Weights[weight]) ^ 1 << bit);
                Assert.Equal((fault.Step.Node.Name, fault.Step.Kernel, (double)fault.Weights[weight]), (mismatch.Node, mismatch.Kernel, mismatch.Expected));
                Assert.Equal(wrong, mismatch.Got);
                fault.Flip(weight, bit);
            }
        found.Clear();
        for (int runs = 0; runs < 5; runs++)
            run.Execute();
        Assert.Empty(found);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_mismatch_throws_and_gives_no_outputs(string target)
    {
        using Model model = VerifiedNetworks.Living();
        using Session session = Compile(model, target, new() { CoverageRuns = 1 });
        using Run run = session.CreateRun();
        run.Fill(1);
        run.Execute();
        int raised = 0;
        session.MismatchFound += (_, _) => raised++;
        WeightFault fault = WeightFault.Of(model, run)[0];
        fault.Flip(0, 30);
        var error = Assert.Throws<MismatchException>(() => run.Execute());
        Assert.Equal(ErrorCode.Mismatch, error.Code);
        Assert.Equal(raised, error.Mismatches.Count);
        Mismatch worst = error.Mismatches[0];
        Assert.Contains($"'{worst.Node}'", error.Message, StringComparison.Ordinal);
        Assert.Equal((fault.Step.Node.Name, fault.Step.Kernel, session.Target), (worst.Node, worst.Kernel, worst.Target));
        Assert.True(Math.Abs(worst.Got - worst.Expected) > worst.Bound || !double.IsFinite(worst.Got));
        Assert.Equal(run.Plan.Steps[worst.Step].Node.Name, worst.Node);
        Assert.Throws<InvalidOperationException>(() => run.Output<float>(0).Length);
        fault.Flip(0, 30);
        run.Execute();
        Assert.Equal(10, run.Output<float>(0).Length);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_session_falls_back_and_answers_rightly_from_then_on(string target)
    {
        using Model model = VerifiedNetworks.Mixed();
        using Session right = model.Compile(new() { Target = "cpu", Threads = 1 });
        using Run expected = right.CreateRun();
        expected.Fill(1);
        expected.Execute();
        float[] scores = expected.Output<float>(0).ToArray();

        var log = new WarningLog();
        using Session session = model.Compile(new()
        {
            Target = VerifiedNetworks.Required(target),
            Threads = 1,
            Verify = Verify.Sampled,
            VerifyOptions = new() { CoverageRuns = 1, OnMismatch = OnMismatch.FallBack, Against = "cpu" },
            LoggerFactory = log,
        });
        using Run run = session.CreateRun(), second = session.CreateRun();
        Span<float> input = run.Input<float>(0);
        run.Fill(1);
        second.Fill(1);
        run.Execute();
        Assert.Empty(log.Warnings);
        WeightFault fault = WeightFault.Of(model, run)[0];
        fault.Flip(0, 30);
        run.Execute();
        Assert.Equal("cpu", session.Target);
        Assert.Contains(log.Warnings, warning => warning.Contains("goes on on cpu", StringComparison.Ordinal));
        Assert.Equal(scores, run.Output<float>(0).ToArray());

        // Another run, and the same one with other inputs, through the span that its caller has held since before.
        second.Execute();
        Assert.Equal(scores, second.Output<float>(0).ToArray());
        input.Clear();
        run.Execute();
        Assert.NotEqual(scores, run.Output<float>(0).ToArray());
        expected.Input<float>(0).Clear();
        expected.Execute();
        Assert.Equal(expected.Output<float>(0).ToArray(), run.Output<float>(0).ToArray());
        fault.Flip(0, 30);
    }

    [Fact]
    public void Networks_whose_shapes_depend_on_data_are_checked_too()
    {
        OnnxFile file = new OnnxFile().Input("x", ElementType.Float32, 4, 6).Input("shape", ElementType.Int64, 2).Output("y", ElementType.Float32).Floats("w", [6, 3], RandomData.Floats(1, 18))
            .Node("MatMul", ["x", "w"], ["product"]).Node("Reshape", ["product", "shape"], ["z"]).Node("Relu", ["z"], ["y"]);
        using Model model = Model.Load(file.ToArray());
        using Session session = Compile(model, "cpu");
        using Run run = session.CreateRun();
        RandomData.Floats(2, 24).CopyTo(run.Input<float>(0));
        foreach (long rows in (long[])[2, 3, 2])
        {
            long[] shape = [rows, 12 / rows];
            shape.CopyTo(run.Input<long>(1));
            run.Execute();
            Assert.Equal(shape, run.OutputShape(0).ToArray());
        }
    }

    [Fact]
    public void Steps_that_cannot_be_checked_say_why()
    {
        OnnxFile file = new OnnxFile().Input("x", ElementType.Float32, 5, 3).Input("rows", ElementType.Int64, 2).Output("y", ElementType.Float32)
            .Node("Gather", ["x", "rows"], ["z"]).Node("Relu", ["z"], ["y"]);
        using Model model = Model.Load(file.ToArray());
        using Session session = Compile(model, "cpu");
        using Run run = session.CreateRun();
        run.Execute();
        SamplingPlan plan = run.Plan.Sampling!;
        Assert.Equal("Relu", Assert.Single(plan.Steps).Step.Node.Op.Name);
        UnsampledStep gather = Assert.Single(plan.Unsampled);
        Assert.Equal("Gather", gather.Step.Node.Op.Name);
        Assert.Contains("int64", gather.Why, StringComparison.Ordinal);
    }
}
