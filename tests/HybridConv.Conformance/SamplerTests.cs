using HybridConv.Cl;
using HybridConv.Conformance.Cases;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Testing.Devices;
using HybridConv.Verification;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>
/// Case x sampler: what sessions that verify themselves hold results against. The expected value is the oracle's; the float reference, whose bits are those of every row, is within the
/// error; and what is not right is outside it. Samplers see nothing of the operands but what they list.
/// </summary>
public class SamplerTests
{
    private const int CasesPerFamily = 500, PatchesPerCase = 12;

    private static readonly Fill[] Fills = [Fill.Whole, Fill.Real, Fill.Real, Fill.Special];

    public static TheoryData<string> Families => [.. Family.All.Select(family => family.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Samplers_compute_what_the_reference_does(string family)
    {
        Func<int, Fill, Case> make = Family.Named(family).Make;
        var failures = new List<string>();
        int sampled = 0;
        for (int seed = 0; seed < CasesPerFamily && failures.Count < 10; seed++)
            foreach (bool inOrder in (ReadOnlySpan<bool>)[true, false])
                if (make(seed, Fills[seed % Fills.Length]) is var problem && Probe.Of(problem, "reference", inOrder, Execution.Reference<float>(problem)) is { } probe)
                {
                    sampled++;
                    failures.AddRange(probe.CheckSome(seed));
                }
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
        Assert.True(sampled > CasesPerFamily / 20, $"only {sampled} cases have a sampler");
    }

    /// <summary>Rows of devices that make sums in another order than the definition, or by Winograd's transforms, stay within the error that is said for them.</summary>
    [Theory]
    [InlineData("tiles"), InlineData("product")]
    public void Samplers_allow_what_other_orders_of_sums_give(string family)
    {
        var failures = new List<string>();
        var rows = new HashSet<string>();
        ClDevice machine = OpenClDevice.Machine(ClProfile.Local);
        for (int seed = 0; seed < CasesPerFamily && failures.Count < 10; seed++)
        {
            Case problem = Family.Named(family).Make(seed, Fill.Real);
            HashSet<string> inOrder = [.. DeviceExecution.Rows(problem, machine with { Reproducible = true }).Select(row => row.Name)];
            foreach (Choice row in DeviceExecution.Rows(problem, machine).Where(row => !inOrder.Contains(row.Name)))
                if (Probe.Of(problem, row.Name, inOrder: false, DeviceExecution.Run(problem, row)) is { } probe)
                {
                    rows.Add(row.Name);
                    failures.AddRange(probe.CheckSome(seed));
                }
        }
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
        Assert.NotEmpty(rows);
        Assert.True(family != "tiles" || rows.Count(row => row.Contains("winograd", StringComparison.Ordinal)) == 2, $"only {string.Join(", ", rows)} were run");
    }

    /// <summary>Likewise for the processor's rows that only precision fast takes, at every vector width.</summary>
    [Fact]
    public void Samplers_allow_what_winograd_rows_give()
    {
        var failures = new List<string>();
        foreach (Isa isa in IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest))
        {
            var machine = new CpuInfo(isa, 2, Precision.Fast);
            var rows = new HashSet<string>();
            for (int seed = 0; seed < CasesPerFamily && failures.Count < 10; seed++)
            {
                Case problem = TileCases.Make(seed, Fill.Real);
                HashSet<string> inOrder = [.. Execution.Rows(problem, machine with { Precision = Precision.Reproducible }).Select(row => row.Name)];
                foreach (Choice row in Execution.Rows(problem, machine).Where(row => !inOrder.Contains(row.Name)))
                    if (Probe.Of(problem, row.Name, inOrder: false, Execution.Run(problem, row.Name, machine, TaskOrder.Shuffled)) is { } probe)
                    {
                        rows.Add(row.Name);
                        failures.AddRange(probe.CheckSome(seed));
                    }
            }
            Assert.True(rows.Count == 2, $"{isa}: only {string.Join(", ", rows)} were run");
        }
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));
    }

    /// <summary>One case, its sampler and its operands.</summary>
    private sealed class Probe
    {
        private readonly Case problem;
        private readonly Node node;
        private readonly Sampler sampler;
        private readonly float[][] inputs;
        private readonly float[] actual;
        private readonly double[] oracle;

        private Probe(Case problem, Node node, Sampler sampler, float[] actual)
        {
            this.problem = problem;
            this.node = node;
            this.sampler = sampler;
            this.actual = actual;
            inputs = [.. node.Inputs.Select((input, i) => input is null ? [] : Elements(input.KnownView, problem.Operands[i]!.Data))];
            oracle = Execution.Reference<double>(problem);
        }

        /// <summary>Null where there is no sampler.</summary>
        public static Probe? Of(Case problem, string kernel, bool inOrder, float[] actual)
        {
            Node node = problem.ToNode();
            bool asked = node.Inputs.Concat(node.Outputs).All(value => value is null or { Type: ElementType.Float32 }) && node.Outputs.All(output => output.KnownShape.Elements > 0);
            return asked && node.Op.Sampler(new Witness(node, kernel, inOrder, new WeightStore(), new HashSet<PackedWeights>())) is { } sampler ? new Probe(problem, node, sampler, actual) : null;
        }

        /// <summary>Checks a few random patches.</summary>
        public IEnumerable<string> CheckSome(int seed)
        {
            var random = new Random(seed);
            return Enumerable.Range(0, PatchesPerCase).SelectMany(_ => Check(random)).Take(3);
        }

        /// <summary>Checks one random patch.</summary>
        private IEnumerable<string> Check(Random random)
        {
            int count = random.Next(1, Math.Min(20, sampler.Strata) + 1), first = random.Next(sampler.Strata - count + 1);
            var patch = new Patch(random.NextInt64(sampler.Positions), first, count);
            PatchSize size = sampler.Size(count);
            var reads = new ReadList((int)size.Runs);
            sampler.Read(patch, reads);
            if (reads.Elements > size.Elements)
                yield return $"{problem}: {patch} reads {reads.Elements} elements where {size.Elements} were promised";
            var results = new Estimate[count];
            var work = new double[size.Work];
            Array.Fill(work, double.NaN);
            sampler.Compute(patch, Gather(reads), work, results);
            for (int i = 0; i < count; i++)
            {
                Place place = sampler.Place(patch.Position, first + i);
                int index = Index(place);
                if (Disagreement(results[i], actual[index], oracle[index]) is { } difference)
                    yield return $"{problem}: {patch}, {place}, element {index}: {difference}";
            }
        }

        private string? Disagreement(Estimate estimate, float actual, double oracle)
        {
            if (!double.IsFinite(estimate.Error))
                return problem.Fill == Fill.Special ? null : $"nothing is said about {oracle:r}";
            if (!estimate.Allows(actual))
                return $"{actual:r} is not within {estimate.Allowed:g3} of {estimate.Value:r}; the oracle says {oracle:r}";
            if (!(Math.Abs(estimate.Value - oracle) <= 1e-9 * Math.Abs(oracle) + 1e-3 * estimate.Error) && !estimate.Value.Equals(oracle) && !(estimate.Value == 0 && oracle == 0))
                return $"{estimate.Value:r} is not the oracle's {oracle:r}";
            double off = estimate.Value + Math.CopySign(2.1 * estimate.Allowed, estimate.Value) * (1 + 1e-6);
            return float.IsFinite((float)off) && estimate.Allowed > 0 && estimate.Allows((float)off) && Math.Abs(estimate.Value) > 1e-30 ? $"{off:r} is taken for {estimate.Value:r}" : null;
        }

        private float[] Gather(ReadList reads)
        {
            var read = new float[reads.Elements];
            foreach (CopyRun run in reads[..])
                for (int i = 0; i < run.Count; i++)
                    read[run.To + i] = inputs[run.Index][run.From + i * run.Stride];
            return read;
        }

        /// <summary>Where a result lies among those of all outputs.</summary>
        private int Index(Place place)
        {
            int before = node.Outputs.Take(place.Output).Sum(output => (int)output.KnownShape.Elements);
            TensorView view = node.Outputs[place.Output].KnownView;
            for (var walk = new Walk(view.Shape, view.Strides, view.Shape.DenseStrides()); walk.Live; walk.Next())
                if (walk[0] == place.Offset)
                    return before + walk[1];
            throw new InvalidOperationException($"{place} is no element of {view.Shape}");
        }

        /// <summary>An operand's memory from its first element on, NaN between its elements.</summary>
        private static float[] Elements(TensorView view, float[] data)
        {
            long extent = view.Shape.Elements == 0 ? 0 : 1;
            for (int i = 0; i < view.Shape.Rank; i++)
                extent += Math.Max(0, view.Shape[i] - 1) * view.Strides[i];
            var memory = new float[extent];
            Array.Fill(memory, float.NaN);
            for (var walk = new Walk(view.Shape, view.Strides, view.Shape.DenseStrides()); walk.Live; walk.Next())
                memory[walk[0]] = data[walk[1]];
            return memory;
        }
    }
}
