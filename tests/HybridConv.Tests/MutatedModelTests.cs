using System.Diagnostics;
using System.Globalization;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests;

/// <summary>
/// Models that are almost right: thousands of changed copies of good models go through the whole engine with small limits. Each gives a result or one of
/// HybridConv's own exceptions, in bounded time and memory.
/// </summary>
public class MutatedModelTests
{
    private static readonly ModelOptions Loading = new() { MaxTensorBytes = 1 << 22, MaxNodes = 10_000 };
    private static readonly SessionOptions Compiling = new() { Threads = 1, MaxTensorBytes = 1 << 20, MaxTotalBytes = 1 << 23, PoisonArena = true };

    [Fact]
    public void Mutants_of_built_models_run_or_are_refused() => Survive(Built(), seed: 1, most: 1_500, TimeSpan.MaxValue);

    [Fact]
    public void Mutants_of_ONNX_cases_run_or_are_refused() => Survive(Cases(), seed: 2, most: 1_500, TimeSpan.MaxValue);

    /// <summary>By hand: for HYBRIDCONV_FUZZ_SECONDS seconds from the seed HYBRIDCONV_FUZZ_SEED; findings go into the folder HYBRIDCONV_FUZZ_FINDINGS.</summary>
    [Fact(Explicit = true)]
    public void Mutants_for_a_long_time() => Survive(
        [.. Built(), .. Cases()], Setting("HYBRIDCONV_FUZZ_SEED", 3), int.MaxValue, TimeSpan.FromSeconds(Setting("HYBRIDCONV_FUZZ_SECONDS", 60)),
        Environment.GetEnvironmentVariable("HYBRIDCONV_FUZZ_FINDINGS"));

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <param name="models">What to change.</param>
    /// <param name="seed">Of the first mutant; each next one has the next seed.</param>
    /// <param name="most">The number of mutants after which to stop.</param>
    /// <param name="time">The time after which to stop.</param>
    /// <param name="findings">Where to put findings, one of each kind, instead of failing at the first; null for none.</param>
    private static void Survive(IReadOnlyList<(string Name, byte[] Bytes)> models, int seed, int most, TimeSpan time, string? findings = null)
    {
        var kinds = new HashSet<string>();
        int count = 0, ran = 0;
        for (var watch = Stopwatch.StartNew(); count < most && watch.Elapsed < time; count++)
        {
            int mutantSeed = unchecked((seed * 10_000_019) + count);
            (string name, byte[] bytes) = models[count % models.Count];
            byte[] mutant = new ModelMutator(mutantSeed).Mutate(bytes);
            if (findings is not null)
                File.WriteAllBytes(Path.Combine(findings, "current.onnx"), mutant);
            if (Finding(mutant, ref ran) is not { } finding)
                continue;
            if (findings is null)
                Assert.Fail($"{name}, seed {mutantSeed}: {finding}{Environment.NewLine}{Convert.ToBase64String(mutant)}");
            string kind = string.Concat(finding.Split('\n').Where(l => l.Contains("HybridConv.", StringComparison.Ordinal) || kinds.Count == 0).Take(2));
            if (!kinds.Add(kind))
                continue;
            File.WriteAllBytes(Path.Combine(findings, $"{mutantSeed}.onnx"), mutant);
            File.WriteAllText(Path.Combine(findings, $"{mutantSeed}.txt"), $"{name}{Environment.NewLine}{finding}");
        }
        TestContext.Current.SendDiagnosticMessage($"{count} mutants, {ran} of them ran, {kinds.Count} findings");
        if (findings is not null)
            File.AppendAllText(Path.Combine(findings, "log.txt"), $"{seed}: {count} mutants, {ran} ran, {kinds.Count} findings{Environment.NewLine}");
        Assert.Empty(kinds);
    }

    /// <summary>What is wrong with how the engine takes a model; null when nothing is.</summary>
    private static string? Finding(byte[] mutant, ref int ran)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan start = Environment.CpuUsage.TotalTime;
        string outcome;
        try
        {
            using Model model = Model.Load(mutant, Loading);
            using Session session = model.Compile(Compiling);
            using Run run = session.CreateRun();
            run.Execute();
            outcome = "ran";
            ran++;
        }
        catch (HybridConvException e) when (e.Message.Length > 0)
        {
            outcome = e.Message;
        }
        catch (Exception e) when (e is not HybridConvException)
        {
            return $"{e}";
        }
        TimeSpan took = Environment.CpuUsage.TotalTime - start;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return took > TimeSpan.FromSeconds(2) ? $"HybridConv.Slow: took {took}: {outcome}" : allocated > 256 << 20 ? $"HybridConv.Large: allocated {allocated} bytes: {outcome}" : null;
    }

    private static (string, byte[])[] Built() =>
    [
        .. new (string Name, OnnxFile File)[]
        {
            ("convolutions", new OnnxFile().Input("x", ElementType.Float32, 1, 4, 6, 6).Output("y", ElementType.Float32, 1, 4, 5, 5)
                .Floats("w", [4, 4, 3, 3], RandomData.Floats(1, 144)).Floats("b", [4], RandomData.Floats(2, 4)).Floats("d", [4, 1, 3, 3], RandomData.Floats(3, 36)).Floats("p", [8, 4, 1, 1], RandomData.Floats(3, 32))
                .Node("Conv", ["x", "w", "b"], ["c"], ("pads", new long[] { 1, 1, 1, 1 })).Node("Relu", ["c"], ["r"])
                .Node("Conv", ["r", "d"], ["e"], ("group", 4L), ("auto_pad", "SAME_UPPER"), ("dilations", new long[] { 2, 2 }))
                .Node("Add", ["e", "x"], ["s"]).Node("Conv", ["s", "p"], ["q"], ("kernel_shape", new long[] { 1, 1 }))
                .Node("MaxPool", ["q"], ["y"], ("kernel_shape", new long[] { 2, 2 }))),
            ("views", new OnnxFile().Input("x", ElementType.Float32, 1, 4, 6, 6).Output("y", ElementType.Float32)
                .Floats("p", [8, 4, 1, 1], RandomData.Floats(3, 32)).Longs("begin", 0, 0).Longs("end", 3, 3).Longs("axes", 2, 3).Longs("pads", 0, 0, 1, 1, 0, 0, 1, 1).Longs("shape", 1, -1).Floats("f", [10, 16], RandomData.Floats(4, 160))
                .Node("Pad", ["x", "pads"], ["a"], ("mode", "constant")).Node("Conv", ["a", "p"], ["b"]).Node("Conv", ["a", "p"], ["c"]).Node("Concat", ["b", "c"], ["d"], ("axis", 1L))
                .Node("Split", ["d"], ["e", "g"], ("axis", 1L)).Node("Mul", ["e", "g"], ["h"]).Node("Slice", ["h", "begin", "end", "axes"], ["i"])
                .Node("AveragePool", ["i"], ["j"], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }), ("pads", new long[] { 0, 0, 1, 1 }))
                .Node("GlobalAveragePool", ["j"], ["k"]).Node("Concat", ["k", "k"], ["l"], ("axis", 1L)).Node("Reshape", ["l", "shape"], ["m"])
                .Node("Gemm", ["m", "f"], ["n"], ("transB", 1L)).Node("Softmax", ["n"], ["y"], ("axis", 1L))),
            ("shapes", new OnnxFile().Input("x", ElementType.Float32, 2, 8, 4, 4).Output("y", ElementType.Float32)
                .Longs("zero", 0).Longs("two", 2).Longs("four", 4, 4).Floats("scales", [4], [1, 1, 2, 2]).Floats("g", [8], RandomData.Floats(5, 8)).Floats("v", [8], [1, 2, 3, 4, 5, 6, 7, 8])
                .Node("Shape", ["x"], ["s"]).Node("Gather", ["s", "zero"], ["n"], ("axis", 0L)).Node("Slice", ["s", "two", "four"], ["hw"]).Node("Concat", ["n", "two", "four", "hw"], ["t"], ("axis", 0L))
                .Node("Reshape", ["x", "t"], ["r"]).Node("Transpose", ["r"], ["u"], ("perm", new long[] { 0, 2, 1, 3, 4, 5 })).Node("Shape", ["x"], ["z"]).Node("Reshape", ["u", "z"], ["c"])
                .Node("BatchNormalization", ["x", "g", "g", "g", "v"], ["w"]).Node("Add", ["w", "x"], ["q"]).Node("Resize", ["q", "", "scales"], ["k"], ("mode", "linear"))
                .Node("DepthToSpace", ["k"], ["l"], ("blocksize", 2L)).Node("LRN", ["l"], ["m"], ("size", 3L)).Node("ReduceMean", ["m"], ["o"], ("axes", new long[] { 2, 3 })).Node("Clip", ["o"], ["y"])),
        }.Select(f => (f.Name, f.File.ToArray())),
    ];

    /// <summary>The small models of ONNX's own cases, where they are present.</summary>
    private static (string, byte[])[] Cases()
    {
        SharedData.Require("onnx-node");
        return
        [
            .. new[] { "onnx-node", "onnx-node-old", "onnx-pytorch-converted", "onnx-pytorch-operator", "onnx-simple", "onnx-light" }
                .SelectMany(folder => SharedData.Folders(folder).Select(name => Path.Combine(SharedData.Folder!, folder, name, "model.onnx")))
                .Where(path => File.Exists(path) && new FileInfo(path).Length < 1 << 16)
                .Select(path => (path, File.ReadAllBytes(path))).Where(m => Loads(m.Item2)),
        ];
    }

    private static bool Loads(byte[] model)
    {
        try
        {
            Model.Load(model).Dispose();
            return true;
        }
        catch (HybridConvException)
        {
            return false;
        }
    }
}
