using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.Intrinsics.X86;

namespace HybridConv.Cpu;

/// <summary>
/// The threads behind a session. A run enters the pool, hands it one step after the other, and leaves; the caller's thread always works too.
/// Workers spin only between <see cref="TryEnter"/> and <see cref="Leave"/> and for a moment after, then park: an idle pool takes no processor time.
/// Only one run is inside at a time; a run that finds the pool busy does its work on its own thread, with the same results.
/// </summary>
/// <remarks>
/// The tasks of a step are dealt out in equal shares of neighbours, so that the same part of an image is computed by the same thread in one step after the other
/// and found in the caches of its core. Who has finished a share takes tasks from the others' shares.
/// <para>
/// For each share one 64-bit ticket holds the number of the current step (high half) and the share's next unclaimed task (low half). A worker claims a task by
/// compare-and-swap on the whole ticket, so a late worker can never take a task of a step that it has not seen. All tickets are closed before anything else
/// of a step changes: a worker that still reads an old ticket then fails to claim, however much of the new step it sees.
/// </para>
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    /// <summary>Tickets lie so many numbers apart that no two share a cache line, nor a pair of lines that is fetched together.</summary>
    private const int TicketStep = 16;

    /// <summary>How often a thread looks again before it lets others run: a few dozen microseconds.</summary>
    private const int Patience = 1000;

    private static readonly long LingerTicks = Stopwatch.Frequency * 50 / 1_000_000;

    /// <summary>The low half of a ticket that gives nothing away; more than any number of tasks.</summary>
    private const long NothingLeft = int.MaxValue;

    private readonly object gate = new();
    private readonly Thread[] workers;
    private int entered;
    private int parked;
    private volatile bool active;
    private volatile bool stopping;

    /// <summary>For each share its ticket, then the number of tasks that have not been finished: all that several threads write to while they compute.</summary>
    private readonly long[] tickets;

    private volatile StepWork? work;
    private nint scratch;
    private volatile ExceptionDispatchInfo? failure;

    /// <param name="threads">Threads of one run, the caller's included; 1 makes a pool without workers.</param>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        tickets = new long[(threads + 2) * TicketStep];
        workers = new Thread[threads - 1];
        for (int i = 0; i < workers.Length; i++)
        {
            int worker = i + 1;
            workers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"HybridConv worker {worker}" };
            workers[i].Start();
        }
    }

    public int Threads { get; }

    /// <summary>Takes the pool for one run; false when another run has it, or when there are no workers.</summary>
    public bool TryEnter()
    {
        if (workers.Length == 0 || stopping || Interlocked.CompareExchange(ref entered, 1, 0) != 0)
            return false;
        active = true;
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref parked) > 0)
            lock (gate)
                Monitor.PulseAll(gate);
        return true;
    }

    public void Leave()
    {
        active = false;
        Volatile.Write(ref entered, 0);
    }

    /// <summary>Runs all tasks of a step on the workers and the caller's thread, and returns when all are done. The caller must be inside.</summary>
    /// <param name="step">The kernel and its operands.</param>
    /// <param name="scratchBase">Scratch memory: worker i uses the bytes from i * <see cref="StepWork.ScratchStride"/>.</param>
    public void Run(StepWork step, nint scratchBase)
    {
        // In the 32 bits that a ticket has for it, so that the count may wrap around.
        long number = (int)(Number(0) + 1);
        for (int share = 0; share < Threads; share++)
            Interlocked.Exchange(ref Ticket(share), (number - 1) << 32 | NothingLeft);
        scratch = scratchBase;
        failure = null;
        work = step;
        Volatile.Write(ref Unfinished, step.Tasks);
        for (int share = 0; share < Threads; share++)
            Volatile.Write(ref Ticket(share), number << 32 | (uint)First(share, step.Tasks));
        WorkOn(number, 0);
        for (int waits = 0; Volatile.Read(ref Unfinished) > 0; waits++)
            Wait(waits);
        failure?.Throw();
    }

    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }
        foreach (Thread worker in workers)
            worker.Join();
    }

    private void Work(int worker)
    {
        long seen = Number(worker);
        while (!stopping)
        {
            long idleSince = 0;
            int waits = 0;
            while (!stopping)
            {
                long current = Number(worker);
                if (current != seen)
                {
                    seen = current;
                    WorkOn(current, worker);
                    (idleSince, waits) = (0, 0);
                }
                else if (active)
                {
                    idleSince = 0;
                    Wait(waits++);
                }
                else
                {
                    long now = Stopwatch.GetTimestamp();
                    if (idleSince == 0)
                        idleSince = now;
                    else if (now - idleSince > LingerTicks)
                        break;
                    Wait(0);
                }
            }
            Park();
        }
    }

    private void Park()
    {
        lock (gate)
        {
            Interlocked.Increment(ref parked);
            while (!active && !stopping)
                Monitor.Wait(gate);
            Interlocked.Decrement(ref parked);
        }
    }

    /// <summary>Runs unclaimed tasks of a step: first of the worker's own share, then of those that follow.</summary>
    private void WorkOn(long step, int worker)
    {
        for (int i = 0; i < Threads; i++)
            WorkOn(step, worker, (worker + i) % Threads);
    }

    private void WorkOn(long step, int worker, int share)
    {
        while (true)
        {
            long current = Volatile.Read(ref Ticket(share));
            StepWork? claimed = work;
            int task = (int)current;
            if (current >> 32 != step || claimed is null || task >= First(share + 1, claimed.Tasks))
                return;
            if (Interlocked.CompareExchange(ref Ticket(share), current + 1, current) != current)
                continue;
            try
            {
                claimed.Run(task, scratch + worker * (nint)claimed.ScratchStride);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            Interlocked.Decrement(ref Unfinished);
        }
    }

    /// <summary>The first task of a share.</summary>
    private int First(int share, int tasks) => (int)((long)share * tasks / Threads);

    private ref long Ticket(int share) => ref tickets[(share + 1) * TicketStep];

    private ref long Unfinished => ref tickets[(Threads + 1) * TicketStep];

    /// <summary>The step that a share's ticket is for.</summary>
    private long Number(int share) => Volatile.Read(ref Ticket(share)) >> 32;

    /// <summary>Lets a moment pass; after many of them, another thread that may have work to do.</summary>
    private static void Wait(int waits)
    {
        if (waits >= Patience)
            Thread.Yield();
        else if (X86Base.IsSupported)
            X86Base.Pause();
        else
            Thread.SpinWait(1);
    }
}
