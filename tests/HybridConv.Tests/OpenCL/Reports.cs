namespace HybridConv.Tests.OpenCL;

/// <summary>What compiling has said, in order.</summary>
internal sealed class Reports : List<CompileProgress>, IProgress<CompileProgress>
{
    public void Report(CompileProgress value)
    {
        lock (this)
            Add(value);
    }

    /// <summary>The kernels that were checked.</summary>
    public IEnumerable<string> Checked =>
        this.Where(report => report.Doing.StartsWith("checking ", StringComparison.Ordinal)).Select(report => report.Doing["checking ".Length..]);
}
