using System.Diagnostics;
using HybridConv.Cli.Commands;

namespace HybridConv.Cli;

/// <summary>
/// How long a new process takes to a model's first answer: when nothing of this machine is remembered, and when a process before has left what it compiled.
/// </summary>
/// <param name="ColdMs">With empty caches, the drivers' included.</param>
/// <param name="WarmMs">With the caches that the first process filled.</param>
internal sealed record StartTimes(double ColdMs, double WarmMs)
{
    /// <summary>Variables that tell this engine, PoCL and NVIDIA's driver where to keep what they compile.</summary>
    private static readonly string[] CacheVariables = ["HYBRIDCONV_CACHE", "POCL_CACHE_DIR", "CUDA_CACHE_PATH"];

    /// <param name="source">As on the command line.</param>
    /// <param name="options">Target, threads and precision.</param>
    /// <param name="shapes">Of all inputs.</param>
    /// <exception cref="InvalidOperationException">A process did not get to an answer.</exception>
    public static StartTimes Measure(string source, SessionOptions options, IReadOnlyDictionary<string, long[]> shapes)
    {
        string[] arguments =
        [
            StartCommand.Name, source, "--target", options.Target, "--threads", $"{options.Threads}",
            "--precision", options.Precision == Precision.Reproducible ? "reproducible" : "fast",
            .. shapes.SelectMany(shape => new[] { "--shape", $"{shape.Key}={string.Join(',', shape.Value)}" }),
        ];
        DirectoryInfo caches = Directory.CreateTempSubdirectory("hybridconv-start-");
        try
        {
            return new StartTimes(Time(arguments, caches.FullName), Time(arguments, caches.FullName));
        }
        finally
        {
            caches.Delete(recursive: true);
        }
    }

    private static double Time(string[] arguments, string caches)
    {
        ProcessStartInfo start = Self(arguments);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (string variable in CacheVariables)
            start.Environment[variable] = Path.Combine(caches, variable);
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        string? answer = process.StandardOutput.ReadLine();
        double milliseconds = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        process.WaitForExit();
        return answer == StartCommand.Done ? milliseconds
            : throw new InvalidOperationException($"a process that was to start the model ended with {process.ExitCode}: {complaints.Result}");
    }

    /// <summary>This program once more: its own executable, or the runtime's with its assembly.</summary>
    private static ProcessStartInfo Self(string[] arguments)
    {
        string host = Environment.ProcessPath!, assembly = typeof(StartTimes).Assembly.Location;
        if (assembly.Length == 0)
            return new ProcessStartInfo(host, arguments);
        string executable = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        return File.Exists(executable) ? new ProcessStartInfo(executable, arguments) : new ProcessStartInfo(host, [assembly, .. arguments]);
    }
}
