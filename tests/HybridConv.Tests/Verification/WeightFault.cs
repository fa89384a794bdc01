using System.Runtime.InteropServices;
using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.OpenCL.Api;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;
using HybridConv.Targets;

namespace HybridConv.Tests.Verification;

/// <summary>A weight in the memory that kernels read: on a device or, packed, on the host. Flips single bits of it.</summary>
internal sealed class WeightFault
{
    private readonly Action<int, uint> flip;
    private readonly int[] places;

    /// <param name="step">The step.</param>
    /// <param name="packed">What it reads.</param>
    /// <param name="flip">Changes bits of one word of that.</param>
    private WeightFault(Step step, ReadOnlySpan<byte> packed, Action<int, uint> flip)
    {
        (Step, this.flip) = (step, flip);
        // Layouts differ; a weight is known by its bits, which no other number of a random tensor shares.
        float[] weights = step.Node.Input(1).Constant!.ToArray<float>();
        ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(packed);
        var byValue = new Dictionary<float, int>();
        for (int i = 0; i < floats.Length; i++)
            byValue[floats[i]] = i;
        Weights = [.. weights.Where(byValue.ContainsKey)];
        places = [.. Weights.Select(weight => byValue[weight])];
    }

    /// <summary>The step that reads the weights.</summary>
    public Step Step { get; }

    /// <summary>The weights.</summary>
    public IReadOnlyList<float> Weights { get; }

    /// <summary>Changes a bit of a weight in place.</summary>
    public void Flip(int weight, int bit) => flip(places[weight], 1u << bit);

    /// <summary>The weights of every step that has some.</summary>
    public static IReadOnlyList<WeightFault> Of(Model model, Run run) => run.Plan is OpenClPlan plan ? OnDevice(plan) : OnHost(model, run.Plan);

    private static List<WeightFault> OnHost(Model model, Plan plan)
    {
        var found = new List<WeightFault>();
        foreach (Step step in plan.Steps.Where(s => s.Kernel != Step.View))
            if (CpuTarget.Rows(step.Node, CpuInfo.Current(threads: 0)).FirstOrDefault(row => row.Name == step.Kernel)?.Pack is { } format)
            {
                Memory<byte> memory = model.Weights.Get(step.Node, format).Memory;
                found.Add(new WeightFault(step, memory.Span, (index, bits) => MemoryMarshal.Cast<byte, uint>(memory.Span)[index] ^= bits));
            }
        return found;
    }

    private static List<WeightFault> OnDevice(OpenClPlan plan)
    {
        var found = new List<WeightFault>();
        Step[] steps = [.. plan.Steps.Where(step => step.Kernel != Step.View)];
        for (int i = 0; i < steps.Length; i++)
            if (plan.Bound[i] is { Kernel: ClKernel } bound && (bound.Packed ?? bound.Inputs.Skip(1).FirstOrDefault(slot => slot.Constant is not null)?.Constant) is { } weights)
            {
                DeviceBuffer buffer = plan.Context.Weights(weights);
                found.Add(new WeightFault(steps[i], weights.Memory.Span, (index, bits) => Flip(plan.Context, buffer, index, bits)));
            }
        return found;
    }

    private static unsafe void Flip(DeviceContext context, DeviceBuffer buffer, int index, uint bits)
    {
        nint queue = context.CreateQueue();
        uint word;
        nuint offset = (nuint)index * sizeof(uint);
        ClStatus.Check(context.Api.EnqueueReadBuffer(queue, buffer.Handle, true, offset, sizeof(uint), &word), "clEnqueueReadBuffer");
        word ^= bits;
        ClStatus.Check(context.Api.EnqueueWriteBuffer(queue, buffer.Handle, true, offset, sizeof(uint), &word), "clEnqueueWriteBuffer");
        _ = context.Api.ReleaseCommandQueue(queue);
    }
}
