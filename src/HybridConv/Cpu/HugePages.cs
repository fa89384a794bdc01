using System.Runtime.InteropServices;

namespace HybridConv.Cpu;

/// <summary>
/// Asks the system for large pages under large blocks: weights and images are read in streams, and a page of 2 MB takes one entry of the translation buffers, and one fault when it
/// is first touched, in place of 512. A hint: where the system does not know it, nothing changes.
/// </summary>
internal static partial class HugePages
{
    /// <summary>Blocks below this are left alone.</summary>
    private const long LeastBytes = 512 << 10;

    private const nint PageBytes = 2 << 20;

    /// <summary>Of Linux's madvise.</summary>
    private const int AdviseHugePages = 14;

    /// <summary>Of the pages that hold a block, those at its edges included: what else is there is as good on large pages.</summary>
    public static void Advise(nint address, long bytes)
    {
        if (!OperatingSystem.IsLinux() || bytes < LeastBytes)
            return;
        nint start = address & -PageBytes, end = (address + (nint)bytes + PageBytes - 1) & -PageBytes;
        _ = Advise(start, end - start, AdviseHugePages);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nint bytes, int advice);
}
