using HybridConv.Cpu;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>A process with fewer vector instructions computes the same bits. Each child fails unless it has exactly the vectors it was to have.</summary>
public class IsaTests
{
    [Theory]
    [InlineData("V512")]
    [InlineData("V256")]
    [InlineData("V128")]
    [InlineData("Scalar")]
    public void AProcessWithNarrowerVectorsComputesTheSameBits(string isa) =>
        ChildProcess.RunTestsWith(Enum.Parse<Isa>(isa), [typeof(FingerprintTests)], (FingerprintTests.Variable, FingerprintTests.Compute()));
}
