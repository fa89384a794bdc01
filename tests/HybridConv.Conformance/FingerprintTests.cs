using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HybridConv.Conformance.Cases;
using HybridConv.Cpu;
using HybridConv.Planning;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>
/// One hash over the results of many cases, each by the row that this process would run. A parent process hands its own to children with other
/// instruction sets. Few and small cases: without the hardware instruction a fused multiply-add is slow.
/// </summary>
public class FingerprintTests
{
    internal const string Variable = "HYBRIDCONV_TEST_FINGERPRINT";
    private const int CasesPerFamily = 60;

    [Fact]
    public void ResultsAreThoseOfTheParentProcess() => Assert.Equal(Environment.GetEnvironmentVariable(Variable) ?? Compute(), Compute());

    internal static string Compute()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var machine = new CpuInfo(CpuInfo.Widest, 2);
        foreach (Family family in Family.All)
            for (int seed = 0; seed < CasesPerFamily; seed++)
            {
                Case problem = family.Make(seed, seed % 4 == 3 ? Fill.Special : Fill.Real);
                Choice? row = Execution.Rows(problem, machine).MinBy(r => r.Fit.Nanoseconds);
                float[] result = row is null ? Execution.Reference<float>(problem) : Execution.Run(problem, row.Name, machine);
                hash.AppendData(MemoryMarshal.AsBytes<int>(Array.ConvertAll(result, Agreement.Normal)));
            }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
