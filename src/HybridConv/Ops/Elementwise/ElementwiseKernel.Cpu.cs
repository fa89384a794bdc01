using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

/// <summary>The innermost loop of an elementwise operation on float32.</summary>
internal unsafe interface IElementwiseRow
{
    /// <summary>Computes <paramref name="n"/> neighbouring results at <paramref name="y"/>, which may lie exactly over an operand.</summary>
    /// <param name="y">The first result; the others follow it.</param>
    /// <param name="x">Where each operand's first element lies.</param>
    /// <param name="steps">For each operand 1 when its elements follow each other, 0 when one element is repeated.</param>
    /// <param name="n">At least 1.</param>
    void Run<S, V>(float* y, float** x, nint* steps, nint n) where S : struct, ISimd<V> where V : struct;
}

/// <summary>
/// Runs a loop nest over float32 operands. Work is cut into units, each a segment of one run of the innermost loop, and units are dealt out to tasks in order.
/// </summary>
internal sealed unsafe class ElementwiseKernel<R, S, V> : ICpuKernel where R : struct, IElementwiseRow where S : struct, ISimd<V> where V : struct
{
    /// <summary>Floats of a segment: whole vectors, few enough that every operand's segment stays in the first-level cache.</summary>
    private const int Segment = 2048;

    /// <summary>A task with less work than this costs more to hand over than to do.</summary>
    private const long LeastElementsPerTask = 8192;

    private readonly R row;
    private readonly long[] sizes;
    private readonly long[][] strides;
    private readonly nint[] steps;
    private readonly nint inner;
    private readonly long segments;
    private readonly EvenSplit units;
    private readonly bool contiguous;
    private readonly nint[]? packed;

    /// <param name="row">The innermost loop.</param>
    /// <param name="loops">Over the output, then the operands.</param>
    /// <param name="machine">Where it runs.</param>
    /// <param name="packed">The addresses of operands that are packed weights, 0 for the others; null when none is.</param>
    public ElementwiseKernel(R row, LoopNest loops, CpuInfo machine, nint[]? packed = null)
    {
        this.row = row;
        this.packed = packed;
        sizes = loops.Shape.Dims.ToArray();
        strides = [.. loops.Strides];
        inner = (nint)loops.Inner;
        steps = new nint[strides.Length];
        contiguous = true;
        for (int k = 0; k < steps.Length; k++)
        {
            steps[k] = inner == 1 ? 1 : (nint)loops.InnerStride(k);
            contiguous &= steps[k] == 1 || (steps[k] == 0 && k > 0);
        }
        segments = Math.Max(1, (inner + Segment - 1) / Segment);
        long elements = loops.Shape.Elements;
        units = new EvenSplit(elements == 0 ? 0 : elements / inner * segments, elements, LeastElementsPerTask, machine.Threads);
    }

    public int Tasks => units.Tasks;
    public long ScratchBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        int operands = strides.Length;
        float** at = stackalloc float*[operands];
        nint* hop = stackalloc nint[operands];
        long outer = sizes.Length < 2 ? 1 : sizes[^2];
        for (int k = 0; k < operands; k++)
            hop[k] = sizes.Length < 2 ? 0 : (nint)strides[k][^2];
        (long unit, long end) = units.Of(task);
        fixed (nint* step = steps)
            while (unit < end)
            {
                Locate(args, unit / segments, at);
                if (segments > 1)
                {
                    nint start = (nint)(unit % segments) * Segment;
                    for (int k = 0; k < operands; k++)
                        at[k] += start * step[k];
                    One(at, step, Math.Min(Segment, inner - start));
                    unit++;
                    continue;
                }
                // Runs along the loop around the innermost one follow each other at fixed distances.
                for (long last = Math.Min(end, unit + outer - unit % outer); unit < last; unit++)
                {
                    One(at, step, inner);
                    for (int k = 0; k < operands; k++)
                        at[k] += hop[k];
                }
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void One(float** at, nint* step, nint n)
    {
        if (contiguous)
            row.Run<S, V>(at[0], at + 1, step + 1, n);
        else
            Scattered(at, step, n);
    }

    /// <summary>Where a run of the innermost loop starts in every operand, the output first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Locate(in StepArgs args, long run, float** at)
    {
        at[0] = args.Output<float>();
        for (int k = 1; k < strides.Length; k++)
            at[k] = packed is null || packed[k - 1] == 0 ? args.Input<float>(k - 1) : (float*)packed[k - 1];
        for (int axis = sizes.Length - 2; axis >= 0; axis--)
        {
            long index = run % sizes[axis];
            run /= sizes[axis];
            for (int k = 0; k < strides.Length; k++)
                at[k] += index * strides[k][axis];
        }
    }

    /// <summary>Elements that do not follow each other, as in a window of one channel: one at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scattered(float** at, nint* step, nint n)
    {
        for (nint i = 0; i < n; i++)
        {
            row.Run<Scalar, float>(at[0], at + 1, step + 1, 1);
            for (int k = 0; k < strides.Length; k++)
                at[k] += step[k];
        }
        for (int k = 0; k < strides.Length; k++)
            at[k] -= n * step[k];
    }
}

/// <summary>One row per vector width over an elementwise operator's spec.</summary>
internal static class ElementwiseRows
{
    /// <summary>Operands that a kernel keeps addresses of on its stack.</summary>
    private const int MaxOperands = 64;

    /// <param name="name">The operator.</param>
    /// <param name="weight">About how many vector instructions the function takes.</param>
    /// <param name="row">Makes the innermost loop.</param>
    public static IReadOnlyList<Candidate<ElementwiseSpec<TAttributes>, CpuInfo>> Of<TAttributes, R>(
        string name, int weight, Func<ElementwiseSpec<TAttributes>, R> row) where R : struct, IElementwiseRow =>
        [.. IsaDispatch.Rows(isa => $"{name.ToLowerInvariant()}.vector.f32.{isa.Label()}", (spec, machine) => Fits(spec, machine, weight), null, new Factory<TAttributes, R>(row))];

    private static Fit Fits<TAttributes>(ElementwiseSpec<TAttributes> spec, CpuInfo machine, int weight)
    {
        if (spec.Type != ElementType.Float32)
            return Fit.No($"the elements are {spec.Type.Label()}, not float32");
        int operands = spec.Loops.Strides.Count - 1;
        if (operands > MaxOperands)
            return Fit.No($"{operands} operands are over the limit of {MaxOperands}");
        if (IsScattered(spec.Loops))
            return Fit.Yes(20 + spec.Loops.Shape.Elements * (weight + 1 + operands) / machine.Threads);
        double runs = spec.Loops.Shape.Elements / (double)Math.Max(1, spec.Loops.Inner);
        double vectors = runs * Math.Ceiling(spec.Loops.Inner / (double)machine.Lanes);
        return Fit.Yes(20 + (4 * runs + vectors * (weight + 1 + operands) * 0.3) / machine.Threads);
    }

    /// <summary>Whether neighbouring elements of an operand do not follow each other, so that they are computed one at a time.</summary>
    private static bool IsScattered(LoopNest loops)
    {
        for (int k = 0; loops.Inner > 1 && k < loops.Strides.Count; k++)
            if (loops.InnerStride(k) != 1 && (k == 0 || loops.InnerStride(k) != 0))
                return true;
        return false;
    }

    private sealed class Factory<TAttributes, R>(Func<ElementwiseSpec<TAttributes>, R> row) : IKernelFactory<ElementwiseSpec<TAttributes>> where R : struct, IElementwiseRow
    {
        public IKernel Bind<S, V>(ElementwiseSpec<TAttributes> spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new ElementwiseKernel<R, S, V>(row(spec), spec.Loops, machine);
    }
}

/// <summary>y = f(x).</summary>
internal readonly unsafe struct UnaryRow<F>(F function) : IElementwiseRow where F : struct, IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<S, V>(float* y, float** x, nint* steps, nint n) where S : struct, ISimd<V> where V : struct => ActivationFunctions.Map<F, S, V>(function, x[0], y, n);
}

/// <summary>y = f(a, b), where one of them may be a single number.</summary>
internal readonly unsafe struct BinaryRow<F> : IElementwiseRow where F : struct, IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<S, V>(float* y, float** x, nint* steps, nint n) where S : struct, ISimd<V> where V : struct
    {
        F function = default;
        float* a = x[0], b = x[1];
        nint i = 0;
        if (steps[0] == 0)
        {
            V left = S.Broadcast(a);
            for (; i <= n - S.Count; i += S.Count)
                S.Store(function.Apply<S, V>(left, S.Load(b + i)), y + i);
            if (i < n)
                S.StorePartial(function.Apply<S, V>(left, S.LoadPartial(b + i, (int)(n - i))), y + i, (int)(n - i));
        }
        else if (steps[1] == 0)
        {
            V right = S.Broadcast(b);
            for (; i <= n - S.Count; i += S.Count)
                S.Store(function.Apply<S, V>(S.Load(a + i), right), y + i);
            if (i < n)
                S.StorePartial(function.Apply<S, V>(S.LoadPartial(a + i, (int)(n - i)), right), y + i, (int)(n - i));
        }
        else
        {
            for (; i <= n - S.Count; i += S.Count)
                S.Store(function.Apply<S, V>(S.Load(a + i), S.Load(b + i)), y + i);
            if (i < n)
                S.StorePartial(function.Apply<S, V>(S.LoadPartial(a + i, (int)(n - i)), S.LoadPartial(b + i, (int)(n - i))), y + i, (int)(n - i));
        }
    }
}

/// <summary>y = f(f(f(x0, x1), x2), ...). A vector of every operand is read before the result is written.</summary>
internal readonly unsafe struct FoldRow<F>(int operands) : IElementwiseRow where F : struct, IBinaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<S, V>(float* y, float** x, nint* steps, nint n) where S : struct, ISimd<V> where V : struct
    {
        F function = default;
        nint i = 0;
        for (; i <= n - S.Count; i += S.Count)
        {
            V folded = steps[0] == 0 ? S.Broadcast(x[0]) : S.Load(x[0] + i);
            for (int k = 1; k < operands; k++)
                folded = function.Apply<S, V>(folded, steps[k] == 0 ? S.Broadcast(x[k]) : S.Load(x[k] + i));
            S.Store(folded, y + i);
        }
        if (i == n)
            return;
        int rest = (int)(n - i);
        V last = steps[0] == 0 ? S.Broadcast(x[0]) : S.LoadPartial(x[0] + i, rest);
        for (int k = 1; k < operands; k++)
            last = function.Apply<S, V>(last, steps[k] == 0 ? S.Broadcast(x[k]) : S.LoadPartial(x[k] + i, rest));
        S.StorePartial(last, y + i, rest);
    }
}
