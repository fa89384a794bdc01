using System.Text;
using HybridConv.Graphs;
using HybridConv.OpenCL.Running;
using HybridConv.Planning;
using HybridConv.Targets;
using Microsoft.Extensions.Logging;

namespace HybridConv.OpenCL.Tuning;

/// <summary>
/// Rows in the light of what was measured on a device: first in the file that the user names, then in the table that ships for the device; what neither has
/// measured is left to prediction.
/// </summary>
internal sealed partial class TunedChoices
{
    /// <summary>The name that stands for the file in the cache folder.</summary>
    public const string InCache = "cache";

    private const string Folder = "opencl/tuned/";

    private readonly string device;
    private readonly List<TuningTable> tables;

    private TunedChoices(string device, IEnumerable<TuningTable?> tables)
    {
        this.device = device;
        this.tables = [.. tables.OfType<TuningTable>().Where(table => table.Knows(device))];
    }

    /// <exception cref="ConfigurationException">A file is named that is not there.</exception>
    public static TunedChoices Of(string device, SessionOptions options, CacheFolder cache, ILogger logger) =>
        new(device, [Named(options.TuneFile ?? Knobs.TuneFile, device, cache, logger), Shipped(device)]);

    /// <summary>Where <c>hybridconv tune</c> keeps a device's measurements; null when nothing is kept.</summary>
    public static string? FileIn(CacheFolder cache, string device) => cache.WhyNot is null ? Path.Combine(cache.Place!, "tuned", FileName(device)) : null;

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
            IReadOnlyDictionary<string, double> times = table.Find(device, spec);
            if (all.Exists(row => row.CanRun(node) && times.ContainsKey(row.Name)))
                return all.Select(row => !row.Fit.Ok ? row : row with
                {
                    Fit = times.TryGetValue(row.Name, out double nanoseconds) ? Fit.Measured(nanoseconds) : Fit.No("it was not measured, and other rows were"),
                });
        }
        return all;
    }

    /// <summary>A device's name as a file's.</summary>
    public static string FileName(string device) => string.Concat(device.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')) + ".json";

    private static TuningTable? Named(string? file, string device, CacheFolder cache, ILogger logger)
    {
        string? path = file == InCache ? FileIn(cache, device) : file;
        if (path is null || (file == InCache && !File.Exists(path)))
            return null;
        if (!File.Exists(path))
            throw new ConfigurationException($"there is no tune file '{path}'");
        TuningTable? table = CacheFolder.ReadFile(path) is { } bytes ? TuningTable.Read(bytes) : null;
        if (table is null)
            LogUnreadable(logger, path);
        return table;
    }

    private static TuningTable? Shipped(string device)
    {
        string name = Folder + FileName(device);
        return KernelSource.Has(name) ? TuningTable.Read(Encoding.UTF8.GetBytes(KernelSource.Read(name))) : null;
    }

    [LoggerMessage(EventId = 14, Level = LogLevel.Warning, Message = "The tune file {Path} cannot be read as a table of measurements, and is not used.")]
    private static partial void LogUnreadable(ILogger logger, string path);
}
