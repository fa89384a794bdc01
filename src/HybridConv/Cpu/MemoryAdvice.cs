using System.Runtime.InteropServices;

namespace HybridConv.Cpu;

/// <summary>Tells the system what memory is for. Hints: where the system does not take them, nothing changes.</summary>
internal static partial class MemoryAdvice
{
    /// <summary>Blocks below this are left alone.</summary>
    private const long LeastBytes = 512 << 10;

    private const nint LargePage = 2 << 20;

    /// <summary>Of Linux's madvise.</summary>
    private const int DoNotNeed = 4, HugePage = 14;

    /// <summary>
    /// Asks for large pages under a block, those at its edges included. Weights and images are read in streams, and a page of 2 MB takes one entry of the translation buffers, and one
    /// fault when it is first touched, in place of 512.
    /// </summary>
    public static void UseLargePages(nint address, long bytes)
    {
        if (!OperatingSystem.IsLinux() || bytes < LeastBytes)
            return;
        nint start = address & -LargePage, end = (address + (nint)bytes + LargePage - 1) & -LargePage;
        Give(start, end - start, HugePage);
    }

    /// <summary>Lets go of pages of a file that is mapped to be read: the process does not hold them any longer, and gets them again when it looks there again.</summary>
    public static void Forget(nint address, long bytes)
    {
        nint page = Environment.SystemPageSize, start = (address + page - 1) & -page, end = (address + (nint)bytes) & -page;
        if (OperatingSystem.IsLinux() && bytes >= LeastBytes && end > start)
            Give(start, end - start, DoNotNeed);
    }

    private static void Give(nint address, nint bytes, int advice)
    {
        try
        {
            _ = Advise(address, bytes, advice);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system whose library has another name does without.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nint bytes, int advice);
}
