using HybridConv.Cpu;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Testing;

public class ChildProcessTests
{
    [Theory]
    [InlineData("V512"), InlineData("V256"), InlineData("V128"), InlineData("Scalar")]
    public void A_child_process_has_the_instruction_set_it_was_asked_for(string isa) =>
        ChildProcess.RunTestsWith(Enum.Parse<Isa>(isa), typeof(AnyTest));

    [Fact]
    public void A_failing_test_in_the_child_fails_the_parent()
    {
        var error = Assert.Throws<Xunit.Sdk.FailException>(() => ChildProcess.RunTests([typeof(AnyTest)], ("HYBRIDCONV_TEST_ISA", "another")));
        Assert.Contains("was to have another", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_child_that_runs_no_test_fails_the_parent() =>
        Assert.Throws<Xunit.Sdk.FailException>(() => ChildProcess.RunTests([typeof(MeasuredTables)]));

    public class AnyTest
    {
        [Fact]
        public void This_process_has_a_vector_width() => Assert.True(Enum.IsDefined(CpuInfo.Widest));
    }
}
