using HybridConv.Ops;

namespace HybridConv.Cpu;

/// <summary>One step of a run with its operands in place: what a worker needs to execute a task.</summary>
internal sealed class StepWork(ICpuKernel kernel, Operand[] inputs, Operand[] outputs, bool parallel)
{
    public int Tasks { get; } = kernel.Tasks;

    public ReadOnlySpan<Operand> Inputs => inputs;

    public ReadOnlySpan<Operand> Outputs => outputs;

    /// <summary>Bytes between the scratch memories of two workers.</summary>
    public long ScratchStride { get; } = AlignUp(kernel.ScratchBytes);

    /// <summary>Whether handing the step to other threads is worth its cost.</summary>
    public bool Parallel { get; } = parallel && kernel.Tasks > 1;

    public void Run(int task, nint scratch) => kernel.Run(new StepArgs(inputs, outputs, scratch), task);

    /// <summary>Runs all tasks, in order, on the calling thread.</summary>
    public void RunAll(nint scratch)
    {
        var args = new StepArgs(inputs, outputs, scratch);
        for (int task = 0; task < Tasks; task++)
            kernel.Run(args, task);
    }

    public static long AlignUp(long bytes) => (bytes + AlignedMemory.Alignment - 1) & ~(AlignedMemory.Alignment - 1L);
}
