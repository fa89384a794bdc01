using System.Globalization;
using System.Runtime.InteropServices;
using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;
using HybridConv.Targets;

namespace HybridConv.OpenCL.Trust;

/// <summary>
/// A node alone, on made-up numbers (see <see cref="Twin"/>), as the processor computes it: what rows of an OpenCL device are asked and compared with. All operands lie
/// in one block with NaN around each and in their gaps, so that a read outside an input is heard in the answer, and a write outside an output is seen.
/// </summary>
internal sealed class Trial
{
    /// <summary>Bytes between operands, and what their places are multiples of.</summary>
    private const int Guard = 256;

    /// <summary>How far a row may be off that adds in another order than the processor, in shares of the largest magnitude of the right answer.</summary>
    private const double Tolerance = 1e-4;

    private readonly Node twin;
    private readonly Slot[] inputs, outputs;
    private readonly byte[] question, answer;

    private Trial(Node twin)
    {
        this.twin = twin;
        var slots = new Dictionary<Value, Slot>();
        long bytes = Layout(twin, slots);
        inputs = [.. twin.Inputs.Select(input => input is null ? Slot.Absent : slots[input])];
        outputs = [.. twin.Outputs.Select(output => slots[output])];
        question = new byte[bytes];
        question.AsSpan().Fill(byte.MaxValue);
        foreach (Value input in twin.Inputs.OfType<Value>().Distinct())
            Write(Twin.Data(twin, input).Span, slots[input]);
        answer = Compute();
    }

    public static Trial Of(Node node) => new(Twin.Of(node));

    /// <summary>The size of the block that a trial of a node takes.</summary>
    public static long Bytes(Node node) => Layout(Twin.Of(node), []);

    /// <summary>The rows of a machine's table that can run the node, in its order.</summary>
    public IEnumerable<Choice> Rows(ClDevice machine) => twin.Op.Choices(twin, machine).Where(row => row.CanRun(twin));

    /// <summary>A row made ready to be asked.</summary>
    public Attempt Attempt(DeviceContext context, Choice row)
    {
        PackedWeights? packed = row.Pack?.Pack(row.Pack.OperandsOf(twin));
        var kernel = (ClKernel)row.Bind(packed);
        var whole = new Slot(ElementType.UInt8, TensorView.Dense(new Shape(question.Length)), 0, question.Length, null);
        return new Attempt(this, packed, new OpenClPlan
        {
            Steps = [],
            Passes = [],
            Outputs = [],
            ArenaBytes = question.Length + kernel.ScratchBytes,
            WeightBytes = packed?.Bytes ?? 0,
            Context = context,
            Bound = [new BoundStep(row.Name, kernel, WithoutPacked(inputs, row), outputs, packed)],
            InputSlots = [whole],
            OutputSlots = [whole],
            Banks = new ArenaBanks(question.Length, question.Length),
            ScratchBytes = kernel.ScratchBytes,
            Poisons = true,
        });
    }

    /// <summary>What a device is asked: the bytes of the whole block.</summary>
    public ReadOnlySpan<byte> Question => question;

    /// <summary>The whole block as the processor leaves it.</summary>
    public ReadOnlySpan<byte> RightAnswer => answer;

    /// <summary>Compares the whole block as a row has left it.</summary>
    public Verdict Judge(ReadOnlySpan<byte> left)
    {
        if (left.SequenceEqual(answer))
            return Verdict.Exact;
        byte[] rest = left.ToArray();
        var worst = Verdict.Exact;
        foreach (Slot output in outputs)
        {
            Verdict verdict = output.Type == ElementType.Float32 ? JudgeFloats(output, rest) : JudgeExactly(output, rest);
            worst = verdict.Answer > worst.Answer ? verdict : worst;
        }
        return worst.Answer < Answer.Wrong && !rest.AsSpan().SequenceEqual(answer) ? Verdict.Wrong("it writes outside its outputs") : worst;
    }

    /// <summary>Places for all operands; returns the size of the block.</summary>
    private static long Layout(Node twin, Dictionary<Value, Slot> slots)
    {
        long end = Guard;
        foreach (Value value in twin.Inputs.OfType<Value>().Concat(twin.Outputs).Distinct())
        {
            TensorView view = value.KnownView;
            long extent = view.Offset + 1;
            for (int i = 0; i < view.Shape.Rank; i++)
                extent += Math.Max(0, view.Shape[i] - 1) * view.Strides[i];
            slots[value] = new Slot(value.Type, view, end, extent * value.Type.Size(), null);
            end += (slots[value].Bytes + 2 * Guard - 1) / Guard * Guard;
        }
        return end;
    }

    private void Write(ReadOnlySpan<byte> dense, Slot slot)
    {
        int size = slot.Type.Size();
        Span<byte> storage = question.AsSpan((int)slot.Offset, (int)slot.Bytes);
        if (slot.View.IsDense)
            dense.CopyTo(storage[(int)(slot.View.Offset * size)..]);
        else
            for (var walk = new Walk(slot.View.Shape, slot.View.Strides, slot.View.Shape.DenseStrides()); walk.Live; walk.Next())
                dense.Slice(walk[1] * size, size).CopyTo(storage[(((int)slot.View.Offset + walk[0]) * size)..]);
    }

    /// <summary>The block after the processor's best row has run.</summary>
    private byte[] Compute()
    {
        using var block = new AlignedMemory(question.Length);
        question.CopyTo(block.Memory);
        Choice row = CpuTarget.Rows(twin, CpuInfo.Current(threads: 1)).Where(row => row.CanRun(twin)).MinBy(row => row.Fit.Nanoseconds)!;
        PackedWeights? packed = row.Pack?.Pack(row.Pack.OperandsOf(twin));
        var kernel = (ICpuKernel)row.Bind(packed);
        using var scratch = new AlignedMemory(kernel.ScratchBytes);
        var work = new StepWork(kernel, Operands(WithoutPacked(inputs, row), block), Operands(outputs, block), parallel: false);
        work.RunAll(scratch.Address);
        GC.KeepAlive(packed);
        return block.Memory.ToArray();
    }

    private static Slot[] WithoutPacked(Slot[] inputs, Choice row) =>
        [.. inputs.Select((slot, i) => row.Pack?.Operands.Contains(i) == true ? Slot.Absent : slot)];

    private static Operand[] Operands(Slot[] slots, AlignedMemory block) => Array.ConvertAll(slots, slot =>
    {
        if (!slot.Exists)
            return default;
        nint first = block.Address + (nint)(slot.Offset + slot.View.Offset * slot.Type.Size());
        return new Operand(slot.Type, slot.View, block.Memory.Slice((int)slot.Offset, (int)slot.Bytes), first);
    });

    /// <summary>Compares an output, and puts the right answer in its place.</summary>
    private Verdict JudgeFloats(Slot output, byte[] left)
    {
        ReadOnlySpan<float> want = MemoryMarshal.Cast<byte, float>(answer.AsSpan((int)output.Offset, (int)output.Bytes));
        Span<float> got = MemoryMarshal.Cast<byte, float>(left.AsSpan((int)output.Offset, (int)output.Bytes));
        double largest = 0, worst = 0;
        int different = 0;
        for (var walk = new Walk(output.View.Shape, output.View.Strides); walk.Live; walk.Next())
        {
            int at = (int)output.View.Offset + walk[0];
            if (float.IsFinite(want[at]))
                largest = Math.Max(largest, Math.Abs(want[at]));
            if (got[at] != want[at] && !(float.IsNaN(got[at]) && float.IsNaN(want[at])))
            {
                different++;
                double error = Math.Abs((double)got[at] - want[at]);
                worst = Math.Max(worst, double.IsNaN(error) ? double.PositiveInfinity : error);
            }
            got[at] = want[at];
        }
        if (different == 0)
            return Verdict.Exact;
        string why = string.Create(CultureInfo.InvariantCulture,
            $"{different} of {output.View.Shape.Elements} outputs differ from the processor's, by up to {worst:0.0e0} where the largest is {largest:0.0e0}");
        return new Verdict(worst <= Tolerance * largest ? Answer.Close : Answer.Wrong, why);
    }

    /// <summary>As above, of integers and truth values.</summary>
    private Verdict JudgeExactly(Slot output, byte[] left)
    {
        int size = output.Type.Size(), different = 0;
        for (var walk = new Walk(output.View.Shape, output.View.Strides); walk.Live; walk.Next())
        {
            int at = (int)output.Offset + ((int)output.View.Offset + walk[0]) * size;
            if (!left.AsSpan(at, size).SequenceEqual(answer.AsSpan(at, size)))
                different++;
            answer.AsSpan(at, size).CopyTo(left.AsSpan(at));
        }
        return different == 0 ? Verdict.Exact : Verdict.Wrong($"{different} of {output.View.Shape.Elements} outputs differ from the processor's");
    }
}

/// <summary>One row on the device, ready to answer a trial.</summary>
internal sealed class Attempt : IDisposable
{
    private readonly Trial trial;
    private readonly PackedWeights? packed;
    private readonly DeviceContext context;
    private readonly OpenClRun run;

    /// <param name="trial">What is asked.</param>
    /// <param name="packed">The row's packed weights, which live as long as this.</param>
    /// <param name="plan">Of one step; its only input and its only output is the trial's block.</param>
    public Attempt(Trial trial, PackedWeights? packed, OpenClPlan plan)
    {
        this.trial = trial;
        this.packed = packed;
        context = plan.Context;
        try
        {
            run = new OpenClRun(plan);
        }
        catch
        {
            Forget();
            throw;
        }
    }

    /// <summary>Asks the row once and judges its answer.</summary>
    public Verdict Ask()
    {
        trial.Question.CopyTo(run.Input(0).Span);
        run.Execute(default);
        return trial.Judge(run.Output(0).Span);
    }

    /// <summary>Runs the row again and again; nanoseconds per time.</summary>
    public double Time(int times) => run.Repeat(times);

    public void Dispose()
    {
        run.Dispose();
        Forget();
    }

    private void Forget()
    {
        if (packed is not null)
            context.Forget(packed);
    }
}
