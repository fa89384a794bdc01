using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Ops;

namespace HybridConv.Verification;

/// <summary>A step that this execution checks. What it reads and its results are runs of elements to copy: see <see cref="SampleBoard.Runs"/>.</summary>
/// <param name="Step">The step.</param>
/// <param name="Reads">The first run of what is read.</param>
/// <param name="Results">The end of those, and the first run of results.</param>
/// <param name="End">The end of those.</param>
internal readonly record struct ChosenStep(SampledStep Step, int Reads, int Results, int End)
{
    /// <summary>What must be copied before the step runs.</summary>
    public Range Before => Step.Overwrites ? Reads..Results : Reads..Reads;

    /// <summary>What must be copied right after it: later steps may use its memory for something else.</summary>
    public Range After => Step.Overwrites ? Results..End : Reads..End;
}

/// <summary>A result that is not what it should be.</summary>
internal readonly record struct Finding(SampledStep Step, Place Place, float Got, Estimate Expected)
{
    /// <summary>By how much the difference is larger than it may be.</summary>
    public double Excess => float.IsFinite(Got) ? Math.Abs(Got - Expected.Value) / Math.Max(Expected.Allowed, double.Epsilon) : double.PositiveInfinity;
}

/// <summary>
/// The samples of one run: before each execution it chooses which results to look at; the executor copies elements aside; afterwards it computes the results again and compares.
/// Everything is allocated once. Which results are chosen depends on the seed, on the number of the run and on the number of the execution only.
/// </summary>
internal sealed class SampleBoard
{
    private readonly SamplingPlan plan;
    private readonly Random random;
    private readonly int[] order, cursors;
    private readonly int[] picked;
    private readonly ChosenStep[] chosen;
    private readonly List<Sample> samples;
    private readonly ReadList runs;
    private readonly double[] work;
    private readonly Estimate[] estimates;
    private int turn, reached, block;

    /// <param name="plan">What can be checked.</param>
    /// <param name="readsBack">Whether weights are not read where the host has them: then the executor copies them to <see cref="ReadBack"/>.</param>
    public SampleBoard(SamplingPlan plan, bool readsBack = false)
    {
        this.plan = plan;
        random = new Random(unchecked(plan.Seed * 486187739 + plan.NextSequence()));
        order = [.. Enumerable.Range(0, plan.Steps.Count)];
        cursors = [.. plan.Steps.Select(step => random.Next(step.Chunks))];
        picked = new int[plan.StepsPerRun];
        chosen = new ChosenStep[plan.StepsPerRun];
        samples = new List<Sample>(plan.Steps.Select(step => step.Patches).DefaultIfEmpty(0).Max() * plan.StepsPerRun);
        runs = new ReadList(checked((int)plan.Runs));
        work = new double[plan.Steps.Select(step => step.PatchSize.Work).DefaultIfEmpty(0).Max()];
        estimates = new Estimate[plan.Steps.Select(step => step.PatchStrata).DefaultIfEmpty(0).Max()];
        Aside = new AlignedMemory(plan.Bytes);
        block = plan.Patrol.Blocks.Count == 0 ? 0 : random.Next(plan.Patrol.Blocks.Count);
        ReadBack = readsBack ? new AlignedMemory(plan.Patrol.Bytes) : null;
    }

    /// <summary>The memory for copies.</summary>
    public AlignedMemory Aside { get; }

    /// <summary>The memory for weights that are read back: each block of <see cref="Block"/> in its turn, at a multiple of the largest block's size.</summary>
    public AlignedMemory? ReadBack { get; }

    /// <summary>Blocks of weights that an execution checks.</summary>
    public int BlockCount => plan.Patrol.BlocksPerRun;

    /// <summary>One of them.</summary>
    public WeightBlock Block(int index) => plan.Patrol.Blocks[(block + index) % plan.Patrol.Blocks.Count];

    /// <summary>The steps that this execution checks, in the order in which they run.</summary>
    public IReadOnlyList<ChosenStep> Chosen => chosen;

    /// <summary>For tests: the patches of one of them.</summary>
    public IEnumerable<Patch> PatchesOf(ChosenStep step)
    {
        int place = Array.IndexOf(chosen, step);
        return samples.Where(sample => sample.Chosen == place).Select(sample => sample.Patch);
    }

    /// <summary>What is copied, for all of them.</summary>
    public ReadList Runs => runs;

    /// <summary>Results that this execution checks.</summary>
    public int Count { get; private set; }

    private Span<float> Elements => MemoryMarshal.Cast<byte, float>(Aside.Memory.Span);

    /// <summary>Chooses what the next execution checks.</summary>
    public void Choose()
    {
        if (turn == 0)
            random.Shuffle(order);
        for (int i = 0; i < picked.Length; i++)
            picked[i] = order[(turn * picked.Length + i) % order.Length];
        turn = (turn + 1) * picked.Length >= order.Length ? 0 : turn + 1;
        picked.AsSpan().Sort();
        runs.Clear();
        samples.Clear();
        Count = 0;
        for (int i = 0; i < picked.Length; i++)
            chosen[i] = Choose(i);
        reached = 0;
        if (BlockCount > 0)
            block = (block + BlockCount) % plan.Patrol.Blocks.Count;
    }

    /// <summary>Whether a step is chosen. Asked of each bound step in turn.</summary>
    public bool Reaches(int index, out ChosenStep step)
    {
        bool isChosen = reached < chosen.Length && chosen[reached].Step.Index == index;
        step = isChosen ? chosen[reached++] : default;
        return isChosen;
    }

    /// <summary>Copies runs aside from memory that the host can read.</summary>
    public void Copy(Range range, ReadOnlySpan<Operand> inputs, ReadOnlySpan<Operand> outputs)
    {
        Span<float> aside = Elements;
        foreach (CopyRun run in runs[range])
        {
            Operand operand = run.IsOutput ? outputs[run.Index] : inputs[run.Index];
            ReadOnlySpan<float> from = MemoryMarshal.Cast<byte, float>(operand.Buffer.Span)[(int)(operand.View.Offset + run.From)..];
            Span<float> to = aside.Slice(run.To, run.Count);
            if (run.Stride == 1)
                from[..run.Count].CopyTo(to);
            else
                for (int i = 0; i < to.Length; i++)
                    to[i] = from[(int)(i * run.Stride)];
        }
    }

    /// <summary>Computes the chosen results again, when all copies are there, and notes the worst of each step that is not what it should be.</summary>
    public void Check(ICollection<Finding> findings)
    {
        int next = 0;
        for (int i = 0; i < chosen.Length; i++)
        {
            Finding? worst = null;
            for (; next < samples.Count && samples[next].Chosen == i; next++)
                worst = Worst(worst, chosen[i].Step, samples[next]);
            if (worst is { } finding)
                findings.Add(finding);
        }
    }

    /// <summary>Compares weights with what was packed, and notes the blocks that differ.</summary>
    public void CheckWeights(ICollection<int> damaged)
    {
        for (int i = 0; i < BlockCount; i++)
            if (WeightPatrol.Checksum(BytesOf(i)) != Block(i).Checksum)
                damaged.Add(i);
    }

    /// <summary>The bytes of a block as kernels read them.</summary>
    public ReadOnlySpan<byte> BytesOf(int index)
    {
        (WatchedWeights weights, long start, int bytes, _) = Block(index);
        return ReadBack is null ? weights.Packed.Memory.Span.Slice((int)start, bytes) : ReadBack.Memory.Span.Slice(index * WeightPatrol.BlockBytes, bytes);
    }

    private ChosenStep Choose(int place)
    {
        int index = picked[place], reads = runs.Count, first = samples.Count;
        SampledStep step = plan.Steps[index];
        for (int i = 0; i < step.Patches; i++)
        {
            Patch patch = Next(step, index);
            int start = runs.Elements;
            step.Sampler.Read(patch, runs);
            samples.Add(new Sample(place, patch, start, runs.Elements - start, 0));
            Count += patch.Count;
        }
        int results = runs.Count;
        for (int i = first; i < samples.Count; i++)
        {
            Patch patch = samples[i].Patch;
            samples[i] = samples[i] with { Results = runs.Elements };
            for (int k = 0; k < patch.Count; k++)
            {
                (int output, long offset) = step.Sampler.Place(patch.Position, patch.First + k);
                runs.AddOutput(output, offset);
            }
        }
        return new ChosenStep(step, reads, results, runs.Count);
    }

    /// <summary>Pixels are drawn; strata with weights have their turn, others are drawn too.</summary>
    private Patch Next(SampledStep step, int index)
    {
        Sampler sampler = step.Sampler;
        int first = random.Next(sampler.Strata - step.PatchStrata + 1);
        if (sampler.HasWeights)
        {
            first = Math.Min(cursors[index] * step.PatchStrata, sampler.Strata - step.PatchStrata);
            cursors[index] = (cursors[index] + 1) % step.Chunks;
        }
        return new Patch(random.NextInt64(sampler.Positions), first, step.PatchStrata);
    }

    private Finding? Worst(Finding? worst, SampledStep step, in Sample sample)
    {
        Span<float> aside = Elements;
        Patch patch = sample.Patch;
        Span<Estimate> expected = estimates.AsSpan(0, patch.Count);
        step.Sampler.Compute(patch, aside.Slice(sample.Start, sample.Length), work, expected);
        ReadOnlySpan<float> got = aside.Slice(sample.Results, patch.Count);
        for (int i = 0; i < got.Length; i++)
            if (!expected[i].Allows(got[i]) && new Finding(step, step.Sampler.Place(patch.Position, patch.First + i), got[i], expected[i]) is var finding
                && (worst is not { } known || finding.Excess > known.Excess))
                worst = finding;
        return worst;
    }

    /// <summary>A patch and its copies.</summary>
    /// <param name="Chosen">The chosen step that it belongs to.</param>
    /// <param name="Patch">The results.</param>
    /// <param name="Start">Where what is read starts among the copies.</param>
    /// <param name="Length">Elements of it.</param>
    /// <param name="Results">Where the results start among the copies.</param>
    private readonly record struct Sample(int Chosen, Patch Patch, int Start, int Length, int Results);
}
