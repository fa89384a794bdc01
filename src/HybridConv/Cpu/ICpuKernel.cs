using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Cpu;

/// <summary>
/// A kernel for the CPU: a number of tasks that may run in any order and at the same time on several workers.
/// How the work is cut into tasks never changes a result: no sum is split between tasks.
/// </summary>
internal interface ICpuKernel : IKernel
{
    /// <summary>Tasks in one run; fixed when the kernel is bound.</summary>
    int Tasks { get; }

    /// <summary>Runs one task. No allocation, no locks, no device look-ups.</summary>
    void Run(in StepArgs args, int task);
}

/// <summary>What a kernel gets in one run: the node's inputs and outputs, and this worker's scratch memory (64-byte aligned, contents undefined).</summary>
internal readonly ref struct StepArgs(ReadOnlySpan<Operand> inputs, ReadOnlySpan<Operand> outputs, nint scratch)
{
    public readonly ReadOnlySpan<Operand> Inputs = inputs;
    public readonly ReadOnlySpan<Operand> Outputs = outputs;
    public readonly nint Scratch = scratch;

    /// <summary>The address of the first element of an input.</summary>
    public unsafe T* Input<T>(int index) where T : unmanaged => (T*)Inputs[index].Address;

    public unsafe T* Output<T>(int index = 0) where T : unmanaged => (T*)Outputs[index].Address;
}
