using System.Globalization;
using BenchmarkDotNet.Reports;
using HybridConv.Cpu;

namespace HybridConv.Bench;

/// <summary>
/// What one operation of a benchmark does, and what the machine can do: told by the benchmark's own process in one line of its output, read by the columns.
/// </summary>
/// <param name="Macs">Direct multiply-accumulates.</param>
/// <param name="Bytes">Activations and weights, each touched once.</param>
/// <param name="PeakGflops">Of fused multiply-adds, on the benchmark's threads and vectors.</param>
/// <param name="PeakGigabytes">Read from memory per second, likewise.</param>
/// <param name="ArenaBytes">Memory behind one run.</param>
/// <param name="WeightBytes">Packed weights.</param>
/// <param name="ResidentBytes">The most memory that the process ever had resident; 0 where other things than the network were in it.</param>
/// <param name="Row">The kernels' names; empty where there are many.</param>
internal sealed record Work(double Macs, double Bytes, double PeakGflops, double PeakGigabytes, double ArenaBytes, double WeightBytes, double ResidentBytes, string Row)
{
    private const string Prefix = "// work:";

    private static readonly TimeSpan ProbeTime = TimeSpan.FromMilliseconds(200);

    /// <summary>Measures the machine and writes the line.</summary>
    public static void Tell(long macs, long bytes, int threads, long arenaBytes, long weightBytes, string row) => Write(
        row, macs, bytes, PeakProbe.GigaflopsPerSecond(Knobs.Isa, threads, ProbeTime), BandwidthProbe.GigabytesPerSecond(Knobs.Isa, threads, ProbeTime), arenaBytes, weightBytes, 0);

    /// <summary>Writes the line of a benchmark whose subject is not the kernels.</summary>
    public static void TellMemory(long arenaBytes, long weightBytes, long residentBytes) => Write("", 0, 0, 0, 0, arenaBytes, weightBytes, residentBytes);

    /// <summary>What a benchmark's process told; null when it told nothing, for example because it failed.</summary>
    public static Work? Of(BenchmarkReport? report)
    {
        string? line = report?.ExecuteResults.SelectMany(result => result.StandardOutput).LastOrDefault(text => text.StartsWith(Prefix, StringComparison.Ordinal));
        if (line is null)
            return null;
        string[] texts = line[Prefix.Length..].Split(';');
        double[] numbers = [.. texts[..^1].Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return new Work(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], texts[^1]);
    }

    private static void Write(string row, params double[] numbers) =>
        Console.WriteLine($"{Prefix}{string.Join(';', numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture)))};{row}");
}
