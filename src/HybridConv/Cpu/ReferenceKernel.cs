using HybridConv.Ops;

namespace HybridConv.Cpu;

/// <summary>The last row of every table: the operator's own definition, computed in float as one task.</summary>
internal sealed class ReferenceKernel(ReferenceCall reference) : ICpuKernel
{
    public long ScratchBytes => 0;
    public int Tasks => 1;
    public void Run(in StepArgs args, int task) => reference(new Operands(args.Inputs, args.Outputs));
}
