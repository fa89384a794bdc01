using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using HybridConv.Tools;

namespace HybridConv.Compare;

/// <summary>The processors that both engines run on, one per thread: the first of those that this process may use.</summary>
internal sealed class Processors
{
    private readonly nint mask;

    /// <exception cref="UsageException">There are not as many as threads.</exception>
    public Processors(int threads)
    {
        if (threads > Environment.ProcessorCount)
            throw new UsageException($"--threads {threads}: this process may use {Environment.ProcessorCount} processors, and each thread is given one");
        if (!CanPin)
            return;
        using Process self = Process.GetCurrentProcess();
        var numbers = new List<int>();
        for (int i = 0; i < 8 * nint.Size && numbers.Count < threads; i++)
            if ((self.ProcessorAffinity >> i & 1) != 0)
            {
                numbers.Add(i);
                mask |= (nint)1 << i;
            }
        Numbers = numbers;
    }

    /// <summary>Their numbers; null where the operating system does not let a process choose.</summary>
    public IReadOnlyList<int>? Numbers { get; }

    [SupportedOSPlatformGuard("linux")]
    [SupportedOSPlatformGuard("windows")]
    private static bool CanPin => OperatingSystem.IsLinux() || OperatingSystem.IsWindows();

    /// <summary>
    /// Starts a process on these processors. It inherits those of the thread that starts it, so that thread goes there for the moment: a process that moves
    /// itself would, on Linux, move one of its threads and leave those of its runtime behind.
    /// </summary>
    public Process Start(ProcessStartInfo start)
    {
        if (!CanPin)
            return Process.Start(start)!;
        using Process self = Process.GetCurrentProcess();
        nint own = self.ProcessorAffinity;
        MoveTo(self, mask);
        Process child;
        try
        {
            child = Process.Start(start)!;
        }
        finally
        {
            MoveTo(self, own);
        }
        if (child.ProcessorAffinity != mask)
        {
            child.Kill();
            throw new InvalidOperationException($"a child process runs on the processors {child.ProcessorAffinity:x} instead of {mask:x}");
        }
        return child;
    }

    /// <summary>Binds what a child inherits from: the calling thread, and on Windows the whole process.</summary>
    [SupportedOSPlatform("linux")]
    [SupportedOSPlatform("windows")]
    private static void MoveTo(Process self, nint processors)
    {
        if (OperatingSystem.IsWindows())
            self.ProcessorAffinity = processors;
        else if (SetAffinity(0, nint.Size, processors) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    /// <param name="thread">0 for the calling thread.</param>
    /// <param name="bytes">Of the mask.</param>
    /// <param name="mask">One bit for each processor.</param>
    [DllImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static extern int SetAffinity(int thread, nint bytes, in nint mask);
}
