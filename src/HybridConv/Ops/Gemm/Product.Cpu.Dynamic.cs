using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// Products whose B is only known at run time, one or one per position of a batch: each task packs one panel of B into scratch memory and multiplies rows of A by it.
/// A task is a panel by a block of rows, at one position of the batch.
/// </summary>
internal sealed unsafe class DynamicProductKernel<S, V>(ProductSpec spec, CpuInfo machine) : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    private readonly PanelLayout panels = new(machine.Lanes, spec.Columns, spec.Depth);
    private readonly DynamicProductCut cut = new(spec, machine);

    public int Tasks => cut.Tasks;

    public long ScratchBytes => (long)DynamicProductCut.PanelBytes(spec, machine);

    public void Run(in StepArgs args, int task)
    {
        (int rest, int block) = Math.DivRem(task, cut.RowBlocks);
        (int position, int panel) = Math.DivRem(rest, panels.Panels);
        int firstRow = block * cut.BlockRows, rows = Math.Min(spec.Rows, firstRow + cut.BlockRows) - firstRow, firstColumn = panel * 2 * S.Count;
        float* a = args.Input<float>(0) + Position(spec.A, position) + firstRow * (nint)spec.A.Strides[^2];
        float* output = args.Output<float>() + Position(spec.Output, position) + firstRow * (nint)spec.Output.Strides[^2] + firstColumn;
        float* scratch = (float*)args.Scratch;
        Pack(args, position, panel, firstColumn, scratch);

        nint residual = 0, residualStride = 0;
        if (spec.Residual is not null)
        {
            residualStride = (nint)spec.Residual.Strides[^2];
            residual = (nint)(args.Input<float>(spec.Operands.Residual) + Position(spec.Residual, position) + firstRow * residualStride + firstColumn);
        }
        var whole = default(Segment);
        var strip = new Strip
        {
            PixelBytes = (nint)spec.A.Strides[^2] * sizeof(float), OutputStride = (nint)spec.Output.Strides[^2], Segments = &whole, SegmentCount = 1,
            Depth = spec.Depth, Panel = scratch, Wide = panels.IsWide(panel),
        };
        PanelProduct<S, V>.Multiply(strip, (byte*)a, output, rows, panels.Channels(panel), new Completion(residual, residualStride, spec.Activation));
    }

    /// <summary>Writes one panel of one matrix B as <see cref="PanelLayout"/> has it, with C for biases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(in StepArgs args, int position, int panel, int firstColumn, float* to)
    {
        int columns = panels.Channels(panel), width = panels.Width(panel);
        nint step = (nint)spec.B.Strides[^1], down = (nint)spec.B.Strides[^2];
        float* b = args.Input<float>(1) + Position(spec.B, position) + firstColumn * step;
        float* c = spec.C is null ? null : args.Input<float>(spec.Operands.C) + Position(spec.C, position);
        nint stepC = spec.C is null ? 0 : (nint)spec.C.Strides[^1];
        for (int f = 0; f < width; f++)
            to[f] = c is null || f >= columns ? 0 : spec.Beta * c[(firstColumn + f) * stepC];
        for (int k = 0; k < spec.Depth; k++, b += down)
        {
            to += width;
            for (int f = 0; f < columns; f++)
                to[f] = spec.Alpha * b[f * step];
            for (int f = columns; f < width; f++)
                to[f] = 0;
        }
    }

    /// <summary>The offset of a position of the batch in one operand, in elements.</summary>
    private static nint Position(TensorView operand, int position)
    {
        nint offset = 0;
        for (int axis = operand.Shape.Rank - 3; axis >= 0; axis--)
        {
            (position, int index) = Math.DivRem(position, operand.Shape.Dim(axis));
            offset += index * (nint)operand.Strides[axis];
        }
        return offset;
    }
}

/// <summary>How a product with an unpacked B is cut into tasks.</summary>
internal readonly struct DynamicProductCut
{
    /// <summary>Rows below which packing a panel once more costs more than another task gains.</summary>
    private const int LeastRows = 64;

    public DynamicProductCut(ProductSpec spec, CpuInfo machine)
    {
        int panels = new PanelLayout(machine.Lanes, spec.Columns, spec.Depth).Panels;
        long products = spec.Rows == 0 ? 0 : spec.Batch.Elements * panels, wanted = machine.Threads == 1 ? 1 : 4L * machine.Threads;
        int blocks = (int)Math.Clamp(wanted / Math.Max(1, products), 1, Math.Max(1, spec.Rows / LeastRows));
        BlockRows = Math.Max(1, (spec.Rows + blocks - 1) / blocks);
        RowBlocks = Math.Max(1, (spec.Rows + BlockRows - 1) / BlockRows);
        Tasks = (int)Math.Min(int.MaxValue, products * RowBlocks);
    }

    public int BlockRows { get; }
    public int RowBlocks { get; }
    public int Tasks { get; }

    public static double PanelBytes(ProductSpec spec, CpuInfo machine) => (spec.Depth + 1.0) * 2 * machine.Lanes * sizeof(float);
}
