using HybridConv.Ops;

namespace HybridConv.Cpu;

/// <summary>One step of a run with its operands in place: what a worker needs to execute a task.</summary>
/// <param name="kernel">What is executed.</param>
/// <param name="inputs">Its operands.</param>
/// <param name="outputs">Its results.</param>
/// <param name="parallel">Whether handing the step to other threads is worth its cost, if there is more than one task.</param>
/// <param name="scratchStride">
/// Bytes between the scratch memories of two workers, at least what the kernel needs. The same in all steps of a plan: where one worker's memory began in the middle of what had been another's
/// in the step before, it would have to be fetched from the other's core.
/// </param>
internal sealed class StepWork(ICpuKernel kernel, Operand[] inputs, Operand[] outputs, bool parallel, long scratchStride)
{
    /// <summary>A step alone.</summary>
    public StepWork(ICpuKernel kernel, Operand[] inputs, Operand[] outputs, bool parallel) : this(kernel, inputs, outputs, parallel, AlignUp(kernel.ScratchBytes))
    {
    }

    public int Tasks { get; } = kernel.Tasks;

    public ReadOnlySpan<Operand> Inputs => inputs;

    public ReadOnlySpan<Operand> Outputs => outputs;

    /// <summary>Bytes between the scratch memories of two workers.</summary>
    public long ScratchStride => scratchStride;

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
