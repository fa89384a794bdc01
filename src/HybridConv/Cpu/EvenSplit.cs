namespace HybridConv.Cpu;

/// <summary>Equal units of work, in order, dealt out to tasks that differ by one unit at most.</summary>
internal readonly record struct EvenSplit
{
    /// <summary>Tasks per thread: enough that an interrupted thread holds up the others only a little.</summary>
    private const int TasksPerThread = 4;

    private readonly long units;

    /// <param name="units">What is not cut further.</param>
    /// <param name="work">The work of all units together, in whatever it is counted.</param>
    /// <param name="leastWork">A task with less work than this costs more to hand over than to do.</param>
    /// <param name="threads">Threads that share the tasks.</param>
    public EvenSplit(long units, long work, long leastWork, int threads)
    {
        this.units = units;
        Tasks = (int)Math.Min(units, Math.Clamp(work / leastWork, 1, threads == 1 ? 1 : TasksPerThread * threads));
    }

    public int Tasks { get; }

    /// <summary>The units of one task.</summary>
    public (long Start, long End) Of(int task) => (units * task / Tasks, units * (task + 1) / Tasks);
}
