using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Reduce;

internal sealed partial class ReduceOp<R> : ITable<ReduceSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<ReduceSpec, CpuInfo>> Rows => field ??=
    [
        .. IsaDispatch.Rows<ReduceSpec>(isa => $"{R.Name.ToLowerInvariant()}.rows.f32.{isa.Label()}", FitsRows, null, new RowsFactory()),
        .. IsaDispatch.Rows<ReduceSpec>(isa => $"{R.Name.ToLowerInvariant()}.columns.f32.{isa.Label()}", FitsColumns, null, new ColumnsFactory()),
    ];

    private static Fit FitsRows(ReduceSpec spec, CpuInfo machine)
    {
        if (spec.Type != ElementType.Float32)
            return Fit.No($"the elements are {spec.Type.Label()}, not float32");
        if (spec.Elements.Shape.Rank > 1 || (spec.Elements.Shape.Rank == 1 && spec.Elements.Strides[0][0] != 1))
            return Fit.No($"the {spec.Count} elements of a result do not follow each other");
        if (spec.Results.Shape.Rank > 1)
            return Fit.No("the results' elements are not evenly spaced");
        return Fit.Yes(20 + spec.Results.Shape.Elements * (20 + spec.Count / (double)machine.Lanes) * 0.5 / machine.Threads);
    }

    private static Fit FitsColumns(ReduceSpec spec, CpuInfo machine)
    {
        if (spec.Type != ElementType.Float32)
            return Fit.No($"the elements are {spec.Type.Label()}, not float32");
        if (spec.Elements.Shape.Rank > 1)
            return Fit.No($"the {spec.Count} elements of a result are not evenly spaced");
        if (spec.Results.Shape.Rank is 0 or > 2 || spec.Results.Strides[1][^1] != 1)
            return Fit.No("neighbouring results do not come from neighbouring columns");
        double vectors = spec.Results.Shape.Elements / (double)Math.Clamp(spec.Results.Inner, 1, machine.Lanes);
        return Fit.Yes(20 + vectors * (20 + spec.Count) * 0.5 / machine.Threads);
    }

    /// <summary>Elements below which a task costs more to hand over than to do.</summary>
    private const long LeastElementsPerTask = 8192;

    private sealed class RowsFactory : IKernelFactory<ReduceSpec>
    {
        public IKernel Bind<S, V>(ReduceSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct => new RowsKernel<S, V>(spec, machine);
    }

    private sealed class ColumnsFactory : IKernelFactory<ReduceSpec>
    {
        public IKernel Bind<S, V>(ReduceSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct => new ColumnsKernel<S, V>(spec, machine);
    }

    /// <summary>Each result from a contiguous run.</summary>
    private sealed unsafe class RowsKernel<S, V>(ReduceSpec spec, CpuInfo machine) : ICpuKernel where S : struct, ISimd<V> where V : struct
    {
        private readonly EvenSplit results = new(spec.Results.Shape.Elements, spec.Results.Shape.Elements * spec.Count, LeastElementsPerTask, machine.Threads);
        private readonly nint stride = (nint)spec.Results.InnerStride(1), n = (nint)spec.Count;

        public int Tasks => results.Tasks;
        public long ScratchBytes => 0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(in StepArgs args, int task)
        {
            float* x = args.Input<float>(0), y = args.Output<float>();
            (long start, long end) = results.Of(task);
            for (long i = start; i < end; i++)
            {
                float* row = x + (nint)i * stride;
                y[i] = R.Finish<Scalar, float>(R.Adds ? VectorSumTree.Contiguous<S, V>(row, n) : VectorMax.Contiguous<S, V>(row, n), n);
            }
        }
    }

    /// <summary>A vector of neighbouring results from as many columns. The loops over results are images outside and columns inside.</summary>
    private sealed unsafe class ColumnsKernel<S, V> : ICpuKernel where S : struct, ISimd<V> where V : struct
    {
        private readonly nint columns, vectors, n, imageStride, stride;
        private readonly EvenSplit units;

        public ColumnsKernel(ReduceSpec spec, CpuInfo machine)
        {
            (columns, n, stride) = ((nint)spec.Results.Inner, (nint)spec.Count, (nint)spec.Elements.InnerStride(0));
            (long images, imageStride) = spec.Results.Shape.Rank == 2 ? (spec.Results.Shape[0], (nint)spec.Results.Strides[1][0]) : (1, 0);
            vectors = (columns + S.Count - 1) / S.Count;
            units = new EvenSplit(images * vectors, images * vectors * S.Count * n, LeastElementsPerTask, machine.Threads);
        }

        public int Tasks => units.Tasks;
        public long ScratchBytes => SumTree<float>.Lanes * S.Count * sizeof(float);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(in StepArgs args, int task)
        {
            float* x = args.Input<float>(0), y = args.Output<float>();
            (long start, long end) = units.Of(task);
            for (nint unit = (nint)start; unit < end; unit++)
            {
                nint image = unit / vectors, column = unit % vectors * S.Count;
                int width = (int)Math.Min(S.Count, columns - column);
                float* top = x + image * imageStride + column;
                V combined = R.Adds ? VectorSumTree.Columns<S, V>(top, stride, n, width, (float*)args.Scratch) : VectorMax.Columns<S, V>(top, stride, n, width);
                S.StorePartial(R.Finish<S, V>(combined, n), y + image * columns + column, width);
            }
        }
    }
}
