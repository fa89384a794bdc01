using HybridConv.Graphs;
using HybridConv.Planning;
using HybridConv.Targets;

namespace HybridConv.Verification;

/// <summary>A step whose results are checked, and how much of it at each visit.</summary>
/// <param name="Index">The step's position among those that are bound.</param>
/// <param name="Number">Its position in the plan.</param>
/// <param name="Step">The step.</param>
/// <param name="Sampler">The definition of its results.</param>
/// <param name="Overwrites">Whether it may write over what it reads, so that this must be copied before it runs.</param>
/// <param name="Patches">Patches of one visit.</param>
/// <param name="PatchStrata">Strata of a patch.</param>
internal sealed record SampledStep(int Index, int Number, Step Step, Sampler Sampler, bool Overwrites, int Patches, int PatchStrata)
{
    /// <summary>Parts that the strata are cut into; each is a patch's at one visit or another.</summary>
    public int Chunks => (Sampler.Strata + PatchStrata - 1) / PatchStrata;

    public PatchSize PatchSize => Sampler.Size(PatchStrata);

    /// <summary>Elements copied aside at one visit, at most: what is read, and the results.</summary>
    public long Elements => Patches * (PatchSize.Elements + PatchStrata);

    /// <summary>Runs of elements of one visit, at most.</summary>
    public long Runs => Patches * (PatchSize.Runs + PatchStrata);
}

/// <summary>A step whose results are not checked, and why.</summary>
internal sealed record UnsampledStep(Step Step, string Why);

/// <summary>
/// Which steps of a plan are checked, and how many at a time. The runs of a plan share it; each takes its own way through it (see <see cref="SampleBoard"/>).
/// <para>
/// Runs visit all steps in turn, some in each run, in an order that is shuffled each time. A visit looks at a few patches: at random pixels, at filters in their turn. So many filters
/// make a patch that all of them have been seen after the wanted number of runs.
/// </para>
/// </summary>
internal sealed class SamplingPlan
{
    /// <summary>Patches of one visit: different pixels, while there are so many.</summary>
    private const int MostPatches = 8;

    /// <summary>Steps are not checked of which one result is computed of more elements; at fewer, a visit reads about so many at most.</summary>
    private const long MostElements = 1 << 18;

    private int sequence;

    private SamplingPlan(IReadOnlyList<SampledStep> steps, IReadOnlyList<UnsampledStep> unsampled, WeightPatrol patrol, int stepsPerRun, int seed) =>
        (Steps, Unsampled, Patrol, StepsPerRun, Seed) = (steps, unsampled, patrol, stepsPerRun, seed);

    public IReadOnlyList<SampledStep> Steps { get; }
    public IReadOnlyList<UnsampledStep> Unsampled { get; }

    /// <summary>The weights that runs read back.</summary>
    public WeightPatrol Patrol { get; }

    public int StepsPerRun { get; }
    public int Seed { get; }

    /// <summary>The most elements that one run copies aside.</summary>
    public long Elements => Most(step => step.Elements);

    /// <summary>The memory that those take.</summary>
    public long Bytes => Elements * sizeof(float);

    /// <summary>The most runs of elements that one run copies.</summary>
    public long Runs => Most(step => step.Runs);

    /// <summary>The number of this plan's runs so far, the new one included.</summary>
    public int NextSequence() => Interlocked.Increment(ref sequence);

    /// <summary>What can be checked of a plan.</summary>
    /// <param name="steps">All steps of the plan; those with a choice are bound, in this order.</param>
    /// <param name="storages">Where values lie.</param>
    /// <param name="inOrder">Whether a step's kernel makes sums in the order of the definition.</param>
    /// <param name="isWatched">Whether the bound step of that index reads its constants where they are to be watched.</param>
    /// <param name="request">The options; the model's weights.</param>
    /// <param name="used">Takes the constants that are kept.</param>
    /// <returns>Null where runs do not check samples.</returns>
    public static SamplingPlan? Of(
        IReadOnlyList<PlannedStep> steps, IReadOnlyDictionary<Value, Storage> storages, Func<Step, bool> inOrder, Predicate<int> isWatched, PlanRequest request, ISet<PackedWeights> used)
    {
        if (request.Options.Verify != Verify.Sampled)
            return null;
        var candidates = new List<SampledStep>();
        var unsampled = new List<UnsampledStep>();
        var watched = new List<WatchedWeights>();
        int index = -1;
        for (int number = 0; number < steps.Count; number++)
        {
            (Step step, Choice? choice) = steps[number];
            if (choice is null)
                continue;
            index++;
            if (isWatched(index))
                watched.AddRange(FormatsOf(step.Node, choice).Select(format => new WatchedWeights(number, step, format, request.Weights.Get(step.Node, format))));
            if (WhyNot(step.Node) is { } why)
                unsampled.Add(new UnsampledStep(step, why));
            else if (step.Node.Op.Sampler(new Witness(step.Node, choice.Name, inOrder(step), request.Weights, used)) is not { } sampler)
                unsampled.Add(new UnsampledStep(step, $"{step.Node.Op.Name} cannot be computed one result at a time with these operands"));
            else if (sampler.Size(1).Elements > MostElements)
                unsampled.Add(new UnsampledStep(step, $"one result is computed of {sampler.Size(1).Elements} elements"));
            else
                candidates.Add(new SampledStep(index, number, step, sampler, Overwrites(step.Node, storages), 0, 0));
        }
        VerifyOptions options = request.Options.VerifyOptions;
        return Share(candidates, unsampled, new WeightPatrol(options.WatchesWeights ? watched : [], Math.Max(1, options.CoverageRuns)), options);
    }

    /// <summary>The formats in which a step has its constants.</summary>
    private static IEnumerable<PackFormat> FormatsOf(Node node, Choice choice)
    {
        if (choice.Pack is not null)
            yield return choice.Pack;
        for (int i = 0; i < node.Inputs.Count; i++)
            if (node.Inputs[i] is { IsConstant: true } && choice.Pack?.Operands.Contains(i) != true)
                yield return new RawFormat(i);
    }

    private static string? WhyNot(Node node)
    {
        foreach (Value? value in node.Inputs.Concat(node.Outputs))
            if (value is not null && value.Type != ElementType.Float32)
                return $"'{value.Name}' holds {value.Type.Label()}, not float32";
        return node.Outputs.Any(output => output.KnownShape.Elements == 0) ? "there are no results" : null;
    }

    private static bool Overwrites(Node node, IReadOnlyDictionary<Value, Storage> storages) =>
        node.Inputs.Exists(input => input is { IsConstant: false } && node.Outputs.Any(output => ReferenceEquals(storages[input], storages[output])));

    /// <summary>Says how much of each step a visit looks at.</summary>
    private static SamplingPlan Share(List<SampledStep> candidates, List<UnsampledStep> unsampled, WeightPatrol patrol, VerifyOptions options)
    {
        int steps = Math.Max(1, options.Steps), least = (Math.Max(1, options.Samples) + steps - 1) / steps, runs = Math.Max(1, options.CoverageRuns);
        long Patches(SampledStep step) => Math.Min(Math.Clamp(MostElements / Math.Max(1, step.Sampler.Size(1).Elements), 1, MostPatches), step.Sampler.Positions);
        long Results(SampledStep step) => Math.Min(least, Patches(step) * step.Sampler.Strata);

        // Whichever steps a run visits, they have enough results, and all steps have their turn in time.
        long[] fewest = [.. candidates.Select(Results).Order()];
        int perRun = Math.Max(steps, (candidates.Count + runs - 1) / runs);
        while (perRun < candidates.Count && fewest.Take(perRun).Sum() < options.Samples)
            perRun++;
        perRun = Math.Min(perRun, candidates.Count);
        int visits = perRun == 0 ? 1 : Math.Max(1, runs / ((candidates.Count + perRun - 1) / perRun));

        SampledStep Shared(SampledStep step)
        {
            Sampler sampler = step.Sampler;
            int patches = (int)Math.Min(Patches(step), Results(step));
            long strata = Math.Max((Results(step) + patches - 1) / patches, sampler.HasWeights ? (sampler.Strata + (long)visits * patches - 1) / (visits * patches) : 1);
            return step with { Patches = patches, PatchStrata = (int)Math.Min(strata, sampler.Strata) };
        }
        return new SamplingPlan([.. candidates.Select(Shared)], unsampled, patrol, perRun, options.Seed);
    }

    private long Most(Func<SampledStep, long> size) => Steps.Select(size).OrderDescending().Take(StepsPerRun).Sum();
}
