using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.OpenCL.Running;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Testing.Devices;

/// <summary>
/// Runs one bound OpenCL row on operands of any types, as a plan of a single step. Operands go to the device with everything around them, and come back, so that a
/// test sees also what was written where nothing should be. Working memory starts with all bits set.
/// </summary>
internal static class DeviceRunner
{
    private const int Alignment = 256;

    public static void Run(ClKernel kernel, Operand[] inputs, Operand[] outputs, PackedWeights? packed)
    {
        long bytes = Alignment;
        Slot[] reads = Array.ConvertAll(inputs, operand => SlotOf(operand, ref bytes)), writes = Array.ConvertAll(outputs, operand => SlotOf(operand, ref bytes));
        var whole = new Slot(ElementType.UInt8, TensorView.Dense(new Shape(bytes)), 0, bytes, null);
        var context = new DeviceContext(OpenClDevice.Api, OpenClDevice.Entry);
        try
        {
            using PlanRun run = new OpenClPlan
            {
                Steps = [],
                Passes = [],
                Outputs = [],
                ArenaBytes = bytes + kernel.ScratchBytes,
                WeightBytes = packed?.Bytes ?? 0,
                Context = context,
                Bound = [new BoundStep("test", kernel, reads, writes, packed)],
                InputSlots = [whole],
                OutputSlots = [whole],
                Banks = new ArenaBanks(bytes, bytes),
                ScratchBytes = kernel.ScratchBytes,
                Poisons = true,
            }.CreateRun();
            Memory<byte> arena = run.Input(0);
            foreach ((Slot slot, Operand operand) in reads.Concat(writes).Zip(inputs.Concat(outputs)))
                operand.Buffer.CopyTo(arena[(int)slot.Offset..]);
            run.Execute(default);
            foreach ((Slot slot, Operand operand) in reads.Concat(writes).Zip(inputs.Concat(outputs)))
                run.Output(0).Slice((int)slot.Offset, operand.Buffer.Length).CopyTo(operand.Buffer);
        }
        finally
        {
            context.Release();
        }
    }

    private static Slot SlotOf(Operand operand, ref long bytes)
    {
        if (!operand.Exists)
            return Slot.Absent;
        var slot = new Slot(operand.Type, operand.View, bytes, operand.Buffer.Length, null);
        bytes += (operand.Buffer.Length + Alignment - 1) / Alignment * Alignment;
        return slot;
    }
}
