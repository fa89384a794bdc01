using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;
using Xunit;

namespace HybridConv.Tests.Ops.Elementwise;

/// <summary>Kernels whose output may lie over an input: the same bits, and no managed memory.</summary>
public sealed class InPlaceTests
{
    [Theory]
    [InlineData("Relu", 1)]
    [InlineData("Tanh", 1)]
    [InlineData("Clip", 1)]
    [InlineData("Gelu", 1)]
    [InlineData("Softmax", 1)]
    [InlineData("LogSoftmax", 1)]
    [InlineData("Sub", 2)]
    [InlineData("Pow", 2)]
    [InlineData("PRelu", 2)]
    [InlineData("Max", 3)]
    [InlineData("Sum", 4)]
    public void ResultsMayLieOverAnInput(string op, int inputs)
    {
        var shape = new Shape(3, 7, 37);
        OpFixture fixture = OpFixture.Read(op, 13);
        for (int i = 0; i < inputs; i++)
            fixture.Input(OpFixture.Random(shape.Elements, i), 3, 7, 37);
        Node node = fixture.Node;
        float[] expected = fixture.Reference<float>().Get<float>();
        foreach (Isa isa in IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest))
            foreach (Choice row in fixture.Rows(new CpuInfo(isa, 2)))
                for (int over = 0; over < inputs; over++)
                {
                    Assert.True(node.Op.InPlace(node, over));
                    var kernel = (ICpuKernel)row.Bind(null);
                    AlignedMemory[] memory = [.. Enumerable.Range(0, inputs).Select(i => Filled(OpFixture.Random(shape.Elements, i)))];
                    Operand[] reads = [.. memory.Select(m => new Operand(ElementType.Float32, TensorView.Dense(shape), m.Memory, m.Address))];
                    using var apart = new AlignedMemory(shape.Elements * sizeof(float));
                    Run(kernel, reads, [new Operand(ElementType.Float32, TensorView.Dense(shape), apart.Memory, apart.Address)]);
                    Assert.Equal(0, Run(kernel, reads, [reads[over]]));
                    Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(memory[over].Memory.Span).ToArray());
                }
    }

    /// <summary>Runs all tasks and gives the managed bytes that they took.</summary>
    private static long Run(ICpuKernel kernel, Operand[] reads, Operand[] writes)
    {
        using var scratch = new AlignedMemory(kernel.ScratchBytes);
        var args = new StepArgs(reads, writes, scratch.Address);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int task = 0; task < kernel.Tasks; task++)
            kernel.Run(args, task);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static AlignedMemory Filled(float[] values)
    {
        var memory = new AlignedMemory(values.Length * sizeof(float));
        MemoryMarshal.AsBytes<float>(values).CopyTo(memory.Memory.Span);
        return memory;
    }
}
