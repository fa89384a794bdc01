using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;
using HybridConv.Targets;
using Microsoft.Extensions.Logging;

namespace HybridConv.OpenCL.Trust;

/// <summary>
/// Lets a plan use only rows that have given the right answer on this device. Each variant, that is, a row with its programs, is asked once for every device,
/// driver and source; the machine remembers what came of it. A row that answers wrongly is refused from then on, and the next one of its table takes its place.
/// </summary>
/// <param name="context">The device.</param>
/// <param name="machine">What rows are chosen for.</param>
/// <param name="cache">Where verdicts are kept.</param>
/// <param name="logger">Warned of wrong answers.</param>
internal sealed partial class KernelTrust(DeviceContext context, ClDevice machine, CacheFolder cache, ILogger logger)
{
    /// <summary>The folder of the cache for verdicts.</summary>
    public const string Entries = "verdicts";

    /// <summary>Changes when trials ask something else.</summary>
    private const string Format = "1";

    /// <summary>Outputs from which on a trial goes through whole tiles as well as what is left over at their ends.</summary>
    private const long EnoughOutputs = 1 << 14;

    /// <summary>A larger block of operands is made only when there is no smaller node.</summary>
    private const long ModestBytes = 256 << 20;

    private readonly Dictionary<CacheKey, Verdict> verdicts = [];

    /// <summary>Variants whose trial had enough outputs.</summary>
    private readonly HashSet<CacheKey> thorough = [];

    /// <summary>Variants that may not be used, and the names of their rows.</summary>
    private readonly HashSet<CacheKey> quarantined = [];
    private readonly HashSet<string> suspects = [];

    /// <summary>The rows of a node, with a refusal in place of the fit of each whose variant has answered wrongly.</summary>
    public IEnumerable<Choice> Admit(IEnumerable<Choice> rows) => suspects.Count == 0 ? rows : rows.Select(row =>
        IsQuarantined(row, out string why) ? row with { Fit = Fit.No($"quarantined: {why}") } : row);

    /// <summary>Whether a row may not be used on this device, and how its answer differed.</summary>
    public bool IsQuarantined(Choice row, out string why)
    {
        why = "";
        if (!row.Fit.Ok || !suspects.Contains(row.Name) || Key(row) is var key && !quarantined.Contains(key))
            return false;
        why = verdicts[key].Why;
        return true;
    }

    /// <summary>Asks every variant that steps use and that nobody has asked before.</summary>
    /// <param name="steps">With their rows chosen.</param>
    /// <param name="progress">Told before each trial; null for nobody.</param>
    /// <returns>Whether all of them may be used. If not, choose again: <see cref="Admit"/> now refuses those that may not.</returns>
    public bool Check(IEnumerable<PlannedStep> steps, IProgress<CompileProgress>? progress)
    {
        List<IGrouping<CacheKey, PlannedStep>> variants = [.. steps.Where(s => s.IsOnDevice && Outputs(s.Step) > 0).GroupBy(s => Key(s.Choice!))];
        List<IGrouping<CacheKey, PlannedStep>> unknown = [.. variants.Where(variant => !Knows(variant))];
        if (unknown.Count > 0)
            context.Programs.Build(unknown.SelectMany(variant => Programs(variant.First().Choice!)), progress);
        foreach ((int i, IGrouping<CacheKey, PlannedStep> variant) in unknown.Index())
        {
            progress?.Report(new CompileProgress($"checking {variant.First().Step.Kernel}", i, unknown.Count));
            Ask(variant);
        }
        bool all = true;
        foreach (IGrouping<CacheKey, PlannedStep> variant in variants)
            if (verdicts.TryGetValue(variant.Key, out Verdict? verdict) && IsWrong(verdict) && quarantined.Add(variant.Key))
            {
                all = false;
                string name = variant.First().Choice!.Name;
                suspects.Add(name);
                LogQuarantined(logger, name, context.Device.Facts.Name, verdict.Why);
            }
        return all;
    }

    /// <summary>Plans that are to be reproducible want the right bits of every row.</summary>
    private bool IsWrong(Verdict verdict) => verdict.Answer == Answer.Wrong || (machine.Reproducible && verdict.Answer == Answer.Close);

    /// <summary>Whether a variant has been asked. One that was asked for a few outputs only is asked again when a step has many.</summary>
    private bool Knows(IGrouping<CacheKey, PlannedStep> variant)
    {
        bool wantsThorough = variant.Any(s => Outputs(s.Step) >= EnoughOutputs);
        if (verdicts.ContainsKey(variant.Key) && (thorough.Contains(variant.Key) || !wantsThorough))
            return true;
        foreach (bool isThorough in wantsThorough ? [true] : new[] { true, false })
            if (cache.Read(Entries, Entry(variant.Key, isThorough)) is { } kept && Verdict.Of(kept) is { } verdict)
            {
                Note(variant.Key, verdict, isThorough);
                return true;
            }
        return false;
    }

    private void Note(CacheKey variant, Verdict verdict, bool isThorough)
    {
        verdicts[variant] = verdict;
        if (isThorough)
            thorough.Add(variant);
    }

    private static CacheKey Entry(CacheKey variant, bool isThorough) => CacheKey.Of(variant.Hex, isThorough ? "many outputs" : "few outputs");

    private static long Outputs(Step step) => Outputs(step.Node);

    private static long Outputs(Node node) => node.Outputs.Sum(output => output.KnownShape.Elements);

    private void Ask(IGrouping<CacheKey, PlannedStep> variant)
    {
        string name = variant.First().Choice!.Name;
        if (Suitable(variant.Select(s => s.Step)) is not { } node)
        {
            LogTooLarge(logger, name);
            return;
        }
        Trial trial = Trial.Of(node);
        if (trial.Rows(machine).FirstOrDefault(row => row.Name == name) is not { } row || Key(row) != variant.Key)
        {
            LogNoTwin(logger, name, node.Name);
            return;
        }
        using Attempt attempt = trial.Attempt(context, row);
        Verdict verdict = attempt.Ask();
        bool isThorough = Outputs(node) >= EnoughOutputs;
        Note(variant.Key, verdict, isThorough);
        bool promisesBits = trial.Rows(machine with { Reproducible = true }).Any(r => r.Name == name);
        if (verdict.Answer == Answer.Close && promisesBits)
            LogClose(logger, name, context.Device.Facts.Name, verdict.Why);
        cache.Write(Entries, Entry(variant.Key, isThorough), verdict.ToBytes());
    }

    /// <summary>The cheapest of the nodes that go through all of a kernel; else the largest. Null when none fits into one buffer.</summary>
    private Node? Suitable(IEnumerable<Step> steps)
    {
        long limit = Math.Min(context.Device.Facts.MaxAllocation, Array.MaxLength / 2);
        List<(Step Step, long Bytes)> sized = [.. steps.Select(step => (step, Trial.Bytes(step.Node))).Where(s => s.Item2 <= limit)];
        if (sized.Exists(s => s.Bytes <= ModestBytes))
            sized.RemoveAll(s => s.Bytes > ModestBytes);
        List<Step> enough = [.. sized.Where(s => Outputs(s.Step) >= EnoughOutputs).Select(s => s.Step)];
        return enough.Count > 0 ? enough.MinBy(step => step.Cost.Macs + step.Bytes)!.Node : sized.Select(s => s.Step).MaxBy(Outputs)?.Node;
    }

    /// <summary>Stands for everything about a row's kernels that a verdict depends on.</summary>
    private CacheKey Key(Choice row) => CacheKey.Of(
    [
        Format, row.Name,
        .. Launches(row).Select(launch => $"{launch.Function} {launch.Local} {context.Programs.Key(launch.Program).Hex}"),
    ]);

    private static IEnumerable<ClProgram> Programs(Choice row) => Launches(row).Select(launch => launch.Program);

    /// <summary>Binding is cheap, and packs nothing: what is bound here is only looked at.</summary>
    private static IReadOnlyList<ClLaunch> Launches(Choice row) => ((ClKernel)row.Bind(null)).Launches;

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "The kernel {Kernel} answers wrongly on {Device} and is not used: {Why}.")]
    private static partial void LogQuarantined(ILogger logger, string kernel, string device, string why);

    [LoggerMessage(EventId = 11, Level = LogLevel.Information, Message = "The kernel {Kernel} does not have the processor's bits on {Device}: {Why}.")]
    private static partial void LogClose(ILogger logger, string kernel, string device, string why);

    [LoggerMessage(EventId = 12, Level = LogLevel.Information, Message = "The kernel {Kernel} was not checked: its operands are too large for one buffer.")]
    private static partial void LogTooLarge(ILogger logger, string kernel);

    [LoggerMessage(EventId = 13, Level = LogLevel.Information, Message = "The kernel {Kernel} was not checked: it does not fit {Node} with other numbers.")]
    private static partial void LogNoTwin(ILogger logger, string kernel, string node);
}
