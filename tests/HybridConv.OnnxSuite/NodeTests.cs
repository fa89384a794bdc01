using HybridConv.Cli;
using HybridConv.Cli.Reports;
using HybridConv.Testing;
using HybridConv.Tools.Data;
using Xunit;

namespace HybridConv.OnnxSuite;

/// <summary>ONNX's published operator cases, through the same code as <c>hybridconv onnx-test</c>.</summary>
public class NodeTests
{
    private static readonly Tolerance Tolerance = new(1e-5, 1e-4, 0);

    /// <summary>One row per case; a row that names the manifest where it is missing, so that the test says what it lacks.</summary>
    public static TheoryData<string> PromisedCases => NodeCases.All.Count == 0 ? ["manifest-node.json"] : [.. NodeCases.Promised.Select(c => c.Path)];

    [Theory]
    [MemberData(nameof(PromisedCases))]
    public void Cases_of_promised_operators_pass_or_are_listed_as_refused(string path) => PassesOrIsRefused(path, Targets.Cpu);

    /// <summary>Also on a device: what has no kernel there runs on the host, inside the plan.</summary>
    [Theory]
    [MemberData(nameof(PromisedCases))]
    public void Cases_pass_or_are_refused_on_OpenCL_devices_too(string path) => PassesOrIsRefused(path, Targets.OpenCl);

    [Fact]
    public void No_other_case_gets_a_wrong_answer() => NoneIsWrong(Targets.Cpu);

    [Fact]
    public void No_other_case_gets_a_wrong_answer_from_an_OpenCL_device() => NoneIsWrong(Targets.OpenCl);

    private static void PassesOrIsRefused(string path, Func<Model, Session> compile)
    {
        CaseReport report = OnnxCase.Run(SharedData.Require(path), compile, Tolerance);
        if (NodeCases.Refused.TryGetValue(path, out string? reason))
        {
            Assert.Equal(OnnxCase.Unsupported, report.Status);
            Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
        }
        else
            Assert.True(report.Status == OnnxCase.Passed, $"{report.Status}: {report.Reason}");
    }

    private static void NoneIsWrong(Func<Model, Session> compile)
    {
        SharedData.Require("manifest-node.json");
        HashSet<string> promised = [.. NodeCases.Promised.Select(c => c.Path)];
        CaseReport[] others = [.. NodeCases.All.Where(c => !promised.Contains(c.Path)).Select(c => OnnxCase.Run(SharedData.Require(c.Path), compile, Tolerance))];
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
