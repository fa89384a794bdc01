using HybridConv.Cli;
using HybridConv.Cli.Data;
using HybridConv.Cli.Reports;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.OnnxSuite;

/// <summary>ONNX's published operator cases, through the same code as <c>hybridconv onnx-test</c>.</summary>
public class NodeTests
{
    private static readonly SessionOptions Options = new() { Target = "cpu", Threads = 1 };
    private static readonly Tolerance Tolerance = new(1e-5, 1e-4, 0);

    /// <summary>One row per case; a row that names the manifest where it is missing, so that the test says what it lacks.</summary>
    public static TheoryData<string> PromisedCases => NodeCases.All.Count == 0 ? ["manifest-node.json"] : [.. NodeCases.Promised.Select(c => c.Path)];

    [Theory]
    [MemberData(nameof(PromisedCases))]
    public void Cases_of_promised_operators_pass_or_are_listed_as_refused(string path)
    {
        CaseReport report = OnnxCase.Run(SharedData.Require(path), Options, Tolerance);
        if (NodeCases.Refused.TryGetValue(path, out string? reason))
        {
            Assert.Equal(OnnxCase.Unsupported, report.Status);
            Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
        }
        else
            Assert.True(report.Status == OnnxCase.Passed, $"{report.Status}: {report.Reason}");
    }

    [Fact]
    public void No_other_case_gets_a_wrong_answer()
    {
        SharedData.Require("manifest-node.json");
        HashSet<string> promised = [.. NodeCases.Promised.Select(c => c.Path)];
        CaseReport[] others = [.. NodeCases.All.Where(c => !promised.Contains(c.Path)).Select(c => OnnxCase.Run(SharedData.Require(c.Path), Options, Tolerance))];
        Assert.NotEmpty(others);
        Assert.DoesNotContain(others, report => report.Status == OnnxCase.Failed);
        Assert.All(others.Where(report => report.Status == OnnxCase.Unsupported), report => Assert.NotEmpty(report.Reason!));
    }

    [Fact]
    public void The_list_of_refused_cases_names_promised_cases_only()
    {
        SharedData.Require("manifest-node.json");
        Assert.Subset(NodeCases.Promised.Select(c => c.Path).ToHashSet(), NodeCases.Refused.Keys.ToHashSet());
    }
}
