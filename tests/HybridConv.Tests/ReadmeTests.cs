using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using HybridConv.Cpu;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Testing;
using Xunit;
using BenchJson = HybridConv.Cli.Reports.ReportJson;
using CompareJson = HybridConv.Compare.ReportJson;

namespace HybridConv.Tests;

/// <summary>
/// What the documents say is so. The README's tables are generated; to bring them up to date:
/// <c>dotnet run --project tests/HybridConv.Tests -- -explicit only -class "*ReadmeTests"</c>.
/// </summary>
public partial class ReadmeTests
{
    private static readonly string Readme = Repository.Read("README.md");

    /// <summary>The generated parts: each stands between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c>.</summary>
    private static readonly (string Name, Func<string> Generate)[] Parts =
    [
        ("operators", Operators),
        ("measurements", () => MeasuredTables.Bench(Results("bench", BenchJson.Default.BenchReport))),
        ("comparisons", () => MeasuredTables.Compare(Results("compare", CompareJson.Default.CompareReport))),
    ];

    [Fact]
    public void Generated_parts_are_current()
    {
        string current = Parts.Aggregate(Readme, Replace);
        Assert.True(current == Readme, "README.md is out of date. To write it: dotnet run --project tests/HybridConv.Tests -- -explicit only -class \"*ReadmeTests\"");
    }

    [Fact(Explicit = true)]
    public void Write_the_generated_parts() => File.WriteAllText(Repository.PathTo("README.md"), Parts.Aggregate(Readme, Replace));

    private const string NativeReadme = "native/README.md";

    [Fact]
    public void The_table_of_calls_through_C_is_current()
    {
        string text = Repository.Read(NativeReadme);
        Assert.True(Replace(text, NativeCalls) == text, $"{NativeReadme} is out of date. To write it: dotnet run --project tests/HybridConv.Tests -- -explicit only -class \"*ReadmeTests\"");
    }

    [Fact(Explicit = true)]
    public void Write_the_table_of_calls_through_C() => File.WriteAllText(Repository.PathTo(NativeReadme), Replace(Repository.Read(NativeReadme), NativeCalls));

    private static (string Name, Func<string> Generate) NativeCalls => ("calls", () => NativeTable.Of(
        [.. Repository.Files().Where(f => Result().Match(f) is { Success: true } match && match.Groups["kind"].Value == "native").Order(StringComparer.Ordinal)]));

    [Fact]
    public void Every_committed_result_is_of_a_machine_and_of_a_kind_that_is_shown() =>
        Assert.All(Repository.Files().Where(f => f.StartsWith("bench/results/", StringComparison.Ordinal)), path => Assert.Matches(Result(), path));

    [Fact]
    public void Every_block_of_code_is_a_region_of_the_examples_that_run()
    {
        HashSet<string> regions = [.. Region().Matches(Repository.Read("tests/HybridConv.Tests/ReadmeExamples.cs")).Select(m => Dedent(m.Groups["body"].Value))];
        string[] blocks = [.. CodeBlock().Matches(Readme).Select(m => m.Groups["body"].Value.Trim('\n'))];
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(block, regions));
        Assert.Equal(regions.Count, blocks.Length);
    }

    [Fact]
    public void The_first_two_commands_are_the_benchmark_and_the_tests()
    {
        string[] commands = [.. Regex.Matches(Readme, "```\n(?<body>.*?)```", RegexOptions.Singleline).SelectMany(m => m.Groups["body"].Value.Split('\n'))
            .Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0)];
        Assert.Equal(["dotnet run -c Release --project src/HybridConv.Cli -- bench", "./test.sh"], commands[..2]);
    }

    [Fact]
    public void Links_lead_to_files()
    {
        foreach (string document in Repository.Files().Where(f => f.EndsWith(".md", StringComparison.Ordinal)))
            foreach (Match link in RelativeLink().Matches(Repository.Read(document)))
                Assert.True(Path.Exists(Path.Combine(Repository.Root, Path.GetDirectoryName(document)!, link.Groups["path"].Value)), $"{document}: {link.Value}");
    }

    private static string Replace(string text, (string Name, Func<string> Generate) part)
    {
        string begin = $"<!-- {part.Name} -->\n", end = $"<!-- /{part.Name} -->";
        int from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length, to = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"README.md has no part '{part.Name}'");
        return text[..from] + part.Generate() + text[to..];
    }

    /// <summary>The operators that models may use, and the algorithms of their CPU tables.</summary>
    private static string Operators()
    {
        var table = new StringBuilder("| operator | opset versions that changed it | vector kernels |\n|---|---|---|\n");
        foreach (Op op in OpTable.Ops.Where(op => op.Opsets.Count > 0).OrderBy(op => op.Name, StringComparer.Ordinal))
            table.Append(CultureInfo.InvariantCulture, $"| {op.Name} | {string.Join(", ", op.Opsets)} | {string.Join(", ", Algorithms(op))} |\n");
        return table.ToString();
    }

    /// <summary>The part of a row's name between the operator and the element type.</summary>
    private static IEnumerable<string> Algorithms(Op op) =>
        op.GetType().GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITable<,>) && i.GenericTypeArguments[1] == typeof(CpuInfo))
            .SelectMany(table => ((System.Collections.IEnumerable)table.GetProperty("Rows")!.GetValue(op)!).Cast<object>())
            .Select(row => (string)row.GetType().GetProperty("Name")!.GetValue(row)!)
            .Where(name => !name.Contains(".scalar", StringComparison.Ordinal))
            .Select(name => RowAlgorithm().Match(name).Groups["algorithm"].Value).Distinct();

    /// <summary>The committed reports of one kind, <c>bench/results/MACHINE/KIND-*.json</c>, by machine and name.</summary>
    private static IEnumerable<(string Path, T Report)> Results<T>(string kind, JsonTypeInfo<T> type) =>
        from path in Repository.Files()
        let result = Result().Match(path)
        where result.Success && result.Groups["kind"].Value == kind
        select (path, JsonSerializer.Deserialize(Repository.Read(path), type)!);

    private static string Dedent(string code)
    {
        string[] lines = code.Trim('\n').Split('\n');
        int indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..] : "")).TrimEnd();
    }

    [GeneratedRegex("^bench/results/[^/]+/(?<kind>bench|compare|native)-[^/]+[.]json$")]
    private static partial Regex Result();

    [GeneratedRegex(@"#region [^\n]*\n(?<body>.*?)\n[ ]*#endregion", RegexOptions.Singleline)]
    private static partial Regex Region();

    [GeneratedRegex(@"```csharp\n(?<body>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"\[[^\]]*\]\((?<path>(?!https?:|#)[^)#]+)(#[^)]*)?\)")]
    private static partial Regex RelativeLink();

    [GeneratedRegex(@"^[a-z0-9]+\.(?<algorithm>.*?)\.(f32|i64|i32|u8|bool|any)\.")]
    private static partial Regex RowAlgorithm();
}
