using System.Runtime.InteropServices;
using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.OpenCL.Api;
using HybridConv.Verification;

namespace HybridConv.OpenCL.Running;

/// <summary>
/// Copies what a run's samples need aside on the device, in between the steps and without waiting: later steps use the same memory for something else. One launch per chosen
/// step, or two where the step writes over what it reads. Reads back the weights that a run checks.
/// </summary>
internal sealed unsafe class SampleCopies : IDisposable
{
    /// <summary>What a launch needs to know of one run: see the kernel.</summary>
    private readonly record struct Entry(long From, long Stride, long Count, long To);

    private readonly OpenClPlan plan;
    private readonly SampleBoard board;
    private readonly ArenaMemory arena;
    private readonly AlignedMemory table;
    private readonly int[] banks;
    private readonly int local;
    private readonly DeviceBuffer? entries, aside;
    private nint kernel;

    public SampleCopies(OpenClPlan plan, SamplingPlan sampling, SampleBoard board, ArenaMemory arena)
    {
        this.plan = plan;
        this.board = board;
        this.arena = arena;
        local = plan.Context.SharesHostMemory ? 1 : 64;
        table = new AlignedMemory(TableBytes(sampling));
        banks = new int[sampling.Runs];
        try
        {
            entries = plan.Context.Allocate(table.Bytes);
            aside = plan.Context.Allocate(sampling.Bytes);
            kernel = plan.Context.CreateKernel(Program, "gather");
            Set(0, entries.Handle, 0);
            Set(5, aside.Handle, 0);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static ClProgram Program { get; } = new("verify/gather.cl");

    /// <summary>Memory that samples take: copies, what is to be copied, and weights that are read back.</summary>
    public static long Bytes(SamplingPlan? sampling) => sampling is null ? 0 : sampling.Bytes + TableBytes(sampling) + sampling.Patrol.Bytes;

    /// <summary>Enqueues the list of all copies of this execution.</summary>
    public void Start(nint queue)
    {
        Span<Entry> list = MemoryMarshal.Cast<byte, Entry>(table.Memory.Span);
        int count = 0;
        for (int i = 0; i < board.Chosen.Count; i++)
        {
            ChosenStep chosen = board.Chosen[i];
            BoundStep bound = plan.Bound[chosen.Step.Index];
            foreach (CopyRun run in board.Runs[chosen.Reads..chosen.End])
            {
                Slot slot = run.IsOutput ? bound.Outputs[run.Index] : bound.Inputs[run.Index];
                (banks[count], long offset) = plan.Banks.At(slot.Offset);
                list[count++] = new Entry(offset / sizeof(float) + slot.View.Offset + run.From, run.Stride, run.Count, run.To);
            }
        }
        if (count > 0)
            ClStatus.Check(plan.Context.Api.EnqueueWriteBuffer(queue, entries!.Handle, false, 0, (nuint)(count * sizeof(Entry)), (void*)table.Address), "clEnqueueWriteBuffer");
    }

    /// <summary>Enqueues copies: one launch for all that lie in one buffer of the arena.</summary>
    public void Copy(nint queue, Range runs)
    {
        (int first, int end) = (runs.Start.Value, runs.End.Value);
        while (first < end)
        {
            int next = first + 1;
            while (next < end && banks[next] == banks[first])
                next++;
            Set(2, sizeof(int), &first);
            Set(3, arena.Bank(banks[first]), 0);
            nuint global = (nuint)(next - first) * (nuint)local, group = (nuint)local;
            ClStatus.Check(plan.Context.Api.EnqueueNdRangeKernel(queue, kernel, 1, &global, &group, null), "clEnqueueNDRangeKernel (gather)");
            first = next;
        }
    }

    /// <summary>Enqueues what lets the host see the copies, and the weights whose turn it is.</summary>
    public void Finish(nint queue)
    {
        for (int i = 0, next; i < board.BlockCount; i = next)
        {
            // Neighbouring blocks of one memory are one read.
            (WatchedWeights weights, long start, int bytes, _) = board.Block(i);
            for (next = i + 1; next < board.BlockCount && board.Block(next) is var (others, from, more, _) && ReferenceEquals(others, weights) && from == start + bytes; next++)
                bytes += more;
            byte* to = (byte*)board.ReadBack!.Address + (nint)i * WeightPatrol.BlockBytes;
            ClStatus.Check(plan.Context.Api.EnqueueReadBuffer(queue, plan.Context.Weights(weights.Packed).Handle, false, (nuint)start, (nuint)bytes, to), "clEnqueueReadBuffer");
        }
        if (board.Runs.Elements > 0)
            ClStatus.Check(plan.Context.Api.EnqueueReadBuffer(queue, aside!.Handle, false, 0, (nuint)board.Runs.Elements * sizeof(float), (void*)board.Aside.Address), "clEnqueueReadBuffer");
    }

    public void Dispose()
    {
        nint released = Interlocked.Exchange(ref kernel, 0);
        if (released != 0)
            _ = plan.Context.Api.ReleaseKernel(released);
        entries?.Dispose();
        aside?.Dispose();
    }

    private static long TableBytes(SamplingPlan sampling) => sampling.Runs * sizeof(Entry);

    private void Set(uint index, nint buffer, long elements)
    {
        Set(index, (nuint)sizeof(nint), &buffer);
        Set(index + 1, sizeof(long), &elements);
    }

    private void Set(uint index, nuint size, void* value) => ClStatus.Check(plan.Context.Api.SetKernelArg(kernel, index, size, value), "clSetKernelArg (gather)");
}
