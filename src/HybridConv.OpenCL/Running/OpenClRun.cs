using System.Diagnostics;
using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.OpenCL.Api;
using HybridConv.Planning;
using HybridConv.Verification;
using Silk.NET.OpenCL;

namespace HybridConv.OpenCL.Running;

/// <summary>The memory and the queue behind one run: kernel objects with their arguments set once, enqueued in order, one wait at the end.</summary>
internal sealed unsafe class OpenClRun : PlanRun
{
    private readonly OpenClPlan plan;
    private readonly DeviceContext context;
    private readonly IClApi api;
    private readonly ArenaMemory arena;
    private readonly DeviceBuffer scratch;
    private readonly RunStep[] steps;
    private readonly QueueWait wait;
    private readonly SampleCopies? copies;
    private nint queue;

    public OpenClRun(OpenClPlan plan)
    {
        this.plan = plan;
        context = plan.Context.Hold();
        api = context.Api;
        steps = new RunStep[plan.Bound.Count];
        try
        {
            queue = context.CreateQueue();
            wait = new QueueWait(context, queue);
            arena = context.SharesHostMemory ? new SharedArena(plan, queue) : new StagedArena(plan, queue);
            scratch = context.Allocate(plan.ScratchBytes);
            for (int i = 0; i < steps.Length; i++)
                steps[i] = plan.Bound[i].Kernel is ClKernel kernel
                    ? new DeviceStep(this, plan.Bound[i], kernel)
                    : new HostStep(this, plan.Bound[i], (ICpuKernel)plan.Bound[i].Kernel);
            for (int i = 0; i < plan.InputSlots.Count; i++)
                arena.Input(i).Span.Clear();
            if (plan.Sampling is { } sampling)
            {
                Samples = new SampleBoard(sampling, readsBack: true);
                copies = new SampleCopies(plan, sampling, Samples, arena);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override SampleBoard? Samples { get; }

    public override Memory<byte> Input(int index) => arena.Input(index);

    public override Memory<byte> Output(int index) => arena.Output(index);

    public override (ElementType Type, Shape Shape) OutputType(int index) => plan.Outputs[index];

    public override void Execute(CancellationToken cancellation)
    {
        if (plan.Poisons)
            Poison();
        Samples?.Choose();
        arena.ToDevice();
        try
        {
            copies?.Start(queue);
            for (int i = 0; i < steps.Length && !cancellation.IsCancellationRequested; i++)
                if (Samples is not null && Samples.Reaches(i, out ChosenStep chosen))
                {
                    copies!.Copy(queue, chosen.Before);
                    steps[i].Run();
                    copies.Copy(queue, chosen.After);
                }
                else
                    steps[i].Run();
            copies?.Finish(queue);
        }
        finally
        {
            arena.ToHost();
            wait.Finish();
        }
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Device steps by the device's own clock, without the gaps between launches; host steps by the host's.</summary>
    public override void Profile(Span<long> ticks)
    {
        arena.ToDevice();
        ClStatus.Check(api.Finish(queue), "clFinish");
        nint own = queue;
        queue = context.CreateQueue(CommandQueueProperties.ProfilingEnable);
        try
        {
            for (int i = 0; i < steps.Length; i++)
                ticks[i] = steps[i].Time();
            ClStatus.Check(api.Finish(queue), "clFinish");
        }
        finally
        {
            _ = api.ReleaseCommandQueue(queue);
            queue = own;
        }
        arena.ToHost();
        ClStatus.Check(api.Finish(queue), "clFinish");
    }

    /// <summary>Runs all steps again and again without moving inputs or outputs; returns nanoseconds per time, launches included, as in a queue that is full.</summary>
    public double Repeat(int times)
    {
        arena.ToDevice();
        ClStatus.Check(api.Finish(queue), "clFinish");
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
            foreach (RunStep step in steps)
                step.Run();
        ClStatus.Check(api.Finish(queue), "clFinish");
        double elapsed = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        arena.ToHost();
        ClStatus.Check(api.Finish(queue), "clFinish");
        return elapsed / times;
    }

    public override void Dispose()
    {
        nint released = Interlocked.Exchange(ref queue, 0);
        if (released != 0)
            _ = api.Finish(released);
        foreach (RunStep? step in steps)
            step?.Dispose();
        copies?.Dispose();
        scratch?.Dispose();
        arena?.Dispose();
        if (released != 0)
            _ = api.ReleaseCommandQueue(released);
        context.Release();
    }

    /// <summary>All bits set in the arena and the working memory, the inputs excepted: NaN in every float.</summary>
    private void Poison()
    {
        byte[][] kept = [.. Enumerable.Range(0, plan.InputSlots.Count).Select(i => arena.Input(i).ToArray())];
        arena.ToDevice();
        uint pattern = uint.MaxValue;
        for (int bank = 0; bank < plan.Banks.Count; bank++)
            if (plan.Banks.Size(bank) >= sizeof(uint))
                ClStatus.Check(api.EnqueueFillBuffer(queue, arena.Bank(bank), &pattern, sizeof(uint), 0, (nuint)(plan.Banks.Size(bank) / sizeof(uint) * sizeof(uint))), "clEnqueueFillBuffer");
        if (plan.ScratchBytes >= sizeof(uint))
            ClStatus.Check(api.EnqueueFillBuffer(queue, scratch.Handle, &pattern, sizeof(uint), 0, (nuint)(plan.ScratchBytes / sizeof(uint) * sizeof(uint))), "clEnqueueFillBuffer");
        arena.ToHost();
        ClStatus.Check(api.Finish(queue), "clFinish");
        for (int i = 0; i < kept.Length; i++)
            kept[i].CopyTo(arena.Input(i));
    }

    private abstract class RunStep : IDisposable
    {
        public abstract void Run();

        /// <summary>Runs once, and waits; in ticks of <see cref="Stopwatch"/>.</summary>
        public abstract long Time();

        public abstract void Dispose();
    }

    /// <summary>The launches of a row.</summary>
    private sealed class DeviceStep : RunStep
    {
        private readonly OpenClRun run;
        private readonly BoundStep bound;
        private readonly List<(nint Kernel, ClLaunch Launch)> launches = [];

        public DeviceStep(OpenClRun run, BoundStep bound, ClKernel kernel)
        {
            this.run = run;
            this.bound = bound;
            try
            {
                foreach (ClLaunch launch in kernel.Launches.Where(l => l.Global.Items > 0))
                {
                    launches.Add((run.context.CreateKernel(launch.Program, launch.Function), launch));
                    SetArguments(launches[^1].Kernel, launch);
                }
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public override void Run()
        {
            foreach ((nint kernel, ClLaunch launch) in launches)
                Enqueue(kernel, launch, null);
        }

        public override long Time()
        {
            double nanoseconds = 0;
            foreach ((nint kernel, ClLaunch launch) in launches)
            {
                nint done;
                Enqueue(kernel, launch, &done);
                try
                {
                    ClStatus.Check(run.api.Finish(run.queue), "clFinish");
                    nanoseconds += EventTime.Nanoseconds(run.api, done);
                }
                finally
                {
                    _ = run.api.ReleaseEvent(done);
                }
            }
            return (long)(nanoseconds * Stopwatch.Frequency / 1e9);
        }

        private void Enqueue(nint kernel, ClLaunch launch, nint* completion)
        {
            nuint* global = stackalloc nuint[3], local = stackalloc nuint[3];
            (global[0], global[1], global[2]) = ((nuint)launch.Global.X, (nuint)launch.Global.Y, (nuint)launch.Global.Z);
            (local[0], local[1], local[2]) = ((nuint)launch.Local.X, (nuint)launch.Local.Y, (nuint)launch.Local.Z);
            uint axes = launch.Global.Z > 1 ? 3u : launch.Global.Y > 1 ? 2u : 1u;
            int status = run.api.EnqueueNdRangeKernel(run.queue, kernel, axes, global, local, completion);
            if (status != ClStatus.Success)
                throw ClStatus.Error(status, $"clEnqueueNDRangeKernel ({launch.Function} for {bound.Name})");
        }

        public override void Dispose()
        {
            foreach ((nint kernel, _) in launches)
                _ = run.api.ReleaseKernel(kernel);
            launches.Clear();
        }

        private void SetArguments(nint kernel, ClLaunch launch)
        {
            uint index = 0;
            foreach (ClArgument argument in launch.Arguments)
                switch (argument.Kind)
                {
                    case ClArgumentKind.Input: SetMemory(kernel, launch, ref index, argument.Index < bound.Inputs.Length ? bound.Inputs[argument.Index] : Slot.Absent); break;
                    case ClArgumentKind.Output: SetMemory(kernel, launch, ref index, bound.Outputs[argument.Index]); break;
                    case ClArgumentKind.Packed:
                        SetMemory(kernel, launch, ref index, run.context.Weights(bound.Packed!).Handle, argument.Bits / sizeof(float));
                        break;
                    case ClArgumentKind.Scratch: SetMemory(kernel, launch, ref index, run.scratch.Handle, argument.Bits / sizeof(float)); break;
                    case ClArgumentKind.Local: Set(kernel, launch, ref index, (nuint)argument.Bits, null); break;
                    case ClArgumentKind.Long:
                        long wide = argument.Bits;
                        Set(kernel, launch, ref index, sizeof(long), &wide);
                        break;
                    default:
                        int bits = (int)argument.Bits;
                        Set(kernel, launch, ref index, sizeof(int), &bits);
                        break;
                }
        }

        private void SetMemory(nint kernel, ClLaunch launch, ref uint index, Slot slot)
        {
            if (!slot.Exists)
                SetMemory(kernel, launch, ref index, 0, 0);
            else if (slot.Constant is not null)
                SetMemory(kernel, launch, ref index, run.context.Weights(slot.Constant).Handle, slot.View.Offset);
            else
            {
                (int bank, long offset) = run.plan.Banks.At(slot.Offset);
                SetMemory(kernel, launch, ref index, run.arena.Bank(bank), offset / slot.Type.Size() + slot.View.Offset);
            }
        }

        private void SetMemory(nint kernel, ClLaunch launch, ref uint index, nint buffer, long elements)
        {
            Set(kernel, launch, ref index, (nuint)sizeof(nint), &buffer);
            Set(kernel, launch, ref index, sizeof(long), &elements);
        }

        private void Set(nint kernel, ClLaunch launch, ref uint index, nuint size, void* value)
        {
            int status = run.api.SetKernelArg(kernel, index, size, value);
            if (status != ClStatus.Success)
                throw ClStatus.Error(status, $"clSetKernelArg ({index} of {launch.Function} in {launch.Program.File}, for {bound.Name})");
            index++;
        }
    }

    /// <summary>A row of the CPU's, for integers.</summary>
    private sealed class HostStep(OpenClRun run, BoundStep bound, ICpuKernel kernel) : RunStep
    {
        private readonly AlignedMemory scratch = new(kernel.ScratchBytes);
        private readonly Operand[] inputs = new Operand[bound.Inputs.Length], outputs = new Operand[bound.Outputs.Length];

        public override void Run()
        {
            Borrow(bound.Inputs, inputs);
            Borrow(bound.Outputs, outputs);
            for (int task = 0; task < kernel.Tasks; task++)
                kernel.Run(new StepArgs(inputs, outputs, scratch.Address), task);
            foreach (Slot slot in bound.Outputs)
                run.arena.Return(slot);
        }

        public override long Time()
        {
            long start = Stopwatch.GetTimestamp();
            Run();
            return Stopwatch.GetTimestamp() - start;
        }

        public override void Dispose() => scratch.Dispose();

        private void Borrow(Slot[] slots, Operand[] operands)
        {
            for (int i = 0; i < slots.Length; i++)
            {
                if (!slots[i].Exists)
                    continue;
                (Memory<byte> memory, nint address) = slots[i].Constant is { } constant ? (constant.Memory, constant.Address) : run.arena.Borrow(slots[i]);
                operands[i] = new Operand(slots[i].Type, slots[i].View, memory, address + (nint)(slots[i].View.Offset * slots[i].Type.Size()));
            }
        }
    }
}
