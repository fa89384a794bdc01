using HybridConv.Cpu;

namespace HybridConv.Testing;

/// <summary>
/// An assembly fixture of every suite that runs tests in child processes: when the parent asked for an instruction set and this process has another,
/// every test of this process fails, so that a switch which the runtime ignores can never pass as a tested configuration.
/// </summary>
public sealed class RequestedIsa
{
    internal const string Variable = "HYBRIDCONV_TEST_ISA";

    public RequestedIsa()
    {
        string? wanted = Environment.GetEnvironmentVariable(Variable);
        if (wanted is not null && wanted != CpuInfo.Widest.ToString())
            throw new InvalidOperationException($"This process was to have {wanted}, but has {CpuInfo.Widest}.");
    }
}
