using HybridConv.Graphs;
using HybridConv.Planning;
using Microsoft.Extensions.Logging;

namespace HybridConv.Targets;

/// <summary>
/// Rows in the light of what was measured on a machine: first in the file that the user names, then in the table that ships for it; what neither has
/// measured is left to prediction.
/// </summary>
internal sealed partial class TunedRows
{
    /// <summary>The name that stands for the file in the cache folder.</summary>
    public const string InCache = "cache";

    private readonly string machine;
    private readonly List<TuningTable> tables;

    private TunedRows(string machine, IEnumerable<TuningTable?> tables)
    {
        this.machine = machine;
        this.tables = [.. tables.OfType<TuningTable>().Where(table => table.Knows(machine))];
    }

    /// <param name="machine">What tables file its measurements under.</param>
    /// <param name="options">Which may name a file.</param>
    /// <param name="cache">Where <see cref="InCache"/> is.</param>
    /// <param name="logger">Told of a file that cannot be read.</param>
    /// <param name="shipped">The table that comes with the library for this machine; null for none.</param>
    /// <exception cref="ConfigurationException">A file is named that is not there.</exception>
    public static TunedRows Of(string machine, SessionOptions options, CacheFolder cache, ILogger logger, TuningTable? shipped = null) =>
        new(machine, [Named(options.TuneFile ?? Knobs.TuneFile, machine, cache, logger), shipped]);

    /// <summary>Where <c>hybridconv tune</c> keeps a machine's measurements; null when nothing is kept.</summary>
    public static string? FileIn(CacheFolder cache, string machine) => cache.WhyNot is null ? Path.Combine(cache.Place!, "tuned", FileName(machine)) : null;

    /// <summary>
    /// The rows with measured times in place of predicted ones. Where some were measured, the others are refused: a prediction does not beat a measurement.
    /// </summary>
    public IEnumerable<Choice> Apply(Node node, IEnumerable<Choice> rows)
    {
        if (tables.Count == 0)
            return rows;
        string spec = SpecText.Of(node);
        List<Choice> all = [.. rows];
        foreach (TuningTable table in tables)
        {
            IReadOnlyDictionary<string, double> times = table.Find(machine, spec);
            if (all.Exists(row => row.CanRun(node) && times.ContainsKey(row.Name)))
                return all.Select(row => !row.Fit.Ok ? row : row with
                {
                    Fit = times.TryGetValue(row.Name, out double nanoseconds) ? row.Fit.Measured(nanoseconds) : Fit.No("it was not measured, and other rows were"),
                });
        }
        return all;
    }

    /// <summary>A machine's name as a file's.</summary>
    public static string FileName(string machine) => string.Concat(machine.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')) + ".json";

    private static TuningTable? Named(string? file, string machine, CacheFolder cache, ILogger logger)
    {
        string? path = file == InCache ? FileIn(cache, machine) : file;
        if (path is null || (file == InCache && !File.Exists(path)))
            return null;
        if (!File.Exists(path))
            throw new ConfigurationException($"there is no tune file '{path}'");
        TuningTable? table = CacheFolder.ReadFile(path) is { } bytes ? TuningTable.Read(bytes) : null;
        if (table is null)
            LogUnreadable(logger, path);
        return table;
    }

    [LoggerMessage(EventId = 14, Level = LogLevel.Warning, Message = "The tune file {Path} cannot be read as a table of measurements, and is not used.")]
    private static partial void LogUnreadable(ILogger logger, string path);
}
