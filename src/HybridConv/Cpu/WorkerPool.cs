using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace HybridConv.Cpu;

/// <summary>
/// The threads behind a session. A run enters the pool, hands it one step after the other, and leaves; the caller's thread always works too.
/// Workers spin only between <see cref="TryEnter"/> and <see cref="Leave"/> and for a moment after, then park: an idle pool takes no processor time.
/// Only one run is inside at a time; a run that finds the pool busy does its work on its own thread, with the same results.
/// </summary>
/// <remarks>
/// One 64-bit ticket holds the number of the current step (high half) and the next unclaimed task (low half). A worker claims a task by
/// compare-and-swap on the whole ticket, so a late worker can never take a task of a step that it has not seen. The ticket is closed before anything else
/// of a step changes: a worker that still reads the old ticket then fails to claim, however much of the new step it sees.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    private static readonly long LingerTicks = Stopwatch.Frequency * 50 / 1_000_000;

    /// <summary>The low half of a ticket that gives nothing away; more than any number of tasks.</summary>
    private const long NothingLeft = int.MaxValue;

    private readonly object gate = new();
    private readonly Thread[] workers;
    private int entered;
    private int parked;
    private volatile bool active;
    private volatile bool stopping;

    private long ticket;
    private volatile StepWork? work;
    private nint scratch;
    private int unfinished;
    private volatile ExceptionDispatchInfo? failure;

    /// <param name="threads">Threads of one run, the caller's included; 1 makes a pool without workers.</param>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
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
        Interlocked.Exchange(ref ticket, (ticket >> 32 << 32) | NothingLeft);
        scratch = scratchBase;
        failure = null;
        work = step;
        unfinished = step.Tasks;
        Volatile.Write(ref ticket, ((ticket >> 32) + 1) << 32);
        WorkOn(Volatile.Read(ref ticket) >> 32, 0);
        var spin = new SpinWait();
        while (Volatile.Read(ref unfinished) > 0)
            if (spin.Count < 1000)
                spin.SpinOnce(sleep1Threshold: -1);
            else
                Thread.Yield();
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
        long seen = Volatile.Read(ref ticket) >> 32;
        while (!stopping)
        {
            long idleSince = 0;
            while (!stopping)
            {
                long current = Volatile.Read(ref ticket) >> 32;
                if (current != seen)
                {
                    seen = current;
                    WorkOn(current, worker);
                    idleSince = 0;
                }
                else if (active)
                {
                    idleSince = 0;
                    Thread.SpinWait(8);
                }
                else
                {
                    long now = Stopwatch.GetTimestamp();
                    if (idleSince == 0)
                        idleSince = now;
                    else if (now - idleSince > LingerTicks)
                        break;
                    Thread.SpinWait(16);
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

    private void WorkOn(long step, int worker)
    {
        while (true)
        {
            long current = Volatile.Read(ref ticket);
            StepWork? claimed = work;
            int task = (int)current;
            if (current >> 32 != step || claimed is null || task >= claimed.Tasks)
                return;
            if (Interlocked.CompareExchange(ref ticket, current + 1, current) != current)
                continue;
            try
            {
                claimed.Run(task, scratch + worker * (nint)claimed.ScratchStride);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            Interlocked.Decrement(ref unfinished);
        }
    }
}
